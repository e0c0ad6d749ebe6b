//===- DotMma.cpp - Products on tensor cores ------------------------------===//
//
// tile.dot as mma.sync. The accumulator's layout says which rows and columns a
// thread needs of the operands.
//
//===----------------------------------------------------------------------===//

#include "Dot.h"
#include "MmaProducts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <array>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// mma.sync m16n8. Lane 4g + t holds, with u the elements in 16 bytes (8 of
/// f16, 4 of TF32) and v those in a register (2, 1):
///
///   a: rows g and g + 8, columns v*t and v*t + u     (4 registers)
///   b: rows v*t and v*t + u, column g                (2 registers)
///   c: rows g and g + 8, columns 2t and 2t + 1       (4 registers)
///
/// The rows of c need not be 8 apart: with the layout size_per_thread [1,2],
/// threads_per_warp [8,4], two neighbouring elements of a thread along M stand
/// for them, however far they are in the tile. Nor need its columns be adjacent: with
/// s = 4 or 8 elements along N for 2, a thread's s/2 columns of b belong to different
/// instructions. Column g of the j-th one is column s/2 * g + j of the tile, so that the
/// columns that a thread loads are neighbours, as are the elements that it holds (and
/// 16-bit columns that lie an odd number of elements apart meet all banks); or, of b in
/// chunks, column s * (g / 2) + g % 2 + 2j.
///
/// With columns of lanes, size_per_thread [2,1] and threads_per_warp [4,8], columns of the
/// dot's b are what is a above, and rows of its a are b's columns.
class MmaEmitter {
public:
  MmaEmitter(DotOp op, Value accumulator, const ThreadCoordinates &threads, ImplicitLocOpBuilder &b,
             ConversionPatternRewriter &rewriter)
      : op(op), b(b), layout(getLayout(op.getAccumulator().getType())),
        type(op.getAccumulator().getType()), alongRows(layout.getColumnsOfLanes() ? 1 : 0),
        alongColumns(1 - alongRows),
        rows(layout.getElementsPerThread(alongRows, type.getDimSize(alongRows))),
        columns(layout.getElementsPerThread(alongColumns, type.getDimSize(alongColumns))),
        element(op.getA().getType().getElementType()), unit(128 / element.getIntOrFloatBitWidth()),
        perRegister(unit / 4), products(b, op.getArithmetic(), element) {
    makeOperands(threads, rewriter);
    for (int64_t i = 0; i != rows * columns; ++i)
      sums.push_back(vector::ExtractOp::create(b, accumulator, i));
  }

  Value emit() {
    if (windows)
      return emitWindows();
    int64_t depth = op.getB().getType().getDimSize(0) * (chunksB ? unit : 1);
    for (int64_t k = 0; k != depth; k += 2 * unit) {
      if (isSwapped()) {
        emitByColumns(k);
        continue;
      }
      SmallVector<SmallVector<Fragment>> bs;
      for (int64_t j = 0; j != columns / 2; j += columnsAtOnce)
        for (Fragment &fragment : loadColumns(j, k))
          bs.push_back(products.split(fragment));
      for (int64_t i = 0; i != rows / 2; ++i) {
        SmallVector<Fragment> as = products.split(loadA(i, k));
        for (int64_t j = 0; j != columns / 2; ++j)
          multiply(i, j, as, bs[j]);
      }
    }
    return getSums();
  }

private:
  bool isSwapped() const { return alongRows == 1; }

  /// A tile has more of the shorter fragments, so these are loaded one after the other, two at
  /// once.
  void emitByColumns(int64_t k) {
    SmallVector<SmallVector<Fragment>> as;
    for (int64_t i = 0; i != rows / 2; ++i)
      as.push_back(products.split(loadA(i, k)));
    for (int64_t j = 0; j < columns / 2; j += 2) {
      int64_t count = std::min<int64_t>(2, columns / 2 - j);
      int64_t column = layout.getElementOffset(alongColumns, getElements(j)[0]);
      Fragment loaded = unpack(bOperands.front().loadMatrices(column, k, 2 * count), 2 * count);
      for (int64_t c = 0; c != count; ++c) {
        SmallVector<Fragment> bs = products.split({loaded[2 * c], loaded[2 * c + 1]});
        for (int64_t i = 0; i != rows / 2; ++i)
          multiply(i, j + c, as[i], bs);
      }
    }
  }

  Value getSums() {
    auto vectorType = VectorType::get(sums.size(), b.getF32Type());
    return vector::FromElementsOp::create(b, vectorType, sums);
  }

