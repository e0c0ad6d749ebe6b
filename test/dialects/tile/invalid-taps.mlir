// RUN: poolc-opt %s --split-input-file --verify-diagnostics

// What tile.dot expects where b is counted by channels and taps.

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x24xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<2x4x3x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected b with taps to be 4 x C x T x N, or C x T x N, got 'memref<2x4x3x8xf32, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned : memref<16x24xf32, #gpu.address_space<workgroup>>, memref<2x4x3x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<6x16x4xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x2x3x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected a of rank 2 for b with taps, got 'memref<6x16x4xf32, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned : memref<6x16x4xf32, #gpu.address_space<workgroup>>, memref<4x2x3x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x24xf32, strided<[25, 1]>, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x2x3x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected rows_aligned, and contiguous rows of a that are multiples of 2 elements (8 bytes) apart for b with taps, got 'memref<16x24xf32, strided<[25, 1]>, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned : memref<16x24xf32, strided<[25, 1]>, #gpu.address_space<workgroup>>, memref<4x2x3x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x24xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x2x3x8xf16, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected b with taps that are equal parts of a multiple of 4 elements (8 bytes) for four threads, got 'memref<4x2x3x8xf16, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot mma %a, %b, %c rows_aligned : memref<16x24xf16, #gpu.address_space<workgroup>>, memref<4x2x3x8xf16, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x24xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x2x3x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot' op expected shapes M x K, K x N and M x N, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned : memref<16x24xf32, #gpu.address_space<workgroup>>, memref<4x2x3x8xf32, #gpu.address_space<workgroup>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x24xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x2x3x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected operands of rank 2, or both of rank 3 with taps, got 2, 4 and 2}}
  %0 = tile.dot fma %a, %b, %c rows_aligned : memref<16x24xf32, #gpu.address_space<workgroup>>, memref<4x2x3x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @windows_in_two_dimensions() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x16xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<16x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected b with taps to be 4 x C x T x N, or C x T x N, got 'memref<16x8xf32, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned windows : memref<16x16xf32, #gpu.address_space<workgroup>>, memref<16x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @windows_and_unaligned_rows() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x16xf32, strided<[19, 1]>, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x4x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected rows_aligned, and contiguous rows of a that are multiples of 2 elements (8 bytes) apart for b with taps, got 'memref<16x16xf32, strided<[19, 1]>, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned windows : memref<16x16xf32, strided<[19, 1]>, #gpu.address_space<workgroup>>, memref<4x4x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @windows_in_unequal_parts() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x24xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<6x4x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected b with taps that are equal parts of a multiple of 2 elements (8 bytes) for four threads, got 'memref<6x4x8xf32, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned windows : memref<16x24xf32, #gpu.address_space<workgroup>>, memref<6x4x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

// On FMA units, both operands count taps.

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x4x2xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x3x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected as many taps of a as of b, got}}
  %0 = tile.dot fma %a, %b, %c : memref<16x4x2xf32, #gpu.address_space<workgroup>>, memref<4x3x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x12xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x3x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected operands of rank 2, or both of rank 3 with taps, got 2, 3 and 2}}
  %0 = tile.dot fma %a, %b, %c : memref<16x12xf32, #gpu.address_space<workgroup>>, memref<4x3x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x4x3xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<4x3x4xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected shapes M x K, K x N and M x N, got}}
  %0 = tile.dot fma %a, %b, %c : memref<16x4x3xf32, #gpu.address_space<workgroup>>, memref<4x3x4xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}
