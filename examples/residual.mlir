// A residual unit of a vocoder: two convolutions, the first with an activation, and
// what went in is added to what comes out. Two launches: the sum is computed by the
// second convolution, and so is the activation by the first.
func.func @main(%x: tensor<2x16x400xf32> {nn.name = "x"},
                %w0: tensor<16x16x3xf32> {nn.name = "w0"}, %b0: tensor<16xf32> {nn.name = "b0"},
                %w1: tensor<16x16x3xf32> {nn.name = "w1"}, %b1: tensor<16xf32> {nn.name = "b1"})
    -> (tensor<2x16x400xf32> {nn.name = "y"}) {
  %h = nn.conv1d %x, %w0, %b0 padding = [3, 3] dilation = 3 activation = leaky_relu<0.1>
         : (tensor<2x16x400xf32>, tensor<16x16x3xf32>, tensor<16xf32>) -> tensor<2x16x400xf32>
  %c = nn.conv1d %h, %w1, %b1 padding = [1, 1]
         : (tensor<2x16x400xf32>, tensor<16x16x3xf32>, tensor<16xf32>) -> tensor<2x16x400xf32>
  %y = nn.add %c, %x : tensor<2x16x400xf32>
  return %y : tensor<2x16x400xf32>
}
