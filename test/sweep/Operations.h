//===- Operations.h - The operations of a random function -------*- C++ -*-===//
#ifndef POOLC_TEST_SWEEP_OPERATIONS_H
#define POOLC_TEST_SWEEP_OPERATIONS_H

#include "Configuration.h"
#include "Tensors.h"

#include "poolc/Problem/Add.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/Twine.h"

#include <optional>
#include <variant>

namespace poolc::sweep {

using AnyProblem = std::variant<AddProblem, AvgPool2dProblem, Conv1dProblem>;

/// Whether the compiler may find that the operation does nothing; it then has no
/// schedule to force.
bool isDropped(const AnyProblem &problem);

/// Draws operations on each other's results and on new arguments.
class Operations {
public:
  /// All elements have that type; arguments are generated as `inputKind` says.
  Operations(Random &random, DataType type, llvm::StringRef inputKind, bool isDynamic)
      : random(random), type(type), inputKind(inputKind), isDynamic(isDynamic) {}

  /// An argument of the function and what is generated for it.
  struct Argument {
    std::string name;
    Tensor tensor;
    std::string contents;
    int64_t alignment = 16;
  };

  /// The result of an operation.
  struct Value {
    Value(std::string name, Tensor tensor) : name(std::move(name)), tensor(std::move(tensor)) {}

    std::string name;
    Tensor tensor;
    llvm::SmallVector<std::string, 4> operands;
    bool isUsed = false;
    bool isReturned = false;
    /// Whether the compiler may find a convolution's result here, which a sum
    /// can be fused to.
    bool isConv = false;
    /// Bytes that its address is a multiple of.
    int64_t alignment = 16;
  };

  /// Adds an operation, or none if none was found, and perhaps a sum.
  void add(OpChoice choice);

  llvm::SmallVector<Argument, 4> arguments;
  /// One for each operation.
  llvm::SmallVector<Value, 4> values;
  llvm::SmallVector<AnyProblem, 4> problems;
  /// Indices of sums that may have no schedule of their own.
  llvm::SmallSet<size_t, 4> mayBeFused;
  /// The operations' text.
  std::string body;
  /// See Configuration.
  std::vector<std::pair<std::string, std::string>> coverage;

private:
  using Twine = llvm::Twine;

  void addPool();
  void addConv();
  /// The last result plus an earlier one of its shape, or plus an argument.
  void addSum();
  void addActivation(Conv1dProblem &problem);

  /// A new argument of the function. One that multiplies what another operation
  /// computed is small: products of three large numbers would leave f32.
  std::string addArgument(const Tensor &tensor, bool multipliesResult = false);
  /// An earlier result with one of the ranks, as often as not; else null.
  Value *pickValue(int64_t rank, int64_t orRank);
  /// The name of an operand: that of the value, or of a new argument.
  std::string useOrAdd(Value *value, const Tensor &tensor);

  /// `attributes` in random order, some that have their default value left out.
  void addAttribute(bool isDefault, const Twine &text);
  void emitOp(llvm::StringRef op, llvm::ArrayRef<std::string> operands,
              llvm::ArrayRef<Tensor> operandTypes, Tensor resultType);

  /// The type of an operation's x, which is a value or a new argument.
  Tensor typeOf(const Value *value, const Shape &shape);
  /// The shape that a schedule is decided for, and nn.expected if that says it.
  Shape expectShape(const Tensor &x);
  /// Describe an operation on the sizes to expect.
  void expectSizes(const Tensor &a, AddProblem &p);
  void expectSizes(const Tensor &x, AvgPool2dProblem &p);
  void expectSizes(const Tensor &x, Conv1dProblem &p);
  /// Hides sizes of w and bias that another operand tells.
  void hideSizes(const Tensor &x, Tensor &w, Tensor *bias);

  void cover(llvm::StringRef kind, const Twine &value);
  void coverIf(bool condition, llvm::StringRef kind, const Twine &value);
  void coverDynamic(llvm::StringRef kind, const Tensor &x);
  void coverOutput(llvm::StringRef kind, const Shape &y);

  Random &random;
  DataType type;
  llvm::StringRef inputKind;
  bool isDynamic;
  /// Of the operation that is drawn.
  llvm::SmallVector<std::string> attributes;
  std::string expected;
};

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_OPERATIONS_H
