//===- Conv1dBoxedChunks.cpp - Boxes of x that threads chunk --------------===//

#include "Conv1dBoxedChunks.h"

#include "poolc/Schedule/Conv1dFolded.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

Conv1dBoxedChunks::Conv1dBoxedChunks(const Conv1dProblem &problem, const Schedule &schedule,
                                     KernelBuilder &b)
    : Conv1dMatrixKernel(problem, schedule, b), multiplied(multipliedProblem(problem, schedule)),
      staging(multiplied, schedule), steps(staging.weights.stepsOfPart), firstStart(inputStart) {}

Conv1dBoxedChunks::Step Conv1dBoxedChunks::getPlace(Value number) {
  Step step{getStep(number, steps), nullptr, b.index(0), firstStart};
  step.channels = step.number;
  if (int64_t tapSteps = staging.weights.tapSteps; tapSteps != 1) {
    step.channels = arith::DivUIOp::create(b, step.number, b.index(tapSteps));
    Value tapStep = arith::RemUIOp::create(b, step.number, b.index(tapSteps));
    step.firstTap = b.mulAdd(tapStep, schedule.blockT, 0);
    step.start = b.add(firstStart, b.mulAdd(step.firstTap, multiplied.window.dilation, 0));
  }
  return step;
}

Conv1dBoxedChunks::BoxStage Conv1dBoxedChunks::nextBoxStage(const BoxStage &place) {
  Value next = b.mulAdd(place.stage, 1, 1);
  Value wraps =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, next, b.index(staging.stagesOfBoxes));
  return {arith::SelectOp::create(b, wraps, b.index(0), next),
          arith::SelectOp::create(b, wraps, b.mulAdd(place.phase, 1, 1), place.phase)};
}

void Conv1dBoxedChunks::beginBoxes() {
  boxes = allocate({staging.stagesOfBoxes * staging.boxElements(schedule)}, {1});
  auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto type =
      MemRefType::get({staging.stagesOfBoxes}, b.getI64Type(), MemRefLayoutAttrInterface{}, space);
  map = b.getMap(/*isPrepared=*/true);
  objects = ObjectsOp::create(b, type, /*arrivals=*/rowsTogether(), ValueRange{map});
  objectsOfWeights = ObjectsOp::create(b, type, /*arrivals=*/1, ValueRange());
  for (int64_t step = 0; step != std::min(steps, staging.stagesOfBoxes); ++step)
    copyBoxes(getPlace(b.index(step)), b.index(step));
}

/// Of `row` of those that are together, a step's boxes.
Value Conv1dBoxedChunks::viewBoxes(Value stage, int64_t row) {
  int64_t columns = staging.weights.boxColumns, rows = schedule.blockK / rowsTogether();
  Value origin = b.mulAdd(stage, staging.boxElements(schedule),
                          row * staging.boxElements(schedule) / rowsTogether());
  return viewMemory(boxes, origin, {staging.boxes, rows, columns}, {rows * columns, columns, 1});
}

Value Conv1dBoxedChunks::getShift(const Step &step, int64_t row) {
  if (std::optional<int64_t> shift = staging.shiftOfBoxes(row))
    return b.index(*shift);
  return arith::AndIOp::create(b, step.start, b.index(staging.chunk - 1));
}

void Conv1dBoxedChunks::copyBoxes(const Step &step, Value stage) {
  Value first = b.mulAdd(step.channels, schedule.blockK / rowsTogether(), 0);
  for (int64_t row = 0; row != rowsTogether(); ++row) {
    Value begin =
        arith::SubIOp::create(b, b.mulAdd(step.start, 1, row * window.size), getShift(step, row));
    CopyBoxesOp::create(b, map, ValueRange{image, group, first, begin}, viewBoxes(stage, row),
                        /*joined=*/0, objects, stage);
  }
}

