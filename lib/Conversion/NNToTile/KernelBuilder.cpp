//===- KernelBuilder.cpp - What an op's lowering writes with --------------===//

#include "KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

KernelBuilder::KernelBuilder(Location loc, FuncOp func, TileGrid tileGrid)
    : ImplicitLocOpBuilder(loc, func.getContext()), func(func), grid(std::move(tileGrid)) {
  setInsertionPointToStart(&func.getBody().front());
  for (auto [d, axes] : llvm::enumerate(grid.dims)) {
    if (axes.empty())
      continue;
    Value rest = ProgramIdOp::create(*this, d);
    for (const TileGrid::Axis &axis : axes) {
      if (&axis == &axes.back()) {
        tiles[axis.letter] = rest;
        break;
      }
      Value count = index(std::max<int64_t>(axis.tiles, 1));
      tiles[axis.letter] = arith::RemUIOp::create(*this, rest, count);
      rest = arith::DivUIOp::create(*this, rest, count);
    }
  }
}

Value KernelBuilder::getTile(char letter) { return tiles.lookup(letter); }

Value KernelBuilder::getTileStart(char letter) {
  return mulAdd(getTile(letter), grid.axis(letter).block, 0);
}

Value KernelBuilder::merge(Value memref, ArrayRef<ReassociationIndices> groups) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<int64_t> shape;
  for (const ReassociationIndices &group : groups) {
    shape.push_back(1);
    for (int64_t d : group)
      shape.back() *= type.getDimSize(d);
  }
  MemRefType result = getGlobalMemRef(type.cloneWith(shape, type.getElementType()));
  return memref::CollapseShapeOp::create(*this, result, memref, groups);
}

Value KernelBuilder::split(Value memref, ArrayRef<int64_t> shape,
                           ArrayRef<ReassociationIndices> groups) {
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
