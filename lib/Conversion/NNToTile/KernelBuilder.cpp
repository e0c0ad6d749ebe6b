//===- KernelBuilder.cpp - What an op's lowering writes with --------------===//

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <limits>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

KernelBuilder::KernelBuilder(Location loc, FuncOp func, TileGrid tileGrid, KernelSizes kernelSizes,
                             HostSizes &host)
    : ImplicitLocOpBuilder(loc, func.getContext()), func(func), grid(std::move(tileGrid)),
      sizes(std::move(kernelSizes)), host(host) {
  setInsertionPointToStart(&func.getBody().front());
  findTiles();
}

/// x = a + tiles(a) * (b + tiles(b) * c)  ->  a, b, c
void KernelBuilder::findTiles() {
  for (auto [d, axes] : llvm::enumerate(grid.dims)) {
    if (axes.empty())
      continue;
    Value rest = ProgramIdOp::create(*this, d);
    for (const TileGrid::Axis &axis : axes) {
      if (&axis == &axes.back()) {
        tiles[axis.letter] = rest;
        break;
      }
      Size number = sizes.tiles.lookup(axis.letter);
      if (number.isStatic()) {
        Value count = index(std::max<int64_t>(number.max, 1));
        tiles[axis.letter] = arith::RemUIOp::create(*this, rest, count);
        rest = arith::DivUIOp::create(*this, rest, count);
        continue;
      }
      // By a number that is no constant, a GPU divides far faster in 32 bits,
      // which hold any index of a block.
      Value count = arith::IndexCastOp::create(*this, getI32Type(), getArgument(number));
      Value rest32 = arith::IndexCastOp::create(*this, getI32Type(), rest);
      Value tile = arith::RemUIOp::create(*this, rest32, count);
      tiles[axis.letter] = arith::IndexCastUIOp::create(*this, getIndexType(), tile);
      rest = arith::IndexCastUIOp::create(*this, getIndexType(),
                                          arith::DivUIOp::create(*this, rest32, count));
    }
  }
}

Value KernelBuilder::getTile(char letter) { return tiles.lookup(letter); }

Value KernelBuilder::getTileStart(char letter) {
  return mulAdd(getTile(letter), grid.axis(letter).block, 0);
}

//===----------------------------------------------------------------------===//
// Tensors and their sizes
//===----------------------------------------------------------------------===//

/// Whether two values of the host are computed in the same way.
static bool isSame(Value a, Value b) {
  Operation *x = a.getDefiningOp(), *y = b.getDefiningOp();
  return a == b || (x && y && x->getName() == y->getName() &&
                    x->getAttrDictionary() == y->getAttrDictionary() &&
                    llvm::equal(x->getOperands(), y->getOperands(), isSame));
}

Value KernelBuilder::getArgument(const Size &wanted) {
  // The host may have it be less.
  const Size &size = isOutermost(wanted) ? sizes.outermostExtent : wanted;
  if (size.isStatic())
    return index(size.max);
  for (const auto &[known, value] : sizeArguments)
    if (isSame(known.value, size.value))
      return value;
  bool isNarrow = size.max <= std::numeric_limits<int32_t>::max();
  Value argument = func.getBody().addArgument(getIntegerType(isNarrow ? 32 : 64), getLoc());
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(&func.getBody().front());
  Value value = SizeOp::create(*this, getIndexType(), argument, size.max, size.factor);
  sizeArguments.emplace_back(size, value);
  return value;
}

Value KernelBuilder::getTensor(unsigned i) {
  Value argument = func.getBody().getArgument(i);
  if (llvm::all_of(sizes.memrefs[i], [](const Size &size) { return size.isStatic(); }) &&
      cast<MemRefType>(argument.getType()).hasStaticShape())
    return argument;
  Value &tensor = tensors[i];
  if (!tensor)
    tensor = view(argument, sizes.memrefs[i]);
  return tensor;
}

SmallVector<Size> KernelBuilder::getShape(Value memref) {
  if (auto known = shapes.find(memref); known != shapes.end())
    return known->second;
  return llvm::map_to_vector(cast<MemRefType>(memref.getType()).getShape(),
                             [](int64_t size) { return Size(size); });
}

Value KernelBuilder::getSize(Value memref, unsigned d, int64_t addend) {
  Size size = getShape(memref)[d];
  return size.isStatic() ? index(size.max + addend) : mulAdd(getArgument(size), 1, addend);
}

bool KernelBuilder::isOutermost(const Size &size) {
  const Size &extent = sizes.outermostExtent;
  return !size.isStatic() && !extent.isStatic() && isSame(size.value, extent.value);
}

std::optional<std::pair<unsigned, TileGrid::Axis>> KernelBuilder::getOutermostAxis() {
  for (auto [d, axes] : llvm::enumerate(grid.dims))
    for (const TileGrid::Axis &axis : axes)
      if (axis.letter == sizes.outermostAxis)
        return std::pair<unsigned, TileGrid::Axis>(d, axis);
  return std::nullopt;
}

