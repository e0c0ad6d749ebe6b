//===- TileDialect.cpp - Registration of the tile dialect -----------------===//

#include "tile/Tile.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

#include "tile/TileDialect.cpp.inc"
#include "tile/TileEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "tile/TileAttrs.cpp.inc"

void TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tile/TileAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "tile/TileOps.cpp.inc"
      >();
}

bool poolc::tile::isTile(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() == 0)
    return false;
  int64_t elements = 1;
  for (int64_t size : tensor.getShape()) {
    if (size < 1 || size > maxTileElements / elements)
      return false;
    elements *= size;
  }
  return true;
}

std::optional<int64_t> poolc::tile::getElementBytes(Type type) {
  if (!type.isIntOrFloat())
    return std::nullopt;
  unsigned bits = type.getIntOrFloatBitWidth();
  if (bits < 8 || bits > 64 || !llvm::isPowerOf2_32(bits))
    return std::nullopt;
  return bits / 8;
}

bool poolc::tile::isGlobalMemRef(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && memref.getLayout().isIdentity() &&
         memref.getMemorySpace() == getGlobalSpace(type.getContext());
}

bool poolc::tile::isSharedMemRef(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.hasStaticShape() || memref.getRank() == 0 ||
      !gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(memref))
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!getElementBytes(memref.getElementType()) ||
      failed(memref.getStridesAndOffset(strides, offset)))
    return false;
  int64_t last = 0;
  for (auto [size, stride] : llvm::zip_equal(memref.getShape(), strides)) {
    // Only a view can count backwards, from somewhere in the memory.
    if (size < 1 || stride <= -maxTileElements || (stride < 0 && !ShapedType::isDynamic(offset)) ||
        (size - 1 > 0 && std::abs(stride) > (maxTileElements - last) / (size - 1)))
      return false;
    last += (size - 1) * std::abs(stride);
  }
  return last < maxTileElements;
}

Attribute poolc::tile::getGlobalSpace(MLIRContext *context) {
  return gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Global);
}

MemRefType poolc::tile::getGlobalMemRef(ShapedType type) {
  return MemRefType::get(type.getShape(), type.getElementType(), MemRefLayoutAttrInterface{},
                         getGlobalSpace(type.getContext()));
}

int64_t poolc::tile::getSpan(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset, last = 0;
  (void)type.getStridesAndOffset(strides, offset);
  for (auto [size, stride] : llvm::zip_equal(type.getShape(), strides))
    last += (size - 1) * stride;
  return last + 1;
}
