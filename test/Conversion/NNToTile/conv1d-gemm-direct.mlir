// RUN: poolc-opt %s --nn-to-tile | FileCheck %s

// Rows of 48 taps: of the weights those of two channels apart, of x windows 32 elements apart. Of
// the last tiles, 4 channels and 4 positions are there. Channels are summed in a loop.

// CHECK-LABEL: tile.func @conv1d(
// CHECK-SAME:    tile.max_registers = 128
// CHECK-NOT:     tile.alloc
// CHECK:         scf.for %[[CHANNEL:.*]] = %c0{{.*}} to %c2
// CHECK:           tile.dot_rows mma_tf32 %arg1[%{{.*}} of %{{.*}}], %arg0[%{{.*}} of %{{.*}}], %{{.*}} depth 48 pitches [96, 32] sure [4, 3] vectors [4, 4]
// CHECK-NOT:     tile.barrier
// CHECK:         tile.store {{.*}} staged staging 1792
func.func @main(%x: tensor<1x2x640xf32>, %w: tensor<20x2x48xf32>) -> tensor<1x20x19xf32> {
  %y = nn.conv1d %x, %w stride = 32 precision = tf32
         {nn.schedule = #nn.schedule<algorithm = gemm_direct, block_m = 16, block_n = 16, num_warps = 1, order = m.n.gb>}
       : (tensor<1x2x640xf32>, tensor<20x2x48xf32>) -> tensor<1x20x19xf32>
  return %y : tensor<1x20x19xf32>
}
