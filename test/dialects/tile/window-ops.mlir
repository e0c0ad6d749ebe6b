// RUN: poolc-opt %s | poolc-opt | FileCheck %s
// RUN: poolc-opt %s --mlir-print-op-generic | poolc-opt | FileCheck %s

// CHECK-LABEL: tile.func @sums(
tile.func @sums(%x: memref<9x128xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %t = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] vector 4 : memref<9x128xf32, #gpu.address_space<global>> -> tensor<9x128xf32>
  // CHECK: tile.window_sum %{{.*}} dim 0 kernel 5 stride 2 : tensor<9x128xf32> -> tensor<3x128xf32>
  %s = tile.window_sum %t dim 0 kernel 5 stride 2 : tensor<9x128xf32> -> tensor<3x128xf32>
  // CHECK: tile.window_sum %{{.*}} dim 1 kernel 3 stride 1 windows 2 : tensor<9x128xf32> -> tensor<9x2xf32>
  %first = tile.window_sum %t dim 1 kernel 3 stride 1 windows 2 : tensor<9x128xf32> -> tensor<9x2xf32>
  // CHECK: tile.window_sum %{{.*}} dim 1 kernel 1 stride 2 offset 1 : tensor<3x128xf32> -> tensor<3x64xf32>
  %odd = tile.window_sum %s dim 1 kernel 1 stride 2 offset 1 : tensor<3x128xf32> -> tensor<3x64xf32>
  // CHECK: tile.reduce %{{.*}} dim 1 : tensor<3x64xf32> -> tensor<3x1xf32>
  %r = tile.reduce %odd dim 1 : tensor<3x64xf32> -> tensor<3x1xf32>
  tile.return
}

// CHECK-LABEL: tile.func @span(
tile.func @span(%x: memref<8192xf32, #gpu.address_space<global>>, %i: index, %j: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<184xf32, #gpu.address_space<workgroup>>
  // CHECK: tile.copy_span %{{.*}}[%{{.*}} to %{{.*}}] to %{{.*}} vector 4 : memref<8192xf32, #gpu.address_space<global>> to memref<184xf32, #gpu.address_space<workgroup>>
  tile.copy_span %x[%i to %j] to %s vector 4 : memref<8192xf32, #gpu.address_space<global>> to memref<184xf32, #gpu.address_space<workgroup>>
  // CHECK: tile.view %{{.*}}[%{{.*}}] : memref<184xf32, #gpu.address_space<workgroup>> to memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
  %v = tile.view %s[%i] : memref<184xf32, #gpu.address_space<workgroup>> to memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
  // CHECK: tile.load %{{.*}} dims [0, 1] strides [1, 1] : memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>> -> tensor<5x35xf32>
  %t = tile.load %v[%i, %j] dims [0, 1] strides [1, 1] : memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>> -> tensor<5x35xf32>
  // CHECK: tile.store %{{.*}}, %{{.*}} dims [0, 1] strides [1, 1] : tensor<5x35xf32>, memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
  tile.store %t, %v[%i, %j] dims [0, 1] strides [1, 1] : tensor<5x35xf32>, memref<5x35xf32, strided<[35, 1], offset: ?>, #gpu.address_space<workgroup>>
  tile.return
}

// CHECK-LABEL: tile.func @rows(
tile.func @rows(%y: memref<8192xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %s = tile.alloc : memref<4x61xf16, #gpu.address_space<workgroup>>
  // CHECK: tile.write_rows %{{.*}} to %{{.*}}[%{{.*}}] rows %{{.*}} columns %{{.*}} distance 61 vector 8 : memref<4x61xf16, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.write_rows %s to %y[%i] rows %i columns %i distance 61 vector 8 : memref<4x61xf16, #gpu.address_space<workgroup>> to memref<8192xf16, #gpu.address_space<global>>
  tile.return
}

// CHECK-LABEL: tile.func @chunks(
tile.func @chunks(%i: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %s = tile.alloc : memref<96xf32, #gpu.address_space<workgroup>>
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // Columns may be counted backwards.
  // CHECK: tile.view {{.*}} to memref<2x16x4xf32, strided<[4, -1, 1], offset: ?>, #gpu.address_space<workgroup>>
  %b = tile.view %s[%i] : memref<96xf32, #gpu.address_space<workgroup>> to memref<2x16x4xf32, strided<[4, -1, 1], offset: ?>, #gpu.address_space<workgroup>>
  // CHECK: tile.dot mma_tf32 %{{.*}}, %{{.*}}, %{{.*}} rows_aligned chunk_sizes [4, 3] :
  %d = tile.dot mma_tf32 %a, %b, %c rows_aligned chunk_sizes [4, 3] : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x16x4xf32, strided<[4, -1, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x16xf32>
  %v = tile.view %s[%i] : memref<96xf32, #gpu.address_space<workgroup>> to memref<2x16x4xf32, strided<[4, 8, 1], offset: ?>, #gpu.address_space<workgroup>>
  // CHECK: tile.dot mma_tf32 %{{.*}}, %{{.*}}, %{{.*}} rows_aligned chunk_alignment 4 :
  %e = tile.dot mma_tf32 %a, %v, %c rows_aligned chunk_alignment 4 : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<2x16x4xf32, strided<[4, 8, 1], offset: ?>, #gpu.address_space<workgroup>>, tensor<16x16xf32>
  tile.return
}

// CHECK-LABEL: tile.func @products_of_rows(
tile.func @products_of_rows(%w: memref<402x400xf32, #gpu.address_space<global>>, %x: memref<160000xf32, #gpu.address_space<global>>, %y: memref<16x16xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x16xf32>
  // CHECK: tile.dot_rows mma_tf32 %{{.*}}[%{{.*}} of %{{.*}}], %{{.*}}[%{{.*}} of %{{.*}}], %{{.*}} depth 400 pitches [400, 160] sure [2, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  %s = tile.dot_rows mma_tf32 %w[%i of %i], %x[%i of %i], %c depth 400 pitches [400, 160] sure [2, 1] vectors [4, 4] : memref<402x400xf32, #gpu.address_space<global>>, memref<160000xf32, #gpu.address_space<global>>, tensor<16x16xf32>
  // CHECK: tile.store {{.*}} staged staging 2048 :
  tile.store %s, %y[%i, %i] dims [0, 1] strides [1, 1] staged staging 2048 : tensor<16x16xf32>, memref<16x16xf32, #gpu.address_space<global>>
  // CHECK: scf.for
  // CHECK: tile.store {{.*}} staged staging 2048 apart :
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  scf.for %j = %zero to %i step %one {
    tile.store %s, %y[%i, %j] dims [0, 1] strides [1, 1] staged staging 2048 apart : tensor<16x16xf32>, memref<16x16xf32, #gpu.address_space<global>>
  }
  tile.return
}
