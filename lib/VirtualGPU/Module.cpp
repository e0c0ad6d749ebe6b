//===- Module.cpp - A loaded PTX module -----------------------------------===//

#include "Module.h"

#include "Diagnostic.h"

#include <cstring>

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;
using Syntax = poolc::vgpu::syntax::Module;
using poolc::vgpu::Space;

llvm::Expected<std::shared_ptr<const poolc::vgpu::Module>>
poolc::vgpu::Module::create(std::unique_ptr<Syntax> syntax, std::shared_ptr<GlobalMemory> memory) {
  std::shared_ptr<Module> module(new Module());
  module->syntax = std::move(syntax);
  module->memory = std::move(memory);
  if (llvm::Error error = module->placeVariables())
    return std::move(error);
  return module;
}

poolc::vgpu::Module::~Module() {
  for (const auto &entry : addresses)
    memory->free(entry.second);
}

llvm::Error poolc::vgpu::Module::placeVariables() {
  llvm::StringMap<unsigned> functions;
  for (const Function &function : syntax->functions)
    if (function.hasBody && ++functions[function.name] > 1)
      return makeError(syntax->name, function.line,
                       "function '" + function.name + "' is already defined");
  for (const Variable &variable : syntax->variables) {
    if ((variable.space != Space::global && variable.space != Space::constant) || variable.isExtern)
      continue;
    BufferOptions options;
    options.name = variable.name.str();
    options.bytes = variable.elementBytes() * variable.elements;
    options.alignment = std::max<uint64_t>({variable.alignment, variable.elementBytes(), 1});
    // Module variables are zero where nothing else is said.
    options.contents = [](uint64_t, llvm::MutableArrayRef<uint8_t> bytes) {
      std::memset(bytes.data(), 0, bytes.size());
    };
    options.readOnly = variable.space == Space::constant;
    llvm::Expected<Allocation *> allocation = memory->allocate(std::move(options));
    if (!allocation)
      return makeError(syntax->name, variable.line, llvm::toString(allocation.takeError()));
    (*allocation)->isConstant = variable.space == Space::constant;
    if (!addresses.try_emplace(variable.name, (*allocation)->base).second) {
      memory->free((*allocation)->base);
      return makeError(syntax->name, variable.line,
                       "variable '" + variable.name + "' is already declared");
    }
  }
  // Initialisers may name variables that come later.
  for (const Variable &variable : syntax->variables) {
    if (variable.initializer.empty())
      continue;
    auto it = addresses.find(variable.name);
    if (it == addresses.end())
      return makeError(syntax->name, variable.line,
                       "variable '" + variable.name + "' cannot have an initialiser");
    if (llvm::Error error = initialize(variable, it->second))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error poolc::vgpu::Module::initialize(const Variable &variable, uint64_t address) {
  unsigned bytes = bytesOf(variable.type);
  uint64_t room = variable.elements * variable.lanes;
  if (variable.initializer.size() > room)
    return makeError(syntax->name, variable.line,
                     "variable '" + variable.name + "' has room for " + llvm::Twine(room) +
                         " values, got " + llvm::Twine(variable.initializer.size()));
  if (bytes == 0 || bytes > 8)
    return makeError(syntax->name, variable.line,
                     "an initialiser of type ." + toString(variable.type) + " is not covered");
  for (const Operand &operand : variable.initializer) {
    uint64_t bits = operand.bits;
    switch (operand.kind) {
    case Operand::Kind::name: {
      auto it = addresses.find(operand.name);
      if (it == addresses.end() || bytes != 8)
        return makeError(syntax->name, variable.line,
                         "the address of '" + operand.name + "' is not known");
      bits = it->second + uint64_t(operand.offset);
      break;
    }
    case Operand::Kind::f32:
      if (variable.type == Type::f64)
        bits = llvm::bit_cast<uint64_t>(double(llvm::bit_cast<float>(uint32_t(bits))));
      break;
    case Operand::Kind::f64:
      if (variable.type == Type::f32)
        bits = llvm::bit_cast<uint32_t>(float(llvm::bit_cast<double>(bits)));
      break;
    case Operand::Kind::integer:
      if (variable.type == Type::f32)
        bits = llvm::bit_cast<uint32_t>(float(int64_t(bits)));
      else if (variable.type == Type::f64)
        bits = llvm::bit_cast<uint64_t>(double(int64_t(bits)));
      break;
    default:
      return makeError(syntax->name, variable.line,
                       "the initialiser of '" + variable.name + "' is not a list of numbers");
    }
    uint8_t data[8];
    std::memcpy(data, &bits, sizeof(data));
    if (llvm::Error error = memory->write(address, llvm::ArrayRef(data, bytes)))
      return error;
    address += bytes;
  }
  return llvm::Error::success();
}

llvm::Expected<const Program *> poolc::vgpu::Module::program(llvm::StringRef kernel) const {
  std::lock_guard<std::mutex> guard(lock);
  auto it = programs.find(kernel);
  if (it != programs.end())
    return it->second.get();
  for (const Function &function : syntax->functions) {
    if (!function.isEntry || !function.hasBody || function.name != kernel)
      continue;
    llvm::Expected<std::unique_ptr<Program>> program = decodeKernel(*syntax, function, addresses);
    if (!program)
      return program.takeError();
    return (programs[kernel] = std::move(*program)).get();
  }
  std::string names;
  for (const Function &function : syntax->functions)
    if (function.isEntry)
      names += (names.empty() ? "'" : ", '") + function.name.str() + "'";
  return makeError(syntax->name, 1,
                   "there is no kernel '" + kernel + "'; the module has " +
                       (names.empty() ? "none" : names));
}
