// RUN: poolc %s | FileCheck %s

// Offsets into a buffer of more than 2^32 elements have 64 bits.

#global = #gpu.address_space<global>

gpu.module @kernels {
  // CHECK-LABEL: .visible .entry fill(
  gpu.func @fill(%a: memref<8589934592xf32, #global>) kernel {
    %c1048576 = arith.constant 1048576 : index
    %zero = arith.constant 0.0 : f32
    %b = gpu.block_id x
    %t = gpu.thread_id x
    // CHECK: mov.u32 [[BLOCK:%r[0-9]+]], %ctaid.x
    // CHECK-NOT: shl.b32
    // CHECK: mul.wide.u32 {{.*}}, [[BLOCK]], 4194304
    // CHECK: st.global.b32
    %base = arith.muli %b, %c1048576 : index
    %i = arith.addi %base, %t : index
    memref.store %zero, %a[%i] : memref<8589934592xf32, #global>
    gpu.return
  }
}
