// The result types that the verifier infers; it would refuse any other.

// RUN: poolc-opt %s -o /dev/null

//===- nn.avg_pool2d ---------------------------------------------------===//

func.func @pool(%x: tensor<1x1x7x8xf32>, %n0: tensor<0x3x7x8xf16>, %dyn: tensor<?x?x?x8xbf16>,
                %one: tensor<1x1x1xf32>) {
  // Rounded down, without and with overlap, per axis.
  %0 = nn.avg_pool2d %x kernel_size = [3, 3] : (tensor<1x1x7x8xf32>) -> tensor<1x1x2x2xf32>
  %1 = nn.avg_pool2d %x kernel_size = [3, 2] stride = [1, 3] : (tensor<1x1x7x8xf32>) -> tensor<1x1x5x3xf32>
  // Padding on each side counts once: 1 + 7 + 0 and 2 + 8 + 1.
  %2 = nn.avg_pool2d %x kernel_size = [3, 3] stride = [1, 1] padding = [1, 2, 0, 1]
      : (tensor<1x1x7x8xf32>) -> tensor<1x1x6x9xf32>
  // Rounded up, where the last window overhangs.
  %3 = nn.avg_pool2d %x kernel_size = [3, 3] ceil_mode = true : (tensor<1x1x7x8xf32>) -> tensor<1x1x3x3xf32>
  // Rounded up, but the last window would start at or after 1 + 7 and 1 + 8: dropped.
  %4 = nn.avg_pool2d %x kernel_size = [2, 2] stride = [4, 3] padding = [1, 1, 1, 1] ceil_mode = true
      : (tensor<1x1x7x8xf32>) -> tensor<1x1x2x3xf32>
  // In ceil mode one window may exceed the tensor by less than the stride.
  %5 = nn.avg_pool2d %one kernel_size = [3, 3] ceil_mode = true : (tensor<1x1x1xf32>) -> tensor<1x1x1xf32>
  // Sizes near 2^63 that are legal.
  %6 = nn.avg_pool2d %x kernel_size = [2, 2] stride = [9223372036854775807, 1] : (tensor<1x1x7x8xf32>) -> tensor<1x1x1x7xf32>
  // No batch, an empty batch, dynamic dimensions.
  %7 = nn.avg_pool2d %one kernel_size = [1, 1] : (tensor<1x1x1xf32>) -> tensor<1x1x1xf32>
  %8 = nn.avg_pool2d %n0 kernel_size = [2, 2] : (tensor<0x3x7x8xf16>) -> tensor<0x3x3x4xf16>
  %9 = nn.avg_pool2d %dyn kernel_size = [2, 2] : (tensor<?x?x?x8xbf16>) -> tensor<?x?x?x4xbf16>
  return
}

//===- nn.conv1d -------------------------------------------------------===//

func.func @conv(%x: tensor<2x6x10xf32>, %w: tensor<4x6x3xf32>, %w3: tensor<9x2x3xf32>, %b: tensor<4xf32>,
                %x2: tensor<6x10xf32>, %n0: tensor<0x6x10xf32>) {
  %0 = nn.conv1d %x, %w, %b : (tensor<2x6x10xf32>, tensor<4x6x3xf32>, tensor<4xf32>) -> tensor<2x4x8xf32>
  %1 = nn.conv1d %x, %w stride = 3 : (tensor<2x6x10xf32>, tensor<4x6x3xf32>) -> tensor<2x4x3xf32>
  // 2 + 10 + 5 elements, windows that span 2 * 4 + 1.
  %2 = nn.conv1d %x, %w padding = [2, 5] dilation = 4 : (tensor<2x6x10xf32>, tensor<4x6x3xf32>) -> tensor<2x4x9xf32>
  %3 = nn.conv1d %x, %w3 groups = 3 : (tensor<2x6x10xf32>, tensor<9x2x3xf32>) -> tensor<2x9x8xf32>
  %4 = nn.conv1d %x2, %w : (tensor<6x10xf32>, tensor<4x6x3xf32>) -> tensor<4x8xf32>
  %5 = nn.conv1d %n0, %w : (tensor<0x6x10xf32>, tensor<4x6x3xf32>) -> tensor<0x4x8xf32>
  // More padding than the tensor has elements.
  %6 = nn.conv1d %x2, %w padding = [100, 100] : (tensor<6x10xf32>, tensor<4x6x3xf32>) -> tensor<4x208xf32>
  return
}

func.func @conv_dynamic(%x: tensor<?x?x?xf32>, %xl: tensor<1x6x10xf32>, %w: tensor<?x?x?xf32>,
                        %w3: tensor<4x?x3xf32>, %b: tensor<4xf32>, %bd: tensor<?xf32>) {
  %0 = nn.conv1d %x, %w : (tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  // Cout is known from the bias; M is not, without the kernel's size.
  %1 = nn.conv1d %xl, %w, %b groups = 2 : (tensor<1x6x10xf32>, tensor<?x?x?xf32>, tensor<4xf32>) -> tensor<1x4x?xf32>
  %2 = nn.conv1d %xl, %w3, %bd : (tensor<1x6x10xf32>, tensor<4x?x3xf32>, tensor<?xf32>) -> tensor<1x4x8xf32>
  %3 = nn.conv1d %x, %w3 : (tensor<?x?x?xf32>, tensor<4x?x3xf32>) -> tensor<?x4x?xf32>
  return
}
