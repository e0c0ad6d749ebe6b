// RUN: poolc-opt %s --pass-pipeline='builtin.module(gpu.module(llvm-split-expected))' --split-input-file | FileCheck %s

// What follows is written for where the condition holds, and for where not. What the condition does not
// need is part of both, and what one block defines for another is each body's own.

gpu.module @kernels {
  // CHECK-LABEL: llvm.func @guarded(
  // CHECK-SAME:    %[[X:.*]]: !llvm.ptr<1>, %[[LIMIT:.*]]: i32)
  // CHECK-NOT:     llvm.add
  // CHECK:         %[[BLOCK:.*]] = nvvm.read.ptx.sreg.ctaid.x : i32
  // CHECK:         %[[HOLDS:.*]] = llvm.icmp "ult" %[[BLOCK]], %[[LIMIT]] : i32
  // CHECK-NOT:     llvm.intr.expect
  // CHECK:         %[[TRUE:.*]] = llvm.mlir.constant(true) : i1
  // CHECK:         %[[FALSE:.*]] = llvm.mlir.constant(false) : i1
  // CHECK:         llvm.cond_br %[[HOLDS]], ^[[INSIDE:.*]], ^[[ANYWHERE:.*]]
  // CHECK:       ^[[ANYWHERE]]:
  // CHECK:         %[[SUM:.*]] = llvm.add
  // CHECK:         %[[GUARD:.*]] = llvm.or %[[FALSE]], %{{.*}} : i1
  // CHECK:         llvm.cond_br %[[GUARD]], ^[[STORE:.*]], ^[[END:.*]]
  // CHECK:       ^[[STORE]]:
  // CHECK:         llvm.store %[[SUM]]
  // CHECK:         llvm.br ^[[END]]
  // CHECK:       ^[[END]]:
  // CHECK:         llvm.return
  // CHECK:       ^[[INSIDE]]:
  // CHECK:         %[[SUM2:.*]] = llvm.add
  // CHECK:         %[[GUARD2:.*]] = llvm.or %[[TRUE]], %{{.*}} : i1
  // CHECK:         llvm.cond_br %[[GUARD2]], ^[[STORE2:.*]], ^[[END2:.*]]
  // CHECK:       ^[[STORE2]]:
  // CHECK:         llvm.store %[[SUM2]]
  // CHECK:         llvm.br ^[[END2]]
  // CHECK:       ^[[END2]]:
  // CHECK:         llvm.return
  llvm.func @guarded(%x: !llvm.ptr<1>, %limit: i32) {
    %true = llvm.mlir.constant(true) : i1
    %block = nvvm.read.ptx.sreg.ctaid.x : i32
    %thread = nvvm.read.ptx.sreg.tid.x : i32
    %sum = llvm.add %block, %thread : i32
    %holds = llvm.icmp "ult" %block, %limit : i32
    %inside = llvm.intr.expect %holds, %true : i1
    %before = llvm.icmp "ult" %sum, %limit : i32
    %guard = llvm.or %inside, %before : i1
    llvm.cond_br %guard, ^store, ^end
  ^store:
    llvm.store %sum, %x : i32, !llvm.ptr<1>
    llvm.br ^end
  ^end:
    llvm.return
  }
}

// -----

// A block may come before one that defines what it uses, and take arguments of it.

gpu.module @kernels {
  // CHECK-LABEL: llvm.func @loop(
  // CHECK:         llvm.cond_br %{{.*}}, ^[[INSIDE:.*]], ^[[ANYWHERE:.*]]
  // CHECK:       ^[[ANYWHERE]]:
  // CHECK:       ^[[INSIDE]]:
  // CHECK:         llvm.br ^[[OTHER:.*]]
  // CHECK:       ^[[USE:.*]](%[[I:.*]]: i32):
  // CHECK:         llvm.add %[[I]], %[[VALUE:.*]] : i32
  // CHECK:         llvm.return
  // CHECK:       ^[[OTHER]]:
  // CHECK:         %[[VALUE]] = llvm.load
  // CHECK:         llvm.br ^[[USE]](%[[VALUE]] : i32)
  llvm.func @loop(%x: !llvm.ptr<1>, %holds: i1) {
    %true = llvm.mlir.constant(true) : i1
    %inside = llvm.intr.expect %holds, %true : i1
    llvm.br ^define
  ^use(%i: i32):
    %sum = llvm.add %i, %value : i32
    llvm.store %sum, %x : i32, !llvm.ptr<1>
    llvm.return
  ^define:
    %value = llvm.load %x : !llvm.ptr<1> -> i32
    llvm.br ^use(%value : i32)
  }
}

// -----

// Left alone: what is not expected to hold, is no condition, or is not asked first.

gpu.module @kernels {
  // CHECK-LABEL: llvm.func @others(
  // CHECK-COUNT-3: llvm.intr.expect
  // CHECK-NOT:     llvm.cond_br
  llvm.func @others(%x: !llvm.ptr<1>, %holds: i1, %number: i32) {
    %false = llvm.mlir.constant(false) : i1
    %true = llvm.mlir.constant(true) : i1
    %one = llvm.mlir.constant(1 : i32) : i32
    %seldom = llvm.intr.expect %holds, %false : i1
    %likely = llvm.intr.expect %number, %one : i32
    llvm.br ^later
  ^later:
    %late = llvm.intr.expect %holds, %true : i1
    llvm.return
  }

  // CHECK-LABEL: llvm.func @declared(
  llvm.func @declared(%x: !llvm.ptr<1>)
}
