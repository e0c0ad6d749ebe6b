// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(gpu-select-instructions))' | FileCheck %s

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @scalars
  // CHECK-SAME: (%[[A:.*]]: f32, %[[B:.*]]: f32)
  gpu.func @scalars(%a: f32, %b: f32) -> (f32, f32, f32, f32) {
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    // CHECK: %[[R:.*]] = nvvm.rcp.approx.ftz.f %[[B]] : f32
    // CHECK: %[[Q:.*]] = arith.mulf %[[A]], %[[R]] : f32
    %q = arith.divf %a, %b fastmath<afn> : f32
    // CHECK: %[[ONE_BY:.*]] = nvvm.rcp.approx.ftz.f %[[A]] : f32
    %r = arith.divf %one, %a fastmath<afn> : f32
    // CHECK: %[[E:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[A]])
    %e = math.exp2 %a fastmath<afn> : f32
    // CHECK: %[[N:.*]] = llvm.call_intrinsic "llvm.nvvm.fma.rn.sat.f"(%[[A]], %[[A]], %[[B]])
    %s = math.fma %a, %a, %b : f32
    %m = arith.maxnumf %s, %zero : f32
    %n = arith.minnumf %m, %one : f32
    // CHECK: gpu.return %[[Q]], %[[ONE_BY]], %[[E]], %[[N]]
    gpu.return %q, %r, %e, %n : f32, f32, f32, f32
  }

  // An instruction for each element of a vector.
  // CHECK-LABEL: gpu.func @vectors
  // CHECK-SAME: (%[[V:.*]]: vector<2xf32>)
  gpu.func @vectors(%v: vector<2xf32>) -> vector<2xf32> {
    // CHECK: %[[X:.*]]:2 = vector.to_elements %[[V]]
    // CHECK: %[[E0:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[X]]#0)
    // CHECK: %[[E1:.*]] = llvm.call_intrinsic "llvm.nvvm.ex2.approx.ftz.f32"(%[[X]]#1)
    // CHECK: %[[E:.*]] = vector.from_elements %[[E0]], %[[E1]] : vector<2xf32>
    %e = math.exp2 %v fastmath<afn> : vector<2xf32>
    // CHECK: gpu.return %[[E]]
    gpu.return %e : vector<2xf32>
  }

  // What has to be exact, is not f32, keeps a NaN, has other limits, or needs the sum itself.
  // CHECK-LABEL: gpu.func @others
  // CHECK-NOT: nvvm
  gpu.func @others(%a: f32, %b: f32, %d: f64) -> (f32, f32, f64, f32, f32, f32) {
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %q = arith.divf %a, %b : f32
    %e = math.exp2 %a : f32
    %f = arith.divf %d, %d fastmath<afn> : f64
    %s = math.fma %a, %a, %b : f32
    %k = arith.maximumf %s, %zero : f32
    %l = arith.minimumf %k, %one : f32
    %t = math.fma %b, %b, %b : f32
    %m = arith.maxnumf %t, %zero : f32
    %n = arith.minnumf %m, %two : f32
    %u = math.fma %a, %b, %b : f32
    %o = arith.maxnumf %u, %zero : f32
    %p = arith.minnumf %o, %one : f32
    %v = arith.addf %p, %u : f32
    // CHECK: gpu.return
    gpu.return %q, %e, %f, %l, %n, %v : f32, f32, f64, f32, f32, f32
  }
}
