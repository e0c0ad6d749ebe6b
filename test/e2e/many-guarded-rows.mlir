// Fifteen rows of one tile, which is wider than they are, at blocks inside and at the border along H:
// two bodies of thirty branches each would be alike, and MLIR compares such blocks for hours.
//
// RUN: poolc-run %s --device=virtual:rtx4090 --input=integers --check | FileCheck %s
// CHECK: check passed

func.func @main(%x: tensor<1x16x291x30xf16>) -> tensor<1x16x41x8xf16> {
  %y = nn.avg_pool2d %x kernel_size = [15, 4] stride = [7, 4] padding = [0, 0, 0, 2] ceil_mode = true count_include_pad = false divisor_override = 2 {nn.schedule = #nn.schedule<algorithm = columns, block_p = 8, block_h = 1, block_w = 8, num_warps = 2, num_stages = 1, vector = 2, order = w.h.p>}
       : (tensor<1x16x291x30xf16>) -> tensor<1x16x41x8xf16>
  return %y : tensor<1x16x41x8xf16>
}
