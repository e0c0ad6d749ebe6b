// Tensors of more than 2^32 elements, of which the windows touch little: wrong
// 32-bit arithmetic anywhere gives a wrong element or leaves the buffer. Only what
// is touched takes memory.
//
// RUN: split-file %s %t
// RUN: poolc-run %t/pool.mlir --device=virtual --check
// RUN: poolc-run %t/conv.mlir --device=virtual --check
// RUN: poolc-run %t/padding.mlir --device=virtual --check

//--- pool.mlir
func.func @main(%x: tensor<1x1x65537x65539xf32>) -> tensor<1x1x3x3xf32> {
  %y = nn.avg_pool2d %x kernel_size = [3, 3] stride = [32767, 32767] padding = [1, 1, 1, 1] count_include_pad = false : (tensor<1x1x65537x65539xf32>) -> tensor<1x1x3x3xf32>
  return %y : tensor<1x1x3x3xf32>
}

//--- conv.mlir
func.func @main(%x: tensor<2x3x1000000007xf32>, %w: tensor<5x3x4xf32>) -> tensor<2x5x8xf32> {
  %y = nn.conv1d %x, %w stride = 140000001 dilation = 3333333 padding = [7, 1000] : (tensor<2x3x1000000007xf32>, tensor<5x3x4xf32>) -> tensor<2x5x8xf32>
  return %y : tensor<2x5x8xf32>
}

//--- padding.mlir
func.func @main(%x: tensor<1x5xf32>, %w: tensor<1x1x2xf32>) -> tensor<1x3xf32> {
  %y = nn.conv1d %x, %w stride = 3000000000000000000 padding = [3000000000000000000, 3000000000000000000] : (tensor<1x5xf32>, tensor<1x1x2xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}
