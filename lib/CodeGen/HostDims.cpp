//===- HostDims.cpp - The dimensions that host code depends on ------------===//

#include "HostDims.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace poolc;

/// The argument and axis that `value` is the size of.
std::optional<HostDims::Key> HostDims::getKey(Value value) {
  auto dim = value.getDefiningOp<memref::DimOp>();
  auto argument = dim ? dyn_cast<BlockArgument>(dim.getSource()) : BlockArgument();
  std::optional<int64_t> axis = dim ? dim.getConstantIndex() : std::nullopt;
  if (!argument || !axis || *axis < 0 || *axis >= cast<MemRefType>(argument.getType()).getRank())
    return std::nullopt;
  return Key(argument.getArgNumber(), *axis);
}

bool HostDims::dependsOn(Value value, Key key, llvm::SmallPtrSetImpl<Value> &seen) const {
  if (!seen.insert(value).second)
    return false;
  if (std::optional<Key> own = getKey(value)) {
    if (own == key)
      return true;
    auto tied = ties.find(*own);
    return tied != ties.end() && dependsOn(tied->second, key, seen);
  }
  Operation *op = value.getDefiningOp();
  return op && llvm::any_of(op->getOperands(),
                            [&](Value operand) { return dependsOn(operand, key, seen); });
}

