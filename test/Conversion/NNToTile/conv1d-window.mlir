// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Depthwise: one step, copied asynchronously. Padding of 3 starts the rows 3
// elements before the first position: 4 before, rounded down to an access.
// CHECK-LABEL: tile.func @conv1d
// CHECK: %[[X:.*]] = tile.alloc : memref<1x1x1028xf32, strided<[1028, 1028, 1]>, #gpu.address_space<workgroup>>
// CHECK: %[[TAPS:.*]] = tile.alloc : memref<1x1x1x4xf32, strided<[4, 4, 4, 1]>
// CHECK: tile.copy async {{.*}} to %[[TAPS]] dims [0, 1, 2, 3] {{.*}} vector 4
// CHECK: %[[MINUS4:.*]] = arith.constant -4 : index
// CHECK: %[[FIRST:.*]] = arith.addi %{{.*}}, %[[MINUS4]]
// CHECK: tile.copy async %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}, %[[FIRST]]] to %[[X]] dims [-1, 0, 1, 2] strides [1, 1, 1, 1] vector 4
// CHECK-NEXT: tile.async_commit
// CHECK-NEXT: tile.async_wait 0
// CHECK-NEXT: tile.barrier
// CHECK: %[[USED:.*]] = memref.subview %[[TAPS]]
// CHECK: tile.correlate %[[X]], %[[USED]], %{{.*}} stride 1 dilation 1 offset 1 vector 4 positions 4 :
// Where the block touches the padding, it looks for what zeros cannot stand for. What then starts
// again tap by tap, in a loop that no compiler unrolls, is not to take registers from the rest.
// CHECK: scf.if
// CHECK: tile.any
// CHECK: scf.for
// CHECK: } {loop_annotation = #[[ROLLED:[a-z_0-9]+]]}
// CHECK: tile.store {{.*}} dims [-1, 0, 1, 2] strides [1, 1, 1, 1] vector 4
func.func @depthwise(%x: tensor<2x8x4096xf32>, %w: tensor<8x1x4xf32>) -> tensor<2x8x4096xf32> {
  %y = nn.conv1d %x, %w padding = [3, 0] groups = 8
         {nn.schedule = #nn.schedule<algorithm=window,block_g=1,block_m=1,block_n=1024,block_k=1,num_warps=4,num_stages=1,vector=4,order=m.n.gb>}
         : (tensor<2x8x4096xf32>, tensor<8x1x4xf32>) -> tensor<2x8x4096xf32>
  return %y : tensor<2x8x4096xf32>
}

// -----

// An odd number of outputs: neighbours share their windows, and are stored by way of shared memory.
// CHECK-LABEL: tile.func @conv1d
// CHECK: tile.correlate {{.*}} vector 8 positions 4 :
// CHECK: tile.store {{.*}} strides [1, 1, 1, 1] staged :
func.func @odd(%x: tensor<2x8x1001xf16>, %w: tensor<8x1x3xf16>) -> tensor<2x8x999xf16> {
  %y = nn.conv1d %x, %w groups = 8
         {nn.schedule = #nn.schedule<algorithm=window,block_g=1,block_m=1,block_n=1024,block_k=1,num_warps=4,num_stages=1,vector=4,order=m.n.gb>}
         : (tensor<2x8x1001xf16>, tensor<8x1x3xf16>) -> tensor<2x8x999xf16>
  return %y : tensor<2x8x999xf16>
}

// -----

// Few output channels: steps of input channels, to be pipelined.
// CHECK-LABEL: tile.func @conv1d
// CHECK: scf.for
// CHECK: tile.copy %{{.*}}[{{.*}}] to
// CHECK-NOT: tile.async_commit
// CHECK: tile.barrier
// CHECK: tile.correlate {{.*}} round_tf32
// CHECK: tile.barrier
// CHECK: } {tile.num_stages = 3 : i64}
func.func @few_outputs(%x: tensor<2x32x4096xf32>, %w: tensor<1x32x7xf32>) -> tensor<2x1x4090xf32> {
  %y = nn.conv1d %x, %w precision = tf32
         {nn.schedule = #nn.schedule<algorithm=window,block_g=1,block_m=1,block_n=256,block_k=4,num_warps=4,num_stages=3,vector=2,order=m.n.gb>}
         : (tensor<2x32x4096xf32>, tensor<1x32x7xf32>) -> tensor<2x1x4090xf32>
  return %y : tensor<2x1x4090xf32>
}

// -----

// Taps far apart: each has a row of its own.
// CHECK-LABEL: tile.func @conv1d
// CHECK: tile.alloc : memref<1x1x2x256xf16,
// CHECK-COUNT-3: tile.copy
// CHECK: tile.correlate {{.*}} stride 1 dilation 1 offset 0 vector 8
func.func @far_apart(%x: tensor<1x4x8192xf16>, %w: tensor<4x1x2xf16>) -> tensor<1x4x4096xf16> {
  %y = nn.conv1d %x, %w dilation = 4096 groups = 4
         {nn.schedule = #nn.schedule<algorithm=window,block_g=1,block_m=1,block_n=256,block_k=1,num_warps=1,num_stages=1,vector=8,order=m.n.gb>}
         : (tensor<1x4x8192xf16>, tensor<4x1x2xf16>) -> tensor<1x4x4096xf16>
  return %y : tensor<1x4x4096xf16>
}

// -----

// Eight channels of eight positions for each thread, in registers of which an SM has
// enough for 16 warps.
// CHECK-LABEL: tile.func @conv1d
// CHECK-SAME: tile.max_registers = 128
// CHECK: tile.correlate {{.*}} stride 2
func.func @large(%x: tensor<2x12x1024xf32>, %w: tensor<64x12x15xf32>) -> tensor<2x64x512xf32> {
  %y = nn.conv1d %x, %w stride = 2 padding = [7, 7]
         {nn.schedule = #nn.schedule<algorithm=window,block_g=1,block_m=32,block_n=256,block_k=2,num_warps=4,num_stages=2,vector=4,order=m.n.gb>}
         : (tensor<2x12x1024xf32>, tensor<64x12x15xf32>) -> tensor<2x64x512xf32>
  return %y : tensor<2x64x512xf32>
}

// -----

// A longer epilogue would spill.
// CHECK-LABEL: tile.func @conv1d
// CHECK-NOT: tile.max_registers
// CHECK: tile.correlate {{.*}} stride 2
func.func @large_gelu(%x: tensor<2x12x1024xf32>, %w: tensor<64x12x15xf32>) -> tensor<2x64x512xf32> {
  %y = nn.conv1d %x, %w stride = 2 padding = [7, 7] activation = gelu
         {nn.schedule = #nn.schedule<algorithm=window,block_g=1,block_m=32,block_n=256,block_k=2,num_warps=4,num_stages=2,vector=4,order=m.n.gb>}
         : (tensor<2x12x1024xf32>, tensor<64x12x15xf32>) -> tensor<2x64x512xf32>
  return %y : tensor<2x64x512xf32>
}

// -----

// Of 16 warps ptxas would rather have three blocks resident than the registers that one has.
// CHECK-LABEL: tile.func @conv1d
// CHECK-SAME: tile.max_registers = 128
func.func @many_warps(%x: tensor<3x1912xf32>, %w: tensor<2x3x1xf32>) -> tensor<2x1912xf32> {
  %y = nn.conv1d %x, %w
         {nn.schedule = #nn.schedule<algorithm=window,block_g=1,block_m=32,block_n=256,block_k=2,num_warps=16,num_stages=1,vector=4,order=mgbn>}
         : (tensor<3x1912xf32>, tensor<2x3x1xf32>) -> tensor<2x1912xf32>
  return %y : tensor<2x1912xf32>
}

// -----

// The bias of a few channels is loaded first; more of them would take registers until then.

// CHECK-LABEL: tile.func @conv1d
// CHECK: tile.load {{.*}} -> tensor<1x2x1xf32>
// CHECK: tile.correlate
// CHECK: arith.addf
func.func @bias_first(%x: tensor<4x64xf32>, %w: tensor<8x1x3xf32>, %b: tensor<8xf32>) -> tensor<8x62xf32> {
  %y = nn.conv1d %x, %w, %b groups = 4 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = window,
         block_g = 1, block_m = 2, block_n = 64, block_k = 1, num_warps = 2, num_stages = 1, vector = 2, order = m.n.gb>}
       : (tensor<4x64xf32>, tensor<8x1x3xf32>, tensor<8xf32>) -> tensor<8x62xf32>
  return %y : tensor<8x62xf32>
}

// -----

// CHECK-LABEL: tile.func @conv1d
// CHECK-NOT: tile.load
// CHECK: tile.correlate
// CHECK: tile.load {{.*}} -> tensor<1x8x1xf32>
// CHECK: arith.addf
func.func @bias_last(%x: tensor<1x64xf32>, %w: tensor<8x1x3xf32>, %b: tensor<8xf32>) -> tensor<8x62xf32> {
  %y = nn.conv1d %x, %w, %b {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = window,
         block_g = 1, block_m = 8, block_n = 64, block_k = 1, num_warps = 2, num_stages = 1, vector = 2, order = m.n.gb>}
       : (tensor<1x64xf32>, tensor<8x1x3xf32>, tensor<8xf32>) -> tensor<8x62xf32>
  return %y : tensor<8x62xf32>
}
