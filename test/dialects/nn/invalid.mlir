// One case for each way in which the ops and attributes of the dialect can be wrong.

// RUN: poolc-opt %s --split-input-file --verify-diagnostics -o /dev/null

//===- Types of operands -----------------------------------------------===//

func.func @f(%x: tensor<*xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op operand #0 must be a ranked tensor of f32, f16 or bf16 without encoding, but got 'tensor<*xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<*xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xi32>) {
  // expected-error @below {{'nn.avg_pool2d' op operand #0 must be a ranked tensor of f32, f16 or bf16 without encoding, but got 'tensor<2x8x8xi32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x8x8xi32>) -> tensor<2x4x4xi32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf64>) {
  // expected-error @below {{'nn.avg_pool2d' op operand #0 must be a ranked tensor of f32, f16 or bf16 without encoding, but got 'tensor<2x8x8xf64>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x8x8xf64>) -> tensor<2x4x4xf64>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32, "x">) {
  // expected-error @below {{'nn.avg_pool2d' op operand #0 must be a ranked tensor of f32, f16 or bf16 without encoding, but got 'tensor<2x8x8xf32, "x">'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x8x8xf32, "x">) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: memref<2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op operand #0 must be a ranked tensor of f32, f16 or bf16 without encoding, but got 'memref<2x8x8xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (memref<2x8x8xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<*xf32>) {
  // expected-error @below {{'nn.conv1d' op operand #1 must be a ranked tensor of f32, f16 or bf16 without encoding, but got 'tensor<*xf32>'}}
  %y = nn.conv1d %x, %w : (tensor<2x8xf32>, tensor<*xf32>) -> tensor<3x6xf32>
  return
}

// -----

//===- nn.avg_pool2d: attributes ---------------------------------------===//

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected 2 values of kernel_size (height, width), got 1}}
  %y = nn.avg_pool2d %x kernel_size = [2] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected kernel_size of at least 1, got 0 (width)}}
  %y = nn.avg_pool2d %x kernel_size = [2, 0] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected 2 values of stride (height, width), got 3}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] stride = [2, 2, 2] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected stride of at least 1, got 0 (height)}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] stride = [0, 1] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected 4 values of padding (top, left, bottom, right), got 2}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] padding = [1, 1] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected padding of at least 0, got -1 (right)}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] padding = [0, 0, 0, -1] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected padding less than kernel_size on its axis, got padding 2 (bottom) and kernel_size 2}}
  %y = nn.avg_pool2d %x kernel_size = [2, 3] padding = [0, 0, 2, 0] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected padding less than kernel_size on its axis, got padding 3 (right) and kernel_size 3}}
  %y = nn.avg_pool2d %x kernel_size = [2, 3] padding = [1, 2, 1, 3] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected divisor_override other than 0, got 0; leave it out to divide by the number of window positions}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] divisor_override = 0 : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected fewer than 2^63 positions in a window, got kernel_size [4294967296, 4294967296]}}
  %y = nn.avg_pool2d %x kernel_size = [4294967296, 4294967296] padding = [4294967295, 4294967295, 4294967295, 4294967295] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

//===- nn.avg_pool2d: shapes -------------------------------------------===//

func.func @f(%x: tensor<8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected x of shape [N,C,H,W] or [C,H,W], got 'tensor<8x8xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<8x8xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected x of shape [N,C,H,W] or [C,H,W], got 'tensor<1x1x2x8x8xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x1x2x8x8xf32>) -> tensor<1x1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x0x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected dimension C of x to be at least 1, got 0 in 'tensor<1x0x8x8xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x0x8x8xf32>) -> tensor<1x0x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<0x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected dimension C of x to be at least 1, got 0 in 'tensor<0x8x8xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<0x8x8xf32>) -> tensor<0x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x?x0xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected dimension W of x to be at least 1, got 0 in 'tensor<2x?x0xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x?x0xf32>) -> tensor<2x?x0xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x3xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected the window to fit in the padded W, got 4 taps with dilation 1, which span 4, over 0 + 3 + 0 elements}}
  %y = nn.avg_pool2d %x kernel_size = [2, 4] : (tensor<2x8x3xf32>) -> tensor<2x4x0xf32>
  return
}

// -----

