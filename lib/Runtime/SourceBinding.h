//===- SourceBinding.h - Which buffer holds which value ---------*- C++ -*-===//
#ifndef POOLC_LIB_RUNTIME_SOURCEBINDING_H
#define POOLC_LIB_RUNTIME_SOURCEBINDING_H

#include "SourceFunction.h"
#include "poolc/Runtime/PlanSizes.h"

#include "llvm/ADT/DenseMap.h"

namespace poolc {

/// A plan's source, with its values tied to the buffers of one run.
class SourceBinding {
public:
  SourceBinding(const Plan &plan, const PlanSizes &sizes) : plan(plan), sizes(sizes) {}

  /// Reads the source. Errors: it cannot be read, or it does not fit the plan.
  llvm::Error bind();

  /// Values whose buffer holds what an op, or an argument, gives; in order.
  llvm::ArrayRef<std::pair<mlir::Value, std::string>> results() const { return boundResults; }

  /// The buffer's name, or null where the value is in none.
  const std::string *bufferOf(mlir::Value value) const;
  const SizedBuffer &sizeOf(llvm::StringRef buffer) const;

  llvm::Expected<std::shared_ptr<ReferenceOp>> referenceOf(mlir::Operation *op);

  /// What one launch computes: an op, together with the convolution that it adds
  /// to where no buffer holds that one's result.
  struct Computation {
    /// "nn.avg_pool2d", "nn.conv1d + nn.add".
    std::string name;
    std::shared_ptr<ReferenceOp> reference;
    llvm::SmallVector<mlir::Value> operands;
  };
  llvm::Expected<Computation> computationOf(mlir::Operation *op);

private:
  llvm::Error bindArguments();
  llvm::Error bindResults();
  /// Where no buffer holds the value, its shape is in its type.
  llvm::SmallVector<int64_t> shapeOf(mlir::Value value) const;

  const Plan &plan;
  const PlanSizes &sizes;
  SourceFunction source;
  llvm::DenseMap<mlir::Value, std::string> buffers;
  std::vector<std::pair<mlir::Value, std::string>> boundResults;
};

} // namespace poolc

#endif // POOLC_LIB_RUNTIME_SOURCEBINDING_H
