// Activations and sums in the launch of a convolution, in each algorithm and
// type; and a sum that has a launch of its own.

// RUN: sed 's/ACT/relu/; s/TYPE/f32/g' %s > %t.relu.mlir
// RUN: sed 's/ACT/gelu/; s/TYPE/f32/g' %s > %t.gelu.mlir
// RUN: sed 's/ACT/gelu_tanh/; s/TYPE/f16/g' %s > %t.tanh.mlir
// RUN: sed 's/ACT/silu/; s/TYPE/bf16/g' %s > %t.silu.mlir
// RUN: sed 's/ACT/leaky_relu<-0.25>/; s/TYPE/f32/g' %s > %t.leaky.mlir

// On whole numbers nothing is rounded, so every element has to be equal.
// RUN: poolc-run %t.relu.mlir --device=virtual --check --input=integers:1 --input=integers:2 --input=integers:3 --input=integers:4 | FileCheck %s --check-prefixes=CHECK,EXACT
// RUN: poolc-run %t.relu.mlir --schedule=0:algorithm=gemm_slab --device=virtual --check --sanitize=memory,init,race,sync | FileCheck %s
// RUN: poolc-run %t.gelu.mlir --schedule=0:algorithm=direct --device=virtual --check --input=normal:1 --input=normal:2 --input=normal:3 --input=normal:4 | FileCheck %s
// RUN: poolc-run %t.gelu.mlir --schedule=0:algorithm=gemm_tap --device=virtual --check --input=edges:1 --input=random:2 --input=normal:3 --input=normal:4 | FileCheck %s
// RUN: poolc-run %t.tanh.mlir --schedule=0:algorithm=gemm_slab --device=virtual --check --input=normal:1 --input=normal:2 --input=normal:3 --input=normal:4 | FileCheck %s
// RUN: poolc-run %t.silu.mlir --schedule=0:algorithm=direct --device=virtual --check --input=normal:1 --input=normal:2 --input=normal:3 --input=normal:4 | FileCheck %s
// RUN: poolc-run %t.leaky.mlir --device=virtual --check --input=normal:1 --input=normal:2 --input=normal:3 --input=normal:4 | FileCheck %s

// One launch for the first sum, one for the second.
// RUN: poolc %t.relu.mlir --emit=plan -o - | FileCheck %s --check-prefix=PLAN
// PLAN-COUNT-2: "kernel":
// PLAN-NOT: "kernel":

// EXACT: check passed: nn.conv1d + nn.add -> {{.*}}; 444 elements had to be equal
// CHECK: check passed
func.func @main(%x: tensor<2x4x37xTYPE>, %w: tensor<6x4x3xTYPE>, %b: tensor<6xTYPE>, %r: tensor<2x6x37xTYPE>)
    -> (tensor<2x6x37xTYPE>, tensor<2x6x37xTYPE>) {
  %c = nn.conv1d %x, %w, %b padding = [1, 1] activation = ACT
         : (tensor<2x4x37xTYPE>, tensor<6x4x3xTYPE>, tensor<6xTYPE>) -> tensor<2x6x37xTYPE>
  %y = nn.add %c, %r : tensor<2x6x37xTYPE>
  %z = nn.add %y, %r : tensor<2x6x37xTYPE>
  return %y, %z : tensor<2x6x37xTYPE>, tensor<2x6x37xTYPE>
}
