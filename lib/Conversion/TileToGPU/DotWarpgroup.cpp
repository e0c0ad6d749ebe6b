//===- DotWarpgroup.cpp - Products of four warps --------------------------===//
//
// tile.dot as wgmma, with swapped roles: the instruction's 64 rows are columns of b,
// which threads load and round as mma.sync would have them; its columns are rows of
// a, which the tensor cores read from shared memory by themselves. So columns of b
// may begin anywhere, as the positions of a window's taps do.
//
// Where b lies in chunks as a does, nothing is swapped, and both are read from shared memory.
//
// The instructions stand here as text, since NVVM's operations take both factors from
// shared memory. Several of them are one piece, with the fence that has to come after
// whatever wrote their registers.
//
//===----------------------------------------------------------------------===//

#include "Dot.h"

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

/// What products have in common: sums in the order of their instructions, and text around them.
class ProductEmitter {
public:
  ProductEmitter(DotOp op, ImplicitLocOpBuilder &b)
      : op(op), b(b), layout(getLayout(op.getAccumulator().getType())),
        element(op.getA().getType().getElementType()), unit(128 / element.getIntOrFloatBitWidth()),
        perRegister(unit / 4), steps(countDepth(op) / (2 * unit)) {}

protected:
  static int64_t countDepth(DotOp op) {
    MemRefType a = op.getA().getType();
    return a.getDimSize(0) * a.getDimSize(2);
  }

  /// `positionOf(i)`: where the i-th of all sums is in the thread's vector.
  template <typename Fn> void takeSums(Value accumulator, int64_t count, Fn positionOf) {
    for (int64_t i = 0; i != count; ++i)
      sums.push_back(vector::ExtractOp::create(b, accumulator, positionOf(i)));
  }

  template <typename Fn> Value putTogether(Fn positionOf) {
    SmallVector<Value> ordered(sums.size());
    for (auto [i, sum] : llvm::enumerate(sums))
      ordered[positionOf(i)] = sum;
    return vector::FromElementsOp::create(b, VectorType::get(sums.size(), b.getF32Type()), ordered);
  }

  /// wgmma of so many columns, and what follows its operands: sums are added to, and factors not
  /// negated.
  std::string getOpcode(int64_t columns) const {
    StringRef type = perRegister == 1 ? "tf32" : element.isBF16() ? "bf16" : "f16";
    return llvm::formatv("wgmma.mma_async.sync.aligned.m64n{0}k{1}.f32.{2}.{2} ", columns, 2 * unit,
                         type);
  }
  static constexpr StringLiteral modes = ", added, 1, 1";
  static constexpr StringLiteral begin = "{\n.reg .pred added;\nsetp.eq.u32 added, 0, 0;\n"
                                         "wgmma.fence.sync.aligned;\n";

  Value describe(const SharedView &view);
  void emitText(StringRef text, ValueRange inputs, StringRef inputConstraints);
  static std::string listOperands(int64_t first, int64_t count);
  void wait(int64_t pending) {
    emitText("wgmma.wait_group.sync.aligned " + std::to_string(pending) + ";", {}, "");
  }
  bool goesOn() const;
  void waitBeforeUse();

  DotOp op;
  ImplicitLocOpBuilder &b;
  BlockedAttr layout;
  Type element;
  /// Elements in 16 bytes and in a register; instructions along k.
  int64_t unit, perRegister, steps;
  SmallVector<Value> sums;
};

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

  /// Where the i-th of all sums is in the thread's vector, which has its elements row
  /// by row.
  int64_t positionOf(int64_t i) const {
    int64_t tile = i / sumsPerProduct(), inProduct = i % sumsPerProduct();
    int64_t row = inProduct / 4 * 2 + inProduct % 2, column = 2 * tile + inProduct / 2 % 2;
    return row * columns + column;
  }

  void makeOperands(const ThreadCoordinates &threads, ConversionPatternRewriter &rewriter) {
    IntegerBuilder i{b};
    SharedView viewA = getSharedView(b, op.getA(), rewriter);
    SharedView viewB = getSharedView(b, op.getB(), rewriter);
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
    describeA(viewA);
  }

  /// The descriptors of a's parts for each step.
  void describeA(const SharedView &view) {
    Value first = describe(view);
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
      return NVVM::ConvertFloatToTF32Op::create(b, i32, low, NVVM::FPRoundingMode::RNA);
    Value high = rowsOfB.back().load(outer, k + 1);
    Value pair =
        vector::FromElementsOp::create(b, VectorType::get(2, element), ValueRange{low, high});
    return LLVM::BitcastOp::create(b, i32, pair);
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

/// wgmma m64nN of the tile's rows and all its columns, with both factors in shared memory. Of
/// the sums described above, a thread's rows g and g + 8 are the tile's 2g and 2g + 1.
class ChunksEmitter : ProductEmitter {
public:
  ChunksEmitter(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter)
      : ProductEmitter(op, b), n(op.getAccumulator().getType().getDimSize(1)),
        products(layout.getElementsPerThread(0, op.getAccumulator().getType().getDimSize(0)) / 2),
        a(getSharedView(b, op.getA(), rewriter)), c(getSharedView(b, op.getB(), rewriter)) {
    takeSums(accumulator, products * sumsPerProduct(), [&](int64_t i) { return positionOf(i); });
    // 64 rows are those of four warps.
    constexpr int64_t rows = 64;
    firstRow = arith::AndIOp::create(b, threads.getWarpFirst(layout)[0],
                                     arith::ConstantIntOp::create(b, -rows, 32));
  }

  Value emit() {
    multiply();
    NVVM::WgmmaGroupSyncAlignedOp::create(b);
    if (!goesOn())
      waitBeforeUse();
    return putTogether([&](int64_t i) { return positionOf(i); });
  }

private:
  int64_t sumsPerProduct() const { return n / 2; }

  int64_t positionOf(int64_t i) const {
    int64_t product = i / sumsPerProduct(), inProduct = i % sumsPerProduct();
    int64_t row = 2 * product + inProduct / 2 % 2, column = inProduct / 4 * 2 + inProduct % 2;
    return row * (n / 4) + column;
  }

  Value addTo(Value descriptor, int64_t units) {
    return arith::AddIOp::create(b, descriptor,
                                 arith::ConstantIntOp::create(b, b.getI64Type(), units));
  }

  void multiply() {
    Value firstA = arith::AddIOp::create(
              b, describe(a), arith::ExtUIOp::create(b, b.getI64Type(), firstRow).getResult()),
          firstC = describe(c);
    SmallVector<Value> inputs;
    for (int64_t step = 0; step != steps; ++step)
      inputs.push_back(addTo(firstC, step * 2 * (c.strides[0] / unit)));
    std::string opcode = getOpcode(n), text = begin.str();
    int64_t descriptors = products * sumsPerProduct();
    for (int64_t step = 0; step != steps; ++step)
      for (int64_t product = 0; product != products; ++product) {
        text += opcode + listOperands(product * sumsPerProduct(), sumsPerProduct()) + ", $" +
                std::to_string(descriptors + int64_t(inputs.size())) + ", $" +
                std::to_string(descriptors + step) + modes.str() +
                (perRegister == 1 ? ";\n" : ", 0, 0;\n");
        inputs.push_back(
            addTo(firstA, step * 2 * (a.strides[0] / unit) + product * layout.getCoverage(0)));
      }
    text += "}";
    emitText(text, inputs, llvm::join(SmallVector<StringRef>(inputs.size(), "l"), ","));
  }

  /// Columns of the tile, and instructions that the thread's rows take.
  int64_t n, products;
  SharedView a, c;
  Value firstRow;
};

} // namespace

