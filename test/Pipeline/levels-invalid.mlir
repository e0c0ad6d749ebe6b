// A level before the one that the input is at, and another target than the one
// for which it was lowered.

// RUN: poolc %s --emit=tile -o %t.tile.mlir
// RUN: %exits 1 poolc %t.tile.mlir --emit=schedule 2>&1 | FileCheck %s --check-prefix=LEVEL
// LEVEL: tile.mlir:1:1: error: expected a module at the level schedule or before, got one at tile
// RUN: poolc %t.tile.mlir --target=rtx4090 --emit=gpu -o %t.gpu.mlir
// RUN: %exits 1 poolc %t.gpu.mlir --target=h100 2>&1 | FileCheck %s --check-prefix=TARGET
// TARGET: gpu.mlir:1:1: error: expected the target rtx4090, for which this module was lowered already, got h100

// Before that, the command line wins.
// RUN: poolc %s --target=a100 --emit=nn | poolc - --target=h100 | FileCheck %s --check-prefix=OTHER
// OTHER: "target":"h100"
// RUN: poolc %s --target=a100 --emit=nn | poolc - | FileCheck %s --check-prefix=SAME
// SAME: "target":"a100"

func.func @main(%x: tensor<1x4x4xf32>) -> tensor<1x2x2xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x4x4xf32>) -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}
