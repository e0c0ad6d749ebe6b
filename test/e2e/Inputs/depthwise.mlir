func.func @main(%x: tensor<2x5x301xf16>, %w: tensor<5x1x13xf16>) -> tensor<2x5x301xf16> {
  %y = nn.conv1d %x, %w padding = [6, 6] groups = 5 {nn.schedule = #nn.schedule<algorithm = ALGORITHM>}
       : (tensor<2x5x301xf16>, tensor<5x1x13xf16>) -> tensor<2x5x301xf16>
  return %y : tensor<2x5x301xf16>
}
