//===- AvgPool2dKernel.cpp - What poolings share --------------------------===//

#include "AvgPool2dKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Taps of a row that are written out rather than looped over.
static constexpr int64_t maxUnrolledTaps = 64;

AvgPool2dKernel::AvgPool2dKernel(const AvgPool2dProblem &problem, const Schedule &schedule,
                                 KernelBuilder &b)
    : problem(tiledProblem(problem, schedule)), schedule(schedule), b(b),
      shape{schedule.blockP, schedule.blockH, schedule.blockW}, plane(b.getTileStart('p')),
      outputs{b.getTileStart('h'), b.getTileStart('w')} {
  x = asPlanes(b.getOperand(0), this->problem.axis[0].size);
  y = asPlanes(b.getResult(), this->problem.outputSize(0));
  element = cast<MemRefType>(x.getType()).getElementType();
  // A single tile's coordinates are known, and conditions on them before threads have parts of it.
  for (unsigned a : {0, 1})
    if (!this->problem.axis[a].isDynamic && this->problem.outputSize(a) <= shape[a + 1])
      outputs[a] = b.index(0);
}

/// [N,C,H,W] or [C,H,W] as [planes,rows,W], where a plane may be a part of one.
Value AvgPool2dKernel::asPlanes(Value memref, int64_t rows) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t height = type.getDimSize(type.getRank() - 2);
  // Where H is dynamic, another operation may still say what it is.
  if (rows == height || problem.axis[0].isDynamic) {
    bool isBatched = type.getRank() == 4;
    return isBatched ? b.merge(memref, {{0, 1}, {2}, {3}}) : memref;
  }
  int64_t width = type.getShape().back();
  if (problem.planesAreDynamic) {
    if (type.getRank() == 3)
      return b.merge(b.split(memref, {0, height / rows, rows, width}, {{0}, {1, 2}, {3}}),
                     {{0, 1}, {2}, {3}});
    return b.merge(b.split(memref, {0, 0, height / rows, rows, width}, {{0}, {1}, {2, 3}, {4}}),
                   {{0, 1, 2}, {3}, {4}});
  }
  Value allRows =
      type.getRank() == 4 ? b.merge(memref, {{0, 1, 2}, {3}}) : b.merge(memref, {{0, 1}, {2}});
  return b.split(allRows, {problem.planes, rows, width}, {{0, 1}, {2}});
}

