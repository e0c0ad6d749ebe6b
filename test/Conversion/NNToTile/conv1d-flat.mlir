// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Rows of x and of weights are copied as they lie. Rows of weights are contiguous along all taps
// of a step's channels, and windows are a view of the rows of x: the channels of each of four
// threads, two of them, lie 8 elements further than two rows, so that threads meet different
// banks. Rows begin with a sector, and a tile's first tap is
// their seventh element.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[MEMORY:.*]] = tile.alloc : memref<608xf32
// CHECK:         %[[WEIGHTS:.*]] = tile.alloc : memref<16x32xf32, strided<[36, 1]>
// CHECK:         scf.for %[[STEP:[^ ]*]] =
// CHECK:           %[[ROWS:.*]] = tile.view %[[MEMORY]][%{{.*}}] : {{.*}} to memref<4x2x72xf32, strided<[152, 72, 1], offset: ?>
// CHECK:           tile.copy %{{.*}} to %[[ROWS]] dims [-1, -1, 0, 1, 2] strides [1, 1, 1, 1, 1] vector 4 : memref<2x1x8x2x64xf32
// CHECK:           tile.copy %{{.*}} to %[[WEIGHTS]] dims [-1, 0, 1] strides [1, 1, 1] vector 4 : memref<1x16x64xf32
// CHECK:           tile.barrier
// CHECK:           %[[WINDOWS:.*]] = tile.view %[[MEMORY]][%c6{{.*}}] : {{.*}} to memref<4x2x4x32xf32, strided<[152, 72, 1, 2], offset: ?>
// CHECK:           tile.dot mma_tf32 %[[WEIGHTS]], %[[WINDOWS]], %{{.*}} rows_aligned column_phase 2 :
// CHECK:           tile.barrier
// CHECK:         } {tile.num_stages = 2 : i64}
func.func @main(%x: tensor<2x16x64xf32>, %w: tensor<16x16x4xf32>) -> tensor<2x16x32xf32> {
  %y = nn.conv1d %x, %w stride = 2 padding = [2, 0] precision = tf32 {nn.schedule = #nn.schedule<algorithm = gemm_flat,
         block_m = 16, block_n = 32, block_k = 8, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<2x16x64xf32>, tensor<16x16x4xf32>) -> tensor<2x16x32xf32>
  return %y : tensor<2x16x32xf32>
}

// -----

// Rows of 42 f16 are skewed, and those of a group of 6 channels begin anywhere: where, only a run
// tells, and elements are loaded one by one, without a gap.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:           %[[ROWS:.*]] = tile.view {{.*}} to memref<4x152xf16, strided<[162, 1], offset: ?>
// CHECK:           tile.copy async {{.*}} to %[[ROWS]] dims [-1, -1, 0, 1] strides [1, 1, 1, 1] vector 8 skewed columns [0, 136] end_shift %[[SHIFT:[^ ]*]] : memref<1x1x6x42xf16
// CHECK:             tile.clear %[[ROWS]] before %{{.*}} count 8
// CHECK:           tile.view %{{.*}}[%[[SHIFT]]] : {{.*}} to memref<4x16x16xf16, strided<[162, 1, 8], offset: ?>
// CHECK:           tile.dot mma %{{.*}}, %{{.*}}, %{{.*}} rows_aligned windows :
func.func @main(%x: tensor<1x6x42xf16>, %w: tensor<16x6x16xf16>) -> tensor<1x16x5xf16> {
  %y = nn.conv1d %x, %w stride = 8 padding = [6, 0] {nn.schedule = #nn.schedule<algorithm = gemm_flat,
         block_m = 16, block_n = 16, block_k = 4, num_warps = 1, num_stages = 1, order = m.n.gb>}
       : (tensor<1x6x42xf16>, tensor<16x6x16xf16>) -> tensor<1x16x5xf16>
  return %y : tensor<1x16x5xf16>
}

// -----

// Skewed rows in padding: what copies leave ahead of x is cleared in each fourth of the channels.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:           tile.copy {{.*}} skewed
// CHECK-COUNT-4:   tile.clear %{{.*}} before %{{.*}} count 4 : memref<2x
// CHECK-NOT:       tile.clear
func.func @main(%x: tensor<1x16x42xf32>, %w: tensor<16x16x4xf32>) -> tensor<1x16x21xf32> {
  %y = nn.conv1d %x, %w stride = 2 padding = [2, 0] precision = tf32 {nn.schedule = #nn.schedule<algorithm = gemm_flat,
         block_m = 16, block_n = 32, block_k = 8, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<1x16x42xf32>, tensor<16x16x4xf32>) -> tensor<1x16x21xf32>
  return %y : tensor<1x16x21xf32>
}
