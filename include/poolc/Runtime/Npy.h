//===- Npy.h - NumPy's file format ------------------------------*- C++ -*-===//
//
// Reads and writes .npy files of the element types of plans.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_RUNTIME_NPY_H
#define POOLC_RUNTIME_NPY_H

#include "poolc/Support/DataType.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <vector>

namespace poolc {

/// An array as it stood in a file: row-major, little-endian.
struct NpyArray {
  DataType type = DataType::f32;
  std::vector<int64_t> shape;
  llvm::ArrayRef<uint8_t> data;

  /// What `data` points into: the file, or a copy in row-major little-endian
  /// order where the file has another one.
  std::unique_ptr<llvm::MemoryBuffer> file;
  std::vector<uint8_t> reordered;

  /// Takes versions 1 to 3, both byte orders and both memory orders. bfloat16
  /// is what NumPy calls 2 bytes of void (`<V2`, `|V2`). Errors say what is
  /// wrong with the file, not its name.
  static llvm::Expected<NpyArray> parse(std::unique_ptr<llvm::MemoryBuffer> file);
};

/// Writes what stands before the data. bfloat16 is written as `<V2`.
void writeNpyHeader(llvm::raw_ostream &os, DataType type, llvm::ArrayRef<int64_t> shape);

} // namespace poolc

#endif // POOLC_RUNTIME_NPY_H
