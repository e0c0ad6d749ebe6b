//===- PlanWriter.cpp - Writes a launch plan ------------------------------===//

#include "poolc/Plan/Plan.h"

#include "llvm/ADT/StringExtras.h"

using namespace poolc;
namespace json = llvm::json;

/// JSON is UTF-8; names and sources may be anything.
static std::string utf8(llvm::StringRef text) {
  return json::isUTF8(text) ? text.str() : json::fixUTF8(text);
}

static json::Value toValue(const Expression &expression) {
  if (std::optional<int64_t> constant = expression.constant())
    return *constant;
  return expression.str();
}

static json::Array toValue(llvm::ArrayRef<Expression> expressions) {
  json::Array array;
  for (const Expression &expression : expressions)
    array.push_back(toValue(expression));
  return array;
}

static void attributeIfSet(json::OStream &os, llvm::StringRef key, llvm::StringRef text) {
  if (!text.empty())
    os.attribute(key, utf8(text));
}

static llvm::StringRef toString(Plan::Role role) {
  switch (role) {
  case Plan::Role::input:
    return "input";
  case Plan::Role::output:
    return "output";
  case Plan::Role::inout:
    return "inout";
  }
  return "";
}

static void write(json::OStream &os, const Plan::Dim &dim) {
  os.attribute("argument", dim.argument);
  os.attribute("axis", dim.axis);
  if (dim.min)
    os.attribute("min", *dim.min);
  if (dim.max)
    os.attribute("max", *dim.max);
}

static void write(json::OStream &os, const Plan::Argument &argument) {
  os.attribute("name", utf8(argument.name));
  os.attribute("role", toString(argument.role));
  os.attribute("dtype", toString(argument.type));
  os.attribute("shape", toValue(argument.shape));
  if (argument.alignment != 0)
    os.attribute("alignment", argument.alignment);
}

static void write(json::OStream &os, const Plan::Temporary &temporary) {
  os.attribute("name", utf8(temporary.name));
  os.attribute("dtype", toString(temporary.type));
  os.attribute("shape", toValue(temporary.shape));
  os.attribute("init", temporary.init == Plan::Init::zero ? "zero" : "undefined");
}

static void write(json::OStream &os, const Plan::KernelArgument &argument) {
  if (const auto *buffer = std::get_if<Plan::BufferArgument>(&argument)) {
    os.attribute("buffer", utf8(buffer->name));
    if (buffer->offsetBytes.constant() != 0)
      os.attribute("offset_bytes", toValue(buffer->offsetBytes));
  } else if (const auto *scalar = std::get_if<Plan::ScalarArgument>(&argument)) {
    os.attribute("scalar", toString(scalar->type));
    if (const auto *number = std::get_if<double>(&scalar->value))
      os.attribute("value", *number);
    else
      os.attribute("value", toValue(std::get<Expression>(scalar->value)));
  } else if (const auto *bytes = std::get_if<Plan::BytesArgument>(&argument)) {
    os.attribute("bytes", llvm::toHex(bytes->bytes, /*LowerCase=*/true));
    os.attribute("align", bytes->alignment);
  } else {
    os.attribute("null", true);
  }
}

static void write(json::OStream &os, const Plan::Launch &launch);
static void write(json::OStream &os, const Plan::Value &value);

template <typename T>
static void writeList(json::OStream &os, llvm::StringRef key, llvm::ArrayRef<T> list) {
  os.attributeArray(key, [&] {
    for (const T &element : list)
      os.object([&] { write(os, element); });
  });
}

static void write(json::OStream &os, const Plan::Launch &launch) {
  os.attribute("kernel", utf8(launch.kernel));
  attributeIfSet(os, "op", launch.op);
  attributeIfSet(os, "location", launch.location);
  os.attribute("grid", toValue(launch.grid));
  os.attribute("block", toValue(launch.block));
  os.attribute("dynamic_shared_bytes", toValue(launch.dynamicSharedBytes));
  if (launch.when)
    os.attribute("when", toValue(*launch.when));
  if (launch.programmatic)
    os.attribute("programmatic", true);
  writeList<Plan::KernelArgument>(os, "arguments", launch.arguments);
}

static void write(json::OStream &os, const Plan::Value &value) {
  os.attribute("op", value.op);
  os.attribute("result", value.result);
  os.attribute("buffer", utf8(value.buffer));
}

static void write(json::OStream &os, const Plan &plan) {
  os.attribute("schema", plan.schema);
  attributeIfSet(os, "poolc", plan.poolc);
  attributeIfSet(os, "target", plan.target);
  attributeIfSet(os, "chip", plan.chip);
  attributeIfSet(os, "ptx_version", plan.ptxVersion);
  attributeIfSet(os, "entry", plan.entry);
  attributeIfSet(os, "source", plan.source);
  os.attributeObject("dims", [&] {
    for (const auto &[name, dim] : plan.dims)
      os.attributeObject(name, [&, &dim = dim] { write(os, dim); });
  });
  os.attribute("guards", toValue(plan.guards));
  writeList<Plan::Argument>(os, "arguments", plan.arguments);
  writeList<Plan::Temporary>(os, "temporaries", plan.temporaries);
  writeList<Plan::Launch>(os, "launches", plan.launches);
  writeList<Plan::Value>(os, "values", plan.values);
}

void Plan::print(llvm::raw_ostream &os, unsigned indent) const {
  json::OStream stream(os, indent);
  stream.object([&] { write(stream, *this); });
}

json::Value Plan::toJSON() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(os);
  return llvm::cantFail(json::parse(text));
}
