//===- PlanValidation.cpp - What must hold between a plan's parts ---------===//

#include "PlanValidation.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace poolc;

namespace {

class Validator {
public:
  explicit Validator(const Plan &plan) : plan(plan) {}

  /// The first fault's message, or nothing.
  std::string run();

private:
  void checkDims();
  void checkBuffers();
  void checkLaunch(const Plan::Launch &launch, const llvm::Twine &path);
  void checkKernelArgument(const Plan::KernelArgument &argument, const llvm::Twine &path);
  void checkScalar(const Plan::ScalarArgument &scalar, const llvm::Twine &path);
  void checkValues();

  void defineBuffer(llvm::StringRef name, const llvm::Twine &path);
  void checkShape(llvm::ArrayRef<Expression> shape, const llvm::Twine &path);
  void checkAlignment(int64_t alignment, const llvm::Twine &path);
  /// The names are dims, and the value, if it is known, is at least `minimum`.
  void checkExpression(const Expression &expression, const llvm::Twine &path,
                       int64_t minimum = std::numeric_limits<int64_t>::min());

  void fail(const llvm::Twine &path, const llvm::Twine &what) {
    if (message.empty())
      message = (path + ": " + what).str();
  }

  const Plan &plan;
  llvm::StringSet<> buffers;
  std::string message;
};

} // namespace

void Validator::checkExpression(const Expression &expression, const llvm::Twine &path,
                                int64_t minimum) {
  bool usesDims = false;
  expression.forEachName([&](llvm::StringRef name) {
    usesDims = true;
    if (!plan.dims.count(name.str()))
      fail(path, "expected a dimension of dims, got '" + name + "'");
  });
  if (usesDims)
    return;
  llvm::Expected<int64_t> value = expression.evaluate({});
  if (!value)
    fail(path, llvm::toString(value.takeError()));
  else if (*value < minimum)
    fail(path, "expected at least " + llvm::Twine(minimum) + ", got " + llvm::Twine(*value));
}

void Validator::checkShape(llvm::ArrayRef<Expression> shape, const llvm::Twine &path) {
  for (const auto &[axis, size] : llvm::enumerate(shape))
    checkExpression(size, path + ".shape[" + llvm::Twine(axis) + "]", 0);
}

void Validator::checkAlignment(int64_t alignment, const llvm::Twine &path) {
  if (alignment < 0 || !llvm::isPowerOf2_64(alignment))
    fail(path, "expected a power of two, got " + llvm::Twine(alignment));
}

void Validator::defineBuffer(llvm::StringRef name, const llvm::Twine &path) {
  if (name.empty())
    fail(path + ".name", "expected a name, got nothing");
  else if (!buffers.insert(name).second)
    fail(path + ".name", "expected a name of its own, got '" + name + "' again");
}

static bool isIdentifier(llvm::StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; }) && name != "min" &&
         name != "max" && name != "ceildiv";
}

void Validator::checkDims() {
  for (const auto &[name, dim] : plan.dims) {
    std::string path = "dims." + name;
    if (!isIdentifier(name))
      fail(path, "expected a name of letters, digits and '_'");
    if (dim.argument < 0 || dim.argument >= static_cast<int64_t>(plan.arguments.size())) {
      fail(path + ".argument", "expected the index of one of " +
                                   llvm::Twine(plan.arguments.size()) + " arguments, got " +
                                   llvm::Twine(dim.argument));
      continue;
    }
    const Plan::Argument &argument = plan.arguments[dim.argument];
    if (argument.role == Plan::Role::output)
      fail(path + ".argument", "expected an input, got the output '" + argument.name + "'");
    if (dim.axis < 0 || dim.axis >= static_cast<int64_t>(argument.shape.size()))
      fail(path + ".axis", "expected one of the " + llvm::Twine(argument.shape.size()) +
                               " axes of '" + argument.name + "', got " + llvm::Twine(dim.axis));
    else if (argument.shape[dim.axis].str() != name)
      fail(path, "expected the axis that it names to have this size, got '" +
                     argument.shape[dim.axis].str() + "'");
    if (dim.min && dim.max && *dim.min > *dim.max)
      fail(path,
           "expected min <= max, got " + llvm::Twine(*dim.min) + " and " + llvm::Twine(*dim.max));
  }
}

