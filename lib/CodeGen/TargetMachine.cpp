//===- TargetMachine.cpp - LLVM's backend for NVIDIA GPUs -----------------===//

#include "TargetMachine.h"

#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Target/TargetOptions.h"

#include <mutex>

// The backend has no header of its own in the packages.
extern "C" {
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeNVPTXAsmPrinter();
}

using namespace poolc;

/// Addresses in shared memory take one register, not two, and half the instructions. The
/// backend knows of this only by its command line, and reads it as a target machine is made.
static void useShortPointers() {
  auto &options = llvm::cl::getRegisteredOptions();
  if (auto found = options.find("nvptx-short-ptr"); found != options.end())
    found->second->addOccurrence(/*pos=*/0, found->first, "true");
}

llvm::Expected<const llvm::Target *> poolc::lookupNVPTXTarget() {
  static std::once_flag initialized;
  std::call_once(initialized, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    useShortPointers();
  });
  std::string message;
  if (const llvm::Target *target = llvm::TargetRegistry::lookupTarget(nvptxTriple(), message))
    return target;
  return llvm::createStringError("internal error: " + message);
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
poolc::createTargetMachine(llvm::StringRef chip, PTXVersion version) {
  llvm::Expected<const llvm::Target *> target = lookupNVPTXTarget();
  if (!target)
    return target.takeError();
  llvm::TargetOptions options;
  // Multiplications and additions become fused ones: more exact, twice as fast.
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  std::unique_ptr<llvm::TargetMachine> machine((*target)->createTargetMachine(
      nvptxTriple(), chip, "+ptx" + std::to_string(version), options, llvm::Reloc::PIC_,
      /*CM=*/std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return llvm::createStringError("internal error: no backend for " + chip);
  return machine;
}
