//===- Configuration.cpp - One random run through the chain ---------------===//

#include "Configuration.h"
#include "Schedules.h"
#include "Shapes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <variant>

using namespace poolc;
using namespace poolc::sweep;
using llvm::Twine;

llvm::SmallVector<std::string> Configuration::compileOptions() const {
  llvm::SmallVector<std::string> options = {("--target=" + target->name).str()};
  if (!schedule.empty())
    options.push_back("--schedule=" + schedule);
  return options;
}

llvm::SmallVector<std::string> Configuration::runOptions(llvm::StringRef device) const {
  std::string virtualDevice = ("virtual:" + target->name).str();
  llvm::SmallVector<std::string> options = {
      ("--device=" + (device.empty() ? virtualDevice : device)).str()};
  for (const std::string &input : inputs)
    options.push_back("--input=" + input);
  options.push_back("--seed=" + llvm::utostr(runSeed));
  options.push_back("--check");
  return options;
}

/// By Precision.
static constexpr llvm::StringLiteral precisionNames[] = {"ieee", "tf32", "tf32x3"};

/// [1, 2]
static std::string arrayText(llvm::ArrayRef<int64_t> numbers) {
  std::string text = "array<i64: ";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(numbers, os);
  os << '>';
  return text;
}

namespace {
class Builder {
public:
  Builder(uint64_t seed, OpChoice choice) : random(seed), choice(choice) {}

  Configuration build() {
    result.target = random.chance(80) ? &defaultGPU() : &random.pick(allGPUs());
    cover("target", result.target->name);
    type = random.chance(50) ? DataType::f32 : random.chance(50) ? DataType::f16 : DataType::bf16;
    cover("type", toString(type));
    drawInputKinds();
    size_t wantedOps = random.chance(75) ? 1 : random.draw(2, 4);
    while (numOps() < wantedOps)
      addOp();
    cover("operations in the function", llvm::utostr(numOps()));
    chooseResults();
    forceSchedules();
    finishModule();
    result.runSeed = random.draw(0, 999);
    result.throughPtx = random.chance(50);
    cover("run from", result.throughPtx ? "PTX" : "MLIR");
    return std::move(result);
  }

private:
  struct Value {
    std::string name;
    Shape shape;
    bool isUsed = false;
    bool isReturned = false;
    /// Whether the compiler may find a convolution's result here, which a sum
    /// can be fused to.
    bool isConv = false;
  };

  size_t numOps() const { return values.size(); }

  void cover(llvm::StringRef kind, const Twine &value) {
    result.coverage.emplace_back(kind.str(), value.str());
  }
  void coverIf(bool condition, llvm::StringRef kind, const Twine &value) {
    if (condition)
      cover(kind, value);
  }

  std::string tensorText(llvm::ArrayRef<int64_t> shape) const {
    std::string text = "tensor<";
    for (int64_t dim : shape)
      text += llvm::itostr(dim) + "x";
    return text + toString(type).str() + ">";
  }

  /// Whole numbers, on which results are exact, for half of the configurations.
  void drawInputKinds() {
    static constexpr llvm::StringLiteral others[] = {"random", "normal", "edges"};
    if (random.chance(50))
      inputKind = "integers";
    else
      inputKind = random.pick(llvm::ArrayRef(others));
    cover("inputs", inputKind);
  }

  /// A new argument of the function. One that multiplies what another operation
  /// computed is small: products of three large numbers would leave f32.
  std::string addArgument(llvm::ArrayRef<int64_t> shape, bool multipliesResult = false) {
    std::string name = "%arg" + llvm::utostr(result.inputs.size());
    arguments.push_back(name + ": " + tensorText(shape));
    llvm::StringRef kind = multipliesResult && inputKind == "edges" ? "random" : inputKind;
    result.inputs.push_back((kind + ":" + Twine(random.draw(0, 999))).str());
    return name;
  }

