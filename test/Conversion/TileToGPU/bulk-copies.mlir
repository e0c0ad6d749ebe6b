// RUN: poolc-opt %s --tile-to-gpu --canonicalize --cse --split-input-file --verify-diagnostics | FileCheck %s

// The map's fields, by one thread of the grid: rows of the tensor are its first dimension.

// CHECK-LABEL: gpu.func @map
// CHECK-SAME:    llvm.align = 16 : i64
// CHECK-SAME:    llvm.align = 128 : i64
// CHECK:         arith.ori %{{.*}}, %{{.*}} : i32
// CHECK:         %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
// CHECK:         scf.if %[[FIRST]] {
// CHECK:           llvm.inline_asm has_side_effects
// CHECK-SAME:        st.global.b64 [$0+120], 0;
// CHECK-SAME:        tensormap.replace.tile.global_address.global.b1024.b64 [$0], $1;
// CHECK-SAME:        tensormap.replace.tile.rank.global.b1024.b32 [$0], 2;
// CHECK-SAME:        tensormap.replace.tile.box_dim.global.b1024.b32 [$0], 0, 64;
// CHECK-SAME:        tensormap.replace.tile.global_dim.global.b1024.b32 [$0], 0, 4000;
// CHECK-SAME:        tensormap.replace.tile.box_dim.global.b1024.b32 [$0], 1, 32;
// CHECK-SAME:        tensormap.replace.tile.global_dim.global.b1024.b32 [$0], 1, 512;
// CHECK-SAME:        tensormap.replace.tile.global_stride.global.b1024.b64 [$0], 0, 8000;
// CHECK-SAME:        tensormap.replace.tile.box_dim.global.b1024.b32 [$0], 2, 1;
// CHECK-SAME:        tensormap.replace.tile.global_stride.global.b1024.b64 [$0], 1, 4096000;
// CHECK-SAME:        tensormap.replace.tile.elemtype.global.b1024.b32 [$0], 10;
// CHECK-SAME:        tensormap.replace.tile.swizzle_mode.global.b1024.b32 [$0], 3;
tile.func @map(%x: memref<32x512x4000xbf16, #gpu.address_space<global>>, %map: memref<64xbf16, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  tile.make_map %x to %map rows 32 columns 64 swizzled : memref<32x512x4000xbf16, #gpu.address_space<global>>, memref<64xbf16, #gpu.address_space<global>>
  tile.return
}

// -----

// Boxes with other rows than of 128 bytes lie as they are.

// CHECK-LABEL: gpu.func @plain
// CHECK:         tensormap.replace.tile.box_dim.global.b1024.b32 [$0], 0, 136;
// CHECK-SAME:    tensormap.replace.tile.swizzle_mode.global.b1024.b32 [$0], 0;
tile.func @plain(%x: memref<512x4000xf32, #gpu.address_space<global>>, %map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 4 : i64} {
  tile.make_map %x to %map rows 32 columns 136 : memref<512x4000xf32, #gpu.address_space<global>>, memref<32xf32, #gpu.address_space<global>>
  tile.return
}

// -----

// Two boxes beside each other, and a run for each of two chunks; allocations begin at multiples of
// eight rows.

// CHECK-LABEL: gpu.func @copies
// CHECK-SAME:    %[[MAP:[^ ]*]]: memref<32xf32
// CHECK-SAME:    llvm.align = 128 : i64
// CHECK-SAME:    %[[W:[^ ]*]]: memref<4x2x64x4xf32
// CHECK-SAME:    llvm.align = 16 : i64
// CHECK-DAG:     %[[NOBODY:.*]] = llvm.mlir.zero : !llvm.ptr<3>
// CHECK:         nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %{{.*}}, %[[NOBODY]], box[%[[FIRST:.*]], %[[ROW:.*]]] {tile.bytes = 1024 : i64}
// CHECK:         %[[NEXT:.*]] = arith.addi %[[FIRST]], %c32_i32
// CHECK:         nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %{{.*}}, %[[NOBODY]], box[%[[NEXT]], %[[ROW]]] {tile.bytes = 1024 : i64}
// CHECK-COUNT-2: nvvm.cp.async.bulk.shared.cluster.global %{{.*}}, %{{.*}}, %[[NOBODY]], %c256_i32 {tile.bytes = 256 : i64}
tile.func @copies(%map: memref<32xf32, #gpu.address_space<global>>, %w: memref<4x2x64x4xf32, #gpu.address_space<global>>, %c: i32, %l: i32) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %row = arith.index_cast %c : i32 to index
  %column = arith.index_cast %l : i32 to index
  %c0 = arith.constant 0 : index
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  %a = tile.alloc : memref<2x16x4xf32, #gpu.address_space<workgroup>>
  tile.copy_boxes %map[%row, %column] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.copy_runs %w[%row, %c0, %column, %c0] to %a dims [-1, 0, 1, 2] : memref<4x2x64x4xf32, #gpu.address_space<global>> to memref<2x16x4xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

// Two boxes of images with 96 positions each, which count on: the second may be in the next image.

// CHECK-LABEL: gpu.func @joined
// CHECK:         %[[QUOTIENT:.*]] = arith.divui %[[POSITION:.*]], %c96_i32
// CHECK:         %[[IMAGES:.*]] = arith.index_castui %[[QUOTIENT]]
// CHECK:         %[[IMAGE:.*]] = arith.addi %{{.*}}, %[[IMAGES]]
// CHECK:         arith.remui %[[POSITION]], %c96_i32
// CHECK:         %[[FIRST:.*]] = arith.index_cast %[[IMAGE]]
// CHECK:         nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%{{.*}}, %[[ROW:.*]], %[[FIRST]]] {tile.bytes = 1024 : i64}
// CHECK:         arith.addi %{{.*}}, %c32
// CHECK:         arith.divui %{{.*}}, %c96_i32
// CHECK:         nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%{{.*}}, %[[ROW]], %{{.*}}] {tile.bytes = 1024 : i64}
tile.func @joined(%map: memref<32xf32, #gpu.address_space<global>>, %n: i32, %c: i32, %l: i32) attributes {num_warps = 8 : i64, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>} {
  %image = arith.index_cast %n : i32 to index
  %row = arith.index_cast %c : i32 to index
  %column = arith.index_cast %l : i32 to index
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.copy_boxes %map[%image, %row, %column] to %s joined 96 : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}

// -----

tile.func @everybody(%map: memref<32xf32, #gpu.address_space<global>>) attributes {num_warps = 8 : i64} {
  %c0 = arith.constant 0 : index
  %s = tile.alloc : memref<2x8x32xf32, #gpu.address_space<workgroup>>
  // expected-error@+1 {{'tile.copy_boxes' op expected a kernel with warps that only copy}}
  tile.copy_boxes %map[%c0, %c0] to %s : memref<32xf32, #gpu.address_space<global>> to memref<2x8x32xf32, #gpu.address_space<workgroup>>
  tile.return
}
