// RUN: poolc %s | FileCheck %s
// RUN: %if ptxas %{ poolc %s -o %t.ptx && ptxas -arch=sm_89 %t.ptx -o %t.cubin %}

// Views of memory with computed offsets become plain address arithmetic.

#global = #gpu.address_space<global>

gpu.module @kernels {
  // CHECK-LABEL: .visible .entry row(
  // CHECK: ld.global
  // CHECK: st.global
  gpu.func @row(%a: memref<16x32xf32, #global>, %b: memref<512xf32, #global>) kernel {
    %i = gpu.block_id x
    %j = gpu.thread_id x
    %row = memref.subview %a[%i, 0] [1, 32] [1, 1]
        : memref<16x32xf32, #global> to memref<32xf32, strided<[1], offset: ?>, #global>
    %flat = memref.collapse_shape %a [[0, 1]] : memref<16x32xf32, #global> into memref<512xf32, #global>
    %x = memref.load %row[%j] : memref<32xf32, strided<[1], offset: ?>, #global>
    %y = memref.load %flat[%j] : memref<512xf32, #global>
    %sum = arith.addf %x, %y : f32
    memref.store %sum, %b[%j] : memref<512xf32, #global>
    gpu.return
  }
}
