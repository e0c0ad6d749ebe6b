// RUN: poolc-opt %s --split-input-file \
// RUN:   --pass-pipeline='builtin.module(gpu.module(gpu.func(gpu-recompute)))' | FileCheck %s

// The thread and the block are read again behind the loop, and the row computed again. What the loop uses
// itself, and what comes from memory, is held over it.
// CHECK-LABEL: gpu.func @store_behind_loop
// CHECK-DAG: %[[THREAD:.*]] = gpu.thread_id x
// CHECK-DAG: %[[LOADED:.*]] = memref.load
// CHECK-DAG: %[[USED:.*]] = arith.muli %[[THREAD]], %c3
// CHECK: scf.for
// CHECK: vector.broadcast %[[USED]]
// CHECK: scf.yield
// CHECK-DAG: %[[AGAIN:.*]] = llvm.inline_asm has_side_effects "mov.u32 $0, %tid.x;", "=r"  : () -> i32
// CHECK-DAG: %[[BLOCK:.*]] = llvm.inline_asm has_side_effects "mov.u32 $0, %ctaid.y;", "=r"  : () -> i32
// CHECK-DAG: %[[INDEX:.*]] = arith.index_castui %[[AGAIN]] : i32 to index
// CHECK-DAG: %[[BLOCK_INDEX:.*]] = arith.index_castui %[[BLOCK]] : i32 to index
// CHECK-DAG: %[[SCALED:.*]] = arith.muli %[[INDEX]], %c8
// CHECK: %[[ROW:.*]] = arith.addi %[[SCALED]], %[[BLOCK_INDEX]]
// CHECK: scf.if
// CHECK: memref.store %{{.*}}, %{{.*}}[%[[ROW]]]
// CHECK: memref.store %[[LOADED]], %{{.*}}[%[[USED]]]
gpu.module @kernels {
  gpu.func @store_behind_loop(%y: memref<4096xf32>, %more: i1) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c8 = arith.constant 8 : index
    %c10 = arith.constant 10 : index
    %zero = arith.constant dense<0> : vector<32xindex>
    %thread = gpu.thread_id x
    %block = gpu.block_id y
    %scaled = arith.muli %thread, %c8 : index
    %row = arith.addi %scaled, %block : index
    %loaded = memref.load %y[%row] : memref<4096xf32>
    %used = arith.muli %thread, %c3 : index
    %sum = scf.for %i = %c0 to %c10 step %c1 iter_args(%s = %zero) -> vector<32xindex> {
      %all = vector.broadcast %used : index to vector<32xindex>
      %t = arith.addi %s, %all : vector<32xindex>
      scf.yield %t : vector<32xindex>
    }
    %first = vector.extract %sum[0] : index from vector<32xindex>
    %small = arith.index_cast %first : index to i32
    %value = arith.sitofp %small : i32 to f32
    scf.if %more {
      memref.store %value, %y[%row] : memref<4096xf32>
    }
    memref.store %loaded, %y[%used] : memref<4096xf32>
    gpu.return
  }
}

// -----

// A loop that carries little leaves registers enough.
// CHECK-LABEL: gpu.func @few_values
// CHECK-NOT: inline_asm
gpu.module @kernels {
  gpu.func @few_values(%y: memref<4096xf32>) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant dense<0.0> : vector<31xf32>
    %thread = gpu.thread_id x
    %row = arith.muli %thread, %c8 : index
    %sum = scf.for %i = %c0 to %c8 step %c1 iter_args(%s = %zero) -> vector<31xf32> {
      %x = vector.load %y[%i] : memref<4096xf32>, vector<31xf32>
      %t = arith.addf %s, %x : vector<31xf32>
      scf.yield %t : vector<31xf32>
    }
    vector.store %sum, %y[%row] : memref<4096xf32>, vector<31xf32>
    gpu.return
  }
}
