//===- Conv1dKernel.h - What lowerings of nn.conv1d share -------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_NNTOTILE_CONV1DKERNEL_H
#define POOLC_LIB_CONVERSION_NNTOTILE_CONV1DKERNEL_H

#include "Lowerings.h"

namespace poolc {

/// One block's outputs are a tile of channels x positions of one group and image.
class Conv1dKernel {
public:
  Conv1dKernel(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b);

  /// The tile's sums, from operands straight from global memory; `rolled`: in as few registers as
  /// it takes.
  mlir::Value sumDirectly(bool rolled = false);

  /// Adds the bias to the sums, an f32 tile, does what is fused, and stores them,
  /// `vector` neighbours along L at once: rows of y must begin at multiples of that.
  /// Staged stores may overwrite the kernel's shared memory. `loadResidual`, if there is one,
  /// loads the tile's elements of what is added.
  void finish(mlir::Value sum, int64_t vector = 1, bool staged = false,
              llvm::function_ref<mlir::Value(mlir::Value residual)> loadResidual = nullptr);

  /// The kernel of `count` of the tile's positions from `first` on.
  Conv1dKernel getColumns(mlir::Value first, int64_t count) const;

protected:
  /// The same without the bias, and with what else `fused` says is fused to the sum.
  void store(const Conv1dProblem &fused, mlir::Value sum, int64_t vector, bool staged,
             llvm::function_ref<mlir::Value(mlir::Value residual)> loadResidual = nullptr);

  mlir::Value addBias(mlir::Value sum);

  /// [N,C,L] or [C,L] as [N,groups,channels of a group,L].
  mlir::Value splitChannels(mlir::Value memref, int64_t perGroup, int64_t length);

  static mlir::RankedTensorType tileType(int64_t m, int64_t n, mlir::Type element) {
    return mlir::RankedTensorType::get({m, n}, element);
  }

  mlir::Value zeroSum() { return b.splat(tileType(blockM, blockN, b.getF32Type()), 0); }

  /// Whether copies run ahead in a loop of so many steps: a single step is no loop, and there is
  /// nothing to run ahead of.
  bool isPipelined(int64_t steps) const { return steps > 1 && schedule.numStages > 1; }

  /// What `body` adds to `sum` in so many steps, given the step's number and the sum so far. What
  /// a step staged, the next one may overwrite; behind the last one, who does waits for all first.
  mlir::Value sumSteps(int64_t steps, mlir::Value sum,
                       llvm::function_ref<mlir::Value(mlir::Value step, mlir::Value sum)> body);

  bool hasPadding() { return window.padBefore != 0 || window.padAfter != 0; }

  mlir::Value loadBias();

  /// From the first to the last element of x that the tile's positions touch at
  /// their first `taps` taps; saturated.
  int64_t reachOf(int64_t taps);

  /// Whether all of x from `start` up to `reach` elements further is inside.
  mlir::Value isInside(mlir::Value start, int64_t reach);

  const Conv1dProblem &problem;
  const Window &window;
  const Schedule &schedule;
  KernelBuilder &b;
  int64_t blockM, blockN;
  mlir::Value image, group, channel, position, inputStart;
  mlir::Value x, w;
  mlir::Type element;

  /// Shared memory that staged stores have at least, whatever else the kernel has.
  int64_t bytesOfStaging = 0;
  /// Whether that is memory of their own.
  bool storesApart = false;

  /// The value that is multiplied: f32, rounded to TF32 where that is the
  /// precision. (tf32x3 is only a way to come close to f32.)
  mlir::Value asOperand(mlir::Value tile);

private:
  mlir::Value addTap(mlir::Value input, mlir::Value tap, mlir::Value sum);
  mlir::Value keepInside(mlir::Value start, mlir::Value added, mlir::Value sum);
};

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_NNTOTILE_CONV1DKERNEL_H