func.func @f(%x: tensor<2x?x3xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected the window to fit in the padded W, got 6 taps with dilation 1, which span 6, over 1 + 3 + 1 elements}}
  %y = nn.avg_pool2d %x kernel_size = [2, 6] padding = [0, 1, 0, 1] : (tensor<2x?x3xf32>) -> tensor<2x?x0xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected result type 'tensor<2x1x7xf32>', got 'tensor<2x2x7xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] stride = [9223372036854775807, 1] : (tensor<2x8x8xf32>) -> tensor<2x2x7xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected the last window along H to end before 2^63, got 9223372036854775807 taps with dilation 1 and stride 9223372036854775807 over 9223372036854775806 + 8 + 0 elements}}
  %y = nn.avg_pool2d %x kernel_size = [9223372036854775807, 1] padding = [9223372036854775806, 0, 0, 0] : (tensor<2x8x8xf32>) -> tensor<2x2x7xf32>
  return
}

// -----

func.func @f(%x: tensor<2x1x1xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected result type 'tensor<2x1x1xf32>', got 'tensor<2x2x1xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [9223372036854775807, 1] stride = [9223372036854775807, 1] padding = [9223372036854775806, 0, 0, 0] ceil_mode = true : (tensor<2x1x1xf32>) -> tensor<2x2x1xf32>
  return
}

// -----

func.func @f(%x: tensor<4294967296x2147483648x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected x to take fewer than 2^63 bytes, got 'tensor<4294967296x2147483648x8xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [1, 1] : (tensor<4294967296x2147483648x8xf32>) -> tensor<4294967296x4294967296x8xf32>
  return
}

// -----

func.func @f(%x: tensor<0x4294967296x4294967296x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected x to take fewer than 2^63 bytes, got 'tensor<0x4294967296x4294967296x8xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [1, 1] : (tensor<0x4294967296x4294967296x8xf32>) -> tensor<0x4294967296x4294967296x8xf32>
  return
}

// -----

func.func @f(%x: tensor<67108864x64x64xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected the result to take fewer than 2^63 bytes, got 'tensor<67108864x4194367x4194367xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [4194304, 4194304] stride = [1, 1] padding = [4194303, 4194303, 4194303, 4194303] : (tensor<67108864x64x64xf32>) -> tensor<67108864x4194367x4194367xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected result type 'tensor<1x2x4x4xf32>', got 'tensor<1x2x4x5xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<?x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected result type 'tensor<?x2x4x4xf32>', got 'tensor<4x2x4x4xf32>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<?x2x8x8xf32>) -> tensor<4x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected result type 'tensor<1x2x4x4xf32>', got 'tensor<1x2x4x4xf16>'}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf16>
  return
}

// -----

// The second window starts in the tensor and ends beyond 2^63.

func.func @f(%x: tensor<1x10x1xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected the last window along H to end before 2^63, got 4611686018427387904 taps with dilation 1 and stride 4611686018427387909 over 4611686018427387903 + 10 + 0 elements}}
  %y = nn.avg_pool2d %x kernel_size = [4611686018427387904, 1] stride = [4611686018427387909, 1] padding = [4611686018427387903, 0, 0, 0] ceil_mode = true : (tensor<1x10x1xf32>) -> tensor<1x2x1xf32>
  return
}

// -----

//===- nn.conv1d: attributes -------------------------------------------===//

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected stride of at least 1, got 0}}
  %y = nn.conv1d %x, %w stride = 0 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected dilation of at least 1, got -1}}
  %y = nn.conv1d %x, %w dilation = -1 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected groups of at least 1, got 0}}
  %y = nn.conv1d %x, %w groups = 0 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected 2 values of padding (left, right), got 1}}
  %y = nn.conv1d %x, %w padding = [1] : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected padding of at least 0, got -2 (right)}}
  %y = nn.conv1d %x, %w padding = [0, -2] : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf16>, %w: tensor<3x2x3xf16>) {
  // expected-error @below {{'nn.conv1d' op expected precision ieee on 'f16' operands, got tf32, which rounds f32}}
  %y = nn.conv1d %x, %w precision = tf32 : (tensor<2x8xf16>, tensor<3x2x3xf16>) -> tensor<3x6xf16>
  return
}

// -----

func.func @f(%x: tensor<2x8xbf16>, %w: tensor<3x2x3xbf16>) {
  // expected-error @below {{'nn.conv1d' op expected precision ieee on 'bf16' operands, got tf32x3, which rounds f32}}
  %y = nn.conv1d %x, %w precision = tf32x3 : (tensor<2x8xbf16>, tensor<3x2x3xbf16>) -> tensor<3x6xbf16>
  return
}

