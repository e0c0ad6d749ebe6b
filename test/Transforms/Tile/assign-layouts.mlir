// RUN: poolc-opt %s --tile-assign-layouts --split-input-file --verify-diagnostics | FileCheck %s

// Lanes along the last dimension, warps along the first.

// CHECK-LABEL: tile.func @lanes_and_warps
tile.func @lanes_and_warps(%x: memref<64x64xf32, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %c0 = arith.constant 0 : index
  // CHECK: tensor<8x64xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [4, 1]>>
  %0 = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1]
    : memref<64x64xf32, #gpu.address_space<global>> -> tensor<8x64xf32>
  tile.return
}

// -----

// A group has the largest shape and the widest vector of its members, here
// those of the store; a loop carries its layout.

// CHECK-LABEL: tile.func @group
tile.func @group(%x: memref<64x64xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: arith.constant dense<0.000000e+00> : tensor<4x64xf32, #[[L:tile.blocked<size_per_thread = \[1, 4\], threads_per_warp = \[2, 16\], warps = \[1, 1\]>]]>
  %zero = arith.constant dense<0.0> : tensor<4x64xf32>
  // CHECK: tensor<1x64xf32, #[[L]]>
  %row = tile.load %x[%c0, %c0] dims [0, 1] strides [1, 1]
    : memref<64x64xf32, #gpu.address_space<global>> -> tensor<1x64xf32>
  // CHECK: tile.broadcast {{.*}} : tensor<1x64xf32, #[[L]]> -> tensor<4x64xf32, #[[L]]>
  %rows = tile.broadcast %row : tensor<1x64xf32> -> tensor<4x64xf32>
  // CHECK: scf.for {{.*}} -> (tensor<4x64xf32, #[[L]]>)
  %sum = scf.for %i = %c0 to %c1 step %c1 iter_args(%s = %zero) -> (tensor<4x64xf32>) {
    // CHECK: arith.addf {{.*}} : tensor<4x64xf32, #[[L]]>
    %t = arith.addf %s, %rows : tensor<4x64xf32>
    %condition = arith.cmpi eq, %i, %c0 : index
    // CHECK: scf.if {{.*}} -> (tensor<4x64xf32, #[[L]]>)
    %u = scf.if %condition -> tensor<4x64xf32> {
      scf.yield %t : tensor<4x64xf32>
    } else {
      scf.yield %s : tensor<4x64xf32>
    }
    scf.yield %u : tensor<4x64xf32>
  }
  // CHECK: tile.store {{.*}} vector 4 : tensor<4x64xf32, #[[L]]>
  tile.store %sum, %x[%c0, %c0] dims [0, 1] strides [1, 1] vector 4
    : tensor<4x64xf32>, memref<64x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Lanes and warps that the tile does not need go to the last dimension. Tiles
// that never meet have layouts of their own.

// CHECK-LABEL: tile.func @idle
tile.func @idle(%start: index) attributes {num_warps = 2 : i64} {
  // CHECK: tensor<1x3xi32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 2]>>
  %0 = tile.iota %start dim 1 step 1 : tensor<1x3xi32>
  // CHECK: tensor<1x1xi32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 2]>>
  %1 = tile.iota %start dim 1 step 1 : tensor<1x1xi32>
  // CHECK: tensor<5x3x7xi64, #tile.blocked<size_per_thread = [1, 1, 1], threads_per_warp = [1, 4, 8], warps = [2, 1, 1]>>
  %2 = arith.constant dense<1> : tensor<5x3x7xi64>
  tile.return
}

// -----

// A layout that is there already is decided anew.

// CHECK-LABEL: tile.func @again
tile.func @again(%start: index) attributes {num_warps = 1 : i64} {
  // CHECK: tile.iota {{.*}} : tensor<64xi32, #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>>
  %0 = tile.iota %start dim 0 step 1 : tensor<64xi32, #tile.blocked<size_per_thread = [4], threads_per_warp = [32], warps = [1]>>
  tile.return
}

// -----

// Leaves alone what has no tiles.

// CHECK-LABEL: tile.func @no_tiles
tile.func @no_tiles(%i: index) attributes {num_warps = 1 : i64} {
  // CHECK-NEXT: %[[V:.*]] = vector.broadcast %{{.*}} : index to vector<4xindex>
  %0 = vector.broadcast %i : index to vector<4xindex>
  // CHECK-NEXT: arith.addi %[[V]], %[[V]] : vector<4xindex>
  %1 = arith.addi %0, %0 : vector<4xindex>
  tile.return
}

// -----

tile.func @moves_elements() attributes {num_warps = 1 : i64} {
  %0 = arith.constant dense<1.0> : tensor<4xf32>
  // expected-error@+1 {{'builtin.unrealized_conversion_cast' op expected an operation that keeps elements in their threads}}
  %1 = builtin.unrealized_conversion_cast %0 : tensor<4xf32> to tensor<2x2xf32>
  tile.return
}

// -----

tile.func @while(%c: i1) attributes {num_warps = 1 : i64} {
  %0 = arith.constant dense<1.0> : tensor<4xf32>
  // expected-error@+1 {{'scf.condition' op expected an operation that keeps elements in their threads}}
  %1 = scf.while (%a = %0) : (tensor<4xf32>) -> tensor<4xf32> { scf.condition(%c) %a : tensor<4xf32> } do {
  ^body(%b: tensor<4xf32>):
    scf.yield %b : tensor<4xf32>
  }
  tile.return
}

// -----

tile.func @branch() attributes {num_warps = 1 : i64} {
  %0 = arith.constant dense<1.0> : tensor<4xf32>
  // expected-error@+1 {{'cf.br' op expected an operation that keeps elements in their threads}}
  cf.br ^next(%0 : tensor<4xf32>)
^next(%1: tensor<4xf32>):
  tile.return
}

// -----

tile.func @rank_zero() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected tiles of static shape with 1 to 1048576 elements and a rank of at least 1, got 'tensor<f32>'}}
  %0 = arith.constant dense<1.0> : tensor<f32>
  tile.return
}

