// RUN: poolc %s | FileCheck %s
// RUN: %if ptxas %{ poolc %s -o %t.ptx && ptxas -arch=sm_89 %t.ptx -o %t.cubin %}

// Shared memory of the launch has no size in the text; memory with a size of its
// own lies beside it. Its addresses take one register each.
// CHECK: .extern .shared .align 16 .b8 __dynamic_shmem__0[];

#global = #gpu.address_space<global>
#shared = #gpu.address_space<workgroup>

gpu.module @kernels {
  // CHECK-LABEL: .visible .entry reverse_blocks(
  gpu.func @reverse_blocks(
      %a: memref<1024xf32, #global> {llvm.noalias, llvm.readonly, llvm.align = 16 : i64},
      %c: memref<1024xf32, #global> {llvm.noalias, llvm.align = 16 : i64})
      kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
    %c0 = arith.constant 0 : index
    %c4 = arith.constant 4 : index
    %c32 = arith.constant 32 : index
    %c127 = arith.constant 127 : index
    %c128 = arith.constant 128 : index
    %bx = gpu.block_id x
    %tx = gpu.thread_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #shared>
    %tile = memref.view %bytes[%c0][] : memref<?xi8, #shared> to memref<128xf32, #shared>
    %base = arith.muli %bx, %c128 : index
    %view = memref.reinterpret_cast %a to offset: [%base], sizes: [128], strides: [1]
        : memref<1024xf32, #global> to memref<128xf32, strided<[1], offset: ?>, #global>
    %loads = arith.cmpi ult, %tx, %c32 : index
    scf.if %loads {
      // CHECK: ld.global.nc.v4.b32
      // CHECK: st.shared.v4.b32 [%r{{[0-9]+}}
      %offset = arith.muli %tx, %c4 : index
      %v = vector.load %view[%offset] {alignment = 16 : i64}
          : memref<128xf32, strided<[1], offset: ?>, #global>, vector<4xf32>
      vector.store %v, %tile[%offset] {alignment = 16 : i64} : memref<128xf32, #shared>, vector<4xf32>
    }
    // CHECK: bar.sync 0
    gpu.barrier
    // CHECK: ld.shared.b32
    %mirror = arith.subi %c127, %tx : index
    %e = memref.load %tile[%mirror] : memref<128xf32, #shared>
    %i = arith.addi %base, %tx : index
    memref.store %e, %c[%i] : memref<1024xf32, #global>
    gpu.return
  }

  // CHECK-LABEL: .visible .entry workgroup(
  // CHECK: .shared .align 4 .b8 {{.*}}[128];
  gpu.func @workgroup(%a: memref<32xf32, #global>)
      workgroup(%buffer: memref<32xf32, #shared>) kernel {
    %c31 = arith.constant 31 : index
    %t = gpu.thread_id x
    %mirror = arith.subi %c31, %t : index
    %x = memref.load %a[%t] : memref<32xf32, #global>
    memref.store %x, %buffer[%t] : memref<32xf32, #shared>
    gpu.barrier
    %y = memref.load %buffer[%mirror] : memref<32xf32, #shared>
    memref.store %y, %a[%t] : memref<32xf32, #global>
    gpu.return
  }
}
