//===- SourceBinding.cpp - Which buffer holds which value -----------------===//

#include "SourceBinding.h"

#include "nn/NN.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace poolc;

llvm::Error SourceBinding::bind() {
  if (llvm::Error error = source.parse(plan.source, plan.entry))
    return error;
  if (llvm::Error error = bindArguments())
    return error;
  return bindResults();
}

const std::string *SourceBinding::bufferOf(mlir::Value value) const {
  auto it = buffers.find(value);
  return it == buffers.end() ? nullptr : &it->second;
}

const SizedBuffer &SourceBinding::sizeOf(llvm::StringRef buffer) const {
  for (const auto *list : {&sizes.arguments, &sizes.temporaries})
    for (const SizedBuffer &size : *list)
      if (size.name == buffer)
        return size;
  // The plan's reader has checked every name.
  llvm_unreachable("buffer without a size");
}

llvm::Error SourceBinding::bindArguments() {
  std::vector<size_t> inputs = inputIndices(plan);
  mlir::ValueRange arguments = source.arguments();
  if (inputs.size() != arguments.size())
    return llvm::createStringError(
        llvm::formatv("expected as many inputs in the plan as in its source, {0}, got {1}",
                      arguments.size(), inputs.size()));
  llvm::SmallVector<llvm::SmallVector<int64_t>> shapes;
  for (auto [index, value] : llvm::zip_equal(inputs, arguments)) {
    const Plan::Argument &argument = plan.arguments[index];
    if (argument.role == Plan::Role::inout)
      return llvm::createStringError("cannot check '" + argument.name +
                                     "', which the kernels may have changed");
    if (!SourceFunction::isTensorOf(value, argument.type, argument.shape.size()))
      return llvm::createStringError("expected the type of '" + argument.name +
                                     "' in the plan's source to be that of the plan");
    buffers[value] = argument.name;
    shapes.push_back(llvm::to_vector(sizes.arguments[index].shape));
  }
  return source.refineShapes(shapes);
}

llvm::Error SourceBinding::bindResults() {
  for (const Plan::Value &entry : plan.values) {
    mlir::Value value = source.result(entry.op, entry.result);
    if (!value)
      return llvm::createStringError(llvm::formatv(
          "expected an op {0} with a result {1} in the plan's source", entry.op, entry.result));
    buffers.try_emplace(value, entry.buffer);
    boundResults.emplace_back(value, entry.buffer);
  }
  // Results that the list leaves out.
  std::vector<size_t> outputs = resultIndices(plan);
  mlir::ValueRange results = source.results();
  if (outputs.size() != results.size())
    return llvm::createStringError(
        llvm::formatv("expected as many results in the plan as in its source, {0}, got {1}",
                      results.size(), outputs.size()));
  for (auto [index, value] : llvm::zip_equal(outputs, results)) {
    const std::string &name = plan.arguments[index].name;
    bool isListed =
        llvm::any_of(boundResults, [&](const auto &check) { return check.second == name; });
    if (!isListed)
      boundResults.emplace_back(value, name);
  }
  for (const auto &[value, buffer] : boundResults) {
    const SizedBuffer &size = sizeOf(buffer);
    if (!SourceFunction::isTensorOf(value, size.type, size.shape.size()))
      return llvm::createStringError("expected the type of '" + buffer +
                                     "' in the plan's source to be that of the plan");
  }
  return llvm::Error::success();
}

llvm::SmallVector<int64_t> SourceBinding::shapeOf(mlir::Value value) const {
  if (const std::string *buffer = bufferOf(value))
    return llvm::to_vector(sizeOf(*buffer).shape);
  return llvm::to_vector(mlir::cast<mlir::RankedTensorType>(value.getType()).getShape());
}

llvm::Expected<std::shared_ptr<ReferenceOp>> SourceBinding::referenceOf(mlir::Operation *op) {
  llvm::SmallVector<llvm::SmallVector<int64_t>> shapes;
  for (mlir::Value operand : op->getOperands())
    shapes.push_back(shapeOf(operand));
  return source.makeReference(op, shapes);
}

namespace {
/// A convolution and a tensor that is added to it in the same launch, whose
/// reader comes after the convolution's.
class FusedAddReference final : public ReferenceOp {
public:
  explicit FusedAddReference(std::shared_ptr<ReferenceOp> conv) : conv(std::move(conv)) {}

  std::vector<int64_t> shape() const override { return conv->shape(); }
  ReferenceElement element(int64_t index, llvm::ArrayRef<ElementReader> inputs) const override {
    ReferenceElement result = conv->element(index, inputs.drop_back());
    addResidual(result, inputs.back()(index));
    return result;
  }
  ErrorModel errorModel() const override { return conv->errorModel(); }
  bool exactOnIntegers() const override { return conv->exactOnIntegers(); }
  Work work() const override {
    Work work = conv->work();
    work.readBytes += work.writeBytes;
    return work;
  }
  double peakTFLOPs(const GPU &gpu) const override { return conv->peakTFLOPs(gpu); }

private:
  std::shared_ptr<ReferenceOp> conv;
};
} // namespace

llvm::Expected<SourceBinding::Computation> SourceBinding::computationOf(mlir::Operation *op) {
  Computation result;
  result.name = op->getName().getStringRef().str();
  mlir::OpOperand *fused = nullptr;
  if (mlir::isa<nn::AddOp>(op))
    for (mlir::OpOperand &operand : op->getOpOperands())
      if (!fused && !bufferOf(operand.get()) && operand.get().getDefiningOp<nn::Conv1dOp>())
        fused = &operand;
  mlir::Operation *inner = fused ? fused->get().getDefiningOp() : op;
  if (llvm::Error error = referenceOf(inner).moveInto(result.reference))
    return std::move(error);
  llvm::append_range(result.operands, inner->getOperands());
  if (inner != op) {
    result.name = inner->getName().getStringRef().str() + " + " + result.name;
    result.reference = std::make_shared<FusedAddReference>(std::move(result.reference));
    result.operands.push_back(op->getOperand(1 - fused->getOperandNumber()));
  }
  return result;
}
