//===- DotRows.cpp - Products of rows that threads load from global memory ===//
//
// tile.dot_rows as mma.sync. Of each 64 bytes of a row, the four threads that share it
// have 16 each, in whatever order an instruction would have them: the same of both
// operands. So a load brings the fragments of two instructions, and nothing meets.
//
//===----------------------------------------------------------------------===//

#include "Dot.h"
#include "MmaProducts.h"

#include "poolc/Target/RowLoads.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr int64_t bytesOfStep = 64, bytesOfThread = 16, registersOfThread = 4;

/// Products between which loads stay. ptxas would have all of a step's first, and spill.
static constexpr int64_t fragmentsTogether = 2;

namespace {

/// Rows of an operand in global memory, as this thread sees them.
class GlobalRows {
public:
  GlobalRows(ImplicitLocOpBuilder &b, Value memory, Type element, Value origin, Value count,
             int64_t pitch, int64_t sure, int64_t vector)
      : b(b), count(count), element(element), bytes(element.getIntOrFloatBitWidth() / 8),
        pitch(pitch), sure(sure), bytesOfLoad(vector * bytes) {
    while (isa_and_present<memref::CollapseShapeOp, memref::ExpandShapeOp, ReshapeOp>(
        memory.getDefiningOp()))
      memory = memory.getDefiningOp()->getOperand(0);
    Value start = memref::ExtractAlignedPointerAsIndexOp::create(b, memory);
    first = arith::AddIOp::create(b, start, mul(origin, bytes));
  }

  /// Row `row` of the thread, and those that lie `distances` further: of a part of the tile of
  /// `together` rows, in which the thread's may be any. `inGroup` is its number among four.
  void place(Value row, Value inGroup, ArrayRef<int64_t> distances, int64_t together) {
    Value own = arith::AddIOp::create(b, first, mul(inGroup, bytesOfThread));
    auto addressOf = [&](Value row) {
      Value address = arith::AddIOp::create(b, own, mul(row, pitch * bytes));
      return arith::IndexCastUIOp::create(b, b.getI64Type(), address).getResult();
    };
    constexpr int64_t mostInText = 1 << 30;
    for (int64_t distance : distances) {
      if (distance + together <= sure && distance * pitch <= mostInText / bytes) {
        if (places.empty())
          addresses.push_back(addressOf(row));
        places.push_back({0, distance * pitch * bytes});
        continue;
      }
      Value last = arith::SubIOp::create(b, count, index(1));
      Value other = arith::AddIOp::create(b, row, index(distance));
      places.push_back({addresses.size(), 0});
      addresses.push_back(addressOf(arith::MinSIOp::create(b, other, last)));
    }
  }

  /// The thread's part of the `i`-th of these rows in this step.
  SmallVector<Value> load(int64_t i) { return load(i, 0, /*condition=*/nullptr); }

  /// The same of the next step, if there is one; else anything.
  SmallVector<Value> loadNext(int64_t i, Value hasNext) { return load(i, bytesOfStep, hasNext); }

  /// Where places are counted from (i64).
  SmallVector<Value> addresses;

private:
  SmallVector<Value> load(int64_t i, int64_t further, Value condition) {
    auto [address, distance] = places[i];
    int64_t parts = bytesOfThread / bytesOfLoad, words = registersOfThread / parts;
    std::string text;
    for (int64_t part = 0; part != parts; ++part) {
      SmallVector<std::string> registers;
      for (int64_t word = 0; word != words; ++word)
        registers.push_back("$" + std::to_string(part * words + word));
      std::string list = llvm::join(registers, ", ");
      text += condition ? "@$5 " : "";
      text += words == 1 ? "ld.global.b32 " + list
                         : "ld.global.v" + std::to_string(words) + ".b32 {" + list + "}";
      text += ", [$4+" + std::to_string(distance + further + part * bytesOfLoad) + "];";
    }
    // As text, for their order to stay: from memory that is only read, LLVM and ptxas load as
    // early as can be.
    bool isF32 = element.isF32();
    SmallVector<Type> types(registersOfThread, isF32 ? Type(b.getF32Type()) : b.getI32Type());
    auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
    std::string constraints = isF32 ? "=&f,=&f,=&f,=&f,l" : "=&r,=&r,=&r,=&r,l";
    SmallVector<Value> operands{addresses[address]};
    if (condition) {
      constraints += ",b";
      operands.push_back(condition);
    }
    Value loaded = LLVM::InlineAsmOp::create(b, type, operands, text, constraints,
                                             /*has_side_effects=*/true, /*is_align_stack=*/false,
                                             LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
                                             /*operand_attrs=*/nullptr)
                       .getResult(0);
    SmallVector<Value> result;
    for (int64_t word = 0; word != registersOfThread; ++word) {
      Value value = LLVM::ExtractValueOp::create(b, loaded, word);
      result.push_back(
          isF32 ? value
                : LLVM::BitcastOp::create(b, VectorType::get(2, element), value).getResult());
    }
    return result;
  }

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, value); }
  Value mul(Value a, int64_t factor) { return arith::MulIOp::create(b, a, index(factor)); }

  ImplicitLocOpBuilder &b;
  Value first, count;
  Type element;
  int64_t bytes, pitch, sure, bytesOfLoad;
  /// Of rows: the number of an address, and how many bytes further they begin.
  SmallVector<std::pair<size_t, int64_t>> places;
};

