//===- TensorMap.h - What tells how a tensor lies in memory -----*- C++ -*-===//
//
// 128 bytes by which copies find boxes of a tensor. What they hold is not documented: here it is a
// format of its own, which only tensormap.replace writes, field by field over zeros.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_TENSORMAP_H
#define POOLC_LIB_VIRTUALGPU_TENSORMAP_H

#include "Program.h"

#include <string>

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
/// src[0]: where to in global memory, as above; src[1]: the map in shared memory, in a register of
/// op.count bits, plus op.immediate2.
void publishTensorMap(Warp &warp, const Op &op, uint32_t mask);

/// 0 if the type is not covered.
unsigned elementBytesOf(const TensorMap &map);
/// What a map for copies of that rank does not keep to (CUDA driver API, cuTensorMapEncodeTiled);
/// empty: it is right.
std::string findFault(const TensorMap &map, unsigned rank);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TENSORMAP_H
