// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Without padding, every tap of every output is a product.

// CHECK-LABEL: func.func @plain(
// CHECK:       tile.func @conv1d_0(
// CHECK-SAME:    attributes {grid = array<i64: 2, 1, 2>, num_warps = 1 : i64}
// CHECK:         memref.expand_shape %{{.*}} {{\[\[}}0], [1, 2], [3]] output_shape [2, 1, 4, 20]
// CHECK:         memref.expand_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] output_shape [1, 6, 4, 3]
// CHECK:         %[[SUM:.*]] = scf.for %[[C:[^ ]*]] = %{{.*}} iter_args
// CHECK:           scf.for %[[K:[^ ]*]] = %{{.*}} iter_args(%[[ACC:[^ ]*]] = %{{.*}})
// CHECK:             arith.muli %[[K]], %c2
// CHECK:             %[[W:.*]] = tile.load %{{.*}}[%{{.*}}, %{{.*}}, %[[C]], %[[K]]] dims [-1, 0, -1, -1] strides [1, 1, 1, 1] : {{.*}} -> tensor<4x1xf32>
// CHECK:             %[[X:.*]] = tile.load %{{.*}} dims [-1, -1, -1, 1] strides [1, 1, 1, 3] : {{.*}} -> tensor<1x8xf32>
// CHECK:             %[[WS:.*]] = tile.broadcast %[[W]] : tensor<4x1xf32> -> tensor<4x8xf32>
// CHECK:             %[[XS:.*]] = tile.broadcast %[[X]] : tensor<1x8xf32> -> tensor<4x8xf32>
// CHECK:             math.fma %[[WS]], %[[XS]], %[[ACC]]
// CHECK-NOT:         scf.if
// CHECK:         tile.store %[[SUM]], %{{.*}} dims [-1, -1, 0, 1] strides [1, 1, 1, 1]
func.func @plain(%x: tensor<2x4x20xf32>, %w: tensor<6x4x3xf32>) -> tensor<2x6x6xf32> {
  %y = nn.conv1d %x, %w stride = 3 dilation = 2 {nn.index = 0 : i64, nn.schedule = #nn.schedule<algorithm = direct,
         block_m = 4, block_n = 8, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<2x4x20xf32>, tensor<6x4x3xf32>) -> tensor<2x6x6xf32>
  return %y : tensor<2x6x6xf32>
}

// -----

// A tap in the padding adds nothing, whatever the weight: where the tile might
// touch the padding, the old sum stays. Positions start .. start + 7 * 2 are
// inside of 50 if 0 <= start < 36.

// CHECK-LABEL: func.func @padded(
// CHECK:       tile.func @conv1d(
// CHECK:         tile.load %{{.*}}, %[[START:[^ ]*]]] dims [-1, -1, -1, 1] strides [1, 1, 1, 2]
// CHECK:         %[[ADDED:.*]] = math.fma %{{.*}}, %{{.*}}, %[[OLD:.*]] :
// CHECK:         %[[LOW:.*]] = arith.cmpi sge, %[[START]], %c0{{.*}}
// CHECK:         %[[LIMIT:.*]] = arith.constant 36 : index
// CHECK:         %[[HIGH:.*]] = arith.cmpi slt, %[[START]], %[[LIMIT]]
// CHECK:         %[[INSIDE:.*]] = arith.andi %[[LOW]], %[[HIGH]]
// CHECK:         scf.if %[[INSIDE]]
// CHECK-NEXT:      scf.yield %[[ADDED]]
// CHECK:         } else {
// CHECK:           %[[COORDINATE:.*]] = tile.iota %[[START]] dim 1 step 2 : tensor<1x8xi64>
// CHECK:           %[[SIZE:.*]] = arith.constant dense<50> : tensor<1x8xi64>
// CHECK:           %[[TAP:.*]] = arith.cmpi ult, %[[COORDINATE]], %[[SIZE]]
// CHECK:           %[[TAPS:.*]] = tile.broadcast %[[TAP]] : tensor<1x8xi1> -> tensor<4x8xi1>
// CHECK:           arith.select %[[TAPS]], %[[ADDED]], %[[OLD]]
func.func @padded(%x: tensor<1x4x50xf32>, %w: tensor<4x4x3xf32>) -> tensor<1x4x26xf32> {
  %y = nn.conv1d %x, %w stride = 2 padding = [1, 3] {nn.schedule = #nn.schedule<algorithm = direct,
         block_m = 4, block_n = 8, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<1x4x50xf32>, tensor<4x4x3xf32>) -> tensor<1x4x26xf32>
  return %y : tensor<1x4x26xf32>
}

