//===- OpCost.cpp - What machine code an instruction becomes --------------===//

#include "OpCost.h"

#include "../InstructionTable.h"

using namespace poolc::vgpu;

static OpCost on(Pipe pipe, unsigned issues = 1, unsigned special = 0) {
  OpCost cost;
  cost.pipe = pipe;
  cost.issues = uint8_t(issues);
  cost.special = uint8_t(special);
  return cost;
}

static OpCost fusing(OpCost cost, Fusion fusion) {
  cost.fusion = fusion;
  return cost;
}

static OpCost memory(MemoryRole role) {
  OpCost cost = on(Pipe::memory);
  cost.role = role;
  return cost;
}

static bool isHalf(Type type) {
  return type == Type::f16 || type == Type::f16x2 || type == Type::bf16 || type == Type::bf16x2;
}

/// f32. Without .ftz, subnormal arguments of approximations are scaled.
static OpCost floatCost(const Opcode &opcode) {
  unsigned scaling = opcode.has("ftz") ? 0 : 3;
  bool isApproximate = opcode.has("approx");
  switch (opcode.rule->fn) {
  case Fn::min:
  case Fn::max:
  case Fn::copysign:
    return on(Pipe::alu);
  case Fn::abs:
  case Fn::neg:
    return on(Pipe::fma, 0); // Part of the instruction that uses it.
  case Fn::testp:
    return on(Pipe::alu, 2);
  case Fn::div:
    if (isApproximate)
      return on(Pipe::fma, 4 + scaling, 1);
    return opcode.has("full") ? on(Pipe::fma, 7 + scaling, 1) : on(Pipe::fma, 11, 1);
  case Fn::rcp:
    return isApproximate ? on(Pipe::fma, 1 + 2 * scaling, 1) : on(Pipe::fma, 8, 1);
  case Fn::sqrt:
    return isApproximate ? on(Pipe::fma, 4 + scaling, 1) : on(Pipe::fma, 9, 1);
  case Fn::rsqrt:
  case Fn::ex2:
  case Fn::lg2:
    return on(Pipe::fma, 1 + scaling, 1);
  case Fn::sin:
  case Fn::cos:
    return on(Pipe::fma, 2, 1);
  case Fn::tanh:
    return on(Pipe::special);
  default:
    return on(Pipe::fma);
  }
}

static OpCost doubleCost(const Opcode &opcode) {
  switch (opcode.rule->fn) {
  case Fn::div:
    return on(Pipe::fp64, 14, 1);
  case Fn::rcp:
  case Fn::sqrt:
  case Fn::rsqrt:
    return on(Pipe::fp64, 10, 1);
  case Fn::abs:
  case Fn::neg:
    return on(Pipe::alu, 0);
  case Fn::copysign:
  case Fn::testp:
    return on(Pipe::alu, 2);
  default:
    return on(Pipe::fp64);
  }
}

static OpCost longCost(Fn fn) {
  switch (fn) {
  case Fn::add:
    return fusing(on(Pipe::alu, 2), Fusion::addLong);
  case Fn::mul:
    return on(Pipe::multiply, 4);
  case Fn::mad:
    return on(Pipe::multiply, 5);
  case Fn::mulHi:
  case Fn::madHi:
    return on(Pipe::multiply, 7);
  case Fn::div:
  case Fn::rem:
    return on(Pipe::alu, 80, 3);
  case Fn::min:
  case Fn::max:
  case Fn::abs:
    return on(Pipe::alu, 4);
  case Fn::popc:
  case Fn::clz:
  case Fn::bfind:
    return on(Pipe::alu, 4, 2);
  case Fn::bfe:
  case Fn::bfi:
    return on(Pipe::alu, 8);
  default:
    return on(Pipe::alu, 2);
  }
}

static OpCost integerCost(const Opcode &opcode) {
  Fn fn = opcode.rule->fn;
  bool isSigned = isSignedInteger(opcode.type());
  switch (fn) {
  case Fn::add:
  case Fn::sub:
    return fusing(on(Pipe::alu), Fusion::add);
  case Fn::shl:
    return fusing(on(Pipe::alu), Fusion::shift);
  case Fn::mul:
    return fusing(on(Pipe::multiply), Fusion::multiply);
  case Fn::mulWide:
    return fusing(on(Pipe::multiply), Fusion::wideMultiply);
  case Fn::mad:
  case Fn::madWide:
  case Fn::mulHi:
  case Fn::madHi:
  case Fn::dp4a:
  case Fn::dp2a:
    return on(Pipe::multiply);
  case Fn::mul24:
  case Fn::mad24:
    return on(Pipe::multiply, 3);
  case Fn::div:
    return on(Pipe::alu, isSigned ? 24 : 18, 3);
  case Fn::rem:
    return on(Pipe::alu, isSigned ? 22 : 17, 3);
  case Fn::andBits:
  case Fn::orBits:
  case Fn::xorBits:
    return fusing(on(Pipe::alu), Fusion::logic);
  case Fn::notBits:
    return fusing(on(Pipe::alu, 0), Fusion::none); // Part of the next logical operation.
  case Fn::popc:
  case Fn::brev:
    return on(Pipe::special);
  case Fn::clz:
  case Fn::bfind:
    return on(Pipe::alu, 2, 1);
  case Fn::bfe:
  case Fn::bfi:
    return on(Pipe::alu, 5);
  case Fn::sad:
  case Fn::bmsk:
  case Fn::szext:
  case Fn::cnot:
    return on(Pipe::alu, 2);
  case Fn::fns:
    return on(Pipe::alu, 40);
  default:
    return on(Pipe::alu);
  }
}

