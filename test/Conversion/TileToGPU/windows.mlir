// RUN: poolc-opt %s --tile-assign-layouts --tile-to-gpu --split-input-file | FileCheck %s

// Each thread holds all rows of its columns. Windows that overlap share sums: of
// 4 rows both windows of 3 have the pair in the middle.

// CHECK-LABEL: gpu.func @rows
// CHECK-COUNT-4: memref.load
// CHECK-COUNT-3: arith.addf
// CHECK-NOT:     arith.addf
// CHECK:         gpu.return
tile.func @rows(%x: memref<4x32xf32, #gpu.address_space<global>>, %y: memref<2x32xf32, #gpu.address_space<global>>)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : memref<4x32xf32, #gpu.address_space<global>> -> tensor<4x32xf32>
  %s = tile.window_sum %t dim 0 kernel 3 stride 1 : tensor<4x32xf32> -> tensor<2x32xf32>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : tensor<2x32xf32>, memref<2x32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Along the last dimension, a thread sums the pairs among its four elements.

// CHECK-LABEL: gpu.func @pairs
// CHECK-COUNT-1: vector.load
// CHECK-COUNT-2: arith.addf
// CHECK-NOT:     arith.addf
// CHECK:         gpu.return
tile.func @pairs(%x: memref<128xf32, #gpu.address_space<global>>, %y: memref<64xf32, #gpu.address_space<global>>)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0] dims [0] strides [1] guards [none] vector 4 : memref<128xf32, #gpu.address_space<global>> -> tensor<128xf32>
  %s = tile.window_sum %t dim 0 kernel 2 stride 2 : tensor<128xf32> -> tensor<64xf32>
  tile.store %s, %y[%c0] dims [0] strides [1] guards [none] vector 2 : tensor<64xf32>, memref<64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Over lanes by a butterfly of five steps, over two warps through shared memory.

// CHECK-LABEL: gpu.func @reduce
// CHECK-COUNT-5: gpu.shuffle xor
// CHECK:         gpu.barrier
// CHECK:         memref.store %{{.*}} : memref<64xf32, #gpu.address_space<workgroup>>
// CHECK:         gpu.barrier
// CHECK-COUNT-2: memref.load %{{.*}} : memref<64xf32, #gpu.address_space<workgroup>>
// CHECK:         gpu.return
tile.func @reduce(%x: memref<64xf32, #gpu.address_space<global>>, %y: memref<1xf32, #gpu.address_space<global>>)
    attributes {num_warps = 2 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0] dims [0] strides [1] guards [none] : memref<64xf32, #gpu.address_space<global>> -> tensor<64xf32>
  %s = tile.reduce %t dim 0 : tensor<64xf32> -> tensor<1xf32>
  tile.store %s, %y[%c0] dims [0] strides [1] guards [none] : tensor<1xf32>, memref<1xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Lanes beyond the tile add nothing.

// CHECK-LABEL: gpu.func @reduce_part
// CHECK:         %[[INSIDE:.*]] = arith.cmpi slt, %{{.*}}, %c20_i32
// CHECK:         arith.select
// CHECK:         gpu.shuffle xor
tile.func @reduce_part(%y: memref<1xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %one = arith.constant dense<1.0> : tensor<20xf32>
  %s = tile.reduce %one dim 0 : tensor<20xf32> -> tensor<1xf32>
  tile.store %s, %y[%c0] dims [0] strides [1] guards [none] : tensor<1xf32>, memref<1xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// 46 groups for 32 threads: the second round is for 14 of them. What lies from
// the end on is not read.

// CHECK-LABEL: gpu.func @span
// CHECK:         nvgpu.device_async_copy %{{.*}}[%{{.*}}], %{{.*}}[%{{.*}}], 4, %{{.*}} {bypassL1}
// CHECK:         scf.if
// CHECK:           nvgpu.device_async_copy
// CHECK:         memref.load %{{.*}} : memref<184xf32, #gpu.address_space<workgroup>>
// CHECK-NOT:     tile.
tile.func @span(%x: memref<8192xf32, #gpu.address_space<global>>, %y: memref<32xf32, #gpu.address_space<global>>, %i: index, %j: index)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %s = tile.alloc : memref<184xf32, #gpu.address_space<workgroup>>
  tile.copy_span %x[%i to %j] to %s vector 4 : memref<8192xf32, #gpu.address_space<global>> to memref<184xf32, #gpu.address_space<workgroup>>
  tile.async_commit
  tile.async_wait 0
  tile.barrier
  %v = tile.view %s[%i] : memref<184xf32, #gpu.address_space<workgroup>> to memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
  %t = tile.load %v[%j, %c0] dims [-1, 0] strides [1, 1] guards [none, none] : memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>> -> tensor<32xf32>
  tile.store %t, %y[%c0] dims [0] strides [1] guards [none] : tensor<32xf32>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// 4 rows of up to 61 elements, each in 9 groups of 8: whole ones by one store.

// CHECK-LABEL: gpu.func @rows
// CHECK:         %[[ROWS:.*]] = arith.minsi
// CHECK:         %[[GROUPS:.*]] = arith.muli %[[ROWS]], %c9
// CHECK:         scf.for %{{.*}} = %{{.*}} to %[[GROUPS]] step %c32
// CHECK:           arith.divui %{{.*}}, %c9_i32
// CHECK:           scf.if
// CHECK:             vector.load %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<8xf16>
// CHECK:             vector.store %{{.*}} {alignment = 16 : i64} : {{.*}}, vector<8xf16>
// CHECK:           else
// CHECK:             scf.for
// CHECK:               memref.load
// CHECK:               memref.store
// CHECK-NOT:     tile.
tile.func @rows(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x61xf16, #gpu.address_space<workgroup>>
  tile.write_rows %s to %y[%i] rows %i columns %i distance 61 vector 8
      : memref<4x61xf16, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// -----

// Four windows of 7 neighbours have 4 elements in common: 3 additions there, 3 for what the
// windows have before them, 2 for what they have after them, and 3 to put both together.

// CHECK-LABEL: gpu.func @adjacent
// CHECK-COUNT-3: vector.load
// CHECK-NOT:     vector.load
// CHECK-COUNT-11: arith.addf
// CHECK-NOT:     arith.addf
// CHECK:         vector.store {{.*}} vector<4xf32>
// CHECK:         gpu.return
tile.func @adjacent(%x: memref<32x12xf32, #gpu.address_space<global>>, %y: memref<32x4xf32, #gpu.address_space<global>>)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : memref<32x12xf32, #gpu.address_space<global>> -> tensor<32x12xf32>
  %s = tile.window_sum %t dim 1 kernel 7 stride 1 offset 1 windows 4 : tensor<32x12xf32> -> tensor<32x4xf32>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : tensor<32x4xf32>, memref<32x4xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Of 13 rows of 12 columns in each thread, not all fit its registers: pairs and fours of what comes
// next, 20 additions in each row.

// CHECK-LABEL: gpu.func @more_than_registers
// CHECK-COUNT-260: arith.addf
// CHECK-NOT:     arith.addf
// CHECK:         gpu.return
tile.func @more_than_registers(%x: memref<416x12xf32, #gpu.address_space<global>>, %y: memref<416x4xf32, #gpu.address_space<global>>)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : memref<416x12xf32, #gpu.address_space<global>> -> tensor<416x12xf32>
  %s = tile.window_sum %t dim 1 kernel 7 stride 1 offset 1 windows 4 : tensor<416x12xf32> -> tensor<416x4xf32>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] vector 4 : tensor<416x4xf32>, memref<416x4xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Windows of 4 rows, 2 apart: each has two pairs, which it shares with its neighbours, 4 and 3
// additions. By sides it would be 3 for the first and 3 for each other of a group of two.

// CHECK-LABEL: gpu.func @pairs_of_rows
// CHECK-COUNT-8: memref.load
// CHECK-COUNT-7: arith.addf
// CHECK-NOT:     arith.addf
// CHECK:         gpu.return
tile.func @pairs_of_rows(%x: memref<8x32xf32, #gpu.address_space<global>>, %y: memref<3x32xf32, #gpu.address_space<global>>)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : memref<8x32xf32, #gpu.address_space<global>> -> tensor<8x32xf32>
  %s = tile.window_sum %t dim 0 kernel 4 stride 2 : tensor<8x32xf32> -> tensor<3x32xf32>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : tensor<3x32xf32>, memref<3x32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Twelve windows of 5 neighbouring rows: three groups of four windows with 9 additions each.

// CHECK-LABEL: gpu.func @groups_of_rows
// CHECK-COUNT-16: memref.load
// CHECK-COUNT-27: arith.addf
// CHECK-NOT:     arith.addf
// CHECK:         gpu.return
tile.func @groups_of_rows(%x: memref<16x32xf32, #gpu.address_space<global>>, %y: memref<12x32xf32, #gpu.address_space<global>>)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %t = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : memref<16x32xf32, #gpu.address_space<global>> -> tensor<16x32xf32>
  %s = tile.window_sum %t dim 0 kernel 5 stride 1 : tensor<16x32xf32> -> tensor<12x32xf32>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] guards [none, none] : tensor<12x32xf32>, memref<12x32xf32, #gpu.address_space<global>>
  tile.return
}
