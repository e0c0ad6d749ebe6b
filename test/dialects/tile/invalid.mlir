// One case for each rule of the verifiers.

// RUN: poolc-opt %s --split-input-file --verify-diagnostics

// Kernels.
// expected-error@+1 {{'tile.func' op expected num_warps to be a power of two from 1 to 32, got 0}}
tile.func @f() attributes {num_warps = 0 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected num_warps to be a power of two from 1 to 32, got -4}}
tile.func @f() attributes {num_warps = -4 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected num_warps to be a power of two from 1 to 32, got 3}}
tile.func @f() attributes {num_warps = 3 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected num_warps to be a power of two from 1 to 32, got 64}}
tile.func @f() attributes {num_warps = 64 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected grid with 3 sizes, got 2}}
tile.func @f() attributes {grid = array<i64: 1, 2>, num_warps = 1 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected grid sizes from 0 to 2147483647, got -1}}
tile.func @f() attributes {grid = array<i64: 1, -1, 1>, num_warps = 1 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected grid sizes from 0 to 2147483647, got 2147483648}}
tile.func @f() attributes {grid = array<i64: 2147483648, 1, 1>, num_warps = 1 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected no results, got 1}}
tile.func @f() -> f32 attributes {num_warps = 1 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected a body}}
tile.func private @f() attributes {num_warps = 1 : i64}

// -----

// expected-error@+1 {{'tile.func' op expected argument 1 to be a global memref or a number, got 'memref<4xf32>'}}
tile.func @f(%a: index, %b: memref<4xf32>) attributes {num_warps = 1 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected argument 0 to be a global memref or a number, got 'tensor<4xf32>'}}
tile.func @f(%a: tensor<4xf32>) attributes {num_warps = 1 : i64} {
  tile.return
}

// -----

// expected-error@+1 {{'tile.func' op expected argument 0 to be a global memref or a number, got 'memref<4xf32, strided<[2]>, #gpu.address_space<global>>'}}
tile.func @f(%a: memref<4xf32, strided<[2]>, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  tile.return
}

// -----

func.func @host() {
  // expected-error@+1 {{'tile.func' op expects parent op 'builtin.module'}}
  tile.func @f() attributes {num_warps = 1 : i64} {
    tile.return
  }
  return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{attribute 'axis' failed to satisfy constraint}}
  %0 = tile.program_id 3
  tile.return
}

// -----

// Launches.
func.func @host(%n: index) {
  // expected-error@+1 {{'tile.launch' op expected the name of a tile.func, got @host}}
  tile.launch @host grid(%n, %n, %n) args()
  return
}

// -----

tile.func @f(%x: memref<4xf32, #gpu.address_space<global>>) attributes {grid = array<i64: 2, 3, 1>, num_warps = 1 : i64} {
  tile.return
}
func.func @host(%n: index) {
  // expected-error@+1 {{'tile.launch' op expected 1 arguments for @f, got 0}}
  tile.launch @f grid(%n, %n, %n) args()
  return
}

// -----

tile.func @f(%x: memref<4xf32, #gpu.address_space<global>>) attributes {grid = array<i64: 2, 3, 1>, num_warps = 1 : i64} {
  tile.return
}
func.func @host(%n: index) {
  // expected-error@+1 {{'tile.launch' op expected argument 0 of type 'memref<4xf32, #gpu.address_space<global>>', got 'index'}}
  tile.launch @f grid(%n, %n, %n) args(%n) : index
  return
}

// -----

tile.func @f(%x: memref<4xf32, #gpu.address_space<global>>) attributes {grid = array<i64: 2, 3, 1>, num_warps = 1 : i64} {
  tile.return
}
func.func @host(%n: index, %x: memref<4xf32, #gpu.address_space<global>>) {
  %c4 = arith.constant 4 : index
  // expected-error@+1 {{'tile.launch' op expected grid (2, 3, 1), which @f is made for, got size 4 for 3}}
  tile.launch @f grid(%n, %c4, %n) args(%x) : memref<4xf32, #gpu.address_space<global>>
  return
}

// -----

