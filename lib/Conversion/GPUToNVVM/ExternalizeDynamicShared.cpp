//===- ExternalizeDynamicShared.cpp - Linkage of dynamic shared memory ----===//

#include "poolc/CodeGen/KernelAttributes.h"
#include "poolc/Conversion/GPUToNVVM.h"
#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace poolc {
#define GEN_PASS_DEF_EXTERNALIZEDYNAMICSHARED
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

static bool isDynamicShared(LLVM::GlobalOp global) {
  auto array = dyn_cast<LLVM::LLVMArrayType>(global.getGlobalType());
  return array && array.getNumElements() == 0 &&
         global.getAddrSpace() == static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared);
}

/// Swizzled boxes and rows begin at multiples of eight rows of 128 bytes: kernels with such copies
/// have dynamic shared memory of a name of its own.
static void alignBoxes(gpu::GPUModuleOp module) {
  constexpr uint64_t alignment = 8 * 128;
  SymbolTable symbols(module);
  llvm::SmallDenseMap<LLVM::GlobalOp, LLVM::GlobalOp> aligned;
  for (auto kernel : module.getOps<LLVM::LLVMFuncOp>()) {
    auto copiesBoxes = [](NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp) {
      return WalkResult::interrupt();
    };
    if (!kernel->hasAttr(poolc::swizzledSharedAttr) && !kernel.walk(copiesBoxes).wasInterrupted())
      continue;
    kernel.walk([&](LLVM::AddressOfOp address) {
      auto global = symbols.lookup<LLVM::GlobalOp>(address.getGlobalName());
      if (!global || !isDynamicShared(global))
        return;
      LLVM::GlobalOp &own = aligned[global];
      if (!own) {
        own = global.clone();
        own.setAlignment(std::max(global.getAlignment().value_or(1), alignment));
        symbols.insert(own, global->getIterator());
      }
      address.setGlobalName(own.getName());
    });
  }
}

unsigned poolc::externalizeDynamicShared(gpu::GPUModuleOp module, uint64_t alignment) {
  unsigned count = 0;
  for (auto global : module.getOps<LLVM::GlobalOp>()) {
    if (!isDynamicShared(global))
      continue;
    global.setLinkage(LLVM::Linkage::External);
    global.setAlignment(std::max(global.getAlignment().value_or(1), alignment));
    ++count;
  }
  alignBoxes(module);
  return count;
}

namespace {
struct ExternalizeDynamicShared
    : poolc::impl::ExternalizeDynamicSharedBase<ExternalizeDynamicShared> {
  using Base::Base;

  void runOnOperation() override {
    if (!llvm::isPowerOf2_64(alignment)) {
      getOperation().emitError(
          "expected a power of two as alignment of dynamic shared memory, got ")
          << alignment.getValue();
      return signalPassFailure();
    }
    numGlobals += poolc::externalizeDynamicShared(getOperation(), alignment);
  }
};
} // namespace
