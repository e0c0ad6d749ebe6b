// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Rows of x and of weights are copied as they lie, 16 bytes at a time. With 5
// elements of padding, a tile's first tap is 5 before a multiple of 4: the slab
// starts 3 elements ahead, and tap k of position 0 is its element 3 + 2 * k. Each of four
// threads multiplies two channels of all taps, which lie side by side in a row of weights.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<352xf32, strided<[1]>, #gpu.address_space<workgroup>>
// CHECK:         %[[ROWS:.*]] = tile.alloc : memref<16x24xf32, strided<[24, 1]>, #gpu.address_space<workgroup>>
// CHECK:         scf.for %[[STEP:[^ ]*]] =
// CHECK:           %[[WHOLE:.*]] = tile.view %[[SLAB]][%{{.*}}] : {{.*}} to memref<8x40xf32, strided<[44, 1]
// CHECK:           tile.copy %{{.*}} to %[[WHOLE]] dims [-1, -1, 0, 1] strides [1, 1, 1, 1] vector 4 : memref<2x1x16x64xf32
// CHECK:           tile.copy %{{.*}} to %[[ROWS]] dims [-1, 0, 1] strides [1, 1, 1] vector 4 : memref<1x16x48xf32
// CHECK:           tile.barrier
// CHECK:           %[[FIRST:.*]] = arith.constant 3 : index
// CHECK:           %[[TAPS:.*]] = tile.view %[[SLAB]][%[[FIRST]]] : {{.*}} to memref<4x2x3x32xf32, strided<[88, 44, 2, 1]
// CHECK:           tile.dot mma_tf32 %[[ROWS]], %[[TAPS]], %{{.*}} rows_aligned column_phase 3 :
// CHECK-NOT:       tile.dot
// CHECK:           tile.barrier
// CHECK:         } {tile.num_stages = 2 : i64}
// CHECK:         tile.store {{.*}} vector 2
func.func @main(%x: tensor<2x16x64xf32>, %w: tensor<16x16x3xf32>) -> tensor<2x16x70xf32> {
  %y = nn.conv1d %x, %w dilation = 2 padding = [5, 5] precision = tf32 {nn.schedule = #nn.schedule<algorithm = gemm_rows,
         block_m = 16, block_n = 32, block_k = 8, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<2x16x64xf32>, tensor<16x16x3xf32>) -> tensor<2x16x70xf32>
  return %y : tensor<2x16x70xf32>
}

// -----

// Four channels of 16 bits are for one thread, and the rows that four threads multiply at once
// would meet in the same banks: so the first channels of all runs are copied to neighbouring rows.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<768xf16
// CHECK:           %[[WHOLE:.*]] = tile.view %[[SLAB]][%{{.*}}] : {{.*}} to memref<4x4x40xf16, strided<[48, 192, 1]
// CHECK:           %[[RUNS:.*]] = memref.expand_shape %{{.*}} [2, 1, 8, 4, 64]
// CHECK:           tile.copy %[[RUNS]][{{.*}}] to %[[WHOLE]] dims [-1, -1, 0, 1, 2] strides [1, 1, 1, 1, 1] vector 8
// CHECK:           %[[TAPS:.*]] = tile.view %[[SLAB]][%{{.*}}] : {{.*}} to memref<4x4x3x32xf16, strided<[48, 192, 1, 1]
// CHECK:           tile.dot mma %{{.*}}, %[[TAPS]]
func.func @main(%x: tensor<2x32x64xf16>, %w: tensor<16x32x3xf16>) -> tensor<2x16x62xf16> {
  %y = nn.conv1d %x, %w {nn.schedule = #nn.schedule<algorithm = gemm_rows,
         block_m = 16, block_n = 32, block_k = 16, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<2x32x64xf16>, tensor<16x32x3xf16>) -> tensor<2x16x62xf16>
  return %y : tensor<2x16x62xf16>
}

// -----

