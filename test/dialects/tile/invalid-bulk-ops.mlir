// One case for each rule of the verifiers.

// RUN: poolc-opt %s --split-input-file --verify-diagnostics

tile.func @f(%x: memref<?x32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected a contiguous memref of f32, f16 or bf16, of static shape and 2 to 5 dimensions, got 'memref<?x32xf32, #gpu.address_space<global>>'}}
  tile.make_map %x to %map rows 8 columns 32 : memref<?x32xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected a contiguous memref of f32, f16 or bf16, of static shape and 2 to 5 dimensions, got 'memref<32xf32, #gpu.address_space<global>>'}}
  tile.make_map %x to %map rows 8 columns 32 : memref<32xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x32xi32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected a contiguous memref of f32, f16 or bf16, of static shape and 2 to 5 dimensions, got 'memref<4x32xi32, #gpu.address_space<global>>'}}
  tile.make_map %x to %map rows 8 columns 32 : memref<4x32xi32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x30xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected rows of a multiple of 16 bytes, got 'memref<4x30xf32, #gpu.address_space<global>>'}}
  tile.make_map %x to %map rows 8 columns 32 : memref<4x30xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<0x32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected sizes from 1 to 2^32, got 'memref<0x32xf32, #gpu.address_space<global>>'}}
  tile.make_map %x to %map rows 8 columns 32 : memref<0x32xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected rows and columns from 1 to 256, got 257 and 32}}
  tile.make_map %x to %map rows 257 columns 32 : memref<4x32xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected rows and columns from 1 to 256, got 8 and 260}}
  tile.make_map %x to %map rows 8 columns 260 : memref<4x32xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected columns of a multiple of 16 bytes, or of 128 if swizzled, got 120 bytes}}
  tile.make_map %x to %map rows 8 columns 30 : memref<4x32xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected columns of a multiple of 16 bytes, or of 128 if swizzled, got 144 bytes}}
  tile.make_map %x to %map rows 8 columns 36 swizzled : memref<4x32xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x32xf32, #gpu.address_space<global>>, %map: memref<31xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{'tile.make_map' op expected 128 bytes for the map, got 'memref<31xf32, #gpu.address_space<global>>'}}
  tile.make_map %x to %map rows 8 columns 32 : memref<4x32xf32, #gpu.address_space<global>>, memref<31xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected a start in 2 to 5 dimensions, got 1}}
  tile.copy_boxes %map[%i] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x8x31xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected contiguous boxes of a multiple of 8 rows of a multiple of 16 bytes, both at most 256, got 'memref<2x8x31xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_boxes %map[%i, %i] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x8x31xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x4x32xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected contiguous boxes of a multiple of 8 rows of a multiple of 16 bytes, both at most 256, got 'memref<2x4x32xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_boxes %map[%i, %i] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x4x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<8x32xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected contiguous boxes of a multiple of 8 rows of a multiple of 16 bytes, both at most 256, got 'memref<8x32xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_boxes %map[%i, %i] to %s : memref<32xf32, #gpu.address_space<global>> to memref<8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x8x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected contiguous boxes of a multiple of 8 rows of a multiple of 16 bytes, both at most 256, got 'memref<2x8x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>'}}
  tile.copy_boxes %map[%i, %i] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, strided<[512, 32, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<1x8x260xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected contiguous boxes of a multiple of 8 rows of a multiple of 16 bytes, both at most 256, got 'memref<1x8x260xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_boxes %map[%i, %i] to %s : memref<32xf32, #gpu.address_space<global>> to memref<1x8x260xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<1x264x4xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected contiguous boxes of a multiple of 8 rows of a multiple of 16 bytes, both at most 256, got 'memref<1x264x4xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_boxes %map[%i, %i] to %s : memref<32xf32, #gpu.address_space<global>> to memref<1x264x4xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  %c = arith.constant -6 : index
  // expected-error@+1 {{'tile.copy_boxes' op expected boxes that begin at a multiple of 16 bytes along the last dimension, got element -6 of 4 bytes}}
  tile.copy_boxes %map[%i, %c] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected joined rows of a multiple of a box's 32 columns, got 48}}
  tile.copy_boxes %map[%i, %i] to %s joined 48 : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected joined rows of a multiple of a box's 32 columns, got -32}}
  tile.copy_boxes %map[%i, %i] to %s joined -32 : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  %c = arith.constant 16 : index
  // expected-error@+1 {{'tile.copy_boxes' op expected boxes of joined rows that begin at a multiple of their 32 columns, got element 16}}
  tile.copy_boxes %map[%i, %c] to %s joined 96 : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<?x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected a contiguous memref of static shape, got 'memref<?x8xf32, #gpu.address_space<global>>'}}
  tile.copy_runs %x[%i, %i] to %s dims [-1, 0] : memref<?x8xf32, #gpu.address_space<global>> to memref<8xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected a start and dims for 2 dimensions, got 1 and 2}}
  tile.copy_runs %x[%i] to %s dims [-1, 0] : memref<4x8xf32, #gpu.address_space<global>> to memref<8xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<8x4xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected dims of the destination in order, or -1, got 1}}
  tile.copy_runs %x[%i, %i] to %s dims [1, 0] : memref<4x8xf32, #gpu.address_space<global>> to memref<8x4xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<4x8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected all 2 dims of the destination, got 1}}
  tile.copy_runs %x[%i, %i] to %s dims [-1, 0] : memref<4x8xf32, #gpu.address_space<global>> to memref<4x8xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<8xi32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected elements of one type of 8, 16, 32 or 64 bits, got 'f32' and 'i32'}}
  tile.copy_runs %x[%i, %i] to %s dims [-1, 0] : memref<4x8xf32, #gpu.address_space<global>> to memref<8xi32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x6xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected runs of a multiple of 16 bytes, got 'memref<2x6xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_runs %x[%i, %i] to %s dims [0, 1] : memref<4x8xf32, #gpu.address_space<global>> to memref<2x6xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x6xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %s = tile.alloc : memref<2x4xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected runs of a multiple of 16 bytes, got 'memref<2x4xf32, #gpu.address_space<workgroup>>'}}
  tile.copy_runs %x[%i, %i] to %s dims [0, 1] : memref<4x6xf32, #gpu.address_space<global>> to memref<2x4xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 8 : i64} {
  %a = tile.alloc : memref<8x256x8xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<1x64x64xf16, #gpu.address_space<workgroup>>
  %zero = arith.constant dense<0.0> : tensor<256x64xf32>
  // expected-error@+1 {{'tile.dot' op expected contiguous boxes with rows of 128 bytes as swizzled b of products of four warps, without skew, got 'memref<1x64x64xf16, #gpu.address_space<workgroup>>'}}
  %r = tile.dot mma %a, %b, %zero rows_aligned swizzled : memref<8x256x8xf16, #gpu.address_space<workgroup>>, memref<1x64x64xf16, #gpu.address_space<workgroup>>, tensor<256x64xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 8 : i64} {
  %a = tile.alloc : memref<8x256x8xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<2x64x32xf16, #gpu.address_space<workgroup>>
  %zero = arith.constant dense<0.0> : tensor<256x64xf32>
  // expected-error@+1 {{'tile.dot' op expected contiguous boxes with rows of 128 bytes as swizzled b of products of four warps, without skew, got 'memref<2x64x32xf16, #gpu.address_space<workgroup>>'}}
  %r = tile.dot wgmma %a, %b, %zero rows_aligned swizzled : memref<8x256x8xf16, #gpu.address_space<workgroup>>, memref<2x64x32xf16, #gpu.address_space<workgroup>>, tensor<256x64xf32>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 8 : i64} {
  %a = tile.alloc : memref<8x256x8xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<1x32x64xf16, #gpu.address_space<workgroup>>
  %zero = arith.constant dense<0.0> : tensor<256x64xf32>
  // expected-error@+1 {{'tile.dot' op expected shapes M x K, K x N and M x N, got 'memref<8x256x8xf16, #gpu.address_space<workgroup>>', 'memref<1x32x64xf16, #gpu.address_space<workgroup>>' and 'tensor<256x64xf32>'}}
  %r = tile.dot wgmma %a, %b, %zero rows_aligned swizzled : memref<8x256x8xf16, #gpu.address_space<workgroup>>, memref<1x32x64xf16, #gpu.address_space<workgroup>>, tensor<256x64xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 8 : i64} {
  // expected-error@+1 {{expected repeats to be a power of two, in a layout of whole warps, got 3}}
  %t = arith.constant dense<0.0> : tensor<256x64xf32, #tile.blocked<repeats = 3, size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 8]>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x64xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %small: memref<16xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected a staged store without owned columns for a map}}
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] map %map : memref<32xf32, #gpu.address_space<global>> : tensor<16x64xf32>, memref<2x32x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x64xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %small: memref<16xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected 128 bytes for the map, got 'memref<16xf32, #gpu.address_space<global>>'}}
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] staged map %small : memref<16xf32, #gpu.address_space<global>> : tensor<16x64xf32>, memref<2x32x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x64xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %small: memref<16xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<12x64xf32>
  // expected-error@+1 {{'tile.store' op expected a multiple of 8 rows, at most 256, of a multiple of 128 bytes along the last two dimensions of the memref for a map, got 'tensor<12x64xf32>'}}
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> : tensor<12x64xf32>, memref<2x32x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x64xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %small: memref<16xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<264x64xf32>
  // expected-error@+1 {{'tile.store' op expected a multiple of 8 rows, at most 256, of a multiple of 128 bytes along the last two dimensions of the memref for a map, got 'tensor<264x64xf32>'}}
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> : tensor<264x64xf32>, memref<2x32x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x64xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %small: memref<16xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  %c0 = arith.constant 0 : index
  %t = arith.constant dense<0.0> : tensor<16x48xf32>
  // expected-error@+1 {{'tile.store' op expected a multiple of 8 rows, at most 256, of a multiple of 128 bytes along the last two dimensions of the memref for a map, got 'tensor<16x48xf32>'}}
  tile.store %t, %y[%c0, %c0, %c0] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> : tensor<16x48xf32>, memref<2x32x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x96xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected a map of the memref whose rows are joined}}
  tile.store %t, %y[%i, %i, %i] dims [-1, 0, 1] strides [1, 1, 1] staged joined : tensor<16x64xf32>, memref<2x32x96xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x80xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected images of static shape with rows of a multiple of a box's 32 columns to join them, got 'memref<2x32x80xf32, #gpu.address_space<global>>'}}
  tile.store %t, %y[%i, %i, %i] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> joined : tensor<16x64xf32>, memref<2x32x80xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<2x32x0xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected images of static shape with rows of a multiple of a box's 32 columns to join them, got 'memref<2x32x0xf32, #gpu.address_space<global>>'}}
  tile.store %t, %y[%i, %i, %i] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> joined : tensor<16x64xf32>, memref<2x32x0xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<32x96xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected images of static shape with rows of a multiple of a box's 32 columns to join them, got 'memref<32x96xf32, #gpu.address_space<global>>'}}
  tile.store %t, %y[%i, %i] dims [0, 1] strides [1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> joined : tensor<16x64xf32>, memref<32x96xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<?x32x96xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected images of static shape with rows of a multiple of a box's 32 columns to join them, got 'memref<?x32x96xf32, #gpu.address_space<global>>'}}
  tile.store %t, %y[%i, %i, %i] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> joined : tensor<16x64xf32>, memref<?x32x96xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%y: memref<67108864x1x32xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<16x64xf32>
  // expected-error@+1 {{'tile.store' op expected at most 2147483647 positions of joined rows, got 'memref<67108864x1x32xf32, #gpu.address_space<global>>'}}
  tile.store %t, %y[%i, %i, %i] dims [-1, 0, 1] strides [1, 1, 1] staged map %map : memref<32xf32, #gpu.address_space<global>> joined : tensor<16x64xf32>, memref<67108864x1x32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<1x16x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected a start in 2 to 5 dimensions, got 1}}
  %r = tile.add_boxes %t, %map[%i] through %m rows 16 : tensor<32x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<1x16x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<16xi64, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<1x16x64xi64, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected a map and memory of f32, f16 or bf16, got 'memref<16xi64, #gpu.address_space<global>>' and 'memref<1x16x64xi64, #gpu.address_space<workgroup>>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 16 : tensor<32x64xf32>, memref<16xi64, #gpu.address_space<global>>, memref<1x16x64xi64, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<64xf16, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<1x16x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected a map and memory of f32, f16 or bf16, got 'memref<64xf16, #gpu.address_space<global>>' and 'memref<1x16x64xf32, #gpu.address_space<workgroup>>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 16 : tensor<32x64xf32>, memref<64xf16, #gpu.address_space<global>>, memref<1x16x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x48xf32>
  %m = tile.alloc : memref<1x16x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected a tile of f32 whose rows are a multiple of 32 elements, got 'tensor<32x48xf32>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 16 : tensor<32x48xf32>, memref<32xf32, #gpu.address_space<global>>, memref<1x16x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf16>
  %m = tile.alloc : memref<1x16x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected a tile of f32 whose rows are a multiple of 32 elements, got 'tensor<32x64xf16>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 16 : tensor<32x64xf16>, memref<32xf32, #gpu.address_space<global>>, memref<1x16x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<1x16x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected rows of at most 256, a multiple of 8 that divides the tile's 32, got 12}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 12 : tensor<32x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<1x16x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<1x16x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected rows of at most 256, a multiple of 8 that divides the tile's 32, got 24}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 24 : tensor<32x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<1x16x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<512x64xf32>
  %m = tile.alloc : memref<1x512x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected rows of at most 256, a multiple of 8 that divides the tile's 512, got 512}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 512 : tensor<512x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<1x512x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected memory of static shape, stages a multiple of 1024 bytes apart, got 'memref<64xf32, #gpu.address_space<workgroup>>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 16 : tensor<32x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<2x1100xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected memory of static shape, stages a multiple of 1024 bytes apart, got 'memref<2x1100xf32, #gpu.address_space<workgroup>>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m stage %stage rows 16 : tensor<32x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<2x1100xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<1x15x64xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected memory for 16 rows of 64 elements, got 'memref<1x15x64xf32, #gpu.address_space<workgroup>>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m rows 16 : tensor<32x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<1x15x64xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index, %stage: i32) attributes {num_warps = 8 : i64} {
  %t = arith.constant dense<0.0> : tensor<32x64xf32>
  %m = tile.alloc : memref<2x15x64xf32, strided<[1024, 64, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.add_boxes' op expected memory for 16 rows of 64 elements, got 'memref<2x15x64xf32, strided<[1024, 64, 1]>, #gpu.address_space<workgroup>>'}}
  %r = tile.add_boxes %t, %map[%i, %i] through %m stage %stage rows 16 : tensor<32x64xf32>, memref<32xf32, #gpu.address_space<global>>, memref<2x15x64xf32, strided<[1024, 64, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 4 : i64} {
  // expected-error@+1 {{'tile.objects' op expected contiguous objects of 64 bits in one dimension, got 'memref<3xi32, #gpu.address_space<workgroup>>'}}
  %o = tile.objects arrivals 1 maps(%map : memref<32xf32, #gpu.address_space<global>>) : memref<3xi32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 4 : i64} {
  // expected-error@+1 {{'tile.objects' op attribute 'arrivals' failed to satisfy constraint}}
  %o = tile.objects arrivals 0 : memref<3xi64, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<2x3xi64, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.await' op expected contiguous objects of 64 bits in one dimension, got 'memref<2x3xi64, #gpu.address_space<workgroup>>'}}
  tile.await %s[%i] phase %i : memref<2x3xi64, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%map: memref<32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  %o = tile.alloc : memref<3xf64, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected contiguous objects of 64 bits in one dimension, got 'memref<3xf64, #gpu.address_space<workgroup>>'}}
  tile.copy_boxes %map[%i, %i] to %s tells %o[%i] : memref<3xf64, #gpu.address_space<workgroup>> : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%w: memref<8x32xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<8x32xf32, #gpu.address_space<workgroup>>
  %o = tile.alloc : memref<3xf64, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_runs' op expected contiguous objects of 64 bits in one dimension, got 'memref<3xf64, #gpu.address_space<workgroup>>'}}
  tile.copy_runs %w[%i, %i] to %s dims [0, 1] tells %o[%i] : memref<3xf64, #gpu.address_space<workgroup>> : memref<8x32xf32, #gpu.address_space<global>> to memref<8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<2x12x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<1x128x8xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.chunk_boxes' op expected contiguous boxes of a multiple of 8 rows of 64 elements of 16 bits, got 'memref<2x12x64xf16, #gpu.address_space<workgroup>>'}}
  tile.chunk_boxes %s to %c : memref<2x12x64xf16, #gpu.address_space<workgroup>> to memref<1x128x8xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 4 : i64} {
  %s = tile.alloc : memref<2x16x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<2x64x8xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.chunk_boxes' op expected 2 chunks of a multiple of 32 columns, the last in the last box, of 8 adjacent elements of 'f16', got 'memref<2x64x8xf16, #gpu.address_space<workgroup>>'}}
  tile.chunk_boxes %s to %c : memref<2x16x64xf16, #gpu.address_space<workgroup>> to memref<2x64x8xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%m: memref<32x8x8xf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<32x8x8xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  %x = tile.alloc : memref<64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{'tile.copy' op expected contiguous rows of eight groups of 16 bytes, the vector, in the last dimensions, others multiples of 8 rows apart, and no skew for swizzled}}
  tile.copy async %m[%c0, %c0, %c0] to %v dims [0, 1, 2] strides [1, 1, 1] vector 8 swizzled : memref<32x8x8xf16, #gpu.address_space<global>> to memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%m: memref<32x8x8xf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<32x8x8xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  %x = tile.alloc : memref<64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{'tile.copy' op expected contiguous rows of eight groups of 16 bytes, the vector, in the last dimensions, others multiples of 8 rows apart, and no skew for swizzled}}
  tile.copy async %m[%c0, %c0, %c0] to %w dims [0, 1, 2] strides [1, 1, 1] vector 4 swizzled : memref<32x8x8xf16, #gpu.address_space<global>> to memref<32x8x8xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%m: memref<32x8x8xf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<32x8x8xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  %x = tile.alloc : memref<64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{'tile.copy' op expected contiguous rows of eight groups of 16 bytes, the vector, in the last dimensions, others multiples of 8 rows apart, and no skew for swizzled}}
  tile.copy async %m[%c0, %c0, %c0] to %w dims [0, 1, 2] strides [1, 1, 1] vector 8 skewed swizzled : memref<32x8x8xf16, #gpu.address_space<global>> to memref<32x8x8xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%m: memref<32x8x8xf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<32x8x8xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  %x = tile.alloc : memref<64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %a = memref.transpose %w (d0, d1, d2) -> (d1, d0, d2) : memref<32x8x8xf16, #gpu.address_space<workgroup>> to memref<8x32x8xf16, strided<[8, 64, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected swizzled a only for products of four warps, got mma}}
  %s = tile.dot mma %a, %x, %zero rows_aligned swizzled_a : memref<8x32x8xf16, strided<[8, 64, 1]>, #gpu.address_space<workgroup>>, memref<64x64xf16, #gpu.address_space<workgroup>>, tensor<32x64xf32>
  tile.return
}

