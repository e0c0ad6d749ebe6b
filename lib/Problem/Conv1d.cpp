//===- Conv1d.cpp - What a 1-D convolution computes -----------------------===//

#include "poolc/Problem/Conv1d.h"

#include "llvm/ADT/StringSwitch.h"

using namespace poolc;

llvm::StringRef poolc::toString(Precision precision) {
  switch (precision) {
  case Precision::ieee:
    return "ieee";
  case Precision::tf32:
    return "tf32";
  case Precision::tf32x3:
    return "tf32x3";
  }
  return "";
}

std::optional<Precision> poolc::parsePrecision(llvm::StringRef word) {
  return llvm::StringSwitch<std::optional<Precision>>(word)
      .Case("ieee", Precision::ieee)
      .Case("tf32", Precision::tf32)
      .Case("tf32x3", Precision::tf32x3)
      .Default(std::nullopt);
}
