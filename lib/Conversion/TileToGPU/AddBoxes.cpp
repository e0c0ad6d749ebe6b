//===- AddBoxes.cpp - tile.add_boxes: boxes that are added to sums --------===//
//
//   for each stage that the rows of the tile take
//     barrier (begin); copy boxes to the stage; barrier (full); add what it holds; fence (free)
//
// gpu-copy-warps has one warp copy and others add, and puts waits for the stage in the places of
// these.
//
//===----------------------------------------------------------------------===//

#include "AddBoxes.h"
#include "BulkCopies.h"
#include "IndexBuilder.h"
#include "SharedMemory.h"
#include "ThreadMapping.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr llvm::StringLiteral addingName = "tile.adding";

std::optional<Adding> poolc::getAdding(Operation &op) {
  if (auto number = op.getAttrOfType<IntegerAttr>(addingName))
    return Adding(number.getInt());
  return std::nullopt;
}

namespace {

class BoxAdder : IndexBuilder {
public:
  BoxAdder(AddBoxesOp op, AddBoxesOp::Adaptor adaptor, const SharedView &memory,
           const ThreadCoordinates &threads, ImplicitLocOpBuilder &b)
      : IndexBuilder{b}, op(op), adaptor(adaptor), memory(memory), threads(threads),
        layout(getLayout(op.getTile().getType())), width(op.getTile().getType().getDimSize(1)),
        columns(op.getColumns()), elements(layout.getElementsPerThread(1, width)) {}

  Value add() {
    int64_t all = op.getTile().getType().getDimSize(0), atOnce = op.getRowsOfStage();
    int64_t count = cast<VectorType>(adaptor.getTile().getType()).getNumElements();
    for (int64_t i = 0; i != count; ++i)
      sums.push_back(keepHere(vector::ExtractOp::create(b, adaptor.getTile(), i)));
    Value stage = adaptor.getStage();
    for (int64_t first = 0; first < all; first += atOnce) {
      int64_t rows = std::min(atOnce, all - first);
      Value begin = add(memory.offset, mul(toIndex(stage), memory.strides[0]));
      mark(gpu::BarrierOp::create(b), Adding::begin);
      copy(first, rows, begin);
      mark(gpu::BarrierOp::create(b), Adding::full);
      bool areMatrices = bytesOfElement() == 2 && rows % rowsOfMatrices == 0;
      areMatrices ? addMatrices(first, rows, begin) : addElements(first, rows, begin);
      // What is read is before the copy engine writes. Barriers in a row would be merged to one.
      mark(NVVM::FenceProxyOp::create(
               b, NVVM::ProxyKind::async_shared,
               NVVM::SharedSpaceAttr::get(b.getContext(), NVVM::SharedSpace::shared_cta)),
           Adding::free);
      stage = getNext(stage);
    }
    return vector::FromElementsOp::create(b, adaptor.getTile().getType(), sums);
  }

private:
  using IndexBuilder::add;

  int64_t bytesOfElement() { return op.getMemory().getType().getElementTypeBitWidth() / 8; }

  void mark(Operation *op, Adding adding) {
    op->setAttr(addingName, b.getI32IntegerAttr(int32_t(adding)));
  }

  Value getNext(Value stage) {
    auto i32 = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
    Value count = i32(op.getMemory().getType().getDimSize(0));
    Value next = arith::AddIOp::create(b, stage, i32(1));
    Value wraps = arith::CmpIOp::create(b, arith::CmpIPredicate::sge, next, count);
    return arith::SelectOp::create(b, wraps, arith::SubIOp::create(b, next, count), next);
  }

  /// Boxes of one column of them lie one after the other, as one of all rows would.
  void copy(int64_t first, int64_t rows, Value begin) {
    int64_t rowsOfBox = op.getRows(), bytes = bytesOfElement();
    Value map = getPointer(b, adaptor.getMap());
    Value base = memref::ExtractAlignedPointerAsIndexOp::create(b, memory.flat);
    for (int64_t column = 0; column != width; column += columns)
      for (int64_t row = 0; row != rows; row += rowsOfBox) {
        SmallVector<Value> start(adaptor.getStart());
        start.end()[-2] = add(start.end()[-2], first + row);
        start.back() = add(start.back(), column);
        Value place = add(begin, column * rows + row * columns);
        emitBoxCopy(b, map, start, add(base, mul(place, bytes)), rowsOfBox * columns * bytes);
      }
  }

  /// The number of an element of a stage's rows: of eight neighbouring rows of a box, groups of 16
  /// bytes are in different orders.
  Value placeOf(Value row, Value column, int64_t rows) {
    constexpr int64_t swizzledRows = 8, bytesOfGroup = 16;
    int64_t perGroup = bytesOfGroup / bytesOfElement();
    auto low = [&](Value value, int64_t size) -> Value {
      return arith::RemUIOp::create(b, value, index(size));
    };
    Value inBox = low(column, columns);
    Value group = arith::XOrIOp::create(b, arith::DivUIOp::create(b, inBox, index(perGroup)),
                                        low(row, swizzledRows));
    Value box = arith::DivUIOp::create(b, column, index(columns));
    return add(add(mul(box, rows * columns), mul(row, columns)),
               add(mul(group, perGroup), low(column, perGroup)));
  }

