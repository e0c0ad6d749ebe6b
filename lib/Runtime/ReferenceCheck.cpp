//===- ReferenceCheck.cpp - Holds a run against its source ----------------===//

#include "poolc/Runtime/ReferenceCheck.h"

#include "SourceFunction.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/FormatVariadic.h"

#include <functional>

using namespace poolc;

namespace {

using Reader = std::function<double(int64_t)>;

/// The contents of a buffer after the run.
struct BufferContents {
  DataType type;
  Shape shape;
  std::unique_ptr<llvm::WritableMemoryBuffer> bytes;

  double operator[](int64_t index) const {
    return loadElement(type, bytes->getBufferStart() + index * sizeInBytes(type));
  }
};

class Checker {
public:
  Checker(const Plan &plan, const PlanSizes &sizes, const Execution &execution)
      : plan(plan), sizes(sizes), execution(execution) {}

  llvm::Expected<std::vector<OpCheck>> run();

private:
  llvm::Error bindArguments();
  llvm::Error bindValues();
  llvm::Expected<OpCheck> checkOp(mlir::Value value, llvm::StringRef buffer);
  std::string locationOf(llvm::StringRef op, llvm::StringRef buffer) const;

  const SizedBuffer &sizeOf(llvm::StringRef buffer) const;
  llvm::Expected<const BufferContents *> contentsOf(llvm::StringRef buffer);

  /// Where no buffer holds the value, its shape is in its type.
  llvm::Expected<llvm::SmallVector<int64_t>> shapeOf(mlir::Value value) const;
  llvm::Expected<Reader> readerOf(mlir::Value value);
  llvm::Expected<std::shared_ptr<ReferenceOp>> referenceOf(mlir::Operation *op);

  const Plan &plan;
  const PlanSizes &sizes;
  const Execution &execution;
  SourceFunction source;
  /// The buffer that holds a value, and all there is to compare.
  llvm::DenseMap<mlir::Value, std::string> buffers;
  std::vector<std::pair<mlir::Value, std::string>> checks;
  std::map<std::string, BufferContents, std::less<>> contents;
};

} // namespace

const SizedBuffer &Checker::sizeOf(llvm::StringRef buffer) const {
  for (const auto *list : {&sizes.arguments, &sizes.temporaries})
    for (const SizedBuffer &size : *list)
      if (size.name == buffer)
        return size;
  // The plan's reader has checked every name.
  llvm_unreachable("buffer without a size");
}

llvm::Expected<const BufferContents *> Checker::contentsOf(llvm::StringRef buffer) {
  auto it = contents.find(buffer);
  if (it != contents.end())
    return &it->second;
  auto bytes = execution.read(buffer);
  if (!bytes)
    return bytes.takeError();
  const SizedBuffer &size = sizeOf(buffer);
  BufferContents read{size.type, size.shape, std::move(*bytes)};
  return &contents.emplace(buffer.str(), std::move(read)).first->second;
}

//===----------------------------------------------------------------------===//
// Which buffer holds which value
//===----------------------------------------------------------------------===//

llvm::Error Checker::bindArguments() {
  std::vector<size_t> inputs = inputIndices(plan);
  mlir::ValueRange arguments = source.arguments();
  if (inputs.size() != arguments.size())
    return llvm::createStringError(
        llvm::formatv("expected as many inputs in the plan as in its source, {0}, got {1}",
                      arguments.size(), inputs.size()));
  for (auto [index, value] : llvm::zip_equal(inputs, arguments)) {
    const Plan::Argument &argument = plan.arguments[index];
    if (argument.role == Plan::Role::inout)
      return llvm::createStringError("cannot check '" + argument.name +
                                     "', which the kernels may have changed");
    if (!SourceFunction::isTensorOf(value, argument.type, argument.shape.size()))
      return llvm::createStringError("expected the type of '" + argument.name +
                                     "' in the plan's source to be that of the plan");
    buffers[value] = argument.name;
  }
  return llvm::Error::success();
}

