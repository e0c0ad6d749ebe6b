//===- DecodeTensorCopy.cpp - Decoding copies of tensors' boxes -----------===//

#include "BulkCopy.h"
#include "KernelDecoder.h"
#include "TensorMap.h"

#include "llvm/ADT/StringSwitch.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// To shared memory: [to], [from], bytes, [mbarrier object]; from there: [to], [from], bytes. And a
/// cache policy.
bool KernelDecoder::decodeBulkCopy(Operands operands) {
  bool stores = opcode.has("bulk_group");
  unsigned count = (stores ? 3 : 4) + opcode.has("L2::cache_hint");
  constexpr unsigned leastChip = 90;
  Address shared, global, object;
  uint32_t bytes = none;
  if (!expectChip(leastChip) || !expectOperands(operands, count, count) ||
      !addressOf(operands[stores ? 1 : 0], Space::shared, shared) ||
      !addressOf(operands[stores ? 0 : 1], Space::global, global) ||
      !source(operands[2], Type::u32, bytes) ||
      (!stores && !addressOf(operands[3], Space::shared, object)))
    return false;
  if (builder.bitsOf(global.reg) != 64)
    return fail("expected a global address of 64 bits");
  emitBulkCopy(copyBulk, shared, global, stores ? nullptr : &object, {bytes});
  return true;
}

void KernelDecoder::emitBulkCopy(Handler handler, const Address &shared, const Address &other,
                                 const Address *object, llvm::ArrayRef<uint32_t> others) {
  DraftOp &draft = emit(OpKind::memory, handler);
  draft.list = {builder.constant(uint32_t(object ? object->offset : 0), 32)};
  draft.list.append(others.begin(), others.end());
  Op &op = draft.op;
  op.space = Space::global;
  op.variant = uint8_t(others.size());
  op.count = uint8_t(builder.bitsOf(shared.reg));
  op.src[0] = shared.reg;
  op.src[1] = other.reg;
  if (object) {
    op.bytes = uint8_t(builder.bitsOf(object->reg) / 8);
    op.src[2] = object->reg;
  }
  op.immediate = shared.offset;
  op.immediate2 = other.offset;
  op.aroundL1 = true;
  op.site = builder.program->numSites++;
}

/// To shared memory: [to], [map, {coordinates}], [mbarrier object]; from there: [map,
/// {coordinates}], [from]. And a cache policy.
bool KernelDecoder::decodeTensorCopy(Operands operands) {
  bool stores = opcode.has("bulk_group");
  unsigned count = (stores ? 2 : 3) + opcode.has("L2::cache_hint"), rank = 0;
  for (llvm::StringRef modifier : opcode.modifiers)
    if (modifier.size() == 2 && modifier[1] == 'd')
      rank = unsigned(modifier[0] - '0');
  constexpr unsigned leastChip = 90;
  if (!expectChip(leastChip) || !expectOperands(operands, count, count))
    return false;
  const Operand &box = operands[stores ? 0 : 1];
  if (box.kind != Operand::Kind::address || box.parts.size() != 2)
    return fail("expected a tensor map and coordinates like [%rd1, {%r1, %r2}]");
  Operand place = box;
  place.parts.pop_back();
  Address shared, map, object;
  if (!addressOf(operands[stores ? 1 : 0], Space::shared, shared) ||
      !addressOf(place, Space::generic, map) ||
      (!stores && !addressOf(operands[2], Space::shared, object)))
    return false;
  if (builder.bitsOf(map.reg) != 64)
    return fail("expected the address of a tensor map in 64 bits");
  const Operand &coordinates = box.parts[1];
  if (coordinates.kind != Operand::Kind::vector || coordinates.parts.size() != rank)
    return fail("expected " + llvm::Twine(rank) + " coordinates");
  llvm::SmallVector<uint32_t, 5> list;
  for (const Operand &coordinate : coordinates.parts)
    if (!source(coordinate, Type::s32, list.emplace_back()))
      return false;
  emitBulkCopy(copyTensor, shared, map, stores ? nullptr : &object, list);
  return true;
}

bool KernelDecoder::decodeBulkWait(Operands operands) {
  uint64_t pending = 0;
  if (!expectOperands(operands, 1, 1) || !immediate(operands[0], Type::u32, pending))
    return false;
  emit(OpKind::compute, waitBulkStores).op.immediate = int64_t(pending);
  return true;
}

/// [to], [from], 128: from shared to global memory.
bool KernelDecoder::decodeTensorMapCopy(Operands operands) {
  Address to, from;
  uint64_t bytes = 0;
  if (!expectWarpgroups() || !expectOperands(operands, 3, 3) ||
      !addressOf(operands[0], Space::global, to) || !addressOf(operands[1], Space::shared, from) ||
      !immediate(operands[2], Type::u32, bytes))
    return false;
  if (bytes != TensorMap::bytes)
    return fail("expected " + llvm::Twine(TensorMap::bytes) + " bytes of a tensor map, got " +
                llvm::Twine(bytes));
  Op &op = emit(OpKind::memory, publishTensorMap).op;
  op.space = Space::global;
  op.src[0] = to.reg;
  op.src[1] = from.reg;
  op.immediate = to.offset;
  op.immediate2 = from.offset;
  op.bytes = uint8_t(builder.bitsOf(to.reg) / 8);
  op.count = uint8_t(builder.bitsOf(from.reg));
  op.site = builder.program->numSites++;
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
