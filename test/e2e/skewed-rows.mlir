// Rows whose length is no multiple of 16 bytes are copied in the aligned groups that
// hold them. Where the start of a step's slab is not known to be in the row, a group
// that begins before the row is copied all the same; what it brings of the row
// before is cleared where padding is to be.

// RUN: split-file %s %t
// RUN: poolc-run %t/valid.mlir --device=virtual --check --schedule=algorithm=gemm_packed,block_m=16,block_n=8,block_k=16,block_t=2 | FileCheck %s
// RUN: poolc-run %t/valid.mlir --device=virtual --check --schedule=algorithm=gemm_packed,block_m=16,block_n=8,block_k=16,block_t=6 | FileCheck %s
// CHECK: check passed: nn.conv1d -> y bf16[1x16x11]

// RUN: poolc-run %t/padded.mlir --device=virtual --check --sanitize=memory,init,race,sync --schedule=algorithm=gemm_packed,block_m=16,block_n=8,block_k=16,block_t=2 | FileCheck %s --check-prefix=PADDED
// RUN: poolc-run %t/padded.mlir --device=virtual --check --sanitize=memory,init,race,sync --schedule=algorithm=gemm_packed,block_m=16,block_n=32,block_k=16,block_t=4,num_stages=3 | FileCheck %s --check-prefix=PADDED
// RUN: poolc-run %t/padded.mlir --device=virtual --check --sanitize=memory,init,race,sync --schedule=algorithm=gemm_rows,block_m=16,block_n=16,block_k=32,num_stages=2 | FileCheck %s --check-prefix=PADDED
// PADDED: check passed: nn.conv1d -> y f16[3x16x57]

//--- valid.mlir
func.func @main(%x: tensor<1x16x46xbf16>, %w: tensor<16x16x6xbf16>) -> tensor<1x16x11xbf16> {
  %y = "nn.conv1d"(%x, %w) <{dilation = 7 : i64}>
       : (tensor<1x16x46xbf16>, tensor<16x16x6xbf16>) -> tensor<1x16x11xbf16>
  return %y : tensor<1x16x11xbf16>
}

//--- padded.mlir
func.func @main(%x: tensor<3x38x45xf16>, %w: tensor<16x38x4xf16>) -> tensor<3x16x57xf16> {
  %y = "nn.conv1d"(%x, %w) <{dilation = 3 : i64, padding = array<i64: 11, 10>}>
       : (tensor<3x38x45xf16>, tensor<16x38x4xf16>) -> tensor<3x16x57xf16>
  return %y : tensor<3x16x57xf16>
}
