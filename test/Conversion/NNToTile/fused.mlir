// What is fused is computed on the sums, in f32, before the one store.

// RUN: poolc-opt %s --nn-to-tile | FileCheck %s

// CHECK: func.func @residual(%[[X:.*]]: memref<{{.*}}>{{.*}}, %[[W:.*]]: memref<{{.*}}>{{.*}}, %[[R:.*]]: memref<1x4x16xf16{{.*}}>{{.*}}, %[[Y:.*]]: memref<{{.*}}>
// CHECK: tile.launch @conv1d_0 {{.*}} args(%[[X]], %[[W]], %[[R]], %[[Y]]) {nn.index = 1 : i64, nn.op = "nn.conv1d", nn.result = "y"}
// CHECK-NOT: tile.launch
// CHECK: tile.func @conv1d_0
// CHECK: arith.maximumf %{{.*}} : tensor<4x16xf32>
// CHECK: %[[LOADED:.*]] = tile.load {{.*}} -> tensor<4x16xf16>
// CHECK: %[[WIDE:.*]] = arith.extf %[[LOADED]]
// CHECK: %[[SUM:.*]] = arith.addf %{{.*}}, %[[WIDE]] : tensor<4x16xf32>
// CHECK: %[[ROUNDED:.*]] = arith.truncf %[[SUM]]
// CHECK: tile.store %[[ROUNDED]]
func.func @residual(%x: tensor<1x4x18xf16>, %w: tensor<4x4x3xf16>, %r: tensor<1x4x16xf16>) -> tensor<1x4x16xf16> {
  %c = nn.conv1d %x, %w activation = relu
         {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm=direct,block_m=4,block_n=16,num_warps=1,num_stages=1,vector=1,order=m.n.gb>}
         : (tensor<1x4x18xf16>, tensor<4x4x3xf16>) -> tensor<1x4x16xf16>
  %y = nn.add %r, %c {nn.index = 1 : i64, nn.fused = 1 : i64} : tensor<1x4x16xf16>
  return %y : tensor<1x4x16xf16>
}
