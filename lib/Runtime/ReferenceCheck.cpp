//===- ReferenceCheck.cpp - Holds a run against its source ----------------===//

#include "poolc/Runtime/ReferenceCheck.h"

#include "LazyBytes.h"
#include "SourceBinding.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <functional>

using namespace poolc;

namespace {

using Reader = std::function<double(int64_t)>;

/// The contents of a buffer after the run.
struct BufferContents {
  BufferContents(DataType type, uint64_t size, LazyBytes::Read read)
      : type(type), bytes(size, std::move(read)) {}

  double operator[](int64_t index) {
    return loadElement(type, bytes.at(index * sizeInBytes(type)));
  }

  DataType type;
  LazyBytes bytes;
};

class Checker {
public:
  Checker(const Plan &plan, const PlanSizes &sizes, const Execution &execution)
      : plan(plan), execution(execution), binding(plan, sizes) {}

  llvm::Expected<std::vector<OpCheck>> run();

private:
  llvm::Expected<OpCheck> checkOp(mlir::Value value, llvm::StringRef buffer);
  /// Of the launch that gives the buffer its contents: the first that has it.
  std::string locationOf(llvm::StringRef buffer) const;
  BufferContents &contentsOf(llvm::StringRef buffer);
  /// `fusedOps` is the number of ops without a buffer between the value and the
  /// one that is checked.
  llvm::Expected<Reader> readerOf(mlir::Value value, unsigned fusedOps = 0);

  const Plan &plan;
  const Execution &execution;
  SourceBinding binding;
  std::map<std::string, std::unique_ptr<BufferContents>, std::less<>> contents;
};

} // namespace

BufferContents &Checker::contentsOf(llvm::StringRef buffer) {
  std::unique_ptr<BufferContents> &known = contents[buffer.str()];
  if (!known) {
    const SizedBuffer &size = binding.sizeOf(buffer);
    known = std::make_unique<BufferContents>(
        size.type, size.bytes,
        [&execution = execution, name = buffer.str()](uint64_t offset,
                                                      llvm::MutableArrayRef<uint8_t> bytes) {
          return execution.readRange(name, offset, bytes);
        });
  }
  return *known;
}

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

/// Far more ops than a kernel holds. Each one multiplies the time of the check.
static constexpr unsigned maxFusedOps = 16;

llvm::Expected<Reader> Checker::readerOf(mlir::Value value, unsigned fusedOps) {
  if (const std::string *buffer = binding.bufferOf(value))
    return Reader([&data = contentsOf(*buffer)](int64_t index) { return data[index]; });
  // An op that was fused into its consumer: nothing is rounded in between.
  if (++fusedOps > maxFusedOps)
    return llvm::createStringError(llvm::formatv(
        "expected a buffer for one of {0} ops in a row at least, got none", maxFusedOps + 1));
  mlir::Operation *op = value.getDefiningOp();
  llvm::Expected<std::shared_ptr<ReferenceOp>> reference = binding.referenceOf(op);
  if (!reference)
    return reference.takeError();
  std::vector<Reader> readers(op->getNumOperands());
  for (auto [operand, reader] : llvm::zip_equal(op->getOperands(), readers))
    if (llvm::Error error = readerOf(operand, fusedOps).moveInto(reader))
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
  Work work() const override { return {}; }
  double peakTFLOPs(const GPU &) const override { return 0; }

private:
  Shape size;
};
} // namespace

std::string Checker::locationOf(llvm::StringRef buffer) const {
  for (const Plan::Launch &launch : plan.launches)
    if (llvm::any_of(launch.arguments, [&](const auto &argument) {
          const auto *reference = std::get_if<Plan::BufferArgument>(&argument);
          return reference && reference->name == buffer;
        }))
      return launch.location;
  return "";
}

llvm::Expected<OpCheck> Checker::checkOp(mlir::Value value, llvm::StringRef buffer) {
  OpCheck check;
  check.buffer = buffer.str();
  const SizedBuffer &size = binding.sizeOf(buffer);
  check.type = size.type;
  check.shape = size.shape;

  std::shared_ptr<ReferenceOp> reference = std::make_shared<CopyReference>(check.shape);
  llvm::SmallVector<mlir::Value> operands = {value};
  if (mlir::Operation *op = value.getDefiningOp()) {
    llvm::Expected<SourceBinding::Computation> computation = binding.computationOf(op);
    if (!computation)
      return computation.takeError();
    check.op = computation->name;
    check.location = locationOf(buffer);
    operands = computation->operands;
    reference = computation->reference;
  }

  int64_t elements = 1;
  for (int64_t extent : reference->shape())
    elements *= extent;
  if (elements != size.elements)
    return llvm::createStringError(
        llvm::formatv("expected '{0}' to have {1} elements, as its op has, got {2}", buffer,
                      elements, size.elements));

  std::vector<Reader> readers(operands.size());
  for (auto [operand, reader] : llvm::zip_equal(operands, readers))
    if (llvm::Error error = readerOf(operand).moveInto(reader))
      return error;
  BufferContents &actual = contentsOf(buffer);
  std::vector<ElementReader> inputs(readers.begin(), readers.end());
  std::vector<ElementRange> ranges = {{0, elements}};
  if (execution.isSampled()) {
    if (llvm::Error error =
            execution.writtenRanges(buffer, sizeInBytes(check.type)).moveInto(ranges))
      return error;
    if (ranges.empty())
      return llvm::createStringError("nothing to check: the sampled blocks wrote nothing of '" +
                                     buffer + "'");
  }
  check.comparison =
      compare(*reference, check.type, inputs, [&](int64_t index) { return actual[index]; }, ranges);
  for (const auto &[name, read] : contents)
    if (llvm::Error error = read->bytes.takeError())
      return error;
  return check;
}

llvm::Expected<std::vector<OpCheck>> Checker::run() {
  if (llvm::Error error = binding.bind())
    return error;
  if (binding.results().empty())
    return llvm::createStringError("expected a result to check, found none in the plan");
  std::vector<OpCheck> checks;
  for (const auto &[value, buffer] : binding.results())
    if (llvm::Error error = checkOp(value, buffer).moveInto(checks.emplace_back()))
      return error;
  return checks;
}

llvm::Expected<std::vector<OpCheck>>
poolc::checkAgainstReference(const Plan &plan, const PlanSizes &sizes, const Execution &execution) {
  return Checker(plan, sizes, execution).run();
}