  /// An earlier result with one of the ranks, as often as not; else null.
  Value *pickValue(int64_t rank, int64_t orRank) {
    llvm::SmallVector<Value *> candidates;
    for (Value &value : values)
      if (int64_t(value.shape.size()) == rank || int64_t(value.shape.size()) == orRank)
        candidates.push_back(&value);
    if (candidates.empty() || random.chance(20))
      return nullptr;
    return random.pick(llvm::ArrayRef<Value *>(candidates));
  }

  /// The name of an operand: that of the value, or of a new argument.
  std::string useOrAdd(Value *value, llvm::ArrayRef<int64_t> shape) {
    if (!value)
      return addArgument(shape);
    value->isUsed = true;
    return value->name;
  }

  void addOp() {
    bool pool = choice == OpChoice::any ? random.chance(50) : choice == OpChoice::avgPool2d;
    if (pool)
      addPool();
    else
      addConv();
    if (choice != OpChoice::avgPool2d && random.chance(35))
      addSum();
  }

  /// `attributes` in random order, some that have their default value left out.
  void addAttribute(bool isDefault, const Twine &text) {
    if (!isDefault || random.chance(30))
      attributes.push_back(text.str());
  }

  void emitOp(llvm::StringRef op, llvm::ArrayRef<std::string> operands,
              llvm::ArrayRef<Shape> operandShapes, Shape resultShape) {
    std::string name = "%" + llvm::utostr(values.size());
    std::string types = llvm::join(
        llvm::map_range(operandShapes, [&](const Shape &shape) { return tensorText(shape); }),
        ", ");
    std::string properties = attributes.empty() ? "" : " <{" + llvm::join(attributes, ", ") + "}>";
    body += "  " + name + " = \"" + op.str() + "\"(" + llvm::join(operands, ", ") + ")" +
            properties + "\n       : (" + types + ") -> " + tensorText(resultShape) + "\n";
    attributes.clear();
    values.push_back({name, std::move(resultShape)});
    cover("op", op);
  }

  void addPool() {
    Value *value = pickValue(3, 4);
    std::optional<PoolOp> op = drawPool(random, value ? std::optional(value->shape) : std::nullopt);
    if (!op)
      return;
    AvgPool2dProblem &p = op->problem;
    p.type = type;
    const Window &h = p.axis[0], &w = p.axis[1];
    attributes.push_back("kernel_size = " + arrayText({h.kernel, w.kernel}));
    addAttribute(h.stride == h.kernel && w.stride == w.kernel,
                 "stride = " + arrayText({h.stride, w.stride}));
    bool padded = h.padBefore || h.padAfter || w.padBefore || w.padAfter;
    addAttribute(!padded,
                 "padding = " + arrayText({h.padBefore, w.padBefore, h.padAfter, w.padAfter}));
    addAttribute(!h.ceilMode, Twine("ceil_mode = ") + (h.ceilMode ? "true" : "false"));
    addAttribute(p.countIncludePad,
                 Twine("count_include_pad = ") + (p.countIncludePad ? "true" : "false"));
    if (p.divisorOverride)
      attributes.push_back("divisor_override = " + llvm::itostr(*p.divisorOverride) + " : i64");
    std::string x = useOrAdd(value, op->x);
    bool isConv = value && value->isConv && isDropped(p);
    emitOp("nn.avg_pool2d", x, op->x, op->y);
    values.back().isConv = isConv;

    coverIf(op->x.size() == 3, "pooling", "unbatched");
    coverIf(padded, "pooling", "padding");
    coverIf(h.ceilMode, "pooling", "ceil_mode");
    coverIf(!p.countIncludePad, "pooling", "count_include_pad = false");
    coverIf(p.divisorOverride.has_value(), "pooling", "divisor_override");
    coverIf(h.stride < h.kernel || w.stride < w.kernel, "pooling", "overlapping windows");
    coverIf(!p.uniformDivisor(), "pooling", "several divisors");
    coverIf(p.planes == 0, "pooling", "empty batch");
    coverOutput("pooling", op->y);
    problems.push_back(p);
  }

