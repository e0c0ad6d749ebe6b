// A program whose sizes only a run knows takes them behind the buffers, checks them
// before anything is launched, and computes grids, arguments and its workspace.

// RUN: rm -rf %t.dir && mkdir %t.dir
// RUN: poolc %s -o %t.dir/generated.h
// RUN: clang++ -shared -fPIC %S/Inputs/fake_cuda.cpp -o %t.dir/libcuda.so.1
// RUN: printf '#include "generated.h"\n#include "generated.h"\n' > %t.dir/main.cpp
// RUN: cat %S/Inputs/header_dynamic_main.cpp >> %t.dir/main.cpp
// RUN: clang++ -std=c++17 -Wall -Wextra -Werror %t.dir/main.cpp -o %t.dir/main
// RUN: env LD_LIBRARY_PATH=%t.dir %t.dir/main | FileCheck %s
// RUN: FileCheck %s --check-prefix=HEADER < %t.dir/generated.h

// HEADER: //   error = program.launch(x, y, N, L, workspace, stream);
// HEADER: static int checkSizes(Size N, Size L) {
// HEADER: /// `x`: f32[N, L], read.
// HEADER: /// `y`: f32[N, (L + 3)/2], written.

// CHECK:      load .version 7.8
// CHECK-NEXT: attribute 8 of twice: 65536
// Three rows of nine floats are 108 bytes, and 256 with their alignment.
// CHECK-NEXT: workspace 256
// CHECK-NEXT: N too large 1
// CHECK-NEXT: L too small 1
// CHECK-NEXT: N * L too large 1
// CHECK-NEXT: overflow 1
// A grid of no blocks is not launched.
// CHECK-NEXT: launch scale <4 1 1> <32 1 1> shared 0 stream 0x77: 0x3000 0x2000 0 0.5 3
// CHECK-NEXT: no rows 0
// CHECK-NEXT: launch twice <3 5 1> <100 1 1> shared 65536 stream 0x77: 0x1000 0x3000
// CHECK-NEXT: launch scale <2 1 1> <32 1 1> shared 0 stream 0x77: 0x3000 0x2000 27 0.5 6
// CHECK-NEXT: launched 0
// CHECK-NEXT: unload

#global = #gpu.address_space<global>

module attributes {gpu.container_module} {
  func.func @main(%x: memref<?x?xf32, #global> {nn.name = "x", nn.role = "input"},
                  %y: memref<?x?xf32, #global> {nn.name = "y", nn.role = "output"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %c7 = arith.constant 7 : index
    %c32 = arith.constant 32 : index
    %c100 = arith.constant 100 : index
    %c1000 = arith.constant 1000 : index
    %c5000 = arith.constant 5000 : index
    %bytes = arith.constant 65536 : i32
    %half = arith.constant 0.5 : f32
    %n = memref.dim {nn.name = "N"} %x, %c0 : memref<?x?xf32, #global>
    %l = memref.dim {nn.name = "L"} %x, %c1 : memref<?x?xf32, #global>
    %few = arith.cmpi sle, %n, %c1000 : index
    cf.assert %few, "expected N of at most 1000"
    %long = arith.cmpi sge, %l, %c4 : index
    cf.assert %long, "expected L of at least 4"
    %elements = arith.muli %n, %l : index
    %small = arith.cmpi sle, %elements, %c5000 : index
    cf.assert %small, "expected at most 5000 elements"
    %l3 = arith.addi %l, %c3 : index
    %m = arith.floordivsi %l3, %c2 : index
    %yn = memref.dim %y, %c0 : memref<?x?xf32, #global>
    %ym = memref.dim %y, %c1 : memref<?x?xf32, #global>
    %samen = arith.cmpi eq, %yn, %n : index
    cf.assert %samen, "expected as many rows"
    %samem = arith.cmpi eq, %ym, %m : index
    cf.assert %samem, "expected that length"
    %between = memref.alloc(%n, %l) {nn.name = "between"} : memref<?x?xf32, #global>
    // Pointers go to kernels; what they point to has as many elements as there can be.
    %xp = memref.reinterpret_cast %x to offset: [0], sizes: [2305843009213693951], strides: [1] : memref<?x?xf32, #global> to memref<2305843009213693951xf32, #global>
    %yp = memref.reinterpret_cast %y to offset: [0], sizes: [2305843009213693951], strides: [1] : memref<?x?xf32, #global> to memref<2305843009213693951xf32, #global>
    %bp = memref.reinterpret_cast %between to offset: [0], sizes: [2305843009213693951], strides: [1] : memref<?x?xf32, #global> to memref<2305843009213693951xf32, #global>
    %half_l = arith.ceildivsi %l, %c2 : index
    gpu.launch_func @kernels::@twice blocks in (%n, %half_l, %c1) threads in (%c100, %c1, %c1)
      dynamic_shared_memory_size %bytes
      args(%xp : memref<2305843009213693951xf32, #global>, %bp : memref<2305843009213693951xf32, #global>) {nn.op = "nn.twice"}
    %blocks = arith.remsi %l, %c7 : index
    %m32 = arith.index_cast %m : index to i32
    gpu.launch_func @kernels::@scale blocks in (%blocks, %c1, %c1) threads in (%c32, %c1, %c1)
      args(%bp : memref<2305843009213693951xf32, #global>, %yp : memref<2305843009213693951xf32, #global>, %elements : index,
           %half : f32, %m32 : i32)
    return
  }
  gpu.module @kernels {
    gpu.func @twice(%a: memref<2305843009213693951xf32, #global> {llvm.align = 16 : i64}, %b: memref<2305843009213693951xf32, #global>) kernel {
      gpu.return
    }
    gpu.func @scale(%a: memref<2305843009213693951xf32, #global>, %b: memref<2305843009213693951xf32, #global> {llvm.align = 4 : i64},
                    %n: index, %f: f32, %m: i32) kernel {
      gpu.return
    }
  }
}
