// The canonical form leaves out what changes nothing, and nothing else.

// RUN: poolc-opt %s --canonicalize --split-input-file | FileCheck %s

//===- nn.avg_pool2d: attributes ---------------------------------------===//

// CHECK-LABEL: func.func @stride
func.func @stride(%x: tensor<2x9x9xf32>) -> (tensor<2x3x3xf32>, tensor<2x3x3xf32>) {
  // CHECK: nn.avg_pool2d %{{.*}} kernel_size = [3, 3] {nn.index = 7 : i64} :
  %0 = nn.avg_pool2d %x kernel_size = [3, 3] stride = [3, 3] {nn.index = 7 : i64} : (tensor<2x9x9xf32>) -> tensor<2x3x3xf32>
  // CHECK: nn.avg_pool2d %{{.*}} kernel_size = [2, 3] stride = [3, 3] :
  %1 = nn.avg_pool2d %x kernel_size = [2, 3] stride = [3, 3] : (tensor<2x9x9xf32>) -> tensor<2x3x3xf32>
  return %0, %1 : tensor<2x3x3xf32>, tensor<2x3x3xf32>
}

// -----

// CHECK-LABEL: func.func @ceil_mode
func.func @ceil_mode(%x: tensor<2x9x8xf32>, %d: tensor<2x?x9xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x3xf32>, tensor<2x?x3xf32>) {
  // Divides evenly on both axes.
  // CHECK: kernel_size = [3, 2] :
  %0 = nn.avg_pool2d %x kernel_size = [3, 2] ceil_mode = true : (tensor<2x9x8xf32>) -> tensor<2x3x4xf32>
  // On H only.
  // CHECK: kernel_size = [3, 3] ceil_mode = true :
  %1 = nn.avg_pool2d %x kernel_size = [3, 3] ceil_mode = true : (tensor<2x9x8xf32>) -> tensor<2x3x3xf32>
  // Unknown on H.
  // CHECK: kernel_size = [3, 3] ceil_mode = true :
  %2 = nn.avg_pool2d %d kernel_size = [3, 3] ceil_mode = true : (tensor<2x?x9xf32>) -> tensor<2x?x3xf32>
  return %0, %1, %2 : tensor<2x3x4xf32>, tensor<2x3x3xf32>, tensor<2x?x3xf32>
}

// -----

// CHECK-LABEL: func.func @count_include_pad
func.func @count_include_pad(%x: tensor<2x9x8xf32>) -> (tensor<2x3x3xf32>, tensor<2x3x4xf32>) {
  // Without padding, an overhang counts in neither case.
  // CHECK: kernel_size = [3, 3] ceil_mode = true :
  %0 = nn.avg_pool2d %x kernel_size = [3, 3] ceil_mode = true count_include_pad = false : (tensor<2x9x8xf32>) -> tensor<2x3x3xf32>
  // CHECK: kernel_size = [3, 2] padding = [0, 0, 0, 1] count_include_pad = false :
  %1 = nn.avg_pool2d %x kernel_size = [3, 2] padding = [0, 0, 0, 1] count_include_pad = false : (tensor<2x9x8xf32>) -> tensor<2x3x4xf32>
  return %0, %1 : tensor<2x3x3xf32>, tensor<2x3x4xf32>
}

// -----

// CHECK-LABEL: func.func @divisor_override
func.func @divisor_override(%x: tensor<2x9x8xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x3xf32>, tensor<2x4x4xf32>) {
  // CHECK: kernel_size = [3, 2] :
  %0 = nn.avg_pool2d %x kernel_size = [3, 2] divisor_override = 6 : (tensor<2x9x8xf32>) -> tensor<2x3x4xf32>
  // CHECK: divisor_override = -6 :
  %1 = nn.avg_pool2d %x kernel_size = [3, 2] divisor_override = -6 : (tensor<2x9x8xf32>) -> tensor<2x3x4xf32>
  // The last windows overhang and would be divided by less.
  // CHECK: divisor_override = 9 :
  %2 = nn.avg_pool2d %x kernel_size = [3, 3] ceil_mode = true divisor_override = 9 : (tensor<2x9x8xf32>) -> tensor<2x3x3xf32>
  // The first windows are partly in padding that does not count.
  // CHECK: count_include_pad = false divisor_override = 6 :
  %3 = nn.avg_pool2d %x kernel_size = [3, 2] padding = [2, 0, 1, 0] count_include_pad = false divisor_override = 6 : (tensor<2x9x8xf32>) -> tensor<2x4x4xf32>
  return %0, %1, %2, %3 : tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x3xf32>, tensor<2x4x4xf32>
}

