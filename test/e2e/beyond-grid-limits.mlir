// More tiles along an axis than grid y and z can hold: the launch is flattened.
//
// RUN: split-file %s %t
// RUN: poolc-run %t/batch.mlir --device=virtual --check
// RUN: poolc-run %t/planes.mlir --device=virtual --schedule=block_p=1,order=whp --check
// RUN: poolc-run %t/rows.mlir --device=virtual --schedule=block_h=1 --check

//--- batch.mlir
func.func @main(%x: tensor<70000x2x3xf32>, %w: tensor<2x1x1xf32>) -> tensor<70000x2x1xf32> {
  %y = nn.conv1d %x, %w stride = 700000 groups = 2 : (tensor<70000x2x3xf32>, tensor<2x1x1xf32>) -> tensor<70000x2x1xf32>
  return %y : tensor<70000x2x1xf32>
}

//--- planes.mlir
func.func @main(%x: tensor<35000x2x3x1xf32>) -> tensor<35000x2x2x1xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 1] stride = [1, 1] : (tensor<35000x2x3x1xf32>) -> tensor<35000x2x2x1xf32>
  return %y : tensor<35000x2x2x1xf32>
}

//--- rows.mlir
func.func @main(%x: tensor<3x70000x1xf32>) -> tensor<3x70000x1xf32> {
  %y = nn.avg_pool2d %x kernel_size = [1, 1] divisor_override = 3 : (tensor<3x70000x1xf32>) -> tensor<3x70000x1xf32>
  return %y : tensor<3x70000x1xf32>
}
