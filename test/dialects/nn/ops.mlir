// The pretty and the generic form of every attribute, and that each parses again.

// RUN: poolc-opt --allow-unregistered-dialect %s | FileCheck %s --check-prefix=PRETTY
// RUN: poolc-opt --allow-unregistered-dialect %s --verify-roundtrip -o /dev/null
// RUN: poolc-opt --allow-unregistered-dialect %s --mlir-print-op-generic | FileCheck %s --check-prefix=GENERIC
// RUN: poolc-opt --allow-unregistered-dialect %s --mlir-print-op-generic | poolc-opt --allow-unregistered-dialect | FileCheck %s --check-prefix=PRETTY

// The generic form that other programs write.

// PRETTY-LABEL: func.func @pool_generic
// GENERIC: sym_name = "pool_generic"
func.func @pool_generic(%x: tensor<16x64x2048x2048xf32>) -> tensor<16x64x186x186xf32> {
  // PRETTY: nn.avg_pool2d %{{.*}} kernel_size = [11, 11] stride = [11, 11] : (tensor<16x64x2048x2048xf32>) -> tensor<16x64x186x186xf32>
  // GENERIC: "nn.avg_pool2d"(%{{.*}}) <{ceil_mode = false, count_include_pad = true, kernel_size = array<i64: 11, 11>, padding = array<i64: 0, 0, 0, 0>, stride = array<i64: 11, 11>}>
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 11, 11>, stride = array<i64: 11, 11>,
         padding = array<i64: 0, 0, 0, 0>, ceil_mode = false, count_include_pad = true}>
       : (tensor<16x64x2048x2048xf32>) -> tensor<16x64x186x186xf32>
  return %y : tensor<16x64x186x186xf32>
}

// PRETTY-LABEL: func.func @conv_generic
// GENERIC: sym_name = "conv_generic"
func.func @conv_generic(%x: tensor<64x64x224280xf32>, %w: tensor<128x64x3xf32>,
                        %b: tensor<128xf32>) -> tensor<64x128x74758xf32> {
  // PRETTY: nn.conv1d %{{.*}}, %{{.*}}, %{{.*}} stride = 3 dilation = 4 precision = tf32 : (
  // GENERIC: "nn.conv1d"(%{{.*}}, %{{.*}}, %{{.*}}) <{dilation = 4 : i64, groups = 1 : i64, padding = array<i64: 0, 0>, precision = #nn.precision<tf32>, stride = 3 : i64}>
  %y = "nn.conv1d"(%x, %w, %b) <{stride = 3 : i64, padding = array<i64: 0, 0>, dilation = 4 : i64,
         groups = 1 : i64, precision = #nn.precision<tf32>}>
       : (tensor<64x64x224280xf32>, tensor<128x64x3xf32>, tensor<128xf32>) -> tensor<64x128x74758xf32>
  return %y : tensor<64x128x74758xf32>
}

// What is left out has its default.

// PRETTY-LABEL: func.func @pool_defaults
// GENERIC: sym_name = "pool_defaults"
func.func @pool_defaults(%x: tensor<3x8x9xf32>) -> tensor<3x4x3xf32> {
  // PRETTY: nn.avg_pool2d %{{.*}} kernel_size = [2, 3] : (tensor<3x8x9xf32>) -> tensor<3x4x3xf32>
  // GENERIC: <{ceil_mode = false, count_include_pad = true, kernel_size = array<i64: 2, 3>, padding = array<i64: 0, 0, 0, 0>}>
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 2, 3>}> : (tensor<3x8x9xf32>) -> tensor<3x4x3xf32>
  return %y : tensor<3x4x3xf32>
}

// PRETTY-LABEL: func.func @conv_defaults
// GENERIC: sym_name = "conv_defaults"
func.func @conv_defaults(%x: tensor<4x9xf32>, %w: tensor<5x4x3xf32>) -> tensor<5x7xf32> {
  // PRETTY: nn.conv1d %{{.*}}, %{{.*}} : (tensor<4x9xf32>, tensor<5x4x3xf32>) -> tensor<5x7xf32>
  // GENERIC: <{dilation = 1 : i64, groups = 1 : i64, padding = array<i64: 0, 0>, precision = #nn.precision<ieee>, stride = 1 : i64}>
  %y = "nn.conv1d"(%x, %w) : (tensor<4x9xf32>, tensor<5x4x3xf32>) -> tensor<5x7xf32>
  return %y : tensor<5x7xf32>
}

// Every attribute, in another order than the printed one.