std::optional<int64_t> KernelBuilder::getOutermostBound(const Size &size) {
  auto outermost = getOutermostAxis();
  if (!outermost || !isOutermost(size))
    return std::nullopt;
  auto [d, axis] = *outermost;
  if (sizes.outermostExtent.factor % axis.block != 0)
    return std::nullopt;
  return llvm::SaturatingMultiply<uint64_t>(
      std::min((*func.getGrid())[d], sizes.tiles.lookup(axis.letter).max), axis.block);
}

Value KernelBuilder::isTileWhole() {
  auto outermost = getOutermostAxis();
  const Size &extent = sizes.outermostExtent;
  if (wholeTile || !outermost || extent.isStatic())
    return wholeTile;
  const TileGrid::Axis &axis = outermost->second;
  if (extent.factor % axis.block == 0)
    return nullptr;
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointAfterValue(getTile(axis.letter));
  Value holds = arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, getTile(axis.letter),
                                      getArgument(host.wholeTiles(extent, axis.block)));
  // Most blocks are: they get a body of their own (llvm-split-expected).
  wholeTile = LLVM::ExpectOp::create(*this, holds, arith::ConstantIntOp::create(*this, 1, 1));
  return wholeTile;
}

std::pair<MemRefType, SmallVector<Value>> KernelBuilder::describeView(Value memref,
                                                                      ArrayRef<Size> shape) {
  SmallVector<int64_t> staticShape;
  SmallVector<Value> dynamicSizes;
  for (auto [d, size] : llvm::enumerate(shape)) {
    std::optional<int64_t> bound = d == 0 ? getOutermostBound(size) : std::nullopt;
    if (size.isStatic() || bound) {
      staticShape.push_back(size.isStatic() ? size.max : *bound);
      continue;
    }
    staticShape.push_back(ShapedType::kDynamic);
    dynamicSizes.push_back(getArgument(size));
  }
  auto type = cast<MemRefType>(memref.getType());
  return {getGlobalMemRef(type.cloneWith(staticShape, type.getElementType())), dynamicSizes};
}

Value KernelBuilder::view(Value memref, ArrayRef<Size> shape) {
  auto [type, dynamicSizes] = describeView(memref, shape);
  bool isGuarded = type.getRank() != 0 && type.isDynamicDim(0) && isOutermost(shape.front());
  Value tensor =
      ReshapeOp::create(*this, type, memref, dynamicSizes, isGuarded ? isTileWhole() : Value());
  shapes[tensor] = llvm::to_vector(shape);
  return tensor;
}

/// Views of a view are views of what it is one of.
static Value getRoot(Value memref) {
  auto view = memref.getDefiningOp<ReshapeOp>();
  return view ? view.getSource() : memref;
}

Value KernelBuilder::merge(Value memref, ArrayRef<ReassociationIndices> groups) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<Size> shape = getShape(memref), merged;
  for (const ReassociationIndices &group : groups)
    merged.push_back(host.product(llvm::map_to_vector(group, [&](int64_t d) { return shape[d]; })));
  if (shapes.contains(memref))
    return view(getRoot(memref), merged);
  auto staticShape = llvm::map_to_vector(merged, [](const Size &size) { return size.max; });
  MemRefType result = getGlobalMemRef(type.cloneWith(staticShape, type.getElementType()));
  return memref::CollapseShapeOp::create(*this, result, memref, groups);
}

Value KernelBuilder::split(Value memref, ArrayRef<int64_t> shape,
                           ArrayRef<ReassociationIndices> groups) {
  if (shapes.contains(memref)) {
    SmallVector<Size> parts(shape.begin(), shape.end());
    for (auto [size, group] : llvm::zip(getShape(memref), groups))
      if (group.size() == 1)
        parts[group.front()] = size;
    return view(getRoot(memref), parts);
  }
  auto type = cast<MemRefType>(memref.getType());
  MemRefType result = getGlobalMemRef(type.cloneWith(shape, type.getElementType()));
  return memref::ExpandShapeOp::create(*this, result, memref, groups);
}

Value KernelBuilder::flatten(Value memref) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  if (rank == 0)
    return split(memref, /*shape=*/{1}, /*groups=*/{});
  auto all = llvm::to_vector<2>(llvm::seq<int64_t>(rank));
  return rank == 1 ? memref : merge(memref, ReassociationIndices(all));
}

Value KernelBuilder::windows(Value memref, Value counted, unsigned d, int64_t apart,
                             ArrayRef<int64_t> window) {
  SmallVector<Size> shape = getShape(memref);
  unsigned dim = shape.size() - 1;
  Value length = getSize(memref, dim);
  shape.back() = getShape(counted)[d];
  shape.append(window.begin(), window.end());
  auto [type, dynamicSizes] = describeView(memref, shape);
  return WindowsOp::create(*this, type, getRoot(memref), length, dynamicSizes, dim, apart);
}