  void addConv() {
    Value *value = pickValue(2, 3);
    std::optional<ConvOp> op = drawConv(random, value ? std::optional(value->shape) : std::nullopt);
    if (!op)
      return;
    Conv1dProblem &p = op->problem;
    p.type = type;
    if (type == DataType::f32 && random.chance(50))
      p.precision = random.chance(50) ? Precision::tf32 : Precision::tf32x3;
    const Window &window = p.window;
    addAttribute(window.stride == 1, "stride = " + Twine(window.stride) + " : i64");
    bool padded = window.padBefore || window.padAfter;
    addAttribute(!padded, "padding = " + arrayText({window.padBefore, window.padAfter}));
    addAttribute(window.dilation == 1, "dilation = " + Twine(window.dilation) + " : i64");
    addAttribute(p.groups == 1, "groups = " + Twine(p.groups) + " : i64");
    llvm::StringRef precision = precisionNames[static_cast<size_t>(p.precision)];
    addAttribute(p.precision == Precision::ieee, "precision = #nn.precision<" + precision + ">");
    llvm::SmallVector<std::string> operands = {useOrAdd(value, op->x)};
    operands.push_back(addArgument(op->w, /*multipliesResult=*/value != nullptr));
    llvm::SmallVector<Shape> shapes = {op->x, op->w};
    if (p.hasBias) {
      shapes.push_back({p.outChannels()});
      operands.push_back(addArgument(shapes.back()));
    }
    if (random.chance(40))
      addActivation(p);
    emitOp("nn.conv1d", operands, shapes, op->y);
    values.back().isConv = true;

    cover("precision", precision);
    coverIf(op->x.size() == 2, "convolution", "unbatched");
    coverIf(padded, "convolution", "padding");
    coverIf(std::max(window.padBefore, window.padAfter) > window.size, "convolution",
            "padding beyond the input");
    coverIf(window.stride > 1, "convolution", "stride");
    coverIf(window.dilation > 1, "convolution", "dilation");
    coverIf(window.dilation >= window.size, "convolution", "dilation beyond the input");
    coverIf(p.groups > 1, "convolution", "groups");
    coverIf(p.groups > 1 && p.inPerGroup == 1, "convolution", "depthwise");
    coverIf(p.hasBias, "convolution", "bias");
    coverIf(p.batch == 0, "convolution", "empty batch");
    coverOutput("convolution", op->y);
    problems.push_back(p);
  }

  void addActivation(Conv1dProblem &problem) {
    static constexpr ActivationKind kinds[] = {ActivationKind::relu, ActivationKind::gelu,
                                               ActivationKind::gelu_tanh, ActivationKind::silu,
                                               ActivationKind::leaky_relu};
    // Some that keep whole numbers whole.
    static constexpr double slopes[] = {0.01, 0.2, -0.5, 1.5, 0.0, -1.0, 2.0};
    problem.activation.kind = random.pick(llvm::ArrayRef(kinds));
    llvm::StringRef word = toString(problem.activation.kind);
    if (problem.activation.kind == ActivationKind::leaky_relu) {
      problem.activation.slope = random.pick(llvm::ArrayRef(slopes));
      attributes.push_back(
          llvm::formatv("activation = #nn.leaky_relu<{0:e}>", problem.activation.slope).str());
    } else {
      attributes.push_back(("activation = #nn.activation<" + word + ">").str());
    }
    cover("activation", word);
  }

