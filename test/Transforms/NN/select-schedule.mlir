// RUN: poolc-opt %s --nn-select-schedule --split-input-file --verify-diagnostics | FileCheck %s

// Every schedule is complete, and one that is there already keeps its words.

module attributes {nn.target = "rtx4090"} {
  // CHECK-LABEL: func.func @decides
  func.func @decides(%x: tensor<2x8x8xf32>, %u: tensor<2x8xf32>, %w: tensor<3x2x3xf32>) {
    // CHECK: nn.avg_pool2d {{.*}}nn.schedule = #nn.schedule<algorithm={{[a-z]+}},{{.*}}num_warps={{[0-9]+}},{{.*}}order={{[a-z.]+}}>
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
    // CHECK: nn.conv1d {{.*}}nn.schedule = #nn.schedule<algorithm={{[a-z_]+}},{{.*}}num_warps={{[0-9]+}},{{.*}}order={{[a-z.]+}}>
    %1 = nn.conv1d %u, %w : (tensor<2x8xf32>, tensor<3x2x3xf32>) -> tensor<3x6xf32>
    // CHECK: nn.avg_pool2d {{.*}}num_warps=8
    %2 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<num_warps=8>} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
    return
  }
}

// -----

// expected-error @below {{expected nn.target on the module, got none; run nn-set-target first}}
module {}

// -----

module attributes {nn.target = "rtx4090"} {
  func.func @dynamic(%x: tensor<?x8xf32>, %w: tensor<3x2x?xf32>) {
    // expected-error @below {{expected operands from which Cin, Cout and K are known, got 'tensor<?x8xf32>' for operand 0, 'tensor<3x2x?xf32>' for operand 1}}
    %0 = nn.conv1d %x, %w : (tensor<?x8xf32>, tensor<3x2x?xf32>) -> tensor<3x?xf32>
    return
  }
}

// -----

module attributes {nn.target = "rtx4090"} {
  func.func @impossible(%x: tensor<2x8x8xf32>) {
    // expected-error @below {{expected num_warps to be a power of two}}
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<num_warps=4096>} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
    return
  }
}

// -----

// CHECK-LABEL: func.func @narrow_tf32
// CHECK: nn.schedule = #nn.schedule<algorithm={{direct|window|gemm_toeplitz}},
module attributes {nn.target = "rtx4090"} {
  func.func @narrow_tf32(%x: tensor<8x1x65538xf32>, %w: tensor<3x1x3xf32>) {
    %0 = nn.conv1d %x, %w precision = tf32 : (tensor<8x1x65538xf32>, tensor<3x1x3xf32>) -> tensor<8x3x65536xf32>
    return
  }
}

// -----

// CHECK-LABEL: func.func @wide_tf32
// CHECK: nn.schedule = #nn.schedule<algorithm={{[a-z_]+}},block_m={{[0-9]+}},block_n={{[0-9]+}},block_k=
module attributes {nn.target = "rtx4090"} {
  func.func @wide_tf32(%x: tensor<16x256x4098xf32>, %w: tensor<256x256x3xf32>) {
    %0 = nn.conv1d %x, %w precision = tf32 : (tensor<16x256x4098xf32>, tensor<256x256x3xf32>) -> tensor<16x256x4096xf32>
    return
  }
}
