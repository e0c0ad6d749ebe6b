// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Three channels of 31 taps: rows of windows begin 8 elements apart, and each of
// the 8 columns of taps one element before the last. Rows of y are 131 elements, so
// that they go through shared memory, and so are those of x: groups of 8 that hold them are copied
// with what lies before, and the taps read as many zeros earlier. Where a block begins in the
// padding, what its rows have of others is cleared.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK-DAG:     %[[Y:.*]] = tile.alloc : memref<{{.*}}xf16
// CHECK-DAG:     %[[X:.*]] = tile.alloc : memref<504xf16
// CHECK-DAG:     %[[W:.*]] = tile.alloc : memref<186xf16
// CHECK:         tile.copy async {{.*}} vector 8 skewed columns [0, 158] : {{.*}} to memref<3x1x168xf16
// CHECK:         tile.copy {{.*}} to memref<3x1x1x62xf16
// CHECK:         scf.if
// CHECK-COUNT-3:   tile.clear {{.*}} count 8 skew[%{{.*}}, %{{.*}}]
// CHECK:         tile.view %[[X]][%{{.*}}] : {{.*}} to memref<16x48xf16, strided<[8, 1], offset: ?>
// CHECK:         %[[SKEW:.*]] = arith.andi
// CHECK:         %[[FIRST:.*]] = arith.subi %{{.*}}, %[[SKEW]]
// CHECK:         tile.view %[[W]][%[[FIRST]]] : {{.*}} to memref<6x8x8xf16, strided<[8, -1, 1], offset: ?>
// CHECK-COUNT-3: tile.dot mma
// CHECK:         tile.any
// CHECK:         scf.if
// CHECK:           math.fma
// CHECK:         else
// CHECK:           tile.write_rows %{{.*}} distance 131 vector 8
func.func @main(%x: tensor<1x3x131xf16>, %w: tensor<3x1x31xf16>) -> tensor<1x3x131xf16> {
  %y = nn.conv1d %x, %w padding = [15, 15] groups = 3 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_toeplitz,
         block_g = 3, block_m = 1, block_n = 128, block_k = 1, num_warps = 1, num_stages = 1, order = m.n.gb>}
       : (tensor<1x3x131xf16>, tensor<3x1x31xf16>) -> tensor<1x3x131xf16>
  return %y : tensor<1x3x131xf16>
}

// -----

// Rows of y of whole eights are stored as they are; both outputs sum over steps of
// two channels.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         scf.for {{.*}} -> (tensor<16x8xf32>, tensor<16x8xf32>)
// CHECK:         } {tile.num_stages = 2 : i64}
// CHECK-COUNT-2: tile.store {{.*}} vector 2 :
// CHECK-NOT:     tile.write_rows
func.func @main(%x: tensor<1x6x132xf16>, %w: tensor<2x6x5xf16>) -> tensor<1x2x128xf16> {
  %y = nn.conv1d %x, %w {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_toeplitz,
         block_g = 1, block_m = 2, block_n = 128, block_k = 2, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<1x6x132xf16>, tensor<2x6x5xf16>) -> tensor<1x2x128xf16>
  return %y : tensor<1x2x128xf16>
}