// -----

//===- nn.avg_pool2d: one element --------------------------------------===//

// CHECK-LABEL: func.func @identity
// CHECK-SAME: (%[[X:.*]]: tensor<2x9x8xf32>)
func.func @identity(%x: tensor<2x9x8xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: nn.avg_pool2d %[[X]] kernel_size = [3, 2] :
  // CHECK-NEXT: return
  %0 = nn.avg_pool2d %x kernel_size = [1, 1] divisor_override = 1 : (tensor<2x9x8xf32>) -> tensor<2x9x8xf32>
  %1 = nn.avg_pool2d %0 kernel_size = [3, 2] : (tensor<2x9x8xf32>) -> tensor<2x3x4xf32>
  return %1 : tensor<2x3x4xf32>
}

// -----

// What the function returns is written by an op.

// CHECK-LABEL: func.func @returned
func.func @returned(%x: tensor<2x9x8xf32>) -> tensor<2x9x8xf32> {
  // CHECK-NEXT: %[[Y:.*]] = nn.avg_pool2d %{{.*}} kernel_size = [1, 1] :
  // CHECK-NEXT: return %[[Y]]
  %0 = nn.avg_pool2d %x kernel_size = [1, 1] stride = [1, 1] : (tensor<2x9x8xf32>) -> tensor<2x9x8xf32>
  return %0 : tensor<2x9x8xf32>
}

// -----

// CHECK-LABEL: func.func @not_identity
func.func @not_identity(%x: tensor<2x9x8xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x2xf32>) {
  // CHECK: kernel_size = [1, 1] divisor_override = 2 :
  %0 = nn.avg_pool2d %x kernel_size = [1, 1] divisor_override = 2 : (tensor<2x9x8xf32>) -> tensor<2x9x8xf32>
  %1 = nn.avg_pool2d %0 kernel_size = [3, 2] : (tensor<2x9x8xf32>) -> tensor<2x3x4xf32>
  // CHECK: kernel_size = [1, 1] stride = [1, 2] :
  %2 = nn.avg_pool2d %x kernel_size = [1, 1] stride = [1, 2] : (tensor<2x9x8xf32>) -> tensor<2x9x4xf32>
  %3 = nn.avg_pool2d %2 kernel_size = [3, 2] : (tensor<2x9x4xf32>) -> tensor<2x3x2xf32>
  return %1, %3 : tensor<2x3x4xf32>, tensor<2x3x2xf32>
}

// -----

//===- nn.conv1d -------------------------------------------------------===//

// CHECK-LABEL: func.func @dilation
func.func @dilation(%x: tensor<2x9xf32>, %w1: tensor<4x2x1xf32>, %w2: tensor<4x2x2xf32>, %wd: tensor<4x2x?xf32>)
    -> (tensor<4x9xf32>, tensor<4x6xf32>, tensor<4x?xf32>) {
  // CHECK: nn.conv1d %{{.*}}, %{{.*}} {nn.index = 0 : i64} :
  %0 = nn.conv1d %x, %w1 dilation = 3 {nn.index = 0 : i64} : (tensor<2x9xf32>, tensor<4x2x1xf32>) -> tensor<4x9xf32>
  // CHECK: dilation = 3 :
  %1 = nn.conv1d %x, %w2 dilation = 3 : (tensor<2x9xf32>, tensor<4x2x2xf32>) -> tensor<4x6xf32>
  // CHECK: dilation = 3 :
  %2 = nn.conv1d %x, %wd dilation = 3 : (tensor<2x9xf32>, tensor<4x2x?xf32>) -> tensor<4x?xf32>
  return %0, %1, %2 : tensor<4x9xf32>, tensor<4x6xf32>, tensor<4x?xf32>
}

// -----

// An op whose result is not used goes.

// CHECK-LABEL: func.func @unused
func.func @unused(%x: tensor<2x9x8xf32>) {
  // CHECK-NEXT: return
  %0 = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x9x8xf32>) -> tensor<2x4x4xf32>
  return
}
