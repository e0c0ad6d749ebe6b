// Activations of sums all over the range in which they are not straight lines, and beyond it, within
// the bound of --check: results of 16 bits have shorter polynomials than those of f32.

// RUN: sed 's/TYPE/f32/g' %s > %t.f32.mlir
// RUN: sed 's/TYPE/f16/g' %s > %t.f16.mlir
// RUN: sed 's/TYPE/bf16/g' %s > %t.bf16.mlir
// RUN: poolc-run %t.f32.mlir --device=virtual --check --input=normal:1 --input=normal:2 | FileCheck %s
// RUN: poolc-run %t.f16.mlir --device=virtual --check --input=normal:1 --input=normal:2 | FileCheck %s
// RUN: poolc-run %t.bf16.mlir --device=virtual --check --input=normal:1 --input=normal:2 | FileCheck %s
// Infinities, NaN, and numbers whose square is infinite.
// RUN: poolc-run %t.f32.mlir --device=virtual --check --input=edges:1 --input=edges:2 | FileCheck %s
// RUN: poolc-run %t.f16.mlir --device=virtual --check --input=edges:1 --input=edges:2 | FileCheck %s
// RUN: poolc-run %t.bf16.mlir --device=virtual --check --input=edges:1 --input=edges:2 | FileCheck %s

// CHECK-COUNT-4: check passed
func.func @main(%x: tensor<1x16x1024xTYPE>, %w: tensor<8x16x1xTYPE>)
    -> (tensor<1x8x1024xTYPE>, tensor<1x8x1024xTYPE>, tensor<1x8x1024xTYPE>, tensor<1x8x1024xTYPE>) {
  %0 = nn.conv1d %x, %w activation = gelu : (tensor<1x16x1024xTYPE>, tensor<8x16x1xTYPE>) -> tensor<1x8x1024xTYPE>
  %1 = nn.conv1d %x, %w activation = gelu_tanh : (tensor<1x16x1024xTYPE>, tensor<8x16x1xTYPE>) -> tensor<1x8x1024xTYPE>
  %2 = nn.conv1d %x, %w activation = silu : (tensor<1x16x1024xTYPE>, tensor<8x16x1xTYPE>) -> tensor<1x8x1024xTYPE>
  %3 = nn.conv1d %x, %w activation = leaky_relu<0.1> : (tensor<1x16x1024xTYPE>, tensor<8x16x1xTYPE>) -> tensor<1x8x1024xTYPE>
  return %0, %1, %2, %3 : tensor<1x8x1024xTYPE>, tensor<1x8x1024xTYPE>, tensor<1x8x1024xTYPE>, tensor<1x8x1024xTYPE>
}
