// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Windows side by side of the vector's width: sums in registers from end to end.
// The planes' rows follow each other, so they are one axis of windows.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK-NOT:     tile.max_registers
// CHECK-NOT:     tile.alloc
// CHECK:         memref.expand_shape {{.*}} : memref<48x8xf32, {{.*}}> into memref<24x2x8xf32
// CHECK:         %[[ROWS:.*]] = tile.load {{.*}} guards [none, none, none] vector 4 : {{.*}} -> tensor<4x2x8xf32>
// CHECK:         %[[COLUMNS:.*]] = tile.window_sum %[[ROWS]] dim 1 kernel 2 stride 2 : tensor<4x2x8xf32> -> tensor<4x1x8xf32>
// CHECK:         %[[SUMS:.*]] = tile.window_sum %[[COLUMNS]] dim 2 kernel 2 stride 2 : tensor<4x1x8xf32> -> tensor<4x1x4xf32>
// CHECK:         %[[MEAN:.*]] = arith.mulf %[[SUMS]]
// CHECK:         tile.store %[[MEAN]], {{.*}} vector 2 : tensor<4x1x4xf32>, memref<24x1x4xf32
func.func @registers(%x: tensor<2x3x8x8xf32>) -> tensor<2x3x4x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = columns,
         block_p = 4, block_h = 1, block_w = 4, num_warps = 1, num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<2x3x8x8xf32>) -> tensor<2x3x4x4xf32>
  return %y : tensor<2x3x4x4xf32>
}

// -----

// Windows of three columns, one apart, go through shared memory, and share rows:
// two windows have four, all loaded before any is added, in as many registers as that takes. Blocks
// inside have no guards; others have, and count.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK-SAME:    tile.max_registers
// CHECK:         %[[SHARED:.*]] = tile.alloc : memref<{{[0-9]+}}xf32
// CHECK:         %[[SUMS:.*]] = tile.view %[[SHARED]]
// CHECK:         arith.cmpi sge
// CHECK:         arith.cmpi sle
// CHECK:         scf.if
// CHECK:           tile.load {{.*}} guards [none, none, none] {{.*}} -> tensor<1x4x{{[0-9]+}}xf32>
// CHECK:           tile.window_sum {{.*}} dim 1 kernel 3 stride 1
// CHECK:           tile.store {{.*}}, %[[SUMS]]
// CHECK:           tile.barrier
// CHECK:           %[[COLUMNS:.*]] = tile.view %[[SHARED]]
// CHECK:           tile.load %[[COLUMNS]]{{.*}} vector 4
// CHECK-NOT:       arith.divf
// CHECK:         } else {
// CHECK-NOT:       guards
// CHECK:           tile.load {{.*}} -> tensor<1x4x{{[0-9]+}}xf32>
// CHECK:           tile.iota
// CHECK:           arith.divf
func.func @overlap(%x: tensor<1x1x32x64xf32>) -> tensor<1x1x32x64xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1] count_include_pad = false
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 2, block_w = 16, num_warps = 1,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<1x1x32x64xf32>) -> tensor<1x1x32x64xf32>
  return %y : tensor<1x1x32x64xf32>
}

// -----

// With an even stride, even and odd columns lie apart.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         %[[SHARED:.*]] = tile.alloc : memref<1x1x2x
// CHECK:         tile.window_sum {{.*}} dim 2 kernel 1 stride 2 :
// CHECK:         tile.store
// CHECK:         tile.window_sum {{.*}} dim 2 kernel 1 stride 2 offset 1
// CHECK:         tile.store
// CHECK:         tile.barrier
// CHECK-COUNT-3: tile.load %[[SHARED]]{{.*}} strides [1, 1, 1, 1]
func.func @phases(%x: tensor<1x9x64xf32>) -> tensor<1x4x31xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [2, 2]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 1, block_w = 31, num_warps = 1,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<1x9x64xf32>) -> tensor<1x4x31xf32>
  return %y : tensor<1x4x31xf32>
}

// -----

