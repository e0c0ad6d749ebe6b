// Stage 1: when another grid is taken, and when the one there is stays.
//
// RUN: poolc-opt %s --nn-arrange-grid --split-input-file --verify-diagnostics | FileCheck %s
// RUN: %exits 1 poolc-opt %s --nn-arrange-grid --split-input-file --remarks-filter=nn-arrange-grid -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: %exits 1 poolc-opt %s --nn-arrange-grid=sm-aim=1 --split-input-file 2>/dev/null | FileCheck %s --check-prefix=AIM


// One block per plane leaves most SMs without work: smaller blocks.
// CHECK-LABEL: func.func @few_blocks
// CHECK: nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h={{[1248],}}
// REMARK: remark: [Passed] parallelism | Category:nn-arrange-grid | Remark="avg_pool2d_0: block_h={{.*}}predicted SM throughput of {{.*}} is below the aim of 60.0 %, 4 ->
// AIM-LABEL: func.func @few_blocks
// AIM: block_p=1,block_h=64,block_w=64
module attributes {nn.target = "rtx4090"} {
  func.func @few_blocks(%x: tensor<4x704x704xf32>) {
    %0 = nn.avg_pool2d %x kernel_size = [11, 11] {nn.index = 0, nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=64,block_w=64,num_warps=8,num_stages=1,vector=1,order=w.h.p>} : (tensor<4x704x704xf32>) -> tensor<4x64x64xf32>
    return
  }
}

// -----

// DRAM is predicted to be busy: however idle the SMs, the grid stays.
// CHECK-LABEL: func.func @at_the_roof
// CHECK: block_p=1,block_h=2,block_w=64,num_warps=4
// REMARK: [Missed] memory_roof {{.*}}avg_pool2d_0: grid left alone: predicted DRAM throughput of 9{{.*}} of its roof of 94.2 %
module attributes {nn.target = "rtx4090"} {
  func.func @at_the_roof(%x: tensor<1024x2048x2048xf32>) {
    %0 = nn.avg_pool2d %x kernel_size = [11, 11] {nn.index = 0, nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=2,block_w=64,num_warps=4,num_stages=1,vector=1,order=w.h.p>} : (tensor<1024x2048x2048xf32>) -> tensor<1024x186x186xf32>
    return
  }
}

// -----

// Measured figures win over predicted ones.
// CHECK-LABEL: func.func @measured
// CHECK: nn.avg_pool2d
// CHECK-NOT: block_p=1,block_h=2,block_w=64
// CHECK: return
// REMARK: [Passed] parallelism {{.*}}measured SM throughput of 20.0 % is below the aim of 60.0 %, 285696 ->
module attributes {nn.target = "rtx4090"} {
  func.func @measured(%x: tensor<1024x2048x2048xf32>) {
    %0 = nn.avg_pool2d %x kernel_size = [11, 11] {nn.index = 0, nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=2,block_w=64,num_warps=4,num_stages=1,vector=1,order=wh.p>, nn.profile = {sm__throughput.avg.pct_of_peak_sustained_elapsed = 20.0 : f64, dram__throughput.avg.pct_of_peak_sustained_elapsed = 30.0 : f64}} : (tensor<1024x2048x2048xf32>) -> tensor<1024x186x186xf32>
    return
  }
}

// -----

// CHECK-LABEL: func.func @busy
// CHECK: block_p=1,block_h=64,block_w=64
// REMARK: [Missed] parallelism {{.*}}grid left alone: measured SM throughput of 75.0 % reaches the aim of 60.0 %
module attributes {nn.target = "rtx4090"} {
  func.func @busy(%x: tensor<4x704x704xf32>) {
    %0 = nn.avg_pool2d %x kernel_size = [11, 11] {nn.index = 0, nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=64,block_w=64,num_warps=8,num_stages=1,vector=1,order=w.h.p>, nn.profile = {sm__throughput.avg.pct_of_peak_sustained_elapsed = 75.0 : f64}} : (tensor<4x704x704xf32>) -> tensor<4x64x64xf32>
    return
  }
}

// -----

// CHECK-LABEL: func.func @given
// CHECK: block_p=1,block_h=64,block_w=64
// REMARK: [Missed] parallelism {{.*}}no other block size is legal or open
module attributes {nn.target = "rtx4090"} {
  func.func @given(%x: tensor<4x704x704xf32>) {
    %0 = nn.avg_pool2d %x kernel_size = [11, 11] {nn.index = 0, nn.given_schedule = #nn.schedule<block_p=1,block_h=64,block_w=64>, nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=64,block_w=64,num_warps=8,num_stages=1,vector=1,order=w.h.p>} : (tensor<4x704x704xf32>) -> tensor<4x64x64xf32>
    return
  }
}

// -----

module attributes {nn.target = "rtx4090"} {
  func.func @unscheduled(%x: tensor<2x8x8xf32>) {
    // expected-error @below {{expected nn.schedule, got none; run nn-select-schedule first}}
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
    return
  }
}

// -----

module attributes {nn.target = "rtx4090"} {
  func.func @illegal(%x: tensor<2x8x8xf32>) {
    // expected-error @below {{expected a complete schedule, got one without block_p}}
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.schedule = #nn.schedule<algorithm=direct>} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
    return
  }
}

// -----

// expected-error @below {{expected nn.target on the module, got none; run nn-set-target first}}
module {}
