// conv_seed: KernelBench level 1, problem 76, at the length of a published profile
func.func @main(%x: tensor<64x64x224280xf32>, %w: tensor<128x64x3xf32>) -> tensor<64x128x74758xf32> {
  %y = "nn.conv1d"(%x, %w) <{stride = 3 : i64, padding = array<i64: 0, 0>, dilation = 4 : i64, groups = 1 : i64, precision = #nn.precision<tf32>}>
       : (tensor<64x64x224280xf32>, tensor<128x64x3xf32>) -> tensor<64x128x74758xf32>
  return %y : tensor<64x128x74758xf32>
}