// -----

func.func @activation_word(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) -> tensor<3x6xf32> {
  // expected-error @below {{expected activation relu, gelu, gelu_tanh, silu or leaky_relu<slope>, got tanh}}
  %y = nn.conv1d %x, %w activation = tanh : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return %y : tensor<3x6xf32>
}

// -----

func.func @activation_attribute(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) -> tensor<3x6xf32> {
  // expected-error @below {{invalid properties {activation = 1 : i64} for op nn.conv1d: attribute 'activation' failed to satisfy constraint: #nn.activation or #nn.leaky_relu}}
  %y = "nn.conv1d"(%x, %w) <{activation = 1 : i64}> : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return %y : tensor<3x6xf32>
}

// -----

// expected-error @below {{expected activation relu, gelu, gelu_tanh or silu, got leaky_relu}}
module attributes {test.activation = #nn.activation<leaky_relu>} {}

// -----

// expected-error @below {{expected a slope that f32 can hold, got 1.000000e+39}}
module attributes {test.activation = #nn.leaky_relu<1.0e39>} {}

// -----

//===- nn.conv1d: shapes -----------------------------------------------===//

func.func @f(%x: tensor<8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected x of shape [N,Cin,L] or [Cin,L], got 'tensor<8xf32>'}}
  %y = nn.conv1d %x, %w : (tensor<8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected w of shape [Cout,Cin/groups,K], got 'tensor<2x3xf32>'}}
  %y = nn.conv1d %x, %w : (tensor<2x8xf32>, tensor<2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>, %b: tensor<3x1xf32>) {
  // expected-error @below {{'nn.conv1d' op expected bias of shape [Cout], got 'tensor<3x1xf32>'}}
  %y = nn.conv1d %x, %w, %b : (tensor<2x8xf32>, tensor<3x2x3xf32>, tensor<3x1xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<0x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected dimension Cin of x to be at least 1, got 0 in 'tensor<0x8xf32>'}}
  %y = nn.conv1d %x, %w : (tensor<0x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x0xf32>) {
  // expected-error @below {{'nn.conv1d' op expected dimension K of w to be at least 1, got 0 in 'tensor<3x2x0xf32>'}}
  %y = nn.conv1d %x, %w : (tensor<2x8xf32>, tensor<3x2x0xf32>) -> tensor<3x9xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<?x2x3xf32>, %b: tensor<0xf32>) {
  // expected-error @below {{'nn.conv1d' op expected dimension Cout of bias to be at least 1, got 0 in 'tensor<0xf32>'}}
  %y = nn.conv1d %x, %w, %b : (tensor<2x8xf32>, tensor<?x2x3xf32>, tensor<0xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf16>) {
  // expected-error @below {{'nn.conv1d' op expected one element type, got 'f32' for x and 'f16' for w}}
  %y = nn.conv1d %x, %w : (tensor<2x8xf32>, tensor<3x2x3xf16>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>, %b: tensor<3xbf16>) {
  // expected-error @below {{'nn.conv1d' op expected one element type, got 'f32' for x and 'bf16' for bias}}
  %y = nn.conv1d %x, %w, %b : (tensor<2x8xf32>, tensor<3x2x3xf32>, tensor<3xbf16>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<5x8xf32>, %w: tensor<4x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected Cin to be divisible by groups, got 5 and 2}}
  %y = nn.conv1d %x, %w groups = 2 : (tensor<5x8xf32>, tensor<4x2x3xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected Cout to be divisible by groups, got 3 and 2}}
  %y = nn.conv1d %x, %w groups = 2 : (tensor<4x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %w: tensor<?x2x3xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected Cout to be divisible by groups, got 3 and 2}}
  %y = nn.conv1d %x, %w, %b groups = 2 : (tensor<4x8xf32>, tensor<?x2x3xf32>, tensor<3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<4x8xf32>, %w: tensor<4x4x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected dimension 1 of w to be Cin/groups, 4/2 = 2, got 4 in 'tensor<4x4x3xf32>'}}
  %y = nn.conv1d %x, %w groups = 2 : (tensor<4x8xf32>, tensor<4x4x3xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8xf32>, %w: tensor<?x4x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected fewer than 2^63 channels, got groups 4611686018427387904 of 4 in 'tensor<?x4x3xf32>'}}
  %y = nn.conv1d %x, %w groups = 4611686018427387904 : (tensor<?x8xf32>, tensor<?x4x3xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{'nn.conv1d' op expected bias of Cout = 3 elements, got 'tensor<4xf32>'}}
  %y = nn.conv1d %x, %w, %b : (tensor<2x8xf32>, tensor<3x2x3xf32>, tensor<4xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected the window to fit in the padded L, got 3 taps with dilation 4, which span 9, over 0 + 8 + 0 elements}}
  %y = nn.conv1d %x, %w dilation = 4 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x0xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected the last window along L to end before 2^63, got 3 taps with dilation 9223372036854775807 and stride 1 over 0 + 8 + 0 elements}}
  %y = nn.conv1d %x, %w dilation = 9223372036854775807 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x0xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected the last window along L to end before 2^63, got 3 taps with dilation 1 and stride 1 over 9223372036854775807 + 8 + 9223372036854775807 elements}}
  %y = nn.conv1d %x, %w padding = [9223372036854775807, 9223372036854775807] : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x0xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected the result to take fewer than 2^63 bytes, got 'tensor<3x4611686018427387910xf32>'}}
  %y = nn.conv1d %x, %w padding = [4611686018427387904, 0] : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x4611686018427387910xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected result type 'tensor<3x6xf32>', got 'tensor<3x8xf32>'}}
  %y = nn.conv1d %x, %w : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x8xf32>
  return
}

