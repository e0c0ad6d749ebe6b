//===- LaunchPlan.cpp - The plan that host code amounts to ----------------===//

#include "poolc/CodeGen/LaunchPlan.h"

#include "HostDims.h"
#include "poolc/CodeGen/KernelAttributes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"

#include <set>

using namespace mlir;
using poolc::Expression;
using poolc::Plan;

FailureOr<func::FuncOp> poolc::findHostFunction(ModuleOp module) {
  func::FuncOp host;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    if (host)
      return function.emitOpError("expected one function with a body in the module, got '")
             << host.getName() << "' and '" << function.getName() << "'";
    host = function;
  }
  return host;
}

static std::optional<poolc::DataType> dataTypeOf(Type type) {
  using poolc::DataType;
  if (type.isF64())
    return DataType::f64;
  if (type.isF32())
    return DataType::f32;
  if (type.isF16())
    return DataType::f16;
  if (type.isBF16())
    return DataType::bf16;
  // Kernels take an index as 64 bits.
  if (type.isIndex())
    return DataType::i64;
  if (!type.isInteger())
    return std::nullopt;
  return poolc::parseDataType((type.isUnsignedInteger() ? "u" : "i") +
                              std::to_string(type.getIntOrFloatBitWidth()));
}

std::string poolc::spellLocation(Location location) {
  std::string text;
  location->walk([&](Location part) {
    auto place = dyn_cast<FileLineColLoc>(part);
    if (!place)
      return WalkResult::advance();
    text = place.getFilename().str() + ":" + std::to_string(place.getLine()) + ":" +
           std::to_string(place.getColumn());
    return WalkResult::interrupt();
  });
  return text;
}

namespace {
class PlanBuilder {
public:
  explicit PlanBuilder(func::FuncOp host) : host(host), sizes(host) {}

  FailureOr<Plan> build();

private:
  LogicalResult addArgument(BlockArgument argument);
  LogicalResult addTemporary(memref::AllocOp alloc);
  LogicalResult addCast(memref::ReinterpretCastOp cast);
  LogicalResult addLaunch(gpu::LaunchFuncOp launch);
  LogicalResult addKernelArgument(Value operand, gpu::LaunchFuncOp launch, Plan::Launch &entry);
  LogicalResult addValue(gpu::LaunchFuncOp launch);
  /// Raises the required alignment of the launch's buffers to what the kernel
  /// relies on.
  void requireAlignment(gpu::LaunchFuncOp launch);

  /// Fills element type and sizes of a buffer.
  LogicalResult describe(Value buffer, poolc::DataType &type, std::vector<Expression> &shape);
  std::optional<Expression> launchCondition(const Plan::Launch &launch) const;
  LogicalResult setNumbers(ValueRange values, Expression (&numbers)[3]);

  func::FuncOp host;
  poolc::HostDims sizes;
  Plan plan;
  llvm::DenseMap<Value, std::string> names;
};
} // namespace

LogicalResult PlanBuilder::describe(Value buffer, poolc::DataType &type,
                                    std::vector<Expression> &shape) {
  auto memref = dyn_cast<MemRefType>(buffer.getType());
  std::optional<poolc::DataType> element =
      memref ? dataTypeOf(memref.getElementType()) : std::nullopt;
  if (!element || !memref.getLayout().isIdentity())
    return emitError(buffer.getLoc())
           << "expected a contiguous buffer of numbers, got " << buffer.getType();
  type = *element;
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  for (int64_t axis = 0; axis != memref.getRank(); ++axis) {
    FailureOr<Expression> size = Expression(memref.getDimSize(axis));
    if (memref.isDynamicDim(axis))
      size = alloc ? sizes.toExpression(cast<Value>(alloc.getMixedSizes()[axis]))
                   : sizes.getSize(cast<BlockArgument>(buffer), axis);
    if (failed(size))
      return failure();
    shape.push_back(*size);
  }
  return success();
}

/// Kernels know nothing of shapes that they are not told of: the buffer itself.
LogicalResult PlanBuilder::addCast(memref::ReinterpretCastOp cast) {
  auto name = names.find(cast.getSource());
  if (name == names.end() || !isConstantIntValue(cast.getMixedOffsets().front(), 0))
    return cast.emitOpError("cannot be part of a launch plan; expected a cast of an argument or an "
                            "allocation with offset 0");
  std::string buffer = name->second;
  names[cast] = buffer;
  return success();
}

LogicalResult PlanBuilder::addArgument(BlockArgument argument) {
  unsigned index = argument.getArgNumber();
  Plan::Argument entry;
  auto name = host.getArgAttrOfType<StringAttr>(index, "nn.name");
  entry.name = name ? name.str() : "arg" + std::to_string(index);

  auto role = host.getArgAttrOfType<StringAttr>(index, "nn.role");
  entry.role = role && role == "output" ? Plan::Role::output : Plan::Role::input;

  if (failed(describe(argument, entry.type, entry.shape)))
    return failure();
  names[argument] = entry.name;
  plan.arguments.push_back(std::move(entry));
  return success();
}

LogicalResult PlanBuilder::addTemporary(memref::AllocOp alloc) {
  Plan::Temporary entry;
  auto name = alloc->getAttrOfType<StringAttr>("nn.name");
  entry.name = name ? name.str() : "t" + std::to_string(plan.temporaries.size());
  if (failed(describe(alloc, entry.type, entry.shape)))
    return failure();
  names[alloc] = entry.name;
  plan.temporaries.push_back(std::move(entry));
  return success();
}