  /// As many steps at once as a load of a brings. Of b, columns are loaded where they are first
  /// used: what stands in front of the first product is loaded for the next iteration while this
  /// one ends, and takes registers besides the last products' operands.
  Value emitWindows() {
    int64_t atOnce = windows->getStepsAtOnce();
    for (int64_t first = 0; first != windows->getSteps(); first += atOnce) {
      SmallVector<SmallVector<SmallVector<Fragment>>> bs(atOnce);
      for (auto [i, step] : orderWindows(atOnce)) {
        // What stays in registers comes first.
        if (bs[step].empty() && isRowByRow(atOnce))
          bs[step].push_back(loadWindow(0, first + step));
        auto low = windows->loadA(layout.getElementOffset(0, 2 * i), first + step);
        auto high = windows->loadA(layout.getElementOffset(0, 2 * i + 1), first + step);
        SmallVector<Fragment> as = products.split({low[0], high[0], low[1], high[1]});
        for (int64_t j = 0; j != columns / 2; ++j) {
          if (j == int64_t(bs[step].size()))
            bs[step].push_back(loadWindow(j, first + step));
          multiply(i, j, as, bs[step][j]);
        }
      }
    }
    return getSums();
  }

  /// Rows of fragments, and steps of those at once: either all steps of a row, with all their
  /// columns in registers, or all rows of a step, with all their rows, whichever are fewer.
  SmallVector<std::pair<int64_t, int64_t>> orderWindows(int64_t steps) const {
    bool rowByRow = isRowByRow(steps);
    int64_t fragments = rows / 2;
    SmallVector<std::pair<int64_t, int64_t>> order;
    for (int64_t n = 0; n != fragments * steps; ++n)
      order.emplace_back(rowByRow ? n / steps : n % fragments,
                         rowByRow ? n % steps : n / fragments);
    return order;
  }

  bool isRowByRow(int64_t steps) const {
    constexpr int64_t registersA = 4, registersB = 2;
    int64_t ofRow = registersA * steps, ofStep = registersB * columns / 2;
    return ofRow + steps * ofStep <= rows / 2 * ofRow + ofStep;
  }

  /// Of the column of the thread's `j`-th instruction.
  SmallVector<Fragment> loadWindow(int64_t j, int64_t step) {
    int64_t column = layout.getElementOffset(1, getElements(j)[0]);
    return products.split(Fragment(windows->loadB(column, step)));
  }

  void makeOperands(const ThreadCoordinates &threads, ConversionPatternRewriter &rewriter) {
    IntegerBuilder i{b};
    SharedView viewA = getSharedView(b, isSwapped() ? op.getB() : op.getA(), rewriter);
    SharedView viewB = getSharedView(b, isSwapped() ? op.getA() : op.getB(), rewriter);
    ArrayRef<Value> first = threads.getWarpFirst(layout);
    Value warp[] = {first[alongRows], first[alongColumns]};
    Value lane = threads.getLane();
    int64_t rowStep = layout.getCoverage(alongRows);
    bool aligned = op.getRowsAligned();
    matricesA = aligned && viewA.strides.back() == 1;
    chunksB = viewB.strides.size() == 3 && !op.hasTaps();
    matricesB = isSwapped() ? true
                : chunksB   ? int64_t(op.getChunkAlignment()) == unit
                            : aligned && viewB.strides[0] == 1 && op.getSkew().empty();
    inGroup = i.bitAnd(lane, 3);
    if (op.hasTaps()) {
      Value group = i.shiftRight(lane, 2);
      int64_t neighbours = layout.getSizePerThread()[1] / 2;
      windows.emplace(b, op, viewA, viewB, neighbours, i.add(warp[0], group),
                      i.add(warp[1], i.mul(group, neighbours)), inGroup);
      return;
    }
    Value group = i.shiftRight(lane, 2), firstK = i.mul(inGroup, perRegister);
    // ldmatrix: lanes 8m to 8m + 7 name the rows of matrix m; the matrices of a
    // are (rows, k), (rows + 8, k), (rows, k + u), (rows + 8, k + u).
    Value inMatrix = i.bitAnd(lane, 7), outerA = group, outerB = group;
    Value kA = firstK, kB = firstK, chunkA, chunkB;
    if (matricesA) {
      outerA = i.add(inMatrix, i.mul(i.bitAnd(i.shiftRight(lane, 3), 1), rowStep));
      kA = i.constant(0);
      chunkA = i.shiftRight(lane, 4);
    }
    if (matricesB) {
      outerB = inMatrix;
      kB = i.constant(0);
      chunkB = i.bitAnd(i.shiftRight(lane, 3), 1);
      // The matrices of a second fragment.
      if (isSwapped())
        outerB = i.add(outerB, i.mul(i.shiftRight(lane, 4), layout.getCoverage(alongColumns)));
    }
    int64_t adjacent = layout.getSizePerThread()[alongColumns];
    if (chunksB && adjacent != 2)
      outerB = i.add(i.mul(i.shiftRight(outerB, 1), adjacent), i.bitAnd(outerB, 1));
    else if (!chunksB)
      outerB = i.mul(outerB, adjacent / 2);
    if (op.getColumnPhase() && !matricesB)
      columnsAtOnce = adjacent / 2;
    OperandStrides stridesA{viewA.strides[0], viewA.strides[1], unit * viewA.strides[1]};
    if (viewA.strides.size() == 3)
      stridesA = {viewA.strides[1], viewA.strides[2], viewA.strides[0]};
    OperandStrides stridesB{viewB.strides[1], viewB.strides[0], unit * viewB.strides[0]};
    if (chunksB)
      stridesB = {viewB.strides[1], viewB.strides[2], viewB.strides[0]};
    a.emplace(b, viewA, stridesA, i.add(warp[0], outerA), kA, chunkA);
    // A warp's columns of b are those of c, of which a thread holds pairs. Rows of b
    // that are `unit` apart are equally skewed, those of one register are not.
    for (int64_t k = 0; k != perRegister; ++k) {
      Value skew = op.getSkew().empty() ? nullptr
                                        : emitSkew(b, op.getSkew(), i.add(kB, i.constant(k)), unit);
      bOperands.emplace_back(b, viewB, stridesB, i.add(warp[1], outerB), kB, chunkB, skew);
    }
  }

