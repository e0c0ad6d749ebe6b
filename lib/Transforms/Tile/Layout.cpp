//===- Layout.cpp - Choosing a layout for a tile --------------------------===//

#include "poolc/Transforms/Tile/Layout.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <utility>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

int64_t poolc::getNumCopyingWarps(FuncOp kernel) {
  auto numbers = kernel->getAttrOfType<DenseI64ArrayAttr>("tile.copy_warps");
  return numbers && !numbers.empty() ? numbers[0] : kernel.getNumWarps();
}

BlockedAttr poolc::chooseBlockedLayout(MLIRContext *context, ArrayRef<int64_t> shape,
                                       int64_t vector, int64_t numWarps, ArrayRef<unsigned> whole) {
  constexpr int64_t warpSize = 32;
  unsigned rank = shape.size();
  SmallVector<int64_t> sizePerThread(rank, 1), threadsPerWarp(rank, 1), warps(rank, 1);
  sizePerThread.back() = vector;

  int64_t lanes = warpSize;
  unsigned lastSpread = rank - 1;
  while (lastSpread > 0 && llvm::is_contained(whole, lastSpread))
    --lastSpread;
  for (unsigned d = rank; d-- > 0;) {
    if (llvm::is_contained(whole, d))
      continue;
    int64_t groups = llvm::PowerOf2Ceil(llvm::divideCeil(shape[d], sizePerThread[d]));
    threadsPerWarp[d] = std::min(lanes, groups);
    lanes /= threadsPerWarp[d];
  }
  threadsPerWarp[lastSpread] *= lanes;

  for (unsigned d = 0; d != rank; ++d) {
    if (llvm::is_contained(whole, d))
      continue;
    int64_t repetitions =
        llvm::PowerOf2Ceil(llvm::divideCeil(shape[d], sizePerThread[d] * threadsPerWarp[d]));
    warps[d] = std::min(numWarps, repetitions);
    numWarps /= warps[d];
  }
  warps[lastSpread] *= numWarps;
  return BlockedAttr::get(context, sizePerThread, threadsPerWarp, warps);
}

/// The place of `number` in a grid, the last dimension fastest; numbers beyond it are beyond its
/// first dimension.
static SmallVector<int64_t> placeOf(int64_t number, ArrayRef<int64_t> grid) {
  SmallVector<int64_t> place(grid.size());
  for (unsigned d = grid.size(); d-- > 0;) {
    place[d] = d == 0 ? number : number % grid[d];
    number /= grid[d];
  }
  return place;
}

/// Instructions by which all warps copy a box: those of which a lane has something.
static int64_t countRequests(BlockedAttr layout, ArrayRef<int64_t> shape) {
  constexpr int64_t warpSize = 32;
  SmallVector<int64_t> repetitions;
  for (auto [d, size] : llvm::enumerate(shape))
    repetitions.push_back(llvm::divideCeil(size, layout.getCoverage(d)));
  int64_t requests = 0;
  for (int64_t warp = 0; warp != llvm::product_of(layout.getWarps()); ++warp) {
    llvm::BitVector isCopied(llvm::product_of(repetitions));
    for (int64_t lane = 0; lane != warpSize; ++lane) {
      SmallVector<int64_t> first = placeOf(warp * warpSize + lane, layout.getThreads());
      if (layout.getThreads().empty()) {
        first = placeOf(lane, layout.getThreadsPerWarp());
        for (auto [d, place] : llvm::enumerate(placeOf(warp, layout.getWarps())))
          first[d] += place * layout.getThreadsPerWarp()[d];
      }
      for (unsigned i = 0; i != isCopied.size(); ++i) {
        bool isElement = first[0] < layout.getThreadsAlong(0);
        for (auto [d, place] : llvm::enumerate(placeOf(i, repetitions)))
          isElement &=
              first[d] * layout.getSizePerThread()[d] + place * layout.getCoverage(d) < shape[d];
        if (isElement)
          isCopied.set(i);
      }
    }
    requests += isCopied.count();
  }
  return requests;
}

BlockedAttr poolc::chooseCopyLayout(MLIRContext *context, ArrayRef<int64_t> shape, int64_t vector,
                                    int64_t numWarps, int64_t lanesTogether) {
  constexpr int64_t warpSize = 32;
  BlockedAttr best = chooseBlockedLayout(context, shape, vector, numWarps);
  // Where a thread has as many copies, conditions for them cost as much as a few less save, or as
  // any do if rows are cut off too.
  constexpr double manyLess = 0.75;
  const bool isDense = lanesTogether == 1;
  const int64_t elements = best.getElementsPerThread(shape);
  const double enough = manyLess * double(countRequests(best, shape));
  std::pair least(countRequests(best, shape), elements);
  // All of the last dimensions that the block's threads are enough for, and some of the next.
  SmallVector<int64_t> threads(shape.size(), 1);
  int64_t left = numWarps * warpSize, most = 0;
  unsigned next = shape.size();
  do {
    left /= std::max<int64_t>(most, 1);
    --next;
    int64_t groups = llvm::divideCeil(shape[next], best.getSizePerThread()[next]);
    if (groups > 1)
      groups = llvm::alignTo(groups, std::exchange(lanesTogether, 1));
    threads[next] = most = std::min(left, groups);
  } while (next > 0 && most < left);
  for (int64_t along = most; along > 0; --along) {
    threads[next] = along;
    auto layout =
        BlockedAttr::get(context, best.getSizePerThread(), best.getThreadsPerWarp(),
                         best.getWarps(), /*columns_of_lanes=*/false, /*repeats=*/1, threads);
    int64_t each = layout.getElementsPerThread(shape);
    if (each > elements)
      break;
    std::pair requests(countRequests(layout, shape), each);
    if (requests < least && (each < elements || (isDense && double(requests.first) <= enough))) {
      best = layout;
      least = requests;
    }
  }
  return best;
}

