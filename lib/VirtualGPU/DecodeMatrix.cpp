//===- DecodeMatrix.cpp - Decoding async copies and matrix products -------===//

#include "KernelDecoder.h"
#include "Matrix.h"
#include "Tensor.h"

#include "llvm/ADT/StringSwitch.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

bool KernelDecoder::decodeCpAsync(Operands operands) {
  if (!expectOperands(operands, 3, 5))
    return false;
  Address to, from;
  uint64_t bytes = 0;
  if (!addressOf(operands[0], Space::shared, to) || !addressOf(operands[1], Space::global, from) ||
      !immediate(operands[2], Type::u32, bytes))
    return false;
  bool anyCache = opcode.has("ca");
  if (bytes != 16 && !(anyCache && (bytes == 4 || bytes == 8)))
    return fail("expected " + llvm::Twine(anyCache ? "4, 8 or 16" : "16") + " bytes, got " +
                llvm::Twine(bytes));
  if (builder.bitsOf(from.reg) != 64)
    return fail("expected a global address of 64 bits");
  // A source size or a predicate, then the cache policy.
  operands = operands.drop_front(3);
  if (opcode.has("L2::cache_hint")) {
    if (operands.empty())
      return fail("expected a cache policy");
    operands = operands.drop_back();
  }
  if (operands.size() > 1)
    return fail("too many operands");
  uint32_t size = none, ignore = none;
  bool negated = false;
  if (!operands.empty()) {
    Symbol *symbol = operands[0].kind == Operand::Kind::name ? find(operands[0].name) : nullptr;
    bool isPredicate =
        symbol && symbol->kind == Symbol::Kind::reg && builder.bitsOf(symbol->reg) == 1;
    if (isPredicate ? !predicate(operands[0], ignore, negated)
                    : !source(operands[0], Type::b32, size))
      return false;
  }
  Op &op = emit(OpKind::memory, copyAsync).op;
  op.space = Space::global;
  op.bytes = uint8_t(bytes);
  op.count = uint8_t(builder.bitsOf(to.reg));
  op.src[0] = to.reg;
  op.src[1] = from.reg;
  op.src[2] = size;
  op.src[3] = ignore;
  op.variant2 = negated;
  op.aroundL1 = !anyCache;
  op.immediate = to.offset;
  op.immediate2 = from.offset;
  op.site = builder.program->numSites++;
  return true;
}

bool KernelDecoder::decodeCpAsyncWait(Operands operands) {
  bool all = opcode.has("wait_all");
  uint64_t pending = 0;
  if (!expectOperands(operands, all ? 0 : 1, all ? 0 : 1) ||
      (!all && !immediate(operands[0], Type::u32, pending)))
    return false;
  Op &op = emit(OpKind::compute, waitAsync).op;
  op.variant = all;
  op.immediate = int64_t(pending);
  return true;
}

bool KernelDecoder::decodeCreatePolicy(Operands operands) {
  // A policy is opaque, and a hint: any value will do.
  uint32_t dst = none;
  if (!expectOperands(operands, 1, 2) || !destination(operands[0], 64, dst))
    return false;
  return emitKernel(Key{Fn::mov, Type::b64}, dst, {builder.constant(0, 64)});
}

bool KernelDecoder::registers(const Operand &operand, unsigned count, bool written,
                              llvm::SmallVectorImpl<uint32_t> &list) {
  Operands parts = operand.kind == Operand::Kind::vector ? Operands(operand.parts) : operand;
  if (parts.size() != count)
    return fail("expected " + llvm::Twine(count) + " registers, got " + llvm::Twine(parts.size()));
  for (const Operand &part : parts) {
    list.push_back(none);
    if (written ? !destination(part, 32, list.back()) : !source(part, Type::b32, list.back()))
      return false;
  }
  return true;
}

bool KernelDecoder::decodeLdmatrix(Operands operands, bool loads) {
  if (!expectOperands(operands, 2, 2))
    return false;
  unsigned count = opcode.has("x4") ? 4 : opcode.has("x2") ? 2 : 1;
  llvm::SmallVector<uint32_t, 4> list;
  Address address;
  if (!registers(operands[loads ? 0 : 1], count, loads, list) ||
      !addressOf(operands[loads ? 1 : 0], spaceOf(), address))
    return false;
  DraftOp &draft = emit(OpKind::memory, loads ? loadMatrix : storeMatrix);
  draft.list = list;
  draft.listDefs = loads ? count : 0;
  draft.op.space = address.space;
  draft.op.src[0] = address.reg;
  draft.op.immediate = address.offset;
  draft.op.bytes = uint8_t(builder.bitsOf(address.reg) / 8);
  draft.op.count = uint8_t(count);
  draft.op.variant = opcode.has("trans");
  draft.op.site = builder.program->numSites++;
  return true;
}

