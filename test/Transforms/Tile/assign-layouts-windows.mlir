// RUN: poolc-opt %s --tile-assign-layouts --split-input-file --verify-diagnostics | FileCheck %s

// All rows of a column in one thread; lanes and warps along the others.

// CHECK-LABEL: tile.func @rows
// CHECK:         tile.window_sum {{.*}} tensor<2x9x64xf32, #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [2, 1, 16], warps = [1, 1, 2]>> -> tensor<2x3x64xf32, #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [2, 1, 16], warps = [1, 1, 2]>>
tile.func @rows(%x: memref<2x9x64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 2 : i64} {
  %t = tile.load %x[%i, %i, %i] dims [0, 1, 2] strides [1, 1, 1] vector 4 : memref<2x9x64xf32, #gpu.address_space<global>> -> tensor<2x9x64xf32>
  %s = tile.window_sum %t dim 1 kernel 3 stride 3 : tensor<2x9x64xf32> -> tensor<2x3x64xf32>
  tile.return
}

// -----

// Rows so narrow that one store has them whole go to shared memory from the same threads.

// CHECK-LABEL: tile.func @narrow_rows
// CHECK:         tile.window_sum {{.*}} tensor<1x6x4xf32, #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [1, 1, 32], warps = [1, 1, 2]>> -> tensor<1x2x4xf32,
tile.func @narrow_rows(%x: memref<1x6x4xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 2 : i64} {
  %sums = tile.alloc : memref<1x2x4xf32, #gpu.address_space<workgroup>>
  %t = tile.load %x[%i, %i, %i] dims [0, 1, 2] strides [1, 1, 1] vector 4 : memref<1x6x4xf32, #gpu.address_space<global>> -> tensor<1x6x4xf32>
  %s = tile.window_sum %t dim 1 kernel 3 stride 3 : tensor<1x6x4xf32> -> tensor<1x2x4xf32>
  tile.store %s, %sums[%i, %i, %i] dims [0, 1, 2] strides [1, 1, 1] vector 4 : tensor<1x2x4xf32>, memref<1x2x4xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

// Groups of eight, though loads take four; the sums have one element for each.

// CHECK-LABEL: tile.func @groups
// CHECK:         tile.window_sum {{.*}} tensor<256xf32, #tile.blocked<size_per_thread = [8], threads_per_warp = [32], warps = [1]>> -> tensor<32xf32, #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>>
tile.func @groups(%x: memref<256xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %t = tile.load %x[%i] dims [0] strides [1] vector 4 : memref<256xf32, #gpu.address_space<global>> -> tensor<256xf32>
  %s = tile.window_sum %t dim 0 kernel 8 stride 8 : tensor<256xf32> -> tensor<32xf32>
  tile.return
}

// -----

// Groups of groups: two of two, though loads take two.

// CHECK-LABEL: tile.func @groups_of_groups
// CHECK:         tile.window_sum {{.*}} tensor<128xf32, #tile.blocked<size_per_thread = [4], threads_per_warp = [32], warps = [1]>> -> tensor<64xf32, #tile.blocked<size_per_thread = [2], threads_per_warp = [32], warps = [1]>>
// CHECK:         tile.window_sum {{.*}} tensor<64xf32, #tile.blocked<size_per_thread = [2], threads_per_warp = [32], warps = [1]>> -> tensor<32xf32, #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>>
tile.func @groups_of_groups(%x: memref<128xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %t = tile.load %x[%i] dims [0] strides [1] vector 2 : memref<128xf32, #gpu.address_space<global>> -> tensor<128xf32>
  %s = tile.window_sum %t dim 0 kernel 2 stride 2 : tensor<128xf32> -> tensor<64xf32>
  %p = tile.window_sum %s dim 0 kernel 1 stride 2 offset 1 : tensor<64xf32> -> tensor<32xf32>
  tile.return
}

// -----

// The whole and its sum have one layout.

// CHECK-LABEL: tile.func @reduce
// CHECK:         tile.reduce {{.*}} tensor<4x64xf32, [[LAYOUT:#tile.blocked<.*>]]> -> tensor<4x1xf32, [[LAYOUT]]>
tile.func @reduce(%x: memref<4x64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 2 : i64} {
  %t = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x64xf32, #gpu.address_space<global>> -> tensor<4x64xf32>
  %s = tile.reduce %t dim 1 : tensor<4x64xf32> -> tensor<4x1xf32>
  tile.return
}

// -----

tile.func @odd(%x: memref<96xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %t = tile.load %x[%i] dims [0] strides [1] : memref<96xf32, #gpu.address_space<global>> -> tensor<96xf32>
  // expected-error@+1 {{'tile.window_sum' op expected stride to divide the 1 adjacent elements that a thread holds, got 3}}
  %s = tile.window_sum %t dim 0 kernel 3 stride 3 : tensor<96xf32> -> tensor<32xf32>
  tile.return
}

// -----

tile.func @circle(%x: memref<64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = tile.load %x[%i] dims [0] strides [1] vector 2 : memref<64xf32, #gpu.address_space<global>> -> tensor<64xf32>
  %sum = tile.reduce %t dim 0 : tensor<64xf32> -> tensor<1xf32>
  // expected-error@+1 {{'tile.window_sum' op expected a source whose layout does not depend on the result's}}
  %s = tile.window_sum %t dim 0 kernel 2 stride 2 : tensor<64xf32> -> tensor<32xf32>
  %b = tile.broadcast %sum : tensor<1xf32> -> tensor<32xf32>
  %d = arith.addf %s, %b : tensor<32xf32>
  tile.return
}

// -----

// With a number of windows, each thread holds whole rows of neighbouring columns.

// CHECK-LABEL: tile.func @adjacent
// CHECK:         tile.window_sum {{.*}} windows 4 : tensor<64x12xf32, #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [32, 1], warps = [2, 1]>> -> tensor<64x4xf32, #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [32, 1], warps = [2, 1]>>
tile.func @adjacent(%x: memref<64x12xf32, #gpu.address_space<global>>, %y: memref<64x4xf32, #gpu.address_space<global>>, %i: index)
    attributes {num_warps = 2 : i64} {
  %t = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] vector 4 : memref<64x12xf32, #gpu.address_space<global>> -> tensor<64x12xf32>
  %s = tile.window_sum %t dim 1 kernel 7 stride 1 offset 1 windows 4 : tensor<64x12xf32> -> tensor<64x4xf32>
  tile.store %s, %y[%i, %i] dims [0, 1] strides [1, 1] vector 4 : tensor<64x4xf32>, memref<64x4xf32, #gpu.address_space<global>>
  tile.return
}
