// Rows that are read whole without their padding, which is cleared: windows that overlap, windows two
// apart, and rows with padding behind them alone, whose last windows have fewer positions to count.
//
// RUN: poolc-run %s --device=virtual:rtx4090 --sanitize=memory,init,race,sync --input=integers --check | FileCheck %s
// CHECK-COUNT-3: check passed

func.func @main(%x: tensor<2x3x40x32xf32>) -> (tensor<2x3x40x32xf32>, tensor<2x3x20x16xf32>, tensor<2x3x20x16xf32>) {
  %0 = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1] count_include_pad = false {nn.schedule = #nn.schedule<algorithm = columns, block_p = 2, block_h = 8, block_w = 32, num_warps = 1, num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<2x3x40x32xf32>) -> tensor<2x3x40x32xf32>
  %1 = nn.avg_pool2d %x kernel_size = [5, 5] stride = [2, 2] padding = [2, 2, 2, 2] count_include_pad = false {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 5, block_w = 16, num_warps = 2, num_stages = 1, vector = 2, order = w.h.p>}
       : (tensor<2x3x40x32xf32>) -> tensor<2x3x20x16xf32>
  %2 = nn.avg_pool2d %x kernel_size = [3, 3] stride = [2, 2] padding = [0, 0, 1, 1] count_include_pad = false {nn.schedule = #nn.schedule<algorithm = columns, block_p = 1, block_h = 4, block_w = 16, num_warps = 1, num_stages = 1, vector = 4, order = w.h.p>}
       : (tensor<2x3x40x32xf32>) -> tensor<2x3x20x16xf32>
  return %0, %1, %2 : tensor<2x3x40x32xf32>, tensor<2x3x20x16xf32>, tensor<2x3x20x16xf32>
}
