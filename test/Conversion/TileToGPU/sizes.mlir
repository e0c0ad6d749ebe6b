// RUN: poolc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

// tile.size is the number that the host passes; a tensor that tile.reshape gives
// sizes is addressed with them: row %i of planes of %h x %w elements, in 64 bits.

#global = #gpu.address_space<global>
#row = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

// CHECK-LABEL: gpu.func @plane
// CHECK-SAME: %[[X:[^ :]*]]: memref<2305843009213693951xf32, #gpu.address_space<global>>
// CHECK-SAME: %[[H32:[^ :]*]]: i32, %[[W32:[^ :]*]]: i32, %[[P:[^ :]*]]: index, %[[I:[^ :]*]]: index
// CHECK-NOT: tile.
// CHECK-DAG: %[[H:.*]] = arith.index_castui %[[H32]] : i32 to index
// CHECK-DAG: %[[W:.*]] = arith.index_castui %[[W32]] : i32 to index
// CHECK: %[[PLANE:.*]] = arith.muli %[[W]], %[[H]] : index
// CHECK: arith.muli %[[P]], %[[PLANE]] : index
// CHECK: arith.muli %[[I]], %[[W]] : index
// The end of a row is where the host says.
// CHECK: %[[END:.*]] = arith.index_cast %[[W]] : index to i32
// CHECK: arith.cmpi slt, %{{.*}}, %[[END]] : i32
tile.func @plane(%x: memref<?x8x?x?xf32, #global>, %y: memref<32xf32, #global>, %h: i32, %w: i32, %p: index, %i: index)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %height = tile.size %h max 65535 : i32
  %width = tile.size %w max 65535 multiple_of 4 : i32
  %planes = tile.reshape %x sizes[%height, %width]
          : memref<?x8x?x?xf32, #global> to memref<65535x?x?xf32, #global>
  %t = tile.load %planes[%p, %i, %c0] dims [-1, -1, 0] strides [1, 1, 1] guards [none, none, high] coordinate_bits 32
     : memref<65535x?x?xf32, #global> -> tensor<32xf32, #row>
  tile.store %t, %y[%c0] dims [0] strides [1] guards [none] : tensor<32xf32, #row>, memref<32xf32, #global>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#pairs = #tile.blocked<size_per_thread = [4], threads_per_warp = [32], warps = [1]>

// Rows of a multiple of 4 elements are loaded by fours, up to a dynamic end as well.
// CHECK-LABEL: gpu.func @aligned
// CHECK: vector.load {{.*}} : {{.*}}, vector<4xf32>
tile.func @aligned(%x: memref<?x?xf32, #global>, %y: memref<128xf32, #global>, %w: i64, %i: index)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %width = tile.size %w max 8589934592 multiple_of 4 : i64
  %rows = tile.reshape %x sizes[%width] : memref<?x?xf32, #global> to memref<100x?xf32, #global>
  %t = tile.load %rows[%i, %c0] dims [-1, 0] strides [1, 1] vector 4 : memref<100x?xf32, #global> -> tensor<128xf32, #pairs>
  tile.store %t, %y[%c0] dims [0] strides [1] guards [none] : tensor<128xf32, #pairs>, memref<128xf32, #global>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#planes = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [4, 8], warps = [1, 1]>

// Where the tensor says whether the block's accesses are inside, guards along its outermost
// dimension hold, others do not.
// CHECK-LABEL: gpu.func @inside
// CHECK-SAME: %[[WHOLE:[^ :,]*]]: i1)
// CHECK: %[[BEFORE_END:.*]] = arith.cmpi slt
// CHECK: %[[PLANE:.*]] = arith.ori %[[WHOLE]], %[[BEFORE_END]] : i1
// CHECK: %[[COLUMN:.*]] = arith.cmpi slt
// CHECK: scf.if %[[COLUMN]]
// CHECK:   scf.if %[[PLANE]]
// CHECK:     memref.load
tile.func @inside(%x: memref<?x6xf32, #global>, %y: memref<4x8xf32, #global>, %n: i32, %p: index, %whole: i1)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %count = tile.size %n max 65535 : i32
  %planes = tile.reshape %x sizes[%count] inside %whole : memref<?x6xf32, #global> to memref<?x6xf32, #global>
  %t = tile.load %planes[%p, %c0] dims [0, 1] strides [1, 1] guards [high, high] coordinate_bits 32
     : memref<?x6xf32, #global> -> tensor<4x8xf32, #planes>
  tile.store %t, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : tensor<4x8xf32, #planes>, memref<4x8xf32, #global>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#row = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [4, 8], warps = [1, 1]>

// Windows of 8 elements that begin 12 apart, in rows of a length that the host says: a row
// begins where the last one ends, not where its last window does.
// CHECK-LABEL: gpu.func @windows
// CHECK-SAME: %{{.*}}, %{{.*}}, %[[L32:[^ :]*]]: i32, %[[N32:[^ :]*]]: i32, %[[R:[^ :]*]]: index, %[[I:[^ :]*]]: index
// CHECK-NOT: tile.
// CHECK-DAG: %[[L:.*]] = arith.index_castui %[[L32]] : i32 to index
// CHECK-DAG: %[[N:.*]] = arith.index_castui %[[N32]] : i32 to index
// CHECK: arith.muli %[[R]], %[[L]] : index
// CHECK: %[[APART:.*]] = arith.constant 12 : index
// CHECK: arith.muli %[[I]], %[[APART]] : index
// CHECK: %[[END:.*]] = arith.index_cast %[[N]] : index to i32
// CHECK: arith.cmpi slt, %{{.*}}, %[[END]] : i32
tile.func @windows(%x: memref<?x?xf32, #global>, %y: memref<4x8xf32, #global>, %l: i32, %n: i32, %r: index, %i: index)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %length = tile.size %l max 65535 : i32
  %count = tile.size %n max 65535 : i32
  %windows = tile.windows %x length %length dim 1 apart 12 sizes[%count] : memref<?x?xf32, #global> to memref<100x?x8xf32, #global>
  %t = tile.load %windows[%r, %i, %c0] dims [-1, 0, 1] strides [1, 1, 1] guards [none, high, none] coordinate_bits 32
     : memref<100x?x8xf32, #global> -> tensor<4x8xf32, #row>
  tile.store %t, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : tensor<4x8xf32, #row>, memref<4x8xf32, #global>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#row = #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [4, 8], warps = [1, 1]>

// Of a known length, every stride is known: a row of 101 elements, not of 8 windows of 8.
// CHECK-LABEL: gpu.func @known_windows
// CHECK: %[[LENGTH:.*]] = arith.constant 101 : index
// CHECK: arith.muli %{{.*}}, %[[LENGTH]] : index
// CHECK: %[[APART:.*]] = arith.constant 12 : index
// CHECK: arith.muli %{{.*}}, %[[APART]] : index
tile.func @known_windows(%x: memref<5x101xf32, #global>, %y: memref<4x8xf32, #global>, %r: index, %i: index)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %length = arith.constant 101 : index
  %windows = tile.windows %x length %length dim 1 apart 12 sizes[] : memref<5x101xf32, #global> to memref<5x8x8xf32, #global>
  %t = tile.load %windows[%r, %i, %c0] dims [-1, 0, 1] strides [1, 1, 1] guards [none, high, none] coordinate_bits 32
     : memref<5x8x8xf32, #global> -> tensor<4x8xf32, #row>
  tile.store %t, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : tensor<4x8xf32, #row>, memref<4x8xf32, #global>
  tile.return
}
