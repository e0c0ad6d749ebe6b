// Rows of 94 elements of 16 bits are copied 4 bytes at a time and read 16 at a time.
//
// RUN: poolc-run %s --schedule=algorithm=gemm_rows,block_m=64,block_n=128,block_k=16,num_warps=4,num_stages=3 --device=virtual:rtx4090 --input=integers:1 --input=integers:2 --check --sanitize=memory,init,race,sync | FileCheck %s
// CHECK: check passed

func.func @main(%x: tensor<32x94xf16>, %w: tensor<64x32x5xf16>) -> tensor<64x94xf16> {
  %y = nn.conv1d %x, %w padding = [2, 2] : (tensor<32x94xf16>, tensor<64x32x5xf16>) -> tensor<64x94xf16>
  return %y : tensor<64x94xf16>
}
