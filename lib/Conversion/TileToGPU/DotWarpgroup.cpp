//===- DotWarpgroup.cpp - Products of four warps --------------------------===//
//
// tile.dot as wgmma, with swapped roles: the instruction's 64 rows are columns of b,
// which threads load and round as mma.sync would have them; its columns are rows of
// a, which the tensor cores read from shared memory by themselves. So columns of b
// may begin anywhere, as the positions of a window's taps do.
//
// Where b lies in chunks as a does, nothing is swapped, and both are read from shared memory, as
// they are where b is boxes of 16 bits (DotOfChunks.cpp).
//
// The instructions stand here as text, since NVVM's operations take both factors from
// shared memory. Several of them are one piece, with the fence that has to come after
// whatever wrote their registers.
//
//===----------------------------------------------------------------------===//

#include "WarpgroupProducts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// wgmma m64nN, whose columns are the tile's M rows. Lane 4g + t of warp w holds, with u
/// the elements in 16 bytes (8 of f16, 4 of TF32) and v those in a register (2, 1):
///
///   first factor: rows 16w + g and 16w + g + 8, k v*t and v*t + u          (4 registers)
///   sums: the same rows, columns 8j + 2t and 8j + 2t + 1 for each j < N/8  (N/2 registers)
///
/// Any columns of b may stand for the rows: those of the layout, size_per_thread [2, 1],
/// threads_per_warp [4, 8] by columns of lanes, of which two make one instruction.
class WarpgroupEmitter : ProductEmitter {
public:
  WarpgroupEmitter(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                   ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter)
      : ProductEmitter(op, b), m(op.getAccumulator().getType().getDimSize(0)),
        columns(layout.getElementsPerThread(1, op.getAccumulator().getType().getDimSize(1))) {
    makeOperands(threads, rewriter);
    takeSums(accumulator, accumulators(), [&](int64_t i) { return positionOf(i); });
  }

  Value emit() {
    // Steps together have up to so many registers of the first factor, as have those under way.
    constexpr int64_t mostRegisters = 16;
    int64_t together = std::max<int64_t>(1, mostRegisters / (4 * columns / 2));
    for (int64_t first = 0; first < steps; first += together) {
      int64_t end = std::min(first + together, steps);
      multiply(first, end);
      NVVM::WgmmaGroupSyncAlignedOp::create(b);
      // One group may be under way while operands of the next are loaded.
      if (end < steps)
        wait(1);
    }
    // Another product that adds to the sums leaves the last group.
    if (goesOn())
      wait(1);
    else
      waitBeforeUse();
    return putTogether([&](int64_t i) { return positionOf(i); });
  }

private:
  /// Of one instruction, and of all that the tile takes side by side.
  int64_t sumsPerProduct() const { return m / 2; }
  int64_t accumulators() const { return columns / 2 * sumsPerProduct(); }

  int64_t positionOf(int64_t i) const { return positionOfSwapped(i, m, columns); }

  void makeOperands(const ThreadCoordinates &threads, ConversionPatternRewriter &rewriter) {
    IntegerBuilder i{b};
    SharedView viewA = getSharedView(b, op.getA(), rewriter);
    SharedView viewB = getSharedView(b, op.getB(), rewriter);
    describeA(viewA);
    if (op.getSwizzled())
      return makeSwizzledOperands(threads, viewB);
    Value lane = threads.getLane(), k = i.mul(i.bitAnd(lane, 3), perRegister);
    Value column = i.add(threads.getWarpFirst(layout)[1], i.shiftRight(lane, 2));
    OperandStrides strides{viewB.strides[1], viewB.strides[0], unit * viewB.strides[0]};
    // Rows of b that are `unit` apart are equally skewed, those of one register are not.
    for (int64_t inRegister = 0; inRegister != perRegister; ++inRegister) {
      Value skew = op.getSkew().empty()
                       ? nullptr
                       : emitSkew(b, op.getSkew(), i.add(k, i.constant(inRegister)), unit);
      rowsOfB.emplace_back(b, viewB, strides, column, k, /*threadChunk=*/nullptr, skew);
    }
    // ldmatrix: lanes 8m to 8m + 7 name the rows of matrix m; these are, by k and columns,
    // (0, low), (0, high), (8, low), (8, high).
    if (int64_t(op.getChunkAlignment()) == unit && perRegister == 2) {
      Value isHigh = i.bitAnd(i.shiftRight(lane, 3), 1);
      Value first = i.add(threads.getWarpFirst(layout)[1], i.mul(isHigh, layout.getCoverage(1)));
      Value row = i.add(i.bitAnd(lane, 7), i.mul(i.shiftRight(lane, 4), unit));
      matricesOfB.emplace(b, viewB, strides, first, row);
    }
  }

  /// Rows of boxes, of which those of eight neighbours are swizzled differently. A lane has two
  /// neighbours: lanes that load together find theirs in all banks.
  void makeSwizzledOperands(const ThreadCoordinates &threads, const SharedView &view) {
    IntegerBuilder i{b};
    Value row = i.mul(i.bitAnd(threads.getLane(), 3), 2);
    for (int64_t next = 0; next != 2; ++next)
      rowsOfB.push_back(
          makeSwizzledOperand(view, threads.get(layout)[1], i.add(row, i.constant(next))));
  }

