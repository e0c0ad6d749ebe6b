//===- InputSpec.h - Where the contents of an input come from ---*- C++ -*-===//
//
// `file.npy`, or the name of a generator with its seed and a shape before it:
// `4x64x56x56:random:7`.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_RUNTIME_INPUTSPEC_H
#define POOLC_RUNTIME_INPUTSPEC_H

#include "poolc/Support/DataType.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace poolc {

enum class Contents {
  file,
  /// Uniform in [-1, 1).
  random,
  /// Standard normal.
  normal,
  /// Whole numbers of magnitude <= 4.
  integers,
  /// What arithmetic goes wrong on: rounding ties, long low significands,
  /// subnormals, signed zeros, magnitudes up to 2^40 (f16: 2^10).
  edges,
  ones,
  zeros,
  /// The element's own index.
  range,
};

struct InputSpec {
  Contents contents = Contents::random;
  /// For Contents::file; "-" is standard input.
  std::string file;
  uint64_t seed = 0;
  /// The shape that stands before a generator.
  std::optional<std::vector<int64_t>> shape;

  static llvm::Expected<InputSpec> parse(llvm::StringRef text);
};

/// Element `index` of argument number `argument`: a pure function, so that any
/// element of a buffer can be had without the others. What is stored is the
/// value rounded to `type`. For integer types the generators of fractions give
/// whole numbers.
double generateElement(Contents contents, DataType type, uint64_t seed, uint64_t argument,
                       uint64_t index);

/// Fills `bytes`, which stand at byte `offset` of the argument.
void generateBytes(Contents contents, DataType type, uint64_t seed, uint64_t argument,
                   uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes);

} // namespace poolc

#endif // POOLC_RUNTIME_INPUTSPEC_H
