// Each operation parses, prints and parses again.

// RUN: poolc-opt %s | FileCheck %s
// RUN: poolc-opt %s --verify-roundtrip -o /dev/null
// RUN: poolc-opt %s --mlir-print-op-generic | poolc-opt | FileCheck %s

#blocked = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [4, 8], warps = [2, 1]>

// CHECK-LABEL: func.func @host
func.func @host(%x: memref<8x64xf32, #gpu.address_space<global>>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  // CHECK: tile.launch @access grid(%[[C2:.*]], %[[C1:.*]], %[[C1]]) args(%{{.*}}, %{{.*}}) {nn.op = "nn.conv1d"} : memref<8x64xf32, #gpu.address_space<global>>, memref<8x64xf32, #gpu.address_space<global>>
  tile.launch @access grid(%c2, %c1, %c1) args(%x, %x) {nn.op = "nn.conv1d"}
    : memref<8x64xf32, #gpu.address_space<global>>, memref<8x64xf32, #gpu.address_space<global>>
  // CHECK: tile.launch @nothing grid(%[[C2]], %[[C1]], %[[C1]]) args(){{$}}
  tile.launch @nothing grid(%c2, %c1, %c1) args()
  return
}

// CHECK: tile.func @access(%[[X:.*]]: memref<8x64xf32, #gpu.address_space<global>>, %[[Y:.*]]: memref<8x64xf32, #gpu.address_space<global>>) attributes {grid = array<i64: 2, 1, 1>, num_warps = 2 : i64}
tile.func @access(%x: memref<8x64xf32, #gpu.address_space<global>>,
                  %y: memref<8x64xf32, #gpu.address_space<global>>)
    attributes {grid = array<i64: 2, 1, 1>, num_warps = 2 : i64} {
  %c0 = arith.constant 0 : index
  // CHECK: %[[P:.*]] = tile.program_id 0
  %p = tile.program_id 0
  // CHECK: tile.load %[[X]][%[[P]], %{{.*}}] dims [0, 1] strides [1, 3] : memref<8x64xf32, #gpu.address_space<global>> -> tensor<4x16xf32>
  %plain = tile.load %x[%p, %c0] dims [0, 1] strides [1, 3]
    : memref<8x64xf32, #gpu.address_space<global>> -> tensor<4x16xf32>
  // CHECK: tile.load %{{.*}} dims [-1, 1] strides [1, 1] guards [none, both] coordinate_bits 32 vector 4 :
  %row = tile.load %x[%p, %c0] dims [-1, 1] strides [1, 1] guards [none, both] coordinate_bits 32 vector 4
    : memref<8x64xf32, #gpu.address_space<global>> -> tensor<1x16xf32>
  // CHECK: tile.broadcast %{{.*}} : tensor<1x16xf32> -> tensor<4x16xf32>
  %rows = tile.broadcast %row : tensor<1x16xf32> -> tensor<4x16xf32>
  // CHECK: tile.store %{{.*}}, %[[Y]][%[[P]], %{{.*}}] dims [0, 1] strides [1, 1] guards [low, high] vector 2 : tensor<4x16xf32>, memref<8x64xf32, #gpu.address_space<global>>
  tile.store %rows, %y[%p, %c0] dims [0, 1] strides [1, 1] guards [low, high] vector 2
    : tensor<4x16xf32>, memref<8x64xf32, #gpu.address_space<global>>
  // CHECK: tile.return
  tile.return
}

// CHECK-LABEL: tile.func @nothing() attributes {num_warps = 1 : i64}
tile.func @nothing() attributes {num_warps = 1 : i64} {
  tile.return
}

// Without a grid, and with numbers as arguments.
// CHECK-LABEL: tile.func @scalars(%{{.*}}: index, %{{.*}}: f32) attributes {num_warps = 32 : i64}
tile.func @scalars(%n: index, %f: f32) attributes {num_warps = 32 : i64} {
  tile.return
}

// A number is a memref of rank 0.
// CHECK-LABEL: tile.func @rank_zero
tile.func @rank_zero(%x: memref<f16, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  // CHECK: tile.load %{{.*}}[] dims [] strides [] guards [] : memref<f16, #gpu.address_space<global>> -> tensor<1xf16>
  %0 = tile.load %x[] dims [] strides [] guards [] : memref<f16, #gpu.address_space<global>> -> tensor<1xf16>
  tile.return
}

// CHECK-LABEL: tile.func @layouts
tile.func @layouts(%start: index) attributes {num_warps = 2 : i64} {
  // CHECK: tile.iota %{{.*}} dim 1 step -3 : tensor<1x16xi64, #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [4, 8], warps = [2, 1]>>
  %0 = tile.iota %start dim 1 step -3 : tensor<1x16xi64, #blocked>
  // CHECK: tile.broadcast
  %1 = tile.broadcast %0 : tensor<1x16xi64, #blocked> -> tensor<8x16xi64, #blocked>
  tile.return
}

// CHECK-LABEL: tile.func @dynamic
tile.func @dynamic(%x: memref<?xi8, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // CHECK: tile.load %{{.*}} : memref<?xi8, #gpu.address_space<global>> -> tensor<32xi8>
  %0 = tile.load %x[%i] dims [0] strides [1] : memref<?xi8, #gpu.address_space<global>> -> tensor<32xi8>
  tile.return
}

// CHECK-LABEL: tile.func @reshape
tile.func @reshape(%x: memref<?x6xf32, #gpu.address_space<global>>, %n: i32, %whole: i1) attributes {num_warps = 1 : i64} {
  %count = tile.size %n max 5000 : i32
  // CHECK: tile.reshape %{{.*}} sizes[%{{.*}}] : memref<?x6xf32, #gpu.address_space<global>> to memref<?x3x2xf32, #gpu.address_space<global>>
  %0 = tile.reshape %x sizes[%count] : memref<?x6xf32, #gpu.address_space<global>> to memref<?x3x2xf32, #gpu.address_space<global>>
  // CHECK: tile.reshape %{{.*}} sizes[%{{.*}}] inside %{{.*}} : memref<?x6xf32, #gpu.address_space<global>> to memref<?x2x3xf32, #gpu.address_space<global>>
  %1 = tile.reshape %x sizes[%count] inside %whole : memref<?x6xf32, #gpu.address_space<global>> to memref<?x2x3xf32, #gpu.address_space<global>>
  tile.return
}

// CHECK-LABEL: tile.func @windows
tile.func @windows(%x: memref<4x?xf32, #gpu.address_space<global>>, %n: i32, %m: i32) attributes {num_warps = 1 : i64} {
  %length = tile.size %n max 5000 : i32
  %count = tile.size %m max 400 : i32
  // CHECK: tile.windows %{{.*}} length %{{.*}} dim 1 apart 12 sizes[%{{.*}}] : memref<4x?xf32, #gpu.address_space<global>> to memref<4x?x16xf32, #gpu.address_space<global>>
  %windows = tile.windows %x length %length dim 1 apart 12 sizes[%count]
    : memref<4x?xf32, #gpu.address_space<global>> to memref<4x?x16xf32, #gpu.address_space<global>>
  tile.return
}

// CHECK-LABEL: tile.func @correlate
tile.func @correlate() attributes {num_warps = 1 : i64} {
  %sum = arith.constant dense<0.0> : tensor<1x2x32xf32>
  %x = tile.alloc : memref<1x1x72xf32, #gpu.address_space<workgroup>>
  %again = tile.alloc reused : memref<64xf32, #gpu.address_space<workgroup>>
  %taps = tile.alloc : memref<1x2x1x4xf32, #gpu.address_space<workgroup>>
  // CHECK: tile.correlate %{{.*}}, %{{.*}}, %{{.*}} stride 2 dilation 1 offset 3 vector 4 positions 2 round_tf32 : memref<1x1x72xf32, #gpu.address_space<workgroup>>, memref<1x2x1x4xf32, #gpu.address_space<workgroup>>, tensor<1x2x32xf32>
  %0 = tile.correlate %x, %taps, %sum stride 2 dilation 1 offset 3 vector 4 positions 2 round_tf32
         : memref<1x1x72xf32, #gpu.address_space<workgroup>>, memref<1x2x1x4xf32, #gpu.address_space<workgroup>>, tensor<1x2x32xf32>
  tile.return
}
