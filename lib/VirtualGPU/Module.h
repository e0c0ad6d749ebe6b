//===- Module.h - A loaded PTX module ---------------------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_MODULE_H
#define POOLC_LIB_VIRTUALGPU_MODULE_H

#include "Decoder.h"
#include "Memory.h"

#include <mutex>

namespace poolc::vgpu {

class Module {
public:
  /// Places the module's variables in `memory`.
  static llvm::Expected<std::shared_ptr<const Module>>
  create(std::unique_ptr<syntax::Module> syntax, std::shared_ptr<GlobalMemory> memory);
  ~Module();

  /// Decodes the kernel when it is first asked for.
  llvm::Expected<const Program *> program(llvm::StringRef kernel) const;

  const syntax::Module &tree() const { return *syntax; }

private:
  Module() = default;
  llvm::Error placeVariables();
  llvm::Error initialize(const syntax::Variable &variable, uint64_t address);

  std::unique_ptr<syntax::Module> syntax;
  std::shared_ptr<GlobalMemory> memory;
  ModuleAddresses addresses;
  mutable std::mutex lock;
  mutable llvm::StringMap<std::unique_ptr<Program>> programs;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_MODULE_H