// PRETTY-LABEL: func.func @pool_all
func.func @pool_all(%x: tensor<2x3x8x8xf16>) -> tensor<2x3x5x4xf16> {
  // PRETTY: nn.avg_pool2d %{{.*}} kernel_size = [3, 4] stride = [2, 3] padding = [1, 3, 2, 0] ceil_mode = true count_include_pad = false divisor_override = -7 {nn.index = 4 : i64} :
  %y = nn.avg_pool2d %x kernel_size = [3, 4] divisor_override = -7 count_include_pad = false
         ceil_mode = true padding = [1, 3, 2, 0] stride = [2, 3] {nn.index = 4 : i64}
       : (tensor<2x3x8x8xf16>) -> tensor<2x3x5x4xf16>
  return %y : tensor<2x3x5x4xf16>
}

// PRETTY-LABEL: func.func @conv_all
func.func @conv_all(%x: tensor<2x6x20xbf16>, %w: tensor<9x2x4xbf16>, %b: tensor<9xbf16>)
    -> tensor<2x9x7xbf16> {
  // PRETTY: nn.conv1d %{{.*}}, %{{.*}}, %{{.*}} stride = 2 padding = [0, 3] dilation = 3 groups = 3 {nn.schedule = #nn.schedule<algorithm=direct,num_warps=4>} :
  %y = nn.conv1d %x, %w, %b groups = 3 dilation = 3 padding = [0, 3] stride = 2 precision = ieee
         {nn.schedule = #nn.schedule<num_warps=4, algorithm=direct>}
       : (tensor<2x6x20xbf16>, tensor<9x2x4xbf16>, tensor<9xbf16>) -> tensor<2x9x7xbf16>
  return %y : tensor<2x9x7xbf16>
}

// PRETTY-LABEL: func.func @precision_words
func.func @precision_words(%x: tensor<1x1xf32>, %w: tensor<1x1x1xf32>) {
  // PRETTY: precision = tf32x3
  %0 = nn.conv1d %x, %w precision = tf32x3 : (tensor<1x1xf32>, tensor<1x1x1xf32>) -> tensor<1x1xf32>
  // PRETTY: nn.conv1d %{{.*}}, %{{.*}} : (
  %1 = nn.conv1d %x, %w precision = ieee : (tensor<1x1xf32>, tensor<1x1x1xf32>) -> tensor<1x1xf32>
  return
}

// An empty batch, dynamic dimensions, several ops, names of buffers.

// PRETTY-LABEL: func.func @several
// PRETTY-SAME: (%{{.*}}: tensor<?x4x?xf32> {nn.name = "image"}, %{{.*}}: tensor<5x4x3xf32>) -> (tensor<?x5x?xf32>, tensor<0x3x2x2xf32> {nn.name = "pooled"})
func.func @several(%x: tensor<?x4x?xf32> {nn.name = "image"}, %w: tensor<5x4x3xf32>)
    -> (tensor<?x5x?xf32>, tensor<0x3x2x2xf32> {nn.name = "pooled"}) {
  %0 = nn.conv1d %x, %w : (tensor<?x4x?xf32>, tensor<5x4x3xf32>) -> tensor<?x5x?xf32>
  %1 = "test.source"() : () -> tensor<0x3x4x4xf32>
  %2 = nn.avg_pool2d %1 kernel_size = [2, 2] : (tensor<0x3x4x4xf32>) -> tensor<0x3x2x2xf32>
  return %0, %2 : tensor<?x5x?xf32>, tensor<0x3x2x2xf32>
}

// PRETTY: module attributes {nn.target = "rtx4090"}
module attributes {nn.target = "rtx4090"} {}

// Activations: words, and a slope.

// PRETTY-LABEL: func.func @activations
// GENERIC: sym_name = "activations"
func.func @activations(%x: tensor<4x9xf32>, %w: tensor<5x4x3xf32>) -> tensor<5x7xf32> {
  // PRETTY: nn.conv1d %{{.*}}, %{{.*}} activation = gelu_tanh : (
  // GENERIC: activation = #nn.activation<gelu_tanh>
  %0 = "nn.conv1d"(%x, %w) <{activation = #nn.activation<gelu_tanh>}> : (tensor<4x9xf32>, tensor<5x4x3xf32>) -> tensor<5x7xf32>
  // PRETTY: nn.conv1d %{{.*}}, %{{.*}} activation = leaky_relu<1.000000e-02> : (
  // GENERIC: activation = #nn.leaky_relu<1.000000e-02>
  %1 = nn.conv1d %x, %w activation = leaky_relu<0.01> : (tensor<4x9xf32>, tensor<5x4x3xf32>) -> tensor<5x7xf32>
  // PRETTY: nn.add %{{.*}}, %{{.*}} : tensor<5x7xf32>
  // GENERIC: "nn.add"(%{{.*}}, %{{.*}}) : (tensor<5x7xf32>, tensor<5x7xf32>) -> tensor<5x7xf32>
  %y = nn.add %0, %1 : tensor<5x7xf32>
  return %y : tensor<5x7xf32>
}
