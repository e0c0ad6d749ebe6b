// RUN: poolc-opt %s --nn-verify-schedule --split-input-file --verify-diagnostics | FileCheck %s

module attributes {nn.target = "rtx4090"} {
  // CHECK-LABEL: func.func @legal
  func.func @legal(%x: tensor<2x64x64xf32>) {
    // CHECK: nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=4,block_w=32,num_warps=4,num_stages=1,vector=1,order=w.h.p>
    %0 = nn.avg_pool2d %x kernel_size = [2, 2]
        {nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=4,block_w=32,num_warps=4,num_stages=1,vector=1,order=w.h.p>}
        : (tensor<2x64x64xf32>) -> tensor<2x32x32xf32>
    return
  }
}

// -----

module attributes {nn.target = "rtx4090"} {
  func.func @missing(%x: tensor<2x64x64xf32>) {
    // expected-error @below {{'nn.avg_pool2d' op expected nn.schedule, got none; run nn-select-schedule first}}
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x64x64xf32>) -> tensor<2x32x32xf32>
    return
  }
}

// -----

// Every operation is told.

module attributes {nn.target = "rtx4090"} {
  func.func @illegal(%x: tensor<2x64x64xf32>) {
    // expected-error @below {{expected a schedule that is legal on rtx4090, got #nn.schedule<algorithm=direct,num_warps=4>: expected a complete schedule}}
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm=direct,num_warps=4>} : (tensor<2x64x64xf32>) -> tensor<2x32x32xf32>
    // expected-error @below {{expected num_warps to be}}
    %1 = nn.avg_pool2d %x kernel_size = [2, 2]
        {nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=4,block_w=32,num_warps=4096,num_stages=1,vector=1,order=w.h.p>}
        : (tensor<2x64x64xf32>) -> tensor<2x32x32xf32>
    return
  }
}

// -----

module attributes {nn.target = "rtx4090"} {
  func.func @dynamic(%x: tensor<2x8xf32>, %w: tensor<3x2x?xf32>) {
    // expected-error @below {{expected operands from which Cin, Cout and K are known}}
    %0 = nn.conv1d %x, %w {nn.schedule = #nn.schedule<algorithm=direct>} : (tensor<2x8xf32>, tensor<3x2x?xf32>) -> tensor<3x?xf32>
    return
  }
}

// -----

// expected-error @below {{expected nn.target on the module, got none; run nn-set-target first}}
module {}
