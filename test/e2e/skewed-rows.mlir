// Rows whose length is no multiple of 16 bytes are copied in the aligned groups that
// hold them. Where the start of a step's slab is not known to be in the row, a group
// that begins before the row is copied all the same.

// RUN: poolc-run %s --device=virtual --check --schedule=algorithm=gemm_packed,block_m=16,block_n=8,block_k=16,block_t=2 | FileCheck %s
// RUN: poolc-run %s --device=virtual --check --schedule=algorithm=gemm_packed,block_m=16,block_n=8,block_k=16,block_t=6 | FileCheck %s
// CHECK: check passed: nn.conv1d -> y bf16[1x16x11]

func.func @main(%x: tensor<1x16x46xbf16>, %w: tensor<16x16x6xbf16>) -> tensor<1x16x11xbf16> {
  %y = "nn.conv1d"(%x, %w) <{dilation = 7 : i64}>
       : (tensor<1x16x46xbf16>, tensor<16x16x6xbf16>) -> tensor<1x16x11xbf16>
  return %y : tensor<1x16x11xbf16>
}