// -----

tile.func @f(%m: memref<32x8x8xf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<32x8x8xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  %x = tile.alloc : memref<64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %a = tile.alloc : memref<4x32x8xf16, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<32x64xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected rows of 8 contiguous chunks as swizzled a, and b in no chunks, got 'memref<4x32x8xf16}}
  %s = tile.dot wgmma %a, %b, %zero rows_aligned swizzled_a : memref<4x32x8xf16, #gpu.address_space<workgroup>>, memref<32x64xf16, #gpu.address_space<workgroup>>, tensor<32x64xf32>
  tile.return
}

// -----

tile.func @f(%m: memref<32x8x8xf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<32x8x8xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  %x = tile.alloc : memref<64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %a = memref.transpose %w (d0, d1, d2) -> (d1, d0, d2) : memref<32x8x8xf16, #gpu.address_space<workgroup>> to memref<8x32x8xf16, strided<[8, 64, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected rows of 8 contiguous chunks as swizzled a, and b in no chunks, got}}
  %s = tile.dot wgmma %a, %c, %zero rows_aligned chunk_alignment 8 swizzled_a : memref<8x32x8xf16, strided<[8, 64, 1]>, #gpu.address_space<workgroup>>, memref<8x64x8xf16, #gpu.address_space<workgroup>>, tensor<32x64xf32>
  tile.return
}

