// An operation is addressed by its position in the source, also where another
// one before it turns out to do nothing.

// RUN: poolc %s --emit=schedule --schedule='1:num_warps=2' -o - | FileCheck %s
// RUN: not poolc %s --schedule='0:num_warps=2' -o - 2>&1 | FileCheck %s --check-prefix=FOLDED

// CHECK-NOT: kernel_size = [1, 1]
// CHECK: nn.avg_pool2d {{.*}}nn.index = 1 : i64, nn.schedule = #nn.schedule<{{.*}}num_warps=2
// FOLDED: error: expected the index of an operation before ':' in the schedule, one of [1], got 0
func.func @main(%x: tensor<2x8x8xf32>) -> tensor<2x4x4xf32> {
  %a = nn.avg_pool2d %x kernel_size = [1, 1] : (tensor<2x8x8xf32>) -> tensor<2x8x8xf32>
  %b = nn.avg_pool2d %a kernel_size = [2, 2] : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return %b : tensor<2x4x4xf32>
}
