//===- ExternalizeDynamicShared.cpp - Linkage of dynamic shared memory ----===//

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

unsigned poolc::externalizeDynamicShared(gpu::GPUModuleOp module, uint64_t alignment) {
  unsigned count = 0;
  for (auto global : module.getOps<LLVM::GlobalOp>()) {
    if (!isDynamicShared(global))
      continue;
    global.setLinkage(LLVM::Linkage::External);
    global.setAlignment(std::max(global.getAlignment().value_or(1), alignment));
    ++count;
  }
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
