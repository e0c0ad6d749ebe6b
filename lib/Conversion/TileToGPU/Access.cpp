//===- Access.cpp - Boxes of global memory, thread by thread --------------===//
//
// tile.load and tile.store as loads and stores of the elements that a thread
// holds, under the conditions that keep them inside the tensor and the tile.
//
//===----------------------------------------------------------------------===//

#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Elements of a thread that one instruction moves: `count` adjacent ones from
/// `position` in the thread's vector, at the constant `offset` from the
/// thread's first, if `condition` holds (null: always).
struct Piece {
  int64_t position;
  int64_t offset;
  Value condition;
};

/// Emits what is common to the elements of one access and finds the pieces.
template <typename AccessOp> class AccessEmitter {
public:
  AccessEmitter(AccessOp op, Value root, ValueRange start, const ThreadCoordinates &threads,
                ImplicitLocOpBuilder &b)
      : op(op), start(start), b(b), type(op.getTile().getType()), layout(getLayout(type)),
        firstCoordinates(threads.get(layout)), memref(op.getMemRefType()),
        conditions(memref.getRank() + type.getRank()) {
    SmallVector<int64_t> strides;
    int64_t offset;
    (void)memref.getStridesAndOffset(strides, offset);
    elementStrides = strides;
    flat = flatten(root);
    firstIndex = emitFirstIndex();
    findPieces();
  }

  ArrayRef<Piece> getPieces() const { return pieces; }
  Value getFlat() const { return flat; }

  Value getIndex(const Piece &piece) {
    if (piece.offset == 0)
      return firstIndex;
    return arith::AddIOp::create(b, firstIndex, arith::ConstantIndexOp::create(b, piece.offset));
  }

private:
  static constexpr bool isStore = std::is_same_v<AccessOp, StoreOp>;

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

  Value constant32(int64_t value) { return arith::ConstantIntOp::create(b, value, 32); }

  /// The coordinate of the thread's first element along tile dimension `t`, or
  /// null where every thread holds the same.
  Value firstCoordinate(unsigned t) {
    return type.getDimSize(t) == 1 ? nullptr : firstCoordinates[t];
  }

  /// Elements of memory between neighbours along the tile dimension at memref dimension `d`.
  int64_t step(unsigned d) { return op.getStrides()[d] * elementStrides[d]; }

  /// Index of the thread's first element in the flat tensor.
  Value emitFirstIndex() {
    int64_t reach = 0;
    for (int64_t d = 0; d != memref.getRank(); ++d)
      if (std::optional<unsigned> t = op.getTileDim(d))
        reach += std::max(layout.getCoverage(*t), type.getDimSize(*t)) * step(d);
    bool narrow = reach <= std::numeric_limits<int32_t>::max();

    Value threadPart, blockPart;
    auto accumulate = [&](Value &sum, Value value, int64_t factor, auto makeConstant) {
      auto flags = arith::IntegerOverflowFlags::nsw;
      if (factor != 1)
        value = arith::MulIOp::create(b, value, makeConstant(factor), flags);
      sum = sum ? arith::AddIOp::create(b, sum, value, flags).getResult() : value;
    };
    auto indexConstant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, value);
    };
    for (int64_t d = 0; d != memref.getRank(); ++d) {
      accumulate(blockPart, start[d], elementStrides[d], indexConstant);
      std::optional<unsigned> t = op.getTileDim(d);
      Value coordinate = t ? firstCoordinate(*t) : nullptr;
      if (!coordinate)
        continue;
      if (narrow)
        accumulate(threadPart, coordinate, step(d), [&](int64_t v) { return constant32(v); });
      else
        accumulate(threadPart, toIndex(coordinate), step(d), indexConstant);
    }
    if (!threadPart)
      return blockPart;
    if (narrow)
      threadPart = toIndex(threadPart);
    return arith::AddIOp::create(b, blockPart, threadPart);
  }

  /// A thread's coordinate or offset, which is never negative, as an index.
  Value toIndex(Value value) { return arith::IndexCastUIOp::create(b, b.getIndexType(), value); }

  Value both(Value a, Value c) {
    if (!a || !c)
      return a ? a : c;
    return arith::AndIOp::create(b, a, c);
  }

  /// Whether the thread's element `i` along memref dimension `d` lies inside
  /// the memref, or null if it surely does.
  Value insideMemRef(unsigned d, int64_t i) {
    bool low = op.isGuarded(d, Guard::low), high = op.isGuarded(d, Guard::high);
    if (!low && !high)
      return nullptr;
    bool narrow = op.getCoordinateBits() == 32;
    Type integer = b.getIntegerType(narrow ? 32 : 64);
    auto constant = [&](int64_t value) {
      return arith::ConstantIntOp::create(b, value, narrow ? 32 : 64);
    };
    auto flags = arith::IntegerOverflowFlags::nsw;
    Value coordinate = arith::IndexCastOp::create(b, integer, start[d]);
    if (std::optional<unsigned> t = op.getTileDim(d)) {
      int64_t stride = op.getStrides()[d];
      if (Value first = firstCoordinate(*t)) {
        if (!narrow)
          first = arith::ExtUIOp::create(b, integer, first);
        if (stride != 1)
          first = arith::MulIOp::create(b, first, constant(stride), flags);
        coordinate = arith::AddIOp::create(b, coordinate, first, flags);
      }
      if (int64_t offset = layout.getElementOffset(*t, i) * stride)
        coordinate = arith::AddIOp::create(b, coordinate, constant(offset), flags);
    }
    Value size = high ? constant(memref.getDimSize(d)).getResult() : nullptr;
    // As unsigned numbers, negative coordinates are beyond every size.
    if (low && high)
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, coordinate, size);
    if (high)
      return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, coordinate, size);
    return arith::CmpIOp::create(b, arith::CmpIPredicate::sge, coordinate, constant(0));
  }

  /// Whether the thread's element `i` along tile dimension `t` is one of the
  /// tile, or null if it surely is. Of the threads that hold the same element
  /// of a dimension of size 1, all may load it and the first stores it.
  Value insideTile(unsigned t, int64_t i) {
    int64_t size = type.getDimSize(t), coverage = layout.getCoverage(t);
    if (size % coverage == 0 || (size == 1 && !isStore))
      return nullptr;
    Value coordinate = firstCoordinates[t];
    int64_t offset = layout.getElementOffset(t, i);
    if (offset + coverage <= size)
      return nullptr;
    return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, coordinate,
                                 constant32(size - offset));
  }

  /// `compute()`, emitted once for each dimension and element along it.
  template <typename Fn> Value cached(unsigned slot, int64_t i, Fn compute) {
    auto [entry, isNew] = conditions[slot].try_emplace(i);
    if (isNew)
      entry->second = compute();
    return entry->second;
  }

  void findPieces() {
    int64_t rank = memref.getRank(), vector = op.getVector(), position = 0;
    forEachThreadElement(layout, type.getShape(), [&](ArrayRef<int64_t> indices) {
      int64_t current = position++;
      if (indices.back() % vector != 0)
        return;
      Piece piece{current, 0, nullptr};
      for (int64_t d = 0; d != rank; ++d) {
        std::optional<unsigned> t = op.getTileDim(d);
        int64_t i = t ? indices[*t] : 0;
        if (t)
          piece.offset += layout.getElementOffset(*t, i) * step(d);
        piece.condition = both(piece.condition, cached(d, i, [&] { return insideMemRef(d, i); }));
      }
      for (int64_t t = 0; t != type.getRank(); ++t)
        piece.condition = both(piece.condition, cached(rank + t, indices[t],
                                                       [&] { return insideTile(t, indices[t]); }));
      pieces.push_back(piece);
    });
  }

  AccessOp op;
  ValueRange start;
  ImplicitLocOpBuilder &b;
  RankedTensorType type;
  BlockedAttr layout;
  ArrayRef<Value> firstCoordinates;
  MemRefType memref;
  SmallVector<int64_t> elementStrides;
  Value flat, firstIndex;
  SmallVector<llvm::SmallDenseMap<int64_t, Value>> conditions;
  SmallVector<Piece> pieces;
};

