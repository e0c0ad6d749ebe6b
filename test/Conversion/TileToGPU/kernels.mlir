// Kernels, launches and what they say about their arguments.

// RUN: poolc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

// CHECK: module attributes {gpu.container_module}

// The module of the kernels makes way for a function of its name. A nested
// module is left alone.

// CHECK-LABEL: func.func @kernels(
// CHECK:         gpu.launch_func @kernels_0::@first blocks in (%[[X:.*]], %[[Y:.*]], %[[Y]]) threads in (%c64{{.*}}, %c1{{.*}}, %c1{{.*}}) dynamic_shared_memory_size %c0{{.*}} args(%{{.*}} : memref<8xf32, {{.*}}>, %{{.*}} : i32) {nn.index = 3 : i64, nn.op = "nn.conv1d"}
// CHECK:         gpu.launch_func @kernels_0::@empty{{.*}}
// CHECK-NEXT:    return
func.func @kernels(%x: memref<8xf32, #gpu.address_space<global>>, %n: i32, %blocks: index) {
  %c2 = arith.constant 2 : index
  tile.launch @first grid(%blocks, %c2, %c2) args(%x, %n) {nn.index = 3 : i64, nn.op = "nn.conv1d"}
    : memref<8xf32, #gpu.address_space<global>>, i32
  tile.launch @empty grid(%c2, %c2, %c2) args()
  return
}

// CHECK:       module @nested
// CHECK:         tile.launch @inner
// CHECK:         tile.func @inner
module @nested {
  func.func @host(%n: index) {
    tile.launch @inner grid(%n, %n, %n) args()
    return
  }
  tile.func @inner() attributes {num_warps = 1 : i64} {
    tile.return
  }
}

// Only an axis of known size has a bound; an empty one, below, has none either.

// CHECK:       gpu.module @kernels_0
// CHECK:         gpu.func @first(%{{.*}}: memref<8xf32, #gpu.address_space<global>> {llvm.align = 4 : i64, llvm.noalias}, %{{.*}}: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>}
// CHECK:           gpu.block_id z{{$}}
// CHECK:           gpu.return
tile.func @first(%x: memref<8xf32, #gpu.address_space<global>>, %n: i32) attributes {num_warps = 2 : i64} {
  %c1 = arith.constant 1.0 : f32
  %2 = tile.program_id 2
  memref.store %c1, %x[%2] : memref<8xf32, #gpu.address_space<global>>
  tile.return
}
tile.func @empty() attributes {grid = array<i64: 2, 2, 2>, num_warps = 1 : i64} {
  tile.return
}

// -----

// Whatever might write to an argument, or pass it on, keeps it from being
// readonly; only loads do not, and other shapes of it count too.

// CHECK-LABEL: gpu.func @arguments(
// CHECK-SAME:    %arg0: memref<4x8xf32, {{[^>]*}}>> {llvm.align = 4 : i64, llvm.noalias, llvm.readonly},
// CHECK-SAME:    %arg1: memref<4x8xf32, {{[^>]*}}>> {llvm.align = 4 : i64, llvm.noalias},
// CHECK-SAME:    %arg2: memref<32xf32, {{[^>]*}}>> {llvm.align = 4 : i64, llvm.noalias},
// CHECK-SAME:    %arg3: memref<32xf32, {{[^>]*}}>> {llvm.align = 4 : i64, llvm.noalias}, %arg4: i1)
// CHECK:         gpu.block_id x upper_bound 3
// CHECK:         gpu.block_id y{{$}}
#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>
tile.func @arguments(%read: memref<4x8xf32, #gpu.address_space<global>>, %written: memref<4x8xf32, #gpu.address_space<global>>,
                     %stored: memref<32xf32, #gpu.address_space<global>>, %selected: memref<32xf32, #gpu.address_space<global>>,
                     %c: i1) attributes {grid = array<i64: 3, 0, 1>, num_warps = 1 : i64} {
  %x = tile.program_id 0
  %y = tile.program_id 1
  %flat = memref.collapse_shape %read [[0, 1]] : memref<4x8xf32, #gpu.address_space<global>> into memref<32xf32, #gpu.address_space<global>>
  %v = tile.load %flat[%x] dims [0] strides [1] : memref<32xf32, #gpu.address_space<global>> -> tensor<32xf32, #l>
  %1 = memref.load %read[%x, %y] : memref<4x8xf32, #gpu.address_space<global>>
  %out = memref.collapse_shape %written [[0, 1]] : memref<4x8xf32, #gpu.address_space<global>> into memref<32xf32, #gpu.address_space<global>>
  tile.store %v, %out[%x] dims [0] strides [1] : tensor<32xf32, #l>, memref<32xf32, #gpu.address_space<global>>
  memref.store %1, %stored[%y] : memref<32xf32, #gpu.address_space<global>>
  %one = arith.select %c, %selected, %stored : memref<32xf32, #gpu.address_space<global>>
  memref.store %1, %one[%y] : memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Leaves alone a module without kernels.

// CHECK-LABEL: module {
// CHECK-NEXT:    func.func @host() {
// CHECK-NOT:     gpu.module
func.func @host() {
  return
}
