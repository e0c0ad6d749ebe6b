// What tile-to-gpu refuses, each with its reason.

// RUN: poolc-opt %s --tile-to-gpu --split-input-file --verify-diagnostics

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected tiles with a layout, got 'tensor<32xf32>'; run tile-assign-layouts first}}
  %0 = arith.constant dense<1.0> : tensor<32xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected tiles with a layout}}
  %0 = tile.load %x[%i] dims [0] strides [1] : memref<64xf32, #gpu.address_space<global>> -> tensor<32xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected tiles with a layout}}
  %0 = tile.load %x[%i] dims [0] strides [1] : memref<64xf32, #gpu.address_space<global>> -> tensor<32xf32, "other">
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected tiles of static shape}}
  %0 = arith.constant dense<1.0> : tensor<f32>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

tile.func @f() attributes {num_warps = 2 : i64} {
  // expected-error@+1 {{'arith.constant' op expected layouts for the kernel's num_warps = 2, got 1 in}}
  %0 = arith.constant dense<1.0> : tensor<32xf32, #l>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected tiles with at most 1024 elements for each thread, got 2048 in}}
  %0 = arith.constant dense<1.0> : tensor<65536xf32, #l>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected one value for all elements of a tile}}
  %0 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32, #l>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'arith.constant' op expected tiles of numbers, got}}
  %0 = arith.constant dense<(1.0, 2.0)> : tensor<2xcomplex<f32>, #l>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

#m = #tile.blocked<size_per_thread = [2], threads_per_warp = [32], warps = [1]>

tile.func @f() attributes {num_warps = 1 : i64} {
  %n = arith.constant dense<1> : tensor<32xi32, #m>
%0 = arith.constant dense<1.0> : tensor<32xf16, #l>
  // expected-error@+1 {{'math.fpowi' op expected tiles of one layout, got}}
  %1 = math.fpowi %0, %n : tensor<32xf16, #l>, tensor<32xi32, #m>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

tile.func @f() attributes {num_warps = 1 : i64} {
  %0 = arith.constant dense<1.0> : tensor<32xf32, #l>
  // expected-error@+1 {{'builtin.unrealized_conversion_cast' op expected an operation that keeps elements in their threads}}
  %1 = builtin.unrealized_conversion_cast %0 : tensor<32xf32, #l> to i32
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>

tile.func @f(%x: memref<64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected a layout with a multiple of vector 4 elements for each thread in the last dimension, got 1}}
  %0 = tile.load %x[%i] dims [0] strides [1] vector 4 : memref<64xf32, #gpu.address_space<global>> -> tensor<32xf32, #l>
  tile.return
}

// -----

#l = #tile.blocked<size_per_thread = [1], threads_per_warp = [32], warps = [1]>
tile.func @f(%x: memref<?xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected a tile.reshape that says the sizes of 'memref<?xf32, #gpu.address_space<global>>'}}
  %0 = tile.load %x[%i] dims [0] strides [1] : memref<?xf32, #gpu.address_space<global>> -> tensor<32xf32, #l>
  tile.return
}

// -----

tile.func @f(%x: memref<?x4xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'memref.collapse_shape' op expected memrefs of static shape, got 'memref<?x4xf32, #gpu.address_space<global>>'}}
  %0 = memref.collapse_shape %x [[0, 1]] : memref<?x4xf32, #gpu.address_space<global>> into memref<?xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected memrefs of numbers of 8, 16, 32 or 64 bits, got 'memref<8xi1, #gpu.address_space<global>>'}}
tile.func @f(%x: memref<8xi1, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {

  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected memrefs of fewer than 2^63 bytes, got 'memref<4294967296x4294967296xi8, #gpu.address_space<global>>'}}
tile.func @f(%x: memref<4294967296x4294967296xi8, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {

  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected a body of one block}}
tile.func @f() attributes {num_warps = 1 : i64} {
  cf.br ^next
^next:
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c1 = arith.constant 1 : index
  // expected-error@+1 {{'tile.launch' op expected to be outside of kernels}}
  tile.launch @f grid(%c1, %c1, %c1) args()
  tile.return
}

// -----

func.func @host() {
  // expected-error@+1 {{'tile.program_id' op expected to be inside of a tile.func}}
  %0 = tile.program_id 0
  return
}

// -----

tile.func @f(%x: memref<8x101xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<8x16xf32, strided<[21, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected an asynchronous copy of skewed rows}}
  tile.copy %x[%i, %i] to %a dims [0, 1] strides [1, 1] vector 4 skewed
    layout <size_per_thread = [1, 4], threads_per_warp = [8, 4], warps = [1, 1]>
    : memref<8x101xf32, #gpu.address_space<global>> to memref<8x16xf32, strided<[21, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

#rows = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 1], columns_of_lanes = true>

tile.func @f(%x: memref<640xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<8x32xf32, #rows>
  // expected-error@+1 {{'tile.dot_rows' op expected 16 columns for each warp, got a tile of 8 x 32}}
  %s = tile.dot_rows mma_tf32 %x[%i of %i], %x[%i of %i], %c depth 16 pitches [16, 16] sure [1, 1] vectors [4, 4] : memref<640xf32, #gpu.address_space<global>>, memref<640xf32, #gpu.address_space<global>>, tensor<8x32xf32, #rows>
  tile.return
}

// -----

#other = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

tile.func @f(%x: memref<640xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<8x16xf32, #other>
  // expected-error@+1 {{'tile.dot_rows' op expected an accumulator with the layout}}
  %s = tile.dot_rows mma_tf32 %x[%i of %i], %x[%i of %i], %c depth 16 pitches [16, 16] sure [1, 1] vectors [4, 4] : memref<640xf32, #gpu.address_space<global>>, memref<640xf32, #gpu.address_space<global>>, tensor<8x16xf32, #other>
  tile.return
}
