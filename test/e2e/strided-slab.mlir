// Loads of neighbouring positions of a strided convolution are merged into wider
// ones, which read behind the last position that is used: all of it was written.

// RUN: poolc-run %s --device=virtual --check --sanitize=memory,init,race,sync --schedule=algorithm=gemm_slab | FileCheck %s
// CHECK: check passed: nn.conv1d -> y f32[7x27]

func.func @main(%x: tensor<51x4xf32>, %w: tensor<7x51x3xf32>) -> tensor<7x27xf32> {
  %y = "nn.conv1d"(%x, %w) <{stride = 4 : i64, padding = array<i64: 52, 52>}>
       : (tensor<51x4xf32>, tensor<7x51x3xf32>) -> tensor<7x27xf32>
  return %y : tensor<7x27xf32>
}
