// RUN: poolc-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(gpu.module(gpu.func(gpu-copy-warps,canonicalize)))' | FileCheck %s

// One thread asks the copy engine for all copies of a step: it alone arrives at what tells that a
// stage is full, and says how many bytes are to come. Two steps go round over two stages, so what
// does not depend on the tile, 256 of 1280 bytes, comes once.

// CHECK-LABEL: gpu.func @boxes
// CHECK-COUNT-2: nvvm.mbarrier.init %{{.*}}, %c1_i32
// CHECK-COUNT-2: nvvm.mbarrier.init %{{.*}}, %c8_i32
// CHECK:         scf.if %{{.*}} {
// CHECK:           %[[NUMBER:.*]] = arith.subi %{{.*}}, %c256_i32
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq, %[[NUMBER]], %c0_i32
// CHECK:           scf.if %[[FIRST]] {
// CHECK:             nvvm.fence.proxy.acquire <gpu> %{{.*}}, %c128_i32
// CHECK:             scf.for {{.*}} to %c2000 step %c132
// CHECK:               scf.for {{.*}} iter_args({{.*}}, %[[ALL:[^ ]*]] = %{{.*}})
// CHECK:                 scf.while
// CHECK:                 %[[OBJECT:.*]] = llvm.inttoptr %{{.*}} : i64 to !llvm.ptr<3>
// CHECK:                 %[[BYTES:.*]] = arith.select %[[ALL]], %c1024_i32, %c1280_i32
// CHECK:                 llvm.inline_asm {{.*}}mbarrier.arrive.expect_tx{{.*}} %[[OBJECT]], %[[BYTES]]
// CHECK:                 nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %{{.*}}, %[[OBJECT]], box[%{{.*}}, %{{.*}}] :
// CHECK:                 %[[ONCE:.*]] = arith.xori %[[ALL]], %true
// CHECK-NEXT:            scf.if %[[ONCE]] {
// CHECK-NEXT:              nvvm.cp.async.bulk.shared.cluster.global %{{.*}}, %{{.*}}, %[[OBJECT]], %c256_i32 :
// CHECK-NOT:             nvvm.cp.async.commit.group
// CHECK-NOT:             nvvm.fence.proxy {
// CHECK:         } else {
// CHECK-NOT:       nvvm.cp.async.bulk
// CHECK:           mbarrier.try_wait.parity
// CHECK:           memref.load
// CHECK:           gpu.return
gpu.module @kernels {
  gpu.func @boxes(%map: memref<32xf32, #gpu.address_space<global>>, %w: memref<128xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 384, 1, 1>, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>, tile.tiles = array<i64: 1, 2000, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c320 = arith.constant 320 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %many = arith.constant 256 : i32
    %sum0 = arith.constant 0.0 : f32
    %tile = gpu.block_id y
    %nobody = llvm.mlir.zero : !llvm.ptr<3>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<640xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c2 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 0
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c2 : index
      %from = arith.index_castui %stage : i32 to index
      %first = arith.muli %from, %c320 : index
      %a = memref.load %buffers[%first] : memref<640xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %place = memref.extract_aligned_pointer_as_index %buffers : memref<640xf32, #gpu.address_space<workgroup>> -> index
        %begin = arith.addi %place, %first : index
        %address = arith.index_castui %begin : index to i64
        %to = llvm.inttoptr %address : i64 to !llvm.ptr<7>
        %where = memref.extract_aligned_pointer_as_index %map : memref<32xf32, #gpu.address_space<global>> -> index
        %number = arith.index_castui %where : index to i64
        %pointer = llvm.inttoptr %number : i64 to !llvm.ptr
        %row = arith.index_castui %ahead : index to i32
        %column = arith.index_castui %tile : index to i32
        nvvm.cp.async.bulk.tensor.shared.cluster.global %to, %pointer, %nobody, box[%column, %row] {tile.bytes = 1024 : i64} : !llvm.ptr<7>, !llvm.ptr
        %start = memref.extract_aligned_pointer_as_index %w : memref<128xf32, #gpu.address_space<global>> -> index
        %run = arith.addi %start, %ahead : index
        %source = arith.index_castui %run : index to i64
        %weights = llvm.inttoptr %source : i64 to !llvm.ptr<1>
        nvvm.cp.async.bulk.shared.cluster.global %to, %weights, %nobody, %many {tile.bytes = 256 : i64} : !llvm.ptr<7>, !llvm.ptr<1>
      }
      nvvm.cp.async.commit.group
      %next = arith.addi %stage, %one : i32
      %wraps = arith.cmpi sge, %next, %two : i32
      %less = arith.subi %next, %two : i32
      %new = arith.select %wraps, %less, %next : i32
      scf.yield %added, %new : f32, i32
    }
    memref.store %sums#0, %y[%tile] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// Three steps go round over two stages, but what all tiles have in common has memory of its own: it
