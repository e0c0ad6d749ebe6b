// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// A first launch packs the weights: steps of 8 channels and 2 taps, in chunks of
// 4 channels, for 32 output channels, of which 20 exist.

// CHECK-LABEL: func.func @main(
// CHECK:         %[[T:.*]] = memref.alloc() {nn.name = "t"} : memref<1x4x2x2x32x4xf32, #gpu.address_space<global>>
// CHECK:         tile.launch @conv1d_0_weights grid(%c4{{.*}}, %c1{{.*}}, %c1{{.*}}) args(%{{.*}}, %[[T]])
// CHECK:         tile.launch @conv1d_0 {{.*}}%[[T]]

// CHECK-LABEL: tile.func @conv1d_0_weights(
// CHECK:         scf.for %[[TAP:[^ ]*]] =
// CHECK:           tile.load {{.*}} dims [-1, 0, 1, -1] strides [1, 1, 1, 1] : {{.*}} -> tensor<32x4xf32>
// CHECK:           tile.store {{.*}} dims [-1, -1, -1, -1, 0, 1]

// The third tap is alone in its step: the fourth is left out, and so are the last 3 elements of
// rows, which only that would touch. Two taps are 6 elements apart, no multiple of 4, so the slab's start depends on the step.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<8x40xf32, strided<[40, 1]>, #gpu.address_space<workgroup>>
// CHECK:         %[[W:.*]] = tile.alloc : memref<2x2x32x4xf32, strided<[256, 128, 4, 1]>, #gpu.address_space<workgroup>>
// CHECK:           %[[SHIFT:.*]] = arith.andi %{{.*}}, %c3
// CHECK:           %[[LAST:.*]] = arith.cmpi eq, %{{.*}}, %c2
// CHECK:           %[[UNUSED:.*]] = arith.select %[[LAST]], %c3{{.*}}, %c0
// CHECK:           %[[END:.*]] = arith.subi %[[SHIFT]], %[[UNUSED]]
// CHECK:           tile.copy %{{.*}} to %[[SLAB]] {{.*}} vector 4 columns [0, 35] end_shift %[[END]] :
// CHECK:           tile.copy %{{.*}} to %[[W]] dims [-1, -1, 0, 1, 2, 3] {{.*}} vector 4 :
// CHECK:           scf.if
// CHECK:             memref.subview %[[W]][1, 0, 0, 0] [1, 2, 32, 4]
// CHECK:             tile.dot mma_tf32
// CHECK:           memref.subview %[[W]][0, 0, 0, 0] [1, 2, 32, 4]
// CHECK:           memref.subview %[[SLAB]][0, %[[SHIFT]]] [8, 32] [1, 1]
// CHECK:           tile.dot mma_tf32
func.func @main(%x: tensor<1x16x64xf32>, %w: tensor<20x16x3xf32>) -> tensor<1x20x58xf32> {
  %y = nn.conv1d %x, %w dilation = 3 precision = tf32 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_packed,
         block_m = 32, block_n = 32, block_k = 8, block_t = 2, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<1x16x64xf32>, tensor<20x16x3xf32>) -> tensor<1x20x58xf32>
  return %y : tensor<1x20x58xf32>
}

// -----

// Rows of 45 are skewed: each is as far from a multiple of 8 in shared memory. A
// single step's copies are waited for.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<16x32xf16, strided<[{{[0-9]+}}, 1]>
// CHECK:         tile.copy async {{.*}} vector 8 skewed columns [0, 18] : memref<1x1x16x45xf16
// CHECK:         tile.async_commit
// CHECK:         tile.async_wait 0
// CHECK-NEXT:    tile.barrier
// CHECK-NOT:     tile.clear
// CHECK:         memref.subview %[[SLAB]][0, 0]
func.func @main(%x: tensor<1x16x45xf16>, %w: tensor<16x16x3xf16>) -> tensor<1x16x43xf16> {
  %y = nn.conv1d %x, %w {nn.schedule = #nn.schedule<algorithm = gemm_packed,
         block_m = 16, block_n = 16, block_k = 16, block_t = 3, num_warps = 1, num_stages = 1, order = m.n.gb>}
       : (tensor<1x16x45xf16>, tensor<16x16x3xf16>) -> tensor<1x16x43xf16>
  return %y : tensor<1x16x43xf16>
}

// -----

