//===- DecodeWarpgroup.cpp - Decoding wgmma -------------------------------===//

#include "KernelDecoder.h"
#include "Warpgroup.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// The instructions exist on one chip, under its own name only.
bool KernelDecoder::expectWarpgroups() {
  return module.target == "sm_90a" ||
         fail("'" + instruction->opcode + "': expected a module for sm_90a, got one for " +
              module.target);
}

static unsigned columnsOf(const Opcode &opcode) {
  unsigned columns = 0;
  for (llvm::StringRef modifier : opcode.modifiers)
    if (modifier.consume_front("m64n"))
      modifier.consumeInteger(10, columns);
  return columns;
}

bool KernelDecoder::decodeWgmma(Operands operands) {
  Type type = opcode.types[1];
  bool inRegisters = operands.size() > 1 && operands[1].kind == Operand::Kind::vector;
  // Of 16 bits, operands at the end say how factors lie in memory.
  unsigned count = type == Type::tf32 ? 6 : inRegisters ? 7 : 8;
  if (!expectWarpgroups() || !expectOperands(operands, count, count))
    return false;
  unsigned columns = columnsOf(opcode);
  llvm::SmallVector<uint32_t, 16> list;
  uint32_t first = none, descriptor = none, adds = none;
  bool negated = false;
  uint64_t scaleA = 1, scaleB = 1;
  if (!registers(operands[0], columns / 2, true, list) ||
      !(inRegisters ? registers(operands[1], 4, false, list)
                    : source(operands[1], Type::b64, first)) ||
      !source(operands[2], Type::b64, descriptor) || !predicate(operands[3], adds, negated) ||
      !immediate(operands[4], Type::s32, scaleA) || !immediate(operands[5], Type::s32, scaleB))
    return false;
  uint8_t orders = 1;
  for (unsigned i = 6; i < count; ++i) {
    uint64_t transposed = 0;
    if (!immediate(operands[i], Type::s32, transposed))
      return false;
    if (transposed > 1)
      return fail("expected 0 or 1 as the order of a factor, got " + llvm::Twine(transposed));
    if (transposed != 0)
      orders |= i + 1 == count ? transposedSecond : transposedFirst;
  }
  for (uint64_t scale : {scaleA, scaleB})
    if (int32_t(scale) != 1 && int32_t(scale) != -1)
      return fail("expected 1 or -1 as a factor, got " + llvm::Twine(int32_t(scale)));
  llvm::SmallVector<uint32_t, 16> sums(list.begin(), list.begin() + columns / 2);
  llvm::append_range(list, sums);
  DraftOp &draft = emit(OpKind::memory, multiplyWarpgroup);
  draft.list.assign(list.begin(), list.end());
  draft.listDefs = columns / 2;
  draft.op.space = Space::shared;
  draft.op.src[0] = descriptor;
  draft.op.src[1] = adds;
  draft.op.src[2] = first;
  draft.op.variant = uint8_t(type);
  draft.op.variant2 = negated;
  draft.op.count = orders;
  draft.op.immediate = columns;
  draft.op.immediate2 = int32_t(scaleA) * int32_t(scaleB);
  draft.op.site = builder.program->numSites++;
  return true;
}

bool KernelDecoder::decodeWgmmaWait(Operands operands) {
  uint64_t pending = 0;
  if (!expectWarpgroups() || !expectOperands(operands, 1, 1) ||
      !immediate(operands[0], Type::u32, pending))
    return false;
  emit(OpKind::productWait, waitWarpgroup).op.immediate = int64_t(pending);
  return true;
}

/// How many registers threads have is no matter of what they compute.
bool KernelDecoder::decodeSetRegisters(Operands operands) {
  constexpr uint64_t least = 24, most = 256, step = 8;
  uint64_t count = 0;
  if (!expectWarpgroups() || !expectOperands(operands, 1, 1) ||
      !immediate(operands[0], Type::u32, count))
    return false;
  if (count < least || count > most || count % step != 0)
    return fail("'" + instruction->opcode + "': expected a multiple of " + llvm::Twine(step) +
                " from " + llvm::Twine(least) + " to " + llvm::Twine(most) + ", got " +
                llvm::Twine(count));
  emit(OpKind::compute, [](Warp &, const Op &, uint32_t) {});
  return true;
}
