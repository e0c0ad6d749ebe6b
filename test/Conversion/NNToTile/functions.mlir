// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

#s = #nn.schedule<algorithm = direct, block_p = 1, block_h = 4, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>

// What lies between two operations is a temporary; names that the user took
// are not given again. Kernels have names of their own in the module.

// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[X:.*]]: {{.*}} {nn.name = "t", nn.role = "input"}, %[[Y:.*]]: {{.*}} {nn.name = "y", nn.role = "output"})
// CHECK:         %[[T0:.*]] = memref.alloc() {nn.name = "t0"} : memref<1x8x8xf32, #gpu.address_space<global>>
// CHECK:         tile.launch @[[FIRST:.*]] grid{{.*}} args(%[[X]], %[[T0]]) {{.*}}nn.result = "t0"
// CHECK:         %[[T1:.*]] = memref.alloc() {nn.name = "t1"}
// CHECK:         tile.launch @[[SECOND:.*]] grid{{.*}} args(%[[T0]], %[[T1]]) {{.*}}nn.result = "t1"
// CHECK:         tile.launch @[[THIRD:.*]] grid{{.*}} args(%[[T1]], %[[Y]]) {{.*}}nn.result = "y"
// CHECK-NOT:     tile.launch
// CHECK:       tile.func @[[FIRST]](
// CHECK:       tile.func @[[SECOND]](
// CHECK:       tile.func @[[THIRD]](
func.func @chain(%x: tensor<1x16x16xf32> {nn.name = "t"}) -> tensor<1x2x2xf32> {
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #s} : (tensor<1x16x16xf32>) -> tensor<1x8x8xf32>
  %1 = nn.avg_pool2d %0 kernel_size = [2, 2] {nn.schedule = #s} : (tensor<1x8x8xf32>) -> tensor<1x4x4xf32>
  %2 = nn.avg_pool2d %1 kernel_size = [2, 2] {nn.schedule = #s} : (tensor<1x4x4xf32>) -> tensor<1x2x2xf32>
  return %2 : tensor<1x2x2xf32>
}

// -----

#s = #nn.schedule<algorithm = direct, block_p = 1, block_h = 4, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>

// A result that is an operand too needs no temporary; one that is returned
// twice is copied, an operand that is used twice is not.

// CHECK-LABEL: func.func @shared(
// CHECK-SAME:    %[[X:[^ ]*]]: {{.*}} "input"}, %[[Y0:.*]]: {{.*}} {nn.name = "y0", nn.role = "output"}, %[[Y1:.*]]: {{.*}} {nn.name = "y1", nn.role = "output"}, %[[Y2:.*]]: {{.*}} {nn.name = "y2", nn.role = "output"})
// CHECK-NOT:     memref.alloc
// CHECK:         tile.launch @avg_pool2d grid{{.*}} args(%[[X]], %[[Y0]])
// CHECK:         tile.launch @avg_pool2d_0 grid{{.*}} args(%[[Y0]], %[[Y1]])
// CHECK:         tile.launch @copy grid{{.*}} args(%[[Y0]], %[[Y2]]) {nn.result = "y2"}
// CHECK:       tile.func @copy({{.*}}) attributes {grid = array<i64: 1, 1, 1>, num_warps = 4 : i64}
// CHECK:         memref.collapse_shape %{{.*}} {{\[\[}}0, 1, 2]] : memref<1x4x4xf32, {{.*}}> into memref<16xf32
// CHECK:         tile.load {{.*}} -> tensor<1024xf32>
// CHECK:         tile.store
func.func @shared(%x: tensor<1x8x8xf32>) -> (tensor<1x4x4xf32>, tensor<1x2x2xf32>, tensor<1x4x4xf32>) {
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #s} : (tensor<1x8x8xf32>) -> tensor<1x4x4xf32>
  %1 = nn.avg_pool2d %0 kernel_size = [2, 2] {nn.schedule = #s} : (tensor<1x4x4xf32>) -> tensor<1x2x2xf32>
  return %0, %1, %0 : tensor<1x4x4xf32>, tensor<1x2x2xf32>, tensor<1x4x4xf32>
}

// -----

// Arguments that are returned are copied: of any rank, empty ones, and ones of
// 2^32 elements. The function is as visible as before.

// CHECK-LABEL: func.func private @copies(
// CHECK-COUNT-4: tile.launch @copy
// CHECK:       tile.func @copy({{.*}}) attributes {grid = array<i64: 1, 1, 1>
// CHECK:         memref.expand_shape %{{.*}} [] output_shape [1] : memref<f32, {{.*}}> into memref<1xf32
// CHECK:       tile.func @copy_0({{.*}}) attributes {grid = array<i64: 5, 1, 1>
// CHECK-NOT:     memref
// CHECK:         tile.load
// CHECK:       tile.func @copy_1({{.*}}) attributes {grid = array<i64: 0, 1, 1>
// CHECK:       tile.func @copy_2({{.*}}) attributes {grid = array<i64: 4194304, 1, 1>
func.func private @copies(%a: tensor<f32>, %b: tensor<4097xf16>, %c: tensor<0x3xf32>, %d: tensor<65536x65536xbf16>)
    -> (tensor<f32>, tensor<4097xf16>, tensor<0x3xf32>, tensor<65536x65536xbf16>) {
  return %a, %b, %c, %d : tensor<f32>, tensor<4097xf16>, tensor<0x3xf32>, tensor<65536x65536xbf16>
}

// -----

// Leaves alone what is in a nested module, and functions without tensors.

// CHECK-LABEL: func.func @nothing() {
// CHECK-NEXT:    return
func.func @nothing() {
  return
}
// CHECK:       module @nested
// CHECK-NEXT:    func.func @inner(%{{.*}}: tensor<4xf32>) -> tensor<4xf32>
module @nested {
  func.func @inner(%x: tensor<4xf32>) -> tensor<4xf32> {
    return %x : tensor<4xf32>
  }
}

// -----

#p = #nn.schedule<algorithm = direct, block_p = 1, block_h = 4, block_w = 4, num_warps = 1, num_stages = 1, vector = 1, order = w.h.p>
#c = #nn.schedule<algorithm = direct, block_m = 8, block_n = 32, num_warps = 1, num_stages = 1, vector = 1, order = m.n.gb>

// What only weights say of a temporary's size is part of its type, where its name is not lost.

// CHECK-LABEL: func.func @known_from_weights(
// CHECK:         %[[T0:.*]] = memref.alloc() {nn.name = "t"} : memref<2x5x8xf32, #gpu.address_space<global>>
// CHECK:         %[[T:.*]] = memref.cast %[[T0]] : {{.*}} to memref<2x?x8xf32, #gpu.address_space<global>>
// CHECK:         tile.launch @{{.*}} args(%{{.*}}, %[[T]]{{.*}}) {{.*}}nn.result = "t"
func.func @known_from_weights(%x: tensor<2x?x16xf32>, %w: tensor<4x5x1xf32>) -> (tensor<2x4x16xf32>, tensor<2x?x4xf32>) {
  %0 = nn.conv1d %x, %w {nn.schedule = #c} : (tensor<2x?x16xf32>, tensor<4x5x1xf32>) -> tensor<2x4x16xf32>
  %1 = nn.avg_pool2d %x kernel_size = [1, 2] {nn.schedule = #p} : (tensor<2x?x16xf32>) -> tensor<2x?x8xf32>
  %2 = nn.avg_pool2d %1 kernel_size = [1, 2] {nn.schedule = #p} : (tensor<2x?x8xf32>) -> tensor<2x?x4xf32>
  return %0, %2 : tensor<2x4x16xf32>, tensor<2x?x4xf32>
}
