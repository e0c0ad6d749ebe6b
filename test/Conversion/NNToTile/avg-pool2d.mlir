// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// One divisor for all windows: the sum of the taps is multiplied by 1/4.

// CHECK-LABEL: func.func @uniform(
// CHECK-SAME:    %[[X:.*]]: memref<2x3x8x8xf32, #gpu.address_space<global>> {nn.name = "image", nn.role = "input"},
// CHECK-SAME:    %[[Y:.*]]: memref<2x3x4x4xf32, #gpu.address_space<global>> {nn.name = "y", nn.role = "output"}) {
// CHECK:         tile.launch @avg_pool2d_3 grid(%{{.*}}, %{{.*}}, %{{.*}}) args(%[[X]], %[[Y]]) {nn.index = 3 : i64, nn.op = "nn.avg_pool2d", nn.result = "y"}
// CHECK:         return
// CHECK:       tile.func @avg_pool2d_3({{.*}}) attributes {grid = array<i64: 1, 2, 6>, num_warps = 1 : i64, tile.max_registers = 66 : i64}
// CHECK:         memref.collapse_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] : memref<2x3x8x8xf32, {{.*}} into memref<6x8x8xf32
// CHECK:         %[[SUM:.*]] = scf.for
// CHECK:           scf.for
// CHECK:             %[[TAP:.*]] = tile.load %{{.*}} dims [0, 1, 2] strides [1, 2, 2] : {{.*}} -> tensor<1x2x4xf32>
// CHECK:             arith.addf %{{.*}}, %[[TAP]]
// CHECK:         %[[SCALE:.*]] = arith.constant dense<2.500000e-01> : tensor<1x2x4xf32>
// CHECK:         %[[MEAN:.*]] = arith.mulf %[[SUM]], %[[SCALE]]
// CHECK:         tile.store %[[MEAN]], %{{.*}} dims [0, 1, 2] strides [1, 1, 1] : tensor<1x2x4xf32>, memref<6x4x4xf32
// CHECK-NOT:     tile.iota
func.func @uniform(%x: tensor<2x3x8x8xf32> {nn.name = "image"}) -> tensor<2x3x4x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.index = 3 : i64, nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 1, block_h = 2, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<2x3x8x8xf32>) -> tensor<2x3x4x4xf32>
  return %y : tensor<2x3x4x4xf32>
}

// -----

// An override may be negative.

// CHECK-LABEL: func.func @override
// CHECK:         arith.constant dense<-5.000000e-01>
// CHECK:         arith.mulf
func.func @override(%x: tensor<1x1x8x8xf32>) -> tensor<1x1x4x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] divisor_override = -2 {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 1, block_h = 4, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<1x1x8x8xf32>) -> tensor<1x1x4x4xf32>
  return %y : tensor<1x1x4x4xf32>
}

// -----

// Windows that reach into the padding count fewer positions:
// min(start + 3, 9) - max(start, 0) along h, where start = 2 * oh - 1.

// CHECK-LABEL: func.func @border(
// CHECK:       tile.func @avg_pool2d(
// CHECK:         %[[START:.*]] = tile.iota %{{.*}} dim 1 step 2 : tensor<1x4x1xi32>
// CHECK:         %[[K:.*]] = arith.constant dense<3> : tensor<1x4x1xi32>
// CHECK:         %[[END:.*]] = arith.addi %[[START]], %[[K]]
// CHECK:         %[[HIGH:.*]] = arith.constant dense<9> : tensor<1x4x1xi32>
// CHECK:         %[[LAST:.*]] = arith.minsi %[[END]], %[[HIGH]]
// CHECK:         %[[LOW:.*]] = arith.constant dense<0> : tensor<1x4x1xi32>
// CHECK:         %[[FIRST:.*]] = arith.maxsi %[[START]], %[[LOW]]
// CHECK:         %[[COUNT:.*]] = arith.subi %[[LAST]], %[[FIRST]]
// CHECK:         arith.sitofp %[[COUNT]] : tensor<1x4x1xi32> to tensor<1x4x1xf32>
// CHECK:         tile.broadcast %{{.*}} : tensor<1x4x1xf32> -> tensor<1x4x8xf32>
// CHECK:         tile.iota %{{.*}} dim 2 step 2 : tensor<1x1x8xi32>
// CHECK:         arith.divf
func.func @border(%x: tensor<3x9x10xf32>) -> tensor<3x5x5xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [2, 2] padding = [1, 1, 1, 1] count_include_pad = false
         {nn.schedule = #nn.schedule<algorithm = direct, block_p = 1, block_h = 4, block_w = 8, num_warps = 1,
          num_stages = 1, vector = 1, order = whp>} : (tensor<3x9x10xf32>) -> tensor<3x5x5xf32>
  return %y : tensor<3x5x5xf32>
}

// -----

// With count_include_pad, the padding counts, the overhang of ceil mode does
// not: one row of 8 + 1 from start -1 on.