bool KernelDecoder::decodeMma(Operands operands) {
  if (!expectOperands(operands, 4, 4))
    return false;
  Type type = opcode.types[1];
  bool isHalf = opcode.types[0] == Type::f16;
  if (opcode.types[0] != opcode.types[3])
    return uncovered();
  unsigned k = opcode.has("m16n8k16") ? 16 : opcode.has("m16n8k8") ? 8 : 4;
  // A register holds two values of 16 bits, or one of tf32, for four lanes of a row.
  unsigned steps = k / (type == Type::tf32 ? 4 : 8);
  unsigned accumulators = isHalf ? 2 : 4;
  llvm::SmallVector<uint32_t, 16> list;
  if (!registers(operands[0], accumulators, true, list) ||
      !registers(operands[1], 2 * steps, false, list) ||
      !registers(operands[2], steps, false, list) ||
      !registers(operands[3], accumulators, false, list))
    return false;
  DraftOp &draft = emit(OpKind::memory, multiplyFragments);
  draft.list.assign(list.begin(), list.end());
  draft.listDefs = accumulators;
  draft.op.immediate = k;
  draft.op.variant = uint8_t(type);
  draft.op.variant2 = isHalf;
  return true;
}

namespace {
struct WmmaShape {
  unsigned m, n, k;
};
} // namespace

static WmmaShape shapeOf(const Opcode &opcode) {
  if (opcode.has("m32n8k16"))
    return {32, 8, 16};
  if (opcode.has("m8n32k16"))
    return {8, 32, 16};
  return {16, 16, opcode.has("m16n16k8") ? 8u : 16u};
}

/// Registers of a fragment with that many elements: f16 operands have eight.
static unsigned fragmentRegisters(unsigned elements, Type type, bool isOperand) {
  if (type == Type::f16 && isOperand)
    return 8;
  return elements / warpSize / (type == Type::f16 || type == Type::bf16 ? 2 : 1);
}

bool KernelDecoder::decodeWmmaMove(Operands operands, bool loads) {
  if (!expectOperands(operands, 2, 3))
    return false;
  WmmaShape shape = shapeOf(opcode);
  bool isA = opcode.has("a"), isB = opcode.has("b");
  unsigned rows = isB ? shape.k : shape.m, columns = isA ? shape.k : shape.n;
  Type type = opcode.types.back();
  unsigned count = fragmentRegisters(rows * columns, type, isA || isB);
  llvm::SmallVector<uint32_t, 8> list;
  Address address;
  if (!registers(operands[loads ? 0 : 1], count, loads, list) ||
      !addressOf(operands[loads ? 1 : 0], spaceOf(), address))
    return false;
  bool isColumnMajor = opcode.has("col");
  uint32_t stride = builder.constant(isColumnMajor ? rows : columns, 32);
  if (operands.size() > 2 && !source(operands[2], Type::b32, stride))
    return false;
  DraftOp &draft = emit(OpKind::memory, loads ? loadWmma : storeWmma);
  draft.list.assign(list.begin(), list.end());
  draft.listDefs = loads ? count : 0;
  draft.op.space = address.space;
  draft.op.src[0] = address.reg;
  draft.op.src[1] = stride;
  draft.op.immediate = address.offset;
  draft.op.immediate2 = rows << 8 | columns;
  draft.op.bytes = uint8_t(builder.bitsOf(address.reg) / 8);
  draft.op.count = uint8_t(count);
  draft.op.variant = uint8_t(type);
  draft.op.variant2 = isColumnMajor;
  draft.op.site = builder.program->numSites++;
  return true;
}

bool KernelDecoder::decodeWmma(Operands operands) {
  if (!expectOperands(operands, 4, 4))
    return false;
  WmmaShape shape = shapeOf(opcode);
  // Of f16 operands only the types of D and C are named.
  Type type = opcode.types.size() == 2 ? Type::f16 : opcode.types[1];
  Type result = opcode.types.front(), addend = opcode.types.back();
  unsigned ofA = fragmentRegisters(shape.m * shape.k, type, true);
  unsigned ofB = fragmentRegisters(shape.k * shape.n, type, true);
  unsigned ofResult = fragmentRegisters(shape.m * shape.n, result, false);
  llvm::SmallVector<uint32_t, 32> list;
  if (!registers(operands[0], ofResult, true, list) || !registers(operands[1], ofA, false, list) ||
      !registers(operands[2], ofB, false, list) ||
      !registers(operands[3], fragmentRegisters(shape.m * shape.n, addend, false), false, list))
    return false;
  DraftOp &draft = emit(OpKind::memory, multiplyWmma);
  draft.list.assign(list.begin(), list.end());
  draft.listDefs = ofResult;
  draft.op.variant = uint8_t(type);
  draft.op.variant2 = uint8_t((result == Type::f16 ? 1 : 0) | (addend == Type::f16 ? 2 : 0));
  draft.op.immediate = shape.m << 16 | shape.n << 8 | shape.k;
  draft.op.immediate2 = ofA << 8 | ofB;
  return true;
}