// Many rows of one window are read in batches; the rest of 40 by 16 comes first.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK-SAME:    tile.max_registers
// CHECK:         tile.load {{.*}} -> tensor<1x8x64xf32>
// CHECK:         scf.for
// CHECK:           tile.load {{.*}} -> tensor<1x16x64xf32>
// CHECK:           tile.window_sum {{.*}} dim 1 kernel 16 stride 1
// CHECK:           arith.addf
func.func @batches(%x: tensor<1x81x64xf32>) -> tensor<1x2x1xf32> {
  %y = nn.avg_pool2d %x kernel_size = [40, 64]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 1, block_w = 1, num_warps = 1,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<1x81x64xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// -----

// Sixteen columns side by side: each thread adds four, and of the sums that are
// shared, four again.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         %[[SHARED:.*]] = tile.alloc : memref<1x1x1x16xf32
// CHECK:         tile.window_sum {{.*}} dim 2 kernel 4 stride 4 : tensor<1x1x64xf32> -> tensor<1x1x16xf32>
// CHECK:         tile.store {{.*}}, %[[SHARED]]
// CHECK:         tile.barrier
// CHECK:         %[[TAPS:.*]] = tile.load %[[SHARED]]{{.*}} vector 4 : {{.*}} -> tensor<1x1x16xf32>
// CHECK:         tile.window_sum %[[TAPS]] dim 2 kernel 4 stride 4 : tensor<1x1x16xf32> -> tensor<1x1x4xf32>
func.func @side_by_side(%x: tensor<3x32x64xf32>) -> tensor<3x2x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [16, 16]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 1, block_w = 4, num_warps = 1,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<3x32x64xf32>) -> tensor<3x2x4xf32>
  return %y : tensor<3x2x4xf32>
}

// -----

// More outputs than threads sum at once: some rows of them at a time.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         tile.window_sum {{.*}} dim 1 kernel 3 stride 1 : tensor<1x14x{{[0-9]+}}xf32> -> tensor<1x12x{{[0-9]+}}xf32>
// CHECK:         tile.barrier
// CHECK:         scf.for %[[PART:.*]] = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK:           %[[ROW:.*]] = arith.muli %[[PART]], %c4
// CHECK:           tile.load %{{.*}}[%{{.*}}, %[[ROW]], {{.*}} -> tensor<1x4x16x8xf32>
// CHECK:           tile.store {{.*}} : tensor<1x4x62xf32>
func.func @steps(%x: tensor<1x38x64xf32>) -> tensor<1x36x62xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 12, block_w = 62, num_warps = 1,
          num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<1x38x64xf32>) -> tensor<1x36x62xf32>
  return %y : tensor<1x36x62xf32>
}

// -----

// Some planes at a time, before rows are parted.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         tile.barrier
// CHECK:         scf.for %[[PART:.*]] = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK:           %[[PLANE:.*]] = arith.muli %[[PART]], %c4
// CHECK-NOT:       scf.for
// CHECK:           tile.load %{{.*}}[%[[PLANE]], {{.*}} -> tensor<4x1x15x12xf32>
// CHECK:           tile.store {{.*}} : tensor<4x1x57xf32>
func.func @planes(%x: tensor<8x1x64xf32>) -> tensor<8x1x57xf32> {
  %y = nn.avg_pool2d %x kernel_size = [1, 8] stride = [1, 1]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 8, block_h = 1, block_w = 57, num_warps = 1,
          num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<8x1x64xf32>) -> tensor<8x1x57xf32>
  return %y : tensor<8x1x57xf32>
}

// -----

// Of windows that overlap, a thread sums four side by side. Whole groups are stored as
// they are; of rows of other sizes they take the place of sums of columns first.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         %[[SUMS:.*]] = tile.alloc : memref<{{[0-9]+}}xf32
// CHECK:         tile.barrier
// CHECK:         %[[COLUMNS:.*]] = tile.view %[[SUMS]]
// CHECK:         %[[SPAN:.*]] = tile.load %[[COLUMNS]]{{.*}} vector 4 : {{.*}} -> tensor<1x4x4x8xf32>
// CHECK:         %[[WINDOWS:.*]] = tile.window_sum %[[SPAN]] dim 3 kernel 5 stride 1 windows 4 : tensor<1x4x4x8xf32> -> tensor<1x4x4x4xf32>
// CHECK:         %[[MEAN:.*]] = arith.mulf %[[WINDOWS]]
// CHECK:         tile.store %[[MEAN]], {{.*}} vector 4 : tensor<1x4x4x4xf32>, memref<1x4x4x4xf32
// CHECK-NOT:     tile.barrier
func.func @adjacent(%x: tensor<1x6x20xf32>) -> tensor<1x4x16xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 5] stride = [1, 1]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 4, block_w = 16, num_warps = 1,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<1x6x20xf32>) -> tensor<1x4x16xf32>
  return %y : tensor<1x4x16xf32>
}