BlockedAttr poolc::chooseFragmentLayout(MLIRContext *context, int64_t m, int64_t n, int64_t vector,
                                        NeighbourColumns columns, int64_t numWarps) {
  FragmentWarps warps = divideAmongWarps(m, n, vector, columns, numWarps);
  if (!warps)
    return nullptr;
  return BlockedAttr::get(context, {1, warps.adjacent}, {8, 4}, {warps.m, warps.n});
}

BlockedAttr poolc::chooseSwappedLayout(MLIRContext *context, int64_t m, int64_t n,
                                       int64_t numWarps) {
  FragmentWarps warps = divideAmongWarps(n, m, /*least=*/2, {}, numWarps);
  if (!warps)
    return nullptr;
  return BlockedAttr::get(context, {2, 1}, {4, 8}, {warps.n, warps.m}, /*columns_of_lanes=*/true);
}

BlockedAttr poolc::chooseRowsLayout(MLIRContext *context, int64_t m, int64_t n, int64_t numWarps) {
  constexpr int64_t columnsPerWarp = 16;
  if (m % 8 != 0 || n % (columnsPerWarp * numWarps) != 0)
    return nullptr;
  return BlockedAttr::get(context, {2, 1}, {4, 8}, {1, numWarps}, /*columns_of_lanes=*/true);
}

BlockedAttr poolc::chooseWarpgroupLayout(MLIRContext *context, int64_t m, int64_t n,
                                         int64_t numWarps, bool adjacent) {
  constexpr int64_t warpsPerGroup = 4, positionsPerWarp = 16;
  if (numWarps % warpsPerGroup != 0 || m % 8 != 0 || n % (positionsPerWarp * numWarps) != 0)
    return nullptr;
  return BlockedAttr::get(context, {2, 1}, {4, 8}, {1, numWarps}, /*columns_of_lanes=*/true,
                          /*repeats=*/adjacent ? 2 : 1);
}

bool poolc::isWarpgroupLayout(BlockedAttr layout, int64_t m, int64_t n, int64_t numWarps) {
  auto isOf = [&](bool adjacent) {
    return layout == chooseWarpgroupLayout(layout.getContext(), m, n, numWarps, adjacent);
  };
  return isOf(false) || isOf(true);
}

BlockedAttr poolc::chooseWarpgroupLayout(DotOp dot, int64_t numWarps) {
  RankedTensorType type = dot.getAccumulator().getType();
  int64_t m = type.getDimSize(0), n = type.getDimSize(1);
  if (dot.readsChunks())
    return chooseChunkedLayout(dot.getContext(), m, n, numWarps);
  bool readsBoxes = dot.getSwizzled() && dot.getArithmetic() == Arithmetic::wgmma;
  return chooseWarpgroupLayout(dot.getContext(), m, n, numWarps, /*adjacent=*/readsBoxes);
}

BlockedAttr poolc::chooseChunkedLayout(MLIRContext *context, int64_t m, int64_t n,
                                       int64_t numWarps) {
  constexpr int64_t warpsPerGroup = 4, rowsPerWarp = 16;
  if (numWarps % warpsPerGroup != 0 || m % (rowsPerWarp * numWarps) != 0 || n % 8 != 0)
    return nullptr;
  return BlockedAttr::get(context, {2, 2}, {8, 4}, {numWarps, 1});
}

BlockedAttr poolc::chooseStagedLayout(MLIRContext *context, ArrayRef<int64_t> shape,
                                      int64_t numWarps) {
  constexpr int64_t warpSize = 32;
  BlockedAttr best;
  for (int64_t along = 1; along <= numWarps; along *= 2) {
    auto layout =
        BlockedAttr::get(context, {1, 1, shape[2]}, {1, warpSize, 1}, {numWarps / along, along, 1});
    if (!best || layout.getElementsPerThread(shape) < best.getElementsPerThread(shape))
      best = layout;
  }
  return best;
}

BlockedAttr poolc::chooseFmaLayout(MLIRContext *context, int64_t m, int64_t n, int64_t columns,
                                   int64_t numWarps) {
  int64_t bestM = 0, bestLoads = 0;
  for (int64_t warpsM = 1; warpsM <= numWarps; warpsM *= 2) {
    int64_t warpsN = numWarps / warpsM;
    if (m % (16 * warpsM) != 0 || n % (8 * warpsN) != 0)
      continue;
    // Of a's rows, one load brings four.
    int64_t loads = m / (16 * warpsM) + n / (8 * columns * warpsN);
    if (bestM == 0 || loads < bestLoads) {
      bestM = warpsM;
      bestLoads = loads;
    }
  }
  if (bestM == 0)
    return nullptr;
  int64_t warpsN = numWarps / bestM, adjacent = 1;
  while (adjacent < columns && n % (8 * 2 * adjacent * warpsN) == 0)
    adjacent *= 2;
  return BlockedAttr::get(context, {4, adjacent}, {4, 8}, {bestM, warpsN});
}