/// The roles of DotMma.cpp with columns of lanes: rows of the operand b are the instructions'
/// rows, those of a their columns.
class RowsEmitter {
public:
  RowsEmitter(DotRowsOp op, Value accumulator, Value memoryA, Value memoryB,
              const ThreadCoordinates &threads, ImplicitLocOpBuilder &b)
      : op(op), b(b), layout(getLayout(op.getAccumulator().getType())),
        type(op.getAccumulator().getType()),
        columns(layout.getElementsPerThread(0, type.getDimSize(0))),
        element(cast<MemRefType>(op.getA().getType()).getElementType()),
        products(b, op.getArithmetic(), element),
        a(b, memoryA, element, op.getOriginA(), op.getCountA(), op.getPitches()[0], op.getSure()[0],
          op.getVectors()[0]),
        x(b, memoryB, element, op.getOriginB(), op.getCountB(), op.getPitches()[1], op.getSure()[1],
          op.getVectors()[1]) {
    placeRows(threads);
    products.keepRegisters();
    carried.push_back(accumulator);
  }

  Value emit() {
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    int64_t steps = int64_t(op.getDepth()) * bytes / bytesOfStep;
    for (int64_t row = 0; row != rows; ++row)
      llvm::append_range(carried, x.load(row));
    for (int64_t j = 0; j != ahead(); ++j)
      llvm::append_range(carried, a.load(j));
    emitLoop(steps);
    return carried.front();
  }

private:
  int64_t fragments() const { return columns / 2; }
  int64_t ahead() {
    bool isSplit = op.getArithmetic() == Arithmetic::mma_tf32x3;
    return std::min(countLoadsAhead(rows * columns, isSplit), fragments());
  }

  void placeRows(const ThreadCoordinates &threads) {
    IntegerBuilder i{b};
    auto toIndex = [&](Value value) -> Value {
      return arith::IndexCastUIOp::create(b, b.getIndexType(), value);
    };
    Value lane = threads.getLane(), own = i.shiftRight(lane, 2);
    Value inGroup = toIndex(i.bitAnd(lane, 3));
    auto along = [&](unsigned d, int64_t count, int64_t step) {
      SmallVector<int64_t> distances;
      for (int64_t i = 0; i != count; i += step)
        distances.push_back(layout.getElementOffset(d, i));
      return distances;
    };
    ArrayRef<Value> first = threads.getWarpFirst(layout);
    a.place(toIndex(i.add(first[0], own)), inGroup, along(0, columns, 2), layout.getCoverage(0));
    x.place(toIndex(i.add(first[1], own)), inGroup, along(1, rows, 1), layout.getCoverage(1));
  }

