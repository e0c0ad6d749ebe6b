//===- TileDialect.cpp - Registration of the tile dialect -----------------===//

#include "tile/Tile.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

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

bool poolc::tile::isGlobalMemRef(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  return memref && memref.getLayout().isIdentity() &&
         memref.getMemorySpace() == getGlobalSpace(type.getContext());
}

bool poolc::tile::isSharedMemRef(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.hasStaticShape() ||
      !gpu::GPUDialect::hasWorkgroupMemoryAddressSpace(memref))
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(memref.getStridesAndOffset(strides, offset)) &&
         llvm::none_of(strides, ShapedType::isDynamic);
}

Attribute poolc::tile::getGlobalSpace(MLIRContext *context) {
  return gpu::AddressSpaceAttr::get(context, gpu::AddressSpace::Global);
}

MemRefType poolc::tile::getGlobalMemRef(ShapedType type) {
  return MemRefType::get(type.getShape(), type.getElementType(), MemRefLayoutAttrInterface{},
                         getGlobalSpace(type.getContext()));
}
