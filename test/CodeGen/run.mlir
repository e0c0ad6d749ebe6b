// Kernels written by hand at the gpu level give the right numbers: dynamic shared
// memory beside static, a barrier, a temporary between two launches.

// RUN: poolc-run %s --device=virtual --input=range 2>&1 | FileCheck %s
// RUN: poolc %s -o %t.ptx && poolc-run %t.ptx --device=virtual --input=range 2>&1 | FileCheck %s

// x is 0, 1, 2, ...; each block of 32 is reversed, then 100 is added and the result doubled.
// CHECK: y: f32[64], from 200 to 326, mean 263: 262 260 258 256

#global = #gpu.address_space<global>
#shared = #gpu.address_space<workgroup>

module attributes {gpu.container_module} {
  func.func @main(%x: memref<64xf32, #global> {nn.name = "x", nn.role = "input"},
                  %y: memref<64xf32, #global> {nn.name = "y", nn.role = "output"}) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    %bytes = arith.constant 128 : i32
    %hundred = arith.constant 100.0 : f32
    %t = memref.alloc() {nn.name = "t"} : memref<64xf32, #global>
    gpu.launch_func @kernels::@reverse blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
      dynamic_shared_memory_size %bytes args(%x : memref<64xf32, #global>, %t : memref<64xf32, #global>)
    gpu.launch_func @kernels::@add_and_double blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1)
      args(%t : memref<64xf32, #global>, %y : memref<64xf32, #global>, %hundred : f32)
    return
  }
  gpu.module @kernels {
    gpu.func @reverse(%x: memref<64xf32, #global> {llvm.noalias, llvm.readonly}, %y: memref<64xf32, #global>)
        workgroup(%copy: memref<32xf32, #shared>) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
      %c0 = arith.constant 0 : index
      %c31 = arith.constant 31 : index
      %c32 = arith.constant 32 : index
      %zero = arith.constant 0.0 : f32
      %block = gpu.block_id x
      %thread = gpu.thread_id x
      %bytes = gpu.dynamic_shared_memory : memref<?xi8, #shared>
      %tile = memref.view %bytes[%c0][] : memref<?xi8, #shared> to memref<32xf32, #shared>
      %base = arith.muli %block, %c32 : index
      %i = arith.addi %base, %thread : index
      %v = memref.load %x[%i] : memref<64xf32, #global>
      memref.store %v, %tile[%thread] : memref<32xf32, #shared>
      gpu.barrier
      // Would overwrite the tile if the two lay at one place.
      memref.store %zero, %copy[%thread] : memref<32xf32, #shared>
      gpu.barrier
      %mirror = arith.subi %c31, %thread : index
      %w = memref.load %tile[%mirror] : memref<32xf32, #shared>
      %nothing = memref.load %copy[%mirror] : memref<32xf32, #shared>
      %sum = arith.addf %w, %nothing : f32
      memref.store %sum, %y[%i] : memref<64xf32, #global>
      gpu.return
    }
    gpu.func @add_and_double(%x: memref<64xf32, #global> {llvm.noalias, llvm.readonly}, %y: memref<64xf32, #global>, %n: f32)
        kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
      %c32 = arith.constant 32 : index
      %two = arith.constant 2.0 : f32
      %block = gpu.block_id x
      %thread = gpu.thread_id x
      %base = arith.muli %block, %c32 : index
      %i = arith.addi %base, %thread : index
      %v = memref.load %x[%i] : memref<64xf32, #global>
      %sum = arith.addf %v, %n : f32
      %product = arith.mulf %sum, %two : f32
      memref.store %product, %y[%i] : memref<64xf32, #global>
      gpu.return
    }
  }
}
