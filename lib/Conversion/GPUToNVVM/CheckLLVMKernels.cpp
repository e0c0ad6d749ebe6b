//===- CheckLLVMKernels.cpp - What can be translated to PTX ---------------===//

#include "poolc/Conversion/GPUToNVVM.h"
#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace poolc {
#define GEN_PASS_DEF_CHECKLLVMKERNELS
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

/// PTX has at most approximations of these; elsewhere they are library calls.
static bool needsMathLibrary(Operation *op) {
  return isa<LLVM::ExpOp, LLVM::Exp10Op, LLVM::LogOp, LLVM::Log10Op, LLVM::Log2Op, LLVM::PowOp,
             LLVM::PowIOp, LLVM::SinOp, LLVM::CosOp, LLVM::SincosOp, LLVM::TanOp, LLVM::ASinOp,
             LLVM::ACosOp, LLVM::ATanOp, LLVM::ATan2Op, LLVM::SinhOp, LLVM::CoshOp, LLVM::TanhOp>(
      op);
}

/// Functions that the CUDA driver provides to every kernel.
static bool isProvidedByDriver(StringRef callee) {
  return callee == "vprintf" || callee == "__assertfail";
}

static LogicalResult checkCall(LLVM::CallOp call, SymbolTable &symbols) {
  std::optional<StringRef> callee = call.getCallee();
  if (!callee || isProvidedByDriver(*callee))
    return success();
  auto function = symbols.lookup<LLVM::LLVMFuncOp>(*callee);
  if (function && !function.isExternal())
    return success();
  return call.emitError("internal error: call of '")
         << *callee << "', which nothing defines; no device library is linked";
}

LogicalResult poolc::checkLLVMKernels(gpu::GPUModuleOp module) {
  SymbolTable symbols(module);
  // A cast that is left over only bridges to the operation that is at fault.
  Operation *leftOverCast = nullptr;
  WalkResult result = module.walk([&](Operation *op) -> WalkResult {
    if (op == module)
      return WalkResult::advance();
    if (isa<UnrealizedConversionCastOp>(op)) {
      leftOverCast = leftOverCast ? leftOverCast : op;
      return WalkResult::advance();
    }
    if (!isa<LLVM::LLVMDialect, NVVM::NVVMDialect>(op->getDialect()))
      return op->emitError("internal error: '")
             << op->getName() << "' has no lowering to the LLVM dialect";
    if (needsMathLibrary(op))
      return op->emitError("internal error: '")
             << op->getName() << "' has no PTX instruction; expected an expansion of it";
    if (auto call = dyn_cast<LLVM::CallOp>(op))
      return checkCall(call, symbols);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  if (leftOverCast)
    return leftOverCast->emitError("internal error: conversion of ")
           << leftOverCast->getOperandTypes() << " to " << leftOverCast->getResultTypes()
           << " is left over";
  return success();
}

namespace {
struct CheckLLVMKernels : poolc::impl::CheckLLVMKernelsBase<CheckLLVMKernels> {
  void runOnOperation() override {
    if (failed(poolc::checkLLVMKernels(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
