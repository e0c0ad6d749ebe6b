//===- Fragments.cpp - How warps load operands of products ----------------===//

#include "poolc/Target/Fragments.h"

#include "poolc/Target/GPU.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <algorithm>
#include <array>

using namespace poolc;

/// What the lanes of a warp are, and the bytes of the widest load.
static constexpr int64_t warpLanes = 32, widestLoad = 16;

/// Of tensor cores: threads that have the rows of b of one instruction.
static constexpr int64_t threadsAlongRows = 4;

int64_t poolc::countWavefronts(int64_t bytes, llvm::function_ref<int64_t(int64_t lane)> address) {
  // So many lanes as have a row of banks together are served at once.
  int64_t words = std::max<int64_t>(1, bytes / sharedBankBytes);
  int64_t lanes = std::min<int64_t>(warpLanes, sharedBanks / words), wavefronts = 0;
  for (int64_t first = 0; first != warpLanes; first += lanes) {
    std::array<llvm::SmallVector<int64_t, 4>, sharedBanks> banks;
    size_t most = 1;
    for (int64_t lane = first; lane != first + lanes; ++lane) {
      int64_t start = address(lane) / sharedBankBytes;
      for (int64_t word = start; word != start + words; ++word) {
        auto &bank = banks[word % sharedBanks];
        if (!llvm::is_contained(bank, word))
          bank.push_back(word);
        most = std::max(most, bank.size());
      }
    }
    wavefronts += int64_t(most);
  }
  return wavefronts;
}

/// Elements of a load, a power of two, of which `distance` is a multiple.
static int64_t alignedElements(int64_t distance, int64_t bytes) {
  int64_t most = widestLoad / bytes;
  return distance == 0 ? most : std::min(most, distance & -distance);
}

/// Neighbouring columns of which one load brings what it can.
static ColumnGroups fillLoads(int64_t elements, int64_t columnStride) {
  // More neighbours than these make no load wider.
  constexpr int64_t mostColumns = 4;
  if (columnStride <= 0 || (columnStride & (columnStride - 1)) != 0)
    return {};
  int64_t columns = std::clamp<int64_t>(elements / columnStride, 1, mostColumns);
  return {std::min(elements, columns * columnStride), columns};
}

ColumnGroups poolc::groupColumns(int64_t rowStride, int64_t columnStride, int64_t bytes) {
  return fillLoads(alignedElements(rowStride, bytes), columnStride);
}

/// Elements that a register of a fragment holds.
static int64_t elementsOfRegister(int64_t bytes) {
  return std::max<int64_t>(1, sharedBankBytes / bytes);
}

/// Only the banks count, and large strides must not overflow; elements stay apart.
static int64_t withinPeriod(int64_t stride) {
  constexpr int64_t period = 1 << 10;
  return stride < period ? stride : period + (stride & (period - 1));
}

double poolc::countColumnWavefronts(int64_t columnStride, int64_t bytes, ColumnGroups groups) {
  constexpr int64_t lanesAlongColumns = 8;
  columnStride = withinPeriod(columnStride);
  return double(countWavefronts(groups.elements * bytes, [&](int64_t lane) {
    return lane % lanesAlongColumns * groups.columns * columnStride * bytes;
  }));
}

double poolc::countFragmentWavefronts(int64_t rowStride, int64_t columnStride, int64_t bytes,
                                      ColumnGroups groups, int64_t rowsApart) {
  // Only the banks count, and large strides must not overflow; rows stay apart.
  constexpr int64_t period = 1 << 10;
  if (rowStride >= period)
    rowStride = period + (rowStride & (period - 1));
  columnStride &= period - 1;
  int64_t perRegister = elementsOfRegister(bytes);
  if (rowsApart == 0)
    rowsApart = perRegister;
  // Single elements may begin anywhere in a word.
  int64_t places = groups.elements == 1 ? perRegister : 1, wavefronts = 0;
  for (int64_t place = 0; place != places; ++place)
    wavefronts += countWavefronts(groups.elements * bytes, [&](int64_t lane) {
      int64_t row = lane % threadsAlongRows * rowsApart;
      int64_t column = lane / threadsAlongRows * groups.columns;
      return (row * rowStride + column * columnStride + place) * bytes;
    });
  return double(wavefronts) / double(places);
}

/// Of 1, 2, 4... times the columns of `groups`, as many as make a load take the fewest passes.
static ColumnGroups spread(ColumnGroups groups, int64_t rowStride, int64_t columnStride,
                           int64_t bytes, int64_t rowsApart) {
  // Threads hold twice as many sums side by side, which are stored together.
  int64_t most = widestLoad / bytes;
  ColumnGroups best = groups;
  double fewest = countFragmentWavefronts(rowStride, columnStride, bytes, groups, rowsApart);
  for (groups.columns *= 2; groups.columns <= most; groups.columns *= 2) {
    double wavefronts = countFragmentWavefronts(rowStride, columnStride, bytes, groups, rowsApart);
    if (wavefronts < fewest) {
      best = groups;
      fewest = wavefronts;
    }
  }
  return best;
}

ColumnGroups poolc::groupFragmentColumns(int64_t rowStride, int64_t columnStride, int64_t bytes,
                                         int64_t rowsApart) {
  int64_t apart = rowsApart == 0 ? elementsOfRegister(bytes) : rowsApart;
  ColumnGroups groups = fillLoads(alignedElements(apart * rowStride, bytes), columnStride);
  return spread(groups, rowStride, columnStride, bytes, apart);
}

int64_t poolc::spreadFragmentColumns(int64_t rowStride, int64_t columnStride, int64_t bytes,
                                     int64_t rowsApart) {
  return spread({}, rowStride, columnStride, bytes, rowsApart).columns;
}

FragmentWarps poolc::divideAmongWarps(int64_t m, int64_t n, int64_t least, NeighbourColumns columns,
                                      int64_t numWarps) {
  constexpr int64_t fragmentM = 16;
  FragmentWarps best;
  int64_t bestLoads = 0;
  for (int64_t warpsM = 1; warpsM <= numWarps; warpsM *= 2) {
    FragmentWarps warps{warpsM, numWarps / warpsM, std::max<int64_t>(2, least)};
    auto divides = [&](int64_t adjacent) {
      return n % (threadsAlongRows * adjacent * warps.n) == 0;
    };
    if (m % (fragmentM * warps.m) != 0 || !divides(warps.adjacent))
      continue;
    while (warps.adjacent < 2 * columns.best && divides(2 * warps.adjacent))
      warps.adjacent *= 2;
    // With fewer columns than is best, conflicts double the time; with fewer than a load brings,
    // more loads do.
    int64_t held = warps.adjacent / 2, timesB = 1;
    if (held < columns.ofLoad)
      timesB = columns.ofLoad / held;
    if (held < columns.best && columns.best > columns.ofLoad)
      timesB *= 2;
    int64_t loads = m / warps.m + timesB * n / warps.n;
    if (!best || loads < bestLoads) {
      best = warps;
      bestLoads = loads;
    }
  }
  return best;
}
