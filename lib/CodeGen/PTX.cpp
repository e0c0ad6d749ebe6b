//===- PTX.cpp - From kernels in the LLVM dialect to PTX text -------------===//

#include "poolc/CodeGen/PTX.h"

#include "CachePolicy.h"
#include "PTXVersion.h"
#include "TargetMachine.h"

#include "poolc/CodeGen/KernelAttributes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SeparateConstOffsetFromGEP.h"
#include "llvm/Transforms/Vectorize/LoadStoreVectorizer.h"

using namespace poolc;

namespace {
/// Everything LLVM works on.
struct Emission {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::string backendErrors;
  llvm::SmallString<0> text;
};
} // namespace

void poolc::registerPTXTranslations(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerGPUDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerNVVMDialectTranslation(registry);
}

/// Collects what the backend reports instead of printing it and exiting.
static void collectErrors(Emission &emission) {
  emission.context.setDiagnosticHandlerCallBack(
      [](const llvm::DiagnosticInfo *info, void *errors) {
        if (info->getSeverity() != llvm::DS_Error)
          return;
        llvm::raw_string_ostream os(*static_cast<std::string *>(errors));
        llvm::DiagnosticPrinterRawOStream printer(os);
        os << (os.str().empty() ? "" : "; ");
        info->print(printer);
      },
      &emission.backendErrors);
}

/// The LLVM IR of the kernels, an empty module if there are none.
static llvm::Error translate(mlir::ModuleOp module, Emission &emission) {
  auto kernels = llvm::to_vector(module.getOps<mlir::gpu::GPUModuleOp>());
  if (kernels.size() > 1)
    return llvm::createStringError("expected one gpu.module, got " +
                                   std::to_string(kernels.size()));
  if (kernels.empty())
    emission.module = std::make_unique<llvm::Module>("kernels", emission.context);
  else
    emission.module =
        mlir::translateModuleToLLVMIR(kernels.front(), emission.context, kernels.front().getName());
  if (!emission.module)
    return llvm::createStringError("internal error: kernels cannot be translated to LLVM IR");
  return llvm::Error::success();
}

static llvm::Error observe(const Emission &emission, const PTXOptions &options,
                           llvm::StringRef name) {
  if (!options.observe)
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream(text) << *emission.module;
  return options.observe(name, text);
}

static void optimize(Emission &emission) {
  llvm::PipelineTuningOptions tuning;
  // A kernel's loops are already spread over threads and vectors.
  tuning.LoopVectorization = tuning.LoopInterleaving = false;
  llvm::PassBuilder builder(emission.machine.get(), tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(*emission.module, modules);
  // What the backend would do to loads, it has to do before they are no loads any more.
  llvm::FunctionPassManager policies;
  policies.addPass(llvm::SeparateConstOffsetFromGEPPass());
  policies.addPass(llvm::EarlyCSEPass());
  policies.addPass(llvm::LoadStoreVectorizerPass());
  policies.addPass(CachePolicyPass());
  for (llvm::Function &function : *emission.module)
    if (llvm::any_of(cachePolicyAttrs,
                     [&](const char *name) { return function.hasFnAttribute(name); }))
      policies.run(function, functions);
}

static llvm::Error print(Emission &emission) {
  llvm::raw_svector_ostream os(emission.text);
  llvm::legacy::PassManager passes;
  if (emission.machine->addPassesToEmitFile(passes, os, /*DwoOut=*/nullptr,
                                            llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError("internal error: the backend cannot emit PTX");
  passes.run(*emission.module);
  return llvm::Error::success();
}

static llvm::Error emit(Emission &emission, PTXVersion version, llvm::StringRef chip,
                        const PTXOptions &options) {
  auto machine = createTargetMachine(chip, version);
  if (!machine)
    return machine.takeError();
  emission.machine = std::move(*machine);
  // Before any pass looks at an address: spaces differ in pointer width.
  emission.module->setTargetTriple(nvptxTriple());
  emission.module->setDataLayout(emission.machine->createDataLayout());
  optimize(emission);
  if (llvm::Error error = observe(emission, options, "optimized.ll"))
    return error;
  if (llvm::Error error = print(emission))
    return error;
  if (!emission.backendErrors.empty())
    return llvm::createStringError("internal error: the PTX backend reports: " +
                                   llvm::StringRef(emission.backendErrors).rtrim(".\n").str());
  return llvm::Error::success();
}

llvm::Expected<PTX> poolc::emitPTX(mlir::ModuleOp module, const PTXOptions &options) {
  if (llvm::Error error = checkPTXVersion(options))
    return error;
  Emission emission;
  collectErrors(emission);
  if (llvm::Error error = translate(module, emission))
    return error;
  if (llvm::Error error = observe(emission, options, "translated.ll"))
    return error;
  llvm::Expected<PTXVersion> version = selectPTXVersion(*emission.module, options);
  if (!version)
    return version.takeError();
  std::string chip = selectChip(*emission.module, options);
  if (llvm::Error error = emit(emission, *version, chip, options))
    return error;
  return PTX{std::string(emission.text), *version, std::move(chip)};
}
