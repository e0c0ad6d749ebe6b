// Loops on tensor cores have arrivals and waits instead of a barrier; with two stages and more, in
// TF32 and 16 bits, and with tails. GPUs with products of four warps keep the barrier.

// RUN: poolc %s --schedule=algorithm=gemm_packed,block_m=64,block_n=64,block_k=8,block_t=3,num_warps=4,num_stages=2 -o %t.2.ptx
// RUN: FileCheck %s < %t.2.ptx
// RUN: poolc-run %t.2.ptx --device=virtual:rtx4090 --input=integers:1 --input=integers:2 --check --sanitize=memory,init,race,sync | FileCheck %s --check-prefix=CHECKED
// RUN: poolc %s --schedule=algorithm=gemm_packed,block_m=64,block_n=64,block_k=8,block_t=3,num_warps=8,num_stages=3 -o %t.3.ptx
// RUN: FileCheck %s < %t.3.ptx
// RUN: poolc-run %t.3.ptx --device=virtual:rtx4090 --seed=7 --input=integers:1 --input=integers:2 --check --sanitize=memory,init,race,sync | FileCheck %s --check-prefix=CHECKED
// RUN: poolc %s --target=a100 --schedule=algorithm=gemm_packed,block_m=64,block_n=64,block_k=8,block_t=3,num_warps=4,num_stages=2 | FileCheck %s --check-prefix=A100
// RUN: poolc %s --target=h200 --schedule=algorithm=gemm_packed,block_m=64,block_n=64,block_k=8,block_t=3,num_warps=4,num_stages=2 | FileCheck %s --check-prefix=H200

// CHECK: mbarrier.init.shared.b64
// CHECK: mbarrier.test_wait.parity.shared.b64
// CHECK: mbarrier.arrive.shared.b64 _
// A100: .version 7.1
// H200-NOT: mbarrier
// CHECKED: check passed

func.func @main(%x: tensor<2x40x332xf32>, %w: tensor<72x40x3xf32>) -> tensor<2x72x166xf32> {
  %y = "nn.conv1d"(%x, %w) <{stride = 2 : i64, padding = array<i64: 1, 0>, precision = #nn.precision<tf32>}>
    : (tensor<2x40x332xf32>, tensor<72x40x3xf32>) -> tensor<2x72x166xf32>
  return %y : tensor<2x72x166xf32>
}
