// One case for each rule of products of rows.

// RUN: poolc-opt %s --split-input-file --verify-diagnostics

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected mma, mma_tf32 or mma_tf32x3, got fma}}
  %s = tile.dot_rows fma %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected operands of one type, f16 or bf16, for mma, got 'f32' and 'f32'}}
  %s = tile.dot_rows mma %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf16, #gpu.address_space<global>>, %x: memref<160000xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected operands of f32 for mma_tf32, got 'f16' and 'f16'}}
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1, 1] vectors [4, 4] : memref<402x400xf16, #gpu.address_space<global>>, memref<160000xf16, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf16>
  // expected-error@+1 {{'tile.dot_rows' op expected an accumulator of rank 2 of f32, got 'tensor<16x16xf16>'}}
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf16>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<12x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected M and N to be multiples of 8 and 16, got 12 and 16}}
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<12x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected depth to be a multiple of 16 (64 bytes), got 40}}
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 40 pitches [400, 160] sure [1, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf16, #gpu.address_space<global>>, %x: memref<160000xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected depth to be a multiple of 32 (64 bytes), got 400}}
  %s = tile.dot_rows mma %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1, 1] vectors [8, 8] : memref<402x400xf16, #gpu.address_space<global>>, memref<160000xf16, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected pitches, sure and vectors of both operands}}
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected vectors to be powers of two of 4 to 16 bytes, got 8}}
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [1, 1] vectors [4, 8] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf16, #gpu.address_space<global>>, %x: memref<160000xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected vectors to be powers of two of 4 to 16 bytes, got 1}}
  %s = tile.dot_rows mma %w[%i of %i], %x[%i of %i], %c depth 384 pitches [400, 160] sure [1, 1] vectors [8, 1] : memref<402x400xf16, #gpu.address_space<global>>, memref<160000xf16, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}

// -----

tile.func @f(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // expected-error@+1 {{'tile.dot_rows' op expected pitches to be multiples of vectors, got 162 and 4}}
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 162] sure [1, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  tile.return
}
