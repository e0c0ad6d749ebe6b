// RUN: poolc-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(gpu.module(gpu.func(gpu-compute-in-parts)))' | FileCheck %s

// Each part is computed where it is used first: the second behind the barrier.
// CHECK-LABEL: gpu.func @silu
// CHECK-SAME: (%[[SUMS:.*]]: vector<24xf32>,
// CHECK-NOT: math.exp2
// CHECK: %[[FIRST:.*]] = vector.shuffle %[[SUMS]], %[[SUMS]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
// CHECK: arith.mulf %[[FIRST]], %{{.*}} : vector<16xf32>
// CHECK: math.exp2 %{{.*}} : vector<16xf32>
// CHECK: arith.divf %[[FIRST]], %{{.*}} fastmath<afn> : vector<16xf32>
// CHECK: %[[STORED:.*]] = arith.truncf %{{.*}} : vector<16xf32> to vector<16xf16>
// CHECK: %[[LOWER:.*]] = vector.shuffle %[[STORED]], %[[STORED]] [0, 1, 2, 3]
// CHECK: vector.store %[[LOWER]]
// CHECK-NOT: math.exp2
// CHECK: %[[UPPER:.*]] = vector.shuffle %[[STORED]], %[[STORED]] [4, 5, 6, 7]
// CHECK: vector.store %[[UPPER]]
// CHECK: gpu.barrier
// CHECK: vector.shuffle %[[SUMS]], %[[SUMS]] [16, 17, 18, 19, 20, 21, 22, 23]
// CHECK: math.exp2 %{{.*}} : vector<8xf32>
// CHECK: scf.if
// CHECK: vector.store
gpu.module @kernels {
  gpu.func @silu(%sums: vector<24xf32>, %y: memref<24xf16>, %inside: i1) kernel {
    %c0 = arith.constant 0 : index
    %c4 = arith.constant 4 : index
    %c16 = arith.constant 16 : index
    %factor = arith.constant dense<-1.5> : vector<24xf32>
    %one = arith.constant dense<1.0> : vector<24xf32>
    %scaled = arith.mulf %sums, %factor : vector<24xf32>
    %power = math.exp2 %scaled : vector<24xf32>
    %sum = arith.addf %power, %one : vector<24xf32>
    %quotient = arith.divf %sums, %sum fastmath<afn> : vector<24xf32>
    %all = arith.truncf %quotient : vector<24xf32> to vector<24xf16>
    %lower = vector.shuffle %all, %all [0, 1, 2, 3] : vector<24xf16>, vector<24xf16>
    vector.store %lower, %y[%c0] : memref<24xf16>, vector<4xf16>
    %upper = vector.shuffle %all, %all [4, 5, 6, 7] : vector<24xf16>, vector<24xf16>
    vector.store %upper, %y[%c4] : memref<24xf16>, vector<4xf16>
    gpu.barrier
    scf.if %inside {
      %last = vector.shuffle %all, %all [16, 17, 18, 19] : vector<24xf16>, vector<24xf16>
      vector.store %last, %y[%c16] : memref<24xf16>, vector<4xf16>
    }
    gpu.return
  }
}

// -----

// What takes elements of two parts takes them of all, one part after the other.
// CHECK-LABEL: gpu.func @across
// CHECK: %[[P0:.*]] = arith.mulf %{{.*}} : vector<16xf32>
// CHECK: %[[P1:.*]] = arith.mulf %{{.*}} : vector<8xf32>
// CHECK: %[[ALL:.*]] = vector.shuffle %[[P0]], %[[P1]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]
// CHECK: vector.shuffle %[[ALL]], %[[ALL]] [15, 16]
gpu.module @kernels {
  gpu.func @across(%v: vector<24xf32>, %y: memref<24xf32>) kernel {
    %c0 = arith.constant 0 : index
    %a = math.absf %v : vector<24xf32>
    %b = math.exp2 %a : vector<24xf32>
    %c = arith.addf %a, %b : vector<24xf32>
    %all = arith.mulf %c, %v : vector<24xf32>
    %two = vector.shuffle %all, %all [15, 16] : vector<24xf32>, vector<24xf32>
    vector.store %two, %y[%c0] : memref<24xf32>, vector<2xf32>
    gpu.return
  }
}

// -----

// Nothing is used twice; or a loop follows or holds it; or it is needed besides, so that what is left is short.
// CHECK-LABEL: gpu.func @left_alone
// CHECK-NOT: vector<16xf32>
// CHECK: gpu.return
gpu.module @kernels {
  gpu.func @left_alone(%v: vector<24xf32>, %w: vector<24xf32>, %y: memref<24xf32>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c9 = arith.constant 9 : index
    %s0 = arith.addf %v, %w : vector<24xf32>
    %s1 = math.exp2 %s0 : vector<24xf32>
    %s2 = math.absf %s1 : vector<24xf32>
    %s3 = math.exp2 %s2 : vector<24xf32>
    vector.store %s3, %y[%c0] : memref<24xf32>, vector<24xf32>
    %e = math.absf %v : vector<24xf32>
    %f = math.exp2 %e : vector<24xf32>
    %g = arith.addf %e, %f : vector<24xf32>
    %h = arith.mulf %g, %v : vector<24xf32>
    vector.store %h, %y[%c0] : memref<24xf32>, vector<24xf32>
    scf.for %i = %c0 to %c9 step %c1 {
      %a = math.absf %v : vector<24xf32>
      %b = math.exp2 %a : vector<24xf32>
      %c = arith.addf %a, %b : vector<24xf32>
      %d = arith.mulf %c, %v : vector<24xf32>
      vector.store %d, %y[%c0] : memref<24xf32>, vector<24xf32>
    }
    %a = math.absf %v : vector<24xf32>
    %b = math.exp2 %a : vector<24xf32>
    vector.store %b, %y[%c0] : memref<24xf32>, vector<24xf32>
    %c = arith.addf %a, %b : vector<24xf32>
    %d = arith.mulf %c, %v : vector<24xf32>
    vector.store %d, %y[%c0] : memref<24xf32>, vector<24xf32>
    gpu.return
  }
}