// Boxes.
tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected 2 start coordinates, one per dimension of the memref, got 1}}
  %0 = tile.load %x[%i] dims [0, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected 2 dims, one per dimension of the memref, got 1}}
  %0 = tile.load %x[%i, %i] dims [0] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected 2 strides, one per dimension of the memref, got 3}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected 2 guards, one per dimension of the memref, got 1}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] guards [none] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected a tile of 'f32', got 'f16'}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf16>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected dims between -1 and 1, got 2}}
  %0 = tile.load %x[%i, %i] dims [0, 2] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected dims between -1 and 1, got -2}}
  %0 = tile.load %x[%i, %i] dims [-2, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected each tile dimension once in dims, got 0 again}}
  %0 = tile.load %x[%i, %i] dims [0, 0] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected size 1 in tile dimension 0, which dims does not name, got 4}}
  %0 = tile.load %x[%i, %i] dims [-1, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected strides >= 1, got 0}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 0] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected guards between 0 and 3, got 4}}
  %0 = "tile.load"(%x, %i) <{dims = array<i64: 0>, strides = array<i64: 1>, guards = array<i64: 4>}>
    : (memref<8xf32, #gpu.address_space<global>>, index) -> tensor<8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{expected none, low, high or both, got up}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] guards [none, up] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected coordinate_bits 32 or 64, got 16}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] coordinate_bits 16 : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<2147483648xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected coordinate_bits 64 for a dimension of size 2147483648}}
  %0 = tile.load %x[%i] dims [0] strides [1] coordinate_bits 32 : memref<2147483648xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xi1, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected elements of 8, 16, 32 or 64 bits, got 'i1'}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x8xi1, #gpu.address_space<global>> -> tensor<4x8xi1>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xindex, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected elements of 8, 16, 32 or 64 bits, got 'index'}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x8xindex, #gpu.address_space<global>> -> tensor<4x8xindex>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected vector to be a power of two from 1 to 4 (16 bytes), got 8}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] vector 8 : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected vector to be a power of two from 1 to 8 (16 bytes), got 3}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] vector 3 : memref<4x8xf16, #gpu.address_space<global>> -> tensor<4x8xf16>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected vector to be a power of two from 1 to 4 (16 bytes), got -2}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] vector -2 : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected the last dimension of the tile along the last of the memref, with stride 1, for vector 2}}
  %0 = tile.load %x[%i, %i] dims [1, 0] strides [1, 1] vector 2 : memref<4x8xf32, #gpu.address_space<global>> -> tensor<8x4xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected the last dimension of the tile along the last of the memref, with stride 1, for vector 2}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 2] vector 2 : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected a multiple of vector 4 as last size of the tile, got 6}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] vector 4 : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4x6xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x6xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.load' op expected a multiple of vector 4 as last size of the memref, whose end is guarded, got 6}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] vector 4 : memref<4x6xf32, #gpu.address_space<global>> -> tensor<4x8xf32>
  tile.return
}

// -----

// Tiles.
tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{must be tile (ranked tensor of static shape, with 1 to 2^20 elements and a rank of at least 1)}}
  %0 = tile.load %x[%i, %i] dims [-1, -1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<f32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{must be tile}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<0x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{must be tile}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<?x8xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{must be tile}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<1024x2048xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{must be tile}}
  %0 = tile.load %x[%i, %i] dims [0, 1] strides [1, 1] : memref<4x8xf32, #gpu.address_space<global>> -> tensor<4294967296x4294967296xf32>
  tile.return
}

// -----

func.func @f(%x: memref<8xf32>, %i: index) {
  // expected-error@+1 {{operand #0 must be memref in the global address space}}
  %0 = "tile.load"(%x, %i) <{dims = array<i64: 0>, strides = array<i64: 1>}> : (memref<8xf32>, index) -> tensor<8xf32>
  return
}

// -----

