// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(gpu-load-ahead)))' --split-input-file | FileCheck %s

// The first matrices are loaded before the loop, and those of the next iteration
// in front of the last product: behind the barrier of the next stage. What
// follows from them alone does so behind the product.

// CHECK-LABEL: gpu.func @products
// CHECK:         nvvm.cp.async.wait.group 1
// CHECK-NEXT:    gpu.barrier
// CHECK:         %[[A0:.*]] = nvgpu.ldmatrix %{{.*}}[%[[C0:.*]]]
// CHECK:         %[[B0:.*]] = memref.load %{{.*}}[%[[C0]]]
// CHECK:         scf.for {{.*}} = %[[B0]],
// CHECK-NOT:       gpu.barrier
// CHECK:           nvgpu.device_async_copy
// CHECK:           nvvm.cp.async.commit.group
// CHECK:           nvvm.mma.sync
// CHECK:           memref.load
// CHECK:           scf.if
// CHECK:             nvvm.cp.async.wait.group 1
// CHECK-NEXT:        gpu.barrier
// CHECK:             nvgpu.ldmatrix
// CHECK:             memref.load
// CHECK:             scf.yield
// CHECK:           } else {
// CHECK:           nvvm.mma.sync
// CHECK-NOT:       nvvm.mma.sync
// CHECK:           vector.extract %{{.*}}[0, 0]
// CHECK:           scf.yield
gpu.module @kernels {
  gpu.func @products(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %c8 = arith.constant 8 : index
    %c128 = arith.constant 128 : index
    %zero = arith.constant dense<0.0> : vector<4xf32>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero, %stage = %c0) -> (vector<4xf32>, index) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %ahead = arith.addi %i, %c2 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      scf.if %has_next {
        %from = arith.muli %ahead, %c128 : index
        %token = nvgpu.device_async_copy %x[%from], %buffers[%c0], 4 {bypassL1} : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      %at = arith.muli %stage, %c128 : index
      %a = nvgpu.ldmatrix %buffers[%at] {numTiles = 4 : i32, transpose = false} : memref<384xf32, #gpu.address_space<workgroup>> -> vector<4x1xf32>
      %a0 = vector.extract %a[0, 0] : f32 from vector<4x1xf32>
      %a0r = nvvm.convert.float.to.tf32 %a0 {rnd = #nvvm.fp_rnd_mode<rna>}
      %b = memref.load %buffers[%at] : memref<384xf32, #gpu.address_space<workgroup>>
      %br = nvvm.convert.float.to.tf32 %b {rnd = #nvvm.fp_rnd_mode<rna>}
      %s0 = vector.extract %sum[0] : f32 from vector<4xf32>
      %p = nvvm.mma.sync A[%a0r, %a0r, %a0r, %a0r] B[%br, %br] C[%s0, %s0, %s0, %s0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %p0 = llvm.extractvalue %p[0] : !llvm.struct<(f32, f32, f32, f32)>
      %at2 = arith.addi %at, %c3 : index
      %b2 = memref.load %buffers[%at2] : memref<384xf32, #gpu.address_space<workgroup>>
      %b2r = nvvm.convert.float.to.tf32 %b2 {rnd = #nvvm.fp_rnd_mode<rna>}
      %q = nvvm.mma.sync A[%a0r, %a0r, %a0r, %a0r] B[%b2r, %b2r] C[%p0, %p0, %p0, %p0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %q0 = llvm.extractvalue %q[0] : !llvm.struct<(f32, f32, f32, f32)>
      %new = vector.from_elements %q0, %q0, %q0, %q0 : vector<4xf32>
      %next = arith.addi %stage, %c1 : index
      %wraps = arith.cmpi sge, %next, %c3 : index
      %next_stage = arith.select %wraps, %c0, %next : index
      scf.yield %new, %next_stage : vector<4xf32>, index
    }
    vector.store %sums#0, %y[%c0] : memref<4xf32, #gpu.address_space<global>>, vector<4xf32>
    gpu.return
  }
}

// -----

// Without products there is nothing to do meanwhile.

// CHECK-LABEL: gpu.func @sums
// CHECK-NOT:     gpu.barrier
// CHECK:         scf.for
// CHECK:           nvvm.cp.async.wait.group 1
// CHECK-NEXT:      gpu.barrier
// CHECK:           memref.load
gpu.module @kernels {
  gpu.func @sums(%y: memref<1xf32, #gpu.address_space<global>>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %total = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (f32) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %b = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %new = arith.addf %sum, %b : f32
      scf.yield %new : f32
    }
    memref.store %total, %y[%c0] : memref<1xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// FMA units: what a product puts together of its loads stays with it. A store that goes
// with copies, to a later iteration, is in nobody's way.

// CHECK-LABEL: gpu.func @fma
// CHECK:         nvvm.cp.async.wait.group 1
// CHECK-NEXT:    gpu.barrier
// CHECK:         %[[A0:.*]] = vector.load
// CHECK:         scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>)
// CHECK:           memref.store
// CHECK:           nvvm.cp.async.commit.group
// CHECK:           scf.if
// CHECK:             gpu.barrier
// CHECK:             vector.load
// CHECK:           math.fma
// CHECK:           scf.yield
gpu.module @kernels {
  gpu.func @fma(%y: memref<4xf32, #gpu.address_space<global>>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %c16 = arith.constant 16 : index
    %nothing = arith.constant 0.0 : f32
    %zero = arith.constant dense<0.0> : vector<4xf32>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %total = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (vector<4xf32>) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %ahead = arith.addi %i, %c16 : index
      memref.store %nothing, %buffers[%ahead] : memref<384xf32, #gpu.address_space<workgroup>>
      nvvm.cp.async.commit.group
      %a = vector.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>, vector<4xf32>
      %new = math.fma %a, %a, %sum : vector<4xf32>
      scf.yield %new : vector<4xf32>
    }
    vector.store %total, %y[%c0] : memref<4xf32, #gpu.address_space<global>>, vector<4xf32>
    gpu.return
  }
}

// -----

// What the iteration itself stores cannot be loaded ahead.

// CHECK-LABEL: gpu.func @stores
// CHECK-NOT:     gpu.barrier
// CHECK:         scf.for
// CHECK-NEXT:      nvvm.cp.async.wait.group 1
// CHECK-NEXT:      gpu.barrier
// CHECK:           memref.store
// CHECK:           vector.load
// CHECK:           math.fma
// CHECK-NOT:       gpu.barrier
gpu.module @kernels {
  gpu.func @stores(%y: memref<4xf32, #gpu.address_space<global>>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %nothing = arith.constant 0.0 : f32
    %zero = arith.constant dense<0.0> : vector<4xf32>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %total = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (vector<4xf32>) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      nvvm.cp.async.commit.group
      %begins = arith.cmpi eq, %i, %c1 : index
      scf.if %begins {
        memref.store %nothing, %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      }
      %a = vector.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>, vector<4xf32>
      %new = math.fma %a, %a, %sum : vector<4xf32>
      scf.yield %new : vector<4xf32>
    }
    vector.store %total, %y[%c0] : memref<4xf32, #gpu.address_space<global>>, vector<4xf32>
    gpu.return
  }
}
