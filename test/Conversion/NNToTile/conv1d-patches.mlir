// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Steps of 16 taps, four chunks: of the weights for each output channel, of x for each
// position. Windows begin two such pieces apart, the first one a piece before x.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[W:.*]] = tile.alloc : memref<16x4x4xf32, strided<[20, 4, 1]>
// CHECK:         %[[X:.*]] = tile.alloc : memref<32x4x4xf32, strided<[20, 4, 1]>
// CHECK:         memref.expand_shape {{.*}} into memref<1x20x2x3x4x4xf32
// CHECK:         memref.expand_shape {{.*}} into memref<1x1x2x40x4x4xf32
// CHECK:         scf.for
// CHECK:           tile.copy %{{.*}} to %[[W]] dims [-1, 0, -1, -1, 1, 2] strides [1, 1, 1, 1, 1, 1] vector 4
// CHECK:           tile.copy %{{.*}} to %[[X]] dims [-1, -1, -1, 0, 1, 2] strides [1, 1, 1, 2, 1, 1] vector 4
// CHECK:           tile.barrier
// CHECK:           memref.subview %[[W]][0, 0, 0] [16, 2, 4]
// CHECK:           memref.subview %[[X]][0, 0, 0] [32, 2, 4]
// CHECK:           tile.dot mma_tf32 {{.*}} rows_aligned chunk_alignment 4
// CHECK:           memref.subview %[[W]][0, 2, 0] [16, 2, 4]
// CHECK:           tile.dot mma_tf32 {{.*}} rows_aligned chunk_alignment 4
// CHECK-NOT:       tile.dot
// CHECK:           tile.barrier
// CHECK:         } {tile.num_stages = 3 : i64}
// CHECK:         tile.any
func.func @main(%x: tensor<1x2x640xf32>, %w: tensor<20x2x48xf32>) -> tensor<1x20x20xf32> {
  %y = nn.conv1d %x, %w stride = 32 padding = [16, 16] precision = tf32
         {nn.schedule = #nn.schedule<algorithm = gemm_patches, block_m = 16, block_n = 32, block_t = 16, num_warps = 1,
                                     num_stages = 3, vector = 2, order = m.n.gb>}
       : (tensor<1x2x640xf32>, tensor<20x2x48xf32>) -> tensor<1x20x20xf32>
  return %y : tensor<1x20x20xf32>
}

// -----

// One step, copied asynchronously. Nothing is staged behind it, so no warp waits there.

// CHECK-LABEL: tile.func @conv1d(
// CHECK-NOT:     scf.for
// CHECK:         tile.copy async
// CHECK:         tile.copy async
// CHECK:         tile.async_commit
// CHECK:         tile.async_wait 0
// CHECK:         tile.dot mma {{.*}} chunk_alignment 8
// CHECK-NOT:     tile.barrier
// CHECK:         tile.store
func.func @one_step(%x: tensor<2x1x160xf16>, %w: tensor<16x1x16xf16>) -> tensor<2x16x10xf16> {
  %y = nn.conv1d %x, %w stride = 16
         {nn.schedule = #nn.schedule<algorithm = gemm_patches, block_m = 16, block_n = 16, block_t = 16, num_warps = 1,
                                     num_stages = 1, vector = 2, order = m.n.gb>}
       : (tensor<2x1x160xf16>, tensor<16x1x16xf16>) -> tensor<2x16x10xf16>
  return %y : tensor<2x16x10xf16>
}

// -----

// Rows of any length: each window is counted by itself, in pieces of 16 taps, and copied
// element by element.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[X:.*]] = tile.alloc : memref<32x4x4xf32, strided<[20, 4, 1]>
// CHECK:         %[[ROWS:.*]] = tile.windows %{{.*}} length %{{.*}} dim 3 apart 20 sizes[%{{.*}}] : {{.*}} to memref<3x1x2x?x3x4x4xf32
// CHECK:         scf.for
// CHECK:           tile.copy %[[ROWS]]{{.*}} to %[[X]] dims [-1, -1, -1, 0, -1, 1, 2] strides [1, 1, 1, 1, 1, 1, 1] : memref
func.func @any_length(%x: tensor<3x2x?xf32>, %w: tensor<20x2x48xf32>) -> tensor<3x20x?xf32> {
  %y = nn.conv1d %x, %w stride = 20 precision = tf32
         {nn.schedule = #nn.schedule<algorithm = gemm_patches, block_m = 16, block_n = 32, block_t = 16, num_warps = 2,
                                     num_stages = 3, vector = 1, order = m.n.gb>}
       : (tensor<3x2x?xf32>, tensor<20x2x48xf32>) -> tensor<3x20x?xf32>
  return %y : tensor<3x20x?xf32>
}

// -----

// Rows of an even number of elements: two at once.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[ROWS:.*]] = tile.windows %{{.*}} length %{{.*}} dim 3 apart 20 sizes[] : {{.*}} to memref<3x1x2x28x3x4x4xf32
// CHECK:         tile.copy %[[ROWS]]{{.*}} dims [-1, -1, -1, 0, -1, 1, 2] strides [1, 1, 1, 1, 1, 1, 1] vector 2 : memref
func.func @even_length(%x: tensor<3x2x602xf32>, %w: tensor<20x2x48xf32>) -> tensor<3x20x28xf32> {
  %y = nn.conv1d %x, %w stride = 20 precision = tf32
         {nn.schedule = #nn.schedule<algorithm = gemm_patches, block_m = 16, block_n = 32, block_t = 16, num_warps = 2,
                                     num_stages = 3, vector = 1, order = m.n.gb>}
       : (tensor<3x2x602xf32>, tensor<20x2x48xf32>) -> tensor<3x20x28xf32>
  return %y : tensor<3x20x28xf32>
}
