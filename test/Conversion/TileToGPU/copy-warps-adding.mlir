// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(gpu-copy-warps,canonicalize)))' | FileCheck %s

// What is added behind the steps goes through the stages that come next: the thread that asks for
// copies waits until the stage is empty, says how many bytes come and asks for these; warps that
// multiply wait until it is full, and say when they have added. The next tile goes on with the stage
// behind. So no stage gets the same step of all tiles, and all weights come again.

// CHECK-LABEL: gpu.func @adding
// CHECK-COUNT-2: nvvm.mbarrier.init %{{.*}}, %c1_i32
// CHECK-COUNT-2: nvvm.mbarrier.init %{{.*}}, %c8_i32
// CHECK:         scf.for {{.*}} to %c2000 step %c132 iter_args(%[[STAGE:[^ ]*]] = %c0_i32
// CHECK:           %[[STEPS:.*]]:4 = scf.for {{.*}} iter_args(%{{.*}} = %[[STAGE]]
// CHECK:             mbarrier.arrive.expect_tx{{.*}} %{{.*}}, %c1280_i32
// CHECK:             nvvm.cp.async.bulk.tensor.shared
// CHECK-NOT:         scf.if
// CHECK:             nvvm.cp.async.bulk.shared
// CHECK:             scf.yield
// CHECK:           %[[NUMBER:.*]] = arith.addi %[[STEPS]]#0, %c2_i32
// CHECK-NEXT:      arith.muli %[[NUMBER]], %c8_i32
// CHECK:           %[[PARITY:.*]] = arith.xori %[[STEPS]]#1, %c1_i32
// CHECK-NEXT:      scf.while
// CHECK-NEXT:        {{.*}}mbarrier.try_wait{{.*}}, %[[PARITY]] :
// CHECK:           arith.muli %[[STEPS]]#0, %c8_i32
// CHECK:           %[[OBJECT:.*]] = llvm.inttoptr %{{.*}} : i64 to !llvm.ptr<3>
// CHECK-NEXT:      {{.*}}mbarrier.arrive.expect_tx{{.*}} %[[OBJECT]], %c2048_i32
// CHECK:           nvvm.cp.async.bulk.tensor{{.*}}, %[[OBJECT]], box[%{{.*}}, %c0_i32]
// CHECK:           nvvm.cp.async.bulk.tensor{{.*}}, %[[OBJECT]], box[%{{.*}}, %c32_i32]
// CHECK:           %[[NEXT:.*]] = arith.addi %[[STEPS]]#0, %c1_i32
// CHECK:           %[[BEHIND:.*]] = arith.select %{{.*}}, %{{.*}}, %[[NEXT]]
// CHECK:           scf.yield %[[BEHIND]]
// CHECK:         } else {
// CHECK:           scf.for {{.*}} to %c2000 step %c132 iter_args(%[[OWN:[^ ]*]] = %c0_i32
// CHECK:             %[[SUMS:.*]]:3 = scf.for {{.*}} iter_args(%{{.*}}, %{{[^ ]*}} = %[[OWN]]
// CHECK:               mbarrier.try_wait
// CHECK:               mbarrier.arrive
// CHECK:               scf.yield
// CHECK-NOT:         nvvm.cp.async.bulk
// CHECK:             arith.muli %[[SUMS]]#1, %c8_i32
// CHECK:             scf.while
// CHECK-NEXT:          {{.*}}mbarrier.try_wait{{.*}}, %[[SUMS]]#2 :
// CHECK:             %[[MORE:.*]] = memref.load
// CHECK-NEXT:        arith.addf %[[SUMS]]#0, %[[MORE]]
// CHECK-NEXT:        %[[USED:.*]] = arith.addi %[[SUMS]]#1, %c2_i32
// CHECK-NEXT:        arith.muli %[[USED]], %c8_i32
// CHECK:             mbarrier.arrive
// CHECK:             memref.store
gpu.module @kernels {
  gpu.func @adding(%map: memref<32xf32, #gpu.address_space<global>>, %w: memref<128xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 384, 1, 1>, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>, tile.tiles = array<i64: 1, 2000, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c320 = arith.constant 320 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %further = arith.constant 32 : i32
    %many = arith.constant 256 : i32
    %sum0 = arith.constant 0.0 : f32
    %tile = gpu.block_id y
    %nobody = llvm.mlir.zero : !llvm.ptr<3>
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<640xf32, #gpu.address_space<workgroup>>
    %place = memref.extract_aligned_pointer_as_index %buffers : memref<640xf32, #gpu.address_space<workgroup>> -> index
    %where = memref.extract_aligned_pointer_as_index %map : memref<32xf32, #gpu.address_space<global>> -> index
    %number = arith.index_castui %where : index to i64
    %pointer = llvm.inttoptr %number : i64 to !llvm.ptr
    %column = arith.index_castui %tile : index to i32
    %sums:2 = scf.for %i = %c0 to %c2 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 0
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c2 : index
      %from = arith.index_castui %stage : i32 to index
      %first = arith.muli %from, %c320 : index
      %a = memref.load %buffers[%first] : memref<640xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %begin = arith.addi %place, %first : index
        %address = arith.index_castui %begin : index to i64
        %to = llvm.inttoptr %address : i64 to !llvm.ptr<7>
        %row = arith.index_castui %ahead : index to i32
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
    %from = arith.index_castui %sums#1 : i32 to index
    %first = arith.muli %from, %c320 : index
    gpu.barrier {tile.adding = 0 : i32}
    %begin = arith.addi %place, %first : index
    %address = arith.index_castui %begin : index to i64
    %to = llvm.inttoptr %address : i64 to !llvm.ptr<7>
    nvvm.cp.async.bulk.tensor.shared.cluster.global %to, %pointer, %nobody, box[%column, %zero] {tile.bytes = 1024 : i64} : !llvm.ptr<7>, !llvm.ptr
    nvvm.cp.async.bulk.tensor.shared.cluster.global %to, %pointer, %nobody, box[%column, %further] {tile.bytes = 1024 : i64} : !llvm.ptr<7>, !llvm.ptr
    gpu.barrier {tile.adding = 1 : i32}
    %more = memref.load %buffers[%first] : memref<640xf32, #gpu.address_space<workgroup>>
    %all = arith.addf %sums#0, %more : f32
    nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>, tile.adding = 2 : i32}
    memref.store %all, %y[%tile] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}