// -----

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         tile.window_sum {{.*}} windows 4
// CHECK:         tile.barrier
// CHECK:         tile.store {{.*}} vector 4 : tensor<1x4x4x4xf32>, memref<1x4x4x4xf32, {{.*}}workgroup
// CHECK:         tile.barrier
// CHECK:         tile.load {{.*}} -> tensor<1x4x14xf32>
// CHECK:         tile.store {{.*}} : tensor<1x4x14xf32>, memref<1x4x14xf32
func.func @exchanged(%x: tensor<1x6x16xf32>) -> tensor<1x4x14xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 4, block_w = 14, num_warps = 1,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<1x6x16xf32>) -> tensor<1x4x14xf32>
  return %y : tensor<1x4x14xf32>
}

// -----

// Windows of 11 rows are summed four rows at a time, and the last three by themselves.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         scf.for
// CHECK:           tile.load {{.*}} vector 4 : {{.*}} -> tensor<1x4x16x8xf32>
// CHECK:           tile.store {{.*}} : tensor<1x4x16x4xf32>
// CHECK:         }
// CHECK:         tile.load {{.*}} vector 4 : {{.*}} -> tensor<1x3x16x8xf32>
// CHECK:         tile.store {{.*}} : tensor<1x3x16x4xf32>
func.func @unequal(%x: tensor<1x1x24x66xf32>) -> tensor<1x1x22x64xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 11, block_w = 64, num_warps = 1,
          num_stages = 1, vector = 2, order = w.h.p>}
       : (tensor<1x1x24x66xf32>) -> tensor<1x1x22x64xf32>
  return %y : tensor<1x1x22x64xf32>
}

// -----

// One tile is as wide as the rows with their padding: the padding's columns are not read, but cleared
// in shared memory, so that blocks inside along H guard nothing. All rows are on their way before the
// first is added.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         scf.if
// CHECK:           %[[ROWS:.*]] = tile.load {{.*}} guards [none, none, none] vector 4 {{.*}} -> tensor<1x6x16xf32>
// CHECK-NEXT:      tile.warp_barrier
// CHECK-NEXT:      %[[SUMS:.*]] = tile.window_sum %[[ROWS]] dim 1
// CHECK:           %[[AT:.*]] = arith.constant 4 : index
// CHECK:           tile.store %[[SUMS]], %{{.*}}[{{.*}}, %[[AT]]]
// CHECK:           %[[SIDES:.*]] = tile.view %{{.*}} to memref<1x4x2x4xf32, strided<[192, 48, 20, 1]
// CHECK:           %[[ZEROS:.*]] = arith.constant dense<0.000000e+00> : tensor<1x4x2x4xf32>
// CHECK:           tile.store %[[ZEROS]], %[[SIDES]]
// CHECK-NEXT:      tile.barrier
func.func @wide(%x: tensor<1x1x32x16xf32>) -> tensor<1x1x32x16xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 4, block_w = 16, num_warps = 1,
          num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<1x1x32x16xf32>) -> tensor<1x1x32x16xf32>
  return %y : tensor<1x1x32x16xf32>
}

// -----

// Sides that are not alike are cleared one after the other.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         scf.if
// CHECK:           %[[BEFORE:.*]] = arith.constant dense<0.000000e+00> : tensor<1x4x1x1xf32>
// CHECK:           tile.store %[[BEFORE]]
// CHECK:           %[[BEHIND:.*]] = arith.constant dense<0.000000e+00> : tensor<1x4x1x3xf32>
// CHECK:           tile.store %[[BEHIND]]
// CHECK-NEXT:      tile.barrier
func.func @narrow_reads(%x: tensor<1x1x32x16xf32>) -> tensor<1x1x32x16xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]
         {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 4, block_w = 16, num_warps = 1,
          num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<1x1x32x16xf32>) -> tensor<1x1x32x16xf32>
  return %y : tensor<1x1x32x16xf32>
}
