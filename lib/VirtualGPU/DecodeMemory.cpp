//===- DecodeMemory.cpp - Decoding memory instructions --------------------===//

#include "Block.h"
#include "KernelDecoder.h"

#include "llvm/ADT/StringSwitch.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

Space KernelDecoder::spaceOf() const {
  for (llvm::StringRef modifier : opcode.modifiers) {
    Space space = llvm::StringSwitch<Space>(modifier)
                      .Case("global", Space::global)
                      .Cases({"shared", "shared::cta"}, Space::shared)
                      .Case("local", Space::local)
                      .Cases({"param", "param::entry", "param::func"}, Space::param)
                      .Case("const", Space::constant)
                      .Default(Space::reg);
    if (space != Space::reg)
      return space;
  }
  return opcode.has("nc") ? Space::global : Space::generic;
}

static unsigned vectorSize(const Opcode &opcode) {
  return opcode.has("v4") ? 4 : opcode.has("v2") ? 2 : 1;
}

/// The elements of a vector operand, or the operand itself.
static llvm::ArrayRef<Operand> elementsOf(const Operand &operand) {
  if (operand.kind == Operand::Kind::vector)
    return operand.parts;
  return operand;
}

/// Whether other threads may access the place at the same time, as the program
/// says: no race.
static bool isStrong(const Opcode &opcode) {
  return llvm::any_of(
      llvm::ArrayRef<llvm::StringRef>{"relaxed", "acquire", "release", "volatile", "mmio"},
      [&](llvm::StringRef order) { return opcode.has(order); });
}

/// Whether a load looks for its data in the L2 only, or leaves nothing in the L1.
static bool goesAroundL1(const Opcode &opcode) {
  return llvm::any_of(llvm::ArrayRef<llvm::StringRef>{"cg", "cv", "volatile", "relaxed", "acquire",
                                                      "mmio", "L1::no_allocate"},
                      [&](llvm::StringRef modifier) { return opcode.has(modifier); });
}

bool KernelDecoder::decodeLoad(Operands operands) {
  if (!expectOperands(operands, 2, opcode.has("L2::cache_hint") ? 3 : 2))
    return false;
  Type type = opcode.types.back();
  unsigned count = vectorSize(opcode);
  unsigned bytes = bytesOf(type) * count;
  if (bytes > 16)
    return fail("'" + instruction->opcode + "': an access of more than 16 bytes");
  Operands elements = elementsOf(operands[0]);
  if (elements.size() != count)
    return fail("expected " + llvm::Twine(count) + " registers, got " +
                llvm::Twine(elements.size()));
  llvm::SmallVector<uint32_t, 4> list;
  unsigned registerBits = 0;
  for (const Operand &element : elements) {
    list.push_back(none);
    if (element.kind == Operand::Kind::sink)
      continue;
    if (!destinationOfAnyWidth(element, bitsOf(type), list.back()))
      return false;
    unsigned bits = builder.bitsOf(list.back());
    if (registerBits && bits != registerBits)
      return fail("expected registers of one size in the vector");
    registerBits = bits;
  }
  if (registerBits == 0)
    registerBits = std::max(bitsOf(type), 16u);
  if (count == 1 && list.front() == none)
    list.front() = builder.newRegister(registerBits);
  Address address;
  if (!addressOf(operands[1], spaceOf(), address))
    return false;

  uint64_t at = address.constant + uint64_t(address.offset);
  bool isParameter = address.space == Space::param && address.isConstant;
  if (isParameter &&
      (address.variableBytes == 0 || uint64_t(address.offset) > address.variableBytes ||
       bytes > address.variableBytes - uint64_t(address.offset)))
    return fail("load of " + llvm::Twine(bytes) + " bytes outside of the parameter");
  if (isParameter && at % bytes != 0)
    return fail("misaligned load of " + llvm::Twine(bytes) + " bytes from a parameter");
  Handler handler = findLoad(type, registerBits, isParameter ? 0 : builder.bitsOf(address.reg));
  if (!handler)
    return uncovered();
  plainLoads.push_back(builder.ops.size());
  DraftOp &draft = emit(OpKind::memory, handler);
  Op &op = draft.op;
  op.space = address.space;
  op.src[0] = isParameter ? none : address.reg;
  op.immediate = isParameter ? int64_t(at) : address.offset;
  op.count = uint8_t(count);
  op.bytes = uint8_t(bytesOf(type));
  op.strong = isStrong(opcode);
  op.aroundL1 = goesAroundL1(opcode);
  op.site = builder.program->numSites++;
  if (count == 1)
    op.dst = list.front();
  else
    draft.list = list;
  draft.listDefs = unsigned(draft.list.size());
  return true;
}

