//===- Profile.cpp - Profiles on nn ops -----------------------------------===//

#include "poolc/Transforms/NN/Profile.h"

#include "nn/NN.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace poolc;
using poolc::nn::NNDialect;

static DictionaryAttr toAttribute(MLIRContext *context, const KernelMetrics &metrics) {
  Builder builder(context);
  SmallVector<NamedAttribute> entries;
  for (const auto &[name, value] : metrics.values)
    entries.push_back(builder.getNamedAttr(name, builder.getF64FloatAttr(value)));
  return builder.getDictionaryAttr(entries);
}

LogicalResult poolc::attachProfile(ModuleOp module, ArrayRef<KernelMetrics> profile) {
  SmallVector<std::string> kernels;
  bool found = false;
  module.walk([&](nn::ScheduledOpInterface op) {
    if (nn::isFused(op))
      return;
    std::string kernel = nn::getKernelName(op);
    kernels.push_back(kernel);
    const KernelMetrics *metrics = findKernel(profile, kernel, op->getName().stripDialect());
    if (!metrics)
      return;
    found = true;
    op->setAttr(NNDialect::profileAttr, toAttribute(op.getContext(), *metrics));
  });
  if (found || kernels.empty())
    return success();
  auto names = llvm::map_range(profile, [](const KernelMetrics &entry) { return entry.kernel; });
  return emitError(module.getLoc())
         << "expected a profile of one of the kernels " << llvm::join(kernels, ", ")
         << " or of one kernel that is named like its operation, got one of "
         << llvm::join(names, ", ");
}

std::optional<KernelMetrics> poolc::getProfile(Operation *op) {
  auto recorded = op->getAttrOfType<DictionaryAttr>(NNDialect::profileAttr);
  if (!recorded)
    return std::nullopt;
  KernelMetrics metrics;
  metrics.kernel = nn::getKernelName(op);
  for (NamedAttribute metric : recorded)
    metrics.values[metric.getName().str()] = cast<FloatAttr>(metric.getValue()).getValueAsDouble();
  return metrics;
}