void Conv1dBoxedChunks::chunkBoxes(const Step &step, const BoxStage &place, Value slabNumber) {
  AwaitOp::create(b, objects, place.stage, place.phase);
  if (rowsTogether() == 1 || !hasPadding())
    return chunkRows(step, place, slabNumber, /*isolate=*/false);
  // Before a row and behind it, boxes have others.
  auto branch = scf::IfOp::create(b, isInside(step.start, reachOf(schedule.blockT)),
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  chunkRows(step, place, slabNumber, /*isolate=*/false);
  b.setInsertionPointToStart(branch.elseBlock());
  chunkRows(step, place, slabNumber, /*isolate=*/true);
}

/// `isolate`: with zeros where a row has no elements.
void Conv1dBoxedChunks::chunkRows(const Step &step, const BoxStage &place, Value slabNumber,
                                  bool isolate) {
  for (int64_t row = 0; row != rowsTogether(); ++row) {
    Value from = viewBoxes(place.stage, row), shift = getShift(step, row);
    // The position of the first column.
    Value position = arith::SubIOp::create(b, step.start, shift);
    if (problem.type == DataType::f32) {
      chunkElements(from, slabNumber, row, isolate ? position : Value());
      continue;
    }
    Value first, end;
    if (isolate) {
      first = arith::SubIOp::create(b, b.index(0), position);
      end = b.mulAdd(first, 1, window.size);
    }
    ChunkBoxesOp::create(b, from, viewChunksOfRow(slabNumber, row, 0, staging.columnsOfBoxes),
                         first, end);
  }
}

/// The same of f32, rounded.
void Conv1dBoxedChunks::chunkElements(Value from, Value slabNumber, int64_t row, Value position) {
  Value zero = b.index(0);
  int64_t columns = staging.weights.boxColumns, chunks = staging.chunks / rowsTogether();
  for (int64_t box = 0; box != staging.boxes; ++box) {
    int64_t first = box * columns, count = std::min(columns, staging.columnsOfBoxes - first);
    SmallVector<int64_t> shape{chunks, count, staging.chunk};
    Value origin = b.mulAdd(from.getDefiningOp<ViewOp>().getOrigin(), 1,
                            box * columns * schedule.blockK / rowsTogether());
    Value view = viewMemory(boxes, origin, shape, {staging.chunk * columns, 1, columns});
    Value tile =
        LoadOp::create(b, RankedTensorType::get(shape, element), view, ValueRange{zero, zero, zero},
                       ArrayRef<int64_t>{0, 1, 2}, ArrayRef<int64_t>{1, 1, 1});
    if (position)
      tile = isolateColumns(tile, b.mulAdd(position, 1, first));
    storeChunks(tile, viewChunksOfRow(slabNumber, row, first, count));
  }
}

/// `tile`, zero where its columns, positions from `first` on, are none of x.
Value Conv1dBoxedChunks::isolateColumns(Value tile, Value first) {
  auto type = cast<RankedTensorType>(tile.getType());
  ArrayRef<int64_t> shape = type.getShape();
  auto numbers = RankedTensorType::get({1, shape[1], 1}, b.getI64Type());
  Value number = IotaOp::create(b, numbers, first, /*dim=*/1, /*step=*/1);
  Value isInside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number,
                                         b.splatInteger(numbers, window.size));
  return arith::SelectOp::create(b, b.broadcast(isInside, shape), tile, b.splat(type, 0));
}

/// Of the chunks of a slab that are of `row`, so many columns of boxes. A position has the same
/// place in all of them.
Value Conv1dBoxedChunks::viewChunksOfRow(Value slabNumber, int64_t row, int64_t first,
                                         int64_t count) {
  int64_t ofChunk = staging.columns * staging.chunk, column = first;
  if (rowsTogether() != 1)
    column += staging.chunk - *staging.shiftOfBoxes(row);
  Value origin =
      b.mulAdd(slabNumber, staging.slabElements(), row * ofChunk + column * staging.chunk);
  return viewMemory(slab, origin, {staging.chunks / rowsTogether(), count, staging.chunk},
                    {rowsTogether() * ofChunk, staging.chunk, 1});
}

void Conv1dBoxedChunks::storeChunks(Value tile, Value view) {
  Value rounded = problem.type == DataType::f32 ? b.roundToTF32(tile) : tile;
  Value zero = b.index(0);
  StoreOp::create(b, rounded, view, ValueRange{zero, zero, zero}, ArrayRef<int64_t>{0, 1, 2},
                  ArrayRef<int64_t>{1, 1, 1}, staging.chunk);
}