  /// One register: the elements at (outer, k) and, of 16 bits, (outer, k + 1) of
  /// the second operand, which may be `adjacent` to the first and aligned.
  Value loadRegister(SharedOperand &operand, SharedOperand &second, int64_t outer, int64_t k,
                     bool adjacent = false) {
    if (perRegister == 1)
      return operand.load(outer, k);
    if (adjacent)
      return operand.loadVector(outer, k, 2);
    Value low = operand.load(outer, k), high = second.load(outer, k + 1);
    return vector::FromElementsOp::create(b, VectorType::get(2, element), ValueRange{low, high});
  }

  /// The registers of `count` matrices.
  Fragment unpack(Value matrices, int64_t count) {
    Fragment registers;
    for (int64_t i = 0; i != count; ++i) {
      Value part = vector::ExtractOp::create(b, matrices, i);
      registers.push_back(perRegister == 1 ? vector::ExtractOp::create(b, part, 0).getResult()
                                           : part);
    }
    return registers;
  }

  /// Rows 2i and 2i + 1 of those that the thread holds.
  Fragment loadA(int64_t i, int64_t k) {
    int64_t low = layout.getElementOffset(alongRows, 2 * i),
            high = layout.getElementOffset(alongRows, 2 * i + 1);
    if (matricesA)
      return unpack(a->loadMatrices(low, k, 4), 4);
    return {loadRegister(*a, *a, low, k), loadRegister(*a, *a, high, k),
            loadRegister(*a, *a, low, k + unit), loadRegister(*a, *a, high, k + unit)};
  }

  /// The two of the thread's elements along N that its `j`-th instruction adds to.
  std::array<int64_t, 2> getElements(int64_t j) const {
    int64_t adjacent = layout.getSizePerThread()[1], half = adjacent / 2;
    if (chunksB)
      return {2 * j, 2 * j + 1};
    int64_t first = j / half * adjacent + j % half;
    return {first, first + half};
  }

  /// The number of one of the thread's elements.
  int64_t getPosition(int64_t row, int64_t column) const {
    return isSwapped() ? column * rows + row : row * columns + column;
  }

