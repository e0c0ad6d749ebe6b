// RUN: poolc %s --schedule=algorithm=gemm_packed,products=mma,block_m=64,block_n=256,num_warps=8 --emit=schedule -o - | FileCheck %s
// RUN: %if ptxas %{ poolc %s --schedule=algorithm=gemm_packed,products=mma,block_m=64,block_n=256,num_warps=8 -o %t.ptx && ptxas -v -arch=sm_89 %t.ptx -o %t.cubin 2>&1 | FileCheck %s --check-prefix=PTXAS %}

// In tf32x3 both parts of the operands of two taps would take more registers than two blocks
// of 256 threads leave each: the taps of a step are multiplied one by one, in steps of their own.
// CHECK: block_k=8,block_t=1,num_warps=8
// PTXAS-NOT: {{[1-9][0-9]*}} bytes spill
func.func @main(%x: tensor<8x256x8192xf32>, %w: tensor<256x256x5xf32>) -> tensor<8x256x8192xf32> {
  %y = "nn.conv1d"(%x, %w) <{padding = array<i64: 2, 2>, precision = #nn.precision<tf32x3>}>
      : (tensor<8x256x8192xf32>, tensor<256x256x5xf32>) -> tensor<8x256x8192xf32>
  return %y : tensor<8x256x8192xf32>
}