// Rows of 61 f32 begin anywhere: they are copied one by one, to rows that begin at 16 bytes.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:           tile.copy {{.*}} dims [-1, -1, 0, 1] strides [1, 1, 1, 1] : memref<1x1x16x61xf32
// CHECK-NOT:       skewed
// CHECK-SAME:      to memref<8x{{[0-9]+}}xf32
// CHECK:           tile.copy {{.*}} vector 4 : memref<1x16x48xf32
// CHECK:           tile.dot mma_tf32 {{.*}} rows_aligned column_phase 0 :
func.func @main(%x: tensor<1x16x61xf32>, %w: tensor<16x16x3xf32>) -> tensor<1x16x61xf32> {
  %y = nn.conv1d %x, %w padding = [1, 1] precision = tf32 {nn.schedule = #nn.schedule<algorithm = gemm_rows,
         block_m = 16, block_n = 32, block_k = 8, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<1x16x61xf32>, tensor<16x16x3xf32>) -> tensor<1x16x61xf32>
  return %y : tensor<1x16x61xf32>
}

// -----

// Rows of 20 f16 are multiples of 8 bytes only, and skewed; an odd number of outputs
// is stored one by one. Many taps are a loop.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:           tile.copy {{.*}} vector 8 skewed columns [7, 39] : memref<1x1x16x20xf16
// CHECK:           tile.copy {{.*}} vector 8 : memref<1x16x272xf16
// CHECK:           scf.for %[[TAP:[^ ]*]] =
// CHECK:             memref.subview %{{.*}}[0, %[[TAP]]] [16, 16] [1, 17]
// CHECK:             tile.dot mma
// Where zeros for the padding met infinite weights, some positions at a time are
// computed again, straight from global memory.
// CHECK:         %[[ANY:.*]] = scf.if %{{.*}} -> (i1)
// CHECK:           tile.any
// CHECK:         scf.if %[[ANY]] {
// CHECK:           scf.for
// CHECK-NOT:         tile.dot
// CHECK:             tile.load
// CHECK:             {loop_annotation = #[[ROLLED:[a-z_0-9]+]]}
// CHECK:             {loop_annotation = #[[ROLLED]]}
// CHECK:             tile.store {{.*}} : tensor<16x8xf16>
// CHECK:         } else {
// CHECK:           tile.store
// CHECK-NOT:         vector
// CHECK-SAME:        tensor<16x16xf16>
func.func @main(%x: tensor<1x16x20xf16>, %w: tensor<16x16x17xf16>) -> tensor<1x16x5xf16> {
  %y = nn.conv1d %x, %w padding = [1, 0] {nn.schedule = #nn.schedule<algorithm = gemm_rows,
         block_m = 16, block_n = 16, block_k = 16, num_warps = 1, num_stages = 1, order = m.n.gb>}
       : (tensor<1x16x20xf16>, tensor<16x16x17xf16>) -> tensor<1x16x5xf16>
  return %y : tensor<1x16x5xf16>
}

// -----

// Rows of weights of one tap are staged in chunks of 16 bytes: two of a row and those
// of three other rows are stored at once, in different banks, and the matrices of a
// chunk lie side by side.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[CHUNKS:.*]] = tile.alloc : memref<32x2x8xf16, strided<[8, 288, 1]>
// CHECK:           tile.copy %{{.*}} to %[[CHUNKS]] dims [-1, 0, 1, 2] strides [1, 1, 1, 1] vector 8 : memref<1x24x5x8xf16
// CHECK:           %[[A:.*]] = memref.transpose %[[CHUNKS]] (d0, d1, d2) -> (d1, d0, d2)
// CHECK:           tile.dot mma %[[A]], {{.*}} rows_aligned column_phase 0 : memref<2x32x8xf16, strided<[288, 8, 1]>
func.func @main(%x: tensor<3x40x64xf16>, %w: tensor<24x40x1xf16>) -> tensor<3x24x64xf16> {
  %y = nn.conv1d %x, %w {nn.schedule = #nn.schedule<algorithm = gemm_rows,
         block_m = 32, block_n = 32, block_k = 16, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<3x40x64xf16>, tensor<24x40x1xf16>) -> tensor<3x24x64xf16>
  return %y : tensor<3x24x64xf16>
}
