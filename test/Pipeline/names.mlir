// Buffers are called as in the text; names are words, and unique.

// RUN: split-file %s %t
// RUN: poolc %t/text.mlir --emit=nn | FileCheck %t/text.mlir
// RUN: poolc %t/given.mlir --emit=nn | FileCheck %t/given.mlir

//--- text.mlir
// CHECK: @main(%arg0: {{[^ ]*}} {nn.name = "arg0"}, %arg1: {{[^ ]*}} {nn.name = "a_b_c"},
// CHECK-SAME: %arg2: {{[^ ]*}} {nn.name = "y"}) -> ({{[^ ]*}} {nn.name = "y_1"})
func.func @main(%0: tensor<4xf32>, %a.b$c: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  return %y : tensor<4xf32>
}

//--- given.mlir
// CHECK: @main(%arg0: {{[^ ]*}} {nn.name = "w"}, %arg1: {{[^ ]*}} {nn.name = "w_1"},
// CHECK-SAME: %arg2: {{[^ ]*}} {nn.name = "x"}) -> ({{[^ ]*}} {nn.name = "out"})
func.func @main(%x: tensor<4xf32> {nn.name = "w"}, %w: tensor<4xf32>, %y: tensor<4xf32> {nn.name = "x"})
    -> (tensor<4xf32> {nn.name = "out"}) {
  return %x : tensor<4xf32>
}