  /// The columns of the thread's `columnsAtOnce` instructions from the `j`-th on.
  SmallVector<Fragment> loadColumns(int64_t j, int64_t k) {
    if (!op.getColumnPhase() || matricesB)
      return {loadB(j, k)};
    int64_t column = layout.getElementOffset(1, getElements(j)[0]);
    int64_t group = std::min(op.getColumnGroups().elements, columnsAtOnce * getColumnStride());
    SmallVector<Fragment> fragments(columnsAtOnce);
    for (int64_t chunk : {k, k + unit}) {
      SmallVector<SmallVector<Value>> rows;
      for (int64_t row = 0; row != perRegister; ++row)
        rows.push_back(bOperands.front().loadNeighbours(column, chunk + row, columnsAtOnce,
                                                        *op.getColumnPhase(), group));
      for (auto [i, fragment] : llvm::enumerate(fragments))
        fragment.push_back(perRegister == 1
                               ? rows[0][i]
                               : vector::FromElementsOp::create(b, VectorType::get(2, element),
                                                                ValueRange{rows[0][i], rows[1][i]})
                                     .getResult());
    }
    return fragments;
  }

  /// The column of the thread's `j`-th instruction.
  Fragment loadB(int64_t j, int64_t k) {
    int64_t column = layout.getElementOffset(1, getElements(j)[0]);
    Fragment fragment;
    if (matricesB) {
      fragment = unpack(bOperands.front().loadMatrices(column, k, 2), 2);
    } else {
      bool pairs = chunksB && int64_t(op.getChunkAlignment()) >= perRegister;
      for (int64_t chunk : {k, k + unit})
        fragment.push_back(chunkSize(chunk) == 0 ? nullptr
                                                 : loadRegister(bOperands.front(), bOperands.back(),
                                                                column, chunk, pairs));
    }
    for (int64_t i = 0; i != 2; ++i)
      fragment[i] = clip(fragment[i], chunkSize(k + i * unit));
    return fragment;
  }

  /// Elements from one column of b to the next.
  int64_t getColumnStride() {
    SmallVector<int64_t> strides;
    int64_t offset;
    (void)op.getB().getType().getStridesAndOffset(strides, offset);
    return strides.back();
  }

  /// Elements of b's chunk from `k` on that are multiplied.
  int64_t chunkSize(int64_t k) {
    std::optional<ArrayRef<int64_t>> sizes = op.getChunkSizes();
    return sizes ? (*sizes)[k / unit] : unit;
  }

  /// A register of b without what lies beyond the first `size` elements of its
  /// chunk.
  Value clip(Value value, int64_t size) {
    if (size == unit)
      return value;
    Type type = perRegister == 1 ? element : VectorType::get(2, element);
    if (size == 0)
      return arith::ConstantOp::create(b, b.getZeroAttr(type));
    IntegerBuilder i{b};
    auto isBelow = [&](int64_t elements) -> Value {
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, inGroup, i.constant(elements));
    };
    // Whole registers up to the size, then the low half of one.
    Value mask =
        arith::SelectOp::create(b, isBelow(size / perRegister), i.constant(-1), i.constant(0));
    if (size % perRegister != 0)
      mask = arith::SelectOp::create(b, isBelow(size / perRegister), i.constant(-1),
                                     arith::SelectOp::create(b, isBelow(size / perRegister + 1),
                                                             i.constant(0xffff), i.constant(0)));
    Value bits = LLVM::BitcastOp::create(b, b.getI32Type(), value);
    return LLVM::BitcastOp::create(b, type, arith::AndIOp::create(b, bits, mask));
  }

  void multiply(int64_t i, int64_t j, ArrayRef<Fragment> as, ArrayRef<Fragment> bs) {
    auto [first, second] = getElements(j);
    products.multiplyAdd(as, bs, sums,
                         {getPosition(2 * i, first), getPosition(2 * i, second),
                          getPosition(2 * i + 1, first), getPosition(2 * i + 1, second)});
  }

  DotOp op;
  ImplicitLocOpBuilder &b;
  BlockedAttr layout;
  RankedTensorType type;
  /// The accumulator's dimensions along which an instruction's rows and columns lie.
  unsigned alongRows, alongColumns;
  /// Of the accumulator, per thread.
  int64_t rows, columns;
  Type element;
  int64_t unit, perRegister;
  /// Neighbouring columns of b that are loaded together.
  int64_t columnsAtOnce = 1;
  bool matricesA = false, matricesB = false, chunksB = false;
  /// The lane's number in its group of four.
  Value inGroup;
  std::optional<SharedOperand> a;
  /// Of the first and, for 16 bits, the second row that a register of b holds.
  SmallVector<SharedOperand, 2> bOperands;
  std::optional<WindowFragments> windows;
  MmaProducts products;
  SmallVector<Value> sums;
};

} // namespace

Value poolc::emitMmaDot(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                        ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter) {
  return MmaEmitter(op, accumulator, threads, b, rewriter).emit();
}
