// RUN: poolc %s --emit=plan | FileCheck %s
// RUN: poolc %s | FileCheck %s --check-prefix=PTX
// RUN: poolc %s --emit=plan > %t.json
// RUN: poolc %s --emit=llvm | poolc - --emit=plan | grep -v '"location"' > %t.llvm.json
// RUN: grep -v '"location"' %t.json | diff - %t.llvm.json
// RUN: poolc %s --target=a100 --emit=plan | FileCheck %s --check-prefix=A100

// The plan is one comment line at the top of the PTX.
// PTX: {{^}}//poolc.plan {"schema":1,
// PTX: .visible .entry twice

// A100: "target": "a100",
// A100-NEXT: "chip": "sm_80",
// A100-NEXT: "ptx_version": "7.0",

// CHECK:      "schema": 1,
// CHECK:      "target": "rtx4090",
// CHECK-NEXT: "chip": "sm_89",
// CHECK-NEXT: "ptx_version": "7.8",
// CHECK-NEXT: "entry": "main",
// CHECK-NEXT: "source": "the source",

#global = #gpu.address_space<global>

module attributes {gpu.container_module, nn.source = "the source"} {
  // The alignment is the strictest that a kernel relies on.
  // CHECK: "arguments": [
  // CHECK-NEXT: {
  // CHECK-NEXT: "name": "input"
  // CHECK-NEXT: "role": "input"
  // CHECK-NEXT: "dtype": "f32"
  // CHECK-NEXT: "shape": [
  // CHECK-NEXT: 10,
  // CHECK-NEXT: 100
  // CHECK-NEXT: ],
  // CHECK-NEXT: "alignment": 16
  // CHECK-NEXT: },
  // CHECK-NEXT: {
  // CHECK-NEXT: "name": "result"
  // CHECK-NEXT: "role": "output"
  func.func @main(%x: memref<10x100xf32, #global> {nn.name = "input", nn.role = "input"},
                  %y: memref<10x100xf32, #global> {nn.name = "result", nn.role = "output"}) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c7 = arith.constant 7 : index
    %c100 = arith.constant 100 : index
    %c1000 = arith.constant 1000 : index
    %c1000_i32 = arith.constant 1000 : i32
    %half = arith.constant 0.5 : f32
    %bytes = arith.constant 512 : i32
    // CHECK: "temporaries": [
    // CHECK: "name": "between"
    // CHECK-NEXT: "dtype": "f32"
    // CHECK-NEXT: "shape": [
    // CHECK-NEXT: 1000
    // CHECK-NEXT: ],
    // CHECK-NEXT: "init": "undefined"
    %between = memref.alloc() {nn.name = "between"} : memref<1000xf32, #global>

    // CHECK: "kernel": "twice"
    // CHECK-NEXT: "op": "nn.twice"
    // CHECK-NEXT: "location": "{{.*}}plan.mlir:[[# @LINE + 14]]:5"
    // CHECK-NEXT: "grid": [
    // CHECK-NEXT: 15,
    // CHECK-NEXT: 7,
    // CHECK-NEXT: 1
    // CHECK-NEXT: ],
    // CHECK-NEXT: "block": [
    // CHECK-NEXT: 100,
    // CHECK: "dynamic_shared_bytes": 512
    // CHECK-NOT: "when"
    // CHECK: "buffer": "input"
    // CHECK: "buffer": "between"
    %tiles = arith.ceildivui %c100, %c7 : index
    %rows = arith.minui %c7, %c100 : index
    gpu.launch_func @kernels::@twice blocks in (%tiles, %rows, %c1) threads in (%c100, %c1, %c1)
      dynamic_shared_memory_size %bytes
      args(%x : memref<10x100xf32, #global>, %between : memref<1000xf32, #global>)
      {nn.op = "nn.twice", nn.index = 3 : i64, nn.result = "between"}

    // Numbers are passed by value.
    // CHECK: "kernel": "scale"
    // CHECK-NOT: "when"
    // CHECK: "scalar": "i64"
    // CHECK-NEXT: "value": 1000
    // CHECK: "scalar": "f32"
    // CHECK-NEXT: "value": 0.5
    // CHECK: "scalar": "i32"
    // CHECK-NEXT: "value": 1000
    gpu.launch_func @kernels::@scale blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
      args(%between : memref<1000xf32, #global>, %y : memref<10x100xf32, #global>, %c1000 : index,
           %half : f32, %c1000_i32 : i32)

    // An empty grid is never launched.
    // CHECK: "kernel": "twice"
    // CHECK: "when": 0
    gpu.launch_func @kernels::@twice blocks in (%c7, %c0, %c1) threads in (%c1, %c1, %c1)
      args(%x : memref<10x100xf32, #global>, %between : memref<1000xf32, #global>)
    return
  }

  // CHECK: "values": [
  // CHECK-NEXT: {
  // CHECK-NEXT: "op": 3
  // CHECK-NEXT: "result": 0
  // CHECK-NEXT: "buffer": "between"
  // CHECK-NEXT: }
  // CHECK-NEXT: ]
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
