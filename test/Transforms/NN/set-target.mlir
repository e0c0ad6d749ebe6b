// RUN: poolc-opt %s --nn-set-target --split-input-file | FileCheck %s --check-prefix=DEFAULT
// RUN: poolc-opt %s --nn-set-target=target=a100 --split-input-file | FileCheck %s --check-prefix=A100
// RUN: not poolc-opt %s --nn-set-target=target=rtx4091 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: set-target.mlir:{{.*}}: error: expected target to be one of rtx4090, {{.*}}h200, got 'rtx4091'

// DEFAULT: module attributes {nn.target = "rtx4090"}
// A100: module attributes {nn.target = "a100"}
module {}

// -----

// A target that is there is kept, unless another is asked for.

// DEFAULT: module attributes {nn.target = "h200", test.other}
// A100: module attributes {nn.target = "a100", test.other}
module attributes {nn.target = "h200", test.other} {}
