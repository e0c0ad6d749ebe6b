//===- Access.cpp - Boxes of global memory, thread by thread --------------===//
//
// tile.load, tile.store and tile.copy as accesses to the elements that a thread
// holds, under the conditions that keep them inside the tensor and the tile.
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// In 64 bits, as the kernel computes too.
int64_t wrappingProduct(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
int64_t wrappingSum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

/// A box of a global tensor, however the operation that accesses it is called.
struct Box {
  template <typename AccessOp>
  Box(AccessOp op, ShapedType tile, BlockedAttr layout, ValueRange start)
      : memref(op.getMemRefType()), shape(tile.getShape()), layout(layout), start(start),
        dims(op.getDims()), strides(op.getStrides()), guards(op.getGuards()),
        isNarrow(op.getCoordinateBits() == 32), vector(op.getVector()) {}

  std::optional<unsigned> getTileDim(unsigned d) const {
    return dims[d] < 0 ? std::nullopt : std::optional<unsigned>(dims[d]);
  }
  bool isGuarded(unsigned d, Guard end) const {
    return !guards || ((*guards)[d] & static_cast<int64_t>(end));
  }

  MemRefType memref;
  ArrayRef<int64_t> shape;
  BlockedAttr layout;
  ValueRange start;
  ArrayRef<int64_t> dims, strides;
  std::optional<ArrayRef<int64_t>> guards;
  bool isNarrow;
  int64_t vector;
};

/// Elements of a thread that one instruction moves: adjacent ones from
/// `position` in the thread's vector and from `indices` in its part of the
/// tile, at the constant `offset` in memory from the thread's first.
struct Piece {
  int64_t position;
  SmallVector<int64_t, 4> indices;
  int64_t offset;
  /// Whether they lie in the global tensor, and whether they are elements of
  /// the tile at all; null: surely.
  Value isInside, isElement;
};

/// Emits what is common to the elements of one access and finds the pieces.
class BoxEmitter {
public:
  /// With `once`, of the threads that hold the same element of a dimension of
  /// size 1, only the first takes it.
  BoxEmitter(const Box &box, bool once, const ThreadCoordinates &threads, ImplicitLocOpBuilder &b)
      : box(box), once(once), b(b), firstCoordinates(threads.get(box.layout)),
        conditions(box.memref.getRank() + box.shape.size()) {
    int64_t offset;
    (void)box.memref.getStridesAndOffset(elementStrides, offset);
  }

  /// The whole tensor as one dimension. Other shapes of it are only other ways
  /// to count coordinates.
  Value flatten(Value root) {
    while (isa_and_present<memref::CollapseShapeOp, memref::ExpandShapeOp>(root.getDefiningOp()))
      root = root.getDefiningOp()->getOperand(0);
    auto rootType = cast<MemRefType>(root.getType());
    auto flatType = MemRefType::get({rootType.getNumElements()}, rootType.getElementType(),
                                    MemRefLayoutAttrInterface{}, rootType.getMemorySpace());
    if (rootType == flatType)
      return root;
    return memref::ReinterpretCastOp::create(b, flatType, root, /*offset=*/0,
                                             ArrayRef<int64_t>{rootType.getNumElements()},
                                             ArrayRef<int64_t>{1});
  }

  SmallVector<Piece> getPieces() {
    SmallVector<Piece> pieces;
    int64_t position = 0;
    forEachThreadElement(box.layout, box.shape, [&](ArrayRef<int64_t> indices) {
      if (indices.back() % box.vector == 0)
        pieces.push_back(getPiece(position, indices));
      ++position;
    });
    return pieces;
  }

  /// Index of the piece in the flat tensor.
  Value getIndex(const Piece &piece) {
    if (!firstIndex)
      firstIndex = emitFirstIndex();
    if (piece.offset == 0)
      return firstIndex;
    return arith::AddIOp::create(b, firstIndex, arith::ConstantIndexOp::create(b, piece.offset));
  }

  /// Must be called before anything that asks for an index under a condition.
  void prepareIndices() { firstIndex = emitFirstIndex(); }

  Value both(Value a, Value c) {
    if (!a || !c)
      return a ? a : c;
    return arith::AndIOp::create(b, a, c);
  }

private:
  Value constant32(int64_t value) { return arith::ConstantIntOp::create(b, value, 32); }

  /// The coordinate of the thread's first element along tile dimension `t`, or
  /// null where every thread holds the same.
  Value firstCoordinate(unsigned t) { return box.shape[t] == 1 ? nullptr : firstCoordinates[t]; }

  /// Elements of memory between neighbours along the tile dimension at memref dimension `d`.
  int64_t step(unsigned d) { return wrappingProduct(box.strides[d], elementStrides[d]); }

  /// At least the distance in memory between any two elements that the threads
  /// compute an index of, or UINT64_MAX.
  uint64_t getReach() {
    uint64_t reach = 0;
    for (int64_t d = 0; d != box.memref.getRank(); ++d)
      if (std::optional<unsigned> t = box.getTileDim(d)) {
        uint64_t size = std::max(box.layout.getCoverage(*t), box.shape[*t]);
        uint64_t step = llvm::SaturatingMultiply<uint64_t>(box.strides[d], elementStrides[d]);
        reach = llvm::SaturatingMultiplyAdd(size, step, reach);
      }
    return reach;
  }

  /// Index of the thread's first element in the flat tensor.
  Value emitFirstIndex() {
    bool narrow = getReach() <= std::numeric_limits<int32_t>::max();

    // 64-bit sums may wrap where an element lies far outside of the tensor, and
    // do so harmlessly: it is not accessed, and what is comes out right again.
    Value threadPart, blockPart;
    auto accumulate = [&](Value &sum, Value value, int64_t factor, auto makeConstant) {
      auto flags = value.getType().isIndex() ? arith::IntegerOverflowFlags::none
                                             : arith::IntegerOverflowFlags::nsw;
      if (factor != 1)
        value = arith::MulIOp::create(b, value, makeConstant(factor), flags);
      sum = sum ? arith::AddIOp::create(b, sum, value, flags).getResult() : value;
    };
    auto indexConstant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, value);
    };
    for (int64_t d = 0; d != box.memref.getRank(); ++d) {
      accumulate(blockPart, box.start[d], elementStrides[d], indexConstant);
      std::optional<unsigned> t = box.getTileDim(d);
      Value coordinate = t ? firstCoordinate(*t) : nullptr;
      if (!coordinate)
        continue;
      if (narrow)
        accumulate(threadPart, coordinate, step(d), [&](int64_t v) { return constant32(v); });
      else
        accumulate(threadPart, toIndex(coordinate), step(d), indexConstant);
    }
    if (!blockPart)
      return arith::ConstantIndexOp::create(b, 0);
    if (!threadPart)
      return blockPart;
    if (narrow)
      threadPart = toIndex(threadPart);
    return arith::AddIOp::create(b, blockPart, threadPart);
  }

  /// A thread's coordinate or offset, which is never negative, as an index.
  Value toIndex(Value value) { return arith::IndexCastUIOp::create(b, b.getIndexType(), value); }

  /// Whether the thread's element `i` along memref dimension `d` lies inside
  /// the memref, or null if it surely does.
  Value insideMemRef(unsigned d, int64_t i) {
    bool low = box.isGuarded(d, Guard::low), high = box.isGuarded(d, Guard::high);
    if (!low && !high)
      return nullptr;
    Type integer = b.getIntegerType(box.isNarrow ? 32 : 64);
    auto constant = [&](int64_t value) { return arith::ConstantIntOp::create(b, integer, value); };
    auto flags =
        box.isNarrow ? arith::IntegerOverflowFlags::nsw : arith::IntegerOverflowFlags::none;
    Value coordinate = arith::IndexCastOp::create(b, integer, box.start[d]);
    if (std::optional<unsigned> t = box.getTileDim(d)) {
      int64_t stride = box.strides[d];
      if (Value first = firstCoordinate(*t)) {
        if (!box.isNarrow)
          first = arith::ExtUIOp::create(b, integer, first);
        if (stride != 1)
          first = arith::MulIOp::create(b, first, constant(stride), flags);
        coordinate = arith::AddIOp::create(b, coordinate, first, flags);
      }
      if (int64_t offset = wrappingProduct(box.layout.getElementOffset(*t, i), stride))
        coordinate = arith::AddIOp::create(b, coordinate, constant(offset), flags);
    }
    Value size = high ? constant(box.memref.getDimSize(d)).getResult() : nullptr;
    // As unsigned numbers, negative coordinates are beyond every size.
    if (low && high)
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, coordinate, size);
    if (high)
      return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, coordinate, size);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::sge, coordinate, constant(0));
  }

  /// Whether the thread's element `i` along tile dimension `t` is one of the
  /// tile, or null if it surely is.
  Value insideTile(unsigned t, int64_t i) {
    int64_t size = box.shape[t], coverage = box.layout.getCoverage(t);
    if (size % coverage == 0 || (size == 1 && !once))
      return nullptr;
    int64_t offset = box.layout.getElementOffset(t, i);
    if (offset + coverage <= size)
      return nullptr;
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, firstCoordinates[t],
                                 constant32(size - offset));
  }

  /// `compute()`, emitted once for each dimension and element along it.
  template <typename Fn> Value cached(unsigned slot, int64_t i, Fn compute) {
    auto [entry, isNew] = conditions[slot].try_emplace(i);
    if (isNew)
      entry->second = compute();
    return entry->second;
  }

  Piece getPiece(int64_t position, ArrayRef<int64_t> indices) {
    int64_t rank = box.memref.getRank();
    Piece piece{position, SmallVector<int64_t, 4>(indices), 0, nullptr, nullptr};
    for (int64_t d = 0; d != rank; ++d) {
      std::optional<unsigned> t = box.getTileDim(d);
      int64_t i = t ? indices[*t] : 0;
      if (t)
        piece.offset =
            wrappingSum(piece.offset, wrappingProduct(box.layout.getElementOffset(*t, i), step(d)));
      piece.isInside = both(piece.isInside, cached(d, i, [&] { return insideMemRef(d, i); }));
    }
    for (auto [t, i] : llvm::enumerate(indices))
      piece.isElement =
          both(piece.isElement, cached(rank + t, i, [&] { return insideTile(t, i); }));
    return piece;
  }

  Box box;
  bool once;
  ImplicitLocOpBuilder &b;
  ArrayRef<Value> firstCoordinates;
  SmallVector<int64_t> elementStrides;
  Value firstIndex;
  SmallVector<llvm::SmallDenseMap<int64_t, Value>> conditions;
};

