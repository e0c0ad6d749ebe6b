// Average pooling with the window of avg_pool2d_large.mlir on a tensor that the
// virtual GPU finishes in about a second:
//
//   poolc examples/avg_pool2d.mlir -o kernel.ptx
//   poolc-run kernel.ptx --check
func.func @main(%x: tensor<8x16x512x512xf32>) -> tensor<8x16x46x46xf32> {
  %y = nn.avg_pool2d %x kernel_size = [11, 11] stride = [11, 11]
       : (tensor<8x16x512x512xf32>) -> tensor<8x16x46x46xf32>
  return %y : tensor<8x16x46x46xf32>
}
