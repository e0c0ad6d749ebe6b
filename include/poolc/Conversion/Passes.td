//===- Passes.td - From one level to the next --------------*- tablegen -*-===//
#ifndef POOLC_CONVERSION_PASSES_TD
#define POOLC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def TileToGPU : Pass<"tile-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Distribute tiles over threads";
  let description = [{
    Each `tile.func` becomes a `gpu.func` in the module `@kernels`, each
    `tile.launch` a `gpu.launch_func`. A tile becomes a one-dimensional vector
    with the elements that its layout gives to a thread, in row-major order. A
    guarded access becomes a load or store under its condition.

    Addresses are one 64-bit sum for each access, common to its elements, plus
    constants; what depends on the thread is 32 bits wide unless the tile spans
    2^31 elements of memory.

    Every tile must have a layout: run `tile-assign-layouts` first.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

#endif // POOLC_CONVERSION_PASSES_TD
