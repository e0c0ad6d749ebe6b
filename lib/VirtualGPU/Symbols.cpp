//===- Symbols.cpp - Names and the memory behind them ---------------------===//

#include "KernelDecoder.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

bool KernelDecoder::define(llvm::StringRef name, const Symbol &symbol) {
  return scope().symbols.try_emplace(name, symbol).second ||
         fail("'" + name + "' is already declared");
}

bool KernelDecoder::declare(const Variable &variable) {
  if (variable.space == Space::reg) {
    unsigned bits = bitsOf(variable.type);
    if (bits != 1 && bits != 16 && bits != 32 && bits != 64)
      return fail("registers of type ." + toString(variable.type) + " are not covered");
    if (variable.lanes != 1 || variable.isArray)
      return fail("vector registers are not covered");
    if (variable.count) {
      scope().ranges[variable.name] = {bits, *variable.count};
      return true;
    }
    Symbol symbol;
    symbol.reg = builder.newRegister(bits);
    return define(variable.name, symbol);
  }
  Symbol symbol;
  return place(variable, symbol) && define(variable.name, symbol);
}

/// More than any block's shared memory; what a launch allows is the GPU's.
static constexpr uint64_t maxSharedBytes = uint64_t(1) << 28;
/// Of a thread, as on every GPU since sm_20.
static constexpr uint64_t maxLocalBytes = uint64_t(512) << 10;

bool KernelDecoder::place(const Variable &variable, Symbol &symbol) {
  Program &program = *builder.program;
  uint64_t bytes = variable.elementBytes() * variable.elements;
  uint64_t alignment = std::max<uint64_t>({variable.alignment, variable.elementBytes(), 1});
  symbol.kind = Symbol::Kind::variable;
  symbol.space = variable.space;
  symbol.bytes = bytes;
  auto append = [&](uint32_t &end, uint64_t base, uint64_t limit) {
    uint64_t begin = llvm::alignTo(base + end, alignment);
    if (begin + bytes - base > limit)
      return fail("variable '" + variable.name + "' of " + llvm::Twine(bytes) +
                  " bytes does not fit");
    symbol.address = begin;
    end = uint32_t(begin + bytes - base);
    return true;
  };
  switch (variable.space) {
  case Space::shared: {
    if (variable.isExtern || (variable.isArray && variable.elements == 0)) {
      program.usesDynamicShared = true;
      program.dynamicSharedAlignment =
          std::max<uint32_t>(program.dynamicSharedAlignment, uint32_t(alignment));
      symbol.kind = Symbol::Kind::dynamicShared;
      return true;
    }
    auto [it, isNew] = sharedAddresses.try_emplace(&variable, 0);
    if (isNew) {
      if (!append(program.sharedBytes, sharedBase, maxSharedBytes))
        return false;
      it->second = symbol.address;
      program.sharedVariables.push_back({variable.name.str(), symbol.address, bytes});
    }
    symbol.address = it->second;
    return true;
  }
  case Space::local:
  case Space::param: // Of a call: per thread, like a local variable.
    symbol.space = Space::local;
    return append(program.localBytes, 0, maxLocalBytes);
  default: {
    auto it = addresses.find(variable.name);
    if (it == addresses.end())
      return fail("variable '" + variable.name + "' is not defined in this module");
    symbol.address = it->second;
    return true;
  }
  }
}

Symbol *KernelDecoder::find(llvm::StringRef name) {
  for (Scope &scope : llvm::reverse(frame().scopes)) {
    auto it = scope.symbols.find(name);
    if (it != scope.symbols.end())
      return &it->second;
    // %r7 of `.reg .b32 %r<10>`.
    llvm::StringRef prefix = name.rtrim("0123456789");
    llvm::StringRef digits = name.drop_front(prefix.size());
    unsigned number;
    // A name may end in digits itself: try every split.
    for (; !digits.empty();
         prefix = name.take_front(prefix.size() + 1), digits = digits.drop_front()) {
      auto range = scope.ranges.find(prefix);
      if (range == scope.ranges.end() || digits.getAsInteger(10, number) ||
          number >= range->second.second || (digits.size() > 1 && digits.front() == '0'))
        continue;
      Symbol symbol;
      symbol.reg = builder.newRegister(range->second.first);
      return &scope.symbols.try_emplace(name, symbol).first->second;
    }
  }
  if (frames.size() == 1) {
    auto it = kernelParameters.find(name);
    if (it != kernelParameters.end())
      return &it->second;
  }
  return nullptr;
}

bool KernelDecoder::symbolOf(llvm::StringRef name, Symbol &symbol) {
  if (Symbol *found = find(name)) {
    symbol = *found;
    return true;
  }
  for (const Variable &variable : module.variables)
    if (variable.name == name)
      return place(variable, symbol);
  return fail("'" + name + "' is not declared");
}
