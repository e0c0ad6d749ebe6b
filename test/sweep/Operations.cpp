//===- Operations.cpp - The operations of a random function ---------------===//

#include "Operations.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <numeric>

using namespace poolc;
using namespace poolc::sweep;
using llvm::Twine;

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

bool poolc::sweep::isDropped(const AnyProblem &problem) {
  const auto *pool = std::get_if<AvgPool2dProblem>(&problem);
  return pool && llvm::all_of(pool->axis, [](const Window &axis) { return axis.kernel == 1; });
}

void Operations::cover(llvm::StringRef kind, const Twine &value) {
  coverage.emplace_back(kind.str(), value.str());
}

void Operations::coverIf(bool condition, llvm::StringRef kind, const Twine &value) {
  if (condition)
    cover(kind, value);
}

std::string Operations::addArgument(const Tensor &tensor, bool multipliesResult) {
  llvm::StringRef kind = multipliesResult && inputKind == "edges" ? "random" : inputKind;
  std::string contents = (kind + ":" + Twine(random.draw(0, 999))).str();
  arguments.push_back({"%arg" + llvm::utostr(arguments.size()), tensor, std::move(contents)});
  return arguments.back().name;
}

Operations::Value *Operations::pickValue(int64_t rank, int64_t orRank) {
  llvm::SmallVector<Value *> candidates;
  for (Value &value : values)
    if (int64_t valueRank = value.tensor.shape.size(); valueRank == rank || valueRank == orRank)
      candidates.push_back(&value);
  if (candidates.empty() || random.chance(20))
    return nullptr;
  return random.pick(llvm::ArrayRef<Value *>(candidates));
}

std::string Operations::useOrAdd(Value *value, const Tensor &tensor) {
  if (!value)
    return addArgument(tensor);
  value->isUsed = true;
  return value->name;
}

void Operations::add(OpChoice choice) {
  bool pool = choice == OpChoice::any ? random.chance(50) : choice == OpChoice::avgPool2d;
  if (pool)
    addPool();
  else
    addConv();
  if (choice != OpChoice::avgPool2d && random.chance(35))
    addSum();
}

void Operations::addAttribute(bool isDefault, const Twine &text) {
  if (!isDefault || random.chance(30))
    attributes.push_back(text.str());
}

void Operations::emitOp(llvm::StringRef op, llvm::ArrayRef<std::string> operands,
                        llvm::ArrayRef<Tensor> operandTypes, Tensor resultType) {
  std::string name = "%" + llvm::utostr(values.size());
  std::string types = llvm::join(
      llvm::map_range(operandTypes, [&](const Tensor &tensor) { return tensor.typeText(type); }),
      ", ");
  std::string properties = attributes.empty() ? "" : " <{" + llvm::join(attributes, ", ") + "}>";
  body += "  " + name + " = \"" + op.str() + "\"(" + llvm::join(operands, ", ") + ")" + properties +
          expected + "\n       : (" + types + ") -> " + resultType.typeText(type) + "\n";
  attributes.clear();
  expected.clear();
  Value &value = values.emplace_back(name, std::move(resultType));
  value.operands.assign(operands.begin(), operands.end());
  cover("op", op);
}

Tensor Operations::typeOf(const Value *value, const Shape &shape) {
  if (value)
    return value->tensor;
  return isDynamic ? drawDynamic(random, shape) : Tensor(shape);
}

Shape Operations::expectShape(const Tensor &x) {
  if (x.isDynamic.none())
    return x.shape;
  Shape shape = drawExpected(random, x);
  expected = " {nn.expected = " + arrayText(shape) + "}";
  cover("expected sizes", shape == x.shape ? "those of the run" : "others");
  return shape;
}

void Operations::addPool() {
  Value *value = pickValue(3, 4);
  std::optional<PoolOp> op =
      drawPool(random, value ? std::optional(value->tensor.shape) : std::nullopt);
  if (!op)
    return;
  Tensor tensor = typeOf(value, op->x);
  AvgPool2dProblem &p = op->problem;
  p.type = type;
  expectSizes(tensor, p);
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
  std::string x = useOrAdd(value, tensor);
  bool isConv = value && value->isConv && isDropped(p);
  emitOp("nn.avg_pool2d", x, tensor, Tensor(op->y, tensor.isDynamic));
  coverDynamic("pooling", tensor);
  values.back().isConv = isConv;

  coverIf(op->x.size() == 3, "pooling", "unbatched");
  coverIf(padded, "pooling", "padding");
  coverIf(h.ceilMode, "pooling", "ceil_mode");
  coverIf(!p.countIncludePad, "pooling", "count_include_pad = false");
  coverIf(p.divisorOverride.has_value(), "pooling", "divisor_override");
  coverIf(h.kernel == h.size && w.kernel == w.size && !padded, "pooling", "whole planes");
  coverIf(h.stride < h.kernel || w.stride < w.kernel, "pooling", "overlapping windows");
  coverIf(!p.uniformDivisor(), "pooling", "several divisors");
  coverIf(op->x.front() == 0, "pooling", "empty batch");
  coverOutput("pooling", op->y);
  problems.push_back(p);
}

