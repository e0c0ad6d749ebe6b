// RUN: poolc-opt %s --split-input-file --gpu-overlap-launches | FileCheck %s

#global = #gpu.address_space<global>

// What an earlier launch writes changes while the kernel is there: not noalias. The rest stays.
module attributes {gpu.container_module, nn.target = "h200"} {
  // CHECK-LABEL: func.func @three
  func.func @three(%x: memref<64xf32, #global>, %y: memref<32xf32, #global>) {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    %t = memref.alloc() : memref<64xf32, #global>
    %part = memref.reinterpret_cast %t to offset: [0], sizes: [32], strides: [1]
        : memref<64xf32, #global> to memref<32xf32, #global>
    // CHECK: gpu.launch_func @kernels::@first
    // CHECK-NOT: poolc.programmatic
    // CHECK: gpu.launch_func @kernels::@second
    // CHECK-SAME: {poolc.programmatic}
    // CHECK: gpu.launch_func @kernels::@third
    // CHECK-SAME: {poolc.programmatic}
    gpu.launch_func @kernels::@first blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%x : memref<64xf32, #global>, %t : memref<64xf32, #global>)
    gpu.launch_func @kernels::@second blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%x : memref<64xf32, #global>, %part : memref<32xf32, #global>, %y : memref<32xf32, #global>)
    gpu.launch_func @kernels::@third blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%x : memref<64xf32, #global>, %y : memref<32xf32, #global>)
    return
  }
  gpu.module @kernels {
    // CHECK: gpu.func @first(%{{.*}} {llvm.noalias, llvm.readonly}, %{{.*}} {llvm.noalias})
    // CHECK-NOT: griddepcontrol
    gpu.func @first(%x: memref<64xf32, #global> {llvm.noalias, llvm.readonly},
                    %t: memref<64xf32, #global> {llvm.noalias}) kernel {
      gpu.return
    }
    // CHECK: gpu.func @second(
    // CHECK-SAME: {llvm.noalias, llvm.readonly}
    // CHECK-SAME: {llvm.readonly}
    // CHECK-SAME: {llvm.noalias}
    // CHECK-NEXT: nvvm.griddepcontrol wait
    gpu.func @second(%x: memref<64xf32, #global> {llvm.noalias, llvm.readonly},
                     %t: memref<32xf32, #global> {llvm.noalias, llvm.readonly},
                     %y: memref<32xf32, #global> {llvm.noalias}) kernel {
      gpu.return
    }
    // CHECK: gpu.func @third(
    // CHECK-SAME: {llvm.noalias, llvm.readonly}
    // CHECK-SAME: memref<32xf32, #gpu.address_space<global>>) kernel
    // CHECK-NEXT: nvvm.griddepcontrol wait
    gpu.func @third(%x: memref<64xf32, #global> {llvm.noalias, llvm.readonly},
                    %y: memref<32xf32, #global> {llvm.noalias}) kernel {
      gpu.return
    }
  }
}

// -----

#global = #gpu.address_space<global>

// Of 8.9, nothing.
module attributes {gpu.container_module, nn.target = "rtx4090"} {
  // CHECK-LABEL: func.func @two
  // CHECK-NOT: poolc.programmatic
  // CHECK-NOT: griddepcontrol
  func.func @two(%x: memref<64xf32, #global>) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%x : memref<64xf32, #global>)
    gpu.launch_func @kernels::@again blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
        args(%x : memref<64xf32, #global>)
    return
  }
  gpu.module @kernels {
    gpu.func @kernel(%x: memref<64xf32, #global> {llvm.noalias}) kernel {
      gpu.return
    }
    // CHECK: gpu.func @again(%{{.*}} {llvm.noalias})
    gpu.func @again(%x: memref<64xf32, #global> {llvm.noalias}) kernel {
      gpu.return
    }
  }
}
