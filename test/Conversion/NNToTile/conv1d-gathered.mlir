// RUN: poolc-opt %s --nn-set-target=target=h200 --nn-to-tile --split-input-file | FileCheck %s

// Weights are packed in chunks of eight taps of a channel: of 16 rows, pairs of neighbours go to rows g and g + 8.

// CHECK-LABEL: tile.func @conv1d_0_weights(
// CHECK:         %[[W:.*]] = memref.expand_shape %arg0 {{.*}} into memref<1x13x8x2x3x15xbf16,
// CHECK:         %[[PACKED:.*]] = memref.expand_shape %arg1 {{.*}} into memref<1x1x6x16x2x8x8xbf16,
// CHECK:         %[[TILE:.*]] = tile.load %[[W]]{{.*}} dims [-1, 0, 1, 2, -1, 3] {{.*}} -> tensor<4x8x2x8xbf16>
// CHECK:         tile.store %[[TILE]], %[[PACKED]]{{.*}} dims [-1, -1, -1, 0, 2, 1, 3]

// Windows of stride 1 overlap in the rows; the second chunk of a channel is the first one's columns from the eighth on.
// Whether x could spoil sums is asked once. A block has two tiles of channels, the last one fewer.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[PLANES:.*]] = tile.alloc : memref<1728xbf16,
// CHECK:         %[[WEIGHTS:.*]] = tile.alloc : memref<2x6x64x8xbf16,
// CHECK:         %[[ROWS:.*]] = tile.alloc : memref<264xbf16,
// CHECK:         tile.copy async %{{.*}} to %{{.*}} vector 8 :
// CHECK:         tile.copy async %arg2
// CHECK:         tile.async_wait 1
// CHECK-NEXT:    tile.barrier
// CHECK:         %[[WINDOWS:.*]] = tile.view %[[ROWS]][%{{.*}}] : {{.*}} to memref<3x72x8xbf16, strided<[88, 1, 1], offset: ?>
// CHECK:         %[[GATHERED:.*]] = tile.load %[[WINDOWS]]
// CHECK:         tile.store %[[GATHERED]], %{{.*}} vector 8 : tensor<3x72x8xbf16>, memref<3x72x8xbf16, strided<[576, 8, 1], offset: ?>
// CHECK:         %[[SPOILT:.*]] = tile.any
// CHECK:         tile.async_wait 0
// CHECK-NEXT:    tile.barrier
// CHECK:         %[[COUNT:.*]] = arith.minsi
// CHECK:         scf.for %{{.*}} to %[[COUNT]]
// CHECK:           tile.copy async %arg2
// CHECK:           tile.view %[[PLANES]][{{.*}} to memref<2x64x8xbf16, strided<[64, 8, 1], offset: ?>
// CHECK-COUNT-3:   tile.dot wgmma
// CHECK:           %[[REPAIRS:.*]] = scf.if
// CHECK:             scf.yield %[[SPOILT]]
// CHECK:             arith.ori %{{.*}}, %[[SPOILT]]
// CHECK:           scf.if %[[REPAIRS]]
// CHECK:           tile.store {{.*}} staged staging 11264 apart
// CHECK:           tile.async_wait 0
// CHECK-NEXT:      tile.barrier
// CHECK-NEXT:    }
func.func @main(%x: tensor<2x3x200xbf16>, %w: tensor<208x3x15xbf16>) -> tensor<2x208x200xbf16> {
  %y = nn.conv1d %x, %w padding = [7, 7] {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_gathered,
         block_m = 64, block_n = 64, tiles_m = 2, num_warps = 4, order = m.n.gb>}
       : (tensor<2x3x200xbf16>, tensor<208x3x15xbf16>) -> tensor<2x208x200xbf16>
  return %y : tensor<2x208x200xbf16>
}

// -----

// Eight taps are no multiple of a stride of 5: each chunk has a plane. All taps are of the kernel, and all of x is inside: nothing is
// asked, and of one tile there is no loop.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         tile.view {{.*}} to memref<1x64x8xf16, strided<[344, 5, 1], offset: ?>
// CHECK:         tile.view {{.*}} to memref<1x64x8xf16, strided<[1024, 8, 1], offset: ?>
// CHECK:         tile.view {{.*}} to memref<1x64x8xf16, strided<[344, 5, 1], offset: ?>
// CHECK-NOT:     tile.any
// CHECK-NOT:     scf.for
// CHECK:         tile.view {{.*}} to memref<2x64x8xf16, strided<[512, 8, 1], offset: ?>
// CHECK:         tile.dot wgmma
// CHECK-NOT:     scf.if
func.func @main(%x: tensor<1x1611xf16>, %w: tensor<64x1x16xf16>) -> tensor<64x320xf16> {
  %y = nn.conv1d %x, %w stride = 5 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_gathered,
         block_m = 64, block_n = 64, num_warps = 4, order = m.n.gb>}
       : (tensor<1x1611xf16>, tensor<64x1x16xf16>) -> tensor<64x320xf16>
  return %y : tensor<64x320xf16>
}
