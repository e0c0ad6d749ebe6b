// What LLVM's backend holds against a kernel is an error, not the end of the process.

// RUN: split-file %s %t
// RUN: %exits 1 poolc %t/select.mlir -o %t/select.ptx 2>&1 | FileCheck %s --check-prefix=SELECT
// RUN: not ls %t/select.ptx 2>/dev/null
// RUN: %exits 1 poolc %t/alloca.mlir --target=a100 2>&1 | FileCheck %s --check-prefix=ALLOCA
// RUN: poolc %t/alloca.mlir --target=a100 --ptx-version=73
// RUN: %exits 1 poolc %t/version.mlir --target=h100 --ptx-version=78 2>&1 | FileCheck %s --check-prefix=VERSION
// RUN: poolc %t/version.mlir --target=h100 | FileCheck %s --check-prefix=NEEDED
// RUN: %exits 1 poolc %t/modules.mlir 2>&1 | FileCheck %s --check-prefix=MODULES

//--- select.mlir
// SELECT: select.mlir:1:1: error: internal error in LLVM: Cannot select: {{.*}}wgmma
gpu.module @kernels {
  llvm.func @kernel() attributes {nvvm.kernel} {
    nvvm.wgmma.fence.aligned
    llvm.return
  }
}

//--- alloca.mlir
// ALLOCA: alloca.mlir:{{.*}}: error: internal error: the PTX backend reports: {{.*}}dynamic alloca
gpu.module @kernels {
  llvm.func @kernel(%n: i32, %p: !llvm.ptr<1>) attributes {nvvm.kernel} {
    %a = llvm.alloca %n x f32 : (i32) -> !llvm.ptr
    llvm.store volatile %n, %a : i32, !llvm.ptr
    llvm.return
  }
}

//--- version.mlir
// VERSION: version.mlir:{{.*}}: error: expected PTX version 80 or later, which llvm.nvvm.elect.sync needs, got 78
// NEEDED: .version 8.0
gpu.module @kernels {
  llvm.func @kernel(%p: !llvm.ptr<1>) attributes {nvvm.kernel} {
    %elected = nvvm.elect.sync -> i1
    llvm.store %elected, %p : i1, !llvm.ptr<1>
    llvm.return
  }
}

//--- modules.mlir
// MODULES: modules.mlir:{{.*}}: error: expected one gpu.module, got 2
gpu.module @a {
  llvm.func @kernel() attributes {nvvm.kernel} {
    llvm.return
  }
}
gpu.module @b {
  llvm.func @kernel() attributes {nvvm.kernel} {
    llvm.return
  }
}
