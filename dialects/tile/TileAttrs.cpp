//===- TileAttrs.cpp - Layouts of tiles over threads ----------------------===//

#include "tile/Tile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

LogicalResult BlockedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ArrayRef<int64_t> sizePerThread, ArrayRef<int64_t> threadsPerWarp,
                                  ArrayRef<int64_t> warps, bool) {
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
  for (auto [d, sizes] : llvm::enumerate(llvm::zip(sizePerThread, threadsPerWarp, warps))) {
    auto [perThread, threads, warpsAlong] = sizes;
    if (perThread > maxCoverage / (threads * warpsAlong))
      return emitError() << "expected a layout that covers at most " << maxCoverage
                         << " elements of dimension " << d << ", got " << perThread << " * "
                         << threads << " * " << warpsAlong;
  }
  return success();
}

LogicalResult BlockedAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                                          function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != getRank())
    return emitError() << "expected a layout of rank " << shape.size() << ", got " << *this;
  return success();
}

int64_t BlockedAttr::getLaneDistance(unsigned d) const {
  ArrayRef<int64_t> threads = getThreadsPerWarp();
  return llvm::product_of(getColumnsOfLanes() ? threads.take_front(d) : threads.drop_front(d + 1));
}

int64_t BlockedAttr::getElementsPerThread(unsigned d, int64_t size) const {
  if (size == 1)
    return 1;
  return llvm::divideCeil(size, getCoverage(d)) * getSizePerThread()[d];
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
  return get(getContext(), sizePerThread, getThreadsPerWarp(), getWarps(), getColumnsOfLanes());
}

int64_t BlockedAttr::getElementOffset(unsigned d, int64_t i) const {
  int64_t group = getSizePerThread()[d];
  return i / group * getCoverage(d) + i % group;
}
