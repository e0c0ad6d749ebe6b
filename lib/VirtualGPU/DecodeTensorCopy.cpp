//===- DecodeTensorCopy.cpp - Decoding copies of tensors' boxes -----------===//

#include "KernelDecoder.h"
#include "TensorCopy.h"

#include "llvm/ADT/StringSwitch.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// [to], [from], bytes, [mbarrier object], and a cache policy.
bool KernelDecoder::decodeBulkCopy(Operands operands) {
  unsigned count = opcode.has("L2::cache_hint") ? 5 : 4;
  constexpr unsigned leastChip = 90;
  Address to, from, object;
  uint32_t bytes = none;
  if (!expectChip(leastChip) || !expectOperands(operands, count, count) ||
      !addressOf(operands[0], Space::shared, to) || !addressOf(operands[1], Space::global, from) ||
      !source(operands[2], Type::u32, bytes) || !addressOf(operands[3], Space::shared, object))
    return false;
  if (builder.bitsOf(from.reg) != 64)
    return fail("expected a global address of 64 bits");
  emitBulkCopy(copyBulk, to, from, object, {bytes});
  return true;
}

void KernelDecoder::emitBulkCopy(Handler handler, const Address &to, const Address &from,
                                 const Address &object, llvm::ArrayRef<uint32_t> others) {
  DraftOp &draft = emit(OpKind::memory, handler);
  draft.list = {builder.constant(uint32_t(object.offset), 32)};
  draft.list.append(others.begin(), others.end());
  Op &op = draft.op;
  op.space = Space::global;
  op.variant = uint8_t(others.size());
  op.count = uint8_t(builder.bitsOf(to.reg));
  op.bytes = uint8_t(builder.bitsOf(object.reg) / 8);
  op.src[0] = to.reg;
  op.src[1] = from.reg;
  op.src[2] = object.reg;
  op.immediate = to.offset;
  op.immediate2 = from.offset;
  op.aroundL1 = true;
  op.site = builder.program->numSites++;
}

/// [to], [map, {coordinates}], [mbarrier object], and a cache policy.
bool KernelDecoder::decodeTensorCopy(Operands operands) {
  unsigned count = opcode.has("L2::cache_hint") ? 4 : 3, rank = 0;
  for (llvm::StringRef modifier : opcode.modifiers)
    if (modifier.size() == 2 && modifier[1] == 'd')
      rank = unsigned(modifier[0] - '0');
  constexpr unsigned leastChip = 90;
  if (!expectChip(leastChip) || !expectOperands(operands, count, count))
    return false;
  if (operands[1].kind != Operand::Kind::address || operands[1].parts.size() != 2)
    return fail("expected a tensor map and coordinates like [%rd1, {%r1, %r2}]");
  Operand place = operands[1];
  place.parts.pop_back();
  Address to, map, object;
  if (!addressOf(operands[0], Space::shared, to) || !addressOf(place, Space::generic, map) ||
      !addressOf(operands[2], Space::shared, object))
    return false;
  if (builder.bitsOf(map.reg) != 64)
    return fail("expected the address of a tensor map in 64 bits");
  const Operand &coordinates = operands[1].parts[1];
  if (coordinates.kind != Operand::Kind::vector || coordinates.parts.size() != rank)
    return fail("expected " + llvm::Twine(rank) + " coordinates");
  llvm::SmallVector<uint32_t, 5> list;
  for (const Operand &coordinate : coordinates.parts)
    if (!source(coordinate, Type::s32, list.emplace_back()))
      return false;
  emitBulkCopy(copyTensor, to, map, object, list);
  return true;
}

/// [map], value; for a field of dimensions, [map], dimension, value.
bool KernelDecoder::decodeTensorMap(Operands operands) {
  llvm::StringRef name = opcode.modifiers[2];
  auto field = llvm::StringSwitch<TensorField>(name)
                   .Case("global_address", TensorField::address)
                   .Case("rank", TensorField::rank)
                   .Case("box_dim", TensorField::box)
                   .Case("global_dim", TensorField::size)
                   .Case("global_stride", TensorField::stride)
                   .Case("element_stride", TensorField::elementStride)
                   .Case("elemtype", TensorField::type)
                   .Case("interleave_layout", TensorField::interleave)
                   .Case("swizzle_mode", TensorField::swizzle)
                   .Default(TensorField::fill);
  bool hasDim = field == TensorField::box || field == TensorField::size ||
                field == TensorField::stride || field == TensorField::elementStride;
  bool isLong = field == TensorField::address || field == TensorField::stride;
  unsigned count = hasDim ? 3 : 2;
  uint64_t dim = 0;
  Address map;
  if (!expectWarpgroups() || !expectOperands(operands, count, count) ||
      !addressOf(operands[0], spaceOf(), map) ||
      (hasDim && !immediate(operands[1], Type::u32, dim)))
    return false;
  if (opcode.type() != (isLong ? Type::b64 : Type::b32))
    return fail("'" + instruction->opcode + "': expected ." + (isLong ? "b64" : "b32"));
  unsigned dims = field == TensorField::stride ? TensorMap::maxRank - 1 : TensorMap::maxRank;
  if (dim >= dims)
    return fail("expected a dimension below " + llvm::Twine(dims) + ", got " + llvm::Twine(dim));
  Op op;
  if (!source(operands.back(), isLong ? Type::b64 : Type::b32, op.src[1]))
    return false;
  op.kind = OpKind::memory;
  op.handler = replaceInTensorMap;
  op.space = map.space;
  op.src[0] = map.reg;
  op.immediate = map.offset;
  op.immediate2 = int64_t(dim);
  op.bytes = uint8_t(builder.bitsOf(map.reg) / 8);
  op.count = isLong ? 64 : 32;
  op.variant = uint8_t(field);
  op.site = builder.program->numSites++;
  emit(op);
  return true;
}