llvm::Error Checker::bindValues() {
  for (const Plan::Value &entry : plan.values) {
    mlir::Value value = source.result(entry.op, entry.result);
    if (!value)
      return llvm::createStringError(llvm::formatv(
          "expected an op {0} with a result {1} in the plan's source", entry.op, entry.result));
    buffers.try_emplace(value, entry.buffer);
    checks.emplace_back(value, entry.buffer);
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
    bool isListed = llvm::any_of(checks, [&](const auto &check) { return check.second == name; });
    if (!isListed)
      checks.emplace_back(value, name);
  }
  for (const auto &[value, buffer] : checks) {
    const SizedBuffer &size = sizeOf(buffer);
    if (!SourceFunction::isTensorOf(value, size.type, size.shape.size()))
      return llvm::createStringError("expected the type of '" + buffer +
                                     "' in the plan's source to be that of the plan");
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

llvm::Expected<llvm::SmallVector<int64_t>> Checker::shapeOf(mlir::Value value) const {
  if (auto it = buffers.find(value); it != buffers.end())
    return llvm::to_vector(sizeOf(it->second).shape);
  std::optional<llvm::SmallVector<int64_t>> shape = SourceFunction::staticShape(value);
  if (!shape)
    return llvm::createStringError(
        "expected a buffer for each value of dynamic shape in the plan's list of values");
  return *shape;
}

llvm::Expected<std::shared_ptr<ReferenceOp>> Checker::referenceOf(mlir::Operation *op) {
  llvm::SmallVector<llvm::SmallVector<int64_t>> shapes;
  for (mlir::Value operand : op->getOperands())
    if (llvm::Error error = shapeOf(operand).moveInto(shapes.emplace_back()))
      return error;
  return source.makeReference(op, shapes);
}

llvm::Expected<Reader> Checker::readerOf(mlir::Value value) {
  if (auto it = buffers.find(value); it != buffers.end()) {
    llvm::Expected<const BufferContents *> data = contentsOf(it->second);
    if (!data)
      return data.takeError();
    return Reader([data = *data](int64_t index) { return (*data)[index]; });
  }
  // An op that was fused into its consumer: nothing is rounded in between.
  mlir::Operation *op = value.getDefiningOp();
  llvm::Expected<std::shared_ptr<ReferenceOp>> reference = referenceOf(op);
  if (!reference)
    return reference.takeError();
  std::vector<Reader> readers(op->getNumOperands());
  for (auto [operand, reader] : llvm::zip_equal(op->getOperands(), readers))
    if (llvm::Error error = readerOf(operand).moveInto(reader))
      return error;
  return Reader([reference = *reference, readers](int64_t index) {
    std::vector<ElementReader> inputs(readers.begin(), readers.end());
    return reference->element(index, inputs).value;
  });
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

namespace {
/// The reference of a function that returns its argument.
class CopyReference final : public ReferenceOp {
public:
  explicit CopyReference(Shape size) : size(std::move(size)) {}
  std::vector<int64_t> shape() const override { return size; }
  ReferenceElement element(int64_t index, llvm::ArrayRef<ElementReader> inputs) const override {
    ReferenceElement result;
    result.value = inputs[0](index);
    return result;
  }
  ErrorModel errorModel() const override { return {0, 0, 0, false}; }
  bool exactOnIntegers() const override { return true; }

private:
  Shape size;
};
} // namespace

std::string Checker::locationOf(llvm::StringRef op, llvm::StringRef buffer) const {
  for (const Plan::Launch &launch : plan.launches)
    if (launch.op == op && llvm::any_of(launch.arguments, [&](const auto &argument) {
          const auto *reference = std::get_if<Plan::BufferArgument>(&argument);
          return reference && reference->name == buffer;
        }))
      return launch.location;
  return "";
}

llvm::Expected<OpCheck> Checker::checkOp(mlir::Value value, llvm::StringRef buffer) {
  OpCheck check;
  check.buffer = buffer.str();
  check.type = sizeOf(buffer).type;
  check.shape = sizeOf(buffer).shape;

  std::shared_ptr<ReferenceOp> reference = std::make_shared<CopyReference>(check.shape);
  llvm::SmallVector<mlir::Value> operands = {value};
  if (mlir::Operation *op = value.getDefiningOp()) {
    check.op = op->getName().getStringRef().str();
    check.location = locationOf(check.op, buffer);
    operands = llvm::to_vector(op->getOperands());
    if (llvm::Error error = referenceOf(op).moveInto(reference))
      return error;
  }

  int64_t elements = 1;
  for (int64_t size : reference->shape())
    elements *= size;
  if (elements != sizeOf(buffer).elements)
    return llvm::createStringError(
        llvm::formatv("expected '{0}' to have {1} elements, as its op has, got {2}", buffer,
                      elements, sizeOf(buffer).elements));

  std::vector<Reader> readers(operands.size());
  for (auto [operand, reader] : llvm::zip_equal(operands, readers))
    if (llvm::Error error = readerOf(operand).moveInto(reader))
      return error;
  llvm::Expected<const BufferContents *> actual = contentsOf(buffer);
  if (!actual)
    return actual.takeError();
  std::vector<ElementReader> inputs(readers.begin(), readers.end());
  check.comparison =
      compare(*reference, check.type, inputs, [&](int64_t index) { return (**actual)[index]; });
  return check;
}

llvm::Expected<std::vector<OpCheck>> Checker::run() {
  if (llvm::Error error = source.parse(plan.source, plan.entry))
    return error;
  if (llvm::Error error = bindArguments())
    return error;
  if (llvm::Error error = bindValues())
    return error;
  if (checks.empty())
    return llvm::createStringError("expected a result to check, found none in the plan");
  std::vector<OpCheck> results;
  for (const auto &[value, buffer] : checks)
    if (llvm::Error error = checkOp(value, buffer).moveInto(results.emplace_back()))
      return error;
  return results;
}

llvm::Expected<std::vector<OpCheck>>
poolc::checkAgainstReference(const Plan &plan, const PlanSizes &sizes, const Execution &execution) {
  return Checker(plan, sizes, execution).run();
}
