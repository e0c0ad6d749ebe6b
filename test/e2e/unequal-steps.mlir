// Rows of outputs that are summed in steps of unequal size, of planes and of rows, by threads that meet
// in each step (columns) or not (slab): every output is written once, from what it should be.

// RUN: poolc-run %s --device=virtual --input=integers --check --sanitize=memory,init,race,sync --schedule=algorithm=columns,block_p=1,block_h=23,block_w=23,num_warps=1,vector=1 | FileCheck %s
// RUN: poolc-run %s --device=virtual --input=integers --check --sanitize=memory,init,race,sync --schedule=algorithm=columns,block_p=3,block_h=13,block_w=23,num_warps=1,vector=1 | FileCheck %s
// RUN: poolc-run %s --device=virtual --input=integers --check --sanitize=memory,init,race,sync --schedule=algorithm=slab,block_p=1,block_h=23,num_warps=1 | FileCheck %s
// RUN: poolc-run %s --device=virtual --input=integers --check --sanitize=memory,init,race,sync --schedule=algorithm=slab,block_p=5,block_h=23,num_warps=4 | FileCheck %s
// CHECK: check passed: nn.avg_pool2d -> y f16[5x7x23x23]

func.func @main(%x: tensor<5x7x23x23xf16>) -> tensor<5x7x23x23xf16> {
  %y = nn.avg_pool2d %x kernel_size = [5, 5] stride = [1, 1] padding = [2, 2, 2, 2] : (tensor<5x7x23x23xf16>) -> tensor<5x7x23x23xf16>
  return %y : tensor<5x7x23x23xf16>
}
