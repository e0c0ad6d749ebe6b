//===- TensorCopy.h - Copies of boxes of tensors ----------------*- C++ -*-===//
//
// cp.async.bulk.tensor: one thread asks for a box of a tensor, which a tensor map in memory
// describes. What a map looks like is the GPU's own business: programs make one with
// tensormap.replace out of zeros, and here it looks like TensorMap.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_TENSORCOPY_H
#define POOLC_LIB_VIRTUALGPU_TENSORCOPY_H

#include "Program.h"

namespace poolc::vgpu {

struct TensorMap {
  static constexpr unsigned bytes = 128, alignment = 128, maxRank = 5;
  /// Of types that are covered, as tensormap.replace numbers them.
  enum ElementType : uint8_t { u16 = 1, u32 = 2, f16 = 6, f32 = 7, bf16 = 10, tf32 = 11 };
  static constexpr uint32_t isMap = 0x70616d74;

  uint64_t address;
  uint64_t strides[maxRank - 1];
  uint32_t sizes[maxRank], box[maxRank], elementStrides[maxRank];
  uint8_t lastDim, type, interleave, swizzle, fill;
  uint8_t unused[16];
  /// Written together with any field.
  uint32_t mark;
};
static_assert(sizeof(TensorMap) <= TensorMap::bytes);

enum class TensorField : uint8_t {
  address,
  rank,
  box,
  size,
  stride,
  elementStride,
  type,
  interleave,
  swizzle,
  fill,
};

/// src[0]: the map's address, in a register of op.bytes bytes, plus op.immediate; src[1]: the
/// value; op.variant: the field; op.immediate2: of which dimension.
void replaceInTensorMap(Warp &warp, const Op &op, uint32_t mask);

/// src[0]: where to in shared memory, in a register of op.count bits, plus op.immediate; src[1]:
/// the map's generic address, plus op.immediate2; src[2]: the mbarrier object, in a register of
/// op.bytes bytes; list: what to add to that, then the coordinates, op.variant of them.
void copyTensor(Warp &warp, const Op &op, uint32_t mask);
/// Bytes one after the other: src[1] is their global address; the second of the list: how many.
void copyBulk(Warp &warp, const Op &op, uint32_t mask);

/// Whether one thread asks for a copy that others learn of by an mbarrier object.
inline bool isBulkCopy(const Op &op) { return op.handler == copyTensor || op.handler == copyBulk; }

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TENSORCOPY_H
