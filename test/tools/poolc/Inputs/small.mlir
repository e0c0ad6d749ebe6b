func.func @main(%x: tensor<4x8x32x32xf32>) -> tensor<4x8x16x16xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<4x8x32x32xf32>) -> tensor<4x8x16x16xf32>
  return %y : tensor<4x8x16x16xf32>
}