// CHECK-LABEL: func.func @overhang
// CHECK:         arith.constant dense<9> : tensor<1x8x1xi32>
// CHECK:         arith.constant dense<-1> : tensor<1x8x1xi32>
// CHECK:         arith.divf
func.func @overhang(%x: tensor<1x8x8xf32>) -> tensor<1x5x5xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [2, 2] padding = [1, 1, 1, 1] ceil_mode = true
         {nn.schedule = #nn.schedule<algorithm = direct, block_p = 1, block_h = 8, block_w = 4, num_warps = 1,
          num_stages = 1, vector = 1, order = w.h.p>} : (tensor<1x8x8xf32>) -> tensor<1x5x5xf32>
  return %y : tensor<1x5x5xf32>
}

// -----

// Coordinates beyond 32 bits count in 64, and sizes that a double cannot hold
// (2^53 + 3) stay exact.

// CHECK-LABEL: func.func @wide
// CHECK:         tile.iota %{{.*}} dim 1 step 9007199254740993 : tensor<1x2x1xi64>
// CHECK:         arith.constant dense<9007199254740995> : tensor<1x2x1xi64>
// CHECK:         arith.constant dense<2> : tensor<1x2x1xi64>
// CHECK:         tile.iota %{{.*}} dim 2 step 1 : tensor<1x1x8xi32>
func.func @wide(%x: tensor<1x2x8xf32>) -> tensor<1x2x8xf32> {
  %y = nn.avg_pool2d %x kernel_size = [9007199254740995, 1] stride = [9007199254740993, 1]
         padding = [9007199254740994, 0, 9007199254740994, 0] count_include_pad = false
         {nn.schedule = #nn.schedule<algorithm = direct, block_p = 1, block_h = 2, block_w = 8, num_warps = 1,
          num_stages = 1, vector = 1, order = w.h.p>} : (tensor<1x2x8xf32>) -> tensor<1x2x8xf32>
  return %y : tensor<1x2x8xf32>
}

// -----

// f16 is summed and divided as f32. No loop along an axis with one tap.

// CHECK-LABEL: func.func @f16(
// CHECK:       tile.func @avg_pool2d(
// CHECK:         scf.for
// CHECK-NOT:     scf.for
// CHECK:         %[[TAP:.*]] = tile.load {{.*}} -> tensor<1x8x4xf16>
// CHECK:         %[[WIDE:.*]] = arith.extf %[[TAP]] : tensor<1x8x4xf16> to tensor<1x8x4xf32>
// CHECK:         arith.addf %{{.*}}, %[[WIDE]] : tensor<1x8x4xf32>
// CHECK:         arith.mulf {{.*}} : tensor<1x8x4xf32>
// CHECK:         %[[NARROW:.*]] = arith.truncf %{{.*}} : tensor<1x8x4xf32> to tensor<1x8x4xf16>
// CHECK:         tile.store %[[NARROW]]
func.func @f16(%x: tensor<1x1x8x8xf16>) -> tensor<1x1x8x4xf16> {
  %y = nn.avg_pool2d %x kernel_size = [1, 2] {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 1, block_h = 8, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<1x1x8x8xf16>) -> tensor<1x1x8x4xf16>
  return %y : tensor<1x1x8x4xf16>
}

// -----

// An empty batch has an empty grid.

// CHECK-LABEL: func.func @empty
// CHECK:         tile.func @avg_pool2d({{.*}}) attributes {grid = array<i64: 1, 1, 0>
func.func @empty(%x: tensor<0x3x8x8xf32>) -> tensor<0x3x4x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 1, block_h = 4, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<0x3x8x8xf32>) -> tensor<0x3x4x4xf32>
  return %y : tensor<0x3x4x4xf32>
}

// -----

// Of large windows a few taps at a time, in loops that no compiler unrolls.

// CHECK-LABEL: func.func @rolled
// CHECK:       tile.func @avg_pool2d
// CHECK:         %[[LAST:.*]] = scf.for {{.*}} {
// CHECK:           %[[EIGHTS:.*]] = scf.for {{.*}} {
// CHECK-COUNT-8:     tile.load
// CHECK-NOT:         tile.load
// CHECK:           } {loop_annotation = #[[ROLLED:[a-z_]+]]}
// CHECK-COUNT-2:   tile.load
// CHECK-NOT:       tile.load
// CHECK:         } {loop_annotation = #[[ROLLED]]}
func.func @rolled(%x: tensor<1x1x12x104xf32>) -> tensor<1x1x1x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [12, 26] {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 1, block_h = 1, block_w = 32, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<1x1x12x104xf32>) -> tensor<1x1x1x4xf32>
  return %y : tensor<1x1x1x4xf32>
}

// -----

// So are windows of one long row, whose taps of many outputs are too many at once.

// CHECK-LABEL: func.func @one_row
// CHECK:       tile.func @avg_pool2d
// CHECK:         scf.for {{.*}} {
// CHECK-COUNT-1:   tile.load
// CHECK-NOT:       tile.load
// CHECK:         } {loop_annotation = #[[ROLLED:[a-z_0-9]+]]}
// CHECK-NOT:     tile.load
func.func @one_row(%x: tensor<4x9x128x43xf32>) -> tensor<4x9x128x6xf32> {
  %y = nn.avg_pool2d %x kernel_size = [1, 7] {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 4, block_h = 64, block_w = 8, num_warps = 4, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<4x9x128x43xf32>) -> tensor<4x9x128x6xf32>
  return %y : tensor<4x9x128x6xf32>
}
