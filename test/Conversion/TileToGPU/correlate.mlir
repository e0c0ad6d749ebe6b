// RUN: poolc-opt %s --tile-to-gpu --split-input-file --verify-diagnostics | FileCheck %s

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#row = #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [1, 1, 32], warps = [1, 1, 1]>

// Three taps over four neighbours, the first at element 1: elements 1 to 6 of
// the thread's row, which two accesses of 16 bytes hold, and 12 multiply-adds.
// The taps are a third access.
// CHECK-LABEL: gpu.func @three_taps
// CHECK-COUNT-3: vector.load {{.*}} {alignment = 16 : i64} : memref<{{.*}}>, vector<4xf32>
// CHECK-NOT: vector.load
// CHECK-COUNT-3: math.fma
tile.func @three_taps(%y: memref<1x1x128xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %x = tile.alloc : memref<1x1x132xf32, #shared>
  %taps = tile.alloc : memref<1x1x1x3xf32, strided<[4, 4, 4, 1]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<1x1x128xf32, #row>
  %sum = tile.correlate %x, %taps, %zero stride 1 dilation 1 offset 1 vector 4
    : memref<1x1x132xf32, #shared>, memref<1x1x1x3xf32, strided<[4, 4, 4, 1]>, #shared>, tensor<1x1x128xf32, #row>
  tile.store %sum, %y[%c0, %c0, %c0] dims [0, 1, 2] strides [1, 1, 1] vector 4 : tensor<1x1x128xf32, #row>, memref<1x1x128xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [1, 1, 1], threads_per_warp = [1, 1, 32], warps = [1, 1, 1]>

// Two rows of taps share each element of x; 16 bits are extended. A row of its
// own for each tap: the second tap's is 40 elements on.
// CHECK-LABEL: gpu.func @row_per_tap
// CHECK: arith.extf %{{.*}} : bf16 to f32
// CHECK-COUNT-2: math.fma
// CHECK: arith.constant 40 : index
// CHECK-COUNT-2: math.fma
// CHECK-NOT: math.fma
tile.func @row_per_tap(%y: memref<1x2x32xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %x = tile.alloc : memref<1x1x2x40xbf16, #shared>
  %taps = tile.alloc : memref<1x2x1x2xbf16, strided<[16, 8, 8, 1]>, #shared>
  %zero = arith.constant dense<0.0> : tensor<1x2x32xf32, #rows>
  %sum = tile.correlate %x, %taps, %zero stride 1 dilation 1 offset 0 vector 8
    : memref<1x1x2x40xbf16, #shared>, memref<1x2x1x2xbf16, strided<[16, 8, 8, 1]>, #shared>, tensor<1x2x32xf32, #rows>
  tile.store %sum, %y[%c0, %c0, %c0] dims [0, 1, 2] strides [1, 1, 1] : tensor<1x2x32xf32, #rows>, memref<1x2x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#row = #tile.blocked<size_per_thread = [1, 1, 1], threads_per_warp = [1, 1, 32], warps = [1, 1, 1]>

// Many channels are a loop, many taps a loop inside of it; operands are rounded.
// CHECK-LABEL: gpu.func @loops
// CHECK: scf.for
// CHECK: scf.for
// CHECK: nvvm.convert.float.to.tf32
// CHECK-COUNT-8: math.fma
tile.func @loops(%y: memref<1x1x32xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %x = tile.alloc : memref<1x4x1056xf32, #shared>
  %taps = tile.alloc : memref<1x1x4x1024xf32, #shared>
  %zero = arith.constant dense<0.0> : tensor<1x1x32xf32, #row>
  %sum = tile.correlate %x, %taps, %zero stride 1 dilation 1 offset 0 round_tf32
    : memref<1x4x1056xf32, #shared>, memref<1x1x4x1024xf32, #shared>, tensor<1x1x32xf32, #row>
  tile.store %sum, %y[%c0, %c0, %c0] dims [0, 1, 2] strides [1, 1, 1] : tensor<1x1x32xf32, #row>, memref<1x1x32xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#wide = #tile.blocked<size_per_thread = [1, 1, 1], threads_per_warp = [1, 1, 32], warps = [1, 1, 2]>

tile.func @idle_threads() attributes {num_warps = 2 : i64} {
  %x = tile.alloc : memref<1x1x32xf32, #shared>
  %taps = tile.alloc : memref<1x1x1x1xf32, #shared>
  %zero = arith.constant dense<0.0> : tensor<1x1x32xf32, #wide>
  // expected-error @below {{expected a layout that covers a divisor of 32 in dimension 2, got 64}}
  %sum = tile.correlate %x, %taps, %zero stride 1 dilation 1 offset 0
    : memref<1x1x32xf32, #shared>, memref<1x1x1x1xf32, #shared>, tensor<1x1x32xf32, #wide>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#row = #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [1, 1, 32], warps = [1, 1, 1]>

// Taps so far apart that a thread's window is of 276 elements would be moved into registers
// ahead of their use: five iterations of eight taps, of which each is 7 elements on.
// CHECK-LABEL: gpu.func @taps_far_apart
// CHECK:       scf.for %{{.*}} = %{{.*}} to %{{.*}} step
// CHECK-COUNT-32: math.fma
// CHECK-NOT:   math.fma
// CHECK:         scf.yield
// CHECK-NOT:   math.fma
tile.func @taps_far_apart(%y: memref<1x1x128xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %x = tile.alloc : memref<1x1x404xf32, #shared>
  %taps = tile.alloc : memref<1x1x1x40xf32, #shared>
  %zero = arith.constant dense<0.0> : tensor<1x1x128xf32, #row>
  %sum = tile.correlate %x, %taps, %zero stride 1 dilation 7 offset 0 vector 4
    : memref<1x1x404xf32, #shared>, memref<1x1x1x40xf32, #shared>, tensor<1x1x128xf32, #row>
  tile.store %sum, %y[%c0, %c0, %c0] dims [0, 1, 2] strides [1, 1, 1] vector 4 : tensor<1x1x128xf32, #row>, memref<1x1x128xf32, #global>
  tile.return
}
