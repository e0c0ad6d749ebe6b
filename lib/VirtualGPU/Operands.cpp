//===- Operands.cpp - Decoding operands -----------------------------------===//

#include "KernelDecoder.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringExtras.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

namespace {
struct SpecialRow {
  llvm::StringLiteral name;
  Special special;
};
} // namespace

static constexpr SpecialRow specialRows[] = {
    {"%tid.x", Special::tidX},
    {"%tid.y", Special::tidY},
    {"%tid.z", Special::tidZ},
    {"%ntid.x", Special::ntidX},
    {"%ntid.y", Special::ntidY},
    {"%ntid.z", Special::ntidZ},
    {"%ctaid.x", Special::ctaidX},
    {"%ctaid.y", Special::ctaidY},
    {"%ctaid.z", Special::ctaidZ},
    {"%nctaid.x", Special::nctaidX},
    {"%nctaid.y", Special::nctaidY},
    {"%nctaid.z", Special::nctaidZ},
    {"%laneid", Special::laneId},
    {"%warpid", Special::warpId},
    {"%nwarpid", Special::nWarpId},
    {"%smid", Special::smId},
    {"%nsmid", Special::nSmId},
    {"%gridid", Special::gridId},
    {"WARP_SZ", Special::warpSize},
    {"%lanemask_eq", Special::laneMaskEq},
    {"%lanemask_le", Special::laneMaskLe},
    {"%lanemask_lt", Special::laneMaskLt},
    {"%lanemask_ge", Special::laneMaskGe},
    {"%lanemask_gt", Special::laneMaskGt},
    {"%dynamic_smem_size", Special::dynamicSharedBytes},
    {"%total_smem_size", Special::totalSharedBytes},
    {"%aggr_smem_size", Special::aggregateSharedBytes},
    {"%clock", Special::clock},
    {"%clock_hi", Special::clockHigh},
    {"%clock64", Special::clock64},
    {"%globaltimer", Special::globalTimer},
    {"%globaltimer_lo", Special::globalTimerLow},
    {"%globaltimer_hi", Special::globalTimerHigh},
};

static std::optional<Special> findSpecial(llvm::StringRef name) {
  if (name != "WARP_SZ" && !name.starts_with("%"))
    return std::nullopt;
  for (const SpecialRow &row : specialRows)
    if (row.name == name)
      return row.special;
  unsigned number;
  if (name.consume_front("%envreg") && !name.getAsInteger(10, number) && number < 32)
    return Special::envReg;
  return std::nullopt;
}

std::string KernelDecoder::describe(const Operand &operand) const {
  switch (operand.kind) {
  case Operand::Kind::name:
    return ("'" + operand.name + "'").str();
  case Operand::Kind::integer:
  case Operand::Kind::f32:
  case Operand::Kind::f64:
    return "a number";
  case Operand::Kind::vector:
    return "a vector";
  case Operand::Kind::address:
    return "an address";
  case Operand::Kind::pair:
    return "a pair";
  case Operand::Kind::list:
    return "a list";
  case Operand::Kind::sink:
    return "'_'";
  }
  return "an operand";
}

bool KernelDecoder::immediate(const Operand &operand, Type type, uint64_t &bits) {
  bits = operand.bits;
  if (operand.kind == Operand::Kind::integer)
    return (type != Type::f32 && type != Type::f64) ||
           fail("expected a number of type ." + toString(type) + " like " +
                (type == Type::f32 ? "0f3F800000" : "0d3FF0000000000000") + ", got an integer");
  if (operand.kind == Operand::Kind::f32) {
    if (type == Type::f64)
      bits = llvm::bit_cast<uint64_t>(double(llvm::bit_cast<float>(uint32_t(operand.bits))));
    return type == Type::f64 || bitsOf(type) == 32 ||
           fail("expected a number of type ." + toString(type) + ", got one of type .f32");
  }
  if (operand.kind == Operand::Kind::f64) {
    if (type == Type::f32)
      bits = llvm::bit_cast<uint32_t>(float(llvm::bit_cast<double>(operand.bits)));
    return type == Type::f32 || bitsOf(type) == 64 ||
           fail("expected a number of type ." + toString(type) + ", got one of type .f64");
  }
  return fail("expected a number, got " + describe(operand));
}

uint32_t KernelDecoder::variableAddress(const Symbol &symbol, int64_t offset, unsigned bits,
                                        bool generic) {
  uint64_t window = 0;
  if (generic && symbol.space == Space::shared)
    window = sharedWindow;
  else if (generic && symbol.space == Space::local)
    window = localWindow;
  else if (generic && symbol.space == Space::param)
    window = parameterWindow;
  if (symbol.kind == Symbol::Kind::dynamicShared)
    return builder.dynamicShared(uint64_t(offset) + window, bits);
  return builder.constant(symbol.address + uint64_t(offset) + window, bits);
}

