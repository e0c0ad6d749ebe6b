//===- Passes.td - From one level to the next --------------*- tablegen -*-===//
#ifndef POOLC_CONVERSION_PASSES_TD
#define POOLC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def NNToTile : Pass<"nn-to-tile", "::mlir::ModuleOp"> {
  let summary = "Turn each nn operation into a kernel on tiles and its launch";
  let description = [{
    The function on tensors becomes a host function on global memrefs: its
    arguments, then its results, each with its `nn.name` and `nn.role`
    (`input`, `output`). A value between two operations becomes a temporary, a
    `memref.alloc` with a name. Each operation becomes a `tile.func` that obeys
    the operation's `nn.schedule`, and a `tile.launch` with the operation's
    name, index and location. A result that is no operation's value of its own
    (an argument, or the same value again) becomes a copy.
  }];
  let dependentDialects = ["::poolc::tile::TileDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::math::MathDialect"];
  let statistics = [Statistic<"numKernels", "kernels", "Number of kernels made">,
                    Statistic<"numTemporaries", "temporaries", "Number of temporaries made">];
}

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
