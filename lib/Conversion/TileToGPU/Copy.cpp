//===- Copy.cpp - tile.copy, thread by thread -----------------------------===//

#include "Box.h"
#include "Dot.h"
#include "SharedMemory.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

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
    box.endShift = adaptor.getEndShift();
    BoxEmitter access(box, /*once=*/true, threads, b);
    Value source = access.flatten(adaptor.getMemref());
    SharedView destination = getSharedView(b, op.getDestination(), rewriter);
    access.prepareIndices();
    SmallVector<Piece> pieces = access.getPieces();
    Value thread = emitThreadTarget(b, destination, *layout, box.shape);

    forEachRun(access, pieces, [&](Value, ArrayRef<Piece> run) {
      OpBuilder::InsertionGuard guard(b);
      if (Value isElement = run.front().isElement)
        b.setInsertionPointToStart(
            scf::IfOp::create(b, isElement, /*withElseRegion=*/false).thenBlock());
      for (const Piece &piece : run) {
        int64_t offset = 0;
        for (auto [t, i] : llvm::enumerate(piece.indices))
          offset += layout->getElementOffset(t, i) * destination.strides[t];
        Value target = emitTarget(b, op, destination, thread, offset);
        if (box.skewed)
          target = arith::AndIOp::create(b, target, arith::ConstantIndexOp::create(b, -box.vector));
        if (op.getAsync())
          emitAsync(b, op, source, access.getIndex(piece), destination.flat, target, piece);
        else
          emitThroughRegister(b, op, source, access.getIndex(piece), destination.flat, target,
                              piece.isInside);
      }
    });
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// The thread's first element of the destination, of 32 bits.
  Value emitThreadTarget(ImplicitLocOpBuilder &b, const SharedView &destination, BlockedAttr layout,
                         ArrayRef<int64_t> shape) const {
    Value thread = arith::ConstantIntOp::create(b, 0, 32);
    for (auto [t, stride] : llvm::enumerate(destination.strides)) {
      if (shape[t] == 1)
        continue;
      Value part = arith::MulIOp::create(b, threads.get(layout)[t],
                                         arith::ConstantIntOp::create(b, stride, 32));
      thread = arith::AddIOp::create(b, thread, part);
    }
    return thread;
  }

  /// The element `offset` further in the view.
  static Value emitTarget(ImplicitLocOpBuilder &b, CopyOp op, const SharedView &destination,
                          Value thread, int64_t offset) {
    if (op.getSwizzled()) {
      IntegerBuilder i{b};
      constexpr int64_t groups = 8, rowsTogether = 8;
      int64_t inGroup = op.getVector(), ofRow = groups * inGroup;
      // Rows that are so many apart are swizzled alike.
      int64_t near = offset % (rowsTogether * ofRow);
      offset -= near;
      thread = i.add(thread, i.constant(near));
      Value row = i.bitAnd(i.shiftRight(thread, llvm::Log2_64(ofRow)), rowsTogether - 1);
      thread = arith::XOrIOp::create(b, thread, i.mul(row, inGroup));
    }
    Value first = arith::AddIOp::create(b, destination.offset,
                                        arith::IndexCastUIOp::create(b, b.getIndexType(), thread));
    return arith::AddIOp::create(b, first, arith::ConstantIndexOp::create(b, offset));
  }

  static void emitAsync(ImplicitLocOpBuilder &b, CopyOp op, Value source, Value index, Value flat,
                        Value target, const Piece &piece) {
    int64_t vector = op.getVector();
    Value count = piece.count;
    if (piece.isInside)
      count = arith::SelectOp::create(
          b, piece.isInside, count ? count : arith::ConstantIndexOp::create(b, vector).getResult(),
          arith::ConstantIndexOp::create(b, 0));
    // Only of 16 bytes there is a way around the L1.
    bool passesL1 =
        vector * op.getMemRefType().getElementTypeBitWidth() == 128 && !op->hasAttr("tile.by_l1");
    nvgpu::DeviceAsyncCopyOp::create(b, nvgpu::DeviceAsyncTokenType::get(b.getContext()), flat,
                                     target, source, index, b.getIndexAttr(vector), count,
                                     passesL1 ? b.getUnitAttr() : UnitAttr());
  }

  static void emitThroughRegister(ImplicitLocOpBuilder &b, CopyOp op, Value source, Value index,
                                  Value flat, Value target, Value isInside) {
    int64_t vector = op.getVector();
    Type element = op.getMemRefType().getElementType();
    Type type = vector == 1 ? element : VectorType::get(vector, element);
    llvm::MaybeAlign alignment = accessAlignment(op.getMemRefType(), vector);
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

void poolc::populateCopyPatterns(const TypeConverter &converter, const ThreadCoordinates &threads,
                                 RewritePatternSet &patterns) {
  patterns.add<CopyPattern>(converter, patterns.getContext(), threads);
}