  void addElements(int64_t first, int64_t rows, Value begin) {
    constexpr int64_t swizzledRows = 8;
    Value row = toIndex(threads.get(layout)[0]), column = toIndex(threads.get(layout)[1]);
    forEach(first, rows, /*down=*/1, /*right=*/1,
            [&](int64_t i, int64_t j, int64_t down, int64_t right) {
              // What is eight rows or a box further is at a constant distance.
              int64_t near = down % swizzledRows, beside = right % columns;
              Value place = placeOf(add(row, near), add(column, beside), rows);
              int64_t further = (right - beside) * rows + (down - near) * columns;
              Value loaded =
                  memref::LoadOp::create(b, memory.flat, add(add(begin, place), further));
              addTo(i, j, loaded);
            });
  }

  /// Of 16 bits, as warps write such sums by stmatrix: what a thread has of a row of wgmma's result
  /// are pairs in a column of a matrix of 8 x 8.
  void addMatrices(int64_t first, int64_t rows, Value begin) {
    constexpr int64_t log2Rows = 3, size = 8, count = 4, rowsOfThread = 2;
    auto i32 = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
    Value lane = threads.getLane(), matrix = arith::ShRUIOp::create(b, lane, i32(log2Rows));
    Value lower = arith::ShRUIOp::create(b, matrix, i32(1));
    Value row =
        add(toIndex(arith::AndIOp::create(b, lane, i32(size - 1))), mul(toIndex(lower), size));
    Value right = toIndex(arith::AndIOp::create(b, matrix, i32(1)));
    Value column =
        add(toIndex(threads.getWarpFirst(layout)[1]), mul(right, layout.getElementOffset(1, 1)));
    Value corner = add(begin, placeOf(row, column, rows));
    auto type = VectorType::get({count, rowsOfThread}, op.getMemory().getType().getElementType());
    forEach(first, rows, /*down=*/2 * rowsOfThread, /*right=*/2,
            [&](int64_t i, int64_t j, int64_t down, int64_t right) {
              Value place = add(corner, right * rows + down * columns);
              Value matrices = nvgpu::LdMatrixOp::create(b, type, memory.flat, place,
                                                         /*transpose=*/true, count);
              for (int64_t k = 0; k != count; ++k)
                for (int64_t below = 0; below != rowsOfThread; ++below)
                  addTo(i + k / 2 * rowsOfThread + below, j + k % 2,
                        vector::ExtractOp::create(b, matrices, ArrayRef<int64_t>{k, below}));
            });
  }

  /// The thread's elements of so many rows, so many at a time below and beside each other, and how
  /// far the first of them is from the thread's first.
  void forEach(int64_t first, int64_t rows, int64_t down, int64_t right,
               llvm::function_ref<void(int64_t, int64_t, int64_t, int64_t)> body) {
    int64_t before = layout.getElementsPerThread(0, first);
    int64_t count = layout.getElementsPerThread(0, rows);
    for (int64_t i = before; i != before + count; i += down)
      for (int64_t j = 0; j != elements; j += right)
        body(i, j, layout.getElementOffset(0, i) - first, layout.getElementOffset(1, j));
  }

  void addTo(int64_t i, int64_t j, Value loaded) {
    Value &sum = sums[i * elements + j];
    if (loaded.getType() != sum.getType())
      loaded = arith::ExtFOp::create(b, sum.getType(), loaded);
    sum = keepHere(arith::AddFOp::create(b, sum, loaded));
  }

  /// LLVM would compute it behind the last wait, where it is stored, and hold all operands until
  /// then. It moves no text over another one.
  Value keepHere(Value value) {
    return LLVM::InlineAsmOp::create(b, TypeRange(value.getType()), value, "", "=f,0",
                                     /*has_side_effects=*/true, /*is_align_stack=*/false,
                                     LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
        .getResult(0);
  }

  /// Rows of two matrices, one below the other.
  static constexpr int64_t rowsOfMatrices = 16;

  AddBoxesOp op;
  AddBoxesOp::Adaptor adaptor;
  const SharedView &memory;
  const ThreadCoordinates &threads;
  BlockedAttr layout;
  /// Columns of the tile and of a box, and how many of them a thread has.
  int64_t width, columns, elements;
  SmallVector<Value> sums;
};

struct AddBoxesPattern : OpConversionPattern<AddBoxesOp> {
  AddBoxesPattern(const TypeConverter &converter, MLIRContext *context,
                  const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(AddBoxesOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    SharedView memory = getSharedView(b, op.getMemory(), rewriter);
    rewriter.replaceOp(op, BoxAdder(op, adaptor, memory, threads, b).add());
    return success();
  }

private:
  const ThreadCoordinates &threads;
};

} // namespace

void poolc::populateAddBoxesPatterns(const TypeConverter &converter,
                                     const ThreadCoordinates &threads,
                                     RewritePatternSet &patterns) {
  patterns.add<AddBoxesPattern>(converter, patterns.getContext(), threads);
}