  /// The last result plus an earlier one of its shape, or plus an argument.
  void addSum() {
    if (values.empty())
      return;
    Value &last = values.back();
    Value *other = nullptr;
    for (Value &value : values)
      if (value.shape == last.shape && random.chance(40))
        other = &value;
    Shape shape = last.shape;
    bool isConv = last.isConv || (other && other->isConv);
    llvm::SmallVector<std::string> operands = {useOrAdd(&last, shape), useOrAdd(other, shape)};
    if (random.chance(50))
      std::swap(operands[0], operands[1]);
    emitOp("nn.add", operands, {shape, shape}, shape);
    cover("sum", isConv ? "of a convolution" : "of other values");
    coverIf(operands[0] == operands[1], "sum", "of one value with itself");
    AddProblem problem{type, 1};
    for (int64_t extent : shape)
      problem.elements *= extent;
    problems.push_back(problem);
    if (isConv)
      mayBeFused.insert(problems.size() - 1);
  }

  void coverOutput(llvm::StringRef kind, const Shape &y) {
    coverIf(llvm::all_of(y, [](int64_t dim) { return dim == 1; }), kind, "one output");
    coverIf(values.size() > 1, kind, "in a function of several");
  }

  /// Forces the schedules of some operations in half of the configurations.
  void forceSchedules() {
    bool force = random.chance(50);
    for (auto [index, problem] : llvm::enumerate(problems)) {
      Schedule schedule = std::visit(
          [&](const auto &problem) { return scheduleOf(problem, index, force); }, problem);
      cover("algorithm", schedule.algorithm);
    }
    cover("schedule", result.schedule.empty() ? "decided" : "forced");
  }

  template <typename Problem>
  Schedule scheduleOf(const Problem &problem, size_t index, bool force) {
    if (!force || isDropped(problem) || mayBeFused.contains(index) ||
        (problems.size() > 1 && random.chance(40)))
      return llvm::cantFail(decideSchedule(problem, *result.target));
    Schedule schedule = drawSchedule(random, problem, *result.target);
    if (!result.schedule.empty())
      result.schedule += ";";
    if (problems.size() > 1 || random.chance(30))
      result.schedule += llvm::utostr(index) + ":";
    result.schedule += schedule.str();
    return schedule;
  }

  /// Whether the compiler may find that the operation does nothing; it then has
  /// no schedule to force.
  static bool isDropped(const AvgPool2dProblem &problem) {
    return llvm::all_of(problem.axis, [](const Window &axis) { return axis.kernel == 1; });
  }
  static bool isDropped(const Conv1dProblem &) { return false; }
  static bool isDropped(const AddProblem &) { return false; }

  /// Returns every result that nothing uses, and some of the others.
  void chooseResults() {
    for (Value &value : values)
      value.isReturned = !value.isUsed || random.chance(40);
  }

  void finishModule() {
    llvm::SmallVector<std::string> names, types;
    for (const Value &value : values)
      if (value.isReturned) {
        names.push_back(value.name);
        types.push_back(tensorText(value.shape));
      }
    cover("results", llvm::utostr(names.size()));
    std::string signature = llvm::join(types, ", ");
    if (types.size() > 1)
      signature = "(" + signature + ")";
    result.module = "func.func @main(" + llvm::join(arguments, ",\n                ") +
                    ")\n    -> " + signature + " {\n" + body + "  return " +
                    llvm::join(names, ", ") + " : " + llvm::join(types, ", ") + "\n}\n";
  }

  Random random;
  OpChoice choice;
  Configuration result;
  DataType type = DataType::f32;
  llvm::StringRef inputKind;
  llvm::SmallVector<Value, 4> values;
  llvm::SmallVector<std::variant<AddProblem, AvgPool2dProblem, Conv1dProblem>, 4> problems;
  /// Indices of sums that may have no schedule of their own.
  llvm::SmallSet<size_t, 4> mayBeFused;
  llvm::SmallVector<std::string> arguments, attributes;
  std::string body;
};
} // namespace

Configuration poolc::sweep::drawConfiguration(uint64_t seed, OpChoice choice) {
  return Builder(seed, choice).build();
}
