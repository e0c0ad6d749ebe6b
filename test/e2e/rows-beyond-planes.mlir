// Blocks of several planes may be given more rows of outputs than a plane has:
// results of rows that it has not must not reach the next plane's, also where
// rows of windows are merged, so that each is a plane of its own.

// RUN: poolc-run %s --device=virtual --check --sanitize=memory,init,race,sync --schedule=algorithm=slab,block_p=16,block_h=4,num_warps=4 | FileCheck %s
// RUN: poolc %s -o - --emit=tile --schedule=algorithm=slab,block_p=16,block_h=4,num_warps=4 | FileCheck %s --check-prefix=WRITTEN
// CHECK: check passed: nn.avg_pool2d -> y f16[5x8x2x5]
// CHECK: check passed: nn.avg_pool2d -> z f16[3x1x7x5]
// Both sum rows first and write their results as a run.
// WRITTEN-COUNT-2: tile.write_rows

func.func @main(%x: tensor<5x8x8x25xf16>, %w: tensor<3x1x35x24xf16>) -> (tensor<5x8x2x5xf16> {nn.name = "y"}, tensor<3x1x7x5xf16> {nn.name = "z"}) {
  %0 = nn.avg_pool2d %x kernel_size = [5, 5] stride = [3, 5] count_include_pad = false : (tensor<5x8x8x25xf16>) -> tensor<5x8x2x5xf16>
  %1 = nn.avg_pool2d %w kernel_size = [5, 5] ceil_mode = true count_include_pad = false : (tensor<3x1x35x24xf16>) -> tensor<3x1x7x5xf16>
  return %0, %1 : tensor<5x8x2x5xf16>, tensor<3x1x7x5xf16>
}
