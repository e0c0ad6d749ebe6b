// RUN: poolc %s --emit=plan | FileCheck %s

// What the host computes for a launch has its value in the plan.

module attributes {gpu.container_module} {
  func.func @main() {
    %c1 = arith.constant 1 : index
    %c5 = arith.constant 5 : index
    %c17 = arith.constant 17 : index
    %add = arith.addi %c17, %c5 : index
    %sub = arith.subi %c5, %c17 : index
    %mul = arith.muli %c17, %c5 : index
    %divs = arith.divsi %c17, %c5 : index
    %divu = arith.divui %c17, %c5 : index
    %floordiv = arith.floordivsi %c17, %c5 : index
    %rems = arith.remsi %c17, %c5 : index
    %remu = arith.remui %c17, %c5 : index
    %ceildivs = arith.ceildivsi %c17, %c5 : index
    %ceildivu = arith.ceildivui %c17, %c5 : index
    %mins = arith.minsi %c17, %c5 : index
    %minu = arith.minui %c17, %c5 : index
    %maxs = arith.maxsi %c17, %c5 : index
    %maxu = arith.maxui %c17, %c5 : index
    %product = arith.muli %add, %mul : index
    %cast = arith.index_cast %product : index to i32
    %wide = arith.extsi %cast : i32 to i64

    // CHECK:      "scalar": "i64",
    // CHECK-NEXT: "value": 22
    // CHECK:      "value": -12
    // CHECK:      "value": 85
    // CHECK:      "value": 3
    // CHECK:      "value": 3
    // CHECK:      "value": 3
    // CHECK:      "value": 2
    // CHECK:      "value": 2
    // CHECK:      "value": 4
    // CHECK:      "value": 4
    // CHECK:      "value": 5
    // CHECK:      "value": 5
    // CHECK:      "value": 17
    // CHECK:      "value": 17
    // CHECK:      "value": 1870
    gpu.launch_func @kernels::@arithmetic blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
      args(%add : index, %sub : index, %mul : index, %divs : index, %divu : index, %floordiv : index,
           %rems : index, %remu : index, %ceildivs : index, %ceildivu : index, %mins : index,
           %minu : index, %maxs : index, %maxu : index, %wide : i64)

    %eq = arith.cmpi eq, %c17, %c5 : index
    %ne = arith.cmpi ne, %c17, %c5 : index
    %slt = arith.cmpi slt, %c17, %c5 : index
    %ult = arith.cmpi ult, %c5, %c17 : index
    %sle = arith.cmpi sle, %c17, %c17 : index
    %ule = arith.cmpi ule, %c17, %c5 : index
    %sgt = arith.cmpi sgt, %c17, %c5 : index
    %ugt = arith.cmpi ugt, %c5, %c17 : index
    %sge = arith.cmpi sge, %c17, %c17 : index
    %uge = arith.cmpi uge, %c5, %c17 : index
    %eq_i32 = arith.extui %eq : i1 to i32
    %ne_i32 = arith.extui %ne : i1 to i32
    %slt_i32 = arith.extui %slt : i1 to i32
    %ult_i32 = arith.extui %ult : i1 to i32
    %sle_i32 = arith.extui %sle : i1 to i32
    %ule_i32 = arith.extui %ule : i1 to i32
    %sgt_i32 = arith.extui %sgt : i1 to i32
    %ugt_i32 = arith.extui %ugt : i1 to i32
    %sge_i32 = arith.extui %sge : i1 to i32
    %uge_i32 = arith.extui %uge : i1 to i32

    // CHECK:      "kernel": "comparisons"
    // CHECK:      "value": 0
    // CHECK:      "value": 1
    // CHECK:      "value": 0
    // CHECK:      "value": 1
    // CHECK:      "value": 1
    // CHECK:      "value": 0
    // CHECK:      "value": 1
    // CHECK:      "value": 0
    // CHECK:      "value": 1
    // CHECK:      "value": 0
    gpu.launch_func @kernels::@comparisons blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
      args(%eq_i32 : i32, %ne_i32 : i32, %slt_i32 : i32, %ult_i32 : i32, %sle_i32 : i32,
           %ule_i32 : i32, %sgt_i32 : i32, %ugt_i32 : i32, %sge_i32 : i32, %uge_i32 : i32)
    return
  }
  gpu.module @kernels {
    gpu.func @arithmetic(%a0: index, %a1: index, %a2: index, %a3: index, %a4: index, %a5: index,
                         %a6: index, %a7: index, %a8: index, %a9: index, %a10: index, %a11: index,
                         %a12: index, %a13: index, %a14: i64) kernel {
      gpu.return
    }
    gpu.func @comparisons(%a0: i32, %a1: i32, %a2: i32, %a3: i32, %a4: i32, %a5: i32, %a6: i32,
                          %a7: i32, %a8: i32, %a9: i32) kernel {
      gpu.return
    }
  }
}