// -----

tile.func @empty() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{got 'tensor<0x4xf32>'}}
  %0 = arith.constant dense<> : tensor<0x4xf32>
  tile.return
}

// -----

tile.func @huge() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{got 'tensor<4611686018427387905xf32>'}}
  %0 = arith.constant dense<1.0> : tensor<4611686018427387905xf32>
  tile.return
}

// -----

tile.func @different_values() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected one value for all elements of a tile}}
  %0 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  tile.return
}

// -----

tile.func @sparse() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected one value for all elements of a tile}}
  %0 = arith.constant sparse<[[1]], [2.0]> : tensor<4xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>

// 16-bit columns an odd number apart are multiplied two apart, so a thread holds four; but where there are
// too few columns for that, or they lie side by side.

// CHECK-LABEL: tile.func @odd_columns
tile.func @odd_columns() attributes {num_warps = 1 : i64} {
  %w = tile.alloc : memref<16x16xf16, #shared>
  %x = tile.alloc : memref<16x104xf16, #shared>
  %b = memref.subview %x[0, 0] [16, 32] [1, 3] : memref<16x104xf16, #shared> to memref<16x32xf16, strided<[104, 3]>, #shared>
  // CHECK: arith.constant dense<0.000000e+00> : tensor<16x32xf32, #tile.blocked<size_per_thread = [1, 4], threads_per_warp = [8, 4], warps = [1, 1]>>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %d = tile.dot mma %w, %b, %zero : memref<16x16xf16, #shared>, memref<16x32xf16, strided<[104, 3]>, #shared>, tensor<16x32xf32>
  %few = memref.subview %x[0, 0] [16, 8] [1, 3] : memref<16x104xf16, #shared> to memref<16x8xf16, strided<[104, 3]>, #shared>
  // CHECK: arith.constant dense<0.000000e+00> : tensor<16x8xf32, #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>>
  %zeros = arith.constant dense<0.0> : tensor<16x8xf32>
  %e = tile.dot mma %w, %few, %zeros : memref<16x16xf16, #shared>, memref<16x8xf16, strided<[104, 3]>, #shared>, tensor<16x8xf32>
  %near = memref.subview %x[0, 0] [16, 64] [1, 1] : memref<16x104xf16, #shared> to memref<16x64xf16, strided<[104, 1]>, #shared>
  // CHECK: arith.constant dense<0.000000e+00> : tensor<16x64xf32, #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>>
  %more = arith.constant dense<0.0> : tensor<16x64xf32>
  %f = tile.dot mma %w, %near, %more : memref<16x16xf16, #shared>, memref<16x64xf16, strided<[104, 1]>, #shared>, tensor<16x64xf32>
  tile.return
}

// -----

// The rows of products of four warps are columns of the tile, of which lanes that follow one
// another have neighbours in fours.

// CHECK-LABEL: tile.func @warpgroups
tile.func @warpgroups() attributes {num_warps = 8 : i64} {
  %a = tile.alloc : memref<2x32x8xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<16x256xf16, #gpu.address_space<workgroup>>
  // CHECK: arith.constant dense<0.000000e+00> : tensor<32x256xf32, #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8], columns_of_lanes = true>>
  %c = arith.constant dense<0.0> : tensor<32x256xf32>
  %0 = tile.dot wgmma %a, %b, %c rows_aligned : memref<2x32x8xf16, #gpu.address_space<workgroup>>, memref<16x256xf16, #gpu.address_space<workgroup>>, tensor<32x256xf32>
  tile.return
}

// -----

// An odd number of eights of rows: columns of b are the rows of the instructions. Both operands
// must be loaded as matrices for that.

// CHECK-LABEL: tile.func @swapped
tile.func @swapped() attributes {num_warps = 2 : i64} {
  %a = tile.alloc : memref<2x24x4xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<2x64x4xf32, #gpu.address_space<workgroup>>
  // CHECK: arith.constant dense<0.000000e+00> : tensor<24x64xf32, #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 2], columns_of_lanes = true>>
  %c = arith.constant dense<0.0> : tensor<24x64xf32>
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_alignment 4 : memref<2x24x4xf32, #gpu.address_space<workgroup>>, memref<2x64x4xf32, #gpu.address_space<workgroup>>, tensor<24x64xf32>
  tile.return
}

