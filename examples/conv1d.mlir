// A strided and dilated convolution with bias, with the window of
// conv1d_large.mlir on a tensor that the virtual GPU finishes in about a second:
//
//   poolc examples/conv1d.mlir -o kernel.ptx
//   poolc-run kernel.ptx --check
func.func @main(%x: tensor<4x64x4488xf32>, %w: tensor<128x64x3xf32>, %b: tensor<128xf32>)
    -> tensor<4x128x1494xf32> {
  %y = nn.conv1d %x, %w, %b stride = 3 dilation = 4
       : (tensor<4x64x4488xf32>, tensor<128x64x3xf32>, tensor<128xf32>) -> tensor<4x128x1494xf32>
  return %y : tensor<4x128x1494xf32>
}
