// RUN: poolc-opt %s --pass-pipeline='builtin.module(func.func(nn-fuse))' | FileCheck %s
// RUN: poolc-opt %s --pass-pipeline='builtin.module(func.func(nn-fuse))' --remarks-filter=nn-fuse -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// CHECK-LABEL: func.func @first_operand
func.func @first_operand(%x: tensor<2x4x9xf32>, %w: tensor<6x4x3xf32>, %r: tensor<2x6x7xf32>) -> tensor<2x6x7xf32> {
  // CHECK: %[[C:.*]] = nn.conv1d %{{.*}}, %{{.*}} activation = relu :
  %c = nn.conv1d %x, %w activation = relu : (tensor<2x4x9xf32>, tensor<6x4x3xf32>) -> tensor<2x6x7xf32>
  // CHECK: nn.add %[[C]], %{{.*}} {nn.fused = 0 : i64} : tensor<2x6x7xf32>
  // REMARK: :[[#@LINE+1]]:{{.*}}remark: {{.*}}nn.add is computed in the launch of the nn.conv1d that gives operand 0
  %y = nn.add %c, %r : tensor<2x6x7xf32>
  return %y : tensor<2x6x7xf32>
}

// CHECK-LABEL: func.func @second_operand
func.func @second_operand(%x: tensor<4x9xf16>, %w: tensor<6x4x3xf16>, %r: tensor<6x7xf16>) -> tensor<6x7xf16> {
  %c = nn.conv1d %x, %w : (tensor<4x9xf16>, tensor<6x4x3xf16>) -> tensor<6x7xf16>
  // CHECK: nn.add %{{.*}}, %{{.*}} {nn.fused = 1 : i64}
  %y = nn.add %r, %c : tensor<6x7xf16>
  return %y : tensor<6x7xf16>
}

// Of two, the later one; the other is what it adds.
// CHECK-LABEL: func.func @later_of_two
func.func @later_of_two(%x: tensor<4x9xf32>, %w: tensor<6x4x3xf32>, %v: tensor<6x4x3xf32>) -> tensor<6x7xf32> {
  %c = nn.conv1d %x, %w : (tensor<4x9xf32>, tensor<6x4x3xf32>) -> tensor<6x7xf32>
  %d = nn.conv1d %x, %v : (tensor<4x9xf32>, tensor<6x4x3xf32>) -> tensor<6x7xf32>
  // CHECK: nn.add %{{.*}}, %{{.*}} {nn.fused = 1 : i64}
  %y = nn.add %c, %d : tensor<6x7xf32>
  return %y : tensor<6x7xf32>
}

// A chain: only the first sum is next to a convolution.
// CHECK-LABEL: func.func @chain
func.func @chain(%x: tensor<4x9xf32>, %w: tensor<6x4x3xf32>, %r: tensor<6x7xf32>) -> tensor<6x7xf32> {
  %c = nn.conv1d %x, %w : (tensor<4x9xf32>, tensor<6x4x3xf32>) -> tensor<6x7xf32>
  // CHECK: %[[S:.*]] = nn.add %{{.*}}, %{{.*}} {nn.fused = 0 : i64}
  %s = nn.add %c, %r : tensor<6x7xf32>
  // CHECK: nn.add %[[S]], %{{.*}} : tensor<6x7xf32>
  // REMARK: :[[#@LINE+1]]:{{.*}}remark: {{.*}}nn.add gets a launch of its own: operand 0: it is not the result of nn.conv1d; operand 1: it is not the result of nn.conv1d
  %y = nn.add %s, %r : tensor<6x7xf32>
  return %y : tensor<6x7xf32>
}

// What has other uses must be in memory anyway; a sum of a convolution with itself uses it twice.
// CHECK-LABEL: func.func @other_uses
func.func @other_uses(%x: tensor<4x9xf32>, %w: tensor<6x4x3xf32>, %r: tensor<6x7xf32>)
    -> (tensor<6x7xf32>, tensor<6x7xf32>, tensor<6x7xf32>) {
  %c = nn.conv1d %x, %w : (tensor<4x9xf32>, tensor<6x4x3xf32>) -> tensor<6x7xf32>
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<6x7xf32>
  // REMARK: :[[#@LINE+1]]:{{.*}}remark: {{.*}}operand 0: its convolution has other uses, for which it must be in memory; operand 1: it is not the result of nn.conv1d
  %y = nn.add %c, %r : tensor<6x7xf32>
  %d = nn.conv1d %x, %w : (tensor<4x9xf32>, tensor<6x4x3xf32>) -> tensor<6x7xf32>
  // CHECK: nn.add %{{.*}}, %{{.*}} : tensor<6x7xf32>
  %z = nn.add %d, %d : tensor<6x7xf32>
  return %c, %y, %z : tensor<6x7xf32>, tensor<6x7xf32>, tensor<6x7xf32>
}
