//===- PlanSizes.h - A plan's sizes, from its inputs' shapes ----*- C++ -*-===//
//
// Finds the dimensions of one run and holds everything about it that can be
// known without a device against the plan.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_RUNTIME_PLANSIZES_H
#define POOLC_RUNTIME_PLANSIZES_H

#include "poolc/Plan/Plan.h"

#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <string>
#include <vector>

namespace poolc {

using Dims = llvm::StringMap<int64_t>;
using Shape = std::vector<int64_t>;

/// "f32[4x64x56x56]"; "f32[]" for a single element.
std::string describeTensor(DataType type, llvm::ArrayRef<int64_t> shape);

/// Indices of the plan's arguments that take an input, and of those that are a
/// result; an inout argument is both.
std::vector<size_t> inputIndices(const Plan &plan);
std::vector<size_t> resultIndices(const Plan &plan);

/// A tensor of known size.
struct SizedBuffer {
  std::string name;
  DataType type = DataType::f32;
  Shape shape;
  int64_t elements = 0;
  uint64_t bytes = 0;
};

/// One launch with its grid, block and shared memory known; the arguments
/// still lack the buffers' addresses.
struct SizedLaunch {
  const Plan::Launch *launch = nullptr;
  int64_t grid[3] = {1, 1, 1};
  int64_t block[3] = {1, 1, 1};
  uint64_t dynamicSharedBytes = 0;
};

struct PlanSizes {
  Dims dims;
  /// As in the plan: its arguments, its temporaries.
  std::vector<SizedBuffer> arguments, temporaries;
  /// Those that have a block to run, in order.
  std::vector<SizedLaunch> launches;
};

/// Finds every dim of the plan. `shapes` has an entry for each input, nothing
/// where the input has no shape of its own; `given` are the sizes from the
/// command line. A dim that is named nowhere is a UsageError.
llvm::Expected<Dims> bindDims(const Plan &plan, llvm::ArrayRef<std::optional<Shape>> shapes,
                              const Dims &given);

/// Evaluates the plan's sizes. Dims out of range, guards that do not hold,
/// negative sizes and inputs of another shape are errors.
llvm::Expected<PlanSizes> computeSizes(const Plan &plan,
                                       llvm::ArrayRef<std::optional<Shape>> shapes, Dims dims);

} // namespace poolc

#endif // POOLC_RUNTIME_PLANSIZES_H
