// Several ops in one function: a small audio front end with two results. The
// first convolution's result is a temporary on the GPU; pooling without a batch
// takes the second one's [N, C, L] as [C, H, W].
func.func @main(%x: tensor<4x1x4000xf32>, %w0: tensor<16x1x10xf32>, %w1: tensor<32x4x3xf32>,
                %b1: tensor<32xf32>)
    -> (tensor<4x32x400xf32>, tensor<4x16x100xf32>) {
  %0 = nn.conv1d %x, %w0 stride = 5 padding = [4, 4]
       : (tensor<4x1x4000xf32>, tensor<16x1x10xf32>) -> tensor<4x16x800xf32>
  %1 = nn.conv1d %0, %w1, %b1 stride = 2 padding = [1, 1] groups = 4
       : (tensor<4x16x800xf32>, tensor<32x4x3xf32>, tensor<32xf32>) -> tensor<4x32x400xf32>
  %2 = nn.avg_pool2d %1 kernel_size = [2, 4] : (tensor<4x32x400xf32>) -> tensor<4x16x100xf32>
  return %1, %2 : tensor<4x32x400xf32>, tensor<4x16x100xf32>
}
