// The header compiles without warnings and asks the driver for what the plan says.

// RUN: rm -rf %t.dir && mkdir %t.dir
// RUN: poolc %s -o %t.dir/generated.h
// RUN: clang++ -shared -fPIC %S/Inputs/fake_cuda.cpp -o %t.dir/libcuda.so.1
// RUN: printf '#include "generated.h"\n#include "generated.h"\n' > %t.dir/main.cpp
// RUN: cat %S/Inputs/header_main.cpp >> %t.dir/main.cpp
// RUN: clang++ -std=c++17 -Wall -Wextra -Werror %t.dir/main.cpp -o %t.dir/main
// RUN: env LD_LIBRARY_PATH=%t.dir %t.dir/main | FileCheck %s
// RUN: env LD_LIBRARY_PATH=%t.dir/none %t.dir/main | FileCheck %s --check-prefix=NO-DRIVER
// RUN: mkdir %t.dir/older
// RUN: clang++ -DOLDER_DRIVER -shared -fPIC %S/Inputs/fake_cuda.cpp -o %t.dir/older/libcuda.so.1
// RUN: env LD_LIBRARY_PATH=%t.dir/older %t.dir/main | FileCheck %s --check-prefix=OLDER

// CHECK:      load .version 7.8
// CHECK-NEXT: attribute 8 of twice: 65536
// CHECK-NEXT: workspace 4096
// CHECK-NEXT: misaligned 716
// CHECK-NEXT: launch twice <15 7 1> <100 1 1> shared 65536 stream 0x77: 0x1000 0x3000
// CHECK-NEXT: 1 attribute 6: 1; launch scale <1 1 1> <32 1 1> shared 0 stream 0x77: 0x3000 0x2000 1000 0.5 -3
// CHECK-NEXT: launched 0
// CHECK-NEXT: unload

// OLDER: {{^}}launch scale <1

// NO-DRIVER: loaded 3
// NO-DRIVER: launched 3

#global = #gpu.address_space<global>

module attributes {gpu.container_module} {
  // One name is a word of C++, the other one no name in C++ at all.
  func.func @main(%x: memref<10x100xf32, #global> {nn.name = "float", nn.role = "input"},
                  %y: memref<10x100xf32, #global> {nn.name = "argument0", nn.role = "output"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c7 = arith.constant 7 : index
    %c15 = arith.constant 15 : index
    %c32 = arith.constant 32 : index
    %c100 = arith.constant 100 : index
    %c1000 = arith.constant 1000 : index
    %minus_three = arith.constant -3 : i32
    %half = arith.constant 0.5 : f32
    %bytes = arith.constant 65536 : i32
    %between = memref.alloc() {nn.name = "between"} : memref<1000xf32, #global>
    gpu.launch_func @kernels::@twice blocks in (%c15, %c7, %c1) threads in (%c100, %c1, %c1)
      dynamic_shared_memory_size %bytes
      args(%x : memref<10x100xf32, #global>, %between : memref<1000xf32, #global>) {nn.op = "nn.twice"}
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
      args(%between : memref<1000xf32, #global>, %y : memref<10x100xf32, #global>, %c1000 : index,
           %half : f32, %minus_three : i32) {poolc.programmatic}
    gpu.launch_func @kernels::@twice blocks in (%c7, %c0, %c1) threads in (%c1, %c1, %c1)
      args(%x : memref<10x100xf32, #global>, %between : memref<1000xf32, #global>)
    return
  }
  gpu.module @kernels {
    gpu.func @twice(%a: memref<10x100xf32, #global> {llvm.align = 16 : i64}, %b: memref<1000xf32, #global>) kernel {
      gpu.return
    }
    gpu.func @scale(%a: memref<1000xf32, #global>, %b: memref<10x100xf32, #global> {llvm.align = 4 : i64},
                    %n: index, %f: f32, %m: i32) kernel {
      gpu.return
    }
  }
}