LogicalResult PlanBuilder::setNumbers(ValueRange values, Expression (&numbers)[3]) {
  for (auto [value, number] : llvm::zip_equal(values, numbers)) {
    FailureOr<Expression> expression = sizes.toExpression(value);
    if (failed(expression))
      return failure();
    number = *expression;
  }
  return success();
}

/// Absent where the launch is always to be done: the driver refuses empty grids.
std::optional<Expression> PlanBuilder::launchCondition(const Plan::Launch &launch) const {
  if (llvm::any_of(launch.grid, [](const Expression &size) { return size.constant() == 0; }))
    return Expression(0);
  std::set<std::string> conditions;
  for (const Expression &size : launch.grid)
    size.forEachName([&](StringRef name) {
      if (sizes.dims.find(name.str())->second.min < 1)
        conditions.insert((name + " > 0").str());
    });
  if (conditions.empty())
    return std::nullopt;
  std::string all = "(" + llvm::join(conditions, ") * (") + ")";
  return llvm::cantFail(Expression::parse(all));
}

LogicalResult PlanBuilder::addKernelArgument(Value operand, gpu::LaunchFuncOp launch,
                                             Plan::Launch &entry) {
  if (auto name = names.find(operand); name != names.end()) {
    entry.arguments.push_back(Plan::BufferArgument{name->second, Expression(0)});
    return success();
  }
  std::optional<poolc::DataType> type = dataTypeOf(operand.getType());
  if (!type)
    return launch.emitOpError("expected kernel operands to be arguments and allocations of the "
                              "host function or numbers, got ")
           << operand.getType();
  APFloat number(0.0);
  if (matchPattern(operand, m_ConstantFloat(&number))) {
    entry.arguments.push_back(Plan::ScalarArgument{*type, number.convertToDouble()});
    return success();
  }
  FailureOr<Expression> expression = sizes.toExpression(operand);
  if (failed(expression))
    return failure();
  entry.arguments.push_back(Plan::ScalarArgument{*type, *expression});
  return success();
}

/// `nn.index` and `nn.result`: which op's result is in which buffer afterwards.
LogicalResult PlanBuilder::addValue(gpu::LaunchFuncOp launch) {
  auto index = launch->getAttrOfType<IntegerAttr>("nn.index");
  auto result = launch->getAttrOfType<StringAttr>("nn.result");
  if (!index || !result)
    return success();
  if (!llvm::is_contained(llvm::make_second_range(names), result.str()))
    return launch.emitOpError("expected nn.result to name a buffer, got ") << result;
  plan.values.push_back({index.getInt(), /*result=*/0, result.str()});
  return success();
}

void PlanBuilder::requireAlignment(gpu::LaunchFuncOp launch) {
  auto kernel =
      SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(launch, launch.getKernelAttr());
  if (!kernel)
    return;
  for (auto [index, operand] : llvm::enumerate(launch.getKernelOperands())) {
    auto alignment = kernel.getArgAttrOfType<IntegerAttr>(index, "llvm.align");
    if (auto cast = operand.getDefiningOp<memref::ReinterpretCastOp>())
      operand = cast.getSource();
    auto argument = dyn_cast<BlockArgument>(operand);
    if (!alignment || !argument)
      continue;
    int64_t &required = plan.arguments[argument.getArgNumber()].alignment;
    required = std::max(required, alignment.getInt());
  }
}

LogicalResult PlanBuilder::addLaunch(gpu::LaunchFuncOp launch) {
  Plan::Launch entry;
  entry.kernel = launch.getKernelName().str();
  if (auto op = launch->getAttrOfType<StringAttr>("nn.op"))
    entry.op = op.str();
  entry.location = poolc::spellLocation(launch.getLoc());

  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
  if (failed(setNumbers({grid.x, grid.y, grid.z}, entry.grid)) ||
      failed(setNumbers({block.x, block.y, block.z}, entry.block)))
    return failure();
  if (Value shared = launch.getDynamicSharedMemorySize()) {
    FailureOr<Expression> bytes = sizes.toExpression(shared);
    if (failed(bytes))
      return failure();
    entry.dynamicSharedBytes = *bytes;
  }
  entry.when = launchCondition(entry);
  entry.programmatic = launch->hasAttr(poolc::programmaticLaunchAttr);
  for (Value operand : launch.getKernelOperands())
    if (failed(addKernelArgument(operand, launch, entry)))
      return failure();
  requireAlignment(launch);
  plan.launches.push_back(std::move(entry));
  return addValue(launch);
}

FailureOr<Plan> PlanBuilder::build() {
  plan.entry = host.getName().str();
  if (auto source = host->getParentOfType<ModuleOp>()->getAttrOfType<StringAttr>("nn.source"))
    plan.source = source.str();
  if (failed(sizes.analyse()))
    return failure();
  plan.dims = sizes.dims;
  plan.guards = sizes.guards;
  for (BlockArgument argument : host.getArguments())
    if (failed(addArgument(argument)))
      return failure();
  for (Operation &op : host.getBody().front()) {
    LogicalResult result = success();
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      result = addTemporary(alloc);
    else if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
      result = addLaunch(launch);
    else if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op))
      result = addCast(cast);
    else if (!isa<arith::ArithDialect>(op.getDialect()) &&
             !isa<func::ReturnOp, memref::DeallocOp, memref::DimOp, cf::AssertOp>(op))
      result = op.emitOpError("cannot be part of a launch plan");
    if (failed(result))
      return failure();
  }
  return std::move(plan);
}

FailureOr<Plan> poolc::buildLaunchPlan(func::FuncOp host) { return PlanBuilder(host).build(); }
