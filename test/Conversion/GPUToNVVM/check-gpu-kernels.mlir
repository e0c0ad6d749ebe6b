// RUN: poolc-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pass-pipeline='builtin.module(gpu.module(check-gpu-kernels))'

// What the conversion lowers passes.
gpu.module @accepted {
  gpu.func @scalars_and_buffers(%a: memref<4x8xf32, #gpu.address_space<global>>, %n: index, %k: i32,
                                %f: f32, %p: !llvm.ptr<1>) kernel {
    %t = gpu.thread_id x
    %s = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    gpu.barrier
    gpu.return
  }
}

// -----

gpu.module @dynamic_shape {
  // expected-error@+1 {{'gpu.func' op expected argument 1 to be a scalar or a contiguous memref of static shape, got 'memref<?xf32>'}}
  gpu.func @kernel(%n: index, %a: memref<?xf32>) kernel {
    gpu.return
  }
}

// -----

gpu.module @strided {
  // expected-error@+1 {{expected argument 0 to be a scalar or a contiguous memref of static shape, got 'memref<4xf32, strided<[2]>>'}}
  gpu.func @kernel(%a: memref<4xf32, strided<[2]>>) kernel {
    gpu.return
  }
}

// -----

gpu.module @vector_argument {
  // expected-error@+1 {{expected argument 0 to be a scalar or a contiguous memref of static shape, got 'vector<4xf32>'}}
  gpu.func @kernel(%a: vector<4xf32>) kernel {
    gpu.return
  }
}

// -----

gpu.module @no_counterpart {
  gpu.func @kernel(%a: memref<4xf32>, %f: f32, %i: index) kernel {
    // expected-error@+1 {{'gpu.subgroup_reduce' op has no counterpart in NVVM; expected it to be lowered before}}
    %sum = gpu.subgroup_reduce add %f : (f32) -> f32
    memref.store %sum, %a[%i] : memref<4xf32>
    gpu.return
  }
}
