//===- poolc-opt.cpp - Runs passes on any level of the IR -----------------===//
//
// mlir-opt with the dialects and passes of poolc and of the levels below it.
//
//===----------------------------------------------------------------------===//

#include "poolc/Pipeline/Parse.h"
#include "poolc/Pipeline/Registration.h"
#include "poolc/Support/Guard.h"
#include "poolc/Support/ToolSupport.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

/// Refuses what the parser cannot take, before it sees it.
static LogicalResult check(const llvm::MemoryBuffer &input) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  llvm::SourceMgr source;
  source.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(input.getMemBufferRef()), {});
  SourceMgrDiagnosticHandler handler(source, &context);
  return poolc::checkText(source, &context);
}

static LogicalResult run(StringRef inputName, StringRef outputName, DialectRegistry &registry,
                         const MlirOptMainConfig &config) {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> input = openInputFile(inputName, &message);
  std::unique_ptr<llvm::ToolOutputFile> output =
      input ? openOutputFile(outputName, &message) : nullptr;
  if (!output) {
    llvm::WithColor::error(llvm::errs(), "poolc-opt") << message << "\n";
    return failure();
  }
  if (failed(check(*input)))
    return failure();
  LogicalResult result = failure();
  size_t textBytes = input->getBufferSize();
  llvm::Error error = poolc::runGuarded(
      textBytes, [&] { result = MlirOptMain(output->os(), std::move(input), registry, config); });
  if (error)
    llvm::WithColor::error(llvm::errs(), "poolc-opt") << llvm::toString(std::move(error)) << "\n";
  if (failed(result))
    return failure();
  output->keep();
  return success();
}

/// Leaves the options of MLIR and poolc, registered later, to --help: LLVM's
/// libraries bring hundreds of their own.
static void hideOptionsOfLLVM() {
  for (auto &entry : llvm::cl::getRegisteredOptions())
    if (llvm::is_contained(entry.second->Categories, &llvm::cl::getGeneralCategory()))
      entry.second->setHiddenFlag(llvm::cl::Hidden);
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  hideOptionsOfLLVM();
  llvm::cl::SetVersionPrinter(poolc::printVersion);
  poolc::registerAllPasses();
  DialectRegistry registry;
  poolc::registerAllDialects(registry);
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv, "Runs poolc's passes and those of MLIR that it uses", registry);

  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (config.shouldShowDialects() || config.shouldListPasses())
    return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));
  return asMainReturnCode(run(input, output, registry, config));
}