// comes with the block's first tile.

// CHECK-LABEL: gpu.func @own_memory
// CHECK:             scf.for {{.*}} to %c2000 step %c132 iter_args({{.*}}, %[[ALL:[^ ]*]] = %false)
// CHECK:               scf.for {{.*}} to %c3 step
// CHECK-NOT:             %[[ALL]] = 
// CHECK:                 %[[BYTES:.*]] = arith.select %[[ALL]], %c1024_i32, %c1280_i32
// CHECK:                 %[[ONCE:.*]] = arith.xori %[[ALL]], %true
// CHECK-NEXT:            scf.if %[[ONCE]] {
// CHECK-NEXT:              nvvm.cp.async.bulk.shared.cluster.global
// CHECK:               scf.yield %{{.*}}, %{{.*}}, %true :
// CHECK:         } else {
gpu.module @kernels {
  gpu.func @own_memory(%map: memref<32xf32, #gpu.address_space<global>>, %w: memref<128xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 384, 1, 1>, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>, tile.tiles = array<i64: 1, 2000, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c256 = arith.constant 256 : index
    %c320 = arith.constant 320 : index
    %c2560 = arith.constant 2560 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %many = arith.constant 256 : i32
    %sum0 = arith.constant 0.0 : f32
    %tile = gpu.block_id y
    %nobody = llvm.mlir.zero : !llvm.ptr<3>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<1152xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 0
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c3 : index
      %from = arith.index_castui %stage : i32 to index
      %first = arith.muli %from, %c320 : index
      %a = memref.load %buffers[%first] : memref<1152xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %place = memref.extract_aligned_pointer_as_index %buffers : memref<1152xf32, #gpu.address_space<workgroup>> -> index
        %begin = arith.addi %place, %first : index
        %address = arith.index_castui %begin : index to i64
        %to = llvm.inttoptr %address : i64 to !llvm.ptr<7>
        %where = memref.extract_aligned_pointer_as_index %map : memref<32xf32, #gpu.address_space<global>> -> index
        %number = arith.index_castui %where : index to i64
        %pointer = llvm.inttoptr %number : i64 to !llvm.ptr
        %row = arith.index_castui %ahead : index to i32
        %column = arith.index_castui %tile : index to i32
        nvvm.cp.async.bulk.tensor.shared.cluster.global %to, %pointer, %nobody, box[%column, %row] {tile.bytes = 1024 : i64} : !llvm.ptr<7>, !llvm.ptr
        %start = memref.extract_aligned_pointer_as_index %w : memref<128xf32, #gpu.address_space<global>> -> index
        %run = arith.addi %start, %ahead : index
        %source = arith.index_castui %run : index to i64
        %weights = llvm.inttoptr %source : i64 to !llvm.ptr<1>
        %part = arith.muli %ahead, %c256 : index
        %behind = arith.addi %part, %c2560 : index
        %apart = arith.addi %place, %behind : index
        %own = arith.index_castui %apart : index to i64
        %kept = llvm.inttoptr %own : i64 to !llvm.ptr<7>
        nvvm.cp.async.bulk.shared.cluster.global %kept, %weights, %nobody, %many {tile.bytes = 256 : i64} : !llvm.ptr<7>, !llvm.ptr<1>
      }
      nvvm.cp.async.commit.group
      %next = arith.addi %stage, %one : i32
      %wraps = arith.cmpi sge, %next, %two : i32
      %less = arith.subi %next, %two : i32
      %new = arith.select %wraps, %less, %next : i32
      scf.yield %added, %new : f32, i32
    }
    memref.store %sums#0, %y[%tile] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// Tiles of four lots of channels are those of every fourth tile, and so of each block.

