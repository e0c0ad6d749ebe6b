// RUN: poolc-opt %s --tile-infer-guards --split-input-file | FileCheck %s

// Every coordinate is known: blocks 0 to 3 of 8 columns, rows 0 to 2.

// CHECK-LABEL: tile.func @inside
tile.func @inside(%x: memref<3x32xf32, #gpu.address_space<global>>)
    attributes {grid = array<i64: 4, 3, 1>, num_warps = 1 : i64} {
  %c8 = arith.constant 8 : index
  %w = tile.program_id 0
  %h = tile.program_id 1
  %i = arith.muli %w, %c8 : index
  // CHECK: tile.load {{.*}} guards [none, none] coordinate_bits 32
  %0 = tile.load %x[%h, %i] dims [-1, 0] strides [1, 1]
    : memref<3x32xf32, #gpu.address_space<global>> -> tensor<8xf32>
  // CHECK: tile.store {{.*}} guards [none, none] coordinate_bits 32
  tile.store %0, %x[%h, %i] dims [-1, 0] strides [1, 1]
    : tensor<8xf32>, memref<3x32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// The last block overruns the end by one element: 4 * 8 > 31.

// CHECK-LABEL: tile.func @high
tile.func @high(%x: memref<31xf32, #gpu.address_space<global>>)
    attributes {grid = array<i64: 4, 1, 1>, num_warps = 1 : i64} {
  %c8 = arith.constant 8 : index
  %w = tile.program_id 0
  %i = arith.muli %w, %c8 : index
  // CHECK: tile.load {{.*}} guards [high] coordinate_bits 32
  %0 = tile.load %x[%i] dims [0] strides [1]
    : memref<31xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
}

// -----

// Strides count: the last of 8 elements lies at 7 * 4 = 28 or 7 * 5 = 35.

// CHECK-LABEL: tile.func @strides
tile.func @strides(%x: memref<29xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  // CHECK: tile.load {{.*}} strides [4] guards [none]
  %0 = tile.load %x[%c0] dims [0] strides [4] : memref<29xf32, #gpu.address_space<global>> -> tensor<8xf32>
  // CHECK: tile.load {{.*}} strides [5] guards [high]
  %1 = tile.load %x[%c0] dims [0] strides [5] : memref<29xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
}

// -----

// Padding before, ranges from loops, and a block index without a grid, which
// may be so large that the coordinate of an idle lane would not fit 32 bits.

// CHECK-LABEL: tile.func @low
tile.func @low(%x: memref<64x64xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c-1 = arith.constant -1 : index
  %p = tile.program_id 2
  scf.for %k = %c0 to %c3 step %c1 {
    %i = arith.addi %k, %c-1 : index
    // CHECK: tile.load {{.*}} guards [high, low] :
    %0 = tile.load %x[%p, %i] dims [-1, 0] strides [1, 1]
      : memref<64x64xf32, #gpu.address_space<global>> -> tensor<8xf32>
  }
  tile.return
}

// -----

// Guards that are there are not put back.

// CHECK-LABEL: tile.func @never_adds
tile.func @never_adds(%x: memref<4xf32, #gpu.address_space<global>>, %i: index) attributes {num_warps = 1 : i64} {
  // CHECK: tile.load {{.*}} guards [low] :
  %0 = tile.load %x[%i] dims [0] strides [1] guards [low]
    : memref<4xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
}

// -----

// Leaves alone what it knows nothing of: an argument, a dynamic size.

// CHECK-LABEL: tile.func @unknown
tile.func @unknown(%x: memref<4xf32, #gpu.address_space<global>>, %y: memref<?xf32, #gpu.address_space<global>>, %i: index)
    attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  // CHECK: tile.load {{.*}} guards [both] :
  %0 = tile.load %x[%i] dims [0] strides [1] : memref<4xf32, #gpu.address_space<global>> -> tensor<4xf32>
  // CHECK: tile.load {{.*}} guards [high] :
  %1 = tile.load %y[%c0] dims [0] strides [1] : memref<?xf32, #gpu.address_space<global>> -> tensor<4xf32>
  tile.return
}

// -----

// A size that the host passes has a bound, and so have coordinates computed of it.

// CHECK-LABEL: tile.func @bounded
tile.func @bounded(%x: memref<?x?xf32, #gpu.address_space<global>>, %width: i32, %tiles: i32)
    attributes {grid = array<i64: 65535, 1, 1>, num_warps = 1 : i64} {
  %w = tile.size %width max 1000 : i32
  %n = tile.size %tiles max 10 : i32
  %v = tile.reshape %x sizes[%w] : memref<?x?xf32, #gpu.address_space<global>> to memref<65535x?xf32, #gpu.address_space<global>>
  %row = tile.program_id 0
  %c100 = arith.constant 100 : index
  %tile = arith.remui %row, %n : index
  %column = arith.muli %tile, %c100 : index
  // CHECK: tile.load {{.*}} guards [none, high] coordinate_bits 32 :
  %0 = tile.load %v[%row, %column] dims [-1, 0] strides [1, 1]
    : memref<65535x?xf32, #gpu.address_space<global>> -> tensor<4xf32>
  tile.return
}

// -----

// 64 bits stay where a coordinate, a size or a stride needs them. The element
// after the last of the tile would be at 2^31, and so would those of idle lanes.

// CHECK-LABEL: tile.func @wide
tile.func @wide(%x: memref<4294967296xf32, #gpu.address_space<global>>,
                %y: memref<8xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %far = arith.constant 2147483640 : index
  // CHECK: tile.load {{.*}} strides [1] guards [none] :
  %0 = tile.load %x[%c0] dims [0] strides [1] : memref<4294967296xf32, #gpu.address_space<global>> -> tensor<8xf32>
  // CHECK: tile.load {{.*}} strides [1] guards [high] :
  %1 = tile.load %y[%far] dims [0] strides [1] : memref<8xf32, #gpu.address_space<global>> -> tensor<8xf32>
  // CHECK: tile.load {{.*}} strides [1099511627776] guards [high] :
  %2 = tile.load %y[%c0] dims [0] strides [1099511627776] : memref<8xf32, #gpu.address_space<global>> -> tensor<8xf32>
  // Here the third element is at -2 again.
  // CHECK: tile.load {{.*}} strides [9223372036854775807] guards [both] :
  %3 = tile.load %y[%c0] dims [0] strides [9223372036854775807] : memref<8xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
}

// -----

// A sum that wraps around has no range: nothing is dropped.

// CHECK-LABEL: tile.func @wrapping
tile.func @wrapping(%x: memref<8xf32, #gpu.address_space<global>>)
    attributes {grid = array<i64: 4, 1, 1>, num_warps = 1 : i64} {
  %huge = arith.constant 4611686018427387904 : index
  %w = tile.program_id 0
  %i = arith.muli %w, %huge : index
  // CHECK: tile.load {{.*}} guards [both] :
  %0 = tile.load %x[%i] dims [0] strides [1] : memref<8xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
}

// -----

// An empty tensor and an empty grid: every element is outside.

// CHECK-LABEL: tile.func @empty
tile.func @empty(%x: memref<0x8xf32, #gpu.address_space<global>>, %y: memref<f32, #gpu.address_space<global>>)
    attributes {grid = array<i64: 0, 1, 1>, num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %n = tile.program_id 0
  // CHECK: tile.load {{.*}} guards [high, none] coordinate_bits 32
  %0 = tile.load %x[%n, %c0] dims [-1, 0] strides [1, 1]
    : memref<0x8xf32, #gpu.address_space<global>> -> tensor<8xf32>
  // CHECK: tile.load %{{.*}}[] dims [] strides [] guards [] coordinate_bits 32
  %1 = tile.load %y[] dims [] strides [] : memref<f32, #gpu.address_space<global>> -> tensor<1xf32>
  tile.return
}

// -----

// Several blocks, one of them never reached.

// CHECK-LABEL: tile.func @blocks
tile.func @blocks(%x: memref<8xf32, #gpu.address_space<global>>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  cf.br ^next(%c0 : index)
^next(%i: index):
  // CHECK: tile.load {{.*}} guards [none] coordinate_bits 32
  %0 = tile.load %x[%i] dims [0] strides [1] : memref<8xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
^never(%j: index):
  // CHECK: tile.load {{.*}} guards [both] :
  %1 = tile.load %x[%j] dims [0] strides [1] : memref<8xf32, #gpu.address_space<global>> -> tensor<8xf32>
  tile.return
}
