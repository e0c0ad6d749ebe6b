// What tile.windows and tile.reshape refuse.

// RUN: poolc-opt %s --split-input-file --verify-diagnostics

tile.func @element_type(%x: memref<4x99xf32, #gpu.address_space<global>>, %n: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.windows' op expected a result of 'f32', got 'f16'}}
  %0 = tile.windows %x length %n dim 1 apart 4 sizes[] : memref<4x99xf32, #gpu.address_space<global>> to memref<4x20x8xf16, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @sizes(%x: memref<4x99xf32, #gpu.address_space<global>>, %n: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.windows' op expected one size for each of the 1 dynamic dimensions of the result, got 0}}
  %0 = tile.windows %x length %n dim 1 apart 4 sizes[] : memref<4x99xf32, #gpu.address_space<global>> to memref<4x?x8xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @dimension(%x: memref<4x99xf32, #gpu.address_space<global>>, %n: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.windows' op expected dim to be a dimension of the result, of rank 3, got 3}}
  %0 = tile.windows %x length %n dim 3 apart 4 sizes[] : memref<4x99xf32, #gpu.address_space<global>> to memref<4x20x8xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @dynamic_windows(%x: memref<4x99xf32, #gpu.address_space<global>>, %n: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.windows' op expected windows of static shape, got 'memref<4x20x?xf32, #gpu.address_space<global>>'}}
  %0 = tile.windows %x length %n dim 1 apart 4 sizes[%n] : memref<4x99xf32, #gpu.address_space<global>> to memref<4x20x?xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @inside(%x: memref<?x6xf32, #gpu.address_space<global>>, %whole: i1) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.reshape' op expected inside only for a dynamic outermost dimension, got 'memref<4x6xf32, #gpu.address_space<global>>'}}
  %0 = tile.reshape %x sizes[] inside %whole : memref<?x6xf32, #gpu.address_space<global>> to memref<4x6xf32, #gpu.address_space<global>>
  tile.return
}
