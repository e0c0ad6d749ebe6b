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

    Dynamic dimensions are `memref.dim`s of the host function's arguments. Sizes,
    grids and what kernels take of them are arithmetic on these; what a run must
    meet are `cf.assert`s: that the operations are legal, that grids can be
    launched, and that coordinates fit the bits that kernels count them in.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::poolc::tile::TileDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::math::MathDialect", "::mlir::cf::ControlFlowDialect"];
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
                           "::mlir::vector::VectorDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect", "::mlir::nvgpu::NVGPUDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def GPULoadAhead : Pass<"gpu-load-ahead", "::mlir::gpu::GPUFuncOp"> {
  let summary = "Load the first fragments of an iteration before the products of the last one end";
  let description = [{
    Matches loops of a constant number of iterations whose body begins with a wait for
    asynchronous copies and a barrier, its only one, and has products: of
    tensor cores (`nvvm.mma.sync`), or of vectors (`math.fma`). What it writes
    to shared memory, it writes before it commits a group of copies: for later
    iterations. The loads from shared memory in front of the first product
    move, with the wait and the barrier, to the end of the iteration before, in
    front of the products whose sums it yields. So each warp has products to do
    when it has passed the barrier, while it loads.

    What the loop copies meanwhile goes to buffers that no warp reads: the
    barrier is passed when all have loaded everything of the iteration.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLoops", "loops", "Number of loops rewritten">];
}

def GPUSplitBarriers : Pass<"gpu-split-barriers", "::mlir::gpu::GPUFuncOp"> {
  let summary = "Let warps arrive at a loop's barrier before they have to wait there";
  let description = [{
    Matches loops of the kernel's body as `gpu-load-ahead` leaves them: asynchronous copies for
    a later iteration, which close one group, products of tensor cores and loads from shared
    memory, and at the end a branch with a wait for copies and the loop's only barrier.

    Two `mbarrier` objects in static shared memory (16 bytes for each loop) take the barrier's
    place: a warp arrives at the first when what it copied for the next iteration has landed,
    halfway through the products (or before the first of them, of copies that are further
    ahead), and at the second when it has loaded all of this iteration. It waits for the first
    where the barrier was, for the second before the next copies. Warps that are a few products
    apart then do not wait for each other. Copies of TF32 operands in two stages begin behind
    the first products.

    Other loops keep their barrier, and so do those of blocks of more than 8 warps.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numLoops", "loops", "Number of loops rewritten">];
}

def GPUCopyWarps : Pass<"gpu-copy-warps", "::mlir::gpu::GPUFuncOp"> {
  let summary = "Part warps that copy, and that store, from those that multiply";
  let description = [{
    Takes kernels with the attribute `tile.copy_warps`: how many of a block's warps behind those of
    its tile copy, and how many behind these store; the registers that each thread of them and of
    those that multiply may have (0: as compiled), and how many blocks there are. The kernel has one
    pipelined loop with one barrier behind its wait for copies, and copies in a branch for a later
    iteration.

    Warps that copy make all of the loop's copies, each for a stage that is empty, and tell when
    they have landed; others multiply what has landed, tell when they have read it, and store.
    Two `mbarrier` objects for each stage, in static shared memory, carry this. Barriers of the
    epilogue become those of the warps that multiply.

    Warps that store do what stands between a barrier with `tile.staging = 1` and one with
    `tile.staging = 2`: they read results that those which multiply wrote to shared memory behind a
    barrier with `tile.staging = 0`, and know only where they are. Two more objects tell when the
    results are there and when they have been read. What follows and writes memory, waits for that.

    With `tile.tiles`, the numbers of tiles along x, y and z, a block takes every tile that is a
    multiple of the number of blocks after its own, and copies for the next one while results of
    the last are stored. What bulk copies bring to memory of no stage is the same for all of these tiles,
    and comes with the first.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"numKernels", "kernels", "Number of kernels rewritten">];
}

def GPUComputeInParts : Pass<"gpu-compute-in-parts", "::mlir::gpu::GPUFuncOp"> {
  let summary = "Compute chains of arithmetic on long vectors a few elements at a time";
  let description = [{
    What an activation makes of a tile's sums is arithmetic on all of a thread's elements, one
    operation after the other. What one leaves for a later one takes as many registers as there
    are elements:

    ```mlir
    %a = math.absf %sums : vector<64xf32>
    %t = math.fma %a, %factors, %ones : vector<64xf32>
    %p = arith.divf %ones, %t : vector<64xf32>
    %y = arith.mulf %sums, %p : vector<64xf32>
    // becomes, for every 16 elements,
    %sums0 = vector.shuffle %sums, %sums [0, 1, ... 15] : vector<64xf32>, vector<64xf32>
    %a0 = math.absf %sums0 : vector<16xf32>
    ...
    %y0 = arith.mulf %sums0, %p0 : vector<16xf32>
    %y = vector.shuffle %y0, ... // of all parts, unless each use is of one
    ```

    Such a chain has at least four elementwise operations, whose results only it uses, and uses a
    value twice. Where what follows takes each of its elements of one part, that part is computed
    in front of it: the branches and barriers of a store then divide the parts. A loop, and what
    stands in front of it, is left alone.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
  let statistics = [Statistic<"numChains", "chains", "Number of chains divided">];
}

def GPURecompute : Pass<"gpu-recompute", "::mlir::gpu::GPUFuncOp"> {
  let summary = "Compute indices again behind a loop that needs the registers";
  let description = [{
    Where threads and blocks are, and what follows from that by arithmetic, is
    needed before a loop of products, for what it copies and loads, and behind
    it, for what is stored. Over a loop that carries many values, each of these
    indices would take a register that the products need:

    ```mlir
    %row = arith.muli %thread, %c8 : index
    %sum = scf.for ... iter_args(%s = %zero) -> vector<64xf32> { ... }
    memref.store ..., %y[%row]
    // becomes
    %sum = scf.for ... iter_args(%s = %zero) -> vector<64xf32> { ... }
    %thread2 = ... // the register %tid.x, read again
    %row2 = arith.muli %thread2, %c8 : index
    memref.store ..., %y[%row2]
    ```

    What the loop uses itself is left alone, and so is what does not follow by
    operations without effects. The register is read by an instruction that no
    later pass takes for the first reading.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numValues", "values", "Number of values computed again">];
}

//===----------------------------------------------------------------------===//
// gpu to nvvm and llvm: around the upstream conversions
//===----------------------------------------------------------------------===//

def CheckGPUKernels : Pass<"check-gpu-kernels", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Refuse kernels that the conversion to NVVM cannot lower";
  let description = [{
    The upstream conversion answers an operation or a signature that it cannot
    lower with "failed to legalize operation". This pass runs before it and says
    what is wrong, at the operation: a kernel argument that is not a scalar or a
    contiguous memref of static shape, or an operation of the `gpu` dialect that
    has no NVVM counterpart. Changes nothing.
  }];
}

def GPUOverlapLaunches : Pass<"gpu-overlap-launches", "::mlir::ModuleOp"> {
  let summary = "Have a function's kernels begin while the kernel ahead of them ends";
  let description = [{
    On GPUs that can (9.0 and later), each launch of a function but its first one may be made
    before the launch ahead of it has ended: it gets the attribute `poolc.programmatic`, which the
    plan tells, and its kernel begins with the wait for that end, so that only the time of the launch
    itself overlaps. What earlier launches write may change while the kernel is already there:
    such arguments are no longer `llvm.noalias`, or loads would go by the read-only path.

    ```mlir
    gpu.launch_func @kernels::@conv1d_0_weights ... args(%w, %t)
    gpu.launch_func @kernels::@conv1d_0 ... args(%x, %t, %y) {poolc.programmatic}

    gpu.func @conv1d_0(...) kernel {
      nvvm.griddepcontrol wait
      ...
    ```
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect"];
  let statistics = [Statistic<"numLaunches", "launches", "Number of launches made early">];
}

def GPUSelectInstructions : Pass<"gpu-select-instructions", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Choose f32 instructions that LLVM would not choose";
  let description = [{
    Where `afn` says that an approximation is enough, quotients and powers of two
    become the instructions that take subnormals for zeros (`.ftz`). Those that
    keep subnormals are three to four instructions longer, since they scale. A sum
    that is held between 0 and 1 becomes the instruction that saturates:

    ```mlir
    %q = arith.divf %a, %c fastmath<afn> : f32
    // becomes
    %r = nvvm.rcp.approx.ftz.f %c : f32
    %q = arith.mulf %a, %r : f32

    %e = math.exp2 %a fastmath<afn> : f32
    // becomes
    %e = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%a) : (f32) -> f32

    %s = math.fma %a, %b, %c : f32
    %m = arith.maxnumf %s, %zero : f32
    %n = arith.minnumf %m, %one : f32
    // becomes
    %n = llvm.call_intrinsic "llvm.nvvm.fma.rn.sat.f"(%a, %b, %c) : (f32, f32, f32) -> f32
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect", "::mlir::vector::VectorDialect"];
}

def InlineDeviceLibrary : Pass<"inline-device-library", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Replace library calls by the instructions that do the same";
  let description = [{
    The upstream conversion turns every operation of the `math` dialect into a call
    of the CUDA device library, which is not linked. Where PTX has an instruction
    with exactly that meaning (fused multiply-add, absolute value, square root,
    rounding, copying a sign), the call becomes the intrinsic for it:

    ```mlir
    %d = llvm.call @__nv_fmaf(%a, %b, %c) : (f32, f32, f32) -> f32
    // becomes
    %d = llvm.intr.fma(%a, %b, %c) : (f32, f32, f32) -> f32
    ```

    Declarations that nothing uses any more are removed. Other calls stay, for
    check-llvm-kernels to refuse.
  }];
  let statistics = [
    Statistic<"numCalls", "num-calls", "Number of calls replaced">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def ExternalizeDynamicShared : Pass<"externalize-dynamic-shared", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Give dynamic shared memory the linkage that its launch expects";
  let description = [{
    The upstream conversion turns `gpu.dynamic_shared_memory` into an *internal*
    array of no elements in shared memory. In PTX that is a variable of one byte
    at an address of its own, which static shared memory then overlaps. Only an
    `external` array begins where the memory of the launch does:

    ```mlir
    llvm.mlir.global internal @smem() {addr_space = 3 : i32} : !llvm.array<0 x i8>
    // becomes
    llvm.mlir.global external @smem() {addr_space = 3 : i32} : !llvm.array<0 x i8>
    ```

    Arrays with elements and other address spaces are left alone.
  }];
  let options = [
    Option<"alignment", "alignment", "uint64_t", /*default=*/"16",
           "least alignment of dynamic shared memory in bytes, a power of two">,
  ];
  let statistics = [
    Statistic<"numGlobals", "num-globals", "Number of arrays made external">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def LLVMSplitExpected : Pass<"llvm-split-expected", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Give what is expected of a block a body of its own";
  let description = [{
    Where a kernel says in its first block that a condition, the same in all of
    the block's threads, is expected to hold (that a tile lies wholly inside the
    tensor, say), all that follows is written twice: where it holds, and where
    not. What depends on it, guards for one, goes from the body where it holds.

    ```mlir
    %inside = llvm.intr.expect %condition, %true : i1
    %guard = llvm.or %inside, %is_before_end : i1
    llvm.cond_br %guard, ^load, ^zero
    // becomes
    llvm.cond_br %condition, ^inside, ^anywhere
  ^inside:
    %guard = llvm.or %true, %is_before_end : i1
    llvm.cond_br %guard, ^load, ^zero
    ...
  ^anywhere:
    %other_guard = llvm.or %false, %is_before_end : i1
    llvm.cond_br %other_guard, ^other_load, ^other_zero
    ```

    Before there are blocks, bodies that differ in little would be compared, and
    what is alike in them merged, by every pass that simplifies regions.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numKernels", "kernels", "Number of kernels with two bodies">];
}

def CheckLLVMKernels : Pass<"check-llvm-kernels", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Refuse kernels that cannot be translated to LLVM IR and then to PTX";
  let description = [{
    Conversions to LLVM are partial: what has no lowering stays behind and shows
    much later, without a location. This pass is the last one before translation
    and names what is left: operations of other dialects, calls of functions that
    nothing defines (the CUDA math library is not linked), and intrinsics that PTX
    has no instruction for. Changes nothing.
  }];
}

#endif // POOLC_CONVERSION_PASSES_TD
