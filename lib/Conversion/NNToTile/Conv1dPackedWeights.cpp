//===- Conv1dPackedWeights.cpp - Weights in the order of their steps ------===//
//
// The first launch of gemm_packed, gemm_wgmma, gemm_chunked and gemm_folded: a block packs the
// weights of some neighbouring steps for one tile of output channels. For the last two it
// interleaves rows: of sixteen output channels, 2g + h goes to place 8h + g.
//
//===----------------------------------------------------------------------===//

#include "Conv1dMatrices.h"

#include "poolc/Schedule/Conv1dFolded.h"
#include "poolc/Schedule/Conv1dPacked.h"
#include "poolc/Schedule/CopyWarps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Output channels that a block packs: a tile's, or fewer where few blocks would wait for many
/// loads each while most SMs have none.
static int64_t countRows(const Conv1dProblem &problem, const Schedule &schedule,
                         const Conv1dPacked &staging) {
  constexpr int64_t enoughBlocks = 32, fewestRows = 32;
  int64_t rows = schedule.blockM, blocksOfRow = staging.packing.parts * problem.groups;
  if (isOfWarpgroups(schedule))
    return rows;
  while (rows > fewestRows && rows % fewestRows == 0 &&
         staging.packedChannels / rows * blocksOfRow < enoughBlocks)
    rows /= 2;
  return rows;
}

static TileGrid packingGrid(const Conv1dProblem &problem, const Schedule &schedule) {
  Conv1dPacked staging(multipliedProblem(problem, schedule), schedule);
  TileGrid grid;
  int64_t rows = countRows(problem, schedule, staging), parts = staging.packing.parts;
  grid.dims[0] = {{'m', staging.packedChannels, rows, staging.packedChannels / rows},
                  {'s', parts, 1, parts},
                  {'g', problem.groups, 1, problem.groups}};
  return grid;
}

namespace {
class WeightPacker {
public:
  WeightPacker(const Conv1dProblem &problem, const Schedule &schedule, KernelBuilder &b)
      : problem(problem), schedule(schedule), b(b),
        staging(multipliedProblem(problem, schedule), schedule),
        w(b.split(b.getOperand(0),
                  {problem.groups, problem.outPerGroup, problem.inPerGroup, problem.window.kernel},
                  {{0, 1}, {2}, {3}})),
        element(cast<MemRefType>(w.getType()).getElementType()), group(b.getTile('g')),
        channel(b.getTileStart('m')), rows(countRows(problem, schedule, staging)) {}

