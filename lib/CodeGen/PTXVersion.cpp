//===- PTXVersion.cpp - Which versions of PTX there are and are needed ----===//

#include "PTXVersion.h"
#include "CachePolicy.h"
#include "TargetMachine.h"

#include "poolc/CodeGen/KernelAttributes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"

using namespace poolc;

std::string poolc::formatPTXVersion(PTXVersion version) {
  return std::to_string(version / 10) + "." + std::to_string(version % 10);
}

/// The versions that the backend knows, which it lists as features "ptx78".
static llvm::Expected<llvm::SmallVector<PTXVersion>> knownVersions(const PTXOptions &options) {
  llvm::Expected<const llvm::Target *> target = lookupNVPTXTarget();
  if (!target)
    return target.takeError();
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      (*target)->createMCSubtargetInfo(nvptxTriple(), options.chip, /*Features=*/""));
  llvm::SmallVector<PTXVersion> versions;
  for (const llvm::SubtargetFeatureKV &feature : subtarget->getAllProcessorFeatures()) {
    PTXVersion version;
    llvm::StringRef name = feature.Key;
    if (name.consume_front("ptx") && !name.getAsInteger(10, version))
      versions.push_back(version);
  }
  llvm::sort(versions);
  return versions;
}

llvm::Error poolc::checkPTXVersion(const PTXOptions &options) {
  if (!options.version)
    return llvm::Error::success();
  llvm::Expected<llvm::SmallVector<PTXVersion>> versions = knownVersions(options);
  if (!versions)
    return versions.takeError();
  llvm::erase_if(*versions, [&](PTXVersion version) { return version < options.minVersion; });
  if (llvm::is_contained(*versions, *options.version))
    return llvm::Error::success();
  std::string choices = llvm::join(
      llvm::map_range(*versions, [](PTXVersion version) { return std::to_string(version); }), ", ");
  return llvm::createStringError("expected a PTX version for " + options.chip + " out of " +
                                 choices + ", got " + std::to_string(*options.version));
}

/// Families of intrinsics that need a later version of PTX than the oldest chip
/// of the table (sm_80, PTX 7.0) does. Source: the target notes of each
/// instruction in the PTX ISA manual.
static constexpr struct {
  llvm::StringLiteral prefix;
  PTXVersion version;
} intrinsicNeeds[] = {
    {"llvm.nvvm.mbarrier", 71},
    {"llvm.nvvm.stmatrix", 78},
    {"llvm.nvvm.cp.async.bulk", 80},
    {"llvm.nvvm.elect.sync", 80},
    {"llvm.nvvm.wgmma", 80},
    {"llvm.nvvm.setmaxnreg", 80},
    {"llvm.nvvm.fence.proxy", 80},
    {"llvm.nvvm.fence.proxy.tensormap", 83},
    {"llvm.nvvm.barrier.cluster", 78},
    {"llvm.nvvm.mapa", 78},
    {"llvm.nvvm.fence.mbarrier_init", 80},
};

llvm::Expected<PTXVersion> poolc::selectPTXVersion(const llvm::Module &module,
                                                   const PTXOptions &options) {
  PTXVersion needed = options.minVersion;
  llvm::StringRef reason = options.chip;
  auto hasPolicy = [](const llvm::Function &function) {
    return function.hasFnAttribute(evictFirstAttr) || function.hasFnAttribute(fetchLinesAttr);
  };
  if (llvm::any_of(module, hasPolicy) && cachePolicyVersion > needed) {
    needed = cachePolicyVersion;
    reason = "a cache policy";
  }
  for (const llvm::Function &function : module)
    for (const auto &need : intrinsicNeeds)
      if (function.getName().starts_with(need.prefix) && need.version > needed) {
        needed = need.version;
        reason = function.getName();
      }
  if (!options.version)
    return needed;
  if (*options.version < needed)
    return llvm::createStringError("expected PTX version " + std::to_string(needed) +
                                   " or later, which " + reason + " needs, got " +
                                   std::to_string(*options.version));
  return *options.version;
}

std::string poolc::selectChip(const llvm::Module &module, const PTXOptions &options) {
  // Instructions of one chip only, which the next ones need not have: where there are such,
  // its name with an "a".
  auto isSpecific = [](const llvm::Function &function) {
    return function.getName().starts_with("llvm.nvvm.wgmma");
  };
  llvm::Expected<const llvm::Target *> target = lookupNVPTXTarget();
  if (!target) {
    llvm::consumeError(target.takeError());
    return options.chip;
  }
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      (*target)->createMCSubtargetInfo(nvptxTriple(), options.chip, /*Features=*/""));
  std::string specific = options.chip + "a";
  return llvm::any_of(module, isSpecific) && subtarget->isCPUStringValid(specific) ? specific
                                                                                   : options.chip;
}