void AvgPool2dKernel::emitBlock(int64_t rows, int64_t columns, int64_t lead,
                                function_ref<void()> body) {
  struct Axis {
    Value start;
    int64_t least, most, extent, size;
  };
  auto makeAxis = [&](unsigned a, int64_t extent, int64_t lead) -> Axis {
    const Window &window = problem.axis[a];
    if (window.isDynamic)
      return {b.add(windowStart(a), b.index(-lead)), -window.padBefore - lead,
              std::numeric_limits<int32_t>::max(), extent, std::numeric_limits<int32_t>::max()};
    int64_t tiles = llvm::divideCeilSigned(problem.outputSize(a), shape[a + 1]);
    int64_t least = -window.padBefore - lead;
    int64_t most = least + std::max<int64_t>(tiles - 1, 0) * shape[a + 1] * window.stride;
    return {b.add(windowStart(a), b.index(-lead)), least, most, extent, window.size};
  };
  int64_t lastPlane = std::max<int64_t>(llvm::alignTo(problem.planes, shape[0]) - shape[0], 0);
  Axis planes{plane, 0, lastPlane, shape[0], problem.planes};
  constexpr int64_t any = std::numeric_limits<int32_t>::max();
  Value isWhole = b.isTileWhole();
  if (problem.planesAreDynamic)
    planes = {plane, 0, isWhole || planesEndWithBlocks() ? any - shape[0] : any, shape[0], any};
  Axis axes[] = {planes, makeAxis(0, rows, 0), makeAxis(1, columns, lead)};
  Value condition;
  isInterior = true;
  for (auto [a, axis] : llvm::enumerate(axes)) {
    if (axis.least >= 0 && axis.most + axis.extent <= axis.size)
      continue;
    // With a single tile there is no interior along this axis.
    isInterior &= axis.least != axis.most && axis.extent <= axis.size;
    auto restrict = [&, start = axis.start](arith::CmpIPredicate predicate, Value bound) {
      Value holds = arith::CmpIOp::create(b, predicate, start, bound);
      condition = condition ? arith::AndIOp::create(b, condition, holds).getResult() : holds;
    };
    if (axis.least < 0)
      restrict(arith::CmpIPredicate::sge, b.index(0));
    if (axis.most + axis.extent > axis.size)
      restrict(arith::CmpIPredicate::sle, b.getSize(x, a, -axis.extent));
  }
  // No branch for blocks that are inside along some axes only: two bodies that both guard an axis
  // have many branches, alike in both, and MLIR merges such blocks in a time that doubles with
  // each.
  if (!isInterior)
    return body();
  if (!condition) {
    guardOfPlanes = isWhole ? Guard::high : Guard::none;
    return body();
  }
  if (isWhole)
    condition = arith::AndIOp::create(b, condition, isWhole);
  auto branch = scf::IfOp::create(b, TypeRange(), condition, /*addThenBlock=*/true,
                                  /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  for (bool interior : {true, false}) {
    isInterior = interior;
    b.setInsertionPointToStart(interior ? branch.thenBlock() : branch.elseBlock());
    body();
    scf::YieldOp::create(b);
  }
}

bool AvgPool2dKernel::planesEndWithBlocks() {
  // What is static here may be known from another operation, or a bound.
  int64_t count =
      problem.planesAreDynamic ? cast<MemRefType>(x.getType()).getDimSize(0) : problem.planes;
  return !ShapedType::isDynamic(count) && count % shape[0] == 0;
}

Value AvgPool2dKernel::windowStart(unsigned a) {
  return b.mulAdd(outputs[a], problem.axis[a].stride, -problem.axis[a].padBefore);
}

Value AvgPool2dKernel::sumTaps(int64_t kernel, int64_t phases, int64_t first,
                               function_ref<Value(int64_t phase, Value column)> load) {
  auto addTaps = [&](Value groups, int64_t from, int64_t count, Value sum) -> Value {
    for (int64_t column = first + from; count > 0; ++column, --count) {
      int64_t phase = llvm::mod(column, phases), group = (column - phase) / phases;
      Value tap = load(phase, b.add(groups, b.index(group)));
      if (tap)
        sum = sum ? arith::AddFOp::create(b, sum, tap).getResult() : tap;
    }
    return sum ? sum : b.splat(tileType(shape, b.getF32Type()), 0);
  };
  if (kernel <= maxUnrolledTaps)
    return addTaps(b.index(0), 0, kernel, nullptr);
  Value zero = b.splat(tileType(shape, b.getF32Type()), 0);
  Value sum =
      b.loop(kernel / phases, zero, [&](Value i, Value sum) { return addTaps(i, 0, phases, sum); });
  return addTaps(b.index(0), llvm::alignDown(kernel, phases), kernel % phases, sum);
}

/// Calls `body` for each `step` of `extent` elements, which begin at `start`, and for what is left,
/// with the first one's number; both are the part's meanwhile.
void AvgPool2dKernel::forEachPart(int64_t &extent, int64_t step, Value &start,
                                  function_ref<void(Value first)> body) {
  int64_t whole = extent, parts = whole / step;
  if (step == whole)
    return body(b.index(0));
  auto emit = [&](int64_t size, Value first) {
    llvm::SaveAndRestore<int64_t> savedExtent(extent, size);
    llvm::SaveAndRestore<Value> savedStart(start, b.add(start, first));
    body(first);
  };
  if (parts == 1) {
    emit(step, b.index(0));
  } else {
    // Parts are counted, so that it is known of the last one that it ends with the tile.
    auto loop = scf::ForOp::create(b, b.index(0), b.index(parts), b.index(1),
                                   /*initArgs=*/ValueRange());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    emit(step, b.mulAdd(loop.getInductionVar(), step, 0));
  }
  if (int64_t rest = whole % step)
    emit(rest, b.index(parts * step));
}

void AvgPool2dKernel::forEachStep(const OutputStep &step,
                                  function_ref<void(Value plane, Value row)> body) {
  forEachPart(shape[0], step.planes, plane, [&](Value first) {
    forEachPart(shape[1], step.rows, outputs[0], [&](Value row) { body(first, row); });
  });
}

void AvgPool2dKernel::forEachWrittenOut(unsigned a, int64_t step,
                                        function_ref<void(int64_t first)> body) {
  int64_t whole = shape[a + 1];
  Value start = outputs[a];
  for (int64_t first = 0; first < whole; first += step) {
    llvm::SaveAndRestore<int64_t> savedExtent(shape[a + 1], std::min(step, whole - first));
    llvm::SaveAndRestore<Value> savedStart(outputs[a], b.add(start, b.index(first)));
    body(first);
  }
}

Value AvgPool2dKernel::makeResult(Value sum) { return b.truncate(divide(sum), element); }

void AvgPool2dKernel::finish(Value sum, int64_t vector) {
  setGuards(StoreOp::create(b, makeResult(sum), y, ValueRange{plane, outputs[0], outputs[1]},
                            ArrayRef<int64_t>{0, 1, 2}, ArrayRef<int64_t>{1, 1, 1}, vector));
}

void AvgPool2dKernel::finishGroups(Value sum, int64_t vector) {
  ArrayRef<int64_t> sizes = cast<RankedTensorType>(sum.getType()).getShape();
  int64_t inGroup = sizes.back(), columns = problem.outputSize(1);
  llvm::SaveAndRestore<SmallVector<int64_t>> saved(shape, SmallVector<int64_t>(sizes));
  auto type = cast<MemRefType>(y.getType());
  int64_t rows = type.isDynamicDim(1) ? problem.outputSize(0) : type.getDimSize(1);
  Value groups =
      b.split(y, {type.getDimSize(0), rows, columns / inGroup, inGroup}, {{0}, {1}, {2, 3}});
  Value group = arith::DivUIOp::create(b, outputs[1], b.index(inGroup));
  setGuards(StoreOp::create(b, makeResult(sum), groups,
                            ValueRange{plane, outputs[0], group, b.index(0)},
                            ArrayRef<int64_t>{0, 1, 2, 3}, ArrayRef<int64_t>{1, 1, 1, 1}, vector));
}

Value AvgPool2dKernel::divide(Value sum) {
  RankedTensorType type = tileType(shape, b.getF32Type());
  // 1 / divisor is rounded once more than the quotient would be, which the
  // error bound of a sum has room for; a division is some ten instructions.
  std::optional<int64_t> divisor = problem.uniformDivisor();
  if (isInterior && !clearsPadding && !divisor)
    divisor = problem.axis[0].kernel * problem.axis[1].kernel;
  if (divisor)
    return arith::MulFOp::create(b, sum, b.splat(type, 1.0 / static_cast<double>(*divisor)));
  Value inRows = isInterior ? b.splat(type, double(problem.axis[0].kernel))
                            : b.broadcast(countPositions(0), shape);
  Value counts = arith::MulFOp::create(b, inRows, b.broadcast(countPositions(1), shape));
  // Products of counts are exact; to divide by them is some ten instructions, and the bound
  // has room for a reciprocal that is off by its last bit.
  Value one = b.splat(type, 1);
  Value reciprocal = arith::DivFOp::create(b, one, counts, arith::FastMathFlags::afn);
  return arith::MulFOp::create(b, sum, reciprocal);
}

/// How many positions of each window the divisor counts along axis `a`, as f32.
Value AvgPool2dKernel::countPositions(unsigned a) {
  const Window &window = problem.axis[a];
  SmallVector<int64_t> extent(shape.size(), 1);
  extent[a + 1] = shape[a + 1];
  // In groups, columns have two dimensions.
  bool inGroups = a == 1 && shape.size() == 4;
  if (inGroups)
    extent[3] = shape[3];
  // The last window of the last tile starts before this times the tile's size.
  uint64_t reach = llvm::SaturatingMultiplyAdd<uint64_t>(window.maxOutputSize() + 1, window.stride,
                                                         window.kernel);
  for (int64_t size : {window.maxSize(), window.padBefore, window.padAfter})
    reach = llvm::SaturatingAdd<uint64_t>(reach, size);
  bool narrow = reach <= std::numeric_limits<int32_t>::max() /
                             (uint64_t(shape[a + 1]) * (inGroups ? shape[3] : 1));
  RankedTensorType integers = tileType(extent, b.getIntegerType(narrow ? 32 : 64));

  Value start;
  if (inGroups) {
    auto along = [&](unsigned dim, Value base, int64_t step) {
      SmallVector<int64_t> sizes(shape.size(), 1);
      sizes[dim] = shape[dim];
      return b.broadcast(
          IotaOp::create(b, tileType(sizes, integers.getElementType()), base, dim, step), extent);
    };
    start = arith::AddIOp::create(b, along(2, windowStart(a), window.stride * shape[3]),
                                  along(3, b.index(0), window.stride));
  } else {
    start = IotaOp::create(b, integers, windowStart(a), a + 1, window.stride);
  }
  Value end = arith::AddIOp::create(b, start, b.splatInteger(integers, window.kernel));
  int64_t low = problem.countIncludePad ? -window.padBefore : 0;
  Value high = b.splatSize(integers, x, a + 1, problem.countIncludePad ? window.padAfter : 0);
  Value counted =
      arith::SubIOp::create(b, arith::MinSIOp::create(b, end, high),
                            arith::MaxSIOp::create(b, start, b.splatInteger(integers, low)));
  return arith::SIToFPOp::create(b, tileType(extent, b.getF32Type()), counted);
}
