//===- InlineDeviceLibrary.cpp - Instructions instead of library calls ----===//

#include "poolc/Conversion/GPUToNVVM.h"
#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace poolc {
#define GEN_PASS_DEF_INLINEDEVICELIBRARY
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

/// The intrinsic that does what the function of the library does, if there is
/// one; the library's f32 functions end in f.
static StringRef intrinsicFor(StringRef callee) {
  return llvm::StringSwitch<StringRef>(callee)
      .Cases({"__nv_fma", "__nv_fmaf"}, "llvm.intr.fma")
      .Cases({"__nv_fabs", "__nv_fabsf"}, "llvm.intr.fabs")
      // ex2.approx, within 2 ulp over the whole range.
      .Case("__nv_exp2f", "llvm.intr.exp2")
      .Cases({"__nv_sqrt", "__nv_sqrtf"}, "llvm.intr.sqrt")
      .Cases({"__nv_floor", "__nv_floorf"}, "llvm.intr.floor")
      .Cases({"__nv_ceil", "__nv_ceilf"}, "llvm.intr.ceil")
      .Cases({"__nv_trunc", "__nv_truncf"}, "llvm.intr.trunc")
      .Cases({"__nv_rint", "__nv_rintf"}, "llvm.intr.rint")
      .Cases({"__nv_copysign", "__nv_copysignf"}, "llvm.intr.copysign")
      .Default("");
}

unsigned poolc::inlineDeviceLibrary(gpu::GPUModuleOp module) {
  unsigned count = 0;
  module.walk([&](LLVM::CallOp call) {
    StringRef intrinsic = intrinsicFor(call.getCallee().value_or(""));
    if (intrinsic.empty())
      return;
    OpBuilder builder(call);
    Operation *replacement = builder.create(call.getLoc(), builder.getStringAttr(intrinsic),
                                            call.getArgOperands(), call->getResultTypes());
    call->replaceAllUsesWith(replacement);
    call->erase();
    ++count;
  });
  for (auto function : llvm::make_early_inc_range(module.getOps<LLVM::LLVMFuncOp>()))
    if (!intrinsicFor(function.getName()).empty() &&
        SymbolTable::symbolKnownUseEmpty(function, module))
      function.erase();
  return count;
}

namespace {
struct InlineDeviceLibrary : poolc::impl::InlineDeviceLibraryBase<InlineDeviceLibrary> {
  void runOnOperation() override { numCalls += poolc::inlineDeviceLibrary(getOperation()); }
};
} // namespace