// -----

tile.func @f(%m: memref<32x8x8xf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<32x8x8xf16, #gpu.address_space<workgroup>>
  %v = tile.alloc : memref<32x8x8xf16, strided<[72, 8, 1]>, #gpu.address_space<workgroup>>
  %x = tile.alloc : memref<64x64xf16, #gpu.address_space<workgroup>>
  %c = tile.alloc : memref<8x64x8xf16, #gpu.address_space<workgroup>>
  %zero = arith.constant dense<0.0> : tensor<32x64xf32>
  %a = memref.transpose %w (d0, d1, d2) -> (d1, d0, d2) : memref<32x8x8xf16, #gpu.address_space<workgroup>> to memref<8x32x8xf16, strided<[8, 64, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected a in chunks with contiguous rows for wgmma, got}}
  %s = tile.dot wgmma %a, %x, %zero rows_aligned : memref<8x32x8xf16, strided<[8, 64, 1]>, #gpu.address_space<workgroup>>, memref<64x64xf16, #gpu.address_space<workgroup>>, tensor<32x64xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<64x36xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.round' op expected groups of 4 elements of f32, got}}
  tile.round %w : memref<64x36xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<3x3xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.round' op expected groups of 4 elements of f32, got}}
  tile.round %w : memref<3x3xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 4 : i64} {
  %w = tile.alloc : memref<8x32xf32, strided<[36, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.round' op expected elements side by side, got}}
  tile.round %w : memref<8x32xf32, strided<[36, 1]>, #gpu.address_space<workgroup>>
  tile.return
}
