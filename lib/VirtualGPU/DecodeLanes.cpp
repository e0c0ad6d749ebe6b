//===- DecodeLanes.cpp - Decoding arithmetic, moves and conversions -------===//

#include "Block.h"
#include "KernelDecoder.h"

#include "llvm/ADT/StringSwitch.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

Key KernelDecoder::keyOf() const {
  Key key{opcode.rule->fn};
  key.type = opcode.type();
  key.from = opcode.from();
  key.rounding = opcode.rounding();
  key.integral = opcode.has("rni") || opcode.has("rzi") || opcode.has("rmi") || opcode.has("rpi");
  key.ftz = opcode.has("ftz");
  key.sat = opcode.has("sat");
  key.relu = opcode.has("relu");
  key.nan = opcode.has("NaN");
  key.xorsign = opcode.has("xorsign");
  key.variant = opcode.rule->variant;
  if (opcode.has("satfinite"))
    key.variant = 1;
  return key;
}

bool KernelDecoder::emitKernel(const Key &key, uint32_t dst, llvm::ArrayRef<uint32_t> sources) {
  Handler handler = findKernel(key);
  if (!handler)
    return uncovered();
  Op &op = emit(OpKind::compute, handler).op;
  op.dst = dst;
  llvm::copy(sources, op.src);
  return true;
}

/// The type that a letter of Rule::operands stands for.
static Type typeOf(char letter, const Opcode &opcode) {
  switch (letter) {
  case 'T':
    return opcode.type();
  case 'F':
    return opcode.from();
  case 'W':
    return bitsType(2 * bitsOf(opcode.type()));
  case 'p':
    return Type::pred;
  default:
    return Type::b32;
  }
}

bool KernelDecoder::decodeLanes(Operands operands) {
  llvm::StringRef letters = opcode.rule->operands;
  if (!expectOperands(operands, letters.size(), letters.size()))
    return false;
  uint32_t dst = none;
  if (!destination(operands.front(), bitsOf(typeOf(letters.front(), opcode)), dst))
    return false;
  uint32_t sources[4] = {none, none, none, none};
  bool negated = false;
  for (unsigned i = 1; i < letters.size(); ++i) {
    bool isPredicate = letters[i] == 'p';
    if (isPredicate ? !predicate(operands[i], sources[i - 1], negated)
                    : !source(operands[i], typeOf(letters[i], opcode), sources[i - 1]))
      return false;
  }
  if (!emitKernel(keyOf(), dst, sources))
    return false;
  builder.ops.back().op.variant = negated;
  return true;
}

bool KernelDecoder::decodeCarry(Operands operands) {
  llvm::StringRef letters = opcode.rule->operands;
  if (!expectOperands(operands, letters.size(), letters.size()))
    return false;
  uint32_t dst = none;
  uint32_t sources[4] = {none, none, none, none};
  if (!destination(operands.front(), bitsOf(opcode.type()), dst))
    return false;
  for (unsigned i = 1; i < letters.size(); ++i)
    if (!source(operands[i], opcode.type(), sources[i - 1]))
      return false;
  if (frame().carry == none)
    frame().carry = builder.newRegister(1);
  if (opcode.rule->variant == 2)
    sources[3] = frame().carry;
  if (!emitKernel(keyOf(), dst, sources))
    return false;
  if (opcode.has("cc"))
    builder.ops.back().op.dst2 = frame().carry;
  return true;
}

/// The clock counts the block's instructions.
template <typename T> static void readClock(Warp &warp, const Op &op, uint32_t mask) {
  T value = T(warp.block->clock() >> op.variant);
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (mask >> lane & 1)
      warp.reg<T>(op.dst)[lane] = value;
}

