//===- DecodeMBarrier.cpp - Decoding barriers in shared memory ------------===//

#include "KernelDecoder.h"
#include "MBarrier.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// Whether the module is for a chip that has the instruction.
bool KernelDecoder::expectChip(unsigned least) {
  llvm::StringRef digits = module.target;
  unsigned chip = 0;
  digits.consume_front("sm_");
  digits.consumeInteger(10, chip);
  return chip >= least || fail("'" + instruction->opcode + "': expected a module for sm_" +
                               llvm::Twine(least) + " or later, got one for " + module.target);
}

static bool hasAny(const Opcode &opcode, std::initializer_list<llvm::StringRef> modifiers) {
  return llvm::any_of(modifiers, [&](llvm::StringRef modifier) { return opcode.has(modifier); });
}

/// What is asked of all forms: a chip that has them, and a memory order with its scope.
bool KernelDecoder::expectMBarriers() {
  bool isNew = hasAny(opcode, {"try_wait", "expect_tx", "complete_tx", "relaxed", "cluster"});
  if (!expectChip(isNew ? 90 : 80))
    return false;
  bool hasOrder = hasAny(opcode, {"release", "acquire", "relaxed"});
  bool hasScope = hasAny(opcode, {"cta", "cluster"});
  return hasOrder == hasScope ||
         fail("'" + instruction->opcode +
              "': expected a memory order and its scope, got only one of them");
}

bool KernelDecoder::mbarrierAt(const Operand &operand, Op &op) {
  Address address;
  if (!addressOf(operand, spaceOf(), address))
    return false;
  if (address.space != Space::shared && address.space != Space::generic)
    return fail("expected an mbarrier object in shared memory, got one elsewhere");
  op.kind = OpKind::memory;
  op.space = address.space;
  op.src[0] = address.reg;
  op.immediate = address.offset;
  op.bytes = uint8_t(builder.bitsOf(address.reg) / 8);
  op.site = builder.program->numSites++;
  if (opcode.has("relaxed"))
    op.variant |= mbarrier::relaxed;
  return true;
}

bool KernelDecoder::decodeMBarrier(Operands operands) {
  bool initializes = opcode.has("init");
  unsigned count = initializes ? 2 : 1;
  Op op;
  if (!expectMBarriers() || !expectOperands(operands, count, count) ||
      !mbarrierAt(operands[0], op) || (initializes && !source(operands[1], Type::b32, op.src[1])))
    return false;
  op.handler = initializes ? initMBarrier : invalidateMBarrier;
  emit(op);
  return true;
}

bool KernelDecoder::decodeMBarrierCount(Operands operands) {
  Op op;
  if (!expectMBarriers() || !expectOperands(operands, 2, 2) ||
      !destination(operands[0], 32, op.dst) || !source(operands[1], Type::b64, op.src[0]))
    return false;
  op.handler = readPendingCount;
  emit(op);
  return true;
}

bool KernelDecoder::decodeMBarrierArrive(Operands operands) {
  bool mustCount = opcode.has("noComplete"), expects = opcode.has("expect_tx");
  Op op;
  if (!expectMBarriers() || !expectOperands(operands, mustCount || expects ? 3 : 2, 3) ||
      (!mustCount && operands.size() == 3 && !expectChip(90)))
    return false;
  if (operands[0].kind != Operand::Kind::sink && !destination(operands[0], 64, op.dst))
    return false;
  if (!mbarrierAt(operands[1], op) ||
      (operands.size() == 3 && !source(operands[2], Type::b32, op.src[expects ? 2 : 1])))
    return false;
  if (opcode.has("arrive_drop"))
    op.variant |= mbarrier::drops;
  if (mustCount)
    op.variant |= mbarrier::noComplete;
  if (expects)
    op.variant |= mbarrier::expects;
  op.handler = arriveAtMBarrier;
  emit(op);
  return true;
}

bool KernelDecoder::decodeMBarrierTransactions(Operands operands) {
  Op op;
  if (!expectMBarriers() || !expectOperands(operands, 2, 2) || !mbarrierAt(operands[0], op) ||
      !source(operands[1], Type::b32, op.src[1]))
    return false;
  if (opcode.has("complete_tx"))
    op.variant |= mbarrier::completes;
  op.handler = countTransactions;
  emit(op);
  return true;
}

bool KernelDecoder::decodeMBarrierWait(Operands operands) {
  bool byParity = opcode.has("parity");
  Op op;
  // How long it may take is a hint.
  uint32_t hint = none;
  if (!expectMBarriers() || !expectOperands(operands, 3, opcode.has("try_wait") ? 4 : 3) ||
      (operands.size() > 3 && !source(operands[3], Type::b32, hint)))
    return false;
  if (operands[0].kind == Operand::Kind::sink)
    return fail("expected a predicate to write to, got '_'");
  if (!destination(operands[0], 1, op.dst) || !mbarrierAt(operands[1], op) ||
      !source(operands[2], byParity ? Type::b32 : Type::b64, op.src[1]))
    return false;
  if (byParity)
    op.variant |= mbarrier::parity;
  op.kind = OpKind::phaseWait;
  // Others change the object while it is looked at.
  op.strong = true;
  emit(op);
  return true;
}

bool KernelDecoder::decodeMBarrierCopies(Operands operands) {
  Op op;
  if (!expectMBarriers() || !expectOperands(operands, 1, 1) || !mbarrierAt(operands[0], op))
    return false;
  if (!opcode.has("noinc"))
    op.variant |= mbarrier::countsLess;
  op.handler = arriveAfterCopies;
  emit(op);
  return true;
}
