//===- PlanSizes.cpp - A plan's sizes, from its inputs' shapes ------------===//

#include "poolc/Runtime/PlanSizes.h"

#include "poolc/Support/UsageError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/FormatVariadic.h"

using namespace poolc;

std::string poolc::describeTensor(DataType type, llvm::ArrayRef<int64_t> shape) {
  std::string text = (toString(type) + "[").str();
  llvm::raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  os << "]";
  return text;
}

static std::vector<size_t> indicesWithout(const Plan &plan, Plan::Role role) {
  std::vector<size_t> indices;
  for (const auto &[i, argument] : llvm::enumerate(plan.arguments))
    if (argument.role != role)
      indices.push_back(i);
  return indices;
}

std::vector<size_t> poolc::inputIndices(const Plan &plan) {
  return indicesWithout(plan, Plan::Role::output);
}

std::vector<size_t> poolc::resultIndices(const Plan &plan) {
  return indicesWithout(plan, Plan::Role::input);
}

//===----------------------------------------------------------------------===//
// Dims
//===----------------------------------------------------------------------===//

static std::string describeShape(const Plan::Argument &argument) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(argument.shape, os, [&](const Expression &size) { os << size.str(); }, "x");
  return text;
}

static std::string describeShape(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(shape, os, "x");
  return text;
}

static llvm::Error shapeError(const Plan::Argument &argument, llvm::ArrayRef<int64_t> shape) {
  return llvm::createStringError(llvm::formatv("input '{0}': expected shape {1}, got {2}",
                                               argument.name, describeShape(argument),
                                               describeShape(shape)));
}

/// The shape that stands for argument number `index`, if it has one.
static const std::optional<Shape> &shapeOf(const Plan &plan, size_t index,
                                           llvm::ArrayRef<std::optional<Shape>> shapes) {
  static const std::optional<Shape> none;
  std::vector<size_t> inputs = inputIndices(plan);
  size_t position = llvm::find(inputs, index) - inputs.begin();
  return position < shapes.size() ? shapes[position] : none;
}

