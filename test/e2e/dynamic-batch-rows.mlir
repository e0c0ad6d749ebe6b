// Any number of images, where rows of y begin anywhere and go through shared memory, and
// where rows of x are staged stride by stride.

// RUN: poolc-run %s --device=virtual --check --sanitize=memory,init,race,sync '--schedule=0:algorithm=gemm_toeplitz;1:algorithm=gemm_im2col' --input=3x5x101:random:1 --input=random:2 --input=3x1x256:random:3 --input=random:4 | FileCheck %s
// RUN: poolc-run %s --device=virtual --check '--schedule=0:algorithm=gemm_toeplitz;1:algorithm=gemm_im2col' --input=0x5x101:random:1 --input=random:2 --input=0x1x256:random:3 --input=random:4 | FileCheck %s
// CHECK: check passed: nn.conv1d -> y0 f16[{{[03]}}x5x101]
// CHECK: check passed: nn.conv1d -> y1 f16[{{[03]}}x16x15]

func.func @main(%x: tensor<?x5x101xf16>, %w: tensor<5x1x9xf16>, %u: tensor<?x1x256xf16>,
                %v: tensor<16x1x32xf16>) -> (tensor<?x5x101xf16>, tensor<?x16x15xf16>) {
  %y = nn.conv1d %x, %w padding = [4, 4] groups = 5 : (tensor<?x5x101xf16>, tensor<5x1x9xf16>) -> tensor<?x5x101xf16>
  %z = nn.conv1d %u, %v stride = 16 : (tensor<?x1x256xf16>, tensor<16x1x32xf16>) -> tensor<?x16x15xf16>
  return %y, %z : tensor<?x5x101xf16>, tensor<?x16x15xf16>
}
