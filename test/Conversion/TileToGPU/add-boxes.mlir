// RUN: poolc-opt %s --tile-to-gpu --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// Rows of a stage: boxes of 16 rows of 32 columns are copied, those below each other side by side, and
// each thread adds its elements. The last stage has fewer rows. What is added stays where it is: LLVM
// would move it behind the last wait.

// CHECK-LABEL: gpu.func @f32
// CHECK:         gpu.barrier {tile.adding = 0 : i32}
// CHECK-COUNT-8: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}{tile.bytes = 2048 : i64}
// CHECK-NOT:     nvvm.cp.async.bulk
// CHECK:         gpu.barrier {tile.adding = 1 : i32}
// CHECK-COUNT-16: memref.load
// CHECK-NOT:     memref.load
// CHECK:         nvvm.fence.proxy {{.*}}tile.adding = 2 : i32}
// CHECK:         %[[NEXT:.*]] = arith.addi %{{.*}}, %c1_i32
// CHECK:         %[[WRAPS:.*]] = arith.cmpi sge, %[[NEXT]], %c3_i32
// CHECK:         arith.select %[[WRAPS]]
// CHECK:         gpu.barrier {tile.adding = 0 : i32}
// CHECK-COUNT-4: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}{tile.bytes = 2048 : i64}
// CHECK-NOT:     nvvm.cp.async.bulk
// CHECK:         gpu.barrier {tile.adding = 1 : i32}
// CHECK-COUNT-8: llvm.inline_asm has_side_effects "", "=f,0"
// CHECK:         nvvm.fence.proxy {{.*}}tile.adding = 2 : i32}
// CHECK-NOT:     llvm.inline_asm
#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @f32(%map: memref<32xf32, #gpu.address_space<global>>, %y: memref<512x1000xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<48x128xf32, #layout>
  %m = tile.alloc : memref<3x32x128xf32, #gpu.address_space<workgroup>>
  %r = tile.add_boxes %t, %map[%c0, %i, %i] through %m stage %stage rows 16 : tensor<48x128xf32, #layout>, memref<32xf32, #gpu.address_space<global>>, memref<3x32x128xf32, #gpu.address_space<workgroup>>
  tile.store %r, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<48x128xf32, #layout>, memref<512x1000xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Of 16 bits, warps load matrices: sixteen rows by sixteen columns at once.

// CHECK-LABEL: gpu.func @f16
// CHECK-COUNT-2: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}{tile.bytes = 4096 : i64}
// CHECK-NOT:     nvvm.cp.async.bulk
// CHECK-COUNT-2: nvgpu.ldmatrix %{{.*}}[%{{.*}}] {numTiles = 4 : i32, transpose = true} : {{.*}} -> vector<4x2xf16>
// CHECK-NOT:     nvgpu.ldmatrix
#layout = #tile.blocked<repeats = 2, size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @f16(%map: memref<64xf16, #gpu.address_space<global>>, %y: memref<512x1000xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<32x128xf32, #layout>
  %m = tile.alloc : memref<3x32x128xf16, #gpu.address_space<workgroup>>
  %r = tile.add_boxes %t, %map[%c0, %i, %i] through %m stage %stage rows 32 : tensor<32x128xf32, #layout>, memref<64xf16, #gpu.address_space<global>>, memref<3x32x128xf16, #gpu.address_space<workgroup>>
  tile.store %r, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<32x128xf32, #layout>, memref<512x1000xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @everybody(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x128xf32, #layout>
  %m = tile.alloc : memref<3x32x128xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected a stage of an allocation, in a kernel with warps that only copy, in no branch or loop; run tile-pipeline first}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m stage %stage rows 16 : tensor<32x128xf32, #layout>, memref<32xf32, #gpu.address_space<global>>, memref<3x32x128xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @nowhere(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %t = arith.constant dense<0.0> : tensor<32x128xf32, #layout>
  %m = tile.alloc : memref<32x128xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected a stage of an allocation}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 16 : tensor<32x128xf32, #layout>, memref<32xf32, #gpu.address_space<global>>, memref<32x128xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @branch(%map: memref<32xf32, #gpu.address_space<global>>, %y: memref<512x1000xf32, #gpu.address_space<global>>, %i: index, %stage: i32, %c: i1) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %t = arith.constant dense<0.0> : tensor<32x128xf32, #layout>
  %m = tile.alloc : memref<3x32x128xf32, #gpu.address_space<workgroup>>
  scf.if %c {
    // expected-error@+1 {{'tile.add_boxes' op expected a stage of an allocation}}
    %r = tile.add_boxes %t, %map[%i, %i] through %m stage %stage rows 16 : tensor<32x128xf32, #layout>, memref<32xf32, #gpu.address_space<global>>, memref<3x32x128xf32, #gpu.address_space<workgroup>>
    tile.store %r, %y[%i, %i] dims [0, 1] strides [1, 1] : tensor<32x128xf32, #layout>, memref<512x1000xf32, #gpu.address_space<global>>
  }
  tile.return
}

// -----

#layout = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [2, 4]>
tile.func @others(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %t = arith.constant dense<0.0> : tensor<32x128xf32, #layout>
  %m = tile.alloc : memref<3x32x128xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected the layout of products of four warps, got}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m stage %stage rows 16 : tensor<32x128xf32, #layout>, memref<32xf32, #gpu.address_space<global>>, memref<3x32x128xf32, #gpu.address_space<workgroup>>
  tile.return
}