/// The descriptor of chunks (PTX ISA, "Matrix Descriptor", no swizzling): the start, the distance
/// of chunks along k and that of eight rows, in units of 16 bytes.
Value ProductEmitter::describe(const SharedView &view) {
  constexpr int64_t unitBytes = 16, mostBytes = 0x3FFFF, rowsTogether = 8;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  int64_t alongK = view.strides[0] * bytes / unitBytes;
  Type i64 = b.getI64Type();
  auto constant = [&](int64_t value) { return arith::ConstantIntOp::create(b, i64, value); };
  Value start = memref::ExtractAlignedPointerAsIndexOp::create(b, view.flat);
  Value offset =
      arith::MulIOp::create(b, view.offset, arith::ConstantIndexOp::create(b, bytes).getResult());
  start = arith::IndexCastUIOp::create(b, i64, arith::AddIOp::create(b, start, offset));
  start = arith::AndIOp::create(b, start, constant(mostBytes));
  start = arith::ShRUIOp::create(b, start, constant(llvm::Log2_64(unitBytes)));
  return arith::OrIOp::create(b, start, constant(alongK << 16 | rowsTogether << 32));
}

/// Instructions on the sums, which they read and write: `text`, where the sums are the
/// first operands and `inputs` those after.
void ProductEmitter::emitText(StringRef text, ValueRange inputs, StringRef inputConstraints) {
  SmallVector<Type> types(sums.size(), b.getF32Type());
  auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  SmallVector<std::string> constraints(sums.size(), "=f");
  if (!inputConstraints.empty())
    constraints.push_back(inputConstraints.str());
  for (size_t i = 0; i != sums.size(); ++i)
    constraints.push_back(llvm::utostr(i));
  constraints.push_back("~{memory}");
  SmallVector<Value> operands(inputs);
  llvm::append_range(operands, sums);
  Value results = LLVM::InlineAsmOp::create(b, type, operands, text, llvm::join(constraints, ","),
                                            /*has_side_effects=*/true, /*is_align_stack=*/false,
                                            LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
                                            /*operand_attrs=*/nullptr)
                      .getResult(0);
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(b, results, i);
}

std::string ProductEmitter::listOperands(int64_t first, int64_t count) {
  std::string list;
  for (int64_t i = first; i != first + count; ++i)
    list += (i == first ? "$" : ", $") + std::to_string(i);
  return "{" + list + "}";
}

/// Where the result is first used, others may write to shared memory, or the block ends.
static Operation *findEnd(DotOp op) {
  Operation *next = op->getNextNode();
  auto uses = [&](Operation *user) {
    return llvm::any_of(op->getUsers(), [&](Operation *other) { return user->isAncestor(other); });
  };
  while (!next->hasTrait<OpTrait::IsTerminator>() && !isa<BarrierOp, AsyncWaitOp>(next) &&
         !uses(next))
    next = next->getNextNode();
  return next;
}

/// Whether what comes next to the sums is another product of four warps.
bool ProductEmitter::goesOn() const {
  auto dot = dyn_cast<DotOp>(findEnd(op));
  return dot && dot.isOfWarpgroups() && const_cast<DotOp &>(op)->hasOneUse();
}

/// Waits for what is under way.
void ProductEmitter::waitBeforeUse() {
  b.setInsertionPoint(findEnd(op));
  wait(0);
}

Value poolc::emitWarpgroupDot(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                              ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter) {
  if (op.readsChunks())
    return ChunksEmitter(op, accumulator, threads, b, rewriter).emit();
  return WarpgroupEmitter(op, accumulator, threads, b, rewriter).emit();
}
