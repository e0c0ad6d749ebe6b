//===- poolc-opt.cpp - Runs passes on any level of the IR -----------------===//
//
// mlir-opt with the dialects and passes of poolc and of the levels below it.
//
//===----------------------------------------------------------------------===//

#include "poolc/Pipeline/Registration.h"
#include "poolc/Support/Nesting.h"
#include "poolc/Support/ToolSupport.h"

#include "mlir/IR/Dialect.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

/// Reports text that is nested deeper than MLIR's parser can take.
static LogicalResult checkNesting(const llvm::MemoryBuffer &input) {
  std::optional<size_t> offset = poolc::findNestingBeyond(input.getBuffer(), poolc::maxNesting);
  if (!offset)
    return success();
  llvm::SourceMgr source;
  source.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(input.getMemBufferRef()), {});
  source.PrintMessage(
      llvm::SMLoc::getFromPointer(input.getBufferStart() + *offset), llvm::SourceMgr::DK_Error,
      "expected at most " + llvm::Twine(poolc::maxNesting) + " levels of nested brackets");
  return failure();
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
  if (failed(checkNesting(*input)) ||
      failed(MlirOptMain(output->os(), std::move(input), registry, config)))
    return failure();
  output->keep();
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
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
