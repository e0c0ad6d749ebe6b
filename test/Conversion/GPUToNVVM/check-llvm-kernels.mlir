// RUN: poolc-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(gpu.module(check-llvm-kernels))'

// What can be translated passes: both dialects, calls of functions that are
// defined here or that the driver provides.
gpu.module @accepted {
  llvm.func @vprintf(!llvm.ptr, !llvm.ptr) -> i32
  llvm.func @helper(%f: f32) -> f32 {
    llvm.return %f : f32
  }
  llvm.func @kernel(%f: f32, %p: !llvm.ptr) attributes {nvvm.kernel} {
    %t = nvvm.read.ptx.sreg.tid.x : i32
    %g = llvm.call @helper(%f) : (f32) -> f32
    %r = llvm.call @vprintf(%p, %p) : (!llvm.ptr, !llvm.ptr) -> i32
    llvm.return
  }
}

// -----

gpu.module @other_dialect {
  llvm.func @kernel(%a: f32) {
    // expected-error@+1 {{internal error: 'arith.addf' has no lowering to the LLVM dialect}}
    %b = arith.addf %a, %a : f32
    llvm.return
  }
}

// -----

gpu.module @library_call {
  llvm.func @__nv_expf(f32) -> f32
  llvm.func @kernel(%a: f32) {
    // expected-error@+1 {{internal error: call of '__nv_expf', which nothing defines; no device library is linked}}
    %b = llvm.call @__nv_expf(%a) : (f32) -> f32
    llvm.return
  }
}

// -----

gpu.module @math_library {
  llvm.func @kernel(%a: f32) {
    // expected-error@+1 {{internal error: 'llvm.intr.exp' has no PTX instruction; expected an expansion of it}}
    %b = llvm.intr.exp(%a) : (f32) -> f32
    llvm.return
  }
}

// -----

// A cast is only named where no operation beside it is at fault.
gpu.module @cast {
  llvm.func @kernel(%a: i64) {
    // expected-error@+1 {{internal error: conversion of 'i64' to 'index' is left over}}
    %b = builtin.unrealized_conversion_cast %a : i64 to index
    llvm.return
  }
}

// -----

gpu.module @cast_beside_operation {
  llvm.func @kernel(%a: i64) {
    %b = builtin.unrealized_conversion_cast %a : i64 to index
    // expected-error@+1 {{internal error: 'arith.addi' has no lowering to the LLVM dialect}}
    %c = arith.addi %b, %b : index
    llvm.return
  }
}
