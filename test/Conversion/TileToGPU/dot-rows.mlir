// RUN: poolc-opt %s --tile-to-gpu --split-input-file | FileCheck %s

#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 1], columns_of_lanes = true>

// 24 rows of a are three columns of instructions: all three are loaded ahead, of which 16 rows are
// surely there, and the last eight have an address of their own; as have both of a thread's rows of
// b, of which only one is. Two steps: loads of the next one have a condition.
// CHECK-LABEL: gpu.func @f32
// CHECK:         arith.minsi
// CHECK:         "ld.global.v4.b32 {$0, $1, $2, $3}, [$4+0];"
// CHECK:         "ld.global.v4.b32 {$0, $1, $2, $3}, [$4+0];"
// CHECK:         "ld.global.v4.b32 {$0, $1, $2, $3}, [$4+0];"
// CHECK:         "ld.global.v4.b32 {$0, $1, $2, $3}, [$4+1024];"
// CHECK:         "ld.global.v4.b32 {$0, $1, $2, $3}, [$4+0];"
// CHECK:         scf.for
// CHECK-COUNT-8:   nvvm.convert.float.to.tf32
// CHECK-COUNT-2:   "@$5 ld.global.v4.b32 {$0, $1, $2, $3}, [$4+64];"
// CHECK-COUNT-4:   nvvm.convert.float.to.tf32
// CHECK:           "@$5 ld.global.v4.b32 {$0, $1, $2, $3}, [$4+64];"
// CHECK-COUNT-2:   "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {$0, $1, $2, $3}, {$4, $5, $6, $7}, {$8, $9}, {$0, $1, $2, $3};"
// CHECK:           "@$5 ld.global.v4.b32 {$0, $1, $2, $3}, [$4+1088];"
// CHECK:           nvvm.bar.warp.sync
// CHECK-COUNT-4:   "add.s64 $0, $0, 64;"
tile.func @f32(%w: memref<24x32xf32, #global>, %x: memref<640xf32, #global>, %y: memref<24x16xf32, #global>, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<24x16xf32, #rows>
  %s = tile.dot_rows mma_tf32 %w[%c0 of %i], %x[%c0 of %i], %zero depth 32 pitches [32, 40] sure [16, 1] vectors [4, 4] : memref<24x32xf32, #global>, memref<640xf32, #global>, tensor<24x16xf32, #rows>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<24x16xf32, #rows>, memref<24x16xf32, #global>
  tile.return
}

// -----

#global = #gpu.address_space<global>
#rows = #tile.blocked<size_per_thread = [2, 1], threads_per_warp = [4, 8], warps = [1, 1], columns_of_lanes = true>

// Rows at multiples of 8 and of 4 bytes.
// CHECK-LABEL: gpu.func @bf16
// CHECK:         "ld.global.b32 $0, [$4+0];ld.global.b32 $1, [$4+4];ld.global.b32 $2, [$4+8];ld.global.b32 $3, [$4+12];"
// CHECK:         "ld.global.v2.b32 {$0, $1}, [$4+0];ld.global.v2.b32 {$2, $3}, [$4+8];"
// CHECK:         "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {
tile.func @bf16(%w: memref<8x32xbf16, #global>, %x: memref<640xbf16, #global>, %y: memref<8x16xf32, #global>, %i: index) attributes {num_warps = 1 : i64} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<8x16xf32, #rows>
  %s = tile.dot_rows mma %w[%c0 of %i], %x[%c0 of %i], %zero depth 32 pitches [36, 34] sure [8, 16] vectors [4, 2] : memref<8x32xbf16, #global>, memref<640xbf16, #global>, tensor<8x16xf32, #rows>
  tile.store %s, %y[%c0, %c0] dims [0, 1] strides [1, 1] : tensor<8x16xf32, #rows>, memref<8x16xf32, #global>
  tile.return
}