bool KernelDecoder::decodeStore(Operands operands) {
  if (!expectOperands(operands, 2, opcode.has("L2::cache_hint") ? 3 : 2))
    return false;
  Type type = opcode.types.back();
  unsigned count = vectorSize(opcode);
  if (bytesOf(type) * count > 16)
    return fail("'" + instruction->opcode + "': an access of more than 16 bytes");
  Operands elements = elementsOf(operands[1]);
  if (elements.size() != count)
    return fail("expected " + llvm::Twine(count) + " registers, got " +
                llvm::Twine(elements.size()));
  // Numbers take the size of the registers beside them.
  llvm::SmallVector<uint32_t, 4> list(count, none);
  unsigned registerBits = 0;
  for (bool numbers : {false, true})
    for (unsigned i = 0; i < count; ++i) {
      bool isNumber = elements[i].kind != Operand::Kind::name;
      if (isNumber != numbers)
        continue;
      Type as = isNumber && registerBits > bitsOf(type) ? bitsType(registerBits) : type;
      if (!sourceOfAnyWidth(elements[i], as, list[i]))
        return false;
      unsigned bits = builder.bitsOf(list[i]);
      if (registerBits && bits != registerBits)
        return fail("expected registers of one size in the vector");
      registerBits = bits;
    }
  Address address;
  if (!addressOf(operands[0], spaceOf(), address))
    return false;
  if (address.space == Space::constant || address.space == Space::param)
    return fail("store to " + llvm::Twine(address.space == Space::param ? "a kernel parameter"
                                                                        : "constant memory"));
  Handler handler = findStore(type, registerBits, builder.bitsOf(address.reg));
  if (!handler)
    return uncovered();
  DraftOp &draft = emit(OpKind::memory, handler);
  Op &op = draft.op;
  op.space = address.space;
  op.src[0] = address.reg;
  op.immediate = address.offset;
  op.count = uint8_t(count);
  op.bytes = uint8_t(bytesOf(type));
  op.variant = uint8_t(registerBits / 8);
  op.strong = isStrong(opcode);
  op.fences = opcode.has("release");
  op.site = builder.program->numSites++;
  if (count == 1)
    op.src[1] = list.front();
  else
    draft.list = list;
  return true;
}

/// Where the space's window of generic addresses begins.
static uint64_t windowBase(Space space) {
  switch (space) {
  case Space::shared:
    return sharedWindow;
  case Space::local:
    return localWindow;
  case Space::param:
    return parameterWindow;
  default:
    return 0;
  }
}

bool KernelDecoder::decodeCvta(Operands operands) {
  if (!expectOperands(operands, 2, 2))
    return false;
  uint32_t dst = none, src = none;
  if (!destination(operands[0], 64, dst) || !source(operands[1], Type::b64, src))
    return false;
  Space space = spaceOf();
  // In an inlined function parameters are variables of the caller.
  if (space == Space::param && frames.size() > 1)
    space = Space::local;
  Key key{opcode.has("to") ? Fn::sub : Fn::add, Type::u64};
  return emitKernel(key, dst, {src, builder.constant(windowBase(space), 64)});
}

/// Bits of the lanes whose address is in the window that starts at `immediate`.
static void isInSpace(Warp &warp, const Op &op, uint32_t mask) {
  const uint64_t *address = warp.reg<uint64_t>(op.src[0]);
  uint32_t result = 0;
  for (unsigned lane = 0; lane < warpSize; ++lane) {
    uint64_t window = address[lane] >> 60 << 60;
    result |= uint32_t(window == uint64_t(op.immediate)) << lane;
  }
  uint32_t &d = *warp.reg<uint32_t>(op.dst);
  d = (d & ~mask) | (result & mask);
}

bool KernelDecoder::decodeIsspacep(Operands operands) {
  uint32_t dst = none, src = none;
  if (!expectOperands(operands, 2, 2) || !destination(operands[0], 1, dst) ||
      !source(operands[1], Type::b64, src))
    return false;
  // Constant variables have global addresses; nothing else tells them apart.
  if (spaceOf() == Space::constant)
    return uncovered();
  Op &op = emit(OpKind::compute, isInSpace).op;
  op.dst = dst;
  op.src[0] = src;
  op.immediate = int64_t(windowBase(spaceOf()));
  return true;
}
