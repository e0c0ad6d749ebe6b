//===- Matrix.h - Handlers of asynchronous copies and matrices --*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_MATRIX_H
#define POOLC_LIB_VIRTUALGPU_MATRIX_H

#include "Program.h"
#include "Type.h"

namespace poolc::vgpu {

/// cp.async: src[0] the shared address (bits in op.count), src[1] the global one,
/// with offsets in immediate and immediate2; op.bytes each; src[2] the
/// source's bytes or none; src[3] a predicate (negated with variant2) to ignore it.
void copyAsync(Warp &warp, const Op &op, uint32_t mask);
void commitAsync(Warp &warp, const Op &op, uint32_t mask);
/// Waits for all groups but the op.immediate latest; with op.variant for all.
void waitAsync(Warp &warp, const Op &op, uint32_t mask);

/// Whether all lanes are there, as matrix instructions (.aligned) ask; raises a
/// fault if not.
bool checkWholeWarp(Warp &warp, const Op &op, uint32_t mask);

/// ldmatrix and stmatrix of 8x8 matrices of 16 bits: op.count matrices, their
/// registers in the list, address in src[0] of op.bytes bytes; transposed with
/// op.variant.
void loadMatrix(Warp &warp, const Op &op, uint32_t mask);
void storeMatrix(Warp &warp, const Op &op, uint32_t mask);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_MATRIX_H