// -----

tile.func @swapped_of_many() attributes {num_warps = 4 : i64} {
  %a = tile.alloc : memref<2x24x4xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<2x32x4xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<24x32xf32>
  // expected-error @below {{'tile.dot' op expected at least 16 x 8 elements for each of 4 warps, or 8 x 16, got a tile of 24 x 32}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_alignment 4 : memref<2x24x4xf32, #gpu.address_space<workgroup>>, memref<2x32x4xf32, #gpu.address_space<workgroup>>, tensor<24x32xf32>
  tile.return
}

// -----

tile.func @warpgroups_of_two() attributes {num_warps = 2 : i64} {
  %a = tile.alloc : memref<2x32x8xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<16x64xf16, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<32x64xf32>
  // expected-error @below {{'tile.dot' op expected groups of four warps and a multiple of 16 columns for each warp, got 2 warps and a tile of 32 x 64}}
  %0 = tile.dot wgmma %a, %b, %c rows_aligned : memref<2x32x8xf16, #gpu.address_space<workgroup>>, memref<16x64xf16, #gpu.address_space<workgroup>>, tensor<32x64xf32>
  tile.return
}

// -----

// Threads hold neighbours where loads of operand b bring several: on tensor cores twice
// as many, which belong to as many columns of b.

// CHECK-LABEL: tile.func @neighbours
tile.func @neighbours() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x8xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<8x32xf32, #gpu.address_space<workgroup>>
  // CHECK: arith.constant dense<0.000000e+00> : tensor<16x32xf32, #tile.blocked<size_per_thread = [1, 8], threads_per_warp = [8, 4], warps = [1, 1]>>
  %zero = arith.constant dense<0.0> : tensor<16x32xf32>
  %0 = tile.dot mma_tf32 %a, %b, %zero column_phase 0 : memref<16x8xf32, #gpu.address_space<workgroup>>, memref<8x32xf32, #gpu.address_space<workgroup>>, tensor<16x32xf32>
  // CHECK: arith.constant dense<1.000000e+00> : tensor<16x32xf32, #tile.blocked<size_per_thread = [4, 4], threads_per_warp = [4, 8], warps = [1, 1]>>
  %one = arith.constant dense<1.0> : tensor<16x32xf32>
  %1 = tile.dot fma %a, %b, %one column_phase 0 : memref<16x8xf32, #gpu.address_space<workgroup>>, memref<8x32xf32, #gpu.address_space<workgroup>>, tensor<16x32xf32>
  tile.return
}

// -----

// Two output channels of as many positions as warps side by side hold: each thread has both, and
// they share its windows. Of fewer positions, warps have one each.

// CHECK-LABEL: tile.func @few_outputs(
// CHECK:         tile.correlate {{.*}} tensor<1x2x256xf32, #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [1, 1, 32], warps = [1, 1, 2]>>
// CHECK:         tile.correlate {{.*}} tensor<1x2x128xf32, #tile.blocked<size_per_thread = [1, 1, 4], threads_per_warp = [1, 1, 32], warps = [1, 2, 1]>>
tile.func @few_outputs(%y: memref<1x2x256xf32, #gpu.address_space<global>>, %z: memref<1x2x128xf32, #gpu.address_space<global>>) attributes {num_warps = 2 : i64} {
  %c0 = arith.constant 0 : index
  %x = tile.alloc : memref<1x1x264xf32, #gpu.address_space<workgroup>>
  %taps = tile.alloc : memref<1x2x1x3xf32, strided<[8, 4, 4, 1]>, #gpu.address_space<workgroup>>
  %0 = arith.constant dense<0.0> : tensor<1x2x256xf32>
  %1 = tile.correlate %x, %taps, %0 stride 1 dilation 1 offset 0 vector 4 positions 4 : memref<1x1x264xf32, #gpu.address_space<workgroup>>, memref<1x2x1x3xf32, strided<[8, 4, 4, 1]>, #gpu.address_space<workgroup>>, tensor<1x2x256xf32>
  tile.store %1, %y[%c0, %c0, %c0] dims [0, 1, 2] strides [1, 1, 1] : tensor<1x2x256xf32>, memref<1x2x256xf32, #gpu.address_space<global>>
  %2 = arith.constant dense<0.0> : tensor<1x2x128xf32>
  %3 = tile.correlate %x, %taps, %2 stride 1 dilation 1 offset 0 vector 4 positions 4 : memref<1x1x264xf32, #gpu.address_space<workgroup>>, memref<1x2x1x3xf32, strided<[8, 4, 4, 1]>, #gpu.address_space<workgroup>>, tensor<1x2x128xf32>
  tile.store %3, %z[%c0, %c0, %c0] dims [0, 1, 2] strides [1, 1, 1] : tensor<1x2x128xf32>, memref<1x2x128xf32, #gpu.address_space<global>>
  tile.return
}