static OpCost laneCost(const Opcode &opcode) {
  Type type = opcode.type();
  switch (opcode.rule->fn) {
  case Fn::selp:
  case Fn::slct:
    return on(Pipe::alu, bitsOf(type) == 64 ? 2 : 1);
  case Fn::convert: // To tf32, or two at once.
    return on(Pipe::alu, opcode.has("tf32") && opcode.has("rna") ? 2 : 1);
  case Fn::convertPack:
    return on(Pipe::alu);
  default:
    break;
  }
  if (type == Type::pred)
    return on(Pipe::alu, 0); // Part of the comparison that made one of them.
  if (type == Type::f64)
    return doubleCost(opcode);
  if (isHalf(type)) {
    bool isSpecial = opcode.rule->fn == Fn::ex2 || opcode.rule->fn == Fn::tanh;
    return isSpecial ? on(Pipe::special, bitsOf(type) == 32 ? 2 : 1) : on(Pipe::half);
  }
  if (isFloat(type))
    return floatCost(opcode);
  return bitsOf(type) == 64 ? longCost(opcode.rule->fn) : integerCost(opcode);
}

static OpCost comparisonCost(Type type) {
  if (type == Type::f64)
    return on(Pipe::fp64);
  if (isHalf(type))
    return on(Pipe::half);
  return on(Pipe::alu, bitsOf(type) == 64 ? 2 : 1);
}

static OpCost conversionCost(const Opcode &opcode) {
  Type to = opcode.type(), from = opcode.from();
  if (to == Type::f64 || from == Type::f64)
    return on(Pipe::fp64);
  bool toFloat = isFloat(to) || isHalf(to), fromFloat = isFloat(from) || isHalf(from);
  if (toFloat && fromFloat)
    return on(from == Type::f16 ? Pipe::half : Pipe::alu);
  if (fromFloat)
    return on(Pipe::special);
  if (toFloat)
    return bitsOf(from) == 64 ? on(Pipe::special) : on(Pipe::alu);
  // Between integers: a register less, a zero, or the sign.
  if (bitsOf(to) == 64 && bitsOf(from) < 64)
    return on(Pipe::alu, isSignedInteger(from) ? 1 : 0);
  if (bitsOf(from) >= 32 && bitsOf(to) >= 32)
    return on(Pipe::alu, 0);
  return on(Pipe::alu, bitsOf(from) == bitsOf(to) ? 0 : 1);
}

static unsigned extent(llvm::StringRef shape, char axis) {
  size_t at = shape.find(axis);
  unsigned size = 1;
  if (at != llvm::StringRef::npos)
    shape.drop_front(at + 1)
        .take_while([](char c) { return c >= '0' && c <= '9'; })
        .getAsInteger(10, size);
  return size;
}

static OpCost tensorCost(const Opcode &opcode, unsigned instructions) {
  OpCost cost = on(Pipe::tensor, instructions);
  for (llvm::StringRef shape : opcode.modifiers)
    if (shape.starts_with("m") && shape.contains('k') && shape.contains('n'))
      cost.multiplyAdds =
          uint32_t(extent(shape, 'm') * extent(shape, 'n') * extent(shape, 'k') / instructions);
  bool isTf32 = opcode.has("tf32");
  bool hasFloatSums = opcode.has("f32") || opcode.has("bf16");
  cost.tensor = isTf32         ? TensorKind::tf32
                : hasFloatSums ? TensorKind::halfWithFloatSums
                               : TensorKind::halfWithHalfSums;
  return cost;
}

/// One warp's rows of a product of four warps. Each column of the second factor is read
/// once for all of them.
static OpCost warpgroupCost(const Opcode &opcode) {
  constexpr unsigned warps = 4, columnBytes = 32;
  OpCost cost = tensorCost(opcode, 1);
  for (llvm::StringRef shape : opcode.modifiers)
    if (shape.starts_with("m64n"))
      cost.sharedBytes = extent(shape, 'n') * columnBytes / warps;
  cost.multiplyAdds /= warps;
  cost.role = MemoryRole::product;
  return cost;
}

static OpCost loadCost(const Opcode &opcode) {
  if (opcode.has("param") || opcode.has("param::entry") || opcode.has("param::func"))
    return on(Pipe::alu, 0); // An operand in the constant bank.
  return memory(opcode.has("nc") || opcode.has("const") ? MemoryRole::constantLoad
                                                        : MemoryRole::load);
}

