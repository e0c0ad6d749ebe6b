//===- DecodeWarp.cpp - Decoding warp-wide and atomic instructions --------===//

#include "Atomics.h"
#include "Collectives.h"
#include "KernelDecoder.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

static Op &makeCollective(DraftOp &draft, const Collective &collective) {
  draft.op.handler = collective.finish;
  draft.op.publish = collective.publish;
  return draft.op;
}

bool KernelDecoder::decodeShuffle(Operands operands) {
  if (!expectOperands(operands, 5, 5))
    return false;
  uint32_t dst = none, inside = none, sources[4];
  const Operand &to = operands[0];
  if (to.kind == Operand::Kind::pair) {
    if (!destination(to.parts[0], 32, dst) || !destination(to.parts[1], 1, inside))
      return false;
  } else if (!destination(to, 32, dst)) {
    return false;
  }
  for (unsigned i = 0; i < 4; ++i)
    if (!source(operands[i + 1], Type::b32, sources[i]))
      return false;
  Shuffle mode = opcode.has("up")     ? Shuffle::up
                 : opcode.has("down") ? Shuffle::down
                 : opcode.has("bfly") ? Shuffle::butterfly
                                      : Shuffle::index;
  Op &op = makeCollective(emit(OpKind::collective, nullptr), findShuffle(mode));
  op.dst = dst;
  op.dst2 = inside;
  op.src[0] = sources[3];
  llvm::copy(llvm::ArrayRef(sources, 3), op.src + 1);
  return true;
}

bool KernelDecoder::decodeVote(Operands operands) {
  bool isBallot = opcode.has("ballot"), negated = false;
  uint32_t dst = none, value = none, members = none;
  if (!expectOperands(operands, 3, 3) || !destination(operands[0], isBallot ? 32 : 1, dst) ||
      !predicate(operands[1], value, negated) || !source(operands[2], Type::b32, members))
    return false;
  Vote vote = isBallot            ? Vote::ballot
              : opcode.has("all") ? Vote::all
              : opcode.has("any") ? Vote::any
                                  : Vote::uniform;
  Op &op = makeCollective(emit(OpKind::collective, nullptr), findVote(vote));
  op.dst = dst;
  op.src[0] = members;
  op.src[1] = value;
  op.variant2 = negated;
  return true;
}

bool KernelDecoder::decodeMatch(Operands operands) {
  bool all = opcode.has("all");
  uint32_t dst = none, equal = none, value = none, members = none;
  if (!expectOperands(operands, 3, 3))
    return false;
  const Operand &to = operands[0];
  if (to.kind == Operand::Kind::pair && all) {
    if (!destination(to.parts[0], 32, dst) || !destination(to.parts[1], 1, equal))
      return false;
  } else if (!destination(to, 32, dst)) {
    return false;
  }
  if (!source(operands[1], opcode.type(), value) || !source(operands[2], Type::b32, members))
    return false;
  Op &op = makeCollective(emit(OpKind::collective, nullptr), findMatch(all, bitsOf(opcode.type())));
  op.dst = dst;
  op.dst2 = equal;
  op.src[0] = members;
  op.src[1] = value;
  return true;
}

bool KernelDecoder::decodeRedux(Operands operands) {
  uint32_t dst = none, value = none, members = none;
  if (!expectOperands(operands, 3, 3) || !destination(operands[0], 32, dst) ||
      !source(operands[1], Type::b32, value) || !source(operands[2], Type::b32, members))
    return false;
  bool isSigned = opcode.type() == Type::s32;
  Redux redux = opcode.has("add")   ? Redux::add
                : opcode.has("min") ? (isSigned ? Redux::minSigned : Redux::min)
                : opcode.has("max") ? (isSigned ? Redux::maxSigned : Redux::max)
                : opcode.has("and") ? Redux::andBits
                : opcode.has("or")  ? Redux::orBits
                                    : Redux::xorBits;
  Op &op = makeCollective(emit(OpKind::collective, nullptr), findRedux(redux));
  op.dst = dst;
  op.src[0] = members;
  op.src[1] = value;
  return true;
}

bool KernelDecoder::decodeElect(Operands operands) {
  uint32_t dst = none, elected = none, members = none;
  if (!expectOperands(operands, 2, 2))
    return false;
  if (operands[0].kind != Operand::Kind::pair)
    return fail("expected a register and a predicate like %r1|%p1, got " + describe(operands[0]));
  if (!destination(operands[0].parts[0], 32, dst) ||
      !destination(operands[0].parts[1], 1, elected) || !source(operands[1], Type::b32, members))
    return false;
  Op &op = makeCollective(emit(OpKind::collective, nullptr), findElect());
  op.dst = dst;
  op.dst2 = elected;
  op.src[0] = members;
  return true;
}

bool KernelDecoder::decodeWarpBarrier(Operands operands) {
  uint32_t members = none;
  if (!expectOperands(operands, 1, 1) || !source(operands[0], Type::b32, members))
    return false;
  makeCollective(emit(OpKind::collective, nullptr), findWarpBarrier()).src[0] = members;
  return true;
}

bool KernelDecoder::decodeActiveMask(Operands operands) {
  uint32_t dst = none;
  if (!expectOperands(operands, 1, 1) || !destination(operands[0], 32, dst))
    return false;
  emit(OpKind::compute, readActiveMask).op.dst = dst;
  return true;
}

bool KernelDecoder::decodeAtom(Operands operands) {
  static constexpr std::pair<llvm::StringLiteral, Atomic> names[] = {
      {"and", Atomic::andBits}, {"or", Atomic::orBits}, {"xor", Atomic::xorBits},
      {"cas", Atomic::cas},     {"exch", Atomic::exch}, {"add", Atomic::add},
      {"inc", Atomic::inc},     {"dec", Atomic::dec},   {"min", Atomic::min},
      {"max", Atomic::max}};
  auto operation = Atomic::add;
  for (const auto &[name, value] : names)
    if (opcode.has(name))
      operation = value;
  Type type = opcode.types.back();
  bool returns = instruction->opcode.starts_with("atom");
  unsigned count = (returns ? 3 : 2) + (operation == Atomic::cas);
  if (!expectOperands(operands, count, count + opcode.has("L2::cache_hint")))
    return false;
  uint32_t dst = none, b = none, c = none;
  if (returns) {
    if (operands[0].kind != Operand::Kind::sink && !destination(operands[0], bitsOf(type), dst))
      return false;
    operands = operands.drop_front();
  }
  Address address;
  if (!addressOf(operands[0], spaceOf(), address) || !source(operands[1], type, b) ||
      (operation == Atomic::cas && !source(operands[2], type, c)))
    return false;
  if (address.space == Space::constant || address.space == Space::param)
    return uncovered();
  Handler handler = findAtomic(operation, type);
  if (!handler)
    return uncovered();
  Op &op = emit(OpKind::memory, handler).op;
  op.space = address.space;
  op.dst = dst;
  op.src[0] = address.reg;
  op.src[1] = b;
  op.src[2] = c;
  op.immediate = address.offset;
  op.bytes = uint8_t(builder.bitsOf(address.reg) / 8);
  op.fences = opcode.has("release") || opcode.has("acq_rel");
  op.site = builder.program->numSites++;
  if (operation == Atomic::cas)
    swapped.insert({op.src[0], op.immediate});
  return true;
}
