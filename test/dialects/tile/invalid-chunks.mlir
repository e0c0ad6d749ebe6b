// RUN: poolc-opt %s --split-input-file --verify-diagnostics

// Operands of tile.dot in chunks.

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<4x8x2xf32, strided<[2, 1, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected chunks of 4 elements (16 bytes) in b, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned  : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<4x8x2xf32, strided<[2, 1, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<2x8x4xf32, strided<[4, 8, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected chunk_alignment to be a power of two from 1 to 4, got 8}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_alignment 8 : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x8x4xf32, strided<[4, 8, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<2x8x4xf32, strided<[4, 8, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected chunk_alignment to be a power of two from 1 to 4, got 3}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_alignment 3 : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x8x4xf32, strided<[4, 8, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<2x8x4xf32, strided<[4, 5, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected contiguous chunks, multiples of chunk_alignment 2 apart, in b, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_alignment 2 : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x8x4xf32, strided<[4, 5, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<2x8x4xf32, strided<[8, 2, 2], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected contiguous chunks, multiples of chunk_alignment 2 apart, in b, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_alignment 2 : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x8x4xf32, strided<[8, 2, 2], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<2x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected one of chunk_sizes for each of 2 chunks, got 3}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_sizes [4, 4, 4] : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<2x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected chunk_sizes from 0 to 4, got 5}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_sizes [4, 5] : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<2x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected chunk_sizes from 0 to 4, got -1}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_sizes [-1, 4] : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<8x8xf32, strided<[1, 4], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected chunk_alignment and chunk_sizes only for b in chunks, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_alignment 4 : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<8x8xf32, strided<[1, 4], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<64xf32, #gpu.address_space<workgroup>> to memref<4x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected shapes M x K, K x N and M x N, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned  : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<4x8x4xf32, strided<[4, 1, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @warpgroup_rows() attributes {num_warps = 4 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, strided<[128, 8, 1]>, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<8x64xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error @below {{'tile.dot' op expected a in chunks with contiguous rows for wgmma_tf32, got 'memref<2x16x4xf32, strided<[128, 8, 1]>, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot wgmma_tf32 %a, %b, %c rows_aligned : memref<2x16x4xf32, strided<[128, 8, 1]>, #gpu.address_space<workgroup>>, memref<8x64xf32, #gpu.address_space<workgroup>>, tensor<16x64xf32>
  tile.return
}

// -----

tile.func @warpgroup_matrix() attributes {num_warps = 4 : i64} {
  %a = tile.alloc : memref<16x16xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<16x64xf16, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error @below {{'tile.dot' op expected a in chunks with contiguous rows for wgmma, got 'memref<16x16xf16, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot wgmma %a, %b, %c rows_aligned : memref<16x16xf16, #gpu.address_space<workgroup>>, memref<16x64xf16, #gpu.address_space<workgroup>>, tensor<16x64xf32>
  tile.return
}

// -----

tile.func @warpgroup_most_rows() attributes {num_warps = 4 : i64} {
  %a = tile.alloc : memref<2x272x4xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<8x64xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<272x64xf32>
  // expected-error @below {{'tile.dot' op expected at most 256 rows of a for wgmma_tf32, got 272}}
  %0 = tile.dot wgmma_tf32 %a, %b, %c rows_aligned : memref<2x272x4xf32, #gpu.address_space<workgroup>>, memref<8x64xf32, #gpu.address_space<workgroup>>, tensor<272x64xf32>
  tile.return
}

// -----

tile.func @warpgroup_chunks_of_b() attributes {num_warps = 4 : i64} {
  %a = tile.alloc : memref<2x64x4xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<2x64x4xf32, strided<[512, 8, 1]>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-error @below {{'tile.dot' op expected b in aligned, whole chunks with contiguous columns, without skew, for wgmma_tf32, got 'memref<2x64x4xf32, strided<[512, 8, 1]>, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot wgmma_tf32 %a, %b, %c rows_aligned chunk_alignment 4 : memref<2x64x4xf32, #gpu.address_space<workgroup>>, memref<2x64x4xf32, strided<[512, 8, 1]>, #gpu.address_space<workgroup>>, tensor<64x64xf32>
  tile.return
}

// -----

tile.func @warpgroup_rows_for_chunks() attributes {num_warps = 4 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<2x64x4xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error @below {{'tile.dot' op expected a multiple of 64 rows of a and at most 256 columns of b in chunks for wgmma_tf32, got 16 and 64}}
  %0 = tile.dot wgmma_tf32 %a, %b, %c rows_aligned chunk_alignment 4 : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x64x4xf32, #gpu.address_space<workgroup>>, tensor<16x64xf32>
  tile.return
}

// -----

tile.func @warpgroup_rows_of_b() attributes {num_warps = 4 : i64} {
  %a = tile.alloc : memref<2x16x8xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<16x64xf16, strided<[68, 1]>, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error @below {{'tile.dot' op expected contiguous rows of b, a multiple of chunk_alignment 8 apart, without skew, got chunk_alignment 8 and 'memref<16x64xf16, strided<[68, 1]>, #gpu.address_space<workgroup>>'}}
  %0 = tile.dot wgmma %a, %b, %c rows_aligned chunk_alignment 8 : memref<2x16x8xf16, #gpu.address_space<workgroup>>, memref<16x64xf16, strided<[68, 1]>, #gpu.address_space<workgroup>>, tensor<16x64xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x8xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<8x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected column_phase from 0 to 3, got 4}}
  %0 = tile.dot mma_tf32 %a, %b, %c column_phase 4 : memref<16x8xf32, #gpu.address_space<workgroup>>, memref<8x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<16x8xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<8x8xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  // expected-error@+1 {{'tile.dot' op expected column_phase only for b of rank 2 or with taps, without skew, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c column_phase 1 skew[%i, %i] : memref<16x8xf32, #gpu.address_space<workgroup>>, memref<8x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}
