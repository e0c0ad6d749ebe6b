//===- UnalignedLoad.h - 16 bytes from anywhere in shared memory -*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_UNALIGNEDLOAD_H
#define POOLC_LIB_CONVERSION_TILETOGPU_UNALIGNEDLOAD_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SmallVector.h"

namespace poolc {

/// Loads of 16 bytes from `buffer`, whose elements lie in a row in shared memory, that begin with
/// any element. No two lanes meet in a bank where groups of eight lanes each load 128 bytes side by
/// side.
class UnalignedLoader {
public:
  /// For places that are a multiple of 16 bytes from element `place`, a multiple of `factor`.
  UnalignedLoader(mlir::ImplicitLocOpBuilder &b, mlir::Value buffer, mlir::Value place,
                  int64_t factor);

  /// The vector of elements that begins `distance` behind the place. Where that is no multiple of
  /// 16 bytes, the rest of the group of 16 bytes in which it ends is read too.
  mlir::Value load(int64_t distance);

private:
  using Words = llvm::SmallVector<mlir::Value>;

  void prepareParts();
  void prepareShift();
  Words loadWords(mlir::Value at, int64_t count);
  Words loadParts(int64_t distance);
  Words loadShifted(int64_t distance);

  mlir::ImplicitLocOpBuilder &b;
  mlir::Value buffer, place;
  mlir::Type element;
  /// What `place` is a multiple of, and bytes of an element.
  int64_t factor, elementBytes;
  /// Places of parts in the order in which this lane loads them, or of the two aligned groups.
  Words places;
  /// Whether what was loaded moves on by 1, 2, ... parts or words.
  Words moves;
  /// Bits by which the words are shifted at last.
  mlir::Value bits;
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_UNALIGNEDLOAD_H
