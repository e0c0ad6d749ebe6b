//===- PlanParser.cpp - Reads a launch plan -------------------------------===//

#include "PlanValidation.h"
#include "poolc/Plan/Plan.h"
#include "poolc/Support/Nesting.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace poolc;
namespace json = llvm::json;

static llvm::Error errorAt(llvm::StringRef path, const llvm::Twine &what) {
  return llvm::createStringError(path.empty() ? what : path + ": " + what);
}

static llvm::StringRef describe(const json::Value &value) {
  switch (value.kind()) {
  case json::Value::Null:
    return "null";
  case json::Value::Boolean:
    return "a boolean";
  case json::Value::Number:
    return "a number";
  case json::Value::String:
    return "a string";
  case json::Value::Array:
    return "an array";
  case json::Value::Object:
    return "an object";
  }
  return "nothing";
}

static llvm::Error expected(llvm::StringRef what, const json::Value &value, llvm::StringRef path) {
  return errorAt(path, "expected " + what + ", got " + describe(value));
}

//===----------------------------------------------------------------------===//
// read(value, path, out): one overload per type of field
//===----------------------------------------------------------------------===//

static llvm::Error read(const json::Value &value, llvm::StringRef path, std::string &out) {
  std::optional<llvm::StringRef> text = value.getAsString();
  if (!text)
    return expected("a string", value, path);
  out = text->str();
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, bool &out) {
  std::optional<bool> answer = value.getAsBoolean();
  if (!answer)
    return expected("true or false", value, path);
  out = *answer;
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, int64_t &out) {
  std::optional<int64_t> number = value.getAsInteger();
  if (!number)
    return expected("an integer", value, path);
  out = *number;
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Expression &out) {
  if (std::optional<int64_t> number = value.getAsInteger()) {
    out = Expression(*number);
    return llvm::Error::success();
  }
  std::optional<llvm::StringRef> text = value.getAsString();
  if (!text)
    return expected("an integer or an expression", value, path);
  llvm::Expected<Expression> expression = Expression::parse(*text);
  if (!expression)
    return errorAt(path, "in '" + *text + "', " + llvm::toString(expression.takeError()));
  out = std::move(*expression);
  return llvm::Error::success();
}

/// A literal with a fraction stays a floating-point number.
static llvm::Error read(const json::Value &value, llvm::StringRef path,
                        std::variant<Expression, double> &out) {
  std::optional<double> number = value.getAsNumber();
  if (number && !value.getAsInteger()) {
    out = *number;
    return llvm::Error::success();
  }
  Expression expression;
  if (llvm::Error error = read(value, path, expression))
    return error;
  out = std::move(expression);
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, DataType &out) {
  std::optional<DataType> type;
  if (std::optional<llvm::StringRef> name = value.getAsString()) {
    type = parseDataType(*name);
    if (!type)
      return errorAt(path, "expected one of f64 f32 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64, got '" +
                               *name + "'");
  }
  if (!type)
    return expected("the name of an element type", value, path);
  out = *type;
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Role &out) {
  llvm::StringRef name = value.getAsString().value_or("");
  auto role = llvm::StringSwitch<std::optional<Plan::Role>>(name)
                  .Case("input", Plan::Role::input)
                  .Case("output", Plan::Role::output)
                  .Case("inout", Plan::Role::inout)
                  .Default(std::nullopt);
  if (!role)
    return errorAt(path, "expected input, output or inout");
  out = *role;
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Init &out) {
  llvm::StringRef name = value.getAsString().value_or("");
  if (name != "undefined" && name != "zero")
    return errorAt(path, "expected undefined or zero");
  out = name == "zero" ? Plan::Init::zero : Plan::Init::undefined;
  return llvm::Error::success();
}

/// Pairs of hexadecimal digits.
static llvm::Error read(const json::Value &value, llvm::StringRef path, std::vector<uint8_t> &out) {
  std::optional<llvm::StringRef> text = value.getAsString();
  std::string bytes;
  if (!text || text->size() % 2 != 0 || !llvm::tryGetFromHex(*text, bytes))
    return errorAt(path, "expected pairs of hexadecimal digits");
  out.assign(bytes.begin(), bytes.end());
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Dim &out);
static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Argument &out);
static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Temporary &out);
static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::KernelArgument &out);
static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Launch &out);
static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Value &out);

template <typename T>
static llvm::Error read(const json::Value &value, llvm::StringRef path, std::optional<T> &out) {
  return read(value, path, out.emplace());
}

template <typename T>
static llvm::Error read(const json::Value &value, llvm::StringRef path, std::vector<T> &out) {
  const json::Array *array = value.getAsArray();
  if (!array)
    return expected("an array", value, path);
  for (const auto &[i, element] : llvm::enumerate(*array))
    if (llvm::Error error =
            read(element, (path + "[" + llvm::Twine(i) + "]").str(), out.emplace_back()))
      return error;
  return llvm::Error::success();
}

/// A grid or block: up to three sizes, those left out are 1.
static llvm::Error read(const json::Value &value, llvm::StringRef path, Expression (&out)[3]) {
  std::vector<Expression> sizes;
  if (llvm::Error error = read(value, path, sizes))
    return error;
  if (sizes.empty() || sizes.size() > 3)
    return errorAt(path, "expected 1 to 3 sizes, got " + llvm::Twine(sizes.size()));
  sizes.resize(3, Expression(1));
  llvm::move(sizes, out);
  return llvm::Error::success();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path,
                        std::map<std::string, Plan::Dim> &out) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return expected("an object", value, path);
  for (const auto &[key, element] : *object)
    if (llvm::Error error = read(element, (path + "." + key.str()).str(), out[key.str()]))
      return error;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