bool KernelDecoder::source(const Operand &operand, Type type, uint32_t &reg) {
  unsigned bits = bitsOf(type);
  switch (operand.kind) {
  case Operand::Kind::integer:
  case Operand::Kind::f32:
  case Operand::Kind::f64: {
    uint64_t value = 0;
    if (!immediate(operand, type, value))
      return false;
    reg = builder.constant(value, bits);
    return true;
  }
  case Operand::Kind::name: {
    if (operand.negated)
      return fail("'!" + operand.name + "' is not covered here");
    if (std::optional<Special> special = findSpecial(operand.name)) {
      reg = builder.special(*special, bits);
      return true;
    }
    Symbol symbol;
    if (!symbolOf(operand.name, symbol))
      return false;
    if (symbol.kind != Symbol::Kind::reg) {
      if (bits != 32 && bits != 64)
        return fail("the address of '" + operand.name + "' does not fit " + llvm::Twine(bits) +
                    " bits");
      reg = variableAddress(symbol, operand.offset, bits, /*generic=*/false);
      return true;
    }
    if (operand.offset != 0)
      return fail("a sum is no operand");
    reg = symbol.reg;
    if (builder.bitsOf(reg) == bits)
      return true;
    if (bits == 1)
      return fail("expected a predicate, got '" + operand.name + "' of " +
                  llvm::Twine(builder.bitsOf(reg)) + " bits");
    return fail("expected a register of " + llvm::Twine(bits) + " bits, got '" + operand.name +
                "' of " + llvm::Twine(builder.bitsOf(reg)));
  }
  default:
    return fail("expected a register or a number, got " + describe(operand));
  }
}

bool KernelDecoder::sourceOfAnyWidth(const Operand &operand, Type type, uint32_t &reg) {
  if (operand.kind == Operand::Kind::name && !operand.negated)
    if (Symbol *symbol = find(operand.name); symbol && symbol->kind == Symbol::Kind::reg) {
      reg = symbol->reg;
      unsigned bits = builder.bitsOf(reg);
      return (bits != 1 && bits >= bitsOf(type)) ||
             fail("expected a register of at least " + llvm::Twine(bitsOf(type)) + " bits, got '" +
                  operand.name + "' of " + llvm::Twine(bits));
    }
  // Registers have at least 16 bits; so has what stands for a number.
  if (bitsOf(type) == 8)
    type = Type::b16;
  return source(operand, type, reg);
}

bool KernelDecoder::destination(const Operand &operand, unsigned bits, uint32_t &reg) {
  if (operand.kind == Operand::Kind::sink) {
    reg = builder.newRegister(bits);
    return true;
  }
  if (operand.kind != Operand::Kind::name || operand.negated || operand.offset != 0)
    return fail("expected a register to write to, got " + describe(operand));
  Symbol *symbol = find(operand.name);
  if (!symbol)
    return fail("'" + operand.name + "' is not declared");
  if (symbol->kind != Symbol::Kind::reg)
    return fail("expected a register to write to, got the variable '" + operand.name + "'");
  reg = symbol->reg;
  return bits == 0 || builder.bitsOf(reg) == bits ||
         fail("expected a register of " + llvm::Twine(bits) + " bits, got '" + operand.name +
              "' of " + llvm::Twine(builder.bitsOf(reg)));
}

bool KernelDecoder::destinationOfAnyWidth(const Operand &operand, unsigned least, uint32_t &reg) {
  if (operand.kind == Operand::Kind::sink) {
    reg = builder.newRegister(std::max(least, 16u));
    return true;
  }
  if (!destination(operand, 0, reg))
    return false;
  unsigned bits = builder.bitsOf(reg);
  return (bits != 1 && bits >= least) ||
         fail("expected a register of at least " + llvm::Twine(least) + " bits, got '" +
              operand.name + "' of " + llvm::Twine(bits));
}

bool KernelDecoder::predicate(const Operand &operand, uint32_t &reg, bool &negated) {
  Operand plain = operand;
  negated = plain.negated;
  plain.negated = false;
  return source(plain, Type::pred, reg);
}

bool KernelDecoder::addressOf(const Operand &operand, Space space, Address &address) {
  if (operand.kind != Operand::Kind::address || operand.parts.size() != 1)
    return fail("expected an address like [%rd1+4], got " + describe(operand));
  const Operand &base = operand.parts.front();
  address.space = space;
  if (base.kind == Operand::Kind::integer) {
    address.isConstant = true;
    address.constant = base.bits;
    address.reg = builder.constant(base.bits, 64);
    return true;
  }
  if (base.kind != Operand::Kind::name || base.negated)
    return fail("expected a register or a variable in the address, got " + describe(base));
  Symbol symbol;
  if (!symbolOf(base.name, symbol))
    return false;
  address.offset = base.offset;
  if (symbol.kind == Symbol::Kind::reg) {
    address.reg = symbol.reg;
    unsigned bits = builder.bitsOf(symbol.reg);
    // In an inlined function parameters are variables of the caller.
    if (space == Space::param && frames.size() > 1)
      address.space = Space::local;
    return bits == 32 || bits == 64 ||
           fail("expected an address of 32 or 64 bits, got '" + base.name + "' of " +
                llvm::Twine(bits));
  }
  bool generic = space == Space::generic;
  // The parameters of a call are local variables.
  bool matches = symbol.space == space || (space == Space::param && symbol.space == Space::local);
  if (!generic && !matches)
    return fail("variable '" + base.name + "' is in another state space than the access");
  address.space = generic ? space : symbol.space;
  address.variableBytes = symbol.bytes;
  if (symbol.kind == Symbol::Kind::variable) {
    address.isConstant = true;
    address.constant = symbol.address;
  }
  address.reg = variableAddress(symbol, 0, 64, generic);
  return true;
}
