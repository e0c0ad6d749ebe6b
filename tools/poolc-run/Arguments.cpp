//===- Arguments.cpp - Values of poolc-run's flags ------------------------===//

#include "Arguments.h"

#include "poolc/Support/UsageError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace poolc;
using namespace poolc::run;

llvm::Expected<const GPU *> run::parseTarget(llvm::StringRef flag, llvm::StringRef name) {
  if (const GPU *gpu = lookupGPU(name))
    return gpu;
  auto names = llvm::map_range(allGPUs(), [](const GPU &gpu) { return gpu.name; });
  return usageError("expected " + flag + " to name one of " + llvm::join(names, ", ") + ", got '" +
                    name + "'");
}

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
    llvm::Expected<const GPU *> target = parseTarget("--device", rest);
    if (!target)
      return target.takeError();
    choice.target = *target;
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
  auto readsStandardInput = [](const InputSpec &spec) { return spec.file == "-"; };
  if (llvm::count_if(specs, readsStandardInput) > 1)
    return usageError("expected --input to name standard input once at most");
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

llvm::Expected<uint64_t> run::parseNumber(llvm::StringRef flag, llvm::StringRef text) {
  uint64_t number = 0;
  if (!text.empty() && text.getAsInteger(10, number))
    return usageError("expected " + flag + " to be a number from 0 to 2^64 - 1, got '" + text +
                      "'");
  return number;
}
