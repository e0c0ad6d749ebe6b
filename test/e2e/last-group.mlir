// Rows of 42 elements are copied 8 bytes at a time, and read 16 at a time for three taps: the last
// group of a row begins with what is needed and ends with what must have been written, too.
//
// RUN: poolc-run %s --schedule=algorithm=gemm_rows,block_m=32,block_n=128,block_k=8,num_warps=8,num_stages=3 --device=virtual:rtx4090 --input=integers:1 --input=integers:2 --check --sanitize=memory,init,race,sync | FileCheck %s
// CHECK: check passed

func.func @main(%x: tensor<9x42xf32>, %w: tensor<3x9x3xf32>) -> tensor<3x40xf32> {
  %y = nn.conv1d %x, %w precision = tf32 : (tensor<9x42xf32>, tensor<3x9x3xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}