namespace {

/// Reads the fields of one JSON object, and remembers the first error.
class ObjectReader {
public:
  ObjectReader(const json::Value &value, llvm::StringRef path)
      : object(value.getAsObject()), path(path) {
    if (!object)
      error = expected("an object", value, path);
  }

  bool has(llvm::StringRef key) const { return object && object->get(key); }

  template <typename T> ObjectReader &required(llvm::StringRef key, T &out) {
    if (!error && !has(key))
      error = errorAt(path, "expected the key '" + key + "', found none");
    return optional(key, out);
  }

  template <typename T> ObjectReader &optional(llvm::StringRef key, T &out) {
    if (!error && has(key))
      error = read(*object->get(key), path.empty() ? key.str() : (path + "." + key).str(), out);
    return *this;
  }

  llvm::Error take() { return std::move(error); }

private:
  const json::Object *object;
  llvm::StringRef path;
  llvm::Error error = llvm::Error::success();
};

} // namespace

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Dim &out) {
  return ObjectReader(value, path)
      .required("argument", out.argument)
      .required("axis", out.axis)
      .optional("min", out.min)
      .optional("max", out.max)
      .take();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Argument &out) {
  return ObjectReader(value, path)
      .required("name", out.name)
      .required("role", out.role)
      .required("dtype", out.type)
      .required("shape", out.shape)
      .optional("alignment", out.alignment)
      .take();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Temporary &out) {
  return ObjectReader(value, path)
      .required("name", out.name)
      .required("dtype", out.type)
      .required("shape", out.shape)
      .optional("init", out.init)
      .take();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::KernelArgument &out) {
  ObjectReader reader(value, path);
  if (reader.has("buffer")) {
    auto &buffer = out.emplace<Plan::BufferArgument>();
    reader.required("buffer", buffer.name).optional("offset_bytes", buffer.offsetBytes);
  } else if (reader.has("scalar")) {
    auto &scalar = out.emplace<Plan::ScalarArgument>();
    reader.required("scalar", scalar.type).required("value", scalar.value);
  } else if (reader.has("bytes")) {
    auto &bytes = out.emplace<Plan::BytesArgument>();
    reader.required("bytes", bytes.bytes).optional("align", bytes.alignment);
  } else if (reader.has("null")) {
    out.emplace<Plan::NullArgument>();
  } else if (value.getAsObject()) {
    return errorAt(path, "expected one of the keys buffer, null, scalar or bytes");
  }
  return reader.take();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Launch &out) {
  return ObjectReader(value, path)
      .required("kernel", out.kernel)
      .optional("op", out.op)
      .optional("location", out.location)
      .required("grid", out.grid)
      .required("block", out.block)
      .optional("dynamic_shared_bytes", out.dynamicSharedBytes)
      .optional("when", out.when)
      .optional("programmatic", out.programmatic)
      .required("arguments", out.arguments)
      .take();
}

static llvm::Error read(const json::Value &value, llvm::StringRef path, Plan::Value &out) {
  return ObjectReader(value, path)
      .required("op", out.op)
      .optional("result", out.result)
      .required("buffer", out.buffer)
      .take();
}

/// "[1:2, byte=3]: Expected ..." -> "line 1, column 2: invalid JSON: expected ...".
static llvm::Error syntaxError(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  llvm::StringRef place, what;
  std::tie(place, what) = llvm::StringRef(message).split("]: ");
  auto [line, column] = place.split(", ").first.drop_front().split(':');
  std::string reason = what.rtrim('.').str();
  if (!reason.empty())
    reason[0] = llvm::toLower(reason[0]);
  return llvm::createStringError("line " + line + ", column " + column +
                                 ": invalid JSON: " + reason);
}

llvm::Expected<Plan> Plan::parse(llvm::StringRef text) {
  if (text.trim().empty())
    return llvm::createStringError("expected a JSON object, got nothing");
  if (std::optional<size_t> offset = findNestingBeyond(text, maxNesting))
    return llvm::createStringError("line " + llvm::Twine(text.take_front(*offset).count('\n') + 1) +
                                   ": expected at most " + llvm::Twine(maxNesting) +
                                   " levels of brackets, got more");
  llvm::Expected<json::Value> value = json::parse(text);
  if (!value)
    return syntaxError(value.takeError());

  Plan plan;
  // The version first: the other keys of an unknown schema mean nothing.
  if (llvm::Error error = ObjectReader(*value, "").required("schema", plan.schema).take())
    return error;
  if (plan.schema != 1)
    return errorAt("schema", "expected 1, got " + llvm::Twine(plan.schema));
  llvm::Error error = ObjectReader(*value, "")
                          .optional("poolc", plan.poolc)
                          .optional("target", plan.target)
                          .optional("chip", plan.chip)
                          .optional("ptx_version", plan.ptxVersion)
                          .optional("entry", plan.entry)
                          .optional("source", plan.source)
                          .optional("dims", plan.dims)
                          .optional("guards", plan.guards)
                          .required("arguments", plan.arguments)
                          .optional("temporaries", plan.temporaries)
                          .required("launches", plan.launches)
                          .optional("values", plan.values)
                          .take();
  if (error)
    return error;
  if (llvm::Error error = validate(plan))
    return error;
  return plan;
}
