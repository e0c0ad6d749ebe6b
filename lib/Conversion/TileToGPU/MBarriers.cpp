//===- MBarriers.cpp - Objects that warps arrive at and wait for ----------===//

#include "MBarriers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace poolc;

static constexpr int64_t warpSize = 32;

Value poolc::addMBarriers(ImplicitLocOpBuilder &b, gpu::GPUFuncOp func, int64_t count) {
  auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  auto type = MemRefType::get({count}, b.getI64Type(), MemRefLayoutAttrInterface{}, space);
  Value memory = func.addWorkgroupAttribution(type, b.getLoc());
  return arith::IndexCastUIOp::create(b, b.getI64Type(),
                                      memref::ExtractAlignedPointerAsIndexOp::create(b, memory));
}

Value poolc::mbarrierAt(ImplicitLocOpBuilder &b, Value address) {
  auto pointer =
      LLVM::LLVMPointerType::get(b.getContext(), unsigned(NVVM::NVVMMemorySpace::Shared));
  return LLVM::IntToPtrOp::create(b, pointer, address);
}

void poolc::emitArrival(ImplicitLocOpBuilder &b, Value object, Value condition) {
  NVVM::SyncWarpOp::create(b, arith::ConstantIntOp::create(b, -1, 32));
  Value thread = arith::IndexCastUIOp::create(b, b.getI32Type(),
                                              gpu::ThreadIdOp::create(b, gpu::Dimension::x));
  Value lane = arith::AndIOp::create(b, thread, arith::ConstantIntOp::create(b, warpSize - 1, 32));
  Value arrives = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lane,
                                        arith::ConstantIntOp::create(b, 0, 32));
  if (condition)
    arrives = arith::AndIOp::create(b, arrives, condition);
  LLVM::InlineAsmOp::create(b, TypeRange(), ValueRange{arrives, object},
                            "@$0 mbarrier.arrive.shared.b64 _, [$1];", "b,l,~{memory}",
                            /*has_side_effects=*/true, /*is_align_stack=*/false,
                            LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
}

void poolc::emitExpectation(ImplicitLocOpBuilder &b, Value object, Value bytes) {
  LLVM::InlineAsmOp::create(b, TypeRange(), ValueRange{object, bytes},
                            "mbarrier.arrive.expect_tx.shared.b64 _, [$0], $1;", "l,r,~{memory}",
                            /*has_side_effects=*/true, /*is_align_stack=*/false,
                            LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
}

/// Whether the phase has ended, after some time at most.
static Value tryPhase(ImplicitLocOpBuilder &b, Value object, Value parity) {
  auto asked = LLVM::InlineAsmOp::create(
      b, TypeRange(b.getI32Type()), ValueRange{object, parity},
      "{\n.reg .pred complete;\nmbarrier.try_wait.parity.shared.b64 complete, [$1], $2;\n"
      "selp.b32 $0, 1, 0, complete;\n}",
      "=r,l,r,~{memory}", /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr());
  return arith::TruncIOp::create(b, b.getI1Type(), asked.getResult(0));
}

void poolc::emitPhaseWait(ImplicitLocOpBuilder &b, Value object, Value parity, bool canSleep) {
  scf::WhileOp::create(
      b, TypeRange(), ValueRange(),
      [&](OpBuilder &builder, Location loc, ValueRange) {
        ImplicitLocOpBuilder inLoop(loc, builder);
        Value complete =
            canSleep ? tryPhase(inLoop, object, parity)
                     : NVVM::MBarrierTestWaitOp::create(inLoop, inLoop.getI1Type(), object, parity)
                           .getResult();
        Value one = arith::ConstantIntOp::create(inLoop, 1, 1);
        Value isOpen = arith::XOrIOp::create(inLoop, complete, one);
        scf::ConditionOp::create(inLoop, isOpen, ValueRange());
      },
      [&](OpBuilder &builder, Location loc, ValueRange) { scf::YieldOp::create(builder, loc); });
}