/// Whether `size` is that of an argument, which from now on is `other`.
bool HostDims::tie(Value size, Value other) {
  std::optional<Key> key = getKey(size);
  llvm::SmallPtrSet<Value, 8> seen;
  if (!key || ties.count(*key) || dependsOn(other, *key, seen))
    return false;
  ties[*key] = other;
  return true;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

std::string HostDims::chooseName(Key key) const {
  auto [argument, axis] = key;
  for (Operation *user : host.getArgument(argument).getUsers())
    if (auto dim = dyn_cast<memref::DimOp>(user); dim && getKey(dim) == key)
      if (auto name = dim->getAttrOfType<StringAttr>("nn.name"))
        return name.str();
  auto name = host.getArgAttrOfType<StringAttr>(argument, "nn.name");
  return (name ? name.str() : "arg" + std::to_string(argument)) + "_" + std::to_string(axis);
}

/// Each size of an argument that nothing is said of is a dimension of the plan.
LogicalResult HostDims::nameDims() {
  for (BlockArgument argument : host.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type)
      continue;
    for (int64_t axis = 0; axis != type.getRank(); ++axis) {
      Key key(argument.getArgNumber(), axis);
      if (!type.isDynamicDim(axis) || ties.count(key))
        continue;
      auto role = host.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "nn.role");
      if (role && role == "output")
        return host.emitOpError("expected host code to say what the size of dimension ")
               << axis << " of argument " << argument.getArgNumber() << " is, got " << type;
      std::string wanted = chooseName(key), name = wanted;
      for (unsigned i = 2; dims.count(name); ++i)
        name = wanted + "_" + std::to_string(i);
      dims[name] = {argument.getArgNumber(), axis, /*min=*/0, std::nullopt};
      names[key] = name;
    }
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Requirements
//===----------------------------------------------------------------------===//

/// Whether the condition is one on a single dimension and now part of its range.
bool HostDims::narrowRange(Value condition) {
  auto compare = condition.getDefiningOp<arith::CmpIOp>();
  APInt limit;
  std::optional<Key> key = compare ? getKey(compare.getLhs()) : std::nullopt;
  while (key && ties.count(*key))
    key = getKey(ties[*key]);
  if (!key || !names.count(*key) || !matchPattern(compare.getRhs(), m_ConstantInt(&limit)))
    return false;
  Plan::Dim &dim = dims[names[*key]];
  int64_t value = limit.getSExtValue();
  switch (compare.getPredicate()) {
  case arith::CmpIPredicate::sge:
    dim.min = std::max(dim.min.value_or(value), value);
    return true;
  case arith::CmpIPredicate::sle:
    dim.max = std::min(dim.max.value_or(value), value);
    return true;
  default:
    return false;
  }
}

LogicalResult HostDims::require(cf::AssertOp assertion) {
  if (narrowRange(assertion.getArg()))
    return success();
  FailureOr<Expression> guard = toExpression(assertion.getArg());
  if (failed(guard))
    return failure();
  std::optional<int64_t> known = guard->constant();
  if (known == 0)
    return emitError(assertion.getLoc()) << assertion.getMsg() << ", which no size is";
  auto isSame = [&](const Expression &other) { return other.str() == guard->str(); };
  if (!known && llvm::none_of(guards, isSame))
    guards.push_back(*guard);
  return success();
}

LogicalResult HostDims::analyse() {
  if (!host.getBody().hasOneBlock())
    return host.emitOpError("expected one block without control flow");
  SmallVector<cf::AssertOp> assertions;
  for (auto assertion : host.getBody().front().getOps<cf::AssertOp>()) {
    auto equal = assertion.getArg().getDefiningOp<arith::CmpIOp>();
    if (equal && equal.getPredicate() == arith::CmpIPredicate::eq &&
        (tie(equal.getLhs(), equal.getRhs()) || tie(equal.getRhs(), equal.getLhs())))
      continue;
    assertions.push_back(assertion);
  }
  if (failed(nameDims()))
    return failure();
  for (cf::AssertOp assertion : assertions)
    if (failed(require(assertion)))
      return failure();
  for (const auto &[name, dim] : dims)
    if (dim.max && *dim.min > *dim.max)
      return host.emitOpError("expected a size that dimension ")
             << name << " can have, got at least " << *dim.min << " and at most " << *dim.max;
  return success();
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

FailureOr<std::string> HostDims::spellSize(Key key, Location loc) const {
  if (auto tied = ties.find(key); tied != ties.end())
    return spell(tied->second);
  if (auto name = names.find(key); name != names.end())
    return name->second;
  auto type = cast<MemRefType>(host.getArgument(key.first).getType());
  if (!type.isDynamicDim(key.second))
    return std::to_string(type.getDimSize(key.second));
  return emitError(loc) << "cannot be part of a launch plan: the size of dimension " << key.second
                        << " of argument " << key.first << " depends on itself";
}

/// The size of a buffer that the host function allocates, or of an argument.
FailureOr<std::string> HostDims::spellDim(memref::DimOp dim) const {
  if (std::optional<Key> key = getKey(dim))
    return spellSize(*key, dim.getLoc());
  auto alloc = dim.getSource().getDefiningOp<memref::AllocOp>();
  std::optional<int64_t> axis = dim.getConstantIndex();
  if (!alloc || !axis || *axis < 0 || *axis >= alloc.getType().getRank())
    return dim.emitOpError("cannot be part of a launch plan; expected the size of an argument or "
                           "of an allocation");
  OpFoldResult size = alloc.getMixedSizes()[*axis];
  if (auto value = dyn_cast<Value>(size))
    return spell(value);
  return std::to_string(*getConstantIntValue(size));
}

FailureOr<Expression> HostDims::getSize(BlockArgument argument, unsigned axis) const {
  FailureOr<std::string> text = spellSize(Key(argument.getArgNumber(), axis), argument.getLoc());
  if (failed(text))
    return failure();
  llvm::Expected<Expression> expression = Expression::parse(*text);
  if (!expression)
    return emitError(argument.getLoc())
           << "cannot be part of a launch plan: " << llvm::toString(expression.takeError());
  return *expression;
}

FailureOr<Expression> HostDims::toExpression(Value value) const {
  FailureOr<std::string> text = spell(value);
  if (failed(text))
    return failure();
  llvm::Expected<Expression> expression = Expression::parse(*text);
  bool usesDims = false;
  if (expression)
    expression->forEachName([&](StringRef) { usesDims = true; });
  if (expression && usesDims)
    return *expression;
  llvm::Expected<int64_t> number =
      expression ? expression->evaluate({}) : llvm::Expected<int64_t>(expression.takeError());
  if (!number)
    return emitError(value.getLoc())
           << "cannot be part of a launch plan: " << llvm::toString(number.takeError());
  return Expression(*number);
}
