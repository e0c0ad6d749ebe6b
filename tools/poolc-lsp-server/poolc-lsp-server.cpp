//===- poolc-lsp-server.cpp - Language server for editors -----------------===//
//
// Diagnostics, definitions, hovers and completion for every level that poolc
// reads, by MLIR's language server.
//
//===----------------------------------------------------------------------===//

#include "poolc/Pipeline/Registration.h"
#include "poolc/Support/ToolSupport.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::SetVersionPrinter(poolc::printVersion);
  mlir::DialectRegistry registry;
  poolc::registerAllDialects(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry)) ? poolc::exitWrongInput
                                                               : poolc::exitSuccess;
}
