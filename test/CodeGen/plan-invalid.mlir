// RUN: split-file --leading-lines %s %t
// RUN: not poolc %t/two.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: not poolc %t/none.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not poolc %t/dynamic.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// RUN: not poolc %t/blocks.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=BLOCKS
// RUN: not poolc %t/operation.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=OPERATION
// RUN: not poolc %t/arithmetic.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=ARITHMETIC
// RUN: not poolc %t/view.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=VIEW
// RUN: not poolc %t/result.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: not poolc %t/division.mlir --emit=plan 2>&1 | FileCheck %s --check-prefix=DIVISION

//--- two.mlir
// TWO: two.mlir:[[# @LINE + 4]]:1: error: 'func.func' op expected one function with a body in the module, got 'a' and 'b'
func.func @a() {
  return
}
func.func @b() {
  return
}
gpu.module @kernels {
}

//--- none.mlir
// NONE: error: expected a function that launches the kernels
gpu.module @kernels {
}

//--- dynamic.mlir
// DYNAMIC: error: expected a contiguous buffer of numbers, got 'memref<?xf32, strided<[2]>>'
func.func @main(%x: memref<?xf32, strided<[2]>>) {
  return
}
gpu.module @kernels {
}

//--- blocks.mlir
// BLOCKS: error: 'func.func' op expected one block without control flow
func.func @main() {
  cf.br ^next
^next:
  return
}
gpu.module @kernels {
}

//--- operation.mlir
func.func @main() {
  // OPERATION: operation.mlir:[[# @LINE + 1]]:3: error: 'gpu.wait' op cannot be part of a launch plan
  gpu.wait
  return
}
gpu.module @kernels {
}

//--- arithmetic.mlir
module attributes {gpu.container_module} {
  func.func @main(%x: memref<4xi32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %f = arith.constant 1.0 : f32
    // ARITHMETIC: arithmetic.mlir:[[# @LINE + 1]]:10: error: 'arith.fptosi' op cannot be part of a launch plan; expected integer arithmetic
    %n = arith.fptosi %f : f32 to i32
    %i = arith.index_cast %n : i32 to index
    gpu.launch_func @kernels::@k blocks in (%i, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  gpu.module @kernels {
    gpu.func @k() kernel {
      gpu.return
    }
  }
}

//--- view.mlir
module attributes {gpu.container_module} {
  func.func @main(%x: memref<4xi32>) {
    %c1 = arith.constant 1 : index
    // VIEW: view.mlir:[[# @LINE + 1]]:10: error: 'memref.cast' op cannot be part of a launch plan
    %v = memref.cast %x : memref<4xi32> to memref<?xi32>
    return
  }
  gpu.module @kernels {
  }
}

//--- result.mlir
module attributes {gpu.container_module} {
  func.func @main(%x: memref<4xi32> {nn.name = "x"}) {
    %c1 = arith.constant 1 : index
    // RESULT: error: 'gpu.launch_func' op expected nn.result to name a buffer, got "z"
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
      {nn.index = 0 : i64, nn.result = "z"}
    return
  }
  gpu.module @kernels {
    gpu.func @k() kernel {
      gpu.return
    }
  }
}

//--- division.mlir
module attributes {gpu.container_module} {
  func.func @main() {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // DIVISION: division.mlir:[[# @LINE + 1]]:10: error: cannot be part of a launch plan: division by zero
    %q = arith.divui %c1, %c0 : index
    gpu.launch_func @kernels::@k blocks in (%q, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
  gpu.module @kernels {
    gpu.func @k() kernel {
      gpu.return
    }
  }
}