llvm::Expected<Dims> poolc::bindDims(const Plan &plan, llvm::ArrayRef<std::optional<Shape>> shapes,
                                     const Dims &given) {
  for (llvm::StringRef name : given.keys())
    if (!plan.dims.count(name.str())) {
      std::string known = llvm::join(llvm::make_first_range(plan.dims), ", ");
      return usageError("expected one of the dimensions " +
                        (known.empty() ? "of the input, which has none" : known) + ", got '" +
                        name + "'");
    }

  Dims dims;
  for (const auto &[name, dim] : plan.dims) {
    const Plan::Argument &argument = plan.arguments[dim.argument];
    const std::optional<Shape> &shape = shapeOf(plan, dim.argument, shapes);
    auto wanted = given.find(name);
    if (!shape) {
      if (wanted == given.end())
        return usageError(llvm::formatv("expected the size of dimension '{0}', found none: give "
                                        "it with --dim={0}=<size>, or a shape to '{1}'",
                                        name, argument.name));
      dims[name] = wanted->second;
      continue;
    }
    if (shape->size() != argument.shape.size())
      return shapeError(argument, *shape);
    int64_t size = (*shape)[dim.axis];
    if (wanted != given.end() && wanted->second != size)
      return llvm::createStringError(
          llvm::formatv("expected dimension '{0}' = {1}, got {2} from the shape of '{3}'", name,
                        wanted->second, size, argument.name));
    dims[name] = size;
  }
  return dims;
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

namespace {

class Sizer {
public:
  Sizer(const Plan &plan, Dims dims) : plan(plan) { sizes.dims = std::move(dims); }

  llvm::Error checkDims();
  llvm::Error sizeBuffers(llvm::ArrayRef<std::optional<Shape>> shapes);
  llvm::Error sizeLaunches();

  PlanSizes sizes;

private:
  llvm::Expected<int64_t> evaluate(const Expression &expression, const llvm::Twine &what);
  /// An error where the value is below `minimum`.
  llvm::Expected<int64_t> evaluate(const Expression &expression, const llvm::Twine &what,
                                   int64_t minimum);
  llvm::Expected<SizedBuffer> size(llvm::StringRef name, DataType type,
                                   llvm::ArrayRef<Expression> shape);
  llvm::Expected<SizedLaunch> size(const Plan::Launch &launch);

  const Plan &plan;
};

} // namespace

llvm::Expected<int64_t> Sizer::evaluate(const Expression &expression, const llvm::Twine &what) {
  llvm::Expected<int64_t> value = expression.evaluate(sizes.dims);
  if (!value)
    return llvm::createStringError(what + ": " + llvm::toString(value.takeError()));
  return value;
}

llvm::Expected<int64_t> Sizer::evaluate(const Expression &expression, const llvm::Twine &what,
                                        int64_t minimum) {
  llvm::Expected<int64_t> value = evaluate(expression, what);
  if (value && *value < minimum)
    return llvm::createStringError(what + ": expected at least " + llvm::Twine(minimum) + ", got " +
                                   llvm::Twine(*value));
  return value;
}

llvm::Error Sizer::checkDims() {
  for (const auto &[name, dim] : plan.dims) {
    int64_t size = sizes.dims.lookup(name);
    if (size < dim.min.value_or(0))
      return llvm::createStringError(llvm::formatv(
          "dimension '{0}': expected at least {1}, got {2}", name, dim.min.value_or(0), size));
    if (dim.max && size > *dim.max)
      return llvm::createStringError(
          llvm::formatv("dimension '{0}': expected at most {1}, got {2}", name, *dim.max, size));
  }
  for (const Expression &guard : plan.guards) {
    llvm::Expected<int64_t> holds = evaluate(guard, "guard '" + guard.str() + "'");
    if (!holds)
      return holds.takeError();
    if (*holds == 0)
      return llvm::createStringError("expected sizes for which '" + guard.str() +
                                     "' holds, got others");
  }
  return llvm::Error::success();
}

llvm::Expected<SizedBuffer> Sizer::size(llvm::StringRef name, DataType type,
                                        llvm::ArrayRef<Expression> shape) {
  SizedBuffer buffer;
  buffer.name = name.str();
  buffer.type = type;
  std::optional<int64_t> elements = 1;
  for (const Expression &extent : shape) {
    llvm::Expected<int64_t> size = evaluate(extent, "shape of '" + name + "'", 0);
    if (!size)
      return size.takeError();
    buffer.shape.push_back(*size);
    if (elements)
      elements = llvm::checkedMul(*elements, *size);
  }
  std::optional<int64_t> bytes;
  if (elements)
    bytes = llvm::checkedMul<int64_t>(*elements, sizeInBytes(type));
  if (!bytes)
    return llvm::createStringError("shape of '" + name + "': expected less than 2^63 bytes, got " +
                                   describeShape(buffer.shape) + " elements");
  buffer.elements = *elements;
  buffer.bytes = static_cast<uint64_t>(*bytes);
  return buffer;
}

llvm::Error Sizer::sizeBuffers(llvm::ArrayRef<std::optional<Shape>> shapes) {
  for (const auto &[i, argument] : llvm::enumerate(plan.arguments)) {
    llvm::Expected<SizedBuffer> buffer = size(argument.name, argument.type, argument.shape);
    if (!buffer)
      return buffer.takeError();
    const std::optional<Shape> &shape = shapeOf(plan, i, shapes);
    if (shape && *shape != buffer->shape)
      return shapeError(argument, *shape);
    sizes.arguments.push_back(std::move(*buffer));
  }
  for (const Plan::Temporary &temporary : plan.temporaries) {
    llvm::Expected<SizedBuffer> buffer = size(temporary.name, temporary.type, temporary.shape);
    if (!buffer)
      return buffer.takeError();
    sizes.temporaries.push_back(std::move(*buffer));
  }
  return llvm::Error::success();
}

llvm::Expected<SizedLaunch> Sizer::size(const Plan::Launch &launch) {
  SizedLaunch result;
  result.launch = &launch;
  for (unsigned axis = 0; axis != 3; ++axis) {
    if (llvm::Error error = evaluate(launch.grid[axis], "grid of '" + launch.kernel + "'", 0)
                                .moveInto(result.grid[axis]))
      return error;
    if (llvm::Error error = evaluate(launch.block[axis], "block of '" + launch.kernel + "'", 1)
                                .moveInto(result.block[axis]))
      return error;
  }
  llvm::Expected<int64_t> shared =
      evaluate(launch.dynamicSharedBytes, "dynamic_shared_bytes of '" + launch.kernel + "'", 0);
  if (!shared)
    return shared.takeError();
  result.dynamicSharedBytes = static_cast<uint64_t>(*shared);
  return result;
}

llvm::Error Sizer::sizeLaunches() {
  for (const Plan::Launch &launch : plan.launches) {
    if (launch.when) {
      llvm::Expected<int64_t> when = evaluate(*launch.when, "when of '" + launch.kernel + "'");
      if (!when)
        return when.takeError();
      if (*when == 0)
        continue;
    }
    llvm::Expected<SizedLaunch> sized = size(launch);
    if (!sized)
      return sized.takeError();
    // A grid without blocks has nothing to run, and no device takes it.
    if (llvm::is_contained(sized->grid, 0))
      continue;
    sizes.launches.push_back(*sized);
  }
  return llvm::Error::success();
}

llvm::Expected<PlanSizes>
poolc::computeSizes(const Plan &plan, llvm::ArrayRef<std::optional<Shape>> shapes, Dims dims) {
  Sizer sizer(plan, std::move(dims));
  if (llvm::Error error = sizer.checkDims())
    return error;
  if (llvm::Error error = sizer.sizeBuffers(shapes))
    return error;
  if (llvm::Error error = sizer.sizeLaunches())
    return error;
  return std::move(sizer.sizes);
}