bool KernelDecoder::decodeMov(Operands operands) {
  if (!expectOperands(operands, 2, 2))
    return false;
  if (operands[0].kind == Operand::Kind::vector)
    return decodePack(operands, /*packs=*/false);
  if (operands[1].kind == Operand::Kind::vector)
    return decodePack(operands, /*packs=*/true);
  uint32_t dst = none, src = none;
  if (!destination(operands[0], bitsOf(opcode.type()), dst))
    return false;
  // The clock is read anew by each move.
  if (operands[1].kind == Operand::Kind::name &&
      (operands[1].name.starts_with("%clock") || operands[1].name.starts_with("%globaltimer"))) {
    bool high = operands[1].name.ends_with("_hi");
    Op &op = emit(OpKind::compute,
                  bitsOf(opcode.type()) == 64 ? readClock<uint64_t> : readClock<uint32_t>)
                 .op;
    op.dst = dst;
    op.variant = high ? 32 : 0;
    return bitsOf(opcode.type()) >= 32 || uncovered();
  }
  return source(operands[1], opcode.type(), src) && emitKernel(keyOf(), dst, {src});
}

bool KernelDecoder::decodePack(Operands operands, bool packs) {
  const Operand &vector = operands[packs ? 1 : 0];
  const Operand &whole = operands[packs ? 0 : 1];
  Key key = keyOf();
  key.fn = packs ? Fn::pack : Fn::unpack;
  size_t count = vector.parts.size();
  unsigned bits = bitsOf(key.type);
  if ((count != 2 && count != 4) || bits / count < 16)
    return fail("a vector of " + llvm::Twine(count) + " does not make " + llvm::Twine(bits) +
                " bits of registers");
  key.variant = uint8_t(count);
  unsigned partBits = unsigned(bits / count);
  llvm::SmallVector<uint32_t, 4> list;
  for (const Operand &part : vector.parts) {
    list.push_back(none);
    if (part.kind == Operand::Kind::sink && !packs)
      continue;
    if (packs ? !source(part, bitsType(partBits), list.back())
              : !destination(part, partBits, list.back()))
      return false;
  }
  uint32_t reg = none;
  if (packs ? !destination(whole, bits, reg) : !source(whole, bitsType(bits), reg))
    return false;
  if (!emitKernel(key, packs ? reg : none, {packs ? none : reg}))
    return false;
  DraftOp &draft = builder.ops.back();
  draft.op.count = uint8_t(count);
  draft.list = list;
  draft.listDefs = packs ? 0 : count;
  return true;
}

bool KernelDecoder::compareOf(bool isFloat, Compare &compare, bool &isUnsigned) {
  static constexpr llvm::StringLiteral names[] = {"eq",  "ne",  "lt",  "le",  "gt",  "ge",  "equ",
                                                  "neu", "ltu", "leu", "gtu", "geu", "num", "nan"};
  static constexpr llvm::StringLiteral unsignedNames[] = {"lo", "ls", "hi", "hs"};
  llvm::StringRef name = opcode.modifiers.front();
  for (unsigned i = 0; i < std::size(names); ++i)
    if (name == names[i]) {
      compare = Compare(i);
      return isFloat || compare <= Compare::ge ||
             fail("comparison ." + name + " is for floating-point numbers");
    }
  for (unsigned i = 0; i < std::size(unsignedNames); ++i)
    if (name == unsignedNames[i])
      compare = Compare(unsigned(Compare::lt) + i);
  isUnsigned = true;
  return !isFloat || fail("comparison ." + name + " is for integers");
}

/// The single-lane type of a comparison: that of the halves of a pair, unsigned
/// where the comparison is.
static Type comparedType(Type type, bool isUnsigned) {
  if (type == Type::f16x2)
    return Type::f16;
  if (type == Type::bf16x2)
    return Type::bf16;
  return isUnsigned ? bitsType(bitsOf(type)) : type;
}

bool KernelDecoder::combination(Operands rest, Op &op) {
  op.variant = opcode.has("and") ? 1 : opcode.has("or") ? 2 : opcode.has("xor") ? 3 : 0;
  if (rest.size() != (op.variant ? 1 : 0))
    return fail(op.variant ? "expected a predicate to combine with" : "too many operands");
  bool negated = false;
  if (op.variant && !predicate(rest.front(), op.src[2], negated))
    return false;
  op.variant2 = negated;
  return true;
}

