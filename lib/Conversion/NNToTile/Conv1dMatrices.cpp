//===- Conv1dMatrices.cpp - Convolution by matrix products ----------------===//

#include "Conv1dMatrices.h"

#include "Epilogue.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr int64_t bytesOfCopy = 16;

Value Conv1dMatrixKernel::sumSteps(int64_t stepsOfPart,
                                   function_ref<Value(Value step, Value sum)> body) {
  return Conv1dKernel::sumSteps(stepsOfPart, zeroSum(), [&](Value step, Value sum) {
    return body(getStep(step, stepsOfPart), sum);
  });
}

Value Conv1dMatrixKernel::flattenWeights() {
  return b.split(b.merge(b.getOperand(1), {{0}, {1, 2}}),
                 {problem.groups, problem.outPerGroup, problem.taps()}, {{0, 1}, {2}});
}

Value Conv1dMatrixKernel::allocate(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
  return AllocOp::create(b, MemRefType::get(shape, element, layout, space));
}

Value Conv1dMatrixKernel::makeView(Value memref, ArrayRef<OpFoldResult> offsets,
                                   ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> shape) {
  auto attributes = [&](ArrayRef<int64_t> values) {
    return llvm::map_to_vector(
        values, [&](int64_t value) -> OpFoldResult { return b.getIndexAttr(value); });
  };
  auto type = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(memref.getType()), offsets, attributes(sizes), attributes(strides));
  return memref::SubViewOp::create(b, type, memref, offsets, attributes(sizes),
                                   attributes(strides));
}

//===----------------------------------------------------------------------===//
// Rows of x
//===----------------------------------------------------------------------===//

Conv1dMatrixKernel::RowPlace Conv1dMatrixKernel::placeRows(const StagedRows &rows, Value start) {
  if (rows.start == RowStart::aligned || (rows.start == RowStart::skewed && rows.shift)) {
    if (rows.shift)
      return {start, b.getIndexAttr(*rows.shift), {}};
    return {start, arith::AndIOp::create(b, start, b.index(rows.vector - 1)).getResult(), {}};
  }
  // Only the low bits of where the first row begins in memory matter.
  Value channels = b.add(b.mulAdd(image, problem.groups, 0), group);
  if (rows.start == RowStart::skewed) {
    Value first = b.add(start, b.mulAdd(channels, rows.shiftOfGroup, 0));
    return {start, arith::AndIOp::create(b, first, b.index(rows.vector - 1)).getResult(), {}};
  }
  Value size = b.getSize(x, 3);
  Value first = arith::MulIOp::create(b, b.mulAdd(channels, problem.inPerGroup, 0), size);
  return {start, b.getIndexAttr(0), {b.add(start, first), size}};
}

Value Conv1dMatrixKernel::getBegin(const RowPlace &place) {
  if (auto constant = dyn_cast<Attribute>(place.shift))
    return b.mulAdd(place.start, 1, -cast<IntegerAttr>(constant).getInt());
  return arith::SubIOp::create(b, place.start, cast<Value>(place.shift));
}

OpFoldResult Conv1dMatrixKernel::getColumn(const RowPlace &place, int64_t distance) {
  if (auto constant = dyn_cast<Attribute>(place.shift))
    return b.getIndexAttr(cast<IntegerAttr>(constant).getInt() + distance);
  return b.mulAdd(cast<Value>(place.shift), 1, distance);
}

Value Conv1dMatrixKernel::getColumn(const RowPlace &place, Value distance) {
  if (auto constant = dyn_cast<Attribute>(place.shift))
    return b.mulAdd(distance, 1, cast<IntegerAttr>(constant).getInt());
  return b.add(distance, cast<Value>(place.shift));
}

void Conv1dMatrixKernel::promiseColumns(DotOp dot, const StagedRows &rows, OpFoldResult column) {
  auto constant = dyn_cast<Attribute>(column);
  if (!constant || !rows.inGroups || dot.isOfWarpgroups())
    return;
  constexpr int64_t groupBytes = 16;
  int64_t inGroup = groupBytes / sizeInBytes(problem.type);
  dot.setColumnPhase(cast<IntegerAttr>(constant).getInt() % inGroup);
  hasNeighbours = true;
}

