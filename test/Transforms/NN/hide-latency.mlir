// Stage 2: when more stages, longer steps or wider accesses are taken.
//
// RUN: poolc-opt %s --nn-hide-latency --split-input-file --verify-diagnostics | FileCheck %s
// RUN: %exits 1 poolc-opt %s --nn-hide-latency --split-input-file --remarks-filter=nn-hide-latency -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: %exits 1 poolc-opt %s --nn-hide-latency=stall-aim=60 --split-input-file 2>/dev/null | FileCheck %s --check-prefix=AIM


// Half of the warps wait.
// CHECK-LABEL: func.func @stalls
// CHECK: nn.schedule = #nn.schedule<{{.*}}num_stages=2
// REMARK: [Passed] num_stages {{.*}}conv1d_0: num_stages=1 -> 2: measured memory stalls of 50.0 % exceed the aim of 20.0 %; predicted
// REMARK: [Missed] block_k {{.*}}kept at 16: 32 is refused: expected at most
// AIM-LABEL: func.func @stalls
// AIM: num_stages=1
module attributes {nn.target = "rtx4090"} {
  func.func @stalls(%x: tensor<16x64x4098xf32>, %w: tensor<64x64x3xf32>) {
    %0 = nn.conv1d %x, %w precision = tf32 {nn.index = 0, nn.schedule = #nn.schedule<algorithm=gemm_slab,block_m=64,block_n=64,block_k=16,num_warps=4,num_stages=1,vector=1,order=m.n.gb>, nn.profile = {smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct = 50.0 : f64}} : (tensor<16x64x4098xf32>, tensor<64x64x3xf32>) -> tensor<16x64x4096xf32>
    return
  }
}

// -----

// CHECK-LABEL: func.func @few_stalls
// CHECK: nn.schedule = #nn.schedule<{{.*}}num_stages=1
// REMARK: [Missed] num_stages {{.*}}kept at 1: measured memory stalls of 12.0 % are within the aim of 20.0 %
module attributes {nn.target = "rtx4090"} {
  func.func @few_stalls(%x: tensor<16x64x4098xf32>, %w: tensor<64x64x3xf32>) {
    %0 = nn.conv1d %x, %w precision = tf32 {nn.index = 0, nn.schedule = #nn.schedule<algorithm=gemm_slab,block_m=64,block_n=64,block_k=16,num_warps=4,num_stages=1,vector=1,order=m.n.gb>, nn.profile = {smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct = 12.0 : f64}} : (tensor<16x64x4098xf32>, tensor<64x64x3xf32>) -> tensor<16x64x4096xf32>
    return
  }
}

// -----

// More stages do not fit into shared memory.
// CHECK-LABEL: func.func @full
// CHECK: nn.schedule = #nn.schedule<{{.*}}num_stages=1
// REMARK: [Missed] num_stages {{.*}}kept at 1 although measured memory stalls of 50.0 % exceed the aim of 20.0 %: num_stages=2 is refused: expected at most 101376 bytes of shared memory, got
module attributes {nn.target = "rtx4090"} {
  func.func @full(%x: tensor<16x64x12294xf32>, %w: tensor<128x64x3xf32>) {
    %0 = nn.conv1d %x, %w stride = 3 dilation = 4 precision = tf32 {nn.index = 0, nn.schedule = #nn.schedule<algorithm=gemm_slab,block_m=128,block_n=128,block_k=16,num_warps=8,num_stages=1,vector=1,order=m.n.gb>, nn.profile = {smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct = 50.0 : f64}} : (tensor<16x64x12294xf32>, tensor<128x64x3xf32>) -> tensor<16x128x4096xf32>
    return
  }
}

// -----

// A profile without stalls, DRAM not at its roof: the predictions for 1, 2, 3.
// CHECK-LABEL: func.func @unsure
// REMARK: num_stages {{.*}}the profile lacks smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct, which decides; predicted for 1 to 3: 1: {{.*}}, 2: {{.*}}, 3:
module attributes {nn.target = "rtx4090"} {
  func.func @unsure(%x: tensor<16x64x4098xf32>, %w: tensor<64x64x3xf32>) {
    %0 = nn.conv1d %x, %w precision = tf32 {nn.index = 0, nn.schedule = #nn.schedule<algorithm=gemm_slab,block_m=64,block_n=64,block_k=16,num_warps=4,num_stages=1,vector=1,order=m.n.gb>, nn.profile = {dram__throughput.avg.pct_of_peak_sustained_elapsed = 30.0 : f64}} : (tensor<16x64x4098xf32>, tensor<64x64x3xf32>) -> tensor<16x64x4096xf32>
    return
  }
}

// -----

// CHECK-LABEL: func.func @given
// CHECK: num_stages=1
// REMARK: [Missed] num_stages {{.*}}kept at 1, as given
// REMARK: [Missed] block_k {{.*}}kept at 16, as given
module attributes {nn.target = "rtx4090"} {
  func.func @given(%x: tensor<16x64x4098xf32>, %w: tensor<64x64x3xf32>) {
    %0 = nn.conv1d %x, %w precision = tf32 {nn.index = 0, nn.given_schedule = #nn.schedule<block_k=16,num_stages=1>, nn.schedule = #nn.schedule<algorithm=gemm_slab,block_m=64,block_n=64,block_k=16,num_warps=4,num_stages=1,vector=1,order=m.n.gb>, nn.profile = {smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct = 50.0 : f64}} : (tensor<16x64x4098xf32>, tensor<64x64x3xf32>) -> tensor<16x64x4096xf32>
    return
  }
}

// -----

// CHECK-LABEL: func.func @unstaged
// REMARK: [Missed] num_stages {{.*}}not raised: algorithm direct does not stage its operands
module attributes {nn.target = "rtx4090"} {
  func.func @unstaged(%x: tensor<2x64x64xf32>) {
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.index = 0, nn.schedule = #nn.schedule<algorithm=direct,block_p=1,block_h=4,block_w=32,num_warps=4,num_stages=1,vector=1,order=w.h.p>} : (tensor<2x64x64xf32>) -> tensor<2x32x32xf32>
    return
  }
}

// -----

module attributes {nn.target = "rtx4090"} {
  func.func @profile(%x: tensor<2x8x8xf32>) {
    // expected-error @below {{expected nn.profile to be a dictionary of f64, got}}
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.profile = {sm = "high"}} : (tensor<2x8x8xf32>) -> tensor<2x4x4xf32>
    return
  }
}
