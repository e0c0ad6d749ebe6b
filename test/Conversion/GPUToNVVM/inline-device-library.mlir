// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(inline-device-library))' | FileCheck %s

// CHECK-LABEL: gpu.module @kernels
// CHECK-NOT: @__nv_fmaf
// CHECK: llvm.func @__nv_expf(f32) -> f32
gpu.module @kernels {
  llvm.func @__nv_fmaf(f32, f32, f32) -> f32
  llvm.func @__nv_fma(f64, f64, f64) -> f64
  llvm.func @__nv_fabsf(f32) -> f32
  llvm.func @__nv_sqrtf(f32) -> f32
  llvm.func @__nv_exp2f(f32) -> f32
  llvm.func @__nv_floorf(f32) -> f32
  llvm.func @__nv_ceilf(f32) -> f32
  llvm.func @__nv_truncf(f32) -> f32
  llvm.func @__nv_rintf(f32) -> f32
  llvm.func @__nv_copysignf(f32, f32) -> f32
  llvm.func @__nv_expf(f32) -> f32

  // CHECK: llvm.func @kernel(%[[A:.*]]: f32, %[[D:.*]]: f64)
  llvm.func @kernel(%a: f32, %d: f64) -> f32 {
    // CHECK-NEXT: %[[FMA:.*]] = llvm.intr.fma(%[[A]], %[[A]], %[[A]]) : (f32, f32, f32) -> f32
    %0 = llvm.call @__nv_fmaf(%a, %a, %a) : (f32, f32, f32) -> f32
    // CHECK-NEXT: llvm.intr.fma({{.*}}) : (f64, f64, f64) -> f64
    %1 = llvm.call @__nv_fma(%d, %d, %d) : (f64, f64, f64) -> f64
    // CHECK-NEXT: llvm.intr.fabs(%[[FMA]])
    %2 = llvm.call @__nv_fabsf(%0) : (f32) -> f32
    // CHECK-NEXT: llvm.intr.sqrt
    %3 = llvm.call @__nv_sqrtf(%2) : (f32) -> f32
    // CHECK-NEXT: llvm.intr.floor
    %4 = llvm.call @__nv_floorf(%3) : (f32) -> f32
    // CHECK-NEXT: llvm.intr.ceil
    %5 = llvm.call @__nv_ceilf(%4) : (f32) -> f32
    // CHECK-NEXT: llvm.intr.trunc
    %6 = llvm.call @__nv_truncf(%5) : (f32) -> f32
    // CHECK-NEXT: llvm.intr.rint
    %7 = llvm.call @__nv_rintf(%6) : (f32) -> f32
    // CHECK-NEXT: llvm.intr.copysign
    %8 = llvm.call @__nv_copysignf(%7, %a) : (f32, f32) -> f32
    // CHECK-NEXT: llvm.intr.exp2
    %e = llvm.call @__nv_exp2f(%8) : (f32) -> f32
    // No instruction has this meaning.
    // CHECK-NEXT: llvm.call @__nv_expf
    %9 = llvm.call @__nv_expf(%e) : (f32) -> f32
    llvm.return %9 : f32
  }
}
