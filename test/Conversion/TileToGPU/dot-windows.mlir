// RUN: poolc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Windows of 16 taps, 8 positions apart, of two channels: a thread has half of one. Its eight
// taps are two loads of 16 bytes, as are those of each of two rows of a, for four instructions.
// CHECK-LABEL: gpu.func @windows
// CHECK-NOT: memref.load
// CHECK-COUNT-1: vector.load {{.*}} vector<4xf32>
// CHECK-COUNT-2: vector.load {{.*}} vector<4xf32>
// CHECK-COUNT-2: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
// CHECK-COUNT-3: vector.load {{.*}} vector<4xf32>
// CHECK-COUNT-2: nvvm.mma.sync
// CHECK-NOT: {{vector.load|memref.load|nvvm.mma.sync}}
// CHECK: gpu.return
tile.func @windows(%y: memref<16x8xf32, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x32xf32, strided<[36, 1]>, #shared>
  %x = tile.alloc : memref<168xf32, #shared>
  %b = tile.view %x[%c0] : memref<168xf32, #shared> to memref<2x16x8xf32, strided<[84, 1, 8], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #fragments>
  %d = tile.dot mma_tf32 %a, %b, %zero rows_aligned column_phase 0 windows : memref<16x32xf32, strided<[36, 1]>, #shared>, memref<2x16x8xf32, strided<[84, 1, 8], offset: ?>, #shared>, tensor<16x8xf32, #fragments>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x8xf32, #fragments>, memref<16x8xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Where only a run knows how far rows are from aligned, elements are loaded one by one: those of
// each of a thread's two channels where that one lies. Two columns of a are loaded at once.
// CHECK-LABEL: gpu.func @skewed
// CHECK-DAG: %[[LOW:.*]] = arith.andi %{{.*}}, %c3_i32
// CHECK-DAG: %[[HIGH:.*]] = arith.andi %{{.*}}, %c3_i32
// CHECK-COUNT-2: memref.load
// CHECK-COUNT-2: vector.load {{.*}} vector<2xf32>
// CHECK: nvvm.mma.sync
// CHECK-NOT: {{vector.load.*vector<4xf32>}}
// CHECK: gpu.return
tile.func @skewed(%y: memref<16x8xf32, #global>, %origin: index, %step: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<16x24xf32, strided<[28, 1]>, #shared>
  %x = tile.alloc : memref<160xf32, #shared>
  %b = tile.view %x[%c0] : memref<160xf32, #shared> to memref<8x3x8xf32, strided<[20, 1, 1], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32, #fragments>
  %d = tile.dot mma_tf32 %a, %b, %zero rows_aligned windows skew [%origin, %step] : memref<16x24xf32, strided<[28, 1]>, #shared>, memref<8x3x8xf32, strided<[20, 1, 1], offset: ?>, #shared>, tensor<16x8xf32, #fragments>
  tile.store %d, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<16x8xf32, #fragments>, memref<16x8xf32, #global>
  tile.return
}

// -----

#shared = #gpu.address_space<workgroup>
#global = #gpu.address_space<global>
#fragments = #tile.blocked<size_per_thread = [1, 2], threads_per_warp = [8, 4], warps = [1, 1]>

// Two fragments of rows and eight of columns, in two steps that a load brings at once: all rows of
// a step are multiplied before the next, those of a are loaded first, and a column's load stands in
// front of its first product.
// CHECK-LABEL: gpu.func @columns
// CHECK-COUNT-2: vector.load {{.*}} memref<1272xf16, {{.*}} vector<8xf16>
// CHECK-COUNT-1: vector.load {{.*}} memref<2112xf16, {{.*}} vector<8xf16>
// CHECK-NOT: vector.load
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load {{.*}} vector<8xf16>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load {{.*}} vector<8xf16>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load {{.*}} vector<8xf16>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load {{.*}} vector<8xf16>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load {{.*}} vector<8xf16>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load {{.*}} vector<8xf16>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-1: vector.load {{.*}} vector<8xf16>
// CHECK: nvvm.mma.sync
// CHECK-COUNT-2: vector.load {{.*}} vector<8xf16>
// CHECK-NOT: vector.load
// CHECK-COUNT-24: nvvm.mma.sync
// CHECK-NOT: {{vector.load.*vector<8xf16>|nvvm.mma.sync}}
// CHECK: gpu.return
tile.func @columns(%y: memref<32x64xf16, #global>) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %a = tile.alloc : memref<32x32xf16, strided<[40, 1]>, #shared>
  %x = tile.alloc : memref<2112xf16, #shared>
  %b = tile.view %x[%c0] : memref<2112xf16, #shared> to memref<4x8x64xf16, strided<[528, 1, 8], offset: ?>, #shared>
  %zero = arith.constant dense<0.0> : tensor<32x64xf32, #fragments>
  %d = tile.dot mma %a, %b, %zero rows_aligned column_phase 0 windows : memref<32x32xf16, strided<[40, 1]>, #shared>, memref<4x8x64xf16, strided<[528, 1, 8], offset: ?>, #shared>, tensor<32x64xf32, #fragments>
  %e = arith.truncf %d : tensor<32x64xf32, #fragments> to tensor<32x64xf16, #fragments>
  tile.store %e, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<32x64xf16, #fragments>, memref<32x64xf16, #global>
  tile.return
}
