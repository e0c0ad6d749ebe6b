func.func @main(%x: tensor<1x20x300xf32>, %w: tensor<40x20x3xf32>, %b: tensor<40xf32>)
    -> tensor<1x40x302xf32> {
  %y = nn.conv1d %x, %w, %b padding = [2, 2] precision = PRECISION
         : (tensor<1x20x300xf32>, tensor<40x20x3xf32>, tensor<40xf32>) -> tensor<1x40x302xf32>
  return %y : tensor<1x40x302xf32>
}
