// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Planes of 225 elements begin anywhere; four of them are one run. The last
// element of the last plane is the run's end.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         arith.remui
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<{{[0-9]+}}xf16
// CHECK:         tile.copy_span {{.*}} to %[[SLAB]] vector 8
// CHECK:         tile.async_commit
// CHECK:         tile.async_wait 0
// CHECK:         tile.barrier
// CHECK:         %[[VIEW:.*]] = tile.view %[[SLAB]]{{.*}} to memref<4x15x8x2xf16, strided<[225, 15, 2, 1], offset: ?>
// CHECK:         tile.load %[[VIEW]]{{.*}} -> tensor<4x16x8x2xf16>
// CHECK:         tile.window_sum {{.*}} dim 1 kernel 2 stride 2
// CHECK:         tile.store
// CHECK:         tile.barrier
// CHECK:         tile.load {{.*}} : memref<4x8x8xf32
// CHECK:         tile.load {{.*}} : memref<4x8x7xf32
func.func @planes(%x: tensor<8x15x15xf16>) -> tensor<8x8x8xf16> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] ceil_mode = true count_include_pad = false
         {nn.schedule = #nn.schedule<algorithm = slab, block_p = 4, block_h = 8, block_w = 8, num_warps = 2,
          num_stages = 1, vector = 8, order = w.h.p>}
       : (tensor<8x15x15xf16>) -> tensor<8x8x8xf16>
  return %y : tensor<8x8x8xf16>
}

// -----

// Some rows of one plane: those in the padding above are guarded, those below
// the plane are zero in the copy.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         arith.maxsi
// CHECK:         arith.minsi
// CHECK:         tile.copy_span
// CHECK:         tile.view {{.*}} to memref<1x6x35x1xf32, strided<[1225, 35, 1, 1], offset: ?>
// CHECK:         tile.load {{.*}} guards [none, low, none, none] {{.*}} -> tensor<1x6x35x1xf32>
func.func @strip(%x: tensor<8x35x35xf32>) -> tensor<8x35x35xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]
         {nn.schedule = #nn.schedule<algorithm = slab, block_p = 1, block_h = 4, block_w = 35, num_warps = 2,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<8x35x35xf32>) -> tensor<8x35x35xf32>
  return %y : tensor<8x35x35xf32>
}

// -----

// Rows of 35 windows take 32 lanes, and 3 of each of four planes 4 lanes: threads sum the taps of
// rows first, of 7 rows of windows at a time, and the results leave as one run.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         %[[SLAB:.*]] = tile.alloc : memref<{{[0-9]+}}xf32
// CHECK:         tile.copy_span {{.*}} to %[[SLAB]] vector 4
// CHECK:         tile.barrier
// CHECK:         %[[RESULTS:.*]] = tile.alloc : memref<4904xf32
// CHECK:         %[[VIEW:.*]] = tile.view %[[SLAB]]{{.*}} to memref<4x35x35xf32, strided<[1225, 35, 1], offset: ?>
// CHECK-COUNT-3: tile.load {{.*}} -> tensor<4x9x32xf32>
// CHECK:         tile.window_sum {{.*}} dim 1 kernel 3 stride 1 : tensor<4x9x32xf32> -> tensor<4x7x32xf32>
// CHECK:         tile.store {{.*}} : tensor<4x7x32xf32>
// CHECK:         tile.window_sum {{.*}} dim 1 kernel 3 stride 1 : tensor<4x9x3xf32> -> tensor<4x7x3xf32>
// CHECK:         tile.store {{.*}} : tensor<4x7x3xf32>
// CHECK:         tile.barrier
// CHECK-NEXT:    tile.view %[[RESULTS]]{{.*}} to memref<1x4900xf32
// CHECK:         tile.write_rows {{.*}} distance 4900 vector 4
func.func @rows_first(%x: tensor<8x35x35xf32>) -> tensor<8x35x35xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]
         {nn.schedule = #nn.schedule<algorithm = slab, block_p = 4, block_h = 35, block_w = 35, num_warps = 4,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<8x35x35xf32>) -> tensor<8x35x35xf32>
  return %y : tensor<8x35x35xf32>
}

// -----

// Where y may begin at any element there are no groups of a run to write: columns first.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK-NOT:     tile.write_rows
// CHECK:         tile.window_sum {{.*}} -> tensor<2x35x
// CHECK-NOT:     tile.write_rows
func.func @results_anywhere(%x: tensor<8x35x35xf32>) -> (tensor<8x35x35xf32> {nn.alignment = 4 : i64}) {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]
         {nn.schedule = #nn.schedule<algorithm = slab, block_p = 2, block_h = 35, block_w = 35, num_warps = 4,
          num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<8x35x35xf32>) -> tensor<8x35x35xf32>
  return %y : tensor<8x35x35xf32>
}
