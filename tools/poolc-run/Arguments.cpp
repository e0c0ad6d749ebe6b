//===- Arguments.cpp - Values of poolc-run's flags ------------------------===//

#include "Arguments.h"

#include "poolc/Support/UsageError.h"
#include "poolc/Target/Native.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace poolc;
using namespace poolc::run;

llvm::Expected<DeviceChoice> run::parseDevice(llvm::StringRef text) {
  DeviceChoice choice;
  auto [kind, rest] = text.split(':');
  bool hasRest = text.contains(':');
  if (text == "auto")
    return choice;
  if (kind == "cuda") {
    choice.kind = DeviceChoice::Kind::cuda;
    if (hasRest && rest.getAsInteger(10, choice.ordinal))
      return usageError("expected --device=cuda: to be followed by the number of a GPU, got '" +
                        rest + "'");
    return choice;
  }
  if (kind == "virtual") {
    choice.kind = DeviceChoice::Kind::virtualGPU;
    if (!hasRest)
      return choice;
    choice.target = lookupGPU(rest);
    if (!choice.target)
      return usageError("expected --device=virtual: to be followed by one of " + gpuNames() +
                        ", got '" + rest + "'");
    return choice;
  }
  return usageError("expected --device to be auto, cuda[:number] or virtual[:target], got '" +
                    text + "'");
}

llvm::Expected<std::vector<InputSpec>> run::parseInputs(llvm::ArrayRef<std::string> texts) {
  std::vector<InputSpec> specs;
  for (llvm::StringRef text : texts) {
    llvm::Expected<InputSpec> spec = InputSpec::parse(text);
    if (!spec)
      return usageError("--input: " + llvm::toString(spec.takeError()));
    specs.push_back(std::move(*spec));
  }
  return specs;
}

llvm::Expected<std::vector<OutputSpec>> run::parseOutputs(llvm::ArrayRef<std::string> texts) {
  std::vector<OutputSpec> specs;
  for (llvm::StringRef text : texts) {
    OutputSpec spec;
    auto [type, path] = text.split(':');
    spec.type = text.contains(':') ? parseDataType(type) : std::nullopt;
    spec.path = spec.type ? path.str() : text.str();
    if (spec.path != "-" && !llvm::StringRef(spec.path).ends_with(".npy") &&
        !llvm::StringRef(spec.path).starts_with("/dev/"))
      return usageError("expected --output to be a .npy file, got '" + spec.path + "'");
    specs.push_back(std::move(spec));
  }
  return specs;
}

llvm::Expected<Dims> run::parseDims(llvm::ArrayRef<std::string> texts) {
  Dims dims;
  for (llvm::StringRef text : texts) {
    auto [name, value] = text.split('=');
    int64_t size = 0;
    if (name.empty() || value.getAsInteger(10, size))
      return usageError("expected --dim to be a name and a size such as N=4, got '" + text + "'");
    if (!dims.try_emplace(name, size).second)
      return usageError("expected --dim to give '" + name + "' one size, got a second one");
  }
  return dims;
}

llvm::Expected<vgpu::Sanitizers> run::parseSanitizers(llvm::StringRef text) {
  vgpu::Sanitizers sanitizers;
  for (llvm::StringRef name : llvm::split(text, ',')) {
    std::optional<vgpu::Sanitizer> sanitizer = vgpu::parseSanitizer(name);
    if (!sanitizer)
      return usageError("expected --sanitize to be a list of " +
                        llvm::join(llvm::map_range(vgpu::allSanitizers, vgpu::toString), ", ") +
                        ", got '" + name + "'");
    sanitizers.insert(*sanitizer);
  }
  return sanitizers;
}

llvm::Expected<uint64_t> run::parseNumber(llvm::StringRef flag, llvm::StringRef text) {
  uint64_t number = 0;
  if (!text.empty() && text.getAsInteger(10, number))
    return usageError("expected " + flag + " to be a number from 0 to 2^64 - 1, got '" + text +
                      "'");
  return number;
}