// -----

//===- Unknown and misspelt attributes ---------------------------------===//

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{invalid properties {kernel_size = array<i64: 2, 2>, strides = array<i64: 1, 1>} for op nn.avg_pool2d: expected one of the attributes ceil_mode, count_include_pad, divisor_override, kernel_size, padding, stride, got "strides"}}
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 2, 2>, strides = array<i64: 1, 1>}> : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{invalid properties {kernel_size = array<i64: 2, 2>, stride = 1 : i64} for op nn.avg_pool2d: attribute 'stride' failed to satisfy constraint: array<i64> of height and width}}
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 2, 2>, stride = 1 : i64}> : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op requires attribute 'kernel_size'}}
  %y = "nn.avg_pool2d"(%x) <{stride = array<i64: 2, 2>}> : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op requires attribute 'kernel_size'}}
  %y = "nn.avg_pool2d"(%x) : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{invalid properties "stride" for op nn.avg_pool2d: expected DictionaryAttr to set properties}}
  %y = "nn.avg_pool2d"(%x) <"stride"> : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8x8xf32>) {
  // expected-error @below {{'nn.avg_pool2d' op expected one of the attributes ceil_mode, count_include_pad, divisor_override, kernel_size, padding, stride or one with a dialect's prefix, got "strides"}}
  %y = "nn.avg_pool2d"(%x) {kernel_size = array<i64: 2, 2>, strides = array<i64: 1, 1>} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'nn.conv1d' op expected one of the attributes activation, dilation, groups, padding, precision, stride or one with a dialect's prefix, got "pading"}}
  %y = nn.conv1d %x, %w {pading = [1, 1]} : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{custom op 'nn.conv1d' 'nn.conv1d' op attribute 'stride' failed to satisfy constraint: i64}}
  %y = nn.conv1d %x, %w {stride = 2.0} : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

//===- Syntax ----------------------------------------------------------===//

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{expected '['}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] stride = : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{custom op 'nn.avg_pool2d' expected integer value}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] divisor_override = : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x8x8xf32>) {
  // expected-error @below {{custom op 'nn.avg_pool2d' `stride` clause can appear at most once in the expansion of the oilist directive}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] stride = [2, 2] stride = [2, 2] : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{custom op 'nn.conv1d' expected precision ieee, tf32 or tf32x3, got fp32}}
  %y = nn.conv1d %x, %w precision = fp32 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{custom op 'nn.conv1d' expected precision ieee, tf32 or tf32x3}}
  %y = nn.conv1d %x, %w precision = 3 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{integer constant out of range for attribute}}
  %y = nn.conv1d %x, %w stride = 99999999999999999999 : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{expected precision ieee, tf32 or tf32x3, got fp32}}
  %y = "nn.conv1d"(%x, %w) <{precision = #nn.precision<fp32>}> : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x8xf32>) {
  // expected-error @below {{'nn.conv1d' op expected 2 or more operands, but found 1}}
  %y = "nn.conv1d"(%x) : (tensor<2x8xf32>) -> tensor<3x6xf32>
  return
}

