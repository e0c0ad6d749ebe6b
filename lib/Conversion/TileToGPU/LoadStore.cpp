//===- LoadStore.cpp - tile.load and tile.store, thread by thread ---------===//

#include "Box.h"
#include "SharedMemory.h"
#include "StagedStore.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// The memory that an access goes to, as elements in a row, where `access` is
/// made ready to count.
template <typename AccessOp>
static Value prepareAccess(BoxEmitter &access, AccessOp op, Value memref, ImplicitLocOpBuilder &b,
                           ConversionPatternRewriter &rewriter) {
  if (isGlobalMemRef(op.getMemRefType())) {
    Value flat = access.flatten(memref);
    access.prepareIndices();
    return flat;
  }
  SharedView view = getSharedView(b, op.getMemref(), rewriter);
  access.prepareIndices(view.offset);
  return view.flat;
}

namespace {

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
    Value flat = prepareAccess(access, op, adaptor.getMemref(), b, rewriter);
    SmallVector<Piece> pieces = access.getPieces();
    auto resultType = cast<VectorType>(getTypeConverter()->convertType(op.getTile().getType()));
    Type element = resultType.getElementType();
    int64_t vector = op.getVector();
    VectorType pieceType = VectorType::get(vector, element);
    llvm::MaybeAlign alignment = accessAlignment(op.getMemRefType(), vector);
    bool isGlobal = isGlobalMemRef(op.getMemRefType());

    auto emitAll = [&](ArrayRef<Piece> run) {
      SmallVector<Value> values;
      for (const Piece &piece : run) {
        Value index = access.getIndex(piece);
        if (vector == 1) {
          values.push_back(memref::LoadOp::create(b, flat, index));
          continue;
        }
        Value group =
            vector::LoadOp::create(b, pieceType, flat, index, /*nontemporal=*/false, alignment);
        // Of a group of which not all elements are used, LLVM would load parts, for which
        // neighbours' groups lie too close in banks; it takes none out of what is frozen.
        values.push_back(isGlobal ? group : LLVM::FreezeOp::create(b, group));
      }
      return values;
    };
    // What `emit` loads of `run` where the condition holds, and else zeros.
    auto emitIf = [&](Value condition, ArrayRef<Piece> run, auto emit) -> SmallVector<Value> {
      if (!condition)
        return emit(run);
      Type type = vector == 1 ? element : pieceType;
      auto branch = scf::IfOp::create(b, SmallVector<Type>(run.size(), type), condition,
                                      /*addThenBlock=*/true, /*addElseBlock=*/true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, emit(run));
      b.setInsertionPointToStart(branch.elseBlock());
      Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
      scf::YieldOp::create(b, SmallVector<Value>(run.size(), zero));
      return SmallVector<Value>(branch.getResults());
    };
    auto emitBeforeEnd = [&](ArrayRef<Piece> run) {
      SmallVector<Value> values;
      forEachEnd(run, [&](Value condition, ArrayRef<Piece> part) {
        llvm::append_range(values, emitIf(condition, part, emitAll));
      });
      return values;
    };
    SmallVector<Value> loaded;
    forEachRun(access, pieces, [&](Value condition, ArrayRef<Piece> run) {
      llvm::append_range(loaded, emitIf(condition, run, emitBeforeEnd));
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
    SmallVector<Value> elements(type.getNumElements());
    for (auto [piece, value] : llvm::zip_equal(pieces, loaded))
      for (int64_t i = 0; i != vector; ++i)
        elements[piece.position + i] = vector::ExtractOp::create(b, value, i);
    return vector::FromElementsOp::create(b, type, elements);
  }

  const ThreadCoordinates &threads;
};

struct StorePattern : OpConversionPattern<StoreOp> {
  StorePattern(const TypeConverter &converter, MLIRContext *context,
               const ThreadCoordinates &threads, const SharedLayout &shared)
      : OpConversionPattern(converter, context), threads(threads), shared(shared) {}

  LogicalResult matchAndRewrite(StoreOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    BlockedAttr layout = getLayout(op.getTile().getType());
    if (!layout)
      return rewriter.notifyMatchFailure(op, "a tile without a layout");
    Box box(op, op.getTile().getType(), layout, adaptor.getStart());
    BoxEmitter access(box, /*once=*/true, threads, b);
    // Other threads that read follow the writes of all.
    bool mayDivide = shared.getStoringThreads() == 0;
    if (op.getMap()) {
      emitBoxesStore(op, adaptor.getTile(), access.flatten(adaptor.getMemref()), adaptor.getMap(),
                     adaptor.getStart(), shared, threads, b);
      rewriter.eraseOp(op);
      return success();
    }
    if (int64_t rows = getStagedRows(op, shared.getStoreBytes(), mayDivide)) {
      emitStagedStore(op, adaptor.getTile(), access.flatten(adaptor.getMemref()),
                      adaptor.getStart(), rows, shared, threads, b);
      rewriter.eraseOp(op);
      return success();
    }
    Value flat = prepareAccess(access, op, adaptor.getMemref(), b, rewriter);
    SmallVector<Piece> pieces = access.getPieces();
    int64_t vector = op.getVector();
    llvm::MaybeAlign alignment = accessAlignment(op.getMemRefType(), vector);

    // Taken out of the vector before any branch: LLVM would merge the branches' ends, and
    // then ask for an element by a number that it does not know, from local memory.
    SmallVector<Value> values = llvm::map_to_vector(pieces, [&](const Piece &piece) {
      return getElements(b, adaptor.getTile(), piece.position, vector);
    });
    auto emitAll = [&](ArrayRef<Piece> run) {
      for (const Piece &piece : run) {
        Value index = access.getIndex(piece), value = values[&piece - pieces.data()];
        if (vector == 1)
          memref::StoreOp::create(b, value, flat, index);
        else
          vector::StoreOp::create(b, value, flat, index, /*nontemporal=*/false, alignment);
      }
    };
    auto emitIf = [&](Value condition, ArrayRef<Piece> run, auto emit) {
      if (!condition)
        return emit(run);
      auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      emit(run);
    };
    forEachRun(access, pieces, [&](Value condition, ArrayRef<Piece> run) {
      emitIf(condition, run, [&](ArrayRef<Piece> run) {
        forEachEnd(
            run, [&](Value condition, ArrayRef<Piece> part) { emitIf(condition, part, emitAll); });
      });
    });
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// `count` elements from `position` on, as a vector if there are several.
  static Value getElements(ImplicitLocOpBuilder &b, Value tile, int64_t position, int64_t count) {
    if (count == 1)
      return vector::ExtractOp::create(b, tile, position);
    auto positions = llvm::to_vector(llvm::seq<int64_t>(position, position + count));
    return vector::ShuffleOp::create(b, tile, tile, positions);
  }

  const ThreadCoordinates &threads;
  const SharedLayout &shared;
};

} // namespace

void poolc::populateLoadStorePatterns(const TypeConverter &converter,
                                      const ThreadCoordinates &threads, const SharedLayout &shared,
                                      RewritePatternSet &patterns) {
  patterns.add<LoadPattern>(converter, patterns.getContext(), threads);
  patterns.add<StorePattern>(converter, patterns.getContext(), threads, shared);
}