SmallVector<Size> KernelBuilder::finish() {
  ReturnOp::create(*this);
  dropUnused();
  func.setFunctionType(getFunctionType(func.getBody().getArgumentTypes(), {}));
  return llvm::map_to_vector(sizeArguments, [](const auto &argument) { return argument.first; });
}

/// Drops views that others took the place of, and sizes that only they named.
void KernelBuilder::dropUnused() {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(func.getBody().front())))
    if (isa<ReshapeOp, LLVM::ExpectOp, arith::CmpIOp>(op) && op.use_empty())
      op.erase();
  llvm::erase_if(sizeArguments, [&](const auto &argument) {
    auto size = argument.second.template getDefiningOp<SizeOp>();
    if (!size->use_empty())
      return false;
    unsigned index = cast<BlockArgument>(size.getValue()).getArgNumber();
    size->erase();
    func.getBody().eraseArgument(index);
    return true;
  });
}

//===----------------------------------------------------------------------===//
// Idioms
//===----------------------------------------------------------------------===//

Value KernelBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value KernelBuilder::mulAdd(Value a, int64_t factor, int64_t addend) {
  if (factor != 1)
    a = arith::MulIOp::create(*this, a, index(factor));
  return addend == 0 ? a : add(a, index(addend));
}

Value KernelBuilder::add(Value a, Value b) { return arith::AddIOp::create(*this, a, b); }

Value KernelBuilder::splat(RankedTensorType type, double value) {
  Attribute scalar = getFloatAttr(type.getElementType(), value);
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, scalar));
}

Value KernelBuilder::splatInteger(RankedTensorType type, int64_t value) {
  Attribute scalar = getIntegerAttr(type.getElementType(), value);
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, scalar));
}

Value KernelBuilder::splatIndex(RankedTensorType type, Value value) {
  SmallVector<int64_t> ones(type.getRank(), 1);
  Value one = IotaOp::create(*this, type.cloneWith(ones, type.getElementType()), value,
                             /*dim=*/0, /*step=*/0);
  return broadcast(one, type.getShape());
}

Value KernelBuilder::splatSize(RankedTensorType type, Value memref, unsigned d, int64_t addend) {
  Size size = getShape(memref)[d];
  return size.isStatic() ? splatInteger(type, size.max + addend)
                         : splatIndex(type, getSize(memref, d, addend));
}

static RankedTensorType withElementType(Value tile, Type elementType) {
  auto type = cast<RankedTensorType>(tile.getType());
  return RankedTensorType::get(type.getShape(), elementType, type.getEncoding());
}

Value KernelBuilder::extend(Value tile) {
  RankedTensorType type = withElementType(tile, getF32Type());
  return type == tile.getType() ? tile : arith::ExtFOp::create(*this, type, tile).getResult();
}

Value KernelBuilder::truncate(Value tile, Type elementType) {
  RankedTensorType type = withElementType(tile, elementType);
  return type == tile.getType() ? tile : arith::TruncFOp::create(*this, type, tile).getResult();
}

Value KernelBuilder::roundToTF32(Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  auto integers = cast<RankedTensorType>(type.cloneWith(std::nullopt, getI32Type()));
  constexpr int64_t halfUnit = 0x1000, unitMask = -0x2000;
  Value bits = arith::BitcastOp::create(*this, integers, tile);
  Value up = arith::AddIOp::create(*this, bits, splatInteger(integers, halfUnit));
  Value cut = arith::AndIOp::create(*this, up, splatInteger(integers, unitMask));
  Value rounded = arith::BitcastOp::create(*this, type, cut);
  // A NaN with all bits set would become a zero, one with the low bits set an infinity.
  Value isNaN = arith::CmpFOp::create(*this, arith::CmpFPredicate::UNO, tile, tile);
  Value nan = splat(type, std::numeric_limits<double>::quiet_NaN());
  return arith::SelectOp::create(*this, isNaN, nan, rounded);
}

Value KernelBuilder::broadcast(Value tile, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (type.getShape() == shape)
    return tile;
  return BroadcastOp::create(*this, type.cloneWith(shape, type.getElementType()), tile);
}

Value KernelBuilder::loop(int64_t count, Value init,
                          function_ref<Value(Value index, Value carried)> body) {
  if (count == 1)
    return body(index(0), init);
  auto loop = scf::ForOp::create(*this, index(0), index(count), index(1), init);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  scf::YieldOp::create(*this, body(loop.getInductionVar(), loop.getRegionIterArg(0)));
  return loop.getResult(0);
}

Value KernelBuilder::keepRolled(Value value) {
  if (auto loop = value.getDefiningOp<scf::ForOp>()) {
    auto unroll = LLVM::LoopUnrollAttr::get(getContext(), /*disable=*/getBoolAttr(true), {}, {}, {},
                                            {}, {}, {});
    loop->setAttr("loop_annotation",
                  LLVM::LoopAnnotationAttr::get(getContext(), {}, {}, {}, unroll, {}, {}, {}, {},
                                                {}, {}, {}, {}, {}, {}, {}));
  }
  return value;
}