  void emitLoop(int64_t steps) {
    auto index = [&](int64_t value) { return arith::ConstantIndexOp::create(b, value); };
    auto all = [&] {
      return llvm::to_vector(llvm::concat<Value>(carried, x.addresses, a.addresses));
    };
    auto loop = scf::ForOp::create(b, index(0), index(steps), index(1), all());
    auto take = [&](ValueRange values) {
      for (SmallVector<Value> *part : {&carried, &x.addresses, &a.addresses}) {
        llvm::copy(values.take_front(part->size()), part->begin());
        values = values.drop_front(part->size());
      }
    };
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    take(loop.getRegionIterArgs());
    // A condition, and no step of its own at the end: that has ptxas spill.
    Value hasNext = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, loop.getInductionVar(),
                                          index(steps - 1));
    carried = emitStep(hasNext);
    for (Value &address : llvm::concat<Value>(x.addresses, a.addresses))
      address = advance(address);
    scf::YieldOp::create(b, all());
    take(loop.getResults());
  }

  /// The address of the next step. As text, for LLVM would hold all that it can count from the
  /// number of the step beside it.
  Value advance(Value address) {
    std::string text = "add.s64 $0, $0, " + std::to_string(bytesOfStep) + ";";
    return LLVM::InlineAsmOp::create(b, b.getI64Type(), address, text, "=l,0",
                                     /*has_side_effects=*/true, /*is_align_stack=*/false,
                                     LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
                                     /*operand_attrs=*/nullptr)
        .getResult(0);
  }

  /// What has been loaded ahead.
  ArrayRef<Value> loadedX(int64_t row) const {
    return ArrayRef(carried).slice(1 + row * registersOfThread, registersOfThread);
  }
  ArrayRef<Value> loadedA(int64_t i) const { return loadedX(rows + i); }

  /// The products of one step; returns what is carried to the next one.
  SmallVector<Value> emitStep(Value hasNext) {
    SmallVector<Value> sums;
    for (int64_t i = 0; i != rows * columns; ++i)
      sums.push_back(vector::ExtractOp::create(b, carried.front(), i));
    ArrayRef<Value> low = loadedX(0), high = loadedX(1);
    SmallVector<Fragment> xs[2];
    for (int64_t half : {0, 1})
      xs[half] =
          products.split({low[2 * half], high[2 * half], low[2 * half + 1], high[2 * half + 1]});
    SmallVector<Value> next;
    for (int64_t row = 0; row != rows; ++row)
      llvm::append_range(next, x.loadNext(row, hasNext));

    SmallVector<SmallVector<Value>> ring;
    for (int64_t j = 0; j != ahead(); ++j)
      ring.emplace_back(loadedA(j));
    for (int64_t j = 0; j != fragments(); ++j) {
      SmallVector<Value> &loaded = ring[j % ahead()];
      SmallVector<Fragment> as[2];
      for (int64_t half : {0, 1})
        as[half] = products.split({loaded[2 * half], loaded[2 * half + 1]});
      int64_t later = j + ahead();
      loaded = later < fragments() ? a.load(later) : a.loadNext(later - fragments(), hasNext);
      for (int64_t half : {0, 1})
        multiply(sums, j, xs[half], as[half]);
      if (j % fragmentsTogether == fragmentsTogether - 1)
        NVVM::SyncWarpOp::create(b, arith::ConstantIntOp::create(b, -1, 32));
    }
    for (int64_t j = 0; j != ahead(); ++j)
      llvm::append_range(next, ring[(fragments() + j) % ahead()]);
    auto type = VectorType::get(rows * columns, b.getF32Type());
    next.insert(next.begin(), vector::FromElementsOp::create(b, type, sums));
    return next;
  }

  /// Adds to the sums of the thread's `j`-th pair of rows of a.
  void multiply(MutableArrayRef<Value> sums, int64_t j, ArrayRef<Fragment> xs,
                ArrayRef<Fragment> as) {
    int64_t first = 2 * j * rows, second = first + rows;
    products.multiplyAdd(xs, as, sums, {first, second, first + 1, second + 1});
  }

  DotRowsOp op;
  ImplicitLocOpBuilder &b;
  BlockedAttr layout;
  RankedTensorType type;
  /// Of the accumulator, per thread: along N, and along M.
  static constexpr int64_t rows = 2;
  int64_t columns;
  Type element;
  MmaProducts products;
  GlobalRows a, x;
  /// The vector of sums, then what has been loaded ahead.
  SmallVector<Value> carried;
};

} // namespace

Value poolc::emitDotRows(DotRowsOp op, Value accumulator, Value memoryA, Value memoryB,
                         const ThreadCoordinates &threads, ImplicitLocOpBuilder &b) {
  return RowsEmitter(op, accumulator, memoryA, memoryB, threads, b).emit();
}
