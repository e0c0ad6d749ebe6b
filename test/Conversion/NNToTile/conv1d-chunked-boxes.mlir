// RUN: poolc-opt %s --nn-set-target=target=h200 --nn-to-tile --split-input-file | FileCheck %s

// Rows of 16 bits that are a multiple of 16 bytes by two are one row of the map. Weights are packed in
// chunks of every second channel.

// CHECK-LABEL: tile.func @conv1d_0_weights(
// CHECK:         tile.make_map %{{.*}} rows 8 columns 64 swizzled : memref<2x1x16x200xf16
// CHECK:         tile.load {{.*}} dims [-1, 0, 1, -1, 2, -1] strides [1, 1, 1, 1, 2, 1]

// Both have boxes of their own, one from a multiple of 16 bytes on before the tile's first position.
// What the boxes have of a step is put in chunks while its predecessor's products go on, with zeros
// where blocks touch the padding, a position in the same place of all chunks.

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         tile.alloc : memref<3328xf16,
// CHECK:         %[[BOXES:.*]] = tile.alloc : memref<4096xf16,
// CHECK:         %[[TOLD:.*]] = tile.objects arrivals 2 maps(%{{.*}}) : memref<2xi64,
// CHECK:         %[[WEIGHTS:.*]] = tile.objects arrivals 1 : memref<2xi64,
// CHECK:         tile.view %[[BOXES]]{{.*}} to memref<2x8x64xf16
// CHECK:         tile.copy_boxes %{{.*}} tells %[[TOLD]]
// CHECK:         tile.copy_boxes %{{.*}} tells %[[TOLD]]
// CHECK:         tile.copy_runs %{{.*}} tells %[[WEIGHTS]]
// CHECK:         tile.await %[[TOLD]]
// CHECK:         scf.if
// CHECK-COUNT-2:   tile.chunk_boxes %{{.*}} to %{{.*}} : {{.*}} to memref<1x96x8xf16, strided<[1664, 8, 1], offset: ?>
// CHECK:         } else {
// CHECK-COUNT-2:   tile.chunk_boxes %{{.*}} inside %
// CHECK:         scf.for
// CHECK:           tile.async_wait 0
// CHECK-NEXT:      tile.barrier
// CHECK:           tile.await %[[WEIGHTS]]
// CHECK:           tile.dot wgmma {{.*}} memref<2x64x8xf16, strided<[832, 8, 1], offset: ?>
// CHECK:           scf.if
// CHECK:             tile.copy_runs
// CHECK:           scf.if
// CHECK:             tile.copy_boxes
// CHECK:           scf.if
// CHECK:             tile.await %[[TOLD]]
// CHECK:             tile.chunk_boxes
// CHECK:           scf.yield
func.func @main(%x: tensor<2x32x100xf16>, %w: tensor<64x32x3xf16>) -> tensor<2x64x100xf16> {
  %y = nn.conv1d %x, %w padding = [8, 8] dilation = 8 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_chunked,
         block_m = 64, block_n = 64, block_k = 16, block_t = 3, num_warps = 4, boxes = 1, num_stages = 2, order = m.n.gb>}
       : (tensor<2x32x100xf16>, tensor<64x32x3xf16>) -> tensor<2x64x100xf16>
  return %y : tensor<2x64x100xf16>
}

// -----

// Of f32, threads load the elements of plain boxes, round them, and write chunks.

// CHECK-LABEL: tile.func @conv1d_0_weights(
// CHECK:         tile.make_map %{{.*}} rows 8 columns 160 : memref<1x1x8x400xf32

// CHECK-LABEL: tile.func @conv1d_0(
// CHECK:         tile.objects arrivals 1
// CHECK:         tile.copy_boxes {{.*}} to memref<2x8x160xf32
// CHECK:         tile.await
// CHECK:         %[[LOADED:.*]] = tile.load {{.*}} dims [0, 1, 2] strides [1, 1, 1] : memref<2x160x4xf32, strided<[640, 1, 160], offset: ?>
// CHECK:         arith.andi
// CHECK:         tile.store {{.*}} vector 4 : tensor<2x160x4xf32>
func.func @main(%x: tensor<8x400xf32>, %w: tensor<64x8x5xf32>) -> tensor<64x400xf32> {
  %y = nn.conv1d %x, %w padding = [20, 20] dilation = 10 precision = tf32 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = gemm_chunked,
         block_m = 64, block_n = 256, block_k = 8, block_t = 5, num_warps = 4, boxes = 1, num_stages = 1, order = m.n.gb>}
       : (tensor<8x400xf32>, tensor<64x8x5xf32>) -> tensor<64x400xf32>
  return %y : tensor<64x400xf32>
}