void Conv1dMatrixKernel::copyRows(const StagedRows &rows, const RowPlace &place, Value firstChannel,
                                  Value slab, bool async, Value unused) {
  Value first = getBegin(place);
  // Only a run knows how many elements ahead of the needed ones the row begins.
  Value endShift = dyn_cast<Value>(place.shift);
  if (unused)
    endShift = arith::SubIOp::create(b, endShift ? endShift : b.index(0), unused);
  CopyOp copy;
  if (auto type = cast<MemRefType>(slab.getType()); type.getRank() == 2) {
    copy = CopyOp::create(b, x, ValueRange{image, group, firstChannel, first}, slab,
                          ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1},
                          rows.vector, async);
  } else {
    int64_t together = type.getDimSize(1);
    Value parts = b.split(
        x, {problem.batch, problem.groups, problem.inPerGroup / together, together, window.size},
        {{0}, {1}, {2, 3}, {4}});
    Value part = arith::DivUIOp::create(b, firstChannel, b.index(together));
    copy = CopyOp::create(b, parts, ValueRange{image, group, part, b.index(0), first}, slab,
                          ArrayRef<int64_t>{-1, -1, 0, 1, 2}, ArrayRef<int64_t>{1, 1, 1, 1, 1},
                          rows.vector, async);
  }
  bool isSkewed = rows.start != RowStart::aligned;
  if (!isSkewed && !unused)
    return;
  copy.setSkewed(isSkewed);
  if (isa<Attribute>(place.shift))
    copy.setColumns(ArrayRef<int64_t>{isSkewed ? rows.needed[0] : 0, rows.needed[1]});
  else
    copy.setColumns(ArrayRef<int64_t>{0, rows.needed[1] - (rows.vector - 1)});
  if (endShift)
    copy.getEndShiftMutable().assign(endShift);
}

void Conv1dMatrixKernel::finishCopies(const StagedRows &rows, const RowPlace &place, Value slab,
                                      bool async) {
  if (async) {
    AsyncCommitOp::create(b);
    AsyncWaitOp::create(b, 0);
  }
  BarrierOp::create(b);
  if (rows.start == RowStart::aligned || window.padBefore == 0)
    return;
  Value begins = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, place.start, b.index(0));
  auto branch = scf::IfOp::create(b, begins, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value column = getColumn(place, arith::SubIOp::create(b, b.index(0), place.start).getResult());
  auto type = cast<MemRefType>(slab.getType());
  if (type.getRank() == 2)
    ClearOp::create(b, slab, column, rows.vector, place.skew);
  else
    for (int64_t part = 0; part != type.getDimSize(0); ++part) {
      SmallVector<int64_t> shape{type.getDimSize(1), type.getDimSize(2)};
      OpFoldResult zero = b.getIndexAttr(0);
      Value ofPart = makeView(slab, {b.getIndexAttr(part), zero, zero}, {1, shape[0], shape[1]},
                              {1, 1, 1}, shape);
      ClearOp::create(b, ofPart, column, rows.vector, place.skew);
    }
  BarrierOp::create(b);
}

Value Conv1dMatrixKernel::viewMemory(Value memory, Value origin, ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> strides) {
  auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, strides);
  auto type =
      MemRefType::get(shape, element, layout, cast<MemRefType>(memory.getType()).getMemorySpace());
  return ViewOp::create(b, type, memory, origin);
}

Arithmetic Conv1dMatrixKernel::getArithmetic() {
  if (isOfWarpgroups(schedule))
    return problem.type == DataType::f32 ? Arithmetic::wgmma_tf32 : Arithmetic::wgmma;
  if (problem.type != DataType::f32)
    return Arithmetic::mma;
  switch (problem.precision) {
  case Precision::ieee:
    return Arithmetic::fma;
  case Precision::tf32:
    return Arithmetic::mma_tf32;
  case Precision::tf32x3:
    return Arithmetic::mma_tf32x3;
  }
  return Arithmetic::fma;
}

/// Whether one of the block's sums is infinite or NaN.
Value Conv1dMatrixKernel::isAnyNotFinite(Value sum) {
  auto type = cast<RankedTensorType>(sum.getType());
  Value infinity = b.splat(type, std::numeric_limits<double>::infinity());
  Value isNotFinite =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UGE, math::AbsFOp::create(b, sum), infinity);
  return AnyOp::create(b, isNotFinite);
}

