// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(externalize-dynamic-shared))' | FileCheck %s
// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(externalize-dynamic-shared{alignment=128}))' \
// RUN:   | FileCheck %s --check-prefix=ALIGN128
// RUN: not poolc-opt %s --pass-pipeline='builtin.module(gpu.module(externalize-dynamic-shared{alignment=24}))' 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WRONG

// WRONG: error: expected a power of two as alignment of dynamic shared memory, got 24

gpu.module @kernels {
  // CHECK: llvm.mlir.global external @dynamic() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<0 x i8>
  // ALIGN128: llvm.mlir.global external @dynamic() {addr_space = 3 : i32, alignment = 128 : i64}
  llvm.mlir.global internal @dynamic() {addr_space = 3 : i32} : !llvm.array<0 x i8>

  // An alignment that is larger already stays.
  // CHECK: llvm.mlir.global external @aligned() {addr_space = 3 : i32, alignment = 64 : i64} : !llvm.array<0 x f32>
  llvm.mlir.global internal @aligned() {addr_space = 3 : i32, alignment = 64 : i64} : !llvm.array<0 x f32>

  // CHECK: llvm.mlir.global internal @static() {addr_space = 3 : i32} : !llvm.array<4 x i8>
  llvm.mlir.global internal @static() {addr_space = 3 : i32} : !llvm.array<4 x i8>

  // CHECK: llvm.mlir.global internal @elsewhere() {addr_space = 1 : i32} : !llvm.array<0 x i8>
  llvm.mlir.global internal @elsewhere() {addr_space = 1 : i32} : !llvm.array<0 x i8>

  // CHECK: llvm.mlir.global internal @scalar() {addr_space = 3 : i32} : f32
  llvm.mlir.global internal @scalar() {addr_space = 3 : i32} : f32
}
