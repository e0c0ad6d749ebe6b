// RUN: poolc-opt %s --nn-set-target=target=h200 --nn-to-tile --split-input-file | FileCheck %s

// The first launch interleaves rows: of 16 output channels, even ones come first.

// CHECK-LABEL: tile.func @conv1d_0_weights(
// CHECK:         %[[W:.*]] = memref.expand_shape {{.*}} into memref<1x5x8x2x16x2xf16
// CHECK:         tile.load %[[W]][%{{.*}}, %{{.*}}, %c0{{[^,]*}}, %c0{{[^,]*}}, {{.*}} dims [-1, 0, 1, -1, 2, -1] {{.*}} -> tensor<8x8x8xf16>
// CHECK:         tile.store {{.*}} dims [-1, -1, -1, -1, 0, -1, 1, 2] {{.*}} memref<1x1x2x2x8x2x8x8xf16
// CHECK:         %[[ONE:.*]] = arith.constant 1 : index
// CHECK:         tile.load %{{.*}}[%{{.*}}, %{{.*}}, %c0{{[^,]*}}, %[[ONE]],

// Of windows three apart, taps at 0 and 4 are of different phases: tiles of their own, which
// threads write to shared memory in chunks of 8 channels.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[X:.*]] = memref.expand_shape {{.*}} into memref<2x1x2x8x100xf16
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<1024xf16,
// CHECK:         %[[FIRST:.*]] = tile.load %[[X]]{{.*}} dims [-1, -1, 0, 2, 1] strides [1, 1, 1, 1, 3] {{.*}} -> tensor<2x32x8xf16>
// CHECK:         %[[FOUR:.*]] = arith.constant 4 : index
// CHECK:         %[[LATER:.*]] = arith.addi %{{.*}}, %[[FOUR]]
// CHECK:         %[[SECOND:.*]] = tile.load %[[X]]{{.*}}%[[LATER]]] dims
// CHECK:         tile.copy async {{.*}} vector 8
// CHECK:         tile.async_commit
// CHECK:         tile.store %[[FIRST]], {{.*}} vector 8 : tensor<2x32x8xf16>, memref<2x32x8xf16, strided<[512, 8, 1], offset: ?>
// CHECK:         tile.store %[[SECOND]],
// CHECK:         tile.async_wait 0
// CHECK-NEXT:    tile.barrier
// CHECK:         tile.view %[[SLAB]][%{{.*}}] : {{.*}} to memref<2x32x8xf16, strided<[512, 8, 1], offset: ?>
// CHECK:         tile.dot wgmma {{.*}} rows_aligned chunk_alignment 8
// CHECK:         tile.dot wgmma
func.func @main(%x: tensor<2x16x100xf16>, %w: tensor<80x16x2xf16>) -> tensor<2x80x32xf16> {
  %y = nn.conv1d %x, %w stride = 3 dilation = 4 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_chunked,
         block_m = 128, block_n = 32, block_k = 16, block_t = 2, num_warps = 8, num_stages = 1, order = m.n.gb>}
       : (tensor<2x16x100xf16>, tensor<80x16x2xf16>) -> tensor<2x80x32xf16>
  return %y : tensor<2x80x32xf16>
}

// -----

// In a loop, weights are copied two steps ahead, and x of the next step is stored, rounded, behind
// the products, while that of the step after it is loaded.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         tile.alloc : memref<512xf32,
// CHECK:         tile.alloc : memref<3x1x2x64x4xf32
// CHECK:         scf.for
// CHECK:           tile.async_wait 1
// CHECK-NEXT:      tile.barrier
// CHECK:           tile.dot wgmma_tf32
// CHECK:           scf.if
// CHECK:             tile.copy async
// CHECK:           tile.async_commit
// CHECK:           scf.if
// CHECK:             arith.andi
// CHECK:             tile.store {{.*}} vector 4
// CHECK:           tile.load
// CHECK:           scf.yield
func.func @main(%x: tensor<64x32xf32>, %w: tensor<64x64x1xf32>) -> tensor<64x32xf32> {
  %y = nn.conv1d %x, %w precision = tf32 {nn.schedule = #nn.schedule<algorithm = gemm_chunked,
         block_m = 64, block_n = 32, block_k = 8, block_t = 1, num_warps = 4, num_stages = 3, order = m.n.gb>}
       : (tensor<64x32xf32>, tensor<64x64x1xf32>) -> tensor<64x32xf32>
  return %y : tensor<64x32xf32>
}
