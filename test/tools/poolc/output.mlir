// What poolc writes, and where.

// By default to standard output, as PTX; else by the extension.
// RUN: poolc %s | FileCheck %s --check-prefix=PTX
// RUN: poolc %s -o - | FileCheck %s --check-prefix=PTX
// RUN: poolc - < %s | FileCheck %s --check-prefix=PTX
// RUN: poolc %s -o %t.ptx && FileCheck %s --check-prefix=PTX --input-file=%t.ptx
// RUN: poolc %s -o %t.s && FileCheck %s --check-prefix=PTX --input-file=%t.s
// PTX: //poolc.plan
// PTX: .version
// RUN: poolc %s -o %t.json && FileCheck %s --check-prefix=PLAN --input-file=%t.json
// RUN: poolc %s --emit=plan -o %t.ptx && FileCheck %s --check-prefix=PLAN --input-file=%t.ptx
// PLAN: "schema": 1
// RUN: poolc %s -o %t.h && FileCheck %s --check-prefix=HEADER --input-file=%t.h
// RUN: poolc %s --emit=header | FileCheck %s --check-prefix=HEADER
// HEADER: class {{[A-Za-z]+}}Program
// RUN: %if ptxas %{ poolc %s -o %t.cubin && head -c 4 %t.cubin | FileCheck %s --check-prefix=CUBIN %}
// CUBIN: ELF

// What was there stays when the compilation fails, and nothing else appears.
// RUN: rm -rf %t.dir && mkdir %t.dir
// RUN: echo kept > %t.dir/kernel.ptx
// RUN: echo '#' | not poolc - -o %t.dir/kernel.ptx 2>/dev/null
// RUN: ls %t.dir | FileCheck %s --check-prefix=ONLY
// RUN: FileCheck %s --check-prefix=KEPT --input-file=%t.dir/kernel.ptx
// ONLY: kernel.ptx
// ONLY-NOT: {{.}}
// KEPT: kept

// Every level on the way.
// RUN: rm -rf %t.temps
// RUN: poolc %s --save-temps=%t.temps/deep -o %t.ptx
// RUN: ls %t.temps/deep | FileCheck %s --check-prefix=TEMPS
// TEMPS:      01-nn.mlir
// TEMPS-NEXT: 02-schedule.mlir
// TEMPS-NEXT: 03-tile.mlir
// TEMPS-NEXT: 04-gpu.mlir
// TEMPS-NEXT: 05-nvvm.mlir
// TEMPS-NEXT: 06-llvm.mlir
// TEMPS-NEXT: 07-translated.ll
// TEMPS-NEXT: 08-optimized.ll
// TEMPS-NEXT: 09-kernel.ptx
// RUN: diff %t.ptx %t.temps/deep/09-kernel.ptx
// RUN: poolc %s --emit=tile | diff - %t.temps/deep/03-tile.mlir
// RUN: opt -passes=verify -disable-output %t.temps/deep/08-optimized.ll

// MLIR's own flags.
// RUN: poolc %s --mlir-print-ir-after-all -o %t.ptx 2>&1 | FileCheck %s --check-prefix=PRINT
// PRINT: IR Dump After NNSetTarget
// PRINT: IR Dump After TileToGPU
// RUN: poolc %s --mlir-timing --mlir-disable-threading -o %t.ptx 2>&1 | FileCheck %s --check-prefix=TIMING
// TIMING: Execution time report
// TIMING: NNToTile

func.func @main(%x: tensor<1x4x4xf32>) -> tensor<1x2x2xf32> {
  %y = nn.avg_pool2d %x kernel_size = [2, 2] : (tensor<1x4x4xf32>) -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}
