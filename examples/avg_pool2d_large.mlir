// 2^32 inputs, 17.2 GB: a workload for a real GPU, where it is bound by memory.
func.func @main(%x: tensor<16x64x2048x2048xf32>) -> tensor<16x64x186x186xf32> {
  %y = nn.avg_pool2d %x kernel_size = [11, 11] stride = [11, 11]
       : (tensor<16x64x2048x2048xf32>) -> tensor<16x64x186x186xf32>
  return %y : tensor<16x64x186x186xf32>
}
