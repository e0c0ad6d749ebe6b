//===- TileOps.cpp - Operations on tiles ----------------------------------===//

#include "tile/Tile.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "mlir/Support/DebugStringHelper.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

//===----------------------------------------------------------------------===//
// Assembly of lists
//===----------------------------------------------------------------------===//

static ParseResult parseIntegers(OpAsmParser &parser, DenseI64ArrayAttr &attr) {
  SmallVector<int64_t> values;
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                     [&] { return parser.parseInteger(values.emplace_back()); }))
    return failure();
  attr = parser.getBuilder().getDenseI64ArrayAttr(values);
  return success();
}

static void printIntegers(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr attr) {
  printer << '[';
  llvm::interleaveComma(attr.asArrayRef(), printer);
  printer << ']';
}

static constexpr StringLiteral guardNames[] = {"none", "low", "high", "both"};

static ParseResult parseGuards(OpAsmParser &parser, DenseI64ArrayAttr &attr) {
  SmallVector<int64_t> values;
  auto parseOne = [&]() -> ParseResult {
    StringRef keyword;
    SMLoc loc = parser.getCurrentLocation();
    if (parser.parseKeyword(&keyword))
      return failure();
    const auto *name = llvm::find(guardNames, keyword);
    if (name == std::end(guardNames))
      return parser.emitError(loc, "expected none, low, high or both, got ") << keyword;
    values.push_back(name - std::begin(guardNames));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne))
    return failure();
  attr = parser.getBuilder().getDenseI64ArrayAttr(values);
  return success();
}

static void printGuards(OpAsmPrinter &printer, Operation *, DenseI64ArrayAttr attr) {
  printer << '[';
  llvm::interleaveComma(attr.asArrayRef(), printer,
                        [&](int64_t guard) { printer << guardNames[guard & 3]; });
  printer << ']';
}

#define GET_OP_CLASSES
#include "tile/TileOps.cpp.inc"

//===----------------------------------------------------------------------===//
// FuncOp, LaunchOp, ProgramIdOp
//===----------------------------------------------------------------------===//

/// CUDA's largest extent of a grid, which is that of its x axis.
static constexpr int64_t maxGridSize = std::numeric_limits<int32_t>::max();

void FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type,
                   int64_t numWarps, ArrayRef<int64_t> grid) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getNumWarpsAttrName(state.name), builder.getI64IntegerAttr(numWarps));
  if (!grid.empty())
    state.addAttribute(getGridAttrName(state.name), builder.getDenseI64ArrayAttr(grid));
  Block &entry = state.addRegion()->emplaceBlock();
  for (Type input : type.getInputs())
    entry.addArgument(input, state.location);
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> inputs, ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag,
                      std::string &) { return builder.getFunctionType(inputs, results); };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false, getFunctionTypeAttrName(result.name), buildType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false,
                                           getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                           getResAttrsAttrName());
}

