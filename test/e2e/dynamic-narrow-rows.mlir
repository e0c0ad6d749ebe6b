// Rows of x of any length, which are copied element by element, and rows of y of any
// length, which go through shared memory one at a time.

// RUN: poolc-run %s --device=virtual --check --sanitize=memory,init,race,sync '--schedule=0:algorithm=gemm_toeplitz;1:algorithm=gemm_im2col;2:algorithm=gemm_im2col' --input=3x5x101:random:1 --input=random:2 --input=3x3x257:random:3 --input=random:4 --input=3x3x257:random:5 --input=random:6 | FileCheck %s --check-prefix=ODD
// RUN: poolc-run %s --device=virtual --check --sanitize=memory,init,race,sync '--schedule=0:algorithm=gemm_toeplitz;1:algorithm=gemm_im2col;2:algorithm=gemm_im2col' --input=2x5x1400:integers:1 --input=integers:2 --input=2x3x16:integers:3 --input=integers:4 --input=2x3x2000:integers:5 --input=integers:6 | FileCheck %s --check-prefix=EVEN
// ODD: check passed: nn.conv1d -> y0 f16[3x5x101]
// ODD: check passed: nn.conv1d -> y1 f16[3x16x81]
// ODD: check passed: nn.conv1d -> y2 f32[3x16x253]
// EVEN: check passed: nn.conv1d -> y0 f16[2x5x1400]
// EVEN: check passed: nn.conv1d -> y1 f16[2x16x1]
// EVEN: check passed: nn.conv1d -> y2 f32[2x16x1996]

func.func @main(%x: tensor<?x5x?xf16>, %w: tensor<5x1x9xf16>, %u: tensor<?x3x?xf16>, %v: tensor<16x3x16xf16>,
                %s: tensor<?x3x?xf32>, %t: tensor<16x3x5xf32>) -> (tensor<?x5x?xf16>, tensor<?x16x?xf16>, tensor<?x16x?xf32>) {
  %y = nn.conv1d %x, %w padding = [4, 4] groups = 5 : (tensor<?x5x?xf16>, tensor<5x1x9xf16>) -> tensor<?x5x?xf16>
  %z = nn.conv1d %u, %v stride = 3 padding = [0, 1] : (tensor<?x3x?xf16>, tensor<16x3x16xf16>) -> tensor<?x16x?xf16>
  %a = nn.conv1d %s, %t : (tensor<?x3x?xf32>, tensor<16x3x5xf32>) -> tensor<?x16x?xf32>
  return %y, %z, %a : tensor<?x5x?xf16>, tensor<?x16x?xf16>, tensor<?x16x?xf32>
}
