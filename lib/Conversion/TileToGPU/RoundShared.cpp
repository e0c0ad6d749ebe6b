//===- RoundShared.cpp - Shared memory rounded to TF32 --------------------===//

#include "SharedMemory.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// tile.round: groups of 16 bytes go to the threads in turn. All of a thread's are loaded before
/// it stores one, as nothing else has them.
struct RoundPattern : OpConversionPattern<RoundOp> {
  RoundPattern(const TypeConverter &converter, MLIRContext *context, const SharedLayout &shared)
      : OpConversionPattern(converter, context), shared(shared) {}

  LogicalResult matchAndRewrite(RoundOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SharedView view = getSharedView(b, op.getMemref(), rewriter);
    constexpr int64_t inGroup = 4;
    int64_t groups = op.getMemref().getType().getNumElements() / inGroup;
    int64_t threads = shared.getNumThreads(), rest = groups % threads;
    Value thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
    Value first = arith::AddIOp::create(
        b, view.offset,
        arith::MulIOp::create(b, thread, arith::ConstantIndexOp::create(b, inGroup)));
    SmallVector<Value> places;
    for (int64_t group = 0; group + threads <= groups; group += threads)
      places.push_back(
          arith::AddIOp::create(b, first, arith::ConstantIndexOp::create(b, group * inGroup)));
    roundAt(b, view.flat, places);
    if (rest != 0) {
      Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, thread,
                                           arith::ConstantIndexOp::create(b, rest));
      auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      Value place = arith::AddIOp::create(
          b, first, arith::ConstantIndexOp::create(b, (groups - rest) * inGroup));
      roundAt(b, view.flat, place);
    }
    if (shared.hasAsyncReaders())
      NVVM::FenceProxyOp::create(
          b, NVVM::ProxyKind::async_shared,
          NVVM::SharedSpaceAttr::get(b.getContext(), NVVM::SharedSpace::shared_cta));
    rewriter.eraseOp(op);
    return success();
  }

private:
  static void roundAt(ImplicitLocOpBuilder &b, Value flat, ValueRange places) {
    constexpr int64_t inGroup = 4;
    const llvm::Align alignment(16);
    auto type = VectorType::get(inGroup, b.getF32Type());
    SmallVector<Value> loaded;
    for (Value place : places)
      loaded.push_back(vector::LoadOp::create(b, type, flat, place, /*nontemporal=*/false,
                                              llvm::MaybeAlign(alignment)));
    for (auto [place, value] : llvm::zip_equal(places, loaded))
      vector::StoreOp::create(b, round(b, value), flat, place, /*nontemporal=*/false,
                              llvm::MaybeAlign(alignment));
  }

  static Value round(ImplicitLocOpBuilder &b, Value vector) {
    SmallVector<Value> rounded;
    for (int64_t i = 0; i != cast<VectorType>(vector.getType()).getNumElements(); ++i) {
      Value bits = NVVM::ConvertFloatToTF32Op::create(
          b, b.getI32Type(), vector::ExtractOp::create(b, vector, i), NVVM::FPRoundingMode::RNA);
      rounded.push_back(arith::BitcastOp::create(b, b.getF32Type(), bits));
    }
    return vector::FromElementsOp::create(b, cast<VectorType>(vector.getType()), rounded);
  }

  const SharedLayout &shared;
};

} // namespace

void poolc::populateRoundPatterns(const TypeConverter &converter, const SharedLayout &shared,
                                  RewritePatternSet &patterns) {
  patterns.add<RoundPattern>(converter, patterns.getContext(), shared);
}
