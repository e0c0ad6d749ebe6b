//===- Conv1dChunked.cpp - Chunks of channels for tensor cores ------------===//

#include "poolc/Schedule/Conv1dChunked.h"

#include "Conv1dGemmCost.h"

#include "poolc/Schedule/Conv1dStaging.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

using namespace poolc;

Conv1dChunked::Conv1dChunked(const Conv1dProblem &problem, const Schedule &schedule)
    : weights(problem, schedule), chunk(weights.vectorW), chunks(schedule.blockK / chunk),
      stride(problem.window.stride), dilation(problem.window.dilation),
      padding(problem.window.padBefore), length(problem.window.size),
      startsAlike(weights.tapSteps == 1 || schedule.blockT * (dilation % chunk) % chunk == 0) {
  slabs = weights.stepsOfPart > 1 ? 2 : 1;
  columns = schedule.blockN;
  llvm::SmallVector<int64_t, 8> last;
  for (int64_t tap = 0; tap != std::min(problem.window.kernel, schedule.blockT); ++tap) {
    uint64_t begin = llvm::SaturatingMultiply<uint64_t>(tap, dilation);
    int64_t place = std::min<uint64_t>(begin, std::numeric_limits<int64_t>::max());
    auto *phase =
        llvm::find_if(phases, [&](int64_t first) { return first % stride == place % stride; });
    if (phase == phases.end()) {
      phases.push_back(place);
      continue;
    }
    // More than any shared memory holds, so that sizes computed from it fit.
    constexpr int64_t most = int64_t(1) << 40;
    int64_t beyond = std::min(most, (place - *phase) / stride);
    columns = std::max(columns, schedule.blockN + beyond);
  }
  if (schedule.boxes != 0) {
    constexpr int64_t columnsTogether = 32;
    columnsOfBoxes = Conv1dPacked::columnsOfChunks(problem, schedule);
    if (!weights.sharesBoxes)
      columnsOfBoxes = llvm::alignTo(columnsOfBoxes, columnsTogether);
    boxes = llvm::divideCeilSigned(columnsOfBoxes, weights.boxColumns);
    // Rows begin at different positions.
    columns = columnsOfBoxes + (weights.rowsTogether == 1 ? 0 : chunk);
    stagesOfBoxes = weights.stepsOfPart > 1 ? schedule.numStages : 1;
  }
  countRegisters(problem, schedule);
}

int64_t Conv1dChunked::getColumn(int64_t tap) const {
  int64_t place = tap * dilation;
  const auto *phase =
      llvm::find_if(phases, [&](int64_t first) { return first % stride == place % stride; });
  return (phase - phases.begin()) * columns + (place - *phase) / stride;
}

std::optional<int64_t> Conv1dChunked::shiftOfBoxes(int64_t row) const {
  if (!startsAlike)
    return std::nullopt;
  // The elements of 16 bytes are those of a chunk.
  return llvm::mod(row * (length % chunk) - padding, chunk);
}

void Conv1dChunked::countRegisters(const Conv1dProblem &problem, const Schedule &schedule) {
  constexpr int64_t warpSize = 32;
  int64_t least = std::numeric_limits<int64_t>::max();
  for (int64_t along = 1; along <= schedule.numWarps; along *= 2)
    least = std::min(least, llvm::divideCeilSigned(chunks * along, schedule.numWarps) *
                                llvm::divideCeilSigned(columns, warpSize * along));
  loadsPerThread = llvm::SaturatingMultiply<uint64_t>(least, chunk * int64_t(phases.size()));
  copiesPerThread = llvm::divideCeilSigned(schedule.blockT * schedule.blockM * chunks,
                                           schedule.numWarps * warpSize);
  // The copy engine copies the weights, too, and no thread keeps anything for another step.
  if (boxes != 0)
    loadsPerThread = copiesPerThread = 0;
  // Those of f32 are rounded.
  int64_t addresses = problem.type == DataType::f32 ? 48 : 32;
  registers = schedule.blockM * schedule.blockN / (schedule.numWarps * warpSize) + addresses +
              copiesPerThread;
  isForTwoBlocks = poolc::isForTwoBlocks(problem, schedule) &&
                   registers + loadsPerThread <= registersOfTwoBlocks;
  // Rows that are multiples of 16 bytes together take more addresses.
  constexpr int64_t warpsOfGroup = 4, mostSums = 128, sumsBesideRows = 120;
  isForThreeBlocks =
      boxes != 0 && schedule.numWarps == warpsOfGroup &&
      sumsPerThread(schedule) <= (weights.rowsTogether == 1 ? mostSums : sumsBesideRows) &&
      3 * sharedBytes(schedule, problem.type) <= bytesOfThreeBlocks;
}

int64_t Conv1dChunked::sharedBytes(const Schedule &schedule, DataType type) const {
  constexpr int64_t alignment = 128;
  int64_t element = sizeInBytes(type);
  int64_t stage = schedule.blockT * schedule.blockM * schedule.blockK * element;
  int64_t ofSlabs = slabs * slabElements() * element;
  if (boxes == 0)
    return llvm::alignTo(ofSlabs, alignment) + schedule.numStages * stage;
  // Boxes begin at multiples of eight rows, and with them all else, such as the objects that tell
  // that boxes are there.
  constexpr int64_t ofEightRows = 1024;
  auto align = [](int64_t bytes) { return int64_t(llvm::alignTo(bytes, ofEightRows)); };
  return align(ofSlabs) + align(schedule.numStages * stage) +
         align(stagesOfBoxes * boxElements(schedule) * element) + ofEightRows;
}
