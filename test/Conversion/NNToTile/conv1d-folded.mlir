// RUN: poolc-opt %s --nn-set-target=target=h200 --nn-to-tile | FileCheck %s

// A chunk of the weights is four taps of a channel as they lie; its step is of 16 folded channels, two of x.

// CHECK-LABEL: tile.func @conv1d_0_weights(
// CHECK:         %[[CHANNEL:.*]] = arith.divui %[[FIRST:[0-9]+]], %c8_
// CHECK-NEXT:    %[[IN:.*]] = arith.remui %[[FIRST]], %c8_
// CHECK:         %[[TAP:.*]] = arith.addi %{{.*}}, %[[IN]]
// CHECK:         %[[W:.*]] = memref.expand_shape {{.*}} into memref<1x5x8x2x16x16xf32
// CHECK:         tile.load %[[W]][%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[CHANNEL]], %[[TAP]]] dims [-1, 0, 1, -1, -1, 2] {{.*}} vector 4 : {{.*}} -> tensor<8x8x4xf32>

// A position of x is eight channels: two chunks, tiles of their own. Windows begin one position ahead.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[START:.*]] = arith.addi %{{.*}}, %c-1 :
// CHECK:         %[[X:.*]] = memref.expand_shape {{.*}} into memref<2x1x16x12x2x4xf32
// CHECK:         %[[LOW:.*]] = tile.load %[[X]][%{{.*}}, %{{.*}}, %{{.*}}, %[[START]], %c0{{[^,]*}}, %c0{{[^,]*}}] dims [-1, -1, 0, 1, -1, 2] {{.*}} vector 4 : {{.*}} -> tensor<2x33x4xf32>
// CHECK:         %[[ONE:.*]] = arith.constant 1 : index
// CHECK:         %[[HIGH:.*]] = tile.load %[[X]][%{{.*}}, %{{.*}}, %{{.*}}, %[[START]], %[[ONE]],
// CHECK:         tile.view %[[SLAB:.*]][%{{.*}}] : {{.*}} to memref<2x33x4xf32, strided<[264, 4, 1], offset: ?>
// CHECK:         tile.view %[[SLAB]][%{{.*}}] : {{.*}} to memref<2x33x4xf32, strided<[264, 4, 1], offset: ?>
// CHECK:         tile.view %[[SLAB]][%{{.*}}] : {{.*}} to memref<4x32x4xf32, strided<[132, 4, 1], offset: ?>
// CHECK:         tile.dot wgmma_tf32
func.func @main(%x: tensor<2x16x96xf32>, %w: tensor<80x16x16xf32>) -> tensor<2x80x12xf32> {
  %y = nn.conv1d %x, %w stride = 8 padding = [8, 3] precision = tf32 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_folded,
         block_m = 128, block_n = 32, block_k = 16, block_t = 2, num_warps = 8, num_stages = 3, order = m.n.gb>}
       : (tensor<2x16x96xf32>, tensor<80x16x16xf32>) -> tensor<2x80x12xf32>
  return %y : tensor<2x80x12xf32>
}
