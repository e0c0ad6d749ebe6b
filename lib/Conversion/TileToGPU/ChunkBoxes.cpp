//===- ChunkBoxes.cpp - Rows of boxes become chunks of columns ------------===//
//
// tile.chunk_boxes: a warp loads four matrices of 8 rows x 8 columns, transposed (ldmatrix), and
// writes each as 8 chunks, which lie side by side (stmatrix). Warps go to the chunks' first 32
// columns first, then to the next 32 columns. Swizzling has lanes find their rows in different
// banks.
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Of one operation: places are elements of the two memories, numbers i32.
class ChunkEmitter {
public:
  ChunkEmitter(ChunkBoxesOp op, Value first, Value end, ImplicitLocOpBuilder &b,
               ConversionPatternRewriter &rewriter)
      : b(b), boxes(getSharedView(b, op.getBoxes(), rewriter)),
        chunks(getSharedView(b, op.getChunks(), rewriter)),
        type(op.getBoxes().getType().getElementType()),
        numChunks(op.getChunks().getType().getDimSize(0)),
        groups(op.getChunks().getType().getDimSize(1) / columnsOfGroup), first(toInteger(first)),
        end(toInteger(end)) {
    auto func = op->getParentOfType<gpu::GPUFuncOp>();
    numWarps = func.getKnownBlockSize()->front() / warpSize;
    Value thread = arith::IndexCastUIOp::create(b, b.getI32Type(),
                                                gpu::ThreadIdOp::create(b, gpu::Dimension::x));
    warp = divide(thread, warpSize);
    row = rest(thread, rowsOfMatrix);
    matrix = rest(divide(thread, rowsOfMatrix), matricesTogether);
    lane = rest(thread, warpSize);
  }

  /// Each group of 32 columns of a chunk has a number, the chunks' of the same columns in a row.
  /// Numbers of chunks and warps are powers of two, so what a warp moves later is as far on for
  /// all.
  void emit() {
    // Otherwise a warp has some chunks of each group.
    bool hasSomeGroups = numWarps % (groupsOfBox * numChunks) == 0;
    int64_t all = numChunks * groups;
    for (int64_t i = 0; i < all; i += numWarps) {
      OpBuilder::InsertionGuard guard(b);
      if (i + numWarps > all) {
        Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, warp, constant(all - i));
        b.setInsertionPointToStart(
            scf::IfOp::create(b, exists, /*withElseRegion=*/false).thenBlock());
      }
      if (hasSomeGroups)
        move({divide(warp, numChunks), i / numChunks}, {rest(warp, numChunks), 0});
      else
        move({constant(i / numChunks % groupsOfBox), i / numChunks / groupsOfBox * groupsOfBox},
             {warp, i % numChunks});
    }
  }

