// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// Of images alone, only the grid knows: each block stays in one plane, and no
// coordinate overruns.

// CHECK-LABEL: func.func @images(
// CHECK-SAME:    %[[X:.*]]: memref<?x3x8x8xf32, #gpu.address_space<global>> {nn.name = "arg0", nn.role = "input"},
// CHECK-SAME:    %[[Y:.*]]: memref<?x3x4x4xf32, #gpu.address_space<global>> {nn.name = "y", nn.role = "output"}) {
// CHECK:         %[[N:.*]] = memref.dim {nn.name = "N"} %[[X]], %{{.*}}
// CHECK:         %[[PLANES:.*]] = arith.muli %[[N]], %{{.*}}
// CHECK:         cf.assert %{{.*}}, "expected a grid of at most 21845"
// CHECK:         tile.launch @avg_pool2d grid(%{{.*}}, %{{.*}}, %[[PLANES]]) args(%[[X]], %[[Y]])
// CHECK:         %[[RESULT:.*]] = memref.dim %[[Y]]
// CHECK:         %[[EQUAL:.*]] = arith.cmpi eq, %[[RESULT]], %[[N]]
// CHECK:         cf.assert %[[EQUAL]]
// CHECK:       tile.func @avg_pool2d(%{{[^,]*}}: memref<?x3x8x8xf32, {{[^,]*}}, %{{[^,]*}}: memref<?x3x4x4xf32, {{[^,]*}}) attributes {grid = array<i64: 1, 2, 65535>, num_warps = 1 : i64, tile.max_registers = {{[0-9]+}} : i64}
// CHECK:         tile.reshape %{{.*}} sizes[] : memref<?x3x8x8xf32, {{.*}}> to memref<65535x8x8xf32,
func.func @images(%x: tensor<?x3x8x8xf32>) -> tensor<?x3x4x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 1, block_h = 2, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<?x3x8x8xf32>) -> tensor<?x3x4x4xf32>
  return %y : tensor<?x3x4x4xf32>
}

// -----

// A block of several planes may overrun their number, which the host passes. All but the last
// one are expected not to.

// CHECK-LABEL: func.func @planes(
// CHECK:         %[[WHOLE:.*]] = arith.floordivsi %[[PLANES:.*]], %c4{{.*}} : index
// CHECK:         %[[PLANES32:.*]] = arith.index_cast %[[PLANES]] : index to i32
// CHECK:         %[[WHOLE32:.*]] = arith.index_cast %[[WHOLE]] : index to i32
// CHECK:         tile.launch @avg_pool2d grid({{.*}}) args({{.*}}, %[[PLANES32]], %[[WHOLE32]])
// CHECK:       tile.func @avg_pool2d({{.*}}, %[[ARG:[^,]*]]: i32, %[[WHOLE_ARG:[^,]*]]: i32)
// CHECK-DAG:     %[[LIMIT:.*]] = tile.size %[[WHOLE_ARG]] max 268435456 : i32
// CHECK-DAG:     %[[SIZE:.*]] = tile.size %[[ARG]] max 1073741824 : i32
// CHECK:         %[[TILE:.*]] = tile.program_id 2
// CHECK:         %[[HOLDS:.*]] = arith.cmpi ult, %[[TILE]], %[[LIMIT]] : index
// CHECK:         %[[INSIDE:.*]] = llvm.intr.expect %[[HOLDS]], %{{.*}} : i1
// CHECK:         tile.reshape %{{.*}} sizes[%[[SIZE]]] inside %[[INSIDE]] : memref<?x8x8xf32, {{.*}}> to memref<?x8x8xf32,
func.func @planes(%x: tensor<?x8x8xf32>) -> tensor<?x4x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 4, block_h = 2, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>}
       : (tensor<?x8x8xf32>) -> tensor<?x4x4xf32>
  return %y : tensor<?x4x4xf32>
}

// -----

// Blocks of four planes divide any number of eights: nothing overruns, and the kernel
// is that of a static number.

// CHECK-LABEL: func.func @divided(
// CHECK:         tile.launch @avg_pool2d grid({{.*}}) args(%{{[^,]*}}, %{{[^,]*}})
// CHECK:       tile.func @avg_pool2d(
// CHECK:         tile.reshape %{{.*}} sizes[] : memref<?x8x8x8xf32, {{.*}}> to memref<262140x8x8xf32,
// CHECK-NOT:     scf.if
// CHECK:         tile.load {{.*}} guards [none, none, none]
func.func @divided(%x: tensor<?x8x8x8xf32>) -> tensor<?x8x7x4xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] stride = [1, 2] {nn.schedule = #nn.schedule<algorithm = columns,
         block_p = 4, block_h = 7, block_w = 4, num_warps = 1, num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<?x8x8x8xf32>) -> tensor<?x8x7x4xf32>
  return %y : tensor<?x8x7x4xf32>
}

// -----

// Of any number of rows, blocks that end before the last one have no guards.

