// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(gpu-split-barriers)))' --split-input-file | FileCheck %s

// Three stages. Of the two objects, a warp arrives at the first before its first product
// ends, because the copies for the next iteration began in the one before; and at the second
// behind its last load. It waits for the second before it copies, for the first where the
// barrier was.

// CHECK-LABEL: gpu.func @three_stages
// CHECK-SAME:    workgroup(%[[OBJECTS:.*]] : memref<2xi64, #gpu.address_space<workgroup>>)
// CHECK:         %[[POINTER:.*]] = memref.extract_aligned_pointer_as_index %[[OBJECTS]]
// CHECK:         %[[FULL:.*]] = llvm.inttoptr
// CHECK:         %[[EMPTY:.*]] = llvm.inttoptr
// CHECK:         scf.if
// CHECK:           %[[WARPS:.*]] = arith.constant 4 : i32
// CHECK:           nvvm.mbarrier.init %[[FULL]], %[[WARPS]]
// CHECK:           nvvm.mbarrier.init %[[EMPTY]], %[[WARPS]]
// CHECK:         gpu.barrier
// CHECK:         scf.for {{.*}} %[[PARITY:[^ ,]*]] = %c0_i32{{.*}})
// CHECK:           %[[OTHER:.*]] = arith.xori %[[PARITY]]
// CHECK:           scf.while
// CHECK:             nvvm.mbarrier.test.wait %[[EMPTY]], %[[OTHER]]
// CHECK:           nvgpu.device_async_copy
// CHECK:           nvvm.cp.async.commit.group
// CHECK:           nvvm.mma.sync
// CHECK-NEXT:      nvvm.cp.async.wait.group 1
// CHECK:           nvvm.bar.warp.sync
// CHECK:           llvm.inline_asm has_side_effects "@$0 mbarrier.arrive.shared.b64 _, [$1];"{{.*}} %[[FULL]]
// CHECK:           memref.load
// CHECK:           nvvm.bar.warp.sync
// CHECK:           llvm.inline_asm has_side_effects "@$0 mbarrier.arrive.shared.b64 _, [$1];"{{.*}} %[[EMPTY]]
// CHECK:           scf.if
// CHECK-NOT:         gpu.barrier
// CHECK-NOT:         nvvm.cp.async.wait.group
// CHECK:             scf.while
// CHECK:               nvvm.mbarrier.test.wait %[[FULL]], %[[PARITY]]
// CHECK:             nvgpu.ldmatrix
// CHECK:           nvvm.mma.sync
// CHECK:           %[[NEXT:.*]] = arith.xori %[[PARITY]]
// CHECK:           scf.yield {{.*}}, %[[NEXT]] :
gpu.module @kernels {
  gpu.func @three_stages(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c8 = arith.constant 8 : index
    %c128 = arith.constant 128 : index
    %none = arith.constant dense<0.0> : vector<4x1xf32>
    %zero = arith.constant 0 : i32
    %sum0 = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    nvvm.cp.async.wait.group 1
    gpu.barrier
    %first = nvgpu.ldmatrix %buffers[%c0] {numTiles = 4 : i32, transpose = false} : memref<384xf32, #gpu.address_space<workgroup>> -> vector<4x1xf32>
    %a0 = vector.extract %first[0, 0] : f32 from vector<4x1xf32>
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %sum0, %a = %a0) -> (f32, f32) {
      %ahead = arith.addi %i, %c2 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      scf.if %has_next {
        %from = arith.muli %ahead, %c128 : index
        %token = nvgpu.device_async_copy %x[%from], %buffers[%c0], 4 {bypassL1} : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      %ar = nvvm.convert.float.to.tf32 %a {rnd = #nvvm.fp_rnd_mode<rna>}
      %p = nvvm.mma.sync A[%ar, %ar, %ar, %ar] B[%ar, %ar] C[%sum, %sum, %sum, %sum] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %p0 = llvm.extractvalue %p[0] : !llvm.struct<(f32, f32, f32, f32)>
      %b = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %br = nvvm.convert.float.to.tf32 %b {rnd = #nvvm.fp_rnd_mode<rna>}
      %next = arith.addi %i, %c1 : index
      %is_next = arith.cmpi slt, %next, %c8 : index
      %loaded = scf.if %is_next -> (vector<4x1xf32>) {
        nvvm.cp.async.wait.group 1
        gpu.barrier
        %m = nvgpu.ldmatrix %buffers[%next] {numTiles = 4 : i32, transpose = false} : memref<384xf32, #gpu.address_space<workgroup>> -> vector<4x1xf32>
        scf.yield %m : vector<4x1xf32>
      } else {
        scf.yield %none : vector<4x1xf32>
      }
      %q = nvvm.mma.sync A[%ar, %ar, %ar, %ar] B[%br, %br] C[%p0, %p0, %p0, %p0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %q0 = llvm.extractvalue %q[0] : !llvm.struct<(f32, f32, f32, f32)>
      %next_a = vector.extract %loaded[0, 0] : f32 from vector<4x1xf32>
      scf.yield %q0, %next_a : f32, f32
    }
    memref.store %sums#0, %y[%c0] : memref<4xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// Two stages: the copies for the next iteration begin behind two products of six, and have landed
// behind the fourth, when everything has been read. Those of 16-bit operands stay first, and have
// landed behind the third. Large blocks keep the barrier.

// CHECK-LABEL: gpu.func @two_stages
// CHECK:         scf.for
// CHECK-NOT:       scf.while
// CHECK-COUNT-2:   nvvm.mma.sync
// CHECK:           scf.while
// CHECK:           nvgpu.device_async_copy
// CHECK-NEXT:      nvvm.cp.async.commit.group
// CHECK:           nvvm.mma.sync
// CHECK-NOT:       llvm.inline_asm
// CHECK:           memref.load
// CHECK:           llvm.inline_asm
// CHECK:           nvvm.mma.sync
// CHECK-NEXT:      nvvm.cp.async.wait.group 0
// CHECK:           llvm.inline_asm
// CHECK:           scf.if
// CHECK-NOT:         gpu.barrier
// CHECK:             scf.while
// CHECK-LABEL: gpu.func @two_stages_bf16
// CHECK:         scf.for
// CHECK-NOT:       nvvm.mma.sync
// CHECK:           scf.while
// CHECK:           nvgpu.device_async_copy
// CHECK-COUNT-3:   nvvm.mma.sync
// CHECK-NEXT:      nvvm.cp.async.wait.group 0
// CHECK-LABEL: gpu.func @large_block
// CHECK-NOT:     mbarrier
gpu.module @kernels {
  gpu.func @two_stages(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>, %a: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    gpu.barrier
    %sums = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (f32) {
      %token = nvgpu.device_async_copy %x[%i], %buffers[%i], 4 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      nvvm.cp.async.commit.group
      %p0 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%sum, %sum, %sum, %sum] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s0 = llvm.extractvalue %p0[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p1 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s0, %s0, %s0, %s0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s1 = llvm.extractvalue %p1[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p2 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s1, %s1, %s1, %s1] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s2 = llvm.extractvalue %p2[0] : !llvm.struct<(f32, f32, f32, f32)>
      %b = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %bits = arith.bitcast %b : f32 to i32
      %p3 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s2, %s2, %s2, %s2] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s3 = llvm.extractvalue %p3[0] : !llvm.struct<(f32, f32, f32, f32)>
      %next = arith.addi %i, %c1 : index
      %is_next = arith.cmpi slt, %next, %c8 : index
      scf.if %is_next {
        nvvm.cp.async.wait.group 0
        gpu.barrier
      }
      %p4 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s3, %s3, %s3, %s3] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s4 = llvm.extractvalue %p4[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p5 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s4, %s4, %s4, %s4] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s5 = llvm.extractvalue %p5[0] : !llvm.struct<(f32, f32, f32, f32)>
      scf.yield %s5 : f32
    }
    memref.store %sums, %y[%c0] : memref<4xf32, #gpu.address_space<global>>
    gpu.return
  }
  gpu.func @two_stages_bf16(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>, %a: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    gpu.barrier
    %sums = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (f32) {
      %token = nvgpu.device_async_copy %x[%i], %buffers[%i], 4 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      nvvm.cp.async.commit.group
      %p0 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%sum, %sum, %sum, %sum] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s0 = llvm.extractvalue %p0[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p1 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s0, %s0, %s0, %s0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s1 = llvm.extractvalue %p1[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p2 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s1, %s1, %s1, %s1] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s2 = llvm.extractvalue %p2[0] : !llvm.struct<(f32, f32, f32, f32)>
      %b = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %bits = arith.bitcast %b : f32 to i32
      %p3 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s2, %s2, %s2, %s2] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s3 = llvm.extractvalue %p3[0] : !llvm.struct<(f32, f32, f32, f32)>
      %next = arith.addi %i, %c1 : index
      %is_next = arith.cmpi slt, %next, %c8 : index
      scf.if %is_next {
        nvvm.cp.async.wait.group 0
        gpu.barrier
      }
      %p4 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s3, %s3, %s3, %s3] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s4 = llvm.extractvalue %p4[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p5 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s4, %s4, %s4, %s4] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>, shape = #nvvm.shape<m = 16, n = 8, k = 16>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s5 = llvm.extractvalue %p5[0] : !llvm.struct<(f32, f32, f32, f32)>
      scf.yield %s5 : f32
    }
    memref.store %sums, %y[%c0] : memref<4xf32, #gpu.address_space<global>>
    gpu.return
  }
  gpu.func @large_block(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>, %a: i32) kernel attributes {known_block_size = array<i32: 512, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    gpu.barrier
    %sums = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (f32) {
      %token = nvgpu.device_async_copy %x[%i], %buffers[%i], 4 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      nvvm.cp.async.commit.group
      %p0 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%sum, %sum, %sum, %sum] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s0 = llvm.extractvalue %p0[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p1 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s0, %s0, %s0, %s0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s1 = llvm.extractvalue %p1[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p2 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s1, %s1, %s1, %s1] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s2 = llvm.extractvalue %p2[0] : !llvm.struct<(f32, f32, f32, f32)>
      %b = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %bits = arith.bitcast %b : f32 to i32
      %p3 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s2, %s2, %s2, %s2] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s3 = llvm.extractvalue %p3[0] : !llvm.struct<(f32, f32, f32, f32)>
      %next = arith.addi %i, %c1 : index
      %is_next = arith.cmpi slt, %next, %c8 : index
      scf.if %is_next {
        nvvm.cp.async.wait.group 0
        gpu.barrier
      }
      %p4 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s3, %s3, %s3, %s3] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s4 = llvm.extractvalue %p4[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p5 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s4, %s4, %s4, %s4] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s5 = llvm.extractvalue %p5[0] : !llvm.struct<(f32, f32, f32, f32)>
      scf.yield %s5 : f32
    }
    memref.store %sums, %y[%c0] : memref<4xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// In another loop the objects would have to be made again; of an unknown number of warps they
// cannot be made; and where an iteration loads nothing, warps have nothing to arrive behind.

// CHECK-LABEL: gpu.func @inner
// CHECK-NOT:     mbarrier
// CHECK-LABEL: gpu.func @unknown_warps
// CHECK-NOT:     mbarrier
// CHECK-LABEL: gpu.func @loaded_ahead
// CHECK-NOT:     mbarrier
gpu.module @kernels {
  gpu.func @inner(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>, %a: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    scf.for %j = %c0 to %c8 step %c1 {
    gpu.barrier
    %sums = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (f32) {
      %token = nvgpu.device_async_copy %x[%i], %buffers[%i], 4 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      nvvm.cp.async.commit.group
      %p0 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%sum, %sum, %sum, %sum] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s0 = llvm.extractvalue %p0[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p1 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s0, %s0, %s0, %s0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s1 = llvm.extractvalue %p1[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p2 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s1, %s1, %s1, %s1] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s2 = llvm.extractvalue %p2[0] : !llvm.struct<(f32, f32, f32, f32)>
      %b = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %bits = arith.bitcast %b : f32 to i32
      %p3 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s2, %s2, %s2, %s2] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s3 = llvm.extractvalue %p3[0] : !llvm.struct<(f32, f32, f32, f32)>
      %next = arith.addi %i, %c1 : index
      %is_next = arith.cmpi slt, %next, %c8 : index
      scf.if %is_next {
        nvvm.cp.async.wait.group 0
        gpu.barrier
      }
      %p4 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s3, %s3, %s3, %s3] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s4 = llvm.extractvalue %p4[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p5 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s4, %s4, %s4, %s4] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s5 = llvm.extractvalue %p5[0] : !llvm.struct<(f32, f32, f32, f32)>
      scf.yield %s5 : f32
    }
    }
    memref.store %zero, %y[%c0] : memref<4xf32, #gpu.address_space<global>>
    gpu.return
  }
  gpu.func @unknown_warps(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>, %a: i32) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    gpu.barrier
    %sums = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (f32) {
      %token = nvgpu.device_async_copy %x[%i], %buffers[%i], 4 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      nvvm.cp.async.commit.group
      %p0 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%sum, %sum, %sum, %sum] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s0 = llvm.extractvalue %p0[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p1 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s0, %s0, %s0, %s0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s1 = llvm.extractvalue %p1[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p2 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s1, %s1, %s1, %s1] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s2 = llvm.extractvalue %p2[0] : !llvm.struct<(f32, f32, f32, f32)>
      %b = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %bits = arith.bitcast %b : f32 to i32
      %p3 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s2, %s2, %s2, %s2] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s3 = llvm.extractvalue %p3[0] : !llvm.struct<(f32, f32, f32, f32)>
      %next = arith.addi %i, %c1 : index
      %is_next = arith.cmpi slt, %next, %c8 : index
      scf.if %is_next {
        nvvm.cp.async.wait.group 0
        gpu.barrier
      }
      %p4 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s3, %s3, %s3, %s3] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s4 = llvm.extractvalue %p4[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p5 = nvvm.mma.sync A[%bits, %bits, %bits, %bits] B[%bits, %bits] C[%s4, %s4, %s4, %s4] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s5 = llvm.extractvalue %p5[0] : !llvm.struct<(f32, f32, f32, f32)>
      scf.yield %s5 : f32
    }
    memref.store %sums, %y[%c0] : memref<4xf32, #gpu.address_space<global>>
    gpu.return
  }
  gpu.func @loaded_ahead(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4xf32, #gpu.address_space<global>>, %a: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0.0 : f32
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    gpu.barrier
    %sums = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (f32) {
      %token = nvgpu.device_async_copy %x[%i], %buffers[%i], 4 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      nvvm.cp.async.commit.group
      %p0 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%sum, %sum, %sum, %sum] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s0 = llvm.extractvalue %p0[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p1 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s0, %s0, %s0, %s0] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s1 = llvm.extractvalue %p1[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p2 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s1, %s1, %s1, %s1] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s2 = llvm.extractvalue %p2[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p3 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s2, %s2, %s2, %s2] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s3 = llvm.extractvalue %p3[0] : !llvm.struct<(f32, f32, f32, f32)>
      %next = arith.addi %i, %c1 : index
      %is_next = arith.cmpi slt, %next, %c8 : index
      scf.if %is_next {
        nvvm.cp.async.wait.group 0
        gpu.barrier
      }
      %p4 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s3, %s3, %s3, %s3] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s4 = llvm.extractvalue %p4[0] : !llvm.struct<(f32, f32, f32, f32)>
      %p5 = nvvm.mma.sync A[%a, %a, %a, %a] B[%a, %a] C[%s4, %s4, %s4, %s4] {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>, multiplicandAPtxType = #nvvm.mma_type<tf32>, multiplicandBPtxType = #nvvm.mma_type<tf32>, shape = #nvvm.shape<m = 16, n = 8, k = 8>} : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      %s5 = llvm.extractvalue %p5[0] : !llvm.struct<(f32, f32, f32, f32)>
      scf.yield %s5 : f32
    }
    memref.store %sums, %y[%c0] : memref<4xf32, #gpu.address_space<global>>
    gpu.return
  }
}
