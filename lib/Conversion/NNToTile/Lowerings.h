//===- Lowerings.h - How each op becomes a kernel ---------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_LOWERINGS_H
#define POOLC_LIB_CONVERSION_NNTOTILE_LOWERINGS_H

#include "KernelBuilder.h"

#include "nn/NN.h"

namespace poolc {

/// An operand in an order that a kernel likes better. A launch of its own, before
/// the op's, writes it to a temporary, which the op's kernel takes between the
/// operands and the result.
template <typename Problem> struct Preparation {
  /// What it is, for the name of its kernel.
  llvm::StringRef name;
  unsigned operand;
  int64_t numWarps;
  llvm::SmallVector<int64_t> (*shape)(const Problem &problem, const Schedule &schedule);
  TileGrid (*grid)(const Problem &problem, const Schedule &schedule);
  /// The kernel from the operand to the temporary.
  void (*emit)(const Problem &problem, const Schedule &schedule, KernelBuilder &b);
  /// Whether a schedule needs it; null: all do.
  bool (*applies)(const Problem &problem, const Schedule &schedule) = nullptr;
  /// Which operands the copy engine copies from, if any: both kernels get the buffers of their maps
  /// before the temporary, and this one each operand before its map. Null: none.
  llvm::SmallVector<unsigned> (*mapped)(const Problem &problem, const Schedule &schedule) = nullptr;
  /// Whether the copy engine stores the result too, whose map comes before those.
  bool (*mapsResult)(const Problem &problem, const Schedule &schedule) = nullptr;
};

/// Parts of an op's sums, which the kernel of its algorithm leaves in a temporary of f32
/// in the place of the result, and the launch that makes the result of them: it takes
/// the operands, the parts and the result.
template <typename Problem> struct Splitting {
  /// Whether the schedule has parts.
  bool (*applies)(const Schedule &schedule);
  llvm::SmallVector<int64_t> (*shape)(const Problem &problem, const Schedule &schedule);
  /// The schedule of the last launch, and its kernel.
  Schedule (*finishing)(const Problem &problem, const Schedule &schedule);
  void (*emitFinishing)(const Problem &problem, const Schedule &schedule, KernelBuilder &b);
};

/// The lowering of one algorithm: writes the kernel of an op with that problem
/// and schedule, the block's share of the result from the operands.
template <typename Problem> struct Lowering {
  llvm::StringRef algorithm;
  void (*emit)(const Problem &problem, const Schedule &schedule, KernelBuilder &b);
  const Preparation<Problem> *preparation = nullptr;
  const Splitting<Problem> *splitting = nullptr;
};

void lowerAddElementwise(const AddProblem &, const Schedule &, KernelBuilder &);

void lowerAvgPool2dDirect(const AvgPool2dProblem &, const Schedule &, KernelBuilder &);
void lowerAvgPool2dPlanes(const AvgPool2dProblem &, const Schedule &, KernelBuilder &);
void lowerAvgPool2dSlab(const AvgPool2dProblem &, const Schedule &, KernelBuilder &);
void lowerAvgPool2dColumns(const AvgPool2dProblem &, const Schedule &, KernelBuilder &);

void lowerConv1dDirect(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dFlat(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dGemm(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dIm2col(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dToeplitz(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dRows(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dWindow(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dPatches(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dGemmDirect(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dPacked(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dChunked(const Conv1dProblem &, const Schedule &, KernelBuilder &);
void lowerConv1dGathered(const Conv1dProblem &, const Schedule &, KernelBuilder &);

extern const Preparation<Conv1dProblem> conv1dGatheredWeights;
extern const Preparation<Conv1dProblem> conv1dIm2colWeights;
extern const Preparation<Conv1dProblem> conv1dPackedWeights;
extern const Splitting<Conv1dProblem> conv1dParts;

/// The lowerings of an op, one per algorithm of lib/Schedule.
inline constexpr Lowering<AddProblem> addLowerings[] = {
    {"elementwise", lowerAddElementwise},
};
inline constexpr Lowering<AvgPool2dProblem> avgPool2dLowerings[] = {
    {"planes", lowerAvgPool2dPlanes},
    {"columns", lowerAvgPool2dColumns},
    {"slab", lowerAvgPool2dSlab},
    {"direct", lowerAvgPool2dDirect},
};
inline constexpr Lowering<Conv1dProblem> conv1dLowerings[] = {
    {"direct", lowerConv1dDirect},
    {"gemm_flat", lowerConv1dFlat, nullptr, &conv1dParts},
    {"gemm_rows", lowerConv1dRows, nullptr, &conv1dParts},
    {"gemm_packed", lowerConv1dPacked, &conv1dPackedWeights, &conv1dParts},
    {"gemm_wgmma", lowerConv1dPacked, &conv1dPackedWeights, &conv1dParts},
    {"gemm_chunked", lowerConv1dChunked, &conv1dPackedWeights, &conv1dParts},
    {"gemm_folded", lowerConv1dChunked, &conv1dPackedWeights, &conv1dParts},
    {"gemm_im2col", lowerConv1dIm2col, &conv1dIm2colWeights},
    {"gemm_gathered", lowerConv1dGathered, &conv1dGatheredWeights},
    {"gemm_patches", lowerConv1dPatches},
    {"gemm_direct", lowerConv1dGemmDirect},
    {"gemm_toeplitz", lowerConv1dToeplitz},
    {"gemm_slab", lowerConv1dGemm},
    {"gemm_tap", lowerConv1dGemm},
    {"window", lowerConv1dWindow},
};

inline llvm::ArrayRef<Lowering<AddProblem>> getLowerings(const AddProblem &) {
  return addLowerings;
}
inline llvm::ArrayRef<Lowering<AvgPool2dProblem>> getLowerings(const AvgPool2dProblem &) {
  return avgPool2dLowerings;
}
inline llvm::ArrayRef<Lowering<Conv1dProblem>> getLowerings(const Conv1dProblem &) {
  return conv1dLowerings;
}

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_LOWERINGS_H
