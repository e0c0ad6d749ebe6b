// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Both channels' rows are staged once. Their 7 taps are two chunks of 4 each, the
// last element of the second of which is no tap; column n of a chunk begins 5 n
// elements on.

// CHECK-LABEL: tile.func @conv1d_0_weights(
// CHECK:         tile.load {{.*}} dims [-1, 0, -1, 1] {{.*}} -> tensor<32x4xf32>
// CHECK:         tile.store {{.*}} dims [-1, -1, -1, 0, 1]
// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[X:.*]] = tile.alloc : memref<{{.*}}xf32, strided<[1]>, #gpu.address_space<workgroup>>
// CHECK:         %[[ROWS:.*]] = tile.view %[[X]]
// CHECK:         tile.copy async %{{.*}} to %[[ROWS]]
// CHECK:         tile.copy async
// CHECK:         %[[B:.*]] = tile.view %[[X]][%{{.*}}] : {{.*}} to memref<2x16x4xf32, strided<[4, 5, 1], offset: ?>
// CHECK:         tile.dot mma_tf32 %{{.*}}, %[[B]], %{{.*}} rows_aligned chunk_sizes [4, 3]
// CHECK:         tile.dot mma_tf32 {{.*}} rows_aligned chunk_sizes [4, 3]
// CHECK-NOT:     tile.dot
func.func @main(%x: tensor<1x2x100xf32>, %w: tensor<20x2x7xf32>) -> tensor<1x20x19xf32> {
  %y = nn.conv1d %x, %w stride = 5 precision = tf32 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_im2col,
         block_m = 32, block_n = 16, block_k = 2, block_t = 8, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<1x2x100xf32>, tensor<20x2x7xf32>) -> tensor<1x20x19xf32>
  return %y : tensor<1x20x19xf32>
}

// -----

// Where the stride is an even number of 16 bytes, rows are staged stride by stride,
// 16 bytes apart, and chunks are loaded as matrices. A last step of fewer taps is
// written out besides the others.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         tile.view %{{.*}} to memref<1x18x16xf32, strided<[360, 20, 1], offset: ?>
// CHECK:         scf.for
// CHECK:           scf.if
// CHECK:             tile.dot mma_tf32 {{.*}} rows_aligned chunk_alignment 4 : {{.*}} memref<2x16x4xf32, strided<[4, 20, 1], offset: ?>
// CHECK-NOT:         tile.dot
// CHECK:           else
// CHECK-COUNT-2:     tile.dot mma_tf32 {{.*}} rows_aligned chunk_alignment 4
func.func @main(%x: tensor<1x1x320xf32>, %w: tensor<16x1x40xf32>) -> tensor<1x16x18xf32> {
  %y = nn.conv1d %x, %w stride = 16 precision = tf32 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_im2col,
         block_m = 16, block_n = 16, block_k = 1, block_t = 16, num_warps = 1, num_stages = 2, vector = 2, order = m.n.gb>}
       : (tensor<1x1x320xf32>, tensor<16x1x40xf32>) -> tensor<1x16x18xf32>
  return %y : tensor<1x16x18xf32>
}

// -----

// FMA units: each channel's columns of weights times rows of windows, tap by tap.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[W:.*]] = tile.alloc : memref<10x16xf32, strided<[16, 1]>
// CHECK:         tile.copy async %{{.*}} to %[[W]] dims [-1, -1, 0, 1] {{.*}} vector 4
// CHECK:         memref.subview %[[W]][0, 0] [5, 16] [1, 1]
// CHECK:         memref.transpose
// CHECK:         tile.view %{{.*}} to memref<5x16xf32, strided<[3, 2], offset: ?>
// CHECK:         tile.dot fma
// CHECK:         memref.subview %[[W]][5, 0] [5, 16] [1, 1]
// CHECK:         tile.dot fma
// CHECK-NOT:     tile.dot
func.func @main(%x: tensor<1x2x64xf32>, %w: tensor<16x2x5xf32>) -> tensor<1x16x26xf32> {
  %y = nn.conv1d %x, %w stride = 2 dilation = 3 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_im2col,
         block_m = 16, block_n = 16, block_k = 2, block_t = 5, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<1x2x64xf32>, tensor<16x2x5xf32>) -> tensor<1x16x26xf32>
  return %y : tensor<1x16x26xf32>
}

// -----

// Taps that are whole chunks are copied as they lie, four chunks of each row at a time,
// to rows that fall into different banks; no launch packs them.

// CHECK-NOT:     conv1d_0_weights
// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[W:.*]] = tile.alloc : memref<16x4x8xf16, strided<[40, 8, 1]>
// CHECK:         scf.for
// CHECK:         tile.copy %{{.*}} to %[[W]] dims [-1, 0, -1, 1, 2] {{.*}} vector 8 : memref<2x16x3x5x8xf16
// CHECK:         %[[A:.*]] = memref.subview %[[W]][0, 0, 0] [16, 2, 8] [1, 1, 1]
// CHECK:         memref.transpose %[[A]] (d0, d1, d2) -> (d1, d0, d2)
func.func @main(%x: tensor<1x6x100xf16>, %w: tensor<32x3x40xf16>) -> tensor<1x32x61xf16> {
  %y = nn.conv1d %x, %w groups = 2 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_im2col,
         block_m = 16, block_n = 16, block_k = 1, block_t = 32, num_warps = 1, num_stages = 2, vector = 1, order = m.n.gb>}
       : (tensor<1x6x100xf16>, tensor<32x3x40xf16>) -> tensor<1x32x61xf16>
  return %y : tensor<1x32x61xf16>
}

// -----

// All taps of several channels are one run, too.

// CHECK-NOT:     conv1d_0_weights
// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[W:.*]] = tile.alloc : memref<16x4x4xf32, strided<[20, 4, 1]>
// CHECK:         tile.copy %{{.*}} to %[[W]] dims [-1, 0, 1, 2] {{.*}} vector 4 : memref<1x16x6x4xf32
func.func @main(%x: tensor<1x3x100xf32>, %w: tensor<16x3x8xf32>) -> tensor<1x16x93xf32> {
  %y = nn.conv1d %x, %w precision = tf32 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_im2col,
         block_m = 16, block_n = 16, block_k = 2, block_t = 8, num_warps = 1, num_stages = 2, vector = 1, order = m.n.gb>}
       : (tensor<1x3x100xf32>, tensor<16x3x8xf32>) -> tensor<1x16x93xf32>
  return %y : tensor<1x16x93xf32>
}

// -----

// A residual besides an activation takes more than the half of an SM's registers, which
// ptxas would not take by itself.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK-SAME:    num_warps = 4 : i64, tile.max_registers = 255
func.func @main(%x: tensor<1x1x100xf16>, %w: tensor<64x1x8xf16>, %r: tensor<1x64x93xf16>) -> tensor<1x64x93xf16> {
  %y = nn.conv1d %x, %w activation = gelu {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_im2col,
         block_m = 64, block_n = 64, block_k = 1, block_t = 16, num_warps = 4, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<1x1x100xf16>, tensor<64x1x8xf16>) -> tensor<1x64x93xf16>
  %z = nn.add %y, %r {nn.index = 1 : i64, nn.fused = 0 : i64} : tensor<1x64x93xf16>
  return %z : tensor<1x64x93xf16>
}