bool KernelDecoder::decodeSetp(Operands operands) {
  if (!expectOperands(operands, 3, 4))
    return false;
  Type type = opcode.types.back();
  bool isPair = type == Type::f16x2 || type == Type::bf16x2;
  Compare compare = Compare::eq;
  bool isUnsigned = false;
  if (!compareOf(isFloat(type), compare, isUnsigned))
    return false;
  Op op;
  const Operand &to = operands[0];
  if (to.kind == Operand::Kind::pair) {
    if (!destination(to.parts[0], 1, op.dst) || !destination(to.parts[1], 1, op.dst2))
      return false;
  } else if (!destination(to, 1, op.dst)) {
    return false;
  }
  if (!source(operands[1], type, op.src[0]) || !source(operands[2], type, op.src[1]) ||
      !combination(operands.drop_front(3), op))
    return false;
  op.compare = findCompare(compare, comparedType(type, isUnsigned), opcode.has("ftz"));
  Key key{Fn::set, Type::pred};
  key.variant = isPair;
  op.handler = findKernel(key);
  if (!op.compare || !op.handler)
    return uncovered();
  emit(op);
  return true;
}

bool KernelDecoder::decodeSet(Operands operands) {
  if (!expectOperands(operands, 3, 4))
    return false;
  Type to = opcode.type(), type = opcode.types.back();
  bool isPair = type == Type::f16x2 || type == Type::bf16x2;
  Compare compare = Compare::eq;
  bool isUnsigned = false;
  if (!compareOf(isFloat(type), compare, isUnsigned))
    return false;
  Op op;
  if (!destination(operands[0], bitsOf(to), op.dst) || !source(operands[1], type, op.src[0]) ||
      !source(operands[2], type, op.src[1]) || !combination(operands.drop_front(3), op))
    return false;
  op.compare = findCompare(compare, comparedType(type, isUnsigned), opcode.has("ftz"));
  // True is 1.0 or all ones.
  switch (to) {
  case Type::f32:
    op.immediate = 0x3F800000;
    break;
  case Type::f16:
    op.immediate = 0x3C00;
    break;
  case Type::bf16:
    op.immediate = 0x3F80;
    break;
  case Type::f16x2:
    op.immediate = 0x3C003C00;
    break;
  case Type::bf16x2:
    op.immediate = 0x3F803F80;
    break;
  default:
    op.immediate = 0xFFFFFFFF;
    break;
  }
  Key key{Fn::set, to};
  key.variant = isPair;
  op.handler = findKernel(key);
  if (!op.compare || !op.handler || (isPair && bitsOf(to) != 32))
    return uncovered();
  emit(op);
  return true;
}

bool KernelDecoder::decodeCvt(Operands operands) {
  if (!expectOperands(operands, 2, 2))
    return false;
  Key key = keyOf();
  key.fn = Fn::convert;
  uint32_t dst = none, src = none;
  // Integers may stand in wider registers; floats fill theirs.
  if (isFloat(key.type) ? !destination(operands[0], bitsOf(key.type), dst)
                        : !destinationOfAnyWidth(operands[0], bitsOf(key.type), dst))
    return false;
  if (isFloat(key.from) ? !source(operands[1], key.from, src)
                        : !sourceOfAnyWidth(operands[1], key.from, src))
    return false;
  key.dstBits = builder.bitsOf(dst);
  key.srcBits = builder.bitsOf(src);
  bool floatToInteger = isFloat(key.from) && !isFloat(key.type);
  if (floatToInteger && !key.integral)
    return fail("'" + instruction->opcode +
                "': expected a rounding to integers (.rni, .rzi, .rmi or .rpi)");
  if (!emitKernel(key, dst, {src}))
    return false;
  Op &op = builder.ops.back().op;
  op.variant = uint8_t(key.from);
  op.variant2 = uint8_t(key.type);
  op.bytes = uint8_t(key.srcBits / 8);
  op.count = uint8_t(key.dstBits / 8);
  op.immediate = unsigned(key.rounding) | (key.integral ? 8 : 0) | (key.ftz ? 16 : 0) |
                 (key.sat ? 32 : 0) | (key.relu ? 64 : 0);
  return true;
}
