// RUN: poolc-opt %s --tile-to-gpu --split-input-file --verify-diagnostics | FileCheck %s

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#warpgroup = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 4], columns_of_lanes = true>

// Two products of 16 channels each for all four warps: their sums, the registers of x and
// a descriptor each. What was copied is made known to the tensor cores. The second
// starts while the first may be under way.
// CHECK-LABEL: gpu.func @chain
// CHECK: nvvm.cp.async.wait.group 0
// CHECK-NEXT: nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
// CHECK: gpu.barrier
// Chunks lie 32 rows of 16 bytes apart, eight rows 128 bytes; x is rounded.
// CHECK: arith.ori %{{.*}}, %[[STRIDES:.*]] : i64
// CHECK-COUNT-4: nvvm.convert.float.to.tf32
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.fence.sync.aligned;{{.*}}wgmma.mma_async.sync.aligned.m64n32k8.f32.tf32.tf32 {$0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15}, {$16, $17, $18, $19}, $20, added, 1, 1;
// CHECK-SAME: "=f,{{.*}}=f,r,r,r,r,l,0,1,2,{{.*}}15,~{memory}"
// CHECK: nvvm.wgmma.commit.group.sync.aligned
// CHECK: llvm.inline_asm has_side_effects "wgmma.wait_group.sync.aligned 1;"
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.mma_async
// CHECK: nvvm.wgmma.commit.group.sync.aligned
// CHECK: llvm.inline_asm has_side_effects "wgmma.wait_group.sync.aligned 0;"
tile.func @chain(%y: memref<32x64xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %w = tile.alloc : memref<2x32x4xf32, #shared>
  %x = tile.alloc : memref<8x72xf32, #shared>
  tile.async_commit
  tile.async_wait 0
  tile.barrier
  %zero = arith.constant dense<0.0> : tensor<32x64xf32, #warpgroup>
  %first = memref.subview %x[0, 0] [8, 64] [1, 1] : memref<8x72xf32, #shared> to memref<8x64xf32, strided<[72, 1]>, #shared>
  %second = memref.subview %x[0, 3] [8, 64] [1, 1] : memref<8x72xf32, #shared> to memref<8x64xf32, strided<[72, 1], offset: 3>, #shared>
  %s = tile.dot wgmma_tf32 %w, %first, %zero rows_aligned : memref<2x32x4xf32, #shared>, memref<8x64xf32, strided<[72, 1]>, #shared>, tensor<32x64xf32, #warpgroup>
  %t = tile.dot wgmma_tf32 %w, %second, %s rows_aligned : memref<2x32x4xf32, #shared>, memref<8x64xf32, strided<[72, 1], offset: 3>, #shared>, tensor<32x64xf32, #warpgroup>
  tile.store %t, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<32x64xf32, #warpgroup>, memref<32x64xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#warpgroup = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 4], columns_of_lanes = true>

// 128 positions of four warps are two instructions side by side; four steps of 16 channels
// are multiplied two at a time, so that few registers are in use.
// CHECK-LABEL: gpu.func @pieces
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {{.*}}, added, 1, 1, 0;
// CHECK: llvm.inline_asm has_side_effects "wgmma.wait_group.sync.aligned 1;"
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {{.*}}, added, 1, 1, 0;
// CHECK-NOT: wgmma.wait_group.sync.aligned 1
// CHECK: llvm.inline_asm has_side_effects "wgmma.wait_group.sync.aligned 0;"
// CHECK-NOT: wgmma
tile.func @pieces(%y: memref<16x128xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %w = tile.alloc : memref<8x16x8xbf16, #shared>
  %x = tile.alloc : memref<64x128xbf16, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x128xf32, #warpgroup>
  %s = tile.dot wgmma %w, %x, %zero rows_aligned : memref<8x16x8xbf16, #shared>, memref<64x128xbf16, #shared>, tensor<16x128xf32, #warpgroup>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x128xf32, #warpgroup>, memref<16x128xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 4]>

tile.func @lanes(%y: memref<16x64xf32, #global>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<4x16x8xf16, #shared>
  %x = tile.alloc : memref<32x64xf16, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x64xf32, #rows>
  // expected-error @below {{'tile.dot' op expected an accumulator with the layout #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 4], columns_of_lanes = true>, got #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 4]>}}
  %s = tile.dot wgmma %w, %x, %zero rows_aligned : memref<4x16x8xf16, #shared>, memref<32x64xf16, #shared>, tensor<16x64xf32, #rows>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#pair = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 2], columns_of_lanes = true>

tile.func @warps() attributes {num_warps = 2 : i64} {
  %w = tile.alloc : memref<4x16x8xf16, #shared>
  %x = tile.alloc : memref<32x64xf16, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x64xf32, #pair>
  // expected-error @below {{'tile.dot' op expected groups of four warps and a multiple of 16 columns for each warp, got a tile of 16 x 64}}
  %s = tile.dot wgmma %w, %x, %zero rows_aligned : memref<4x16x8xf16, #shared>, memref<32x64xf16, #shared>, tensor<16x64xf32, #pair>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#warpgroup = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 4], columns_of_lanes = true>

// Aligned rows of 16 bits are loaded as four matrices that are transposed on the way.
// CHECK-LABEL: gpu.func @matrices
// CHECK: nvgpu.ldmatrix %{{.*}} {numTiles = 4 : i32, transpose = true} : {{.*}} -> vector<4x2xf16>
// CHECK-NOT: memref.load
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.mma_async
tile.func @matrices(%y: memref<16x64xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %w = tile.alloc : memref<2x16x8xf16, #shared>
  %x = tile.alloc : memref<16x64xf16, strided<[72, 1]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x64xf32, #warpgroup>
  %s = tile.dot wgmma %w, %x, %zero rows_aligned chunk_alignment 8 : memref<2x16x8xf16, #shared>, memref<16x64xf16, strided<[72, 1]>, #shared>, tensor<16x64xf32, #warpgroup>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x64xf32, #warpgroup>, memref<16x64xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [2, 2], threads_per_warp = [8, 4], warps = [4, 1]>

// With b in chunks, both factors are descriptors: of 128 rows, two instructions for each step,
// 1024 bytes (64 of 16) apart. b begins at any column. No register is loaded, and the second
// product need not wait for the first.
// CHECK-LABEL: gpu.func @chunks
// CHECK-NOT: memref.load
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.fence.sync.aligned;{{.*}}wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {$0, $1, $2, $3}, $9, $8, added, 1, 1, 0, 0;{{.*}}{$4, $5, $6, $7}, $10, $8, added, 1, 1, 0, 0;
// CHECK-SAME: "=f,=f,=f,=f,=f,=f,=f,=f,l,l,l,0,1,2,3,4,5,6,7,~{memory}"
// CHECK: nvvm.wgmma.commit.group.sync.aligned
// CHECK-NOT: wgmma.wait_group
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.mma_async
// CHECK: nvvm.wgmma.commit.group.sync.aligned
// CHECK: llvm.inline_asm has_side_effects "wgmma.wait_group.sync.aligned 0;"
tile.func @chunks(%y: memref<128x8xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %w = tile.alloc : memref<2x128x8xf16, #shared>
  %x = tile.alloc : memref<2x11x8xf16, #shared>
  %zero = arith.constant dense<0.0> : tensor<128x8xf32, #rows>
  %first = memref.subview %x[0, 0, 0] [2, 8, 8] [1, 1, 1] : memref<2x11x8xf16, #shared> to memref<2x8x8xf16, strided<[88, 8, 1]>, #shared>
  %second = memref.subview %x[0, 3, 0] [2, 8, 8] [1, 1, 1] : memref<2x11x8xf16, #shared> to memref<2x8x8xf16, strided<[88, 8, 1], offset: 24>, #shared>
  %s = tile.dot wgmma %w, %first, %zero rows_aligned chunk_alignment 8 : memref<2x128x8xf16, #shared>, memref<2x8x8xf16, strided<[88, 8, 1]>, #shared>, tensor<128x8xf32, #rows>
  %t = tile.dot wgmma %w, %second, %s rows_aligned chunk_alignment 8 : memref<2x128x8xf16, #shared>, memref<2x8x8xf16, strided<[88, 8, 1], offset: 24>, #shared>, tensor<128x8xf32, #rows>
  tile.store %t, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<128x8xf32, #rows>, memref<128x8xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>

tile.func @rows() attributes {num_warps = 8 : i64} {
  %w = tile.alloc : memref<2x64x8xf16, #shared>
  %x = tile.alloc : memref<2x16x8xf16, #shared>
  %few = arith.constant dense<0.0> : tensor<64x16xf32, #tile.blocked<size_per_thread = [2, 2], threads_per_warp = [8, 4], warps = [4, 2]>>
  // expected-error @below {{'tile.dot' op expected groups of four warps and a multiple of 16 rows for each warp, got a tile of 64 x 16}}
  %s = tile.dot wgmma %w, %x, %few rows_aligned chunk_alignment 8 : memref<2x64x8xf16, #shared>, memref<2x16x8xf16, #shared>, tensor<64x16xf32, #tile.blocked<size_per_thread = [2, 2], threads_per_warp = [8, 4], warps = [4, 2]>>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#warpgroup = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 4], columns_of_lanes = true>
#rows = #tile.blocked<size_per_thread = [1, 1, 8], threads_per_warp = [4, 8, 1], warps = [4, 1, 1]>

// Rows of 128 bytes are copied so that the groups of eight rows lie in all banks: of a thread's
// two rows, the second is sixteen rows, 1024 elements, further. Tensor cores are told so, with
// eight rows 1024 bytes apart and 16 channels 32 bytes further.
// CHECK-LABEL: gpu.func @swizzled
// CHECK-SAME: poolc.swizzled_shared
// CHECK: %[[ROW:.*]] = arith.shrui %[[ELEMENT:.*]], %c6_i32
// CHECK-NEXT: arith.constant 7 : i32
// CHECK-NEXT: %[[LOW:.*]] = arith.andi %[[ROW]],
// CHECK-NEXT: arith.constant 8 : i32
// CHECK-NEXT: %[[GROUP:.*]] = arith.muli %[[LOW]],
// CHECK-NEXT: arith.xori %[[ELEMENT]], %[[GROUP]]
// CHECK: nvgpu.device_async_copy
// CHECK: arith.xori
// CHECK: arith.constant 1024 : index
// CHECK: nvgpu.device_async_copy
// 1 << 62 | 64 << 32 | 1 << 16
// CHECK: arith.constant 4611686293305360384 : i64
// CHECK: arith.constant 2 : i64
// CHECK: llvm.inline_asm has_side_effects {{.*}}wgmma.mma_async.sync.aligned.m64n32k16.f32.f16.f16
tile.func @swizzled(%m: memref<32x8x8xf16, #global>, %y: memref<32x64xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %w = tile.alloc : memref<32x8x8xf16, #shared>
  %x = tile.alloc : memref<64x72xf16, #shared>
  tile.copy async %m[%c0, %c0, %c0] to %w dims [0, 1, 2] strides [1, 1, 1] guards [none, none, none] vector 8 swizzled layout #rows : memref<32x8x8xf16, #global> to memref<32x8x8xf16, #shared>
  tile.async_commit
  tile.async_wait 0
  tile.barrier
  %zero = arith.constant dense<0.0> : tensor<32x64xf32, #warpgroup>
  %a = memref.transpose %w (d0, d1, d2) -> (d1, d0, d2) : memref<32x8x8xf16, #shared> to memref<8x32x8xf16, strided<[8, 64, 1]>, #shared>
  %b = memref.subview %x[0, 0] [64, 64] [1, 1] : memref<64x72xf16, #shared> to memref<64x64xf16, strided<[72, 1]>, #shared>
  %s = tile.dot wgmma %a, %b, %zero rows_aligned chunk_alignment 8 swizzled_a : memref<8x32x8xf16, strided<[8, 64, 1]>, #shared>, memref<64x64xf16, strided<[72, 1]>, #shared>, tensor<32x64xf32, #warpgroup>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<32x64xf32, #warpgroup>, memref<32x64xf32, #global>
  tile.return
}
