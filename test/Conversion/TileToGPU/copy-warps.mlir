// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(gpu-copy-warps,canonicalize)))' --split-input-file --verify-diagnostics | FileCheck %s

// Three stages; 256 threads multiply, 128 copy, and 132 blocks take 2000 tiles. Of each stage's two
// objects, those that count the warps that copy (4) and the ones that multiply (8).

// CHECK-LABEL: gpu.func @tiles
// CHECK-SAME:    workgroup(%[[OBJECTS:.*]] : memref<6xi64, #gpu.address_space<workgroup>>)
// CHECK-NOT:     tile.
// CHECK:         scf.if
// CHECK-COUNT-3:   nvvm.mbarrier.init %{{.*}}, %c4_i32
// CHECK-COUNT-3:   nvvm.mbarrier.init %{{.*}}, %c8_i32
// CHECK:         gpu.barrier
// CHECK:         %[[COPIES:.*]] = arith.cmpi uge, %{{.*}}, %c256_i32
// CHECK:         scf.if %[[COPIES]] {
// CHECK:           nvvm.setmaxregister decrease 88
// CHECK:           arith.subi %{{.*}}, %c256_i32
// CHECK:           scf.for %[[TILE:.*]] = %block_id_x to %c2000 step %c132
// CHECK:             arith.remui %{{.*}}, %c4_i32
// CHECK:             arith.divui %{{.*}}, %c4_i32
// CHECK:             scf.for {{.*}} iter_args(%[[STAGE:[^ ]*]] = {{.*}}, %[[PARITY:[^ ]*]] = {{.*}}, %[[ANY:[^ ]*]] = {{.*}}, %{{[^ ]*}} =
// CHECK:               %[[LAST:.*]] = arith.xori %[[PARITY]], %c1_i32
// CHECK:               scf.while
// CHECK:                 mbarrier.try_wait.parity{{.*}} %[[LAST]]
// CHECK:               nvgpu.device_async_copy
// CHECK:               nvvm.cp.async.commit.group
// CHECK:               nvvm.cp.async.wait.group 1
// CHECK:               nvvm.fence.proxy
// CHECK:               %[[ARRIVES:.*]] = arith.andi %{{.*}}, %[[ANY]]
// CHECK:               mbarrier.arrive{{.*}} %[[ARRIVES]]
// CHECK:           nvvm.cp.async.wait.group 0
// CHECK:           mbarrier.arrive
// CHECK:         } else {
// CHECK:           nvvm.setmaxregister increase 208
// CHECK:           scf.for {{.*}} step %c132
// CHECK-NOT:         nvgpu.device_async_copy
// CHECK:             scf.for {{.*}} iter_args(%{{[^ ]*}} = {{.*}}, %{{[^ ]*}} = {{.*}}, %[[PHASE:[^ ]*]] =
// CHECK-NOT:           gpu.barrier
// CHECK:               mbarrier.try_wait.parity{{.*}} %[[PHASE]]
// CHECK:               memref.load
// CHECK:               arith.addf
// CHECK:               mbarrier.arrive
// CHECK:             nvvm.barrier id = %c1_i32 number_of_threads = %c256_i32
// CHECK:             memref.store
gpu.module @kernels {
  gpu.func @tiles(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 384, 1, 1>, tile.copy_warps = array<i64: 4, 0, 88, 208, 132>, tile.tiles = array<i64: 4, 5, 100>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c8 = arith.constant 8 : index
    %c128 = arith.constant 128 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %three = arith.constant 3 : i32
    %sum0 = arith.constant 0.0 : f32
    %thread = gpu.thread_id x
    %tile = gpu.block_id x
    %row = gpu.block_id y
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %origin = arith.addi %tile, %row : index
    %copied = nvgpu.device_async_copy %x[%origin], %buffers[%thread], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
    nvvm.cp.async.commit.group
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 1
      nvvm.fence.proxy {kind = #nvvm.proxy_kind<async.shared>, space = #nvvm.shared_space<cta>}
      gpu.barrier
      %ahead = arith.addi %i, %c2 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      %from = arith.index_castui %stage : i32 to index
      %first = arith.muli %from, %c128 : index
      %a = memref.load %buffers[%first] : memref<384xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %begin = arith.muli %ahead, %c128 : index
        %place = arith.addi %begin, %origin : index
        %again = nvgpu.device_async_copy %x[%place], %buffers[%thread], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      %next = arith.addi %stage, %one : i32
      %wraps = arith.cmpi sge, %next, %three : i32
      %less = arith.subi %next, %three : i32
      %new = arith.select %wraps, %less, %next : i32
      scf.yield %added, %new : f32, i32
    }
    gpu.barrier
    memref.store %sums#0, %y[%origin] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// Of a dynamic grid, each block has its own tile. What the warps that multiply find together, they
// find at their own barrier.

// CHECK-LABEL: gpu.func @one_tile
// CHECK-NOT:     nvvm.setmaxregister
// CHECK-NOT:     scf.for {{.*}} step %c132
// CHECK:         nvvm.mbarrier.init
// CHECK:         %[[ANY:.*]] = llvm.inline_asm {{.*}}bar.red.or.pred any, 1, 128, own
// CHECK:         arith.cmpi ne, %[[ANY]], %c0_i32
// CHECK-NOT:     nvvm.barrier #nvvm.reduction
// CHECK:         gpu.return
gpu.module @kernels {
  gpu.func @one_tile(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 4, 0, 0, 0, 132>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0 : i32
    %sum0 = arith.constant 0.0 : f32
    %tile = gpu.block_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      %a = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %again = nvgpu.device_async_copy %x[%ahead], %buffers[%ahead], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      scf.yield %added, %stage : f32, i32
    }
    %large = arith.cmpf uge, %sums#0, %sum0 : f32
    %own = arith.extui %large : i1 to i32
    %count = nvvm.barrier #nvvm.reduction<or> %own -> i32
    %any = arith.cmpi ne, %count, %zero : i32
    scf.if %any {
      memref.store %sums#0, %y[%tile] : memref<4096xf32, #gpu.address_space<global>>
    }
    gpu.return
  }
}

// -----

// What every block clears, warps that multiply clear, and wait for each other; the copies are behind
// that barrier.

// CHECK-LABEL: gpu.func @clears
// CHECK:         scf.if
// CHECK-NOT:       memref.store
// CHECK:           nvgpu.device_async_copy
// CHECK:         } else {
// CHECK:           scf.for
// CHECK:             mbarrier.try_wait.parity
// CHECK:             memref.store %{{.*}}, %[[BUFFERS:.*]][%{{.*}}] : memref<384xf32
// CHECK:             nvvm.barrier id = %c1_i32 number_of_threads = %c128_i32
// CHECK:             memref.load %[[BUFFERS]]
// CHECK-NOT:         nvgpu.device_async_copy
// CHECK:             scf.yield
gpu.module @kernels {
  gpu.func @clears(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 4, 0, 0, 0, 132>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0 : i32
    %sum0 = arith.constant 0.0 : f32
    %thread = gpu.thread_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      memref.store %sum0, %buffers[%thread] : memref<384xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      %a = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %again = nvgpu.device_async_copy %x[%ahead], %buffers[%ahead], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      scf.yield %added, %stage : f32, i32
    }
    memref.store %sums#0, %y[%thread] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// Two steps go round over four stages: each stage gets the same step of every tile. What does not
// depend on the tile is copied to it once. Of the grid's axis x there is but one tile.

// CHECK-LABEL: gpu.func @keeps(
// CHECK-SAME:    %[[W:[^ :]*]]: memref<1024xf32
// CHECK:         scf.for %{{.*}} to %c2000 step %c132 iter_args({{.*}}, %[[FILLED:[^ ]*]] = %false)
// CHECK:           scf.for {{.*}} iter_args({{.*}}, %[[ALL:[^ ]*]] = %[[FILLED]])
// CHECK:             nvgpu.device_async_copy %arg1
// CHECK:             %[[FIRST:.*]] = arith.xori %[[ALL]], %true
// CHECK-NEXT:        scf.if %[[FIRST]] {
// CHECK-NEXT:          nvgpu.device_async_copy %[[W]]
// CHECK-NEXT:        }
// CHECK:             %[[NOW:.*]] = arith.ori %[[ALL]], %{{.*}}
// CHECK-NEXT:        scf.yield {{.*}}, %[[NOW]]

// Three steps do not.

// CHECK-LABEL: gpu.func @does_not_keep(
// CHECK-SAME:    %[[W:[^ :]*]]: memref<1024xf32
// CHECK:         nvgpu.device_async_copy %arg1
// CHECK-NEXT:    nvgpu.device_async_copy %[[W]]
gpu.module @kernels {
  gpu.func @keeps(%w: memref<1024xf32, #gpu.address_space<global>>, %x: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 4, 0, 0, 0, 132>, tile.tiles = array<i64: 1, 2000, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %steps = arith.constant 2 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %four = arith.constant 4 : i32
    %sum0 = arith.constant 0.0 : f32
    %channel = gpu.block_id x
    %tile = gpu.block_id y
    %thread = gpu.thread_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<512xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %steps step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 2
      gpu.barrier
      %ahead = arith.addi %i, %c3 : index
      %has_next = arith.cmpi slt, %ahead, %steps : index
      %a = memref.load %buffers[%i] : memref<512xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %number = arith.index_castui %stage : i32 to index
        %of_tile = arith.addi %tile, %ahead : index
        %of_weights = arith.addi %channel, %ahead : index
        %x_copied = nvgpu.device_async_copy %x[%of_tile], %buffers[%number], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<512xf32, #gpu.address_space<workgroup>>
        %w_copied = nvgpu.device_async_copy %w[%of_weights], %buffers[%thread], 1 : memref<1024xf32, #gpu.address_space<global>> to memref<512xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      %next = arith.addi %stage, %one : i32
      %wraps = arith.cmpi sge, %next, %four : i32
      %less = arith.subi %next, %four : i32
      %new = arith.select %wraps, %less, %next : i32
      scf.yield %added, %new : f32, i32
    }
    memref.store %sums#0, %x[%tile] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
  gpu.func @does_not_keep(%w: memref<1024xf32, #gpu.address_space<global>>, %x: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 4, 0, 0, 0, 132>, tile.tiles = array<i64: 1, 2000, 1>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %steps = arith.constant 3 : index
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %four = arith.constant 4 : i32
    %sum0 = arith.constant 0.0 : f32
    %channel = gpu.block_id x
    %tile = gpu.block_id y
    %thread = gpu.thread_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<512xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %steps step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 2
      gpu.barrier
      %ahead = arith.addi %i, %c3 : index
      %has_next = arith.cmpi slt, %ahead, %steps : index
      %a = memref.load %buffers[%i] : memref<512xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %number = arith.index_castui %stage : i32 to index
        %of_tile = arith.addi %tile, %ahead : index
        %of_weights = arith.addi %channel, %ahead : index
        %x_copied = nvgpu.device_async_copy %x[%of_tile], %buffers[%number], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<512xf32, #gpu.address_space<workgroup>>
        %w_copied = nvgpu.device_async_copy %w[%of_weights], %buffers[%thread], 1 : memref<1024xf32, #gpu.address_space<global>> to memref<512xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      %next = arith.addi %stage, %one : i32
      %wraps = arith.cmpi sge, %next, %four : i32
      %less = arith.subi %next, %four : i32
      %new = arith.select %wraps, %less, %next : i32
      scf.yield %added, %new : f32, i32
    }
    memref.store %sums#0, %x[%tile] : memref<4096xf32, #gpu.address_space<global>>
    gpu.return
  }
}

// -----

// Nothing is copied apart where nothing is copied.

gpu.module @kernels {
  // expected-error @+1 {{expected one loop that waits, meets at a barrier and copies under one condition, in a kernel with warps for copies}}
  gpu.func @no_copies(%y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 4, 0, 0, 0, 132>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0 : i32
    %stage = scf.for %i = %c0 to %c8 step %c1 iter_args(%stage = %zero) -> (i32) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      scf.yield %stage : i32
    }
    gpu.return
  }
}

