//===- VirtualGPU.cpp - Runs PTX on the CPU -------------------------------===//

#include "poolc/VirtualGPU/VirtualGPU.h"

#include "Diagnostic.h"
#include "Launch.h"
#include "Module.h"
#include "Parser.h"

#include "llvm/Support/ThreadPool.h"

using namespace poolc;
using namespace poolc::vgpu;

struct VirtualGPU::Impl {
  explicit Impl(const GPU &gpu) : gpu(gpu), memory(std::make_shared<GlobalMemory>()) {}

  GPU gpu;
  std::shared_ptr<GlobalMemory> memory;
  /// Started by the first launch of more than one block.
  std::unique_ptr<llvm::DefaultThreadPool> pool;
};

VirtualGPU::VirtualGPU(const GPU &gpu) : impl(std::make_unique<Impl>(gpu)) {}
VirtualGPU::~VirtualGPU() = default;

const GPU &VirtualGPU::gpu() const { return impl->gpu; }

/// The number in "sm_89"; features like the "a" of sm_90a are one GPU's own.
static std::optional<unsigned> architectureOf(llvm::StringRef chip, bool &isSpecific) {
  unsigned number;
  if (!chip.consume_front("sm_") && !chip.consume_front("compute_"))
    return std::nullopt;
  isSpecific = chip.consume_back("a");
  chip.consume_back("f");
  if (chip.getAsInteger(10, number))
    return std::nullopt;
  return number;
}

llvm::Expected<std::shared_ptr<const Module>> VirtualGPU::load(llvm::StringRef ptx,
                                                               llvm::StringRef name) {
  llvm::Expected<std::unique_ptr<syntax::Module>> tree = parseModule(ptx, name);
  if (!tree)
    return tree.takeError();
  const syntax::Module &module = **tree;
  bool isSpecific = false, isOurs = false;
  std::optional<unsigned> target = architectureOf(module.target, isSpecific);
  std::optional<unsigned> own = architectureOf(impl->gpu.chip, isOurs);
  if (!target)
    return makeError(name, module.targetLine,
                     "expected a target like sm_89, got '" + module.target + "'");
  if (own && (*target > *own || (isSpecific && *target != *own)))
    return makeError(name, module.targetLine,
                     "the module is for " + module.target + ", which " + impl->gpu.name + " (" +
                         impl->gpu.chip + ") cannot run");
  return Module::create(std::move(*tree), impl->memory);
}

llvm::Expected<uint64_t> VirtualGPU::allocate(BufferOptions options) {
  llvm::Expected<Allocation *> allocation = impl->memory->allocate(std::move(options));
  if (!allocation)
    return allocation.takeError();
  return (*allocation)->base;
}

void VirtualGPU::free(uint64_t address) { impl->memory->free(address); }

llvm::Error VirtualGPU::write(uint64_t address, llvm::ArrayRef<uint8_t> bytes) {
  return impl->memory->write(address, bytes);
}

llvm::Error VirtualGPU::read(uint64_t address, llvm::MutableArrayRef<uint8_t> bytes) const {
  return impl->memory->read(address, bytes);
}

llvm::Error VirtualGPU::written(uint64_t address, llvm::MutableArrayRef<uint8_t> flags) const {
  return impl->memory->written(address, flags);
}

llvm::Expected<LaunchResult> VirtualGPU::launch(const Module &module,
                                                const LaunchOptions &options) {
  llvm::Expected<const Program *> program = module.program(options.kernel);
  if (!program)
    return program.takeError();
  if (!impl->pool)
    impl->pool = std::make_unique<llvm::DefaultThreadPool>(llvm::hardware_concurrency());
  return runKernel(**program, impl->gpu, *impl->memory, *impl->pool, options);
}

std::vector<std::string> vgpu::kernelNames(const Module &module) {
  std::vector<std::string> names;
  for (const syntax::Function &function : module.tree().functions)
    if (function.isEntry && function.hasBody)
      names.push_back(function.name.str());
  return names;
}