// -----

// The far end of a tile may lie beyond 64 bits; then no tile is wholly inside.

// CHECK-LABEL: func.func @far
// CHECK:         arith.constant -9223372036854775806 : index
// CHECK:         arith.cmpi slt
func.func @far(%x: tensor<1x1x1xf32>, %w: tensor<1x1x1xf32>) -> tensor<1x1x1xf32> {
  %y = nn.conv1d %x, %w stride = 4611686018427387904 padding = [0, 1] {nn.schedule = #nn.schedule<algorithm = direct,
         block_m = 1, block_n = 32, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<1x1x1xf32>, tensor<1x1x1xf32>) -> tensor<1x1x1xf32>
  return %y : tensor<1x1x1xf32>
}

// -----

// Groups are a dimension of their own, so that a tile ends with its group; z
// counts groups first, then images. Unbatched x has one image. The bias is one
// column. bf16 is added up as f32. One tap needs no loop.

// CHECK-LABEL: func.func @groups(
// CHECK:       tile.func @conv1d(
// CHECK:         %[[Z:.*]] = tile.program_id 2
// CHECK:         %[[GROUP:.*]] = arith.remui %[[Z]], %c2
// CHECK:         %[[IMAGE:.*]] = arith.divui %[[Z]], %c2
// CHECK:         memref.expand_shape %{{.*}} {{\[\[}}0, 1, 2], [3]] output_shape [1, 2, 2, 9] : memref<4x9xbf16
// CHECK:         memref.expand_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] output_shape [2, 3, 2, 1]
// CHECK:         scf.for %[[C:[^ ]*]] = %
// CHECK-NOT:     scf.for
// CHECK:           tile.load %{{.*}}[%[[IMAGE]], %[[GROUP]], %[[C]], %{{.*}}]
// CHECK:         %[[BIAS:.*]] = memref.expand_shape %{{.*}} output_shape [2, 3] : memref<6xbf16
// CHECK:         tile.load %[[BIAS]][%[[GROUP]], %{{.*}}] dims [-1, 0] strides [1, 1] : {{.*}} -> tensor<4x1xbf16>
// CHECK:         arith.extf {{.*}} : tensor<4x1xbf16> to tensor<4x1xf32>
// CHECK:         tile.broadcast {{.*}} : tensor<4x1xf32> -> tensor<4x16xf32>
// CHECK:         arith.addf
// CHECK:         memref.expand_shape %{{.*}} {{\[\[}}0, 1, 2], [3]] output_shape [1, 2, 3, 9] : memref<6x9xbf16
// CHECK:         arith.truncf {{.*}} : tensor<4x16xf32> to tensor<4x16xbf16>
// CHECK:         tile.store %{{.*}}, %{{.*}}[%[[IMAGE]], %[[GROUP]], %{{.*}}, %{{.*}}]
func.func @groups(%x: tensor<4x9xbf16>, %w: tensor<6x2x1xbf16>, %b: tensor<6xbf16>) -> tensor<6x9xbf16> {
  %y = nn.conv1d %x, %w, %b groups = 2 {nn.schedule = #nn.schedule<algorithm = direct,
         block_m = 4, block_n = 16, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<4x9xbf16>, tensor<6x2x1xbf16>, tensor<6xbf16>) -> tensor<6x9xbf16>
  return %y : tensor<6x9xbf16>
}