  void emit() {
    if (schedule.boxes != 0)
      makeMaps();
    if (staging.packing.isStaged)
      return packRuns();
    auto [channels, tapStep] = split(b.getTile('s'), staging.tapSteps);
    Value input = b.mulAdd(channels, schedule.blockK, 0);
    Value firstTap = b.mulAdd(tapStep, schedule.blockT, 0);
    auto loop = scf::ForOp::create(b, b.index(0), b.index(schedule.blockT), b.index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value tap = loop.getInductionVar(), of = b.add(firstTap, tap);
    // Behind a store, loads would wait until what it stores is there.
    SmallVector<Value> loaded;
    int64_t chunks = schedule.blockK / staging.vectorW;
    for (int64_t i = 0; i != chunks; ++i) {
      Value first = b.mulAdd(input, 1, staging.firstChannel(i));
      if (!readsChunks(schedule)) {
        loaded.push_back(load(w, {group, channel, first, of}, staging.channelsApart));
        continue;
      }
      for (int64_t half = 0; half != 2; ++half)
        storeHalf(loadChunk(half, first, of), b.getTile('s'), tap, b.index(i), half);
    }
    for (auto [i, value] : llvm::enumerate(loaded))
      store(value, b.getTile('s'), tap, b.index(int64_t(i)));
  }

private:
  /// The maps of x and, before it, of the result if the copy engine stores that and of what is
  /// added if there is something, each with its tensor before it.
  void makeMaps() {
    unsigned first = 1;
    int64_t size = sizeInBytes(problem.type);
    auto mapOutputs = [&](int64_t rows) {
      constexpr int64_t bytesOfRow = 128;
      Value memref = splitChannels(b.getOperand(first), problem.outPerGroup, problem.outputSize());
      MakeMapOp::create(b, memref, b.getOperand(first + 1), rows, bytesOfRow / size,
                        /*swizzled=*/true);
      first += 2;
    };
    if (schedule.boxStores != 0) {
      constexpr int64_t warpsPerGroup = 4;
      int64_t groups = schedule.numWarps / warpsPerGroup;
      mapOutputs(rowsOfBoxStore(schedule.blockM, schedule.blockN * size / groups));
    }
    if (staging.addedRows != 0)
      mapOutputs(staging.addedRows);
    // Rows that are multiples of 16 bytes together only are one row of the map.
    int64_t rows = staging.rowsTogether;
    Value x = b.getOperand(first);
    if (rows != 1)
      x = splitRowsTogether(x, rows);
    else
      x = splitChannels(x, problem.inPerGroup, problem.window.size);
    MakeMapOp::create(b, x, b.getMap(), schedule.blockK / rows, staging.boxColumns,
                      /*swizzled=*/!staging.sharesBoxes);
  }

  Value splitRowsTogether(Value memref, int64_t rows) {
    SmallVector<int64_t> shape{problem.batch, problem.groups, problem.inPerGroup / rows,
                               rows * problem.window.size};
    if (cast<MemRefType>(memref.getType()).getRank() == 3)
      return b.split(b.merge(memref, {{0}, {1, 2}}), shape, {{0}, {1, 2, 3}});
    return b.split(b.merge(memref, {{0, 1}}), shape, {{0, 1, 2, 3}});
  }

  Value splitChannels(Value memref, int64_t perGroup, int64_t length) {
    // A single image may have no dimension of its own.
    bool isBatched = cast<MemRefType>(memref.getType()).getRank() == 3;
    SmallVector<ReassociationIndices> dims{{0}, {1, 2}, {3}};
    if (!isBatched)
      dims = {{0, 1, 2}, {3}};
    return b.split(memref, {problem.batch, problem.groups, perGroup, length}, dims);
  }

  /// Taps in a row go through shared memory, where any of them is as near: each of them
  /// alone is a sector read for one element.
  void packRuns() {
    const Conv1dPacked::Packing &packing = staging.packing;
    int64_t chunk = staging.vectorW;
    auto [of, tapPart] = split(b.getTile('s'), packing.tapParts);
    auto [channels, i] = split(of, schedule.blockK / chunk);
    Value firstStep = b.mulAdd(tapPart, packing.tapSteps, 0);
    Value firstTap = b.mulAdd(firstStep, schedule.blockT, 0);
    int64_t apart = staging.channelsApart;
    Value first = b.add(b.mulAdd(channels, schedule.blockK, 0), firstChannel(i));

    int64_t taps = packing.tapSteps * schedule.blockT;
    auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    int64_t ofRow = chunk * packing.pitch;
    SmallVector<int64_t> shape{rows, chunk, taps}, strides{ofRow, packing.pitch, 1},
        dims{-1, 0, 1, 2}, apartInW{1, 1, apart, 1};
    SmallVector<Value> start{group, channel, first, firstTap};
    Value from = w;
    if (readsChunks(schedule)) {
      shape = {rows / rowsTogether, rowsTogether / 2, 2, chunk, taps};
      strides = {rowsTogether * ofRow, 2 * ofRow, ofRow, packing.pitch, 1};
      dims = {-1, 0, 1, 2, 3, 4};
      apartInW = {1, 1, 1, 1, apart, 1};
      start = {group, rowGroup(), b.index(0), b.index(0), first, firstTap};
      from = splitRows();
    }
    auto layout = StridedLayoutAttr::get(b.getContext(), 0, strides);
    Value runs = AllocOp::create(b, MemRefType::get(shape, element, layout, space));
    bool isAsync = packing.vector * sizeInBytes(problem.type) >= 4;
    CopyOp::create(b, from, start, runs, dims, apartInW, packing.vector, isAsync);
    if (isAsync) {
      AsyncCommitOp::create(b);
      AsyncWaitOp::create(b, 0);
    }
    BarrierOp::create(b);

    // The last part may have fewer steps.
    Value steps = b.index(packing.tapSteps);
    if (staging.tapSteps % packing.tapSteps != 0)
      steps = arith::MinUIOp::create(
          b, steps, arith::SubIOp::create(b, b.index(staging.tapSteps), firstStep));
    auto loop = scf::ForOp::create(b, b.index(0), b.mulAdd(steps, schedule.blockT, 0), b.index(1));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value place = loop.getInductionVar(), zero = b.index(0);
    auto [later, tap] = split(place, schedule.blockT);
    Value step = b.add(b.mulAdd(channels, staging.tapSteps, 0), b.add(firstStep, later));
    if (!readsChunks(schedule))
      return store(load(runs, {zero, zero, place}, 1), step, tap, i);
    for (int64_t half = 0; half != 2; ++half)
      storeHalf(loadHalf(runs, {zero, zero, b.index(half), zero, place}), step, tap, i, half);
  }

  std::pair<Value, Value> split(Value value, int64_t by) {
    if (by == 1)
      return {value, b.index(0)};
    Value divisor = b.index(by);
    return {arith::DivUIOp::create(b, value, divisor), arith::RemUIOp::create(b, value, divisor)};
  }

  /// The first channel of a step's `i`-th chunk.
  Value firstChannel(Value i) {
    int64_t apart = staging.channelsApart, chunk = staging.vectorW;
    if (apart == schedule.blockK / chunk)
      return i;
    auto [part, inPart] = split(i, apart);
    return apart == 1 ? b.mulAdd(i, chunk, 0) : b.add(b.mulAdd(part, apart * chunk, 0), inPart);
  }

  /// A tap of a chunk of channels, from memory of [groups,] rows, channels and taps.
  Value load(Value memory, ArrayRef<Value> start, int64_t apart) {
    SmallVector<int64_t> shape{rows, staging.vectorW}, dims{-1, 0, 1, -1}, strides{1, 1, apart, 1};
    if (!staging.chunked) {
      std::swap(shape[0], shape[1]);
      std::swap(dims[1], dims[2]);
    }
    Value loaded = LoadOp::create(b, RankedTensorType::get(shape, element), memory, start,
                                  ArrayRef(dims).take_back(start.size()),
                                  ArrayRef(strides).take_back(start.size()));
    return round(loaded);
  }

  /// Tensor cores that read the weights by themselves do not round them.
  Value round(Value loaded) {
    bool rounds = isOfWarpgroups(schedule) && problem.type == DataType::f32;
    return rounds ? b.roundToTF32(loaded) : loaded;
  }

  /// The weights with output channels counted as groups, pairs, and those of a pair; and the
  /// group that the block's begin with.
  Value splitRows() {
    return b.split(b.getOperand(0),
                   {problem.groups, problem.outPerGroup / rowsTogether, rowsTogether / 2, 2,
                    problem.inPerGroup, problem.window.kernel},
                   {{0, 1, 2, 3}, {4}, {5}});
  }
  Value rowGroup() { return b.mulAdd(b.getTile('m'), rows / rowsTogether, 0); }

  /// The same of one channel of each pair, from memory of [groups,] groups of rows, pairs, those
  /// of a pair, channels and taps.
  Value loadHalf(Value memory, ArrayRef<Value> start, int64_t apart = 1) {
    auto type =
        RankedTensorType::get({rows / rowsTogether, rowsTogether / 2, staging.vectorW}, element);
    return round(LoadOp::create(b, type, memory, start,
                                ArrayRef<int64_t>({-1, 0, 1, -1, 2, -1}).take_back(start.size()),
                                ArrayRef<int64_t>({1, 1, 1, 1, apart, 1}).take_back(start.size())));
  }

  /// A chunk of channels of the weights as they lie, of one channel of each pair. A folded channel
  /// is a tap of one of the operand's.
  Value loadChunk(int64_t half, Value first, Value tap) {
    SmallVector<Value> start{group, rowGroup(), b.index(0), b.index(half), first, tap};
    if (!isFolded(schedule))
      return loadHalf(splitRows(), start, staging.channelsApart);
    int64_t stride = problem.window.stride;
    auto [channel, inChannel] = split(first, stride);
    start[4] = channel;
    start[5] = b.add(b.mulAdd(tap, stride, 0), inChannel);
    auto type =
        RankedTensorType::get({rows / rowsTogether, rowsTogether / 2, staging.vectorW}, element);
    return round(LoadOp::create(b, type, splitRows(), start, ArrayRef<int64_t>{-1, 0, 1, -1, -1, 2},
                                ArrayRef<int64_t>{1, 1, 1, 1, 1, 1}, staging.vectorW));
  }

  void storeHalf(Value loaded, Value step, Value tap, Value chunk, int64_t half) {
    SmallVector<int64_t> shape = staging.packedShape(problem, schedule);
    SmallVector<int64_t> split{
        shape[0], shape[1],         shape[2], shape[3], shape[4] / rowsTogether,
        2,        rowsTogether / 2, shape[5]};
    Value result = b.split(b.getResult(), split, {{0}, {1}, {2}, {3}, {4, 5, 6}, {7}});
    Value zero = b.index(0);
    StoreOp::create(b, loaded, result,
                    ValueRange{group, step, tap, chunk, rowGroup(), b.index(half), zero, zero},
                    ArrayRef<int64_t>{-1, -1, -1, -1, 0, -1, 1, 2},
                    ArrayRef<int64_t>{1, 1, 1, 1, 1, 1, 1, 1});
  }

  void store(Value loaded, Value step, Value tap, Value chunk) {
    Value zero = b.index(0);
    if (staging.chunked)
      StoreOp::create(b, loaded, b.getResult(), ValueRange{group, step, tap, chunk, channel, zero},
                      ArrayRef<int64_t>{-1, -1, -1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1, 1, 1});
    else
      StoreOp::create(b, loaded, b.getResult(),
                      ValueRange{group, step, tap, b.mulAdd(chunk, staging.vectorW, 0), channel},
                      ArrayRef<int64_t>{-1, -1, -1, 0, 1}, ArrayRef<int64_t>{1, 1, 1, 1, 1});
  }

  /// Rows that are interleaved together.
  static constexpr int64_t rowsTogether = 16;

  const Conv1dProblem &problem;
  const Schedule &schedule;
  KernelBuilder &b;
  Conv1dPacked staging;
  Value w;
  Type element;
  Value group, channel;
  int64_t rows;
};
} // namespace

const Preparation<Conv1dProblem> poolc::conv1dPackedWeights = {
    .name = "weights",
    .operand = 1,
    .numWarps = 4,
    .shape =
        [](const Conv1dProblem &problem, const Schedule &schedule) {
          return Conv1dPacked(multipliedProblem(problem, schedule), schedule)
              .packedShape(problem, schedule);
        },
    .grid = packingGrid,
    .emit = [](const Conv1dProblem &problem, const Schedule &schedule,
               KernelBuilder &b) { WeightPacker(problem, schedule, b).emit(); },
    .applies =
        [](const Conv1dProblem &problem, const Schedule &schedule) {
          return Conv1dPacked(multipliedProblem(problem, schedule), schedule).packs;
        },
    .mapped = [](const Conv1dProblem &problem,
                 const Schedule &schedule) -> llvm::SmallVector<unsigned> {
      if (schedule.boxes == 0)
        return {};
      if (!problem.addsResidual || readsChunks(schedule))
        return {0};
      return {problem.hasBias ? 3U : 2U, 0};
    },
    .mapsResult = [](const Conv1dProblem &,
                     const Schedule &schedule) { return schedule.boxStores != 0; }};
