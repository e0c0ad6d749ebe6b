// RUN: poolc-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(tile.func(tile-pipeline,canonicalize,cse))' | FileCheck %s

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

// Three buffers; two copies run ahead; one barrier in each iteration.
// CHECK-LABEL: tile.func @three_stages
// CHECK: %[[BUFFER:.*]] = tile.alloc : memref<3x8x40xf32, strided<[320, 40, 1]>
// CHECK: tile.copy async %{{.*}} to %[[FIRST:.*]] dims
// CHECK: tile.async_commit
// CHECK: tile.copy async
// CHECK: tile.async_commit
// CHECK: scf.for %[[I:.*]] = %{{.*}} iter_args(%[[SUM:.*]] = %{{.*}}, %[[NUMBER:.*]] = %c0_i32)
// CHECK-NEXT: tile.async_wait 1
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[I]], %c2
// CHECK-NEXT: %[[MORE:.*]] = arith.cmpi slt, %[[NEXT]], %c10
// CHECK: scf.if %[[MORE]]
// CHECK:   %[[CHANNEL:.*]] = arith.muli %[[NEXT]], %c8
// CHECK:   tile.copy async %{{.*}}[%c0, %[[CHANNEL]], %c0]
// CHECK: tile.async_commit
// CHECK: %[[STAGE:.*]] = arith.index_castui %[[NUMBER]] : i32 to index
// CHECK: memref.subview %[[BUFFER]][%[[STAGE]], 0, 0]
// CHECK: tile.dot mma_tf32
// CHECK-NOT: tile.barrier
// CHECK: scf.yield
tile.func @three_stages(%x: memref<4x80x32xf32, #global>, %y: memref<16x32xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c10 = arith.constant 10 : index
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %weights = tile.alloc : memref<16x8xf32, #shared>
  %buffer = tile.alloc : memref<8x40xf32, strided<[40, 1]>, #shared>
  %sum = scf.for %i = %c0 to %c10 step %c1 iter_args(%s = %zero) -> tensor<16x32xf32> {
    %channel = arith.muli %i, %c8 : index
    tile.copy %x[%c0, %channel, %c0] to %buffer dims [-1, 0, 1] strides [1, 1, 1]
      : memref<4x80x32xf32, #global> to memref<8x40xf32, strided<[40, 1]>, #shared>
    tile.barrier
    %b = memref.subview %buffer[0, 1] [8, 32] [1, 1] : memref<8x40xf32, strided<[40, 1]>, #shared> to memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>
    %d = tile.dot mma_tf32 %weights, %b, %s : memref<16x8xf32, #shared>, memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>, tensor<16x32xf32>
    tile.barrier
    scf.yield %d : tensor<16x32xf32>
  } {tile.num_stages = 3 : i64}
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32>, memref<16x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

// 16-bit elements cannot be copied asynchronously one by one; the buffers are
// still two. One stage, and loops without the attribute, stay as they are.
// CHECK-LABEL: tile.func @two_stages
// CHECK: tile.alloc : memref<2x64xf16, strided<[64, 1]>
// CHECK: tile.copy %{{.*}} to
// CHECK: scf.for
// CHECK-NEXT: tile.async_wait 0
// CHECK: tile.copy %{{.*}} to
// CHECK: scf.for
// CHECK-NEXT: tile.copy
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: tile.barrier
// CHECK-NOT: tile.num_stages
tile.func @two_stages(%x: memref<640xf16, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %buffer = tile.alloc : memref<64xf16, #shared>
  scf.for %i = %c0 to %c10 step %c1 {
    tile.copy %x[%i] to %buffer dims [0] strides [1] : memref<640xf16, #global> to memref<64xf16, #shared>
    tile.barrier
    tile.barrier
  } {tile.num_stages = 2 : i64}
  %other = tile.alloc : memref<64xf16, #shared>
  scf.for %i = %c0 to %c10 step %c1 {
    tile.copy %x[%i] to %other dims [0] strides [1] : memref<640xf16, #global> to memref<64xf16, #shared>
    tile.barrier
    tile.barrier
  } {tile.num_stages = 1 : i64}
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

// The computation lasts to the last barrier: those within it stay.
// CHECK-LABEL: tile.func @barrier_within
// CHECK: scf.for
// CHECK-NEXT: tile.async_wait 0
// CHECK-NEXT: tile.barrier
// CHECK: tile.copy async %{{.*}} to
// CHECK: %[[FIRST:.*]] = tile.load
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: tile.store %[[FIRST]]
// CHECK-NOT: tile.barrier
// CHECK: scf.yield
tile.func @barrier_within(%x: memref<640xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %buffer = tile.alloc : memref<64xf32, #shared>
  %result = tile.alloc : memref<64xf32, #shared>
  scf.for %i = %c0 to %c10 step %c1 {
    tile.copy %x[%i] to %buffer dims [0] strides [1] : memref<640xf32, #global> to memref<64xf32, #shared>
    tile.barrier
    %first = tile.load %buffer[%c0] dims [0] strides [1] : memref<64xf32, #shared> -> tensor<64xf32>
    tile.barrier
    tile.store %first, %result[%c0] dims [0] strides [1] : tensor<64xf32>, memref<64xf32, #shared>
    tile.barrier
  } {tile.num_stages = 2 : i64}
  tile.return
}

// -----

tile.func @no_barrier(%n: index) attributes {num_warps = 4 : i64} {
  // expected-error @below {{expected copies, a barrier, the computation and a barrier in a loop with tile.num_stages}}
  scf.for %i = %n to %n step %n {
  } {tile.num_stages = 2 : i64}
  tile.return
}

// -----

tile.func @bad_number(%n: index) attributes {num_warps = 4 : i64} {
  // expected-error @below {{expected tile.num_stages to be a number >= 1, got 0}}
  scf.for %i = %n to %n step %n {
  } {tile.num_stages = 0 : i64}
  tile.return
}

// -----

tile.func @after_computation(%n: index) attributes {num_warps = 4 : i64} {
  scf.for %i = %n to %n step %n {
    tile.barrier
    tile.barrier
    // expected-error @below {{expected nothing after the barrier that ends the computation}}
    tile.async_commit
  } {tile.num_stages = 2 : i64}
  tile.return
}

// -----

tile.func @effects_before(%n: index) attributes {num_warps = 4 : i64} {
  scf.for %i = %n to %n step %n {
    // expected-error @below {{expected only copies before the barrier}}
    tile.async_commit
    tile.barrier
    tile.barrier
  } {tile.num_stages = 2 : i64}
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

tile.func @used_outside(%x: memref<640xf32, #global>, %n: index) attributes {num_warps = 4 : i64} {
  %buffer = tile.alloc : memref<64xf32, #shared>
  scf.for %i = %n to %n step %n {
    tile.copy %x[%i] to %buffer dims [0] strides [1] : memref<640xf32, #global> to memref<64xf32, #shared>
    tile.barrier
    tile.barrier
  } {tile.num_stages = 2 : i64}
  // expected-error @below {{expected no use of a buffer outside of the loop}}
  tile.copy %x[%n] to %buffer dims [0] strides [1] : memref<640xf32, #global> to memref<64xf32, #shared>
  tile.return
}

// -----

// Products of four warps go on by themselves: what copies comes after the first of them.

// CHECK-LABEL: tile.func @warpgroups
tile.func @warpgroups(%x: memref<512x64xf32, #gpu.address_space<global>>, %y: memref<16x64xf32, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c512 = arith.constant 512 : index
  %zero = arith.constant dense<0.0> : tensor<16x64xf32>
  %w = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<8x64xf32, #gpu.address_space<workgroup>>
  // CHECK: scf.for
  // CHECK: tile.async_wait
  // CHECK-NEXT: tile.barrier
  // CHECK-NOT: tile.copy
  // CHECK: tile.dot wgmma_tf32
  // CHECK-NOT: tile.dot
  // CHECK: scf.if
  // CHECK: tile.copy async
  // CHECK: tile.async_commit
  // CHECK: tile.dot wgmma_tf32
  // CHECK: scf.yield
  %sum = scf.for %k = %c0 to %c512 step %c8 iter_args(%acc = %zero) -> (tensor<16x64xf32>) {
    tile.copy %x[%k, %c0] to %s dims [0, 1] strides [1, 1] vector 4 : memref<512x64xf32, #gpu.address_space<global>> to memref<8x64xf32, #gpu.address_space<workgroup>>
    tile.barrier
    %one = tile.dot wgmma_tf32 %w, %s, %acc rows_aligned : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<8x64xf32, #gpu.address_space<workgroup>>, tensor<16x64xf32>
    %two = tile.dot wgmma_tf32 %w, %s, %one rows_aligned : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<8x64xf32, #gpu.address_space<workgroup>>, tensor<16x64xf32>
    tile.barrier
    scf.yield %two : tensor<16x64xf32>
  } {tile.num_stages = 3 : i64}
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x64xf32>, memref<16x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// What is added behind the loop goes on through its stages, from the next one on.
// CHECK-LABEL: tile.func @added
// CHECK:         %[[STAGES:.*]] = tile.alloc : memref<2x16x64xf32
// CHECK:         %[[LOOP:.*]]:2 = scf.for
// CHECK:         tile.add_boxes %[[LOOP]]#0, %{{.*}}[%{{.*}}, %{{.*}}] through %[[STAGES]] stage %[[LOOP]]#1 rows 16 : {{.*}}memref<2x16x64xf32
tile.func @added(%map: memref<32xf32, #gpu.address_space<global>>, %y: memref<64x64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant dense<0.0> : tensor<16x64xf32>
  %s = tile.alloc : memref<2x16x32xf32, #gpu.address_space<workgroup>>
  %w = tile.alloc : memref<16x64xf32, #gpu.address_space<workgroup>>
  %sum = scf.for %k = %c0 to %c8 step %c1 iter_args(%sum = %zero) -> (tensor<16x64xf32>) {
    tile.copy_boxes %map[%i, %k] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x16x32xf32, #gpu.address_space<workgroup>>
    tile.copy %y[%k, %c0] to %w dims [0, 1] strides [1, 1] : memref<64x64xf32, #gpu.address_space<global>> to memref<16x64xf32, #gpu.address_space<workgroup>>
    tile.barrier
    %a = tile.load %w[%c0, %c0] dims [0, 1] strides [1, 1] : memref<16x64xf32, #gpu.address_space<workgroup>> -> tensor<16x64xf32>
    %next = arith.addf %sum, %a : tensor<16x64xf32>
    tile.barrier
    scf.yield %next : tensor<16x64xf32>
  } {tile.num_stages = 2 : i64}
  %all = tile.add_boxes %sum, %map[%i, %i] through %w rows 16 : tensor<16x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<16x64xf32, #gpu.address_space<workgroup>>
  tile.store %all, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x64xf32>, memref<64x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// In front of the loop there is no next stage.
tile.func @added_before(%map: memref<32xf32, #gpu.address_space<global>>, %y: memref<64x64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant dense<0.0> : tensor<16x64xf32>
  %w = tile.alloc : memref<16x64xf32, #gpu.address_space<workgroup>>
  // expected-error @below {{expected no use of a buffer outside of the loop}}
  %all = tile.add_boxes %zero, %map[%i, %i] through %w rows 16 : tensor<16x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<16x64xf32, #gpu.address_space<workgroup>>
  %sum = scf.for %k = %c0 to %c8 step %c1 iter_args(%sum = %all) -> (tensor<16x64xf32>) {
    tile.copy %y[%k, %c0] to %w dims [0, 1] strides [1, 1] : memref<64x64xf32, #gpu.address_space<global>> to memref<16x64xf32, #gpu.address_space<workgroup>>
    tile.barrier
    %a = tile.load %w[%c0, %c0] dims [0, 1] strides [1, 1] : memref<16x64xf32, #gpu.address_space<workgroup>> -> tensor<16x64xf32>
    %next = arith.addf %sum, %a : tensor<16x64xf32>
    tile.barrier
    scf.yield %next : tensor<16x64xf32>
  } {tile.num_stages = 2 : i64}
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x64xf32>, memref<64x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

// As many iterations as buffers: all copies come before the loop. Not so of warps that copy, whose
// buffers go round over several tiles.
// CHECK-LABEL: tile.func @all_ahead
// CHECK: tile.alloc : memref<2x8x40xf32
// CHECK-COUNT-2: tile.copy async
// CHECK: tile.async_commit
// CHECK: scf.for
// CHECK-NEXT: tile.async_wait 1
// CHECK-NEXT: tile.barrier
// CHECK-NEXT: tile.async_commit
// CHECK-NOT: tile.copy
// CHECK: tile.return
// CHECK-LABEL: tile.func @round_tiles
// CHECK: tile.copy async
// CHECK: scf.for
// CHECK-NEXT: tile.async_wait 0
// CHECK: tile.copy async
tile.func @all_ahead(%x: memref<4x80x32xf32, #global>, %y: memref<16x32xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %weights = tile.alloc : memref<16x8xf32, #shared>
  %buffer = tile.alloc : memref<8x40xf32, strided<[40, 1]>, #shared>
  %sum = scf.for %i = %c0 to %c2 step %c1 iter_args(%s = %zero) -> tensor<16x32xf32> {
    %channel = arith.muli %i, %c8 : index
    tile.copy %x[%c0, %channel, %c0] to %buffer dims [-1, 0, 1] strides [1, 1, 1]
      : memref<4x80x32xf32, #global> to memref<8x40xf32, strided<[40, 1]>, #shared>
    tile.barrier
    %b = memref.subview %buffer[0, 1] [8, 32] [1, 1] : memref<8x40xf32, strided<[40, 1]>, #shared> to memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>
    %d = tile.dot mma_tf32 %weights, %b, %s : memref<16x8xf32, #shared>, memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>, tensor<16x32xf32>
    tile.barrier
    scf.yield %d : tensor<16x32xf32>
  } {tile.num_stages = 2 : i64}
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32>, memref<16x32xf32, #global>
  tile.return
}
tile.func @round_tiles(%x: memref<4x80x32xf32, #global>, %y: memref<16x32xf32, #global>) attributes {num_warps = 4 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %weights = tile.alloc : memref<16x8xf32, #shared>
  %buffer = tile.alloc : memref<8x40xf32, strided<[40, 1]>, #shared>
  %sum = scf.for %i = %c0 to %c2 step %c1 iter_args(%s = %zero) -> tensor<16x32xf32> {
    %channel = arith.muli %i, %c8 : index
    tile.copy %x[%c0, %channel, %c0] to %buffer dims [-1, 0, 1] strides [1, 1, 1]
      : memref<4x80x32xf32, #global> to memref<8x40xf32, strided<[40, 1]>, #shared>
    tile.barrier
    %b = memref.subview %buffer[0, 1] [8, 32] [1, 1] : memref<8x40xf32, strided<[40, 1]>, #shared> to memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>
    %d = tile.dot mma_tf32 %weights, %b, %s : memref<16x8xf32, #shared>, memref<8x32xf32, strided<[40, 1], offset: 1>, #shared>, tensor<16x32xf32>
    tile.barrier
    scf.yield %d : tensor<16x32xf32>
  } {tile.num_stages = 2 : i64}
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32>, memref<16x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>

// What each iteration has a part of memory for, needs no stages.
// CHECK-LABEL: tile.func @part_for_each
// CHECK-DAG: %[[ALL:.*]] = tile.alloc : memref<4x16x8xf32
// CHECK-DAG: tile.alloc : memref<3x8x32xf32
// CHECK: scf.for %[[I:.*]] = %c0 to %c4
// CHECK:   %[[NEXT:.*]] = arith.addi %[[I]], %c2
// CHECK:   scf.if
// CHECK:     %[[AHEAD:.*]] = memref.subview %[[ALL]][%[[NEXT]], 0, 0]
// CHECK:     tile.copy async %{{.*}} to %[[AHEAD]]
// CHECK:   %[[NOW:.*]] = memref.subview %[[ALL]][%[[I]], 0, 0]
// CHECK:   tile.dot mma_tf32 %[[NOW]]
tile.func @part_for_each(%x: memref<32x32xf32, #global>, %w: memref<4x16x8xf32, #global>, %y: memref<16x32xf32, #global>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %weights = tile.alloc : memref<4x16x8xf32, #shared>
  %buffer = tile.alloc : memref<8x32xf32, #shared>
  %sum = scf.for %i = %c0 to %c4 step %c1 iter_args(%s = %zero) -> tensor<16x32xf32> {
    %channel = arith.muli %i, %c8 : index
    tile.copy %x[%channel, %c0] to %buffer dims [0, 1] strides [1, 1]
      : memref<32x32xf32, #global> to memref<8x32xf32, #shared>
    %part = memref.subview %weights[%i, 0, 0] [1, 16, 8] [1, 1, 1] : memref<4x16x8xf32, #shared> to memref<16x8xf32, strided<[8, 1], offset: ?>, #shared>
    tile.copy %w[%i, %c0, %c0] to %part dims [-1, 0, 1] strides [1, 1, 1]
      : memref<4x16x8xf32, #global> to memref<16x8xf32, strided<[8, 1], offset: ?>, #shared>
    tile.barrier
    %d = tile.dot mma_tf32 %part, %buffer, %s : memref<16x8xf32, strided<[8, 1], offset: ?>, #shared>, memref<8x32xf32, #shared>, tensor<16x32xf32>
    tile.barrier
    scf.yield %d : tensor<16x32xf32>
  } {tile.num_stages = 3 : i64}
  tile.store %sum, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x32xf32>, memref<16x32xf32, #global>
  tile.return
}

// -----

// All iterations write the same part.

tile.func @part_for_all(%x: memref<32x32xf32, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %memory = tile.alloc : memref<4x8x32xf32, #gpu.address_space<workgroup>>
  scf.for %i = %c0 to %c4 step %c1 {
    %part = memref.subview %memory[%c1, 0, 0] [1, 8, 32] [1, 1, 1] : memref<4x8x32xf32, #gpu.address_space<workgroup>> to memref<8x32xf32, strided<[32, 1], offset: ?>, #gpu.address_space<workgroup>>
    // expected-error @below {{expected a tile.alloc as the destination}}
    tile.copy %x[%c0, %c0] to %part dims [0, 1] strides [1, 1]
      : memref<32x32xf32, #gpu.address_space<global>> to memref<8x32xf32, strided<[32, 1], offset: ?>, #gpu.address_space<workgroup>>
    tile.barrier
    tile.barrier
  } {tile.num_stages = 2 : i64}
  tile.return
}
