// Every level parses again, in poolc-opt as it is, and in poolc as the start of
// what follows: the PTX is the same wherever the compiler is stopped on the way.

// RUN: poolc %s -o %t.ptx
// RUN: poolc %s --emit=nn -o %t.nn.mlir && poolc-opt %t.nn.mlir | FileCheck %s --check-prefix=NN
// RUN: poolc %s --emit=schedule -o %t.schedule.mlir && poolc-opt %t.schedule.mlir | FileCheck %s --check-prefix=SCHEDULE
// RUN: poolc %s --emit=tile -o %t.tile.mlir && poolc-opt %t.tile.mlir | FileCheck %s --check-prefix=TILE
// RUN: poolc %s --emit=gpu -o %t.gpu.mlir && poolc-opt %t.gpu.mlir | FileCheck %s --check-prefix=GPU
// RUN: poolc %s --emit=nvvm -o %t.nvvm.mlir && poolc-opt %t.nvvm.mlir | FileCheck %s --check-prefix=NVVM
// RUN: poolc %s --emit=llvm -o %t.llvm.mlir && poolc-opt %t.llvm.mlir | FileCheck %s --check-prefix=LLVM
// RUN: grep -v poolc.plan %t.ptx > %t.kernels.ptx
// RUN: poolc %t.nn.mlir | grep -v poolc.plan | diff %t.kernels.ptx -
// RUN: poolc %t.schedule.mlir | grep -v poolc.plan | diff %t.kernels.ptx -
// RUN: poolc %t.tile.mlir | grep -v poolc.plan | diff %t.kernels.ptx -
// RUN: poolc %t.gpu.mlir | grep -v poolc.plan | diff %t.kernels.ptx -
// RUN: poolc %t.nvvm.mlir | grep -v poolc.plan | diff %t.kernels.ptx -
// RUN: poolc %t.llvm.mlir | grep -v poolc.plan | diff %t.kernels.ptx -

// The pipelines of poolc-opt are those of poolc.
// RUN: poolc-opt %t.nn.mlir --poolc-to-schedule --poolc-to-tile --poolc-to-gpu --poolc-to-nvvm --poolc-to-llvm > %t.opt.mlir
// RUN: poolc %t.opt.mlir | grep -v poolc.plan | diff %t.kernels.ptx -

// Names are those of the text, the source goes along from the tile level on.
// NN-NOT: nn.source
// NN: func.func @main(%{{.*}}: tensor<2x3x20xf32> {nn.name = "signal"}, %{{.*}} {nn.name = "weights"})
// NN-SAME: -> (tensor<2x4x18xf32> {nn.name = "y0"}, tensor<2x4x9xf32> {nn.name = "y1"})
// NN-NOT: nn.schedule
// SCHEDULE-NOT: nn.source
// SCHEDULE: nn.conv1d {{.*}} nn.schedule = #nn.schedule<algorithm=
// TILE: nn.source = "{{.*}}nn.conv1d
// TILE: tile.launch @conv1d_0
// TILE: tile.func @conv1d_0
// GPU: gpu.launch_func @kernels::@conv1d_0
// GPU: gpu.func @conv1d_0
// NVVM: gpu.launch_func @kernels::@conv1d_0
// NVVM: llvm.func @conv1d_0({{.*}}!llvm.ptr<1>
// NVVM: nvvm.read.ptx.sreg.tid.x
// LLVM: llvm.func @conv1d_0

func.func @main(%signal: tensor<2x3x20xf32>, %weights: tensor<4x3x3xf32>)
    -> (tensor<2x4x18xf32>, tensor<2x4x9xf32>) {
  %filtered = nn.conv1d %signal, %weights : (tensor<2x3x20xf32>, tensor<4x3x3xf32>) -> tensor<2x4x18xf32>
  %thinned = nn.avg_pool2d %filtered kernel_size = [1, 2] : (tensor<2x4x18xf32>) -> tensor<2x4x9xf32>
  return %filtered, %thinned : tensor<2x4x18xf32>, tensor<2x4x9xf32>
}
