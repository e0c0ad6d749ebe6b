// RUN: poolc-opt %s --nn-number-ops --split-input-file --verify-diagnostics | FileCheck %s

// Other operations are not counted, and each function starts anew.

// CHECK-LABEL: func.func @several
func.func @several(%x: tensor<2x8x8xf32>) {
  // CHECK: nn.avg_pool2d {{.*}} {nn.index = 0 : i64}
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  // CHECK-NOT: nn.index
  %c = arith.constant 1 : index
  // CHECK: nn.avg_pool2d {{.*}} {nn.index = 1 : i64, test.kept}
  %1 = nn.avg_pool2d %0 kernel_size = [2, 2] {test.kept} : (tensor<2x4x4xf32>) -> tensor<2x2x2xf32>
  return
}

// CHECK-LABEL: func.func @other
func.func @other(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // CHECK: nn.conv1d {{.*}} {nn.index = 0 : i64}
  %0 = nn.conv1d %x, %w : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

// Numbers of the source function stay, although an operation is gone.

// CHECK-LABEL: func.func @numbered
func.func @numbered(%x: tensor<2x8x8xf32>) {
  // CHECK: {nn.index = 2 : i64}
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.index = 2 : i64} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  // CHECK: {nn.index = 0 : i64}
  %1 = nn.avg_pool2d %0 kernel_size = [2, 2] {nn.index = 0 : i64} : (tensor<2x4x4xf32>) -> tensor<2x2x2xf32>
  return
}

// -----

func.func @partly(%x: tensor<2x8x8xf32>) {
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.index = 0 : i64} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  // expected-error @below {{'nn.avg_pool2d' op expected nn.index on all nn operations of the function or on none, got one without it}}
  %1 = nn.avg_pool2d %0 kernel_size = [2, 2] : (tensor<2x4x4xf32>) -> tensor<2x2x2xf32>
  return
}

// -----

func.func @twice(%x: tensor<2x8x8xf32>) {
  // expected-note @below {{the first one is here}}
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.index = 1 : i64} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  // expected-error @below {{'nn.avg_pool2d' op expected a different nn.index on each operation, got another 1}}
  %1 = nn.avg_pool2d %0 kernel_size = [2, 2] {nn.index = 1 : i64} : (tensor<2x4x4xf32>) -> tensor<2x2x2xf32>
  return
}
