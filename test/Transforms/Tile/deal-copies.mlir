// Copies of rows that are no multiple of a warp.

// RUN: poolc-opt %s --tile-assign-layouts=deal-copies | FileCheck %s
// RUN: poolc-opt %s --tile-assign-layouts | FileCheck %s --check-prefix=ROWS

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

// A row of 34 groups of 16 bytes would be two instructions for each warp, of which one copies two
// groups: three rows at a time are four. Eight lanes write at once, and stay in a row.
// CHECK-LABEL: tile.func @copies_of_rows
// CHECK: tile.copy async %{{.*}} layout <threads = [3, 40], size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [4, 1]>
// Rows side by side meet in no banks.
// CHECK: tile.copy async %{{.*}} layout <threads = [16, 6], size_per_thread = [1, 4], threads_per_warp = [4, 8], warps = [4, 1]>
// Nothing is gained for whole warps, nor for rows of which a block has one at a time.
// CHECK: tile.copy async %{{.*}} layout <size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [4, 1]>
// CHECK: tile.copy async %{{.*}} layout <size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [4, 1]>
// Groups of skewed rows have conditions of their own.
// CHECK: tile.copy async %{{.*}} skewed layout <size_per_thread = [1, 4], threads_per_warp = [1, 32], warps = [4, 1]>
// ROWS-NOT: threads =
tile.func @copies_of_rows(%x: memref<64x400xf32, #global>, %y: memref<64x401xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x136xf32, strided<[140, 1]>, #shared>
  %b = tile.alloc : memref<64x24xf32, strided<[24, 1]>, #shared>
  %c = tile.alloc : memref<8x128xf32, strided<[132, 1]>, #shared>
  %d = tile.alloc : memref<8x304xf32, strided<[308, 1]>, #shared>
  %e = tile.alloc : memref<16x136xf32, strided<[141, 1]>, #shared>
  tile.copy async %x[%c0, %c0] to %a dims [0, 1] strides [1, 1] vector 4
    : memref<64x400xf32, #global> to memref<16x136xf32, strided<[140, 1]>, #shared>
  tile.copy async %x[%c0, %c0] to %b dims [0, 1] strides [1, 1] vector 4
    : memref<64x400xf32, #global> to memref<64x24xf32, strided<[24, 1]>, #shared>
  tile.copy async %x[%c0, %c0] to %c dims [0, 1] strides [1, 1] vector 4
    : memref<64x400xf32, #global> to memref<8x128xf32, strided<[132, 1]>, #shared>
  tile.copy async %x[%c0, %c0] to %d dims [0, 1] strides [1, 1] vector 4
    : memref<64x400xf32, #global> to memref<8x304xf32, strided<[308, 1]>, #shared>
  tile.copy async %y[%c0, %c0] to %e dims [0, 1] strides [1, 1] vector 4 skewed
    : memref<64x401xf32, #global> to memref<16x136xf32, strided<[141, 1]>, #shared>
  tile.return
}
