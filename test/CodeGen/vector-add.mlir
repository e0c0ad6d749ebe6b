// RUN: poolc %s | FileCheck %s
// RUN: poolc %s --target=a100 | FileCheck %s --check-prefix=A100
// RUN: poolc %s --target=h200 --ptx-version=8.0 | FileCheck %s --check-prefix=H200
// RUN: %if ptxas %{ poolc %s -o %t.ptx && ptxas -arch=sm_89 %t.ptx -o %t.cubin %}

// The lowest version that the chip needs, unless told otherwise.
// CHECK: .version 7.8
// CHECK-NEXT: .target sm_89
// A100: .version 7.0
// A100-NEXT: .target sm_80
// H200: .version 8.0
// H200-NEXT: .target sm_90

gpu.module @kernels {
  // CHECK-LABEL: .visible .entry multiply_add(
  // CHECK-NEXT: .param .u64 .ptr .global .align 16 multiply_add_param_0
  // CHECK: .maxntid 128, 1, 1
  gpu.func @multiply_add(
      %a: memref<1000xf32, #gpu.address_space<global>> {llvm.noalias, llvm.readonly, llvm.align = 16 : i64},
      %b: memref<1000xf32, #gpu.address_space<global>> {llvm.noalias, llvm.readonly, llvm.align = 16 : i64},
      %c: memref<1000xf32, #gpu.address_space<global>> {llvm.noalias, llvm.align = 16 : i64})
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c128 = arith.constant 128 : index
    %c1000 = arith.constant 1000 : index
    %bx = gpu.block_id x
    %tx = gpu.thread_id x
    %base = arith.muli %bx, %c128 : index
    %i = arith.addi %base, %tx : index
    %inside = arith.cmpi ult, %i, %c1000 : index
    scf.if %inside {
      // Read-only arguments go through the non-coherent cache, and a product
      // and a sum become one instruction.
      // CHECK: ld.global.nc.b32
      // CHECK: ld.global.nc.b32
      // CHECK: fma.rn.f32
      // CHECK-NOT: mul.rn.f32
      // CHECK: st.global.b32
      %va = memref.load %a[%i] : memref<1000xf32, #gpu.address_space<global>>
      %vb = memref.load %b[%i] : memref<1000xf32, #gpu.address_space<global>>
      %product = arith.mulf %va, %vb : f32
      %sum = arith.addf %product, %vb : f32
      memref.store %sum, %c[%i] : memref<1000xf32, #gpu.address_space<global>>
    }
    gpu.return
  }

  // CHECK-LABEL: .visible .entry math(
  // CHECK-NOT: call
  // CHECK: fma.rn.f32
  // CHECK: abs.f32
  // CHECK: sqrt.rn.f32
  gpu.func @math(%a: memref<8xf32, #gpu.address_space<global>>) kernel {
    %i = gpu.thread_id x
    %x = memref.load %a[%i] : memref<8xf32, #gpu.address_space<global>>
    %y = math.fma %x, %x, %x : f32
    %z = math.absf %y : f32
    %w = math.sqrt %z : f32
    memref.store %w, %a[%i] : memref<8xf32, #gpu.address_space<global>>
    gpu.return
  }
}
