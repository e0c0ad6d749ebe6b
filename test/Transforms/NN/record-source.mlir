// RUN: poolc-opt %s --nn-record-source | FileCheck %s

// The text is the generic form, and a source from before is not part of it.
// CHECK: module attributes {nn.source = "\22builtin.module\22() ({
// CHECK-SAME: \22nn.avg_pool2d\22(%arg0) <{{.*}}kernel_size = array<i64: 2, 2>
// CHECK-NOT: from before
module attributes {nn.source = "from before"} {
  // CHECK: func.func @main
  func.func @main(%x: tensor<1x4x4xf32>) -> tensor<1x2x2xf32> {
    // CHECK: nn.avg_pool2d
    %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x4x4xf32>) -> tensor<1x2x2xf32>
    return %y : tensor<1x2x2xf32>
  }
}
