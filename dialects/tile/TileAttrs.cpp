//===- TileAttrs.cpp - Layouts of tiles over threads ----------------------===//

#include "tile/Tile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

/// A grid of threads is part of a block's.
static LogicalResult verifyThreads(function_ref<InFlightDiagnostic()> emitError,
                                   ArrayRef<int64_t> sizePerThread, int64_t ofBlock,
                                   ArrayRef<int64_t> threads) {
  if (threads.empty())
    return success();
  if (threads.size() != sizePerThread.size())
    return emitError() << "expected threads in " << sizePerThread.size() << " dimensions, got "
                       << threads.size();
  int64_t all = 1;
  for (auto [d, along] : llvm::enumerate(threads)) {
    if (along < 1 || along > ofBlock / all)
      return emitError() << "expected a grid of 1 to " << ofBlock << " threads, got [" << threads
                         << "]";
    all *= along;
    if (sizePerThread[d] > maxCoverage / along)
      return emitError() << "expected a layout that covers at most " << maxCoverage
                         << " elements of dimension " << d << ", got " << sizePerThread[d] << " * "
                         << along;
  }
  return success();
}

LogicalResult BlockedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ArrayRef<int64_t> sizePerThread, ArrayRef<int64_t> threadsPerWarp,
                                  ArrayRef<int64_t> warps, bool, int64_t repeats,
                                  ArrayRef<int64_t> threads) {
  if (sizePerThread.size() != threadsPerWarp.size() || sizePerThread.size() != warps.size())
    return emitError() << "expected lists of one length, got " << sizePerThread.size() << ", "
                       << threadsPerWarp.size() << " and " << warps.size();
  for (ArrayRef<int64_t> list : {sizePerThread, threadsPerWarp, warps})
    for (int64_t size : list)
      if (size < 1 || !llvm::isPowerOf2_64(size))
        return emitError() << "expected powers of two, got " << size;
  // Exponents, because a product of the powers might not fit 64 bits.
  auto log2Product = [](ArrayRef<int64_t> list) {
    return llvm::sum_of(llvm::map_range(list, llvm::Log2_64), 0u);
  };
  if (log2Product(threadsPerWarp) != 5)
    return emitError() << "expected threads_per_warp with a product of 32, got [" << threadsPerWarp
                       << "]";
  if (log2Product(warps) > llvm::Log2_64(maxWarps))
    return emitError() << "expected warps with a product of at most " << maxWarps << ", got ["
                       << warps << "]";
  if (repeats < 1 || repeats > maxCoverage || !llvm::isPowerOf2_64(repeats) ||
      (repeats > 1 && !threads.empty()))
    return emitError() << "expected repeats to be a power of two, in a layout of whole warps, got "
                       << repeats;
  for (auto [d, sizes] : llvm::enumerate(llvm::zip(sizePerThread, threadsPerWarp, warps))) {
    auto [perThread, threadsAlong, warpsAlong] = sizes;
    int64_t repeatsAlong = d + 1 == warps.size() ? repeats : 1;
    if (perThread > maxCoverage / (threadsAlong * warpsAlong) / repeatsAlong)
      return emitError() << "expected a layout that covers at most " << maxCoverage
                         << " elements of dimension " << d << ", got " << perThread << " * "
                         << threadsAlong << " * " << warpsAlong;
  }
  return verifyThreads(emitError, sizePerThread, int64_t(32) << log2Product(warps), threads);
}

LogicalResult BlockedAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                                          function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != getRank())
    return emitError() << "expected a layout of rank " << shape.size() << ", got " << *this;
  if (!getThreads().empty())
    return emitError() << "expected a layout of whole warps for a tile, got " << *this;
  return success();
}

bool BlockedAttr::leavesThreads() const {
  constexpr int64_t warpSize = 32;
  return !getThreads().empty() &&
         llvm::product_of(getThreads()) < llvm::product_of(getWarps()) * warpSize;
}

int64_t BlockedAttr::getLaneDistance(unsigned d) const {
  ArrayRef<int64_t> threads = getThreadsPerWarp();
  return llvm::product_of(getColumnsOfLanes() ? threads.take_front(d) : threads.drop_front(d + 1));
}

int64_t BlockedAttr::getElementsPerThread(unsigned d, int64_t size) const {
  if (size == 1)
    return 1;
  return llvm::divideCeil(size, getCoverage(d)) * getRepeats(d) * getSizePerThread()[d];
}

int64_t BlockedAttr::getElementsPerThread(ArrayRef<int64_t> shape) const {
  int64_t elements = 1;
  for (auto [d, size] : llvm::enumerate(shape))
    elements *= getElementsPerThread(d, size);
  return elements;
}

BlockedAttr BlockedAttr::getGroupLayout(int64_t stride) const {
  SmallVector<int64_t> sizePerThread(getSizePerThread());
  if (sizePerThread.back() % stride != 0)
    return nullptr;
  sizePerThread.back() /= stride;
  return get(getContext(), sizePerThread, getThreadsPerWarp(), getWarps(), getColumnsOfLanes(),
             getRepeats());
}

int64_t BlockedAttr::getElementOffset(unsigned d, int64_t i) const {
  int64_t group = getSizePerThread()[d];
  int64_t grid = i / group, repeats = getRepeats(d);
  return grid / repeats * getCoverage(d) + grid % repeats * group * getThreadsPerWarp()[d] +
         i % group;
}