/// The matrices hold zeros for the padding, and zero times an infinite weight
/// is not nothing. Such a product leaves a NaN, in blocks that touch the padding.
/// In tf32x3, infinities that are right need repair too: an infinite operand times
/// the zero rest of another is a NaN.
Value Conv1dMatrixKernel::needsRepair(Value sum) {
  if (problem.precision == Precision::tf32x3)
    return isAnyNotFinite(sum);
  if (!hasPadding())
    return isSpoilt;
  auto touches = scf::IfOp::create(b, b.getI1Type(), isInside(inputStart, reachOf(window.kernel)),
                                   /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(touches.thenBlock());
  scf::YieldOp::create(b, isSpoilt ? isSpoilt
                                   : Value(arith::ConstantIntOp::create(b, b.getI1Type(), 0)));
  b.setInsertionPointToStart(touches.elseBlock());
  Value isWrong = isAnyNotFinite(sum);
  scf::YieldOp::create(b, isSpoilt ? Value(arith::OrIOp::create(b, isWrong, isSpoilt)) : isWrong);
  return touches.getResult(0);
}

/// A few positions at a time: the registers that hold the tile's sums are free
/// for other sums by now, but not for as many operands besides.
void Conv1dMatrixKernel::startAgainDirectly() {
  constexpr int64_t sumsPerThread = 4, warpSize = 32;
  int64_t threads = schedule.numWarps * warpSize;
  int64_t columns = std::clamp<int64_t>(threads * sumsPerThread / blockM, 1, blockN);
  while (blockN % columns != 0)
    --columns;
  auto loop = scf::ForOp::create(b, b.index(0), b.index(blockN), b.index(columns));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Conv1dKernel part = getColumns(loop.getInductionVar(), columns);
  part.finish(part.sumDirectly(/*rolled=*/true));
}

void Conv1dMatrixKernel::leaveRoomForTwoBlocks() {
  if (schedule.copyWarps == 0 && isForTwoBlocks(problem, schedule))
    b.limitRegisters(registersOfTwoBlocks);
}

/// FMA units have eight neighbours in a row of lanes, a sector where rows are aligned to sectors.
bool Conv1dMatrixKernel::sharesSectors() const {
  constexpr int64_t sectorElements = 8;
  return canUseTensorCores(problem) || hasNeighbours || window.outputFactor() % sectorElements != 0;
}

int64_t Conv1dMatrixKernel::pitchOfResidual() const {
  return blockN + bytesOfCopy / sizeInBytes(problem.type);
}

/// Elements of what is added that an asynchronous copy moves: rows and tiles begin at multiples of
/// them. 0 if there is no such copy.
int64_t Conv1dMatrixKernel::vectorOfResidual() const {
  constexpr int64_t leastBytes = 4;
  int64_t size = sizeInBytes(problem.type);
  int64_t bytes = std::min<int64_t>(bytesOfCopy, problem.alignment);
  while (bytes >= leastBytes && window.outputFactor() * size % bytes != 0)
    bytes /= 2;
  return bytes < leastBytes ? 0 : bytes / size;
}

bool Conv1dMatrixKernel::stagesResidual() const {
  return problem.addsResidual && isOfWarpgroups(schedule) && schedule.copyWarps == 0 &&
         vectorOfResidual() != 0 &&
         blockM * pitchOfResidual() * sizeInBytes(problem.type) <= bytesOfStages;
}

Value Conv1dMatrixKernel::beginCopyOfResidual() {
  AllocOp staged;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointAfterValue(x);
    auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    auto layout = StridedLayoutAttr::get(b.getContext(), 0, {pitchOfResidual(), 1});
    staged = AllocOp::create(b, MemRefType::get({blockM, blockN}, element, layout, space));
    staged.setReused(true);
  }
  Value residual = splitChannels(b.getOperand(problem.hasBias ? 3 : 2), problem.outPerGroup,
                                 problem.outputSize());
  BarrierOp::create(b); // The last products have read.
  CopyOp::create(b, residual, ValueRange{image, group, channel, position}, staged,
                 ArrayRef<int64_t>{-1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1}, vectorOfResidual(),
                 /*async=*/true);
  AsyncCommitOp::create(b);
  return staged;
}

static Conv1dProblem withoutResidual(const Conv1dProblem &problem) {
  Conv1dProblem without = problem;
  without.addsResidual = false;
  return without;
}

Value Conv1dMatrixKernel::addBoxes(Value sum) {
  Value activated = finishSums(withoutResidual(problem), b, addBias(sum), nullptr);
  return AddBoxesOp::create(b, activated.getType(), activated, b.getMapBefore(1),
                            ValueRange{image, group, channel, position}, memoryOfAdded,
                            /*stage=*/Value(), rowsOfAdded);
}

void Conv1dMatrixKernel::finish(Value sum, int64_t vector) {
  // Staged stores are of 16 bytes.
  bool staged = problem.alignment >= bytesOfCopy && sharesSectors();
  if (memoryOfAdded) {
    Conv1dProblem stored = withoutResidual(problem);
    stored.activation = {};
    return store(stored, sum, vector, staged);
  }
  if (!stagesResidual())
    return Conv1dKernel::finish(sum, vector, staged);
  Value copied = beginCopyOfResidual();
  Conv1dKernel::finish(sum, vector, staged, [&](Value) -> Value {
    AsyncWaitOp::create(b, 0);
    BarrierOp::create(b);
    return LoadOp::create(b, tileType(blockM, blockN, element), copied,
                          ValueRange{b.index(0), b.index(0)}, ArrayRef<int64_t>{0, 1},
                          ArrayRef<int64_t>{1, 1}, vector);
  });
}

void Conv1dMatrixKernel::finishMatrices(Value sum, int64_t vector) {
  Value repairs = needsRepair(sum);
  // In any case: only warps that multiply know whether sums are repaired.
  if (memoryOfAdded)
    sum = addBoxes(sum);
  // Warps that only store know nothing of sums, and store these in any case.
  bool storesFirst = schedule.storeWarps != 0;
  if (!repairs || storesFirst)
    finish(sum, vector);
  if (!repairs)
    return;
  auto branch = scf::IfOp::create(b, repairs, /*withElseRegion=*/!storesFirst);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  startAgainDirectly();
  if (storesFirst)
    return;
  b.setInsertionPointToStart(branch.elseBlock());
  finish(sum, vector);
}
