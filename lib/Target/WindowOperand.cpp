//===- WindowOperand.cpp - Windows as operand b of products ---------------===//

#include "poolc/Target/WindowOperand.h"

#include "poolc/Target/GPU.h"

#include "llvm/ADT/DenseSet.h"

#include <algorithm>

using namespace poolc;

/// Bytes of the widest load.
static constexpr int64_t widestLoad = 16;

static int64_t lowestBitUpTo(int64_t value, int64_t most) {
  return value == 0 ? most : std::min(most, value & -value);
}

int64_t WindowOperand::groupElements(int64_t columns) const {
  int64_t elements = widestLoad / bytes;
  for (int64_t distance : {columns * columnStride, channelsStride(),
                           threadsPerChannel() == 1 ? 0 : perThread() * tapStride})
    elements = lowestBitUpTo(distance, elements);
  return elements;
}

double WindowLoads::cost() const {
  // Units issue a load every other cycle, and shared memory serves one wavefront in each.
  // Of what takes as long, other warps had better have shared memory, and fewer instructions.
  constexpr double cyclesPerLoad = 2, ofOthers = 0.05;
  return loads * (std::max(cyclesPerLoad, wavefronts) + ofOthers * (1 + wavefronts));
}

/// The groups of `elements` that hold a thread's elements of `columns` neighbours.
static int64_t countGroups(const WindowOperand &operand, int64_t phase, int64_t columns,
                           int64_t elements) {
  llvm::DenseSet<int64_t> groups;
  for (int64_t i = 0; i != operand.perThread(); ++i)
    for (int64_t column = 0; column != columns; ++column)
      groups.insert((phase + operand.placeOf(i) + column * operand.columnStride) / elements);
  return int64_t(groups.size());
}

static double wavefrontsOfLoad(const WindowOperand &operand, int64_t columns, int64_t elements) {
  // Single elements of 16 bits may begin anywhere in a word.
  int64_t places = elements == 1 ? std::max<int64_t>(1, sharedBankBytes / operand.bytes) : 1;
  int64_t wavefronts = 0;
  for (int64_t place = 0; place != places; ++place)
    wavefronts += countWavefronts(elements * operand.bytes, [&](int64_t lane) {
      int64_t thread = operand.placeOfThread(lane % 4);
      return (thread + lane / 4 * columns * operand.columnStride + place) * operand.bytes;
    });
  return double(wavefronts) / double(places);
}

WindowLoads poolc::planWindowLoads(const WindowOperand &operand, std::optional<int64_t> phase,
                                   int64_t columns) {
  int64_t most = phase ? operand.groupElements(columns) : 1;
  double products =
      double(columns) * double(operand.perThread()) / double(operand.perInstruction());
  WindowLoads best;
  for (int64_t elements = 1; elements <= most; elements *= 2) {
    WindowLoads loads{elements, columns};
    loads.loads = double(countGroups(operand, phase.value_or(0), columns, elements)) / products;
    loads.wavefronts = wavefrontsOfLoad(operand, columns, elements);
    if (elements == 1 || loads.cost() <= best.cost())
      best = loads;
  }
  return best;
}

WindowLoads poolc::planWindowLoads(const WindowOperand &operand, std::optional<int64_t> phase) {
  // Outputs of 16 bits are stored four at a time, two of them for each column.
  int64_t least = operand.bytes == 2 ? 2 : 1, most = widestLoad / operand.bytes;
  WindowLoads best;
  for (int64_t columns = least; columns <= most; columns *= 2) {
    WindowLoads loads = planWindowLoads(operand, phase, columns);
    if (columns == least || loads.cost() < best.cost())
      best = loads;
  }
  return best;
}

NeighbourColumns poolc::countWindowColumns(const WindowOperand &operand,
                                           std::optional<int64_t> phase) {
  constexpr double manyMore = 1.5;
  WindowLoads best = planWindowLoads(operand, phase);
  WindowLoads single = planWindowLoads(operand, phase, /*columns=*/1);
  return {best.columns, single.loads >= manyMore * best.loads ? best.columns : 1};
}