private:
  Value constant(int64_t value) { return arith::ConstantIntOp::create(b, value, 32); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value scale(Value x, int64_t by) { return arith::MulIOp::create(b, x, constant(by)); }
  Value divide(Value x, int64_t by) { return arith::DivUIOp::create(b, x, constant(by)); }
  Value rest(Value x, int64_t by) { return arith::RemUIOp::create(b, x, constant(by)); }
  Value toInteger(Value index) {
    return index ? arith::IndexCastOp::create(b, b.getI32Type(), index).getResult() : Value();
  }
  /// A number that is known up to what the warp's adds.
  struct Number {
    Value ofWarp;
    int64_t further;
  };

  /// `elements` and so many `further` than where a view begins.
  Value placeIn(const SharedView &view, Value elements, int64_t further) {
    Value place = arith::AddIOp::create(
        b, view.offset, arith::IndexCastUIOp::create(b, b.getIndexType(), elements));
    return arith::AddIOp::create(b, place, arith::ConstantIndexOp::create(b, further));
  }

  /// Moves a group, a whole number of boxes `further` than another, of a chunk.
  void move(const Number &group, const Number &chunk) {
    Value half = rest(group.ofWarp, groupsOfBox);
    Value ofRow = arith::XOrIOp::create(b, add(scale(half, matricesTogether), matrix), row);
    int64_t ofChunk = rowsOfMatrix * boxes.strides[1];
    Value from = add(scale(divide(group.ofWarp, groupsOfBox), boxes.strides[0]),
                     add(scale(chunk.ofWarp, ofChunk), scale(row, boxes.strides[1])));
    Value place = placeIn(boxes, add(from, scale(ofRow, rowsOfMatrix)),
                          group.further / groupsOfBox * boxes.strides[0] + chunk.further * ofChunk);
    Value loaded =
        nvgpu::LdMatrixOp::create(b, VectorType::get({matricesTogether, 2}, type), boxes.flat,
                                  place, /*transpose=*/true, matricesTogether);
    SmallVector<Value> matrices;
    for (int64_t i = 0; i != matricesTogether; ++i)
      matrices.push_back(isolate(
          LLVM::BitcastOp::create(b, b.getI32Type(), vector::ExtractOp::create(b, loaded, i)),
          group, i));
    Value to = add(scale(chunk.ofWarp, chunks.strides[0]),
                   scale(add(scale(group.ofWarp, columnsOfGroup), lane), chunks.strides[1]));
    place = placeIn(chunks, to,
                    chunk.further * chunks.strides[0] +
                        group.further * columnsOfGroup * chunks.strides[1]);
    NVVM::StMatrixOp::create(
        b, pointerTo(place), matrices,
        NVVM::MMALayoutAttr::get(b.getContext(), NVVM::MMALayout::row),
        NVVM::LdStMatrixShapeAttr::get(b.getContext(), rowsOfMatrix, rowsOfMatrix),
        NVVM::LdStMatrixEltTypeAttr::get(b.getContext(), NVVM::LdStMatrixEltType::B16));
  }

  /// `pair`, of the lane's column of the i-th matrix of a group, or zero outside.
  Value isolate(Value pair, const Number &group, int64_t i) {
    if (!first)
      return pair;
    constexpr int64_t lanesOfColumn = 4;
    Value column = add(scale(group.ofWarp, columnsOfGroup), divide(lane, lanesOfColumn));
    int64_t further = group.further * columnsOfGroup + i * rowsOfMatrix;
    Value fromFirst = arith::SubIOp::create(b, add(column, constant(further)), first);
    Value isInside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, fromFirst,
                                           arith::SubIOp::create(b, end, first).getResult());
    return arith::SelectOp::create(b, isInside, pair, constant(0));
  }

  Value pointerTo(Value place) {
    Value bytes = arith::MulIOp::create(b, place, arith::ConstantIndexOp::create(b, 2).getResult());
    Value address = arith::AddIOp::create(
        b, memref::ExtractAlignedPointerAsIndexOp::create(b, chunks.flat), bytes);
    auto pointer =
        LLVM::LLVMPointerType::get(b.getContext(), unsigned(NVVM::NVVMMemorySpace::Shared));
    Value integer = arith::IndexCastUIOp::create(b, b.getI64Type(), address);
    return LLVM::IntToPtrOp::create(b, pointer, integer);
  }

  static constexpr int64_t warpSize = 32, rowsOfMatrix = 8, matricesTogether = 4;
  static constexpr int64_t columnsOfGroup = 32, groupsOfBox = 2;

  ImplicitLocOpBuilder &b;
  SharedView boxes, chunks;
  Type type;
  int64_t numChunks, groups, numWarps;
  Value first, end, warp, row, matrix, lane;
};

struct ChunkBoxesPattern : OpConversionPattern<ChunkBoxesOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(ChunkBoxesOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    ChunkEmitter(op, adaptor.getFirst(), adaptor.getEnd(), b, rewriter).emit();
    rewriter.eraseOp(op);
    return success();
  }
};

} // namespace

void poolc::populateChunkBoxesPatterns(const TypeConverter &converter,
                                       RewritePatternSet &patterns) {
  patterns.add<ChunkBoxesPattern>(converter, patterns.getContext());
}
