// 235 GFLOP on 6.1 GB: a workload for a real GPU.
func.func @main(%x: tensor<64x64x224280xf32>, %w: tensor<128x64x3xf32>)
    -> tensor<64x128x74758xf32> {
  %y = nn.conv1d %x, %w stride = 3 dilation = 4
       : (tensor<64x64x224280xf32>, tensor<128x64x3xf32>) -> tensor<64x128x74758xf32>
  return %y : tensor<64x128x74758xf32>
}