LogicalResult FuncOp::verify() {
  if (!getFunctionType().getResults().empty())
    return emitOpError("expected no results, got ") << getFunctionType().getNumResults();
  if (isExternal())
    return emitOpError("expected a body");
  for (auto [i, type] : llvm::enumerate(getArgumentTypes()))
    if (!isGlobalMemRef(type) && !type.isIntOrIndexOrFloat())
      return emitOpError("expected argument ")
             << i << " to be a global memref or a number, got " << type;
  int64_t numWarps = getNumWarps();
  if (numWarps < 1 || numWarps > maxWarps || !llvm::isPowerOf2_64(numWarps))
    return emitOpError("expected num_warps to be a power of two from 1 to ")
           << maxWarps << ", got " << numWarps;
  if (std::optional<ArrayRef<int64_t>> grid = getGrid()) {
    if (grid->size() != 3)
      return emitOpError("expected grid with 3 sizes, got ") << grid->size();
    for (int64_t size : *grid)
      if (size < 0 || size > maxGridSize)
        return emitOpError("expected grid sizes from 0 to ") << maxGridSize << ", got " << size;
  }
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<FuncOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError("expected the name of a tile.func, got ") << getKernelAttr();
  if (kernel.getArgumentTypes().size() != getInputs().size())
    return emitOpError("expected ") << kernel.getArgumentTypes().size() << " arguments for "
                                    << getKernelAttr() << ", got " << getInputs().size();
  for (auto [i, types] :
       llvm::enumerate(llvm::zip(kernel.getArgumentTypes(), getInputs().getTypes())))
    if (std::get<0>(types) != std::get<1>(types))
      return emitOpError("expected argument ")
             << i << " of type " << std::get<0>(types) << ", got " << std::get<1>(types);
  std::optional<ArrayRef<int64_t>> grid = kernel.getGrid();
  if (!grid || grid->size() != 3)
    return success();
  for (auto [known, operand] :
       llvm::zip(*grid, std::array<Value, 3>{getGridX(), getGridY(), getGridZ()})) {
    APInt size;
    if (matchPattern(operand, m_ConstantInt(&size)) && size != known)
      return emitOpError("expected grid (")
             << *grid << "), which " << getKernelAttr() << " is made for, got size "
             << size.getSExtValue() << " for " << known;
  }
  return success();
}

void ProgramIdOp::inferResultRanges(ArrayRef<ConstantIntRanges>, SetIntRangeFn setRange) {
  int64_t blocks = maxGridSize;
  if (auto func = (*this)->getParentOfType<FuncOp>())
    if (std::optional<ArrayRef<int64_t>> grid = func.getGrid())
      blocks = std::max<int64_t>((*grid)[getAxis()], 1);
  unsigned width = IndexType::kInternalStorageBitWidth;
  setRange(getResult(), ConstantIntRanges::fromSigned(APInt(width, 0), APInt(width, blocks - 1)));
}

//===----------------------------------------------------------------------===//
// AnyOp
//===----------------------------------------------------------------------===//

LogicalResult AnyOp::verify() {
  if (getCondition().getType().getElementType().isInteger(1))
    return success();
  return emitOpError("expected a tile of i1, got ") << getCondition().getType().getElementType();
}

//===----------------------------------------------------------------------===//
// BroadcastOp, IotaOp
//===----------------------------------------------------------------------===//

static std::string describeLayout(RankedTensorType tile) {
  return tile.getEncoding() ? debugString(tile.getEncoding()) : "none";
}

LogicalResult BroadcastOp::verify() {
  RankedTensorType from = getSource().getType(), to = getResult().getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError("expected a result of ")
           << from.getElementType() << ", got " << to.getElementType();
  if (from.getRank() != to.getRank())
    return emitOpError("expected a result of rank ") << from.getRank() << ", got " << to.getRank();
  for (auto [d, sizes] : llvm::enumerate(llvm::zip(from.getShape(), to.getShape())))
    if (std::get<0>(sizes) != 1 && std::get<0>(sizes) != std::get<1>(sizes))
      return emitOpError("expected size 1 or ") << std::get<1>(sizes) << " in dimension " << d
                                                << " of the source, got " << std::get<0>(sizes);
  if (from.getEncoding() != to.getEncoding())
    return emitOpError("expected a result with the layout of the source, ")
           << describeLayout(from) << ", got " << describeLayout(to);
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getSource().getType() == getResult().getType() ? OpFoldResult(getSource()) : nullptr;
}

LogicalResult IotaOp::verify() {
  RankedTensorType type = getResult().getType();
  if (!type.getElementType().isSignlessInteger())
    return emitOpError("expected integers, got ") << type.getElementType();
  int64_t dim = getDim();
  if (dim < 0 || dim >= type.getRank())
    return emitOpError("expected dim between 0 and ") << type.getRank() - 1 << ", got " << dim;
  for (auto [d, size] : llvm::enumerate(type.getShape()))
    if (static_cast<int64_t>(d) != dim && size != 1)
      return emitOpError("expected size 1 in dimension ") << d << ", got " << size;
  return success();
}