// CHECK-LABEL: gpu.func @every_other
// CHECK:                 arith.select %{{.*}}, %c1024_i32, %c1280_i32
gpu.module @kernels {
  gpu.func @every_other(%map: memref<32xf32, #gpu.address_space<global>>, %w: memref<128xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 384, 1, 1>, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>, tile.tiles = array<i64: 4, 2000, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c256 = arith.constant 256 : index
    %c320 = arith.constant 320 : index
    %c2560 = arith.constant 2560 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %many = arith.constant 256 : i32
    %sum0 = arith.constant 0.0 : f32
    %tile = gpu.block_id y
    %nobody = llvm.mlir.zero : !llvm.ptr<3>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<1152xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 0
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c3 : index
      %from = arith.index_castui %stage : i32 to index
      %first = arith.muli %from, %c320 : index
      %a = memref.load %buffers[%first] : memref<1152xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %place = memref.extract_aligned_pointer_as_index %buffers : memref<1152xf32, #gpu.address_space<workgroup>> -> index
        %begin = arith.addi %place, %first : index
        %address = arith.index_castui %begin : index to i64
        %to = llvm.inttoptr %address : i64 to !llvm.ptr<7>
        %where = memref.extract_aligned_pointer_as_index %map : memref<32xf32, #gpu.address_space<global>> -> index
        %number = arith.index_castui %where : index to i64
        %pointer = llvm.inttoptr %number : i64 to !llvm.ptr
        %row = arith.index_castui %ahead : index to i32
        %column = arith.index_castui %tile : index to i32
        nvvm.cp.async.bulk.tensor.shared.cluster.global %to, %pointer, %nobody, box[%column, %row] {tile.bytes = 1024 : i64} : !llvm.ptr<7>, !llvm.ptr
        %start = memref.extract_aligned_pointer_as_index %w : memref<128xf32, #gpu.address_space<global>> -> index
        %channels = gpu.block_id x
        %mine = arith.addi %ahead, %channels : index
        %run = arith.addi %start, %mine : index
        %source = arith.index_castui %run : index to i64
        %weights = llvm.inttoptr %source : i64 to !llvm.ptr<1>
        %part = arith.muli %ahead, %c256 : index
        %behind = arith.addi %part, %c2560 : index
        %apart = arith.addi %place, %behind : index
        %own = arith.index_castui %apart : index to i64
        %kept = llvm.inttoptr %own : i64 to !llvm.ptr<7>
        nvvm.cp.async.bulk.shared.cluster.global %kept, %weights, %nobody, %many {tile.bytes = 256 : i64} : !llvm.ptr<7>, !llvm.ptr<1>
      }
      nvvm.cp.async.commit.group
      %next = arith.addi %stage, %one : i32
      %wraps = arith.cmpi sge, %next, %two : i32
      %less = arith.subi %next, %two : i32
      %new = arith.select %wraps, %less, %next : i32
      scf.yield %added, %new : f32, i32
    }
    memref.store %sums#0, %y[%tile] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// Nobody waits until memory of no stage has been read.

gpu.module @kernels {
  // expected-error @+1 {{expected what is copied to memory of no stage to be the same for all tiles of a block, in a kernel with warps for copies}}
  gpu.func @other_tiles(%map: memref<32xf32, #gpu.address_space<global>>, %w: memref<128xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 384, 1, 1>, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>, tile.tiles = array<i64: 1, 2000, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c256 = arith.constant 256 : index
    %c320 = arith.constant 320 : index
    %c2560 = arith.constant 2560 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %many = arith.constant 256 : i32
    %sum0 = arith.constant 0.0 : f32
    %tile = gpu.block_id y
    %nobody = llvm.mlir.zero : !llvm.ptr<3>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<1152xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 0
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c3 : index
      %from = arith.index_castui %stage : i32 to index
      %first = arith.muli %from, %c320 : index
      %a = memref.load %buffers[%first] : memref<1152xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %place = memref.extract_aligned_pointer_as_index %buffers : memref<1152xf32, #gpu.address_space<workgroup>> -> index
        %begin = arith.addi %place, %first : index
        %address = arith.index_castui %begin : index to i64
        %to = llvm.inttoptr %address : i64 to !llvm.ptr<7>
        %where = memref.extract_aligned_pointer_as_index %map : memref<32xf32, #gpu.address_space<global>> -> index
        %number = arith.index_castui %where : index to i64
        %pointer = llvm.inttoptr %number : i64 to !llvm.ptr
        %row = arith.index_castui %ahead : index to i32
        %column = arith.index_castui %tile : index to i32
        nvvm.cp.async.bulk.tensor.shared.cluster.global %to, %pointer, %nobody, box[%column, %row] {tile.bytes = 1024 : i64} : !llvm.ptr<7>, !llvm.ptr
        %start = memref.extract_aligned_pointer_as_index %w : memref<128xf32, #gpu.address_space<global>> -> index
        %mine = arith.addi %ahead, %tile : index
        %run = arith.addi %start, %mine : index
        %source = arith.index_castui %run : index to i64
        %weights = llvm.inttoptr %source : i64 to !llvm.ptr<1>
        %part = arith.muli %ahead, %c256 : index
        %behind = arith.addi %part, %c2560 : index
        %apart = arith.addi %place, %behind : index
        %own = arith.index_castui %apart : index to i64
        %kept = llvm.inttoptr %own : i64 to !llvm.ptr<7>
        nvvm.cp.async.bulk.shared.cluster.global %kept, %weights, %nobody, %many {tile.bytes = 256 : i64} : !llvm.ptr<7>, !llvm.ptr<1>
      }
      nvvm.cp.async.commit.group
      %next = arith.addi %stage, %one : i32
      %wraps = arith.cmpi sge, %next, %two : i32
      %less = arith.subi %next, %two : i32
      %new = arith.select %wraps, %less, %next : i32
      scf.yield %added, %new : f32, i32
    }
    memref.store %sums#0, %y[%tile] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}