// -----

//===- Discardable attributes of the dialect ---------------------------===//

// expected-error @below {{'builtin.module' op expected nn.index to be an i64 of at least 0, got -1 : i64}}
module attributes {nn.index = -1 : i64} {}

// -----

// expected-error @below {{'builtin.module' op expected nn.index to be an i64 of at least 0, got 1 : i32}}
module attributes {nn.index = 1 : i32} {}

// -----

// expected-error @below {{'builtin.module' op expected nn.target to name one of rtx4090, rtx3090, a100, l40s, h100, h200, got "rtx4091"}}
module attributes {nn.target = "rtx4091"} {}

// -----

// expected-error @below {{'builtin.module' op expected nn.target to name one of rtx4090, rtx3090, a100, l40s, h100, h200, got 5 : i64}}
module attributes {nn.target = 5 : i64} {}

// -----

// expected-error @below {{'func.func' op expected nn.target on a module}}
func.func private @f() attributes {nn.target = "rtx4090"}

// -----

// expected-error @below {{'builtin.module' op expected nn.schedule to be a #nn.schedule, got "num_warps=4"}}
module attributes {nn.schedule = "num_warps=4"} {}

// -----

// expected-error @below {{expected '='}}
module attributes {nn.schedule = #nn.schedule<num_warps>} {}

// -----

// expected-error @below {{unknown schedule word}}
module attributes {nn.schedule = #nn.schedule<num_warp=4>} {}

// -----

// expected-error @below {{expected num_warps to be a whole number from 1 to 1048576, got '-4'}}
module attributes {nn.schedule = #nn.schedule<num_warps=-4>} {}

// -----

// expected-error @below {{expected valid keyword}}
module attributes {nn.schedule = #nn.schedule<num_warps="4">} {}

// -----

// expected-error @below {{expected schedule word 'algorithm' once, got it twice}}
module attributes {nn.schedule = #nn.schedule<algorithm=direct,algorithm=direct>} {}

// -----

// expected-error @below {{'builtin.module' op expected one of the attributes nn.index, nn.schedule, nn.given_schedule, nn.profile, nn.target, nn.fused, nn.expected, nn.name, nn.op, nn.result, nn.source of the dialect nn, got "nn.size"}}
module attributes {nn.size = 4 : i64} {}

// -----

// expected-error @below {{'builtin.module' op expected "nn.source" to be a string, got 4 : i64}}
module attributes {nn.source = 4 : i64} {}

// -----

// expected-error @below {{'func.func' op expected nn.role of argument 0 to be "input" or "output", got "both"}}
func.func private @f(tensor<1xf32> {nn.role = "both"})

// -----

// expected-error @below {{'func.func' op expected nn.name of argument 0 to be a string of letters, digits and _ that starts with no digit, got "a b"}}
func.func private @f(tensor<1xf32> {nn.name = "a b"})

// -----

// expected-error @below {{'func.func' op expected nn.name of argument 0 to be a string of letters, digits and _ that starts with no digit, got "1a"}}
func.func private @f(tensor<1xf32> {nn.name = "1a"})

// -----

// expected-error @below {{'func.func' op expected nn.name of argument 0 to be a string of letters, digits and _ that starts with no digit, got ""}}
func.func private @f(tensor<1xf32> {nn.name = ""})

// -----

// expected-error @below {{'func.func' op expected nn.name of argument 0 to be a string of letters, digits and _ that starts with no digit, got 4 : i64}}
func.func private @f(tensor<1xf32> {nn.name = 4 : i64})

// -----

// expected-error @below {{'func.func' op expected nn.name, nn.alignment or nn.role on argument 0, got "nn.index"}}
func.func private @f(tensor<1xf32> {nn.index = 4 : i64})

// -----

// expected-error @below {{'func.func' op expected a different nn.name on each argument and result, got another "a" on argument 1}}
func.func private @f(tensor<1xf32> {nn.name = "a"}, tensor<1xf32> {nn.name = "a"})

// -----

// expected-error @below {{'func.func' op expected a different nn.name on each argument and result, got another "a" on result 0}}
func.func private @f(tensor<1xf32> {nn.name = "a"}) -> (tensor<1xf32> {nn.name = "a"})

// -----

// expected-error @below {{'func.func' op expected a different nn.name on each argument and result, got another "a" on result 1}}
func.func private @f() -> (tensor<1xf32> {nn.name = "a"}, tensor<1xf32> {nn.name = "a"})

// -----

// expected-error @below {{'func.func' op expected nn.name or nn.alignment on result 0, got "nn.schedule"}}
func.func private @f() -> (tensor<1xf32> {nn.schedule = "a"})

// -----

//===- nn.add ----------------------------------------------------------===//

func.func @add_types(%a: tensor<2x8xf32>, %b: tensor<2x9xf32>) -> tensor<2x8xf32> {
  // expected-error @below {{'nn.add' op expected operands of one type, got 'tensor<2x8xf32>' and 'tensor<2x9xf32>'}}
  %y = "nn.add"(%a, %b) : (tensor<2x8xf32>, tensor<2x9xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// -----

func.func @add_result(%a: tensor<2x8xf32>) -> tensor<2x9xf32> {
  // expected-error @below {{'nn.add' op expected result type 'tensor<2x8xf32>', got 'tensor<2x9xf32>'}}
  %y = "nn.add"(%a, %a) : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x9xf32>
  return %y : tensor<2x9xf32>
}

// -----

func.func @add_empty(%a: tensor<2x0xf32>) -> tensor<2x0xf32> {
  // expected-error @below {{'nn.add' op expected dimensions of at least 1 after the first, got 0 in 'tensor<2x0xf32>'}}
  %y = nn.add %a, %a : tensor<2x0xf32>
  return %y : tensor<2x0xf32>
}

// -----

func.func @add_huge(%a: tensor<4611686018427387904x2xf32>) -> tensor<4611686018427387904x2xf32> {
  // expected-error @below {{'nn.add' op expected operands to take fewer than 2^63 bytes}}
  %y = nn.add %a, %a : tensor<4611686018427387904x2xf32>
  return %y : tensor<4611686018427387904x2xf32>
}

// -----

func.func @fused_value(%a: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{'nn.add' op expected nn.fused to be the i64 0 or 1, on nn.add, got 2 : i64}}
  %y = nn.add %a, %a {nn.fused = 2 : i64} : tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @fused_operand(%a: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{'nn.add' op expected operand 0, which is fused, to be the result of an nn.conv1d without another use}}
  %y = nn.add %a, %a {nn.fused = 0 : i64} : tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

func.func @expected(%x: tensor<?x3x8x8xf32>) -> tensor<?x3x4x4xf32> {
  // expected-error @below {{'nn.avg_pool2d' op expected nn.expected to be the shape of a first operand tensor<?x3x8x8xf32>, got array<i64: 5, 4, 8, 8>}}
  %y = nn.avg_pool2d %x kernel_size = [2, 2] {nn.expected = array<i64: 5, 4, 8, 8>} : (tensor<?x3x8x8xf32>) -> tensor<?x3x4x4xf32>
  return %y : tensor<?x3x4x4xf32>
}

// -----

func.func @window(%x: tensor<1x1x8x?xf32>) -> tensor<1x1x4x?xf32> {
  // expected-error @below {{expected a window that fits in at most 134217727 elements of the dynamic W, got 134217728 taps with dilation 1 and padding 0 + 0}}
  %y = nn.avg_pool2d %x kernel_size = [2, 134217728] : (tensor<1x1x8x?xf32>) -> tensor<1x1x4x?xf32>
  return %y : tensor<1x1x4x?xf32>
}

// -----

// expected-error @below {{'func.func' op expected nn.alignment of argument 0 to be an i64 that is a power of two from 4 to 256, got 2 : i64}}
func.func @alignment(%x: tensor<4xf32> {nn.alignment = 2 : i64}) { return }

// -----

// expected-error @below {{'func.func' op expected nn.alignment of argument 0 to be an i64 that is a power of two from 2 to 256, got 12 : i64}}
func.func @alignment(%x: tensor<4xf16> {nn.alignment = 12 : i64}) { return }

// -----

// expected-error @below {{'func.func' op expected nn.alignment of result 0 to be an i64 that is a power of two from 2 to 256, got 4 : i32}}
func.func @alignment(%x: tensor<4xf16>) -> (tensor<4xf16> {nn.alignment = 4 : i32}) { return %x : tensor<4xf16> }