/// Runs of pieces with the same condition.
template <typename Fn> void forEachRun(BoxEmitter &emitter, ArrayRef<Piece> pieces, Fn callback) {
  while (!pieces.empty()) {
    const Piece &first = pieces.front();
    ArrayRef<Piece> run = pieces.take_while([&](const Piece &piece) {
      return piece.isInside == first.isInside && piece.isElement == first.isElement;
    });
    callback(emitter.both(first.isInside, first.isElement), run);
    pieces = pieces.drop_front(run.size());
  }
}

int64_t alignmentInBytes(MemRefType memref, int64_t elements) {
  return memref.getElementTypeBitWidth() / 8 * elements;
}

struct LoadPattern : OpConversionPattern<LoadOp> {
  LoadPattern(const TypeConverter &converter, MLIRContext *context,
              const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(LoadOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    BlockedAttr layout = getLayout(op.getTile().getType());
    if (!layout)
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    Box box(op, op.getTile().getType(), layout, adaptor.getStart());
    BoxEmitter access(box, /*once=*/false, threads, b);
    Value flat = access.flatten(adaptor.getMemref());
    access.prepareIndices();
    SmallVector<Piece> pieces = access.getPieces();
    auto resultType = cast<VectorType>(getTypeConverter()->convertType(op.getTile().getType()));
    Type element = resultType.getElementType();
    int64_t vector = op.getVector();
    VectorType pieceType = VectorType::get(vector, element);
    int64_t alignment = alignmentInBytes(op.getMemRefType(), vector);

    SmallVector<Value> loaded;
    auto emitLoads = [&](ArrayRef<Piece> run) {
      SmallVector<Value> values;
      for (const Piece &piece : run) {
        Value index = access.getIndex(piece);
        if (vector == 1)
          values.push_back(memref::LoadOp::create(b, flat, index));
        else
          values.push_back(vector::LoadOp::create(b, pieceType, flat, index,
                                                  /*nontemporal=*/false,
                                                  llvm::MaybeAlign(alignment)));
      }
      return values;
    };
    forEachRun(access, pieces, [&](Value condition, ArrayRef<Piece> run) {
      if (!condition) {
        llvm::append_range(loaded, emitLoads(run));
        return;
      }
      Type type = vector == 1 ? element : pieceType;
      auto branch = scf::IfOp::create(b, SmallVector<Type>(run.size(), type), condition,
                                      /*addThenBlock=*/true, /*addElseBlock=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, emitLoads(run));
      b.setInsertionPointToStart(branch.elseBlock());
      Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
      scf::YieldOp::create(b, SmallVector<Value>(run.size(), zero));
      llvm::append_range(loaded, branch.getResults());
    });
    rewriter.replaceOp(op, assemble(b, resultType, pieces, loaded, vector));
    return success();
  }

private:
  static Value assemble(ImplicitLocOpBuilder &b, VectorType type, ArrayRef<Piece> pieces,
                        ArrayRef<Value> loaded, int64_t vector) {
    if (vector == 1)
      return vector::FromElementsOp::create(b, type, loaded);
    if (loaded.size() == 1)
      return loaded.front();
    Value result = arith::ConstantOp::create(b, b.getZeroAttr(type));
    for (auto [piece, value] : llvm::zip_equal(pieces, loaded))
      result = vector::InsertStridedSliceOp::create(
          b, value, result, ArrayRef<int64_t>{piece.position}, ArrayRef<int64_t>{1});
    return result;
  }

  const ThreadCoordinates &threads;
};

struct StorePattern : OpConversionPattern<StoreOp> {
  StorePattern(const TypeConverter &converter, MLIRContext *context,
               const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(StoreOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    BlockedAttr layout = getLayout(op.getTile().getType());
    if (!layout)
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    Box box(op, op.getTile().getType(), layout, adaptor.getStart());
    BoxEmitter access(box, /*once=*/true, threads, b);
    Value flat = access.flatten(adaptor.getMemref());
    access.prepareIndices();
    SmallVector<Piece> pieces = access.getPieces();
    int64_t vector = op.getVector();
    int64_t alignment = alignmentInBytes(op.getMemRefType(), vector);

    auto emitStores = [&](ArrayRef<Piece> run) {
      for (const Piece &piece : run) {
        Value index = access.getIndex(piece);
        if (vector == 1) {
          Value element = vector::ExtractOp::create(b, adaptor.getTile(), piece.position);
          memref::StoreOp::create(b, element, flat, index);
        } else {
          Value elements = vector::ExtractStridedSliceOp::create(
              b, adaptor.getTile(), ArrayRef<int64_t>{piece.position}, ArrayRef<int64_t>{vector},
              ArrayRef<int64_t>{1});
          vector::StoreOp::create(b, elements, flat, index, /*nontemporal=*/false,
                                  llvm::MaybeAlign(alignment));
        }
      }
    };
    forEachRun(access, pieces, [&](Value condition, ArrayRef<Piece> run) {
      if (!condition)
        return emitStores(run);
      auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      emitStores(run);
    });
    rewriter.eraseOp(op);
    return success();
  }

private:
  const ThreadCoordinates &threads;
};

/// tile.copy: each thread moves its part of the box, through a register or
/// asynchronously.
struct CopyPattern : OpConversionPattern<CopyOp> {
  CopyPattern(const TypeConverter &converter, MLIRContext *context,
              const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(CopyOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    std::optional<BlockedAttr> layout = op.getLayout();
    if (!layout)
      return rewriter.notifyMatchFailure(op, "a copy without a layout");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Box box(op, op.getDestination().getType(), *layout, adaptor.getStart());
    BoxEmitter access(box, /*once=*/true, threads, b);
    Value source = access.flatten(adaptor.getMemref());
    SharedView destination = getSharedView(b, op.getDestination(), rewriter);
    access.prepareIndices();
    SmallVector<Piece> pieces = access.getPieces();
    Value firstTarget = emitFirstTarget(b, destination, *layout, box.shape);

    forEachRun(access, pieces, [&](Value, ArrayRef<Piece> run) {
      OpBuilder::InsertionGuard guard(b);
      if (Value isElement = run.front().isElement)
        b.setInsertionPointToStart(
            scf::IfOp::create(b, isElement, /*withElseRegion=*/false).thenBlock());
      for (const Piece &piece : run) {
        int64_t offset = 0;
        for (auto [t, i] : llvm::enumerate(piece.indices))
          offset += layout->getElementOffset(t, i) * destination.strides[t];
        Value target =
            arith::AddIOp::create(b, firstTarget, arith::ConstantIndexOp::create(b, offset));
        if (op.getAsync())
          emitAsync(b, op, source, access.getIndex(piece), destination.flat, target,
                    piece.isInside);
        else
          emitThroughRegister(b, op, source, access.getIndex(piece), destination.flat, target,
                              piece.isInside);
      }
    });
    rewriter.eraseOp(op);
    return success();
  }

private:
  Value emitFirstTarget(ImplicitLocOpBuilder &b, const SharedView &destination, BlockedAttr layout,
                        ArrayRef<int64_t> shape) const {
    Value thread = arith::ConstantIntOp::create(b, 0, 32);
    for (auto [t, stride] : llvm::enumerate(destination.strides)) {
      if (shape[t] == 1)
        continue;
      Value part = arith::MulIOp::create(b, threads.get(layout)[t],
                                         arith::ConstantIntOp::create(b, stride, 32));
      thread = arith::AddIOp::create(b, thread, part);
    }
    return arith::AddIOp::create(b, destination.offset,
                                 arith::IndexCastUIOp::create(b, b.getIndexType(), thread));
  }

  static void emitAsync(ImplicitLocOpBuilder &b, CopyOp op, Value source, Value index, Value flat,
                        Value target, Value isInside) {
    int64_t vector = op.getVector();
    Value count;
    if (isInside)
      count = arith::SelectOp::create(b, isInside, arith::ConstantIndexOp::create(b, vector),
                                      arith::ConstantIndexOp::create(b, 0));
    bool isWhole = vector * op.getMemRefType().getElementTypeBitWidth() == 128;
    nvgpu::DeviceAsyncCopyOp::create(b, nvgpu::DeviceAsyncTokenType::get(b.getContext()), flat,
                                     target, source, index, b.getIndexAttr(vector), count,
                                     isWhole ? b.getUnitAttr() : UnitAttr());
  }

  static void emitThroughRegister(ImplicitLocOpBuilder &b, CopyOp op, Value source, Value index,
                                  Value flat, Value target, Value isInside) {
    int64_t vector = op.getVector();
    Type element = op.getMemRefType().getElementType();
    Type type = vector == 1 ? element : VectorType::get(vector, element);
    auto alignment = llvm::MaybeAlign(alignmentInBytes(op.getMemRefType(), vector));
    auto load = [&]() -> Value {
      if (vector == 1)
        return memref::LoadOp::create(b, source, index);
      return vector::LoadOp::create(b, cast<VectorType>(type), source, index,
                                    /*nontemporal=*/false, alignment);
    };
    Value loaded;
    if (!isInside) {
      loaded = load();
    } else {
      auto branch = scf::IfOp::create(b, type, isInside, /*addThenBlock=*/true,
                                      /*addElseBlock=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, load());
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, Value(arith::ConstantOp::create(b, b.getZeroAttr(type))));
      loaded = branch.getResult(0);
    }
    if (vector == 1)
      memref::StoreOp::create(b, loaded, flat, target);
    else
      vector::StoreOp::create(b, loaded, flat, target, /*nontemporal=*/false, alignment);
  }

  const ThreadCoordinates &threads;
};

} // namespace

void poolc::populateAccessPatterns(const TypeConverter &converter, const ThreadCoordinates &threads,
                                   RewritePatternSet &patterns) {
  patterns.add<CopyPattern, LoadPattern, StorePattern>(converter, patterns.getContext(), threads);
}
