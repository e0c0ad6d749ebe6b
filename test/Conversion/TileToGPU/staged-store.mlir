// RUN: poolc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// 2 KiB hold sixteen rows of 16 f32 and the 8 that keep rows in different banks: two rounds
// of 16 rows. Rows of 64 are whole groups of 4.

// CHECK-LABEL: gpu.func @aligned(
// CHECK-SAME:    llvm.align = 16
// CHECK:         gpu.barrier
// CHECK-COUNT-4: vector.store {{.*}} #gpu.address_space<workgroup>>, vector<2xf32>
// CHECK:         gpu.barrier
// CHECK-COUNT-2: vector.load {{.*}} #gpu.address_space<workgroup>>, vector<4xf32>
// CHECK-COUNT-2: vector.store {{.*}} #gpu.address_space<global>>, vector<4xf32>
// CHECK:         gpu.barrier
// CHECK-COUNT-4: vector.store {{.*}} #gpu.address_space<workgroup>>, vector<2xf32>
// CHECK:         gpu.barrier
// CHECK-COUNT-2: vector.store {{.*}} #gpu.address_space<global>>, vector<4xf32>
// CHECK-NOT:     gpu.barrier
tile.func @aligned(%y: memref<32x64xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %a = tile.alloc : memref<512xf32, #shared>
  %sum = arith.constant dense<0.0> : tensor<32x16xf32, #fragments>
  tile.store %sum, %y[%c0, %c16] dims [0, 1] strides [1, 1] vector 2 staged : tensor<32x16xf32, #fragments>, memref<32x64xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Rows of 45 begin anywhere: what is stored at once is shifted out of two aligned groups. Of a row
// of 16, two groups of 8 may be whole; an element of the groups at its ends follows for each thread,
// in four turns of rows that begin differently.

// CHECK-LABEL: gpu.func @anywhere(
// CHECK:         gpu.barrier
// CHECK-COUNT-4: vector.store {{.*}} #gpu.address_space<workgroup>>, vector<2xf16>
// CHECK:         gpu.barrier
// CHECK:         scf.if
// CHECK-COUNT-2:   vector.load {{.*}} #gpu.address_space<workgroup>>, vector<8xf16>
// CHECK-COUNT-11:  arith.select
// CHECK-COUNT-4:   llvm.intr.fshr
// CHECK:           vector.store {{.*}} #gpu.address_space<global>>, vector<8xf16>
// CHECK-COUNT-8: memref.store {{.*}} #gpu.address_space<global>>
// CHECK-NOT:     store
tile.func @anywhere(%y: memref<32x45xf16, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<2048xf16, #shared>
  %sum = arith.constant dense<0.0> : tensor<16x16xf16, #fragments>
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] staged : tensor<16x16xf16, #fragments>, memref<32x45xf16, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Of a column that is two behind a multiple of 16, rows begin at multiples of 2: halves of aligned
// groups make one.

// CHECK-LABEL: gpu.func @behind(
// CHECK-COUNT-2: vector.load {{.*}} {alignment = 8 : i64} {{.*}}, vector<2xf32>
// CHECK-COUNT-4: arith.select
// CHECK:         vector.store {{.*}} #gpu.address_space<global>>, vector<4xf32>
// CHECK-COUNT-2: memref.store {{.*}} #gpu.address_space<global>>
tile.func @behind(%y: memref<32x64xf32, #global>, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %tile = arith.muli %i, %c16 : index
  %column = arith.addi %tile, %c2 : index
  %a = tile.alloc : memref<512xf32, #shared>
  %sum = arith.constant dense<0.0> : tensor<16x16xf32, #fragments>
  tile.store %sum, %y[%c0, %column] dims [0, 1] strides [1, 1] staged : tensor<16x16xf32, #fragments>, memref<32x64xf32, #global>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// No shared memory to go by.

// CHECK-LABEL: gpu.func @direct(
// CHECK-NOT:     gpu.barrier
// CHECK:         vector.store {{.*}} #gpu.address_space<global>>, vector<2xf32>
tile.func @direct(%y: memref<32x64xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %sum = arith.constant dense<0.0> : tensor<32x16xf32, #fragments>
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] vector 2 staged : tensor<32x16xf32, #fragments>, memref<32x64xf32, #global>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Rows of a length that only a run knows begin anywhere: each group is found by its
// place in memory, and ends with the row.
// CHECK-LABEL: gpu.func @dynamic
// CHECK-SAME: %[[L32:[^ ]*]]: i32
// CHECK: %[[L:.*]] = arith.index_castui %[[L32]] : i32 to index
// CHECK: %[[STRIDE:.*]] = arith.muli %[[L]], %c1{{.*}} : index
// CHECK: arith.subi %[[L]], %{{.*}} : index
// CHECK: gpu.barrier
// CHECK: gpu.barrier
// CHECK: arith.muli %{{.*}}, %[[STRIDE]] : index
// CHECK: arith.andi %{{.*}}, %c3
// CHECK-COUNT-4: vector.load {{.*}} {alignment = 4 : i64} {{.*}}, vector<1xf32>
// CHECK-COUNT-8: arith.select
// CHECK: vector.store {{.*}} : {{.*}}, vector<4xf32>
// CHECK: arith.andi %{{.*}}, %c-4
// CHECK: memref.store {{.*}} #gpu.address_space<global>>
tile.func @dynamic(%y: memref<?x16x?xf32, #global>, %l: i32, %n: index, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %length = tile.size %l max 134217727 : i32
  %rows = tile.reshape %y sizes[%length] : memref<?x16x?xf32, #global> to memref<65535x16x?xf32, #global>
  %a = tile.alloc : memref<16x64xf32, #gpu.address_space<workgroup>>
  %t = arith.constant dense<1.0> : tensor<16x32xf32, #fragments>
  tile.store %t, %rows[%n, %c0, %i] dims [-1, 0, 1] strides [1, 1, 1] guards [none, none, both] staged
    : tensor<16x32xf32, #fragments>, memref<65535x16x?xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Of 16 columns, 8 are also the next tile's. A row's first sector that begins in the tile is its first
// one, but where the row begins; its last is the one in which its own columns end, but where the row
// ends. Elements are stored one by one at the ends of rows alone.

// CHECK-LABEL: gpu.func @owned(
// CHECK-SAME:    %[[AT:[^ :]*]]: index
// CHECK:         gpu.barrier
// CHECK:         gpu.barrier
// CHECK:         %[[LEAD:.*]] = arith.andi %{{.*}}, %c7
// CHECK:         %[[FIRST:.*]] = arith.cmpi sle, %[[AT]], %{{.*}}
// CHECK:         %[[OWN_END:.*]] = arith.addi %[[AT]], %{{.*}}
// CHECK:         %[[LAST:.*]] = arith.cmpi sge, %[[OWN_END]], %c45
// CHECK:         %[[END:.*]] = arith.minsi
// CHECK:         arith.select %[[FIRST]], %{{.*}}, %[[LEAD]]
// CHECK:         arith.select %[[LAST]], %{{.*}}, %[[END]]
// CHECK:         scf.if
// CHECK:           vector.store {{.*}} #gpu.address_space<global>>, vector<4xf32>
// CHECK:         memref.store {{.*}} #gpu.address_space<global>>
tile.func @owned(%y: memref<32x45xf32, #global>, %at: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<2048xf32, #shared>
  %sum = arith.constant dense<0.0> : tensor<16x16xf32, #fragments>
  tile.store %sum, %y[%c0, %at] dims [0, 1] strides [1, 1] staged owned 8 : tensor<16x16xf32, #fragments>, memref<32x45xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 8]>

// Two warps store what eight have: 128 rows of 128 go through 68 KiB in one round, of which a thread
// reads eight groups at a time. The barriers say what they are for.

// CHECK-LABEL:    gpu.func @store_warps(
// CHECK:          gpu.barrier {tile.staging = 0 : i32}
// CHECK-COUNT-32: vector.store {{.*}} #gpu.address_space<workgroup>>, vector<2xf32>
// CHECK:          gpu.barrier {tile.staging = 1 : i32}
// CHECK-COUNT-8:  vector.load {{.*}} #gpu.address_space<workgroup>>, vector<4xf32>
// CHECK-COUNT-8:  vector.store {{.*}} #gpu.address_space<global>>, vector<4xf32>
// CHECK:          vector.load
// CHECK:          gpu.barrier {tile.staging = 2 : i32}
// CHECK-NOT:      gpu.barrier
tile.func @store_warps(%y: memref<128x128xf32, #global>) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 2, 2, 88, 208, 132>} {
  %c0 = arith.constant 0 : index
  %sum = arith.constant dense<0.0> : tensor<128x128xf32, #fragments>
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] vector 2 staged : tensor<128x128xf32, #fragments>, memref<128x128xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [1, 1, 32], warps = [1, 1, 1]>

// A tile of three dimensions of which two have more than one element: rows of 45 are so many apart,
// and the one of the dimension with one element is in the tensor or not.

// CHECK-LABEL: gpu.func @planes(
// CHECK:         gpu.barrier
// CHECK-COUNT-2: vector.store {{.*}} #gpu.address_space<workgroup>>, vector<4xf32>
// CHECK:         gpu.barrier
// CHECK:         vector.store {{.*}} #gpu.address_space<global>>, vector<4xf32>
// CHECK:         memref.store {{.*}} #gpu.address_space<global>>
tile.func @planes(%y: memref<3x2x45xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %g = tile.program_id 0
  %a = tile.alloc : memref<512xf32, #shared>
  %sum = arith.constant dense<0.0> : tensor<1x2x128xf32, #rows>
  tile.store %sum, %y[%g, %c0, %c0] dims [0, 1, 2] strides [1, 1, 1] staged : tensor<1x2x128xf32, #rows>, memref<3x2x45xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [2, 2], threads_per_warp = [8, 4], warps = [2, 1]>

// Memory apart from what the kernel has allocated, 1 KiB here. Each warp reads the 16 rows that it has written, and
// waits for no other: of 7 groups in each of them, threads take four, the last of which some do not have.

// CHECK-LABEL: gpu.func @apart(
// CHECK-SAME:    llvm.align = 16
// CHECK:         scf.for
// CHECK:           %[[BEGIN:.*]] = arith.constant 1024 : index
// CHECK:           nvvm.bar.warp.sync
// CHECK-COUNT-14:  vector.store {{.*}} #gpu.address_space<workgroup>>, vector<2xf16>
// CHECK:           nvvm.bar.warp.sync
// CHECK:           %[[LAST:.*]] = arith.constant 15 : index
// CHECK:           arith.minui %{{.*}}, %[[LAST]]
// CHECK-COUNT-4:   vector.store {{.*}} #gpu.address_space<global>>, vector<8xf16>
// CHECK-NOT:       gpu.barrier
tile.func @apart(%y: memref<64x112xf16, #global>) attributes {num_warps = 2 : i64} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %a = tile.alloc : memref<512xf16, #shared>
  %sum = arith.constant dense<0.0> : tensor<32x56xf16, #fragments>
  scf.for %i = %c0 to %c64 step %c32 {
    tile.store %sum, %y[%i, %c0] dims [0, 1] strides [1, 1] vector 2 staged staging 8192 apart : tensor<32x56xf16, #fragments>, memref<64x112xf16, #global>
  }
  tile.return
}
