// RUN: poolc-opt %s --tile-to-gpu --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// Four warps write 32 rows of the 64 columns that they have to one of two buffers of 8 KiB, and one
// thread has the two boxes stored: those of columns 32 to 63 and 96 to 127 by the second four warps.

// CHECK-LABEL: gpu.func @boxes
// CHECK:         %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0
// CHECK:         %[[GROUP:.*]] = arith.divui %{{.*}}, %c128
// CHECK:         scf.if %[[FIRST]] {
// CHECK-NEXT:      nvvm.cp.async.bulk.wait_group 1 {read}
// CHECK-NEXT:    }
// CHECK:         nvvm.barrier id = %[[NUMBER:.*]] number_of_threads = %c128_i32
// CHECK-COUNT-16: vector.store
// CHECK-NOT:     vector.store
// CHECK:         nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>
// CHECK-NEXT:    nvvm.barrier id = %[[NUMBER]] number_of_threads = %c128_i32
// CHECK-NEXT:    scf.if %[[FIRST]] {
// CHECK:           %[[COLUMN:.*]] = arith.muli %[[GROUP]], %c32
// CHECK:           nvvm.cp.async.bulk.tensor.global.shared.cta
// CHECK:           arith.addi %[[COLUMN]], %c64
// CHECK:           nvvm.cp.async.bulk.tensor.global.shared.cta
// CHECK-NEXT:      nvvm.cp.async.bulk.commit.group
// CHECK-NEXT:      nvvm.cp.async.bulk.wait_group 1 {read}
// CHECK-COUNT-2: nvvm.cp.async.bulk.tensor.global.shared.cta {{.*}}, %c32_i32, %c0_i32]
// CHECK-NEXT:      nvvm.cp.async.bulk.commit.group
// CHECK-NOT:     nvvm.cp.async.bulk
#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @boxes(%y: memref<2x512x1000xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<64x128xf32, #layout>
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> : tensor<64x128xf32, #layout>, memref<2x512x1000xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Where positions count on over images of 96, each box is in the image where it lies.

// CHECK-LABEL: gpu.func @joined
// CHECK:         %[[QUOTIENT:.*]] = arith.divui %[[POSITION:.*]], %c96_i32
// CHECK:         %[[IMAGES:.*]] = arith.index_castui %[[QUOTIENT]]
// CHECK:         %[[REST:.*]] = arith.remui %[[POSITION]], %c96_i32
// CHECK:         %[[PLACE:.*]] = arith.index_castui %[[REST]]
// CHECK:         arith.addi %{{.*}}, %c64
// CHECK:         arith.divui %{{.*}}, %c96_i32
// CHECK:         nvvm.cp.async.bulk.wait_group 0 {read}
// CHECK-NOT:     arith.divui %{{.*}}, %c96_i32
// CHECK:         %[[LAST:.*]] = arith.index_cast %[[PLACE]]
// CHECK:         %[[FIRST:.*]] = arith.index_cast %[[IMAGES]]
// CHECK:         nvvm.cp.async.bulk.tensor.global.shared.cta {{.*}}box[%[[LAST]], %c0_i32, %[[FIRST]]]
// CHECK:         nvvm.cp.async.bulk.tensor.global.shared.cta
// CHECK-NOT:     nvvm.cp.async.bulk.tensor
#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @joined(%y: memref<5x512x96xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %p: i32) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %c0 = arith.constant 0 : index
  %position = arith.index_cast %p : i32 to index
  %t = arith.constant dense<0.0> : tensor<32x128xf32, #layout>
  tile.store %t, %y[%c0, %c0, %position] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> joined : tensor<32x128xf32, #layout>, memref<5x512x96xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @everybody(%y: memref<2x512x1000xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<64x128xf32, #layout>
  // expected-error@+1 {{'tile.store' op expected a kernel with warps that only copy, and none that only store, for a map}}
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> : tensor<64x128xf32, #layout>, memref<2x512x1000xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Half of a box's columns.
#layout = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>
tile.func @half(%y: memref<2x512x1000xf16, #gpu.address_space<global>>, %map: memref<64xf16, #gpu.address_space<global>>) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<64x128xf16, #layout>
  // expected-error@+1 {{'tile.store' op expected a layout of which four warps have the columns of a box for a map, got}}
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<64xf16, #gpu.address_space<global>> : tensor<64x128xf16, #layout>, memref<2x512x1000xf16, #gpu.address_space<global>>
  tile.return
}
