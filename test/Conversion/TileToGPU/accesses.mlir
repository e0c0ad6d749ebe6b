// What loads and stores of tiles become for one thread.

// RUN: poolc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [2]>

// Guards become conditions, in 32 bits where coordinates fit: unsigned for both
// ends, signed for one. 64 threads hold two of 128 elements each.

// CHECK-LABEL: gpu.func @guards(
// CHECK-SAME:    %[[X:.*]]: memref<100xf32, #gpu.address_space<global>> {{{.*}}}, %[[START:.*]]: index) kernel
// CHECK-SAME:    known_block_size = array<i32: 64, 1, 1>
// CHECK:         %[[T:.*]] = gpu.thread_id x
// CHECK:         %[[THREAD:.*]] = arith.index_cast %[[T]] : index to i32
// CHECK:         %[[LANE:.*]] = arith.andi %[[THREAD]], %c31
// CHECK:         %[[WARP:.*]] = arith.shrui %[[THREAD]], %c5
// CHECK:         %[[HIGH:.*]] = arith.muli %[[WARP]], %c32
// CHECK:         %[[J:.*]] = arith.addi %[[LANE]], %[[HIGH]] overflow<nsw, nuw> : i32
// CHECK:         %[[B:.*]] = arith.index_cast %[[START]] : index to i32
// CHECK:         %[[C0:.*]] = arith.addi %[[B]], %[[J]] overflow<nsw> : i32
// CHECK:         %[[IN0:.*]] = arith.cmpi ult, %[[C0]], %c100
// CHECK:         %[[C1:.*]] = arith.addi %{{.*}}, %c64{{.*}} overflow<nsw> : i32
// CHECK:         %[[IN1:.*]] = arith.cmpi ult, %[[C1]], %c100
// CHECK:         %[[V0:.*]] = scf.if %[[IN0]] -> (f32) {
// CHECK:           memref.load %[[X]]
// CHECK:         } else {
// CHECK:           arith.constant 0.000000e+00 : f32
// CHECK:         %[[V1:.*]] = scf.if %[[IN1]] -> (f32) {
// CHECK:         %[[V:.*]] = vector.from_elements %[[V0]], %[[V1]] : vector<2xf32>
// CHECK:         arith.cmpi slt,
// Elements are taken out before the branch, where no number of one can become a variable.
// CHECK:         %[[E0:.*]] = vector.extract %[[V]][0]
// CHECK:         scf.if
// CHECK:           memref.store %[[E0]], %[[X]]
tile.func @guards(%x: memref<100xf32, #gpu.address_space<global>>, %start: index) attributes {num_warps = 2 : i64} {
  %0 = tile.load %x[%start] dims [0] strides [1] guards [both] coordinate_bits 32
    : memref<100xf32, #gpu.address_space<global>> -> tensor<128xf32, #l>
  tile.store %0, %x[%start] dims [0] strides [1] guards [high] coordinate_bits 32
    : tensor<128xf32, #l>, memref<100xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

// Coordinates of 64 bits may wrap around outside of the tensor, so nothing says
// that they do not; nor do addresses.

// CHECK-LABEL: gpu.func @wide(
// CHECK:         %[[STEP:.*]] = arith.constant 1099511627776 : index
// CHECK:         %[[PART:.*]] = arith.muli %{{[^ ]*}}, %[[STEP]] : index
// CHECK:         arith.addi %{{[^ ]*}}, %[[PART]] : index
// CHECK:         arith.extui %{{.*}} : i32 to i64
// CHECK:         arith.muli %{{[^ ]*}}, %{{[^ ]*}} : i64
// CHECK:         %[[C:.*]] = arith.addi %{{[^ ]*}}, %{{[^ ]*}} : i64
// CHECK:         arith.cmpi sge, %[[C]], %c0{{.*}} : i64
tile.func @wide(%x: memref<100xf32, #gpu.address_space<global>>, %start: index) attributes {num_warps = 1 : i64} {
  %0 = tile.load %x[%start] dims [0] strides [1099511627776] guards [low]
    : memref<100xf32, #gpu.address_space<global>> -> tensor<32xf32, #l>
  tile.store %0, %x[%start] dims [0] strides [1] guards [none]
    : tensor<32xf32, #l>, memref<100xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>

// 2^33 elements: the block's part of the address has 64 bits, the thread's 32,
// unless a step is so large that it would not fit; 2^47 * 2^17 leaves even 64.

// CHECK-LABEL: gpu.func @many(
// CHECK:         memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [8589934592], strides: [1]
// CHECK:         %[[ROW:.*]] = arith.muli %{{.*}}, %c131072{{[_0-9]*}} : index
// CHECK:         %[[BASE:.*]] = arith.addi %[[ROW]], %{{.*}} : index
// CHECK:         %[[LANE:.*]] = arith.index_castui %{{.*}} : i32 to index
// CHECK:         %[[FIRST:.*]] = arith.addi %[[BASE]], %[[LANE]] : index
// CHECK:         memref.load %{{.*}}[%[[FIRST]]]
// CHECK:         %[[SECOND:.*]] = arith.addi %[[FIRST]], %c131072{{[_0-9]*}} : index
// CHECK:         memref.load %{{.*}}[%[[SECOND]]]
// CHECK:         %[[ROW1:.*]] = arith.index_castui %{{.*}} : i32 to index
// CHECK:         arith.muli %[[ROW1]], %c0{{.*}} : index
// CHECK:         memref.store
// CHECK-NOT:     arith.addi
// CHECK:         memref.store
tile.func @many(%x: memref<65536x131072xf32, #gpu.address_space<global>>,
                %y: memref<65536x131072xf32, #gpu.address_space<global>>, %start: index) attributes {num_warps = 1 : i64} {
  %0 = tile.load %x[%start, %start] dims [0, 1] strides [1, 1] guards [none, none]
    : memref<65536x131072xf32, #gpu.address_space<global>> -> tensor<2x32xf32, #l>
  tile.store %0, %y[%start, %start] dims [0, 1] strides [140737488355328, 1] guards [none, none]
    : tensor<2x32xf32, #l>, memref<65536x131072xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [4, 8], warps = [1, 1]>

// Vectors are one access each, with their alignment, which the pointer has too.
// Only the store needs that the pointer may be written to.

// CHECK-LABEL: gpu.func @vectors(
// CHECK-SAME:    memref<64x64xf32, #gpu.address_space<global>> {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}
// CHECK-SAME:    memref<64x64xf16, #gpu.address_space<global>> {llvm.align = 8 : i64, llvm.noalias}
// CHECK-SAME:    memref<8xf64, #gpu.address_space<global>> {llvm.align = 8 : i64, llvm.noalias, llvm.readonly}
// CHECK:         %[[A:.*]] = vector.load %{{.*}} {alignment = 16 : i64} : memref<4096xf32, {{.*}}>, vector<4xf32>
// CHECK:         %[[B:.*]] = vector.load %{{.*}} {alignment = 16 : i64}
// CHECK:         %[[A0:.*]] = vector.extract %[[A]][0] : f32 from vector<4xf32>
// CHECK:         %[[B3:.*]] = vector.extract %[[B]][3] : f32 from vector<4xf32>
// CHECK:         vector.from_elements %[[A0]], {{.*}}, %[[B3]] : vector<8xf32>
// CHECK:         arith.truncf {{.*}} : vector<8xf32> to vector<8xf16>
// CHECK:         vector.shuffle %{{.*}}, %{{.*}} [0, 1, 2, 3] : vector<8xf16>, vector<8xf16>
// CHECK:         vector.shuffle %{{.*}}, %{{.*}} [4, 5, 6, 7]
// CHECK-COUNT-2: vector.store {{.*}} {alignment = 8 : i64} : memref<4096xf16, {{.*}}>, vector<4xf16>
tile.func @vectors(%x: memref<64x64xf32, #gpu.address_space<global>>, %y: memref<64x64xf16, #gpu.address_space<global>>,
                   %unused: memref<8xf64, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] guards [none, none] vector 4
    : memref<64x64xf32, #gpu.address_space<global>> -> tensor<4x64xf32, #l>
  %1 = arith.truncf %0 : tensor<4x64xf32, #l> to tensor<4x64xf16, #l>
  tile.store %1, %y[%i, %i] dims [0, 1] strides [1, 1] guards [none, none] vector 4
    : tensor<4x64xf16, #l>, memref<64x64xf16, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [4, 1]>

// Threads beyond the tile do nothing: of 3 rows, the fourth warp has none; of 5
// columns, lanes from 5 on. A dimension of size 1 is loaded by all threads and
// stored by the first.

// CHECK-LABEL: gpu.func @idle(
// CHECK:         %[[LANE:.*]] = arith.andi %{{.*}}, %c31
// CHECK:         %[[WARP:.*]] = arith.shrui %{{.*}}, %c5
// CHECK:         %[[ROW:.*]] = arith.cmpi slt, %[[WARP]], %c3
// CHECK:         %[[COLUMN:.*]] = arith.cmpi slt, %[[LANE]], %c5
// CHECK:         %[[BOTH:.*]] = arith.andi %[[ROW]], %[[COLUMN]]
// CHECK:         scf.if %[[BOTH]] -> (f32)
// CHECK:         scf.if %{{.*}} {
// CHECK:           memref.store
// CHECK:         %[[COLUMN1:.*]] = arith.cmpi slt, %[[LANE]], %c5
// CHECK:         scf.if %[[COLUMN1]] -> (f32)
// CHECK:         %[[ROW2:.*]] = arith.cmpi slt, %[[WARP]], %c1
// CHECK:         %[[COLUMN2:.*]] = arith.cmpi slt, %[[LANE]], %c5
// CHECK:         %[[BOTH2:.*]] = arith.andi %[[ROW2]], %[[COLUMN2]]
// CHECK:         scf.if %[[BOTH2]] {
// CHECK:           memref.store
tile.func @idle(%x: memref<64x64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 4 : i64} {
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] guards [none, none]
    : memref<64x64xf32, #gpu.address_space<global>> -> tensor<3x5xf32, #l>
  tile.store %0, %x[%i, %i] dims [0, 1] strides [1, 1] guards [none, none]
    : tensor<3x5xf32, #l>, memref<64x64xf32, #gpu.address_space<global>>
  %1 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] guards [none, none]
    : memref<64x64xf32, #gpu.address_space<global>> -> tensor<1x5xf32, #l>
  tile.store %1, %x[%i, %i] dims [0, 1] strides [1, 1] guards [none, none]
    : tensor<1x5xf32, #l>, memref<64x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

// A memref of rank 0 has one element, one of size 0 none; both are accessed flat,
// as is what has another shape only for its coordinates.

// CHECK-LABEL: gpu.func @shapes(
// CHECK:         memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [1], strides: [1] : memref<i8, {{.*}}> to memref<1xi8
// CHECK:         memref.load
// CHECK:         memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [0], strides: [1] : memref<0x4xf64, {{.*}}> to memref<0xf64
// CHECK:         arith.cmpi ult, %{{.*}}, %c0
// CHECK-NOT:     memref.collapse_shape
// CHECK:         memref.reinterpret_cast %arg2 to offset: [0], sizes: [64], strides: [1] : memref<8x8xbf16, {{.*}}> to memref<64xbf16
tile.func @shapes(%x: memref<i8, #gpu.address_space<global>>, %y: memref<0x4xf64, #gpu.address_space<global>>,
                  %z: memref<8x8xbf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.load %x[] dims [] strides [] : memref<i8, #gpu.address_space<global>> -> tensor<1xi8, #l>
  tile.store %0, %x[] dims [] strides [] : tensor<1xi8, #l>, memref<i8, #gpu.address_space<global>>
  %1 = tile.load %y[%i, %i] dims [-1, 0] strides [1, 1] guards [both, none]
    : memref<0x4xf64, #gpu.address_space<global>> -> tensor<4xf64, #l>
  tile.store %1, %y[%i, %i] dims [-1, 0] strides [1, 1] guards [both, none]
    : tensor<4xf64, #l>, memref<0x4xf64, #gpu.address_space<global>>
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  scf.for %k = %c0 to %c2 step %c2 {
    %flat = memref.collapse_shape %z [[0, 1]] : memref<8x8xbf16, #gpu.address_space<global>> into memref<64xbf16, #gpu.address_space<global>>
    %2 = tile.load %flat[%k] dims [0] strides [1] : memref<64xbf16, #gpu.address_space<global>> -> tensor<32xbf16, #l>
    tile.store %2, %flat[%k] dims [0] strides [1] : tensor<32xbf16, #l>, memref<64xbf16, #gpu.address_space<global>>
  }
  tile.return
}

// -----

// Where a thread has a whole dimension from a known coordinate on, it is known which elements lie
// outside: there is nothing to load, and the others share the condition that is left.

// CHECK-LABEL: gpu.func @known_rows
// CHECK:         %[[INSIDE:.*]] = arith.cmpi slt
// CHECK-NOT:     arith.cmpi
// CHECK:         scf.if %{{.*}} -> (f32)
// CHECK:         scf.if %[[INSIDE]] -> (f32, f32)
// CHECK:           memref.load
// CHECK:           memref.load
// CHECK:         scf.if %{{.*}} -> (f32)
#rows = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>
tile.func @known_rows(%x: memref<2x40xf32, #gpu.address_space<global>>, %column: index)
    attributes {num_warps = 1 : i64} {
  %before = arith.constant -1 : index
  %c0 = arith.constant 0 : index
  %0 = tile.load %x[%before, %column] dims [0, 1] strides [1, 1] guards [both, high] coordinate_bits 32
    : memref<2x40xf32, #gpu.address_space<global>> -> tensor<4x32xf32, #rows>
  tile.store %0, %x[%c0, %column] dims [0, 1] strides [1, 1] guards [none, none] coordinate_bits 32
    : tensor<4x32xf32, #rows>, memref<2x40xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// What is read before threads of a warp meet is no memory that never changes: such loads would pass.

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

// CHECK-LABEL: gpu.func @meet(
// CHECK-SAME:    {llvm.align = 4 : i64, llvm.readonly}
// CHECK-SAME:    {llvm.align = 4 : i64, llvm.noalias}
// CHECK:         memref.load
// CHECK:         nvvm.bar.warp.sync %{{.*}} : i32
// CHECK:         memref.store
tile.func @meet(%x: memref<32xf32, #gpu.address_space<global>>, %y: memref<32xf32, #gpu.address_space<global>>) attributes {grid = array<i64: 1, 1, 1>, num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %v = tile.load %x[%c0] dims [0] strides [1] guards [none] : memref<32xf32, #gpu.address_space<global>> -> tensor<32xf32, #l>
  tile.warp_barrier
  tile.store %v, %y[%c0] dims [0] strides [1] guards [none] : tensor<32xf32, #l>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}