// CHECK-LABEL: func.func @rows(
// CHECK:       tile.func @avg_pool2d(
// CHECK:         %[[LAST:.*]] = arith.addi %{{.*}}, %c-8
// CHECK:         %[[INSIDE:.*]] = arith.cmpi sle, %{{.*}}, %[[LAST]]
// CHECK:         scf.if %[[INSIDE]]
// CHECK:           tile.load {{.*}} guards [none, none, none] vector 4
// CHECK:         } else {
// CHECK-NOT:       guards
// CHECK:           tile.load {{.*}} vector 4
func.func @rows(%x: tensor<2x3x?x32xf32>) -> tensor<2x3x?x16xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm = columns,
         block_p = 1, block_h = 4, block_w = 16, num_warps = 1, num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<2x3x?x32xf32>) -> tensor<2x3x?x16xf32>
  return %y : tensor<2x3x?x16xf32>
}

// -----

// Numbers of tiles that a block divides its index by come from the host; the
// number of outputs in ceil mode takes one division there.

// CHECK-LABEL: func.func @axes(
// CHECK:         %[[H:.*]] = memref.dim {nn.name = "H"}
// CHECK:         %[[W:.*]] = memref.dim {nn.name = "W"}
// CHECK:         cf.assert %{{.*}}, "expected H of at least 1"
// CHECK:         arith.ceildivsi
// CHECK:       tile.func @avg_pool2d(
// CHECK:         arith.remui %{{.*}} : i32
// CHECK:         arith.divui %{{.*}} : i32
// CHECK:         arith.remui %{{.*}} : i32
// CHECK:         %[[VIEW:.*]] = tile.reshape %{{.*}} sizes[%[[HEIGHT:.*]], %[[WIDTH:.*]]] : {{.*}} to memref<6x?x?xf32,
// CHECK:         tile.load %[[VIEW]]
// CHECK:         tile.iota %[[HEIGHT]] dim 0 step 0 : tensor<1x1x1xi32>
func.func @axes(%x: tensor<2x3x?x?xf32>) -> tensor<2x3x?x?xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [2, 2] padding = [1, 1, 0, 0] ceil_mode = true
         count_include_pad = false {nn.schedule = #nn.schedule<algorithm = direct,
         block_p = 1, block_h = 2, block_w = 32, num_warps = 2, num_stages = 1, vector = 1, order = whp>}
       : (tensor<2x3x?x?xf32>) -> tensor<2x3x?x?xf32>
  return %y : tensor<2x3x?x?xf32>
}

// -----

// What the weights say is no dimension of its own.

// CHECK-LABEL: func.func @channels(
// CHECK:         %[[CIN:.*]] = memref.dim {nn.name = "C"} %{{.*}}
// CHECK:         %[[FOUR:.*]] = arith.constant 4 : index
// CHECK:         %[[IS:.*]] = arith.cmpi eq, %[[CIN]], %[[FOUR]]
// CHECK:         cf.assert %[[IS]], "expected Cin to agree"
// CHECK:       tile.func @conv1d(
// CHECK:         tile.reshape %{{.*}} sizes[%{{.*}}] : {{.*}} to memref<1x2x2x?xf32,
func.func @channels(%x: tensor<?x?xf32>, %w: tensor<6x2x3xf32>, %b: tensor<?xf32>) -> tensor<6x?xf32> {
  %y = nn.conv1d %x, %w, %b groups = 2 {nn.schedule = #nn.schedule<algorithm = direct, block_m = 4,
         block_n = 32, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<?x?xf32>, tensor<6x2x3xf32>, tensor<?xf32>) -> tensor<6x?xf32>
  return %y : tensor<6x?xf32>
}

// -----

// A temporary has the size that the host computed; so has a copy.

// CHECK-LABEL: func.func @several(
// CHECK:         %[[L:.*]] = memref.dim {nn.name = "L"}
// CHECK:         %[[M:.*]] = arith.addi %[[L]], %{{.*}}
// CHECK:         memref.alloc(%[[M]]) {nn.name = "t"} : memref<2x6x?xf32,
// CHECK:         tile.launch @conv1d
// CHECK:         tile.launch @conv1d_0
// CHECK:         tile.launch @copy
func.func @several(%x: tensor<2x4x?xf32>, %w: tensor<6x4x3xf32>, %v: tensor<1x6x1xf32>)
    -> (tensor<2x1x?xf32>, tensor<2x4x?xf32>) {
  %t = nn.conv1d %x, %w {nn.schedule = #nn.schedule<algorithm = direct, block_m = 4, block_n = 32, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<2x4x?xf32>, tensor<6x4x3xf32>) -> tensor<2x6x?xf32>
  %y = nn.conv1d %t, %v {nn.schedule = #nn.schedule<algorithm = direct, block_m = 1, block_n = 32, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>}
       : (tensor<2x6x?xf32>, tensor<1x6x1xf32>) -> tensor<2x1x?xf32>
  return %y, %x : tensor<2x1x?xf32>, tensor<2x4x?xf32>
}
