//===- Native.cpp - The GPU in this machine -------------------------------===//

#include "poolc/Target/Native.h"

#include "poolc/Support/UsageError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <set>

using namespace poolc;
using llvm::StringRef;

static llvm::SmallVector<StringRef> words(StringRef name) {
  llvm::SmallVector<StringRef> parts;
  llvm::SplitString(name, parts, " -");
  return parts;
}

/// The word that tells GPUs apart, the first one with a digit: "4090", "H100".
static StringRef designation(StringRef name) {
  for (StringRef word : words(name))
    if (llvm::any_of(word, llvm::isDigit))
      return word;
  return "";
}

/// Whether the model is another GPU than the one with the same number.
static bool isVariant(StringRef model) {
  constexpr StringRef suffixes[] = {"Ti", "SUPER", "D", "Laptop", "Max", "Mobile"};
  return llvm::any_of(words(model),
                      [&](StringRef word) { return llvm::is_contained(suffixes, word); });
}

const GPU *poolc::lookupModel(StringRef model) {
  if (designation(model).empty() || isVariant(model))
    return nullptr;
  for (const GPU &gpu : allGPUs())
    if (designation(gpu.fullName) == designation(model))
      return &gpu;
  return nullptr;
}

/// The value of the line "Model: NVIDIA GeForce RTX 4090".
static std::string readModel(StringRef path) {
  // Files of the kernel have no size beforehand.
  auto text = llvm::MemoryBuffer::getFileAsStream(path);
  if (!text)
    return "";
  for (StringRef line : llvm::split((*text)->getBuffer(), '\n'))
    if (line.consume_front("Model:"))
      return line.trim().str();
  return "";
}

llvm::Expected<const GPU *> poolc::detectNativeGPU(StringRef folder) {
  // In the order of their bus addresses, like the driver's.
  std::set<std::string> paths;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code))
    paths.insert(it->path());
  if (paths.empty())
    return llvm::createStringError("no NVIDIA GPU in this machine");
  llvm::SmallString<128> path(*paths.begin());
  llvm::sys::path::append(path, "information");
  std::string model = readModel(path);
  if (const GPU *gpu = lookupModel(model))
    return gpu;
  return llvm::createStringError("no target for the GPU of this machine, '" + model + "'");
}

std::string poolc::gpuNames() {
  return llvm::join(llvm::map_range(allGPUs(), [](const GPU &gpu) { return gpu.name; }), ", ");
}

llvm::Expected<const GPU *> poolc::parseTarget(StringRef name) {
  if (const GPU *gpu = lookupGPU(name))
    return gpu;
  if (name != "native")
    return usageError("expected --target to be native or one of " + gpuNames() + ", got '" + name +
                      "'");
  llvm::Expected<const GPU *> gpu = detectNativeGPU();
  if (!gpu)
    return llvm::createStringError("--target=native: " + llvm::toString(gpu.takeError()) +
                                   "; name a target, one of " + gpuNames());
  return gpu;
}
