// pool_seed: KernelBench level 1, problem 45: https://github.com/ScalingIntelligence/KernelBench
func.func @main(%x: tensor<16x64x2048x2048xf32>) -> tensor<16x64x186x186xf32> {
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 11, 11>, stride = array<i64: 11, 11>, padding = array<i64: 0, 0, 0, 0>, ceil_mode = false, count_include_pad = true}>
       : (tensor<16x64x2048x2048xf32>) -> tensor<16x64x186x186xf32>
  return %y : tensor<16x64x186x186xf32>
}