// A store has the rules of a load.
tile.func @f(%x: memref<8xf32, #gpu.address_space<global>>, %i: index, %v: f32) attributes {num_warps = 1 : i64} {
  %0 = arith.constant dense<0.0> : tensor<8xf32>
  // expected-error@+1 {{'tile.store' op expected strides >= 1, got -1}}
  tile.store %0, %x[%i] dims [0] strides [-1] : tensor<8xf32>, memref<8xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Broadcasts.
func.func @f(%x: tensor<1x8xf32>) {
  // expected-error@+1 {{'tile.broadcast' op expected a result of 'f32', got 'f16'}}
  %0 = tile.broadcast %x : tensor<1x8xf32> -> tensor<4x8xf16>
  return
}

// -----

func.func @f(%x: tensor<1x8xf32>) {
  // expected-error@+1 {{'tile.broadcast' op expected a result of rank 2, got 1}}
  %0 = tile.broadcast %x : tensor<1x8xf32> -> tensor<8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>) {
  // expected-error@+1 {{'tile.broadcast' op expected size 1 or 8 in dimension 1 of the source, got 2}}
  %0 = tile.broadcast %x : tensor<1x2xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [4, 8], warps = [1, 1]>>) {
  // expected-error@+1 {{'tile.broadcast' op expected a result with the layout of the source, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [4, 8], warps = [1, 1]>, got none}}
  %0 = tile.broadcast %x : tensor<1x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [4, 8], warps = [1, 1]>> -> tensor<4x8xf32>
  return
}

// -----

// Iotas.
func.func @f(%i: index) {
  // expected-error@+1 {{'tile.iota' op expected integers, got 'f32'}}
  %0 = tile.iota %i dim 0 step 1 : tensor<8xf32>
  return
}

// -----

func.func @f(%i: index) {
  // expected-error@+1 {{'tile.iota' op expected integers, got 'index'}}
  %0 = tile.iota %i dim 0 step 1 : tensor<8xindex>
  return
}

// -----

func.func @f(%i: index) {
  // expected-error@+1 {{'tile.iota' op expected dim between 0 and 1, got 2}}
  %0 = tile.iota %i dim 2 step 1 : tensor<1x1xi32>
  return
}

// -----

func.func @f(%i: index) {
  // expected-error@+1 {{'tile.iota' op expected dim between 0 and 1, got -1}}
  %0 = tile.iota %i dim -1 step 1 : tensor<1x1xi32>
  return
}

// -----

func.func @f(%i: index) {
  // expected-error@+1 {{'tile.iota' op expected size 1 in dimension 0, got 4}}
  %0 = tile.iota %i dim 1 step 1 : tensor<4x8xi32>
  return
}

// -----

// Layouts.
// expected-error@+1 {{expected lists of one length, got 2, 1 and 2}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [32], warps = [1, 1]>>)

// -----

// expected-error@+1 {{expected powers of two, got 3}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, 3], threads_per_warp = [1, 32], warps = [1, 1]>>)

// -----

// expected-error@+1 {{expected powers of two, got -2}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, -2], threads_per_warp = [1, 32], warps = [1, 1]>>)

// -----

// expected-error@+1 {{expected powers of two, got 0}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 0]>>)

// -----

// expected-error@+1 {{expected threads_per_warp with a product of 32, got [2, 32]}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [2, 32], warps = [1, 1]>>)

// -----

// expected-error@+1 {{expected threads_per_warp with a product of 32, got [4294967296, 4294967296]}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [4294967296, 4294967296], warps = [1, 1]>>)

// -----

// expected-error@+1 {{expected warps with a product of at most 32, got [8, 8]}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [8, 8]>>)

// -----

// expected-error@+1 {{expected a layout that covers at most 16384 elements of dimension 1, got 1024 * 32 * 1}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [1, 1024], threads_per_warp = [1, 32], warps = [1, 1]>>)

// -----

// expected-error@+1 {{expected a layout that covers at most 16384 elements of dimension 0, got 4611686018427387904 * 4 * 1}}
func.func private @f(tensor<4x8xf32, #tile.blocked<size_per_thread = [4611686018427387904, 1], threads_per_warp = [4, 8], warps = [1, 1]>>)

// -----

// expected-error@+1 {{expected a layout of rank 3, got #tile.blocked}}
func.func private @f(tensor<2x4x8xf32, #tile.blocked<size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>>)

// -----

// A grid of threads.
// expected-error@+1 {{expected threads in 2 dimensions, got 1}}
func.func private @f() attributes {a = #tile.blocked<threads = [32], size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>}

// -----

// expected-error@+1 {{expected a grid of 1 to 64 threads, got [5, 13]}}
func.func private @f() attributes {a = #tile.blocked<threads = [5, 13], size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [2, 1]>}

// -----

// expected-error@+1 {{expected a grid of 1 to 64 threads, got [0, 13]}}
func.func private @f() attributes {a = #tile.blocked<threads = [0, 13], size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [2, 1]>}

// -----

// expected-error@+1 {{expected a grid of 1 to 64 threads, got [4611686018427387904, 8]}}
func.func private @f() attributes {a = #tile.blocked<threads = [4611686018427387904, 8], size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [2, 1]>}

// -----

// expected-error@+1 {{expected a layout that covers at most 16384 elements of dimension 1, got 512 * 48}}
func.func private @f() attributes {a = #tile.blocked<threads = [1, 48], size_per_thread = [1, 512], threads_per_warp = [1, 32], warps = [2, 1]>}

// -----

// expected-error@+1 {{expected a layout of whole warps for a tile, got #tile.blocked<threads = [3, 8], size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>}}
func.func private @f(tensor<4x8xf32, #tile.blocked<threads = [3, 8], size_per_thread = [1, 1], threads_per_warp = [1, 32], warps = [1, 1]>>)

// -----

// Shared memory.
tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.alloc' op result #0 must be memref of static shape in workgroup memory}}
  %0 = tile.alloc : memref<0xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.alloc' op result #0 must be memref of static shape in workgroup memory}}
  %0 = tile.alloc : memref<?xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.alloc' op result #0 must be memref of static shape in workgroup memory}}
  %0 = tile.alloc : memref<f32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.alloc' op result #0 must be memref of static shape in workgroup memory}}
  %0 = tile.alloc : memref<4xindex, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.alloc' op result #0 must be memref of static shape in workgroup memory}}
  %0 = tile.alloc : memref<4xi1, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.alloc' op result #0 must be memref of static shape in workgroup memory}}
  %0 = tile.alloc : memref<1099511627776x1099511627776xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  // expected-error@+1 {{'tile.alloc' op result #0 must be memref of static shape in workgroup memory}}
  %0 = tile.alloc : memref<4x4xf32, strided<[4611686018427387904, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<16xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected strides >= 1, got 0}}
  tile.copy %x[%i] to %0 dims [0] strides [0] : memref<64xf32, #gpu.address_space<global>> to memref<16xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<64xf16, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<16xf16, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected asynchronous copies of 4, 8 or 16 bytes, got 2}}
  tile.copy async %x[%i] to %0 dims [0] strides [1] : memref<64xf16, #gpu.address_space<global>> to memref<16xf16, #gpu.address_space<workgroup>>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_ranks(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<4x32xf32>
  // expected-error @below {{'tile.correlate' op expected x of rank 3 or 4, taps of rank 4 and a tile of rank 3, got 3, 4 and 2}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_shapes(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x3x32xf32>
  // expected-error @below {{'tile.correlate' op expected shapes G x C x S or G x C x K x S, G x M x C x K and G x M x N, got}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x3x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_types(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf16, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected operands of one type, f32, f16 or bf16, got 'f32' and 'f16'}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf16, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_accumulator(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf64>
  // expected-error @below {{'tile.correlate' op expected an accumulator of f32, got 'f64'}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf64>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_round(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf16, #shared>
  %t = tile.alloc : memref<1x4x2x3xf16, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected operands of f32 for round_tf32, got 'f16'}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 round_tf32 : memref<1x2x64xf16, #shared>, memref<1x4x2x3xf16, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_vector(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected vector to be a power of two from 1 to 4, got 8}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 vector 8 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_stride(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected stride from 1 to 1048576, got 0}}
  %s = tile.correlate %a, %t, %z stride 0 dilation 1 offset 0 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_offset(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected offset from 0 to 1048576, got -1}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset -1 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_dilation(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x3x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected dilation 1 where each tap has a row of x, got 2}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 2 offset 0 : memref<1x2x3x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_span(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected rows of x of at least 68 elements, got 64}}
  %s = tile.correlate %a, %t, %z stride 2 dilation 1 offset 0 vector 4 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_rows(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, strided<[2, 1, 2]>, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected contiguous rows of x, got}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 : memref<1x2x64xf32, strided<[2, 1, 2]>, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_pitch(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 3, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected strides of taps that are multiples of vector 4, got 3}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 vector 4 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 3, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

tile.func @f(%x: memref<64xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<16xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected a vector of several elements for skewed rows}}
  tile.copy %x[%i] to %0 dims [0] strides [1] skewed : memref<64xf32, #gpu.address_space<global>> to memref<16xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<?x?xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<2x8xf32, strided<[13, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected strides of the destination that are multiples of vector 4 for skewed rows of dynamic shape, got 'memref<2x8xf32, strided<[13, 1]>, #gpu.address_space<workgroup>>'}}
  tile.copy %x[%i, %i] to %0 dims [0, 1] strides [1, 1] vector 4 skewed : memref<?x?xf32, #gpu.address_space<global>> to memref<2x8xf32, strided<[13, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x5xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<2x8xf32, strided<[13, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected columns to be the first and the end of some of the destination's 8, got array<i64: 2, 9>}}
  tile.copy %x[%i, %i] to %0 dims [0, 1] strides [1, 1] vector 4 skewed columns [2, 9] : memref<4x5xf32, #gpu.address_space<global>> to memref<2x8xf32, strided<[13, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<2x8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected columns from 0 on, or skewed rows, got array<i64: 2, 5>}}
  tile.copy %x[%i, %i] to %0 dims [0, 1] strides [1, 1] vector 4 columns [2, 5] : memref<4x8xf32, #gpu.address_space<global>> to memref<2x8xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x8xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<2x8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected an end_shift only of columns}}
  tile.copy %x[%i, %i] to %0 dims [0, 1] strides [1, 1] vector 4 skewed end_shift %i : memref<4x8xf32, #gpu.address_space<global>> to memref<2x8xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%x: memref<4x5xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<2x8xf32, strided<[14, 1]>, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy' op expected strides of the memref and the destination that leave the same remainder by vector 4 for skewed rows, got 5 and 14 in dimension 0 of the destination}}
  tile.copy %x[%i, %i] to %0 dims [0, 1] strides [1, 1] vector 4 skewed : memref<4x5xf32, #gpu.address_space<global>> to memref<2x8xf32, strided<[14, 1]>, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<16xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.clear' op expected rows of a memref of rank 2, got 'memref<16xf32, #gpu.address_space<workgroup>>'}}
  tile.clear %0 before %i count 4 : memref<16xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<4x16xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.clear' op expected count to be a power of two, got 3}}
  tile.clear %0 before %i count 3 : memref<4x16xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %0 = tile.alloc : memref<4x16xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.clear' op expected an origin and a step of the skew, got 1 numbers}}
  tile.clear %0 before %i count 4 skew [%i] : memref<4x16xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @f(%i: index) attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  %a = tile.alloc : memref<16x8xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<8x8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected an origin and a step of the skew, got 3 numbers}}
  %0 = tile.dot fma %a, %b, %c skew [%i, %i, %i] : memref<16x8xf32, #gpu.address_space<workgroup>>, memref<8x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  %a = tile.alloc : memref<2x16x8xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<16x8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected operands of rank 2, or both of rank 3 with taps, got 3, 2 and 2}}
  %0 = tile.dot fma %a, %b, %c : memref<2x16x8xf32, #gpu.address_space<workgroup>>, memref<16x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  %a = tile.alloc : memref<2x16x8xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<16x8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected chunks of 4 elements (16 bytes) in a, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c rows_aligned : memref<2x16x8xf32, #gpu.address_space<workgroup>>, memref<16x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

tile.func @f() attributes {num_warps = 1 : i64} {
  %c = arith.constant dense<0.0> : tensor<16x8xf32>
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  %b = tile.alloc : memref<8x8xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.dot' op expected rows_aligned, and chunks and rows a multiple of 16 bytes apart, for a in chunks, got}}
  %0 = tile.dot mma_tf32 %a, %b, %c : memref<2x16x4xf32, #gpu.address_space<workgroup>>, memref<8x8xf32, #gpu.address_space<workgroup>>, tensor<16x8xf32>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
tile.func @correlate_positions(%x: index) attributes {num_warps = 1 : i64} {
  %a = tile.alloc : memref<1x2x64xf32, #shared>
  %t = tile.alloc : memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>
  %z = arith.constant dense<0.0> : tensor<1x4x32xf32>
  // expected-error @below {{'tile.correlate' op expected positions to be a power of two from 1 to 4, got 3}}
  %s = tile.correlate %a, %t, %z stride 1 dilation 1 offset 0 positions 3 : memref<1x2x64xf32, #shared>, memref<1x4x2x3xf32, strided<[32, 8, 4, 1]>, #shared>, tensor<1x4x32xf32>
  tile.return
}

// -----

tile.func @staged_rank(%x: memref<8xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %i = arith.constant 0 : index
  %0 = arith.constant dense<0.0> : tensor<8xf32>
  // expected-error@+1 {{'tile.store' op expected a staged store to be of rows along the last dimension of the memref}}
  tile.store %0, %x[%i] dims [0] strides [1] staged : tensor<8xf32>, memref<8xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @staged_planes(%x: memref<2x8x8xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %i = arith.constant 0 : index
  %0 = arith.constant dense<0.0> : tensor<2x8x8xf32>
  // expected-error@+1 {{'tile.store' op expected a staged store to be of rows along the last dimension of the memref}}
  tile.store %0, %x[%i, %i, %i] dims [0, 1, 2] strides [1, 1, 1] staged : tensor<2x8x8xf32>, memref<2x8x8xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @staged_shared(%x: memref<8x8xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %i = arith.constant 0 : index
  %a = tile.alloc : memref<8x8xf32, #gpu.address_space<workgroup>>
  %0 = arith.constant dense<0.0> : tensor<8x8xf32>
  // expected-error@+1 {{'tile.store' op expected a global memref for a staged store, got 'memref<8x8xf32, #gpu.address_space<workgroup>>'}}
  tile.store %0, %a[%i, %i] dims [0, 1] strides [1, 1] staged : tensor<8x8xf32>, memref<8x8xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @owned_without_staging(%x: memref<8x64xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %i = arith.constant 0 : index
  %0 = arith.constant dense<0.0> : tensor<8x64xf32>
  // expected-error@+1 {{'tile.store' op expected a staged store of a tile with owned columns}}
  tile.store %0, %x[%i, %i] dims [0, 1] strides [1, 1] owned 56 : tensor<8x64xf32>, memref<8x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @owned_part_of_sector(%x: memref<8x64xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %i = arith.constant 0 : index
  %0 = arith.constant dense<0.0> : tensor<8x64xf32>
  // expected-error@+1 {{'tile.store' op expected owned columns to be a multiple of 8 (32 bytes), as many fewer than the tile has, got 60}}
  tile.store %0, %x[%i, %i] dims [0, 1] strides [1, 1] staged owned 60 : tensor<8x64xf32>, memref<8x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @owned_all(%x: memref<8x64xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %i = arith.constant 0 : index
  %0 = arith.constant dense<0.0> : tensor<8x64xf32>
  // expected-error@+1 {{'tile.store' op expected owned columns to be a multiple of 8 (32 bytes), as many fewer than the tile has, got 64}}
  tile.store %0, %x[%i, %i] dims [0, 1] strides [1, 1] staged owned 64 : tensor<8x64xf32>, memref<8x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @apart_without_staging(%x: memref<8x64xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %i = arith.constant 0 : index
  %0 = arith.constant dense<0.0> : tensor<8x64xf32>
  // expected-error@+1 {{'tile.store' op expected a staged store with the bytes of its staging for memory apart}}
  tile.store %0, %x[%i, %i] dims [0, 1] strides [1, 1] staged apart : tensor<8x64xf32>, memref<8x64xf32, #gpu.address_space<global>>
  tile.return
}

// -----

tile.func @staged_in_loop(%x: memref<8x8xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %0 = arith.constant dense<0.0> : tensor<8x8xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    // expected-error@+1 {{'tile.store' op expected no loop around a staged store, which overwrites shared memory}}
    tile.store %0, %x[%c0, %c0] dims [0, 1] strides [1, 1] staged : tensor<8x8xf32>, memref<8x8xf32, #gpu.address_space<global>>
  }
  tile.return
}