void Validator::checkBuffers() {
  for (const auto &[i, argument] : llvm::enumerate(plan.arguments)) {
    std::string path = ("arguments[" + llvm::Twine(i) + "]").str();
    defineBuffer(argument.name, path);
    checkShape(argument.shape, path);
    if (argument.alignment != 0)
      checkAlignment(argument.alignment, path + ".alignment");
  }
  for (const auto &[i, temporary] : llvm::enumerate(plan.temporaries)) {
    std::string path = ("temporaries[" + llvm::Twine(i) + "]").str();
    defineBuffer(temporary.name, path);
    checkShape(temporary.shape, path);
  }
}

void Validator::checkScalar(const Plan::ScalarArgument &scalar, const llvm::Twine &path) {
  const auto *expression = std::get_if<Expression>(&scalar.value);
  if (!expression) {
    if (!isFloat(scalar.type))
      fail(path, "expected an integer for type " + toString(scalar.type));
    return;
  }
  checkExpression(*expression, path);
  std::optional<int64_t> value = expression->constant();
  if (value && !isFloat(scalar.type) && !holdsInteger(scalar.type, *value))
    fail(path,
         "expected a value of type " + toString(scalar.type) + ", got " + llvm::Twine(*value));
}

void Validator::checkKernelArgument(const Plan::KernelArgument &argument, const llvm::Twine &path) {
  if (const auto *buffer = std::get_if<Plan::BufferArgument>(&argument)) {
    if (!buffers.contains(buffer->name))
      fail(path + ".buffer",
           "expected the name of an argument or a temporary, got '" + buffer->name + "'");
    checkExpression(buffer->offsetBytes, path + ".offset_bytes", 0);
  } else if (const auto *scalar = std::get_if<Plan::ScalarArgument>(&argument)) {
    checkScalar(*scalar, path + ".value");
  } else if (const auto *bytes = std::get_if<Plan::BytesArgument>(&argument)) {
    checkAlignment(bytes->alignment, path + ".align");
  }
}

void Validator::checkLaunch(const Plan::Launch &launch, const llvm::Twine &path) {
  if (launch.kernel.empty())
    fail(path + ".kernel", "expected a name, got nothing");
  for (unsigned axis = 0; axis != 3; ++axis) {
    checkExpression(launch.grid[axis], path + ".grid[" + llvm::Twine(axis) + "]", 0);
    checkExpression(launch.block[axis], path + ".block[" + llvm::Twine(axis) + "]", 1);
  }
  checkExpression(launch.dynamicSharedBytes, path + ".dynamic_shared_bytes", 0);
  if (launch.when)
    checkExpression(*launch.when, path + ".when");
  for (const auto &[i, argument] : llvm::enumerate(launch.arguments))
    checkKernelArgument(argument, path + ".arguments[" + llvm::Twine(i) + "]");
}

void Validator::checkValues() {
  for (const auto &[i, value] : llvm::enumerate(plan.values)) {
    std::string path = ("values[" + llvm::Twine(i) + "]").str();
    if (value.op < 0 || value.result < 0)
      fail(path, "expected indices of 0 or more");
    if (!buffers.contains(value.buffer))
      fail(path + ".buffer",
           "expected the name of an argument or a temporary, got '" + value.buffer + "'");
  }
}

std::string Validator::run() {
  checkDims();
  checkBuffers();
  for (const auto &[i, guard] : llvm::enumerate(plan.guards))
    checkExpression(guard, "guards[" + llvm::Twine(i) + "]");
  for (const auto &[i, launch] : llvm::enumerate(plan.launches))
    checkLaunch(launch, "launches[" + llvm::Twine(i) + "]");
  checkValues();
  return std::move(message);
}

llvm::Error poolc::validate(const Plan &plan) {
  std::string message = Validator(plan).run();
  if (message.empty())
    return llvm::Error::success();
  return llvm::createStringError(message);
}
