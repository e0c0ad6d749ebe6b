// A tile with fewer positions than are stored at once is stored whole all the same.

// RUN: poolc-run %s --device=virtual --check --schedule=algorithm=gemm_slab,block_m=64,block_n=2,block_k=2,num_warps=4 | FileCheck %s
// CHECK: check passed: nn.conv1d -> y f32[2x64x7]

func.func @main(%x: tensor<2x3x9xf32>, %w: tensor<64x3x3xf32>) -> tensor<2x64x7xf32> {
  %y = "nn.conv1d"(%x, %w) : (tensor<2x3x9xf32>, tensor<64x3x3xf32>) -> tensor<2x64x7xf32>
  return %y : tensor<2x64x7xf32>
}