/// As for sm_89: MEMBAR and ATOMS.ARRIVE; ARRIVES.LDGSTSBAR, without .noinc after the sum of a
/// warp's lanes (VOTE, FLO, POPC, a comparison, a difference, ATOMS.ADD); LDS, YIELD and LOP3.
static OpCost mbarrierCost(const Opcode &opcode) {
  OpCost cost = on(Pipe::memory, 2);
  cost.role = MemoryRole::arrive;
  if (opcode.rule->decoding == Decoding::mbarrierCopies) {
    cost.issues = opcode.has("noinc") ? 1 : 7;
    cost.role = MemoryRole::asyncArrive;
  } else if (opcode.rule->decoding == Decoding::mbarrierWait) {
    cost.issues = 3;
    cost.role = MemoryRole::phaseWait;
  }
  return cost;
}

/// What only stands between other instructions.
static OpCost controlCost(MemoryRole role) {
  OpCost cost = on(Pipe::control);
  cost.role = role;
  return cost;
}

OpCost poolc::vgpu::costOf(const Opcode &opcode) {
  switch (opcode.rule->decoding) {
  case Decoding::lanes:
    return laneCost(opcode);
  case Decoding::carry:
    return on(Pipe::alu, bitsOf(opcode.type()) == 64 ? 2 : 1);
  case Decoding::mov:
  case Decoding::cvta:
  case Decoding::call:
    return on(Pipe::alu, 0); // Names for what is there.
  case Decoding::setp:
    return comparisonCost(opcode.types.empty() ? Type::none : opcode.types.back());
  case Decoding::set:
    return on(Pipe::alu, 2);
  case Decoding::cvt:
    return conversionCost(opcode);
  case Decoding::isspacep:
    return on(Pipe::alu, 2);
  case Decoding::load:
    return loadCost(opcode);
  case Decoding::store:
    return memory(MemoryRole::store);
  case Decoding::prefetch:
    return on(Pipe::memory);
  case Decoding::barrier:
    return memory(MemoryRole::barrier);
  case Decoding::warpBarrier:
    return controlCost(MemoryRole::fence);
  case Decoding::nothing: {
    OpCost cost = on(Pipe::control);
    if (opcode.has("sc") || opcode.has("acq_rel") || opcode.has("gl") || opcode.has("cta"))
      cost.role = MemoryRole::fence;
    return cost;
  }
  case Decoding::shuffle:
  case Decoding::redux:
    return on(Pipe::memory);
  case Decoding::vote:
  case Decoding::activeMask:
    return on(Pipe::alu);
  case Decoding::match:
    return on(Pipe::alu, 4);
  case Decoding::elect:
    return on(Pipe::alu, 3);
  case Decoding::atom:
    return memory(MemoryRole::atomic);
  case Decoding::cpAsync:
    return memory(MemoryRole::asyncCopy);
  case Decoding::bulkCopy:
  case Decoding::tensorCopy:
    return memory(opcode.has("bulk_group") ? MemoryRole::bulkStore : MemoryRole::bulkLoad);
  case Decoding::tensorMap:
  case Decoding::tensorMapCopy:
    return memory(MemoryRole::atomic);
  case Decoding::bulkCommit:
    return controlCost(MemoryRole::bulkCommit);
  case Decoding::bulkWait:
    return controlCost(opcode.has("read") ? MemoryRole::bulkReadWait : MemoryRole::bulkWait);
  case Decoding::proxyFence:
  case Decoding::setRegisters:
    return on(Pipe::control);
  case Decoding::cpAsyncCommit: {
    OpCost cost = on(Pipe::memory);
    cost.role = MemoryRole::asyncCommit;
    return cost;
  }
  case Decoding::cpAsyncWait:
    return controlCost(MemoryRole::asyncWait);
  case Decoding::ldmatrix:
  case Decoding::wmmaLoad:
    return memory(MemoryRole::load);
  case Decoding::stmatrix:
  case Decoding::wmmaStore:
    return memory(MemoryRole::store);
  case Decoding::mma:
    return tensorCost(opcode, 1);
  case Decoding::wmma:
    return tensorCost(opcode, 2);
  case Decoding::wgmma:
    return warpgroupCost(opcode);
  case Decoding::wgmmaFence:
    return controlCost(MemoryRole::fence);
  case Decoding::wgmmaCommit:
    return controlCost(MemoryRole::productCommit);
  case Decoding::wgmmaWait:
    return controlCost(MemoryRole::productWait);
  case Decoding::createPolicy:
    return on(Pipe::alu);
  case Decoding::mbarrier:
    return memory(MemoryRole::store);
  case Decoding::mbarrierCount:
    return on(Pipe::alu);
  case Decoding::mbarrierTransactions:
    return memory(MemoryRole::atomic);
  case Decoding::mbarrierArrive:
  case Decoding::mbarrierCopies:
  case Decoding::mbarrierWait:
    return mbarrierCost(opcode);
  case Decoding::branch:
  case Decoding::branchIndexed:
  case Decoding::exit:
  case Decoding::ret:
  case Decoding::trap:
    return on(Pipe::control);
  }
  return on(Pipe::alu);
}