// With padding, neighbours of the row are cleared that came along before it. Each
// group of 6 channels begins 6 * 45 = 6 mod 8 elements later than the last one, so
// how far ahead of the first tap rows are staged is found by the kernel.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<16x32xf16
// CHECK:         %[[LATER:.*]] = arith.muli %{{.*}}, %c6
// CHECK:         %[[FIRST:.*]] = arith.addi %[[START:.*]], %[[LATER]]
// CHECK:         %[[SHIFT:.*]] = arith.andi %[[FIRST]], %c7
// CHECK:         %[[FROM:.*]] = arith.subi %[[START]], %[[SHIFT]]
// CHECK:         tile.copy async %{{.*}}, %[[FROM]]] to %[[SLAB]] {{.*}} vector 8 skewed columns [0, 18] end_shift %[[SHIFT]] : memref<2x1x6x45xf16
// CHECK:         tile.barrier
// CHECK:         %[[BEGINS:.*]] = arith.cmpi slt, %[[START]], %c0
// CHECK:         scf.if %[[BEGINS]] {
// CHECK:           %[[AHEAD:.*]] = arith.subi %c0{{.*}}, %[[START]]
// CHECK:           %[[COLUMN:.*]] = arith.addi %[[AHEAD]], %[[SHIFT]]
// CHECK:           tile.clear %[[SLAB]] before %[[COLUMN]] count 8 :
// CHECK:           tile.barrier
// CHECK:         }
// CHECK:         memref.subview %[[SLAB]][0, %[[SHIFT]]]
func.func @main(%x: tensor<2x6x45xf16>, %w: tensor<16x6x3xf16>) -> tensor<2x16x45xf16> {
  %y = nn.conv1d %x, %w padding = [1, 1] {nn.schedule = #nn.schedule<algorithm = gemm_packed,
         block_m = 16, block_n = 16, block_k = 16, block_t = 3, num_warps = 1, num_stages = 1, order = m.n.gb>}
       : (tensor<2x6x45xf16>, tensor<16x6x3xf16>) -> tensor<2x16x45xf16>
  return %y : tensor<2x16x45xf16>
}

// -----

// Where only a run knows the rows, each is found by how far it is from aligned.

// CHECK-LABEL: tile.func @conv1d(
// CHECK:         %[[SIZE:.*]] = tile.size
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<8x40xf32, strided<[40, 1]>
// CHECK:         scf.for
// CHECK:           %[[ROWS:.*]] = arith.muli %{{.*}}, %[[SIZE]]
// CHECK:           %[[ORIGIN:.*]] = arith.addi %[[START:.*]], %[[ROWS]]
// CHECK:           tile.copy %{{.*}}, %[[START]]] to %[[SLAB]] {{.*}} vector 4 skewed columns [0, 34] : memref<{{[0-9]+}}x1x16x?xf32
// CHECK:           tile.clear %[[SLAB]] before %{{.*}} count 4 skew[%[[ORIGIN]], %[[SIZE]]]
// CHECK:           tile.dot mma_tf32 {{.*}} skew[%[[ORIGIN]], %[[SIZE]]]
func.func @main(%x: tensor<?x16x?xf32>, %w: tensor<20x16x3xf32>) -> tensor<?x20x?xf32> {
  %y = nn.conv1d %x, %w padding = [1, 1] precision = tf32 {nn.schedule = #nn.schedule<algorithm = gemm_packed,
         block_m = 32, block_n = 32, block_k = 8, block_t = 3, num_warps = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<?x16x?xf32>, tensor<20x16x3xf32>) -> tensor<?x20x?xf32>
  return %y : tensor<?x20x?xf32>
}

// -----

// FMA units with few sums multiply windows of the taps that all steps have, two of six in steps of
// four; first, those that the last step lacks, each by itself.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         scf.if
// CHECK:           tile.dot fma {{.*}} : memref<32x8x1xf32, strided<[1, 32, 256], offset: 512>, {{.*}}>, memref<8x1x64xf32, strided<[76, 1, 1], offset: ?>,
// CHECK:         scf.if
// CHECK:           tile.dot fma {{.*}} : memref<32x8x1xf32,
// CHECK:         tile.dot fma {{.*}} column_phase 2 : memref<32x8x2xf32, strided<[1, 32, 256]>, {{.*}}>, memref<8x2x64xf32, strided<[76, 1, 1], offset: ?>,
// CHECK-NOT:     tile.dot
func.func @main(%x: tensor<1x16x64xf32>, %w: tensor<32x16x6xf32>) -> tensor<1x32x63xf32> {
  %y = nn.conv1d %x, %w padding = [2, 2] precision = ieee {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_packed,
         block_m = 32, block_n = 64, block_k = 8, block_t = 4, num_warps = 2, num_stages = 2, order = m.n.gb>}
       : (tensor<1x16x64xf32>, tensor<32x16x6xf32>) -> tensor<1x32x63xf32>
  return %y : tensor<1x32x63xf32>
}
