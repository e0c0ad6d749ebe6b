//===- TileAttrs.cpp - Layouts of tiles over threads ----------------------===//

#include "tile/Tile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

LogicalResult BlockedAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ArrayRef<int64_t> sizePerThread, ArrayRef<int64_t> threadsPerWarp,
                                  ArrayRef<int64_t> warps) {
  if (sizePerThread.size() != threadsPerWarp.size() || sizePerThread.size() != warps.size())
    return emitError() << "expected lists of one length, got " << sizePerThread.size() << ", "
                       << threadsPerWarp.size() << " and " << warps.size();
  for (ArrayRef<int64_t> list : {sizePerThread, threadsPerWarp, warps})
    for (int64_t size : list)
      if (size < 1 || !llvm::isPowerOf2_64(size))
        return emitError() << "expected powers of two, got " << size;
  int64_t lanes = 1;
  for (int64_t threads : threadsPerWarp)
    lanes *= std::min<int64_t>(threads, 64);
  if (lanes != 32)
    return emitError() << "expected threads_per_warp with a product of 32, got " << lanes;
  return success();
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

int64_t BlockedAttr::getElementOffset(unsigned d, int64_t i) const {
  int64_t group = getSizePerThread()[d];
  return i / group * getCoverage(d) + i % group;
}
