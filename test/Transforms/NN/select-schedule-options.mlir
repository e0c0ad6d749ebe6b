// What the option of nn-select-schedule takes, and its remarks.

// RUN: poolc-opt %s --nn-select-schedule=schedule=num_warps=2 | FileCheck %s --check-prefix=ALL
// RUN: poolc-opt %s --nn-select-schedule="schedule=num_warps=2;7:num_warps=8,block_n=64" | FileCheck %s --check-prefix=ONE
// RUN: poolc-opt %s --nn-select-schedule="schedule=7:num_warps=8;num_warps=2;7:num_warps=4" | FileCheck %s --check-prefix=LAST
// RUN: not poolc-opt %s --nn-select-schedule=schedule=1:num_warps=2 2>&1 | FileCheck %s --check-prefix=INDEX
// RUN: not poolc-opt %s --nn-select-schedule=schedule=num_warp=2 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not poolc-opt %s --nn-select-schedule=schedule=num_warps=3 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: poolc-opt %s --nn-select-schedule=schedule=7:num_warps=8 --remarks-filter=nn-select-schedule -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// What is decided is legal.

// RUN: poolc-opt %s --nn-select-schedule --nn-verify-schedule -o /dev/null

// Words of the option win over those of the attribute.

// ALL: nn.avg_pool2d {{.*}}block_w=16,{{.*}}num_warps=2
// ALL: nn.conv1d {{.*}}num_warps=2

// ONE: nn.avg_pool2d {{.*}}num_warps=2
// ONE: nn.conv1d {{.*}}block_n=64,{{.*}}num_warps=8

// LAST: nn.avg_pool2d {{.*}}num_warps=2
// LAST: nn.conv1d {{.*}}num_warps=4

// INDEX: error: expected the index of an operation before ':' in the schedule, one of [5, 7], got 1
// WORD: error: in the schedule: unknown schedule word 'num_warp'
// VALUE: :[[#@LINE+8]]:{{.*}}error: 'nn.avg_pool2d' op {{.*}}expected num_warps to be a power of two

// REMARK: :[[#@LINE+6]]:{{.*}}remark: {{.*}}nn-select-schedule{{.*}}nn.avg_pool2d on rtx4090: algorithm={{.*}}; given: block_w=16,num_warps=4
// REMARK-NEXT: nn.avg_pool2d
// REMARK: nn.conv1d on rtx4090: algorithm={{.*}}num_warps=8{{.*}}; given: num_warps=8

module attributes {nn.target = "rtx4090"} {
  func.func @main(%x: tensor<2x64x64xf32>, %u: tensor<2x100xf32>, %w: tensor<64x2x3xf32>) {
    %0 = nn.avg_pool2d %x kernel_size = [2, 2] {nn.index = 5 : i64, nn.schedule = #nn.schedule<block_w=16,num_warps=4>}
        : (tensor<2x64x64xf32>) -> tensor<2x32x32xf32>
    %1 = nn.conv1d %u, %w {nn.index = 7 : i64} : (tensor<2x100xf32>, tensor<64x2x3xf32>) -> tensor<64x98xf32>
    return
  }
}
