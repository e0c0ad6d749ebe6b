// RUN: poolc-opt %s --nn-to-tile --split-input-file | FileCheck %s

// A plane of 49 elements at once.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         %[[PLANES:.*]] = memref.collapse_shape {{.*}} into memref<16x49xf32
// CHECK:         %[[T:.*]] = tile.load %[[PLANES]]{{.*}} -> tensor<8x49xf32>
// CHECK:         %[[S:.*]] = tile.reduce %[[T]] dim 1 : tensor<8x49xf32> -> tensor<8x1xf32>
// CHECK:         arith.constant dense<0.0204081628> : tensor<8x1xf32>
// CHECK:         tile.store {{.*}} : tensor<8x1xf32>, memref<16x1xf32
func.func @small(%x: tensor<2x8x7x7xf32>) -> tensor<2x8x1x1xf32> {
  %y = nn.avg_pool2d %x kernel_size = [7, 7] {nn.schedule = #nn.schedule<algorithm = planes,
         block_p = 8, block_h = 1, block_w = 1, block_k = 49, num_warps = 4, num_stages = 1, vector = 1, order = p.h.w>}
       : (tensor<2x8x7x7xf32>) -> tensor<2x8x1x1xf32>
  return %y : tensor<2x8x1x1xf32>
}

// -----

// A large one in chunks; what lies beyond its end in the last is zero. Those in the loop are whole and
// guard nothing.

// CHECK-LABEL: tile.func @avg_pool2d(
// CHECK:         tile.load {{.*}} guards [none, none] vector 8 : {{.*}} -> tensor<1x1024xf16>
// CHECK:         scf.for
// CHECK:           tile.load {{.*}} guards [none, none] vector 8 : {{.*}} -> tensor<1x1024xf16>
// CHECK:           arith.addf
// CHECK:         }
// CHECK:         tile.load {{.*}} guards [none, high] vector 8 : {{.*}} -> tensor<1x1024xf16>
// CHECK:         arith.addf
// CHECK:         tile.reduce {{.*}} dim 1 : tensor<1x1024xf32> -> tensor<1x1xf32>
// CHECK:         arith.truncf
func.func @large(%x: tensor<3x56x56xf16>) -> tensor<3x1x1xf16> {
  %y = nn.avg_pool2d %x kernel_size = [56, 56] divisor_override = 3 {nn.schedule = #nn.schedule<algorithm = planes,
         block_p = 1, block_h = 1, block_w = 1, block_k = 1024, num_warps = 4, num_stages = 1, vector = 8, order = p.h.w>}
       : (tensor<3x56x56xf16>) -> tensor<3x1x1xf16>
  return %y : tensor<3x1x1xf16>
}