  /// The element of a column and a row of boxes, and those multiples of a box's columns and of
  /// eight rows further.
  SharedOperand makeSwizzledOperand(SharedView view, Value column, Value row) {
    IntegerBuilder i{b};
    int64_t columns = view.strides[1], rows = view.strides[0] / columns;
    Value inRow = i.bitAnd(column, columns - 1);
    Value box = i.add(column, i.mul(inRow, -1));
    Value group =
        arith::XOrIOp::create(b, i.shiftRight(inRow, llvm::Log2_64(unit)), i.bitAnd(row, 7));
    Value place = i.add(i.mul(box, rows), i.mul(row, columns));
    place = i.add(place, i.add(i.mul(group, unit), i.bitAnd(inRow, unit - 1)));
    OperandStrides strides{rows, columns, unit * columns};
    view.offset = arith::AddIOp::create(b, view.offset,
                                        arith::IndexCastUIOp::create(b, b.getIndexType(), place));
    Value zero = i.constant(0);
    return SharedOperand(b, view, strides, zero, zero);
  }

  /// The descriptors of a's parts for each step.
  void describeA(const SharedView &view) {
    Value first = describe(view, op.getSwizzledA());
    int64_t alongK = view.strides[0] / unit;
    for (int64_t step = 0; step != steps; ++step)
      descriptors.push_back(arith::AddIOp::create(
          b, first, arith::ConstantIntOp::create(b, b.getI64Type(), step * 2 * alongK)));
  }

  Value loadRegister(int64_t column, int64_t k) {
    Type i32 = b.getI32Type();
    int64_t outer = layout.getElementOffset(1, column);
    Value low = rowsOfB.front().load(outer, k);
    if (perRegister == 1)
      return round(low);
    Value high = rowsOfB.back().load(outer, k + 1);
    Value pair =
        vector::FromElementsOp::create(b, VectorType::get(2, element), ValueRange{low, high});
    return LLVM::BitcastOp::create(b, i32, pair);
  }

  Value round(Value loaded) {
    return NVVM::ConvertFloatToTF32Op::create(b, b.getI32Type(), loaded, NVVM::FPRoundingMode::RNA);
  }

  /// Two of the thread's columns of b, for the k of a step.
  SmallVector<Value, 4> loadFragment(int64_t tile, int64_t step) {
    int64_t k = step * 2 * unit, low = 2 * tile, high = 2 * tile + 1;
    if (matricesOfB) {
      Value loaded = matricesOfB->loadMatrices(layout.getElementOffset(1, low), k, 4,
                                               /*transpose=*/true);
      SmallVector<Value, 4> fragment;
      for (int64_t i = 0; i != 4; ++i)
        fragment.push_back(
            LLVM::BitcastOp::create(b, b.getI32Type(), vector::ExtractOp::create(b, loaded, i)));
      return fragment;
    }
    if (op.getSwizzled()) {
      SmallVector<Value, 4> fragment;
      for (SharedOperand &row : rowsOfB)
        for (int64_t column : {low, high})
          fragment.push_back(round(row.load(layout.getElementOffset(1, column), k)));
      return fragment;
    }
    return {loadRegister(low, k), loadRegister(high, k), loadRegister(low, k + unit),
            loadRegister(high, k + unit)};
  }

  /// The steps from `first` to `end`.
  void multiply(int64_t first, int64_t end) {
    SmallVector<Value> inputs;
    for (int64_t tile = 0; tile != columns / 2; ++tile)
      for (int64_t step = first; step != end; ++step)
        llvm::append_range(inputs, loadFragment(tile, step));
    std::string opcode = getOpcode(m), text = begin.str();
    int64_t factor = accumulators(), firstDescriptor = factor + int64_t(inputs.size());
    for (int64_t tile = 0; tile != columns / 2; ++tile)
      for (int64_t step = 0; step != end - first; ++step, factor += 4)
        text += opcode + listOperands(tile * sumsPerProduct(), sumsPerProduct()) + ", " +
                listOperands(factor, 4) + ", $" + std::to_string(firstDescriptor + step) +
                modes.str() + (perRegister == 1 ? ";\n" : ", 0;\n");
    text += "}";
    SmallVector<StringRef> constraints(inputs.size(), "r");
    constraints.append(end - first, "l");
    llvm::append_range(inputs, ArrayRef(descriptors).slice(first, end - first));
    emitText(text, inputs, llvm::join(constraints, ","));
  }

  /// Rows of the tile, and columns that the thread holds.
  int64_t m, columns;
  /// Of the first and, for 16 bits, the second row that a register holds.
  SmallVector<SharedOperand, 2> rowsOfB;
  /// Of 16 bits with aligned rows: the row of a matrix that the lane names.
  std::optional<SharedOperand> matricesOfB;
  SmallVector<Value> descriptors;
};

} // namespace

Value poolc::emitWarpgroupDot(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                              ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter) {
  if (op.readsChunks())
    return emitDotOfChunks(op, accumulator, threads, b, rewriter);
  if (op.getSwizzled() && op.getArithmetic() == Arithmetic::wgmma)
    return emitDotOfBoxes(op, accumulator, threads, b, rewriter);
  return WarpgroupEmitter(op, accumulator, threads, b, rewriter).emit();
}
