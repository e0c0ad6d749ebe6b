// One case for each rule of the verifiers.

// RUN: poolc-opt %s --split-input-file --verify-diagnostics

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0> : tensor<9x128xi32>
  // expected-error@+1 {{'tile.window_sum' op expected source and result of one floating-point type, got 'i32' and 'i32'}}
  %s = tile.window_sum %c dim 0 kernel 5 stride 2 : tensor<9x128xi32> -> tensor<3x128xi32>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected source and result of one floating-point type, got 'f32' and 'f16'}}
  %s = tile.window_sum %c dim 0 kernel 5 stride 2 : tensor<9x128xf32> -> tensor<3x128xf16>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected dim between 0 and 1, got 2}}
  %s = tile.window_sum %c dim 2 kernel 5 stride 2 : tensor<9x128xf32> -> tensor<3x128xf32>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected kernel between 1 and 9, got 10}}
  %s = tile.window_sum %c dim 0 kernel 10 stride 2 : tensor<9x128xf32> -> tensor<3x128xf32>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected stride between 1 and 1048576, got 0}}
  %s = tile.window_sum %c dim 0 kernel 5 stride 0 : tensor<9x128xf32> -> tensor<3x128xf32>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected offset between 0 and 4, got 5}}
  %s = tile.window_sum %c dim 0 kernel 5 stride 2 offset 5 : tensor<9x128xf32> -> tensor<3x128xf32>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected windows along the last dimension to lie in groups of stride 2, got offset 1 and kernel 2}}
  %s = tile.window_sum %c dim 1 kernel 2 stride 2 offset 1 : tensor<9x128xf32> -> tensor<9x64xf32>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected a multiple of stride 3 in the last dimension of the source, got 128}}
  %s = tile.window_sum %c dim 1 kernel 3 stride 3 : tensor<9x128xf32> -> tensor<9x42xf32>
  tile.return
}

// -----

tile.func @f(%t: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<9x128xf32>
  // expected-error@+1 {{'tile.window_sum' op expected a result of 'tensor<3x128xf32>', got 'tensor<4x128xf32>'}}
  %s = tile.window_sum %c dim 0 kernel 5 stride 2 : tensor<9x128xf32> -> tensor<4x128xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<3x64xf16>
  // expected-error@+1 {{'tile.reduce' op expected a tile of f32, got 'tensor<3x64xf16>'}}
  %s = tile.reduce %c dim 1 : tensor<3x64xf16> -> tensor<3x1xf16>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<3x64xf32>
  // expected-error@+1 {{'tile.reduce' op expected dim between 0 and 1, got -1}}
  %s = tile.reduce %c dim -1 : tensor<3x64xf32> -> tensor<3x1xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<3x64xf32>
  // expected-error@+1 {{'tile.reduce' op expected a result of 'tensor<3x1xf32>', got 'tensor<1x64xf32>'}}
  %s = tile.reduce %c dim 1 : tensor<3x64xf32> -> tensor<1x64xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<64x128xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<184xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_span' op expected memrefs of rank 1, got 'memref<64x128xf32, #gpu.address_space<global>>' and 'memref<184xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_span %x[%i to %i] to %s vector 4 : memref<64x128xf32, #gpu.address_space<global>> to memref<184xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<184xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_span' op expected memrefs of one element type, got 'memref<8192xf16, #gpu.address_space<global>>' and 'memref<184xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_span %x[%i to %i] to %s vector 4 : memref<8192xf16, #gpu.address_space<global>> to memref<184xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<8192xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<184xf32, strided<[2]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_span' op expected a destination of adjacent elements, got 'memref<184xf32, strided<[2]>, #gpu.address_space<workgroup>>'}}
  tile.copy_span %x[%i to %i] to %s vector 4 : memref<8192xf32, #gpu.address_space<global>> to memref<184xf32, strided<[2]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<8192xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<184xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_span' op expected vector to make 4, 8 or 16 bytes of elements, got 3}}
  tile.copy_span %x[%i to %i] to %s vector 3 : memref<8192xf32, #gpu.address_space<global>> to memref<184xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<8192xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<185xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_span' op expected a multiple of vector 4 as size of the destination, got 185}}
  tile.copy_span %x[%i to %i] to %s vector 4 : memref<8192xf32, #gpu.address_space<global>> to memref<185xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x46xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.view' op expected a source of rank 1 and adjacent elements, got 'memref<4x46xf32, #gpu.address_space<workgroup>>'}}
  %v = tile.view %s[%i] : memref<4x46xf32, #gpu.address_space<workgroup>> to memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<184xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.view' op expected memrefs of one element type, got 'memref<184xf32, #gpu.address_space<workgroup>>' and 'memref<5x35xf16, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>'}}
  %v = tile.view %s[%i] : memref<184xf32, #gpu.address_space<workgroup>> to memref<5x35xf16, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<184xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.view' op expected a result whose layout says offset: ?, got 'memref<5x35xf32, #gpu.address_space<workgroup>>'}}
  %v = tile.view %s[%i] : memref<184xf32, #gpu.address_space<workgroup>> to memref<5x35xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<8x8xf32, strided<[16, 2]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.load' op expected adjacent elements in the last dimension of the memref for vector 4, got 'memref<8x8xf32, strided<[16, 2]>, #gpu.address_space<workgroup>>'}}
  %t = tile.load %s[%i, %i] dims [0, 1] strides [1, 1] vector 4 : memref<8x8xf32, strided<[16, 2]>, #gpu.address_space<workgroup>> -> tensor<8x8xf32>
  tile.return
}

// -----

tile.func @f(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x64x1xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.write_rows' op expected a source of rank 2 and a memref of rank 1, got}}
  tile.write_rows %s to %y[%i] rows %i columns %i distance 64 vector 8 : memref<4x64x1xf16, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.write_rows' op expected memrefs of one element type, got}}
  tile.write_rows %s to %y[%i] rows %i columns %i distance 64 vector 4 : memref<4x64xf32, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x64xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.write_rows' op expected vector to be a power of two of at least 2 elements and at most 16 bytes, got 16}}
  tile.write_rows %s to %y[%i] rows %i columns %i distance 64 vector 16 : memref<4x64xf16, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x64xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.write_rows' op expected vector to be a power of two of at least 2 elements and at most 16 bytes, got 1}}
  tile.write_rows %s to %y[%i] rows %i columns %i distance 64 vector 1 : memref<4x64xf16, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x64xf16, strided<[128, 2]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.write_rows' op expected contiguous rows in the source, got}}
  tile.write_rows %s to %y[%i] rows %i columns %i distance 64 vector 8 : memref<4x64xf16, strided<[128, 2]>, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x64xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.write_rows' op expected rows of the source and the memref at distances that leave the same remainder by vector 8, got 64 and 61}}
  tile.write_rows %s to %y[%i] rows %i columns %i distance 61 vector 8 : memref<4x64xf16, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<64x12xf32>
  // expected-error@+1 {{'tile.window_sum' op expected windows between 1 and the 6 that fit, got 7}}
  %s = tile.window_sum %c dim 1 kernel 7 stride 1 windows 7 : tensor<64x12xf32> -> tensor<64x7xf32>
  tile.return
}
