// RUN: poolc-opt %s --nn-set-target=target=h200 --nn-to-tile | FileCheck %s

// What four warps that multiply together add has no neighbours along L in a thread: it comes by way
// of the shared memory that products no longer need, while the activation is computed.

// CHECK-LABEL: tile.func @conv1d_1(
// CHECK: %[[ADDED:.*]] = tile.alloc reused : memref<64x64xf16, strided<[72, 1]>
// CHECK: tile.dot
// CHECK: tile.barrier
// CHECK: tile.copy async %{{.*}} to %[[ADDED]] dims [-1, -1, 0, 1] strides [1, 1, 1, 1] vector 8
// CHECK-NEXT: tile.async_commit
// CHECK: arith.maximumf
// CHECK: tile.async_wait 0
// CHECK-NEXT: tile.barrier
// CHECK: tile.load %[[ADDED]]{{.*}} -> tensor<64x64xf16>

// Rows that begin at multiples of 2 bytes, and what does not fit there, are loaded from y's places.
// CHECK-LABEL: tile.func @conv1d_2(
// CHECK-NOT: reused
// CHECK-LABEL: tile.func @conv1d_3(
// CHECK-NOT: reused
func.func @staged(%x: tensor<1x32x128xf16>, %w: tensor<64x32x1xf16>, %r: tensor<1x64x128xf16>) -> tensor<1x64x128xf16> {
  %c = nn.conv1d %x, %w activation = relu
         {nn.index = 1 : i64, nn.schedule = #nn.schedule<algorithm=gemm_wgmma,block_m=64,block_n=64,block_k=16,block_t=1,num_warps=4,num_stages=3,order=m.n.gb>}
         : (tensor<1x32x128xf16>, tensor<64x32x1xf16>) -> tensor<1x64x128xf16>
  %y = nn.add %r, %c {nn.index = 1 : i64, nn.fused = 1 : i64} : tensor<1x64x128xf16>
  return %y : tensor<1x64x128xf16>
}
func.func @odd(%x: tensor<1x32x127xf16>, %w: tensor<64x32x1xf16>, %r: tensor<1x64x127xf16>) -> tensor<1x64x127xf16> {
  %c = nn.conv1d %x, %w activation = relu
         {nn.index = 2 : i64, nn.schedule = #nn.schedule<algorithm=gemm_wgmma,block_m=64,block_n=64,block_k=16,block_t=1,num_warps=4,num_stages=3,order=m.n.gb>}
         : (tensor<1x32x127xf16>, tensor<64x32x1xf16>) -> tensor<1x64x127xf16>
  %y = nn.add %r, %c {nn.index = 2 : i64, nn.fused = 1 : i64} : tensor<1x64x127xf16>
  return %y : tensor<1x64x127xf16>
}
func.func @much(%x: tensor<1x32x128xf16>, %w: tensor<64x32x1xf16>, %r: tensor<1x64x128xf16>) -> tensor<1x64x128xf16> {
  %c = nn.conv1d %x, %w activation = relu
         {nn.index = 3 : i64, nn.schedule = #nn.schedule<algorithm=gemm_wgmma,block_m=64,block_n=64,block_k=16,block_t=1,num_warps=4,num_stages=1,order=m.n.gb>}
         : (tensor<1x32x128xf16>, tensor<64x32x1xf16>) -> tensor<1x64x128xf16>
  %y = nn.add %r, %c {nn.index = 3 : i64, nn.fused = 1 : i64} : tensor<1x64x128xf16>
  return %y : tensor<1x64x128xf16>
}

// Rows that begin at multiples of 8 bytes are copied as many at a time.
// CHECK-LABEL: tile.func @conv1d_4(
// CHECK: tile.copy async %{{.*}} to %{{.*}} strides [1, 1, 1, 1] vector 4 : memref<1x1x64x124xf16
func.func @eight(%x: tensor<1x32x124xf16>, %w: tensor<64x32x1xf16>, %r: tensor<1x64x124xf16>) -> tensor<1x64x124xf16> {
  %c = nn.conv1d %x, %w activation = relu
         {nn.index = 4 : i64, nn.schedule = #nn.schedule<algorithm=gemm_wgmma,block_m=64,block_n=64,block_k=16,block_t=1,num_warps=4,num_stages=3,order=m.n.gb>}
         : (tensor<1x32x124xf16>, tensor<64x32x1xf16>) -> tensor<1x64x124xf16>
  %y = nn.add %r, %c {nn.index = 4 : i64, nn.fused = 1 : i64} : tensor<1x64x124xf16>
  return %y : tensor<1x64x124xf16>
}