/// Runs of pieces with the same condition.
template <typename Fn> void forEachRun(ArrayRef<Piece> pieces, Fn callback) {
  while (!pieces.empty()) {
    Value condition = pieces.front().condition;
    ArrayRef<Piece> run =
        pieces.take_while([&](const Piece &piece) { return piece.condition == condition; });
    callback(condition, run);
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
    AccessEmitter<LoadOp> access(op, adaptor.getMemref(), adaptor.getStart(), threads, b);
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
          values.push_back(memref::LoadOp::create(b, access.getFlat(), index));
        else
          values.push_back(vector::LoadOp::create(b, pieceType, access.getFlat(), index,
                                                  /*nontemporal=*/false,
                                                  llvm::MaybeAlign(alignment)));
      }
      return values;
    };
    forEachRun(access.getPieces(), [&](Value condition, ArrayRef<Piece> run) {
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
    rewriter.replaceOp(op, assemble(b, resultType, access.getPieces(), loaded, vector));
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
    AccessEmitter<StoreOp> access(op, adaptor.getMemref(), adaptor.getStart(), threads, b);
    int64_t vector = op.getVector();
    int64_t alignment = alignmentInBytes(op.getMemRefType(), vector);

    auto emitStores = [&](ArrayRef<Piece> run) {
      for (const Piece &piece : run) {
        Value index = access.getIndex(piece);
        if (vector == 1) {
          Value element = vector::ExtractOp::create(b, adaptor.getTile(), piece.position);
          memref::StoreOp::create(b, element, access.getFlat(), index);
        } else {
          Value elements = vector::ExtractStridedSliceOp::create(
              b, adaptor.getTile(), ArrayRef<int64_t>{piece.position}, ArrayRef<int64_t>{vector},
              ArrayRef<int64_t>{1});
          vector::StoreOp::create(b, elements, access.getFlat(), index, /*nontemporal=*/false,
                                  llvm::MaybeAlign(alignment));
        }
      }
    };
    forEachRun(access.getPieces(), [&](Value condition, ArrayRef<Piece> run) {
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

} // namespace

void poolc::populateAccessPatterns(const TypeConverter &converter, const ThreadCoordinates &threads,
                                   RewritePatternSet &patterns) {
  patterns.add<LoadPattern, StorePattern>(converter, patterns.getContext(), threads);
}
