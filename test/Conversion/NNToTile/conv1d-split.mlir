// RUN: poolc-opt %s --nn-to-tile | FileCheck %s

// 40 channels in steps of 8 are five steps, in two parts of three: blocks of their own
// sum each part, in f32, and a last launch adds the parts.

// CHECK-LABEL: func.func @main(
// CHECK:         %[[W:.*]] = memref.alloc() {nn.name = "t"} : memref<1x5x3x2x16x4xf32
// CHECK:         tile.launch @conv1d_0_weights
// CHECK:         %[[PARTS:.*]] = memref.alloc() {nn.name = "t0"} : memref<2x3x1x16x30xf32
// CHECK:         tile.launch @conv1d_0 grid(%c1{{.*}}, %c1{{.*}}, %c6{{.*}}) args(%{{.*}}, %{{.*}}, %{{.*}}, %[[W]], %[[PARTS]])
// CHECK:         tile.launch @conv1d_0_sum {{.*}} args(%[[X:.*]], %{{.*}}, %{{.*}}, %[[PARTS]], %[[Y:.*]]) {nn.index = 0 : i64, nn.op = "nn.conv1d", nn.result = "y"}

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[PART:.*]] = arith.divui %{{.*}}, %c3
// CHECK:         scf.for %[[I:[^ ]*]] = %c0{{.*}} to %c3
// CHECK:           %[[FIRST:.*]] = arith.muli %[[PART]], %c3
// CHECK:           %[[STEP:.*]] = arith.addi %[[I]], %[[FIRST]]
// CHECK:           tile.copy %arg3[%{{.*}}, %[[STEP]],
// CHECK:         tile.store %{{.*}}, %arg4[%[[PART]], {{.*}} vector 2 staged : tensor<16x32xf32>, memref<2x3x1x16x30xf32
// CHECK-NOT:     tile.any

// CHECK-LABEL: tile.func @conv1d_0_sum(
// CHECK:         %[[A:.*]] = tile.load %arg3[%c0
// CHECK:         %[[B:.*]] = tile.load %arg3[%c1
// CHECK:         %[[SUM:.*]] = arith.addf %[[A]], %[[B]]
// CHECK:         tile.any
// CHECK:         arith.addf %[[SUM]]
// CHECK:         tile.store {{.*}} : tensor<16x32xf32>, memref<3x1x16x30xf32
func.func @main(%x: tensor<3x40x30xf32>, %w: tensor<16x40x3xf32>, %b: tensor<16xf32>) -> tensor<3x16x30xf32> {
  %y = nn.conv1d %x, %w, %b padding = [1, 1] precision = tf32 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_packed,
         block_m = 16, block_n = 32, block_k = 8, block_t = 3, split_k = 2, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<3x40x30xf32>, tensor<16x40x3xf32>, tensor<16xf32>) -> tensor<3x16x30xf32>
  return %y : tensor<3x16x30xf32>
}