// -----

// Two warps store what four that multiply have staged, while these go on; what these store
// again, they store later. Of the objects of three stages and of what is staged the last two count the
// warps that multiply (4) and the ones that store (2).

// CHECK-LABEL: gpu.func @stores
// CHECK-SAME:    workgroup(%{{.*}} : memref<8xi64, #gpu.address_space<workgroup>>)
// CHECK-COUNT-3:   nvvm.mbarrier.init %{{.*}}, %c2_i32
// CHECK-COUNT-4:   nvvm.mbarrier.init %{{.*}}, %c4_i32
// CHECK:           nvvm.mbarrier.init %{{.*}}, %c2_i32
// CHECK:         arith.cmpi uge, %{{.*}}, %c128_i32
// CHECK:         arith.cmpi uge, %{{.*}}, %c192_i32
// CHECK:         scf.if
// CHECK:           arith.subi %{{.*}}, %c192_i32
// CHECK:           mbarrier.try_wait.parity{{.*}} %c0_i32
// CHECK-NOT:       memref.store
// CHECK:           %[[STAGED:.*]] = memref.load %{{.*}} : memref<384xf32, #gpu.address_space<workgroup>>
// CHECK-NEXT:      memref.store %[[STAGED]], %{{.*}} : memref<4096xf32, #gpu.address_space<global>>
// CHECK:           mbarrier.arrive
// CHECK:         } else {
// CHECK:           nvgpu.device_async_copy
// CHECK:         } else {
// CHECK:           mbarrier.try_wait.parity{{.*}} %c1_i32
// CHECK:           memref.store %[[SUM:.*]], %{{.*}} : memref<384xf32, #gpu.address_space<workgroup>>
// CHECK:           mbarrier.arrive
// CHECK-NOT:       memref.load
// CHECK:           scf.if
// CHECK:             mbarrier.try_wait.parity{{.*}} %c0_i32
// CHECK:             memref.store %[[SUM]], %{{.*}} : memref<4096xf32, #gpu.address_space<global>>
gpu.module @kernels {
  gpu.func @stores(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 2, 2, 0, 0, 132>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0 : i32
    %sum0 = arith.constant 0.0 : f32
    %thread = gpu.thread_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      %a = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %again = nvgpu.device_async_copy %x[%ahead], %buffers[%ahead], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      scf.yield %added, %stage : f32, i32
    }
    %large = arith.cmpf uge, %sums#0, %sum0 : f32
    gpu.barrier {tile.staging = 0 : i32}
    memref.store %sums#0, %buffers[%thread] : memref<384xf32, #gpu.address_space<workgroup>>
    gpu.barrier {tile.staging = 1 : i32}
    %staged = memref.load %buffers[%thread] : memref<384xf32, #gpu.address_space<workgroup>>
    memref.store %staged, %y[%thread] : memref<4096xf32, #gpu.address_space<global>>
    gpu.barrier {tile.staging = 2 : i32}
    scf.if %large {
      memref.store %sums#0, %y[%thread] : memref<4096xf32, #gpu.address_space<global>>
    }
    gpu.return
  }
}

