//===- StagedLayout.cpp - Rows of a staged store in shared memory ---------===//

#include "StagedStore.h"

#include "llvm/ADT/SetVector.h"

#include <algorithm>
#include <array>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

static constexpr int64_t bytesAtOnce = 16;

static int64_t elementBytes(StoreOp op) {
  return op.getTile().getType().getElementTypeBitWidth() / 8;
}

int64_t poolc::getStagedVector(StoreOp op) { return bytesAtOnce / elementBytes(op); }

int64_t poolc::getStagedWidth(StoreOp op) {
  BlockedAttr layout = getLayout(op.getTile().getType());
  return std::min(layout.getSizePerThread()[1], getStagedVector(op));
}

/// Passes over the banks in which a warp writes, its rows `pitch` elements apart. An access of 8
/// or 16 bytes is done for a half or a quarter of the lanes at a time.
static int64_t countWavefronts(StoreOp op, int64_t pitch) {
  constexpr int64_t lanes = 32, banks = 32, bankBytes = 4;
  BlockedAttr layout = getLayout(op.getTile().getType());
  int64_t bytes = getStagedWidth(op) * elementBytes(op), columns = layout.getThreadsPerWarp()[1];
  int64_t atOnce = lanes / std::max<int64_t>(1, bytes / bankBytes), wavefronts = 0;
  for (int64_t first = 0; first != lanes; first += atOnce) {
    std::array<llvm::SmallSetVector<int64_t, 4>, banks> words;
    size_t most = 0;
    for (int64_t lane = first; lane != first + atOnce; ++lane) {
      int64_t place = lane / columns * layout.getSizePerThread()[0] * pitch +
                      lane % columns * layout.getSizePerThread()[1];
      for (int64_t byte = 0; byte < bytes; byte += bankBytes) {
        int64_t word = (place * elementBytes(op) + byte) / bankBytes;
        words[word % banks].insert(word);
        most = std::max(most, words[word % banks].size());
      }
    }
    wavefronts += int64_t(most);
  }
  return wavefronts;
}

int64_t poolc::getStagedPitch(StoreOp op) {
  int64_t width = op.getTile().getType().getDimSize(1), step = getStagedVector(op);
  int64_t best = width, fewest = countWavefronts(op, width);
  constexpr int64_t steps = 8; // All of the banks.
  for (int64_t pitch = width + step; pitch != width + steps * step; pitch += step)
    if (int64_t wavefronts = countWavefronts(op, pitch); wavefronts < fewest) {
      best = pitch;
      fewest = wavefronts;
    }
  return best;
}

int64_t poolc::getStagedRows(StoreOp op, int64_t bytes) {
  RankedTensorType type = op.getTile().getType();
  BlockedAttr layout = getLayout(type);
  if (!op.getStaged() || !layout || type.getDimSize(1) % getStagedVector(op) != 0 ||
      type.getDimSize(0) % layout.getCoverage(0) != 0 ||
      type.getDimSize(1) % layout.getCoverage(1) != 0)
    return 0;
  int64_t row = getStagedPitch(op) * elementBytes(op), rows = type.getDimSize(0);
  while (rows * row > bytes && rows % (2 * layout.getCoverage(0)) == 0)
    rows /= 2;
  return rows * row <= bytes ? rows : 0;
}
