func.func @main(%x: tensor<1x768x8xf16>, %w: tensor<768x48x127xf16>) -> tensor<1x768x9xf16> {
  %y = "nn.conv1d"(%x, %w) <{padding = array<i64: 64, 63>, groups = 16 : i64}> : (tensor<1x768x8xf16>, tensor<768x48x127xf16>) -> tensor<1x768x9xf16>
  return %y : tensor<1x768x9xf16>
}
