//===- InputSpec.cpp - Where the contents of an input come from -----------===//

#include "poolc/Runtime/InputSpec.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace poolc;

static std::optional<Contents> parseGenerator(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Contents>>(name)
      .Case("random", Contents::random)
      .Case("normal", Contents::normal)
      .Case("integers", Contents::integers)
      .Case("edges", Contents::edges)
      .Case("ones", Contents::ones)
      .Case("zeros", Contents::zeros)
      .Case("range", Contents::range)
      .Default(std::nullopt);
}

static bool takesSeed(Contents contents) {
  return contents == Contents::random || contents == Contents::normal ||
         contents == Contents::integers || contents == Contents::edges;
}

/// "4x64x56" -> {4, 64, 56}; nothing if the text is no shape.
static std::optional<std::vector<int64_t>> parseShape(llvm::StringRef text) {
  std::vector<int64_t> shape;
  for (llvm::StringRef part : llvm::split(text, 'x')) {
    int64_t size;
    if (part.empty() || !llvm::all_of(part, llvm::isDigit) || part.getAsInteger(10, size))
      return std::nullopt;
    shape.push_back(size);
  }
  return shape;
}

llvm::Expected<InputSpec> InputSpec::parse(llvm::StringRef text) {
  InputSpec spec;
  llvm::StringRef rest = text;
  auto [first, others] = text.split(':');
  if (auto shape = parseShape(first)) {
    spec.shape = std::move(shape);
    rest = others;
  }

  auto [name, seed] = rest.split(':');
  if (std::optional<Contents> generator = parseGenerator(name)) {
    spec.contents = *generator;
    bool hasSeed = rest.contains(':');
    if (hasSeed && !takesSeed(*generator))
      return llvm::createStringError("expected no seed after '" + name + "', got '" + seed + "'");
    if (hasSeed && seed.getAsInteger(10, spec.seed))
      return llvm::createStringError("expected a number as the seed of '" + name + "', got '" +
                                     seed + "'");
    return spec;
  }

  bool isFile = text == "-" || text.ends_with(".npy") || text.contains('/');
  if (spec.shape || !isFile)
    return llvm::createStringError("expected a .npy file or one of random, normal, integers, "
                                   "edges, ones, zeros, range, got '" +
                                   rest + "'");
  spec.contents = Contents::file;
  spec.file = text.str();
  return spec;
}