void Operations::expectSizes(const Tensor &a, AddProblem &p) {
  for (auto [d, size] : llvm::enumerate(expectShape(a))) {
    p.elements *= size;
    p.elementsAreDynamic |= a.isDynamic[d];
    if (!a.isDynamic[d])
      p.dynamicFactor *= std::max<int64_t>(size, 1);
  }
}

void Operations::expectSizes(const Tensor &x, AvgPool2dProblem &p) {
  Shape shape = expectShape(x);
  size_t leading = shape.size() - 2;
  for (size_t d = 0; d != leading; ++d)
    p.planesAreDynamic |= x.isDynamic[d];
  if (p.planesAreDynamic)
    p.planes = std::accumulate(shape.begin(), shape.begin() + leading, int64_t(1),
                               std::multiplies<int64_t>());
  for (unsigned a = 0; a != 2; ++a) {
    p.axis[a].size = shape[leading + a];
    if (x.isDynamic[leading + a])
      p.axis[a].expectDynamicSize();
  }
}

void Operations::expectSizes(const Tensor &x, Conv1dProblem &p) {
  Shape shape = expectShape(x);
  p.batchIsDynamic = shape.size() == 3 && x.isDynamic[0];
  if (p.batchIsDynamic)
    p.batch = shape[0];
  p.window.size = shape.back();
  if (x.isDynamic.test(shape.size() - 1))
    p.window.expectDynamicSize();
}

void Operations::coverDynamic(llvm::StringRef kind, const Tensor &x) {
  size_t rank = x.shape.size(), axes = kind == "pooling" ? 2 : 1;
  static constexpr llvm::StringLiteral names[] = {"dynamic N", "dynamic C", "dynamic axes"};
  for (size_t d = 0; d != rank; ++d)
    coverIf(x.isDynamic[d], kind, names[d + axes >= rank ? 2 : d + axes + 1 == rank ? 1 : 0]);
}

void Operations::hideSizes(const Tensor &x, Tensor &w, Tensor *bias) {
  if (!isDynamic)
    return;
  w.isDynamic[1] = !x.isDynamic[x.shape.size() - 2] && random.chance(30);
  if (bias && random.chance(50))
    (random.chance(50) ? w : *bias).isDynamic.set(0);
}

void Operations::addConv() {
  Value *value = pickValue(2, 3);
  std::optional<ConvOp> op =
      drawConv(random, value ? std::optional(value->tensor.shape) : std::nullopt);
  if (!op)
    return;
  Conv1dProblem &p = op->problem;
  Tensor x = typeOf(value, op->x), w(op->w), bias(Shape{p.outChannels()});
  hideSizes(x, w, p.hasBias ? &bias : nullptr);
  expectSizes(x, p);
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
  llvm::SmallVector<std::string> operands = {useOrAdd(value, x)};
  operands.push_back(addArgument(w, /*multipliesResult=*/value != nullptr));
  llvm::SmallVector<Tensor> types = {x, w};
  if (p.hasBias) {
    types.push_back(bias);
    operands.push_back(addArgument(bias));
  }
  if (random.chance(40))
    addActivation(p);
  Tensor y(op->y, x.isDynamic);
  y.isDynamic.reset(y.shape.size() - 2);
  emitOp("nn.conv1d", operands, types, y);
  values.back().isConv = true;
  coverDynamic("convolution", x);

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
  coverIf(op->x.front() == 0, "convolution", "empty batch");
  coverOutput("convolution", op->y);
  problems.push_back(p);
}

void Operations::addActivation(Conv1dProblem &problem) {
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

void Operations::addSum() {
  if (values.empty())
    return;
  Value &last = values.back();
  Value *other = nullptr;
  for (Value &value : values)
    if (value.tensor == last.tensor && random.chance(40))
      other = &value;
  Tensor tensor = last.tensor;
  bool isConv = last.isConv || (other && other->isConv);
  llvm::SmallVector<std::string> operands = {useOrAdd(&last, tensor), useOrAdd(other, tensor)};
  if (random.chance(50))
    std::swap(operands[0], operands[1]);
  AddProblem problem{type, 1};
  expectSizes(tensor, problem);
  emitOp("nn.add", operands, {tensor, tensor}, tensor);
  cover("sum", isConv ? "of a convolution" : "of other values");
  coverIf(operands[0] == operands[1], "sum", "of one value with itself");
  problems.push_back(problem);
  if (isConv)
    mayBeFused.insert(problems.size() - 1);
}

void Operations::coverOutput(llvm::StringRef kind, const Shape &y) {
  coverIf(llvm::all_of(y, [](int64_t dim) { return dim == 1; }), kind, "one output");
  coverIf(values.size() > 1, kind, "in a function of several");
}
