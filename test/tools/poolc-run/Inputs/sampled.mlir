func.func @main(%x: tensor<64x64x64x64xf32>) -> tensor<64x64x32x32xf32> {
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 2, 2>}> : (tensor<64x64x64x64xf32>) -> tensor<64x64x32x32xf32>
  return %y : tensor<64x64x32x32xf32>
}