// -----

// Warps that store know nothing of sums.

gpu.module @kernels {
  // expected-error @+1 {{expected results that are stored in any case, by the number of the thread alone, in a kernel with warps that store}}
  gpu.func @stores_sometimes(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 2, 2, 0, 0, 132>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0 : i32
    %sum0 = arith.constant 0.0 : f32
    %thread = gpu.thread_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      %a = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %again = nvgpu.device_async_copy %x[%ahead], %buffers[%ahead], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      scf.yield %added, %stage : f32, i32
    }
    %large = arith.cmpf uge, %sums#0, %sum0 : f32
    scf.if %large {
      gpu.barrier {tile.staging = 0 : i32}
      memref.store %sums#0, %buffers[%thread] : memref<384xf32, #gpu.address_space<workgroup>>
      gpu.barrier {tile.staging = 1 : i32}
      %staged = memref.load %buffers[%thread] : memref<384xf32, #gpu.address_space<workgroup>>
      memref.store %staged, %y[%thread] : memref<4096xf32, #gpu.address_space<global>>
      gpu.barrier {tile.staging = 2 : i32}
    }
    gpu.return
  }
}

// -----

gpu.module @kernels {
  // expected-error @+1 {{expected results that are stored in any case, by the number of the thread alone, in a kernel with warps that store}}
  gpu.func @stores_sums(%x: memref<4096xf32, #gpu.address_space<global>>, %y: memref<4096xf32, #gpu.address_space<global>>) kernel attributes {known_block_size = array<i32: 256, 1, 1>, tile.copy_warps = array<i64: 2, 2, 0, 0, 132>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant 0 : i32
    %sum0 = arith.constant 0.0 : f32
    %thread = gpu.thread_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %buffers = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<384xf32, #gpu.address_space<workgroup>>
    %sums:2 = scf.for %i = %c0 to %c8 step %c1 iter_args(%sum = %sum0, %stage = %zero) -> (f32, i32) {
      nvvm.cp.async.wait.group 1
      gpu.barrier
      %ahead = arith.addi %i, %c1 : index
      %has_next = arith.cmpi slt, %ahead, %c8 : index
      %a = memref.load %buffers[%i] : memref<384xf32, #gpu.address_space<workgroup>>
      %added = arith.addf %sum, %a : f32
      scf.if %has_next {
        %again = nvgpu.device_async_copy %x[%ahead], %buffers[%ahead], 1 : memref<4096xf32, #gpu.address_space<global>> to memref<384xf32, #gpu.address_space<workgroup>>
      }
      nvvm.cp.async.commit.group
      scf.yield %added, %stage : f32, i32
    }
    gpu.barrier {tile.staging = 0 : i32}
    gpu.barrier {tile.staging = 1 : i32}
    memref.store %sums#0, %y[%thread] : memref<4096xf32, #gpu.address_space<global>>
    gpu.barrier {tile.staging = 2 : i32}
    gpu.return
  }
}
