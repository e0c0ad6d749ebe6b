//===- Diagnostics.h - Diagnostics in poolc's form --------------*- C++ -*-===//
#ifndef POOLC_LIB_PIPELINE_DIAGNOSTICS_H
#define POOLC_LIB_PIPELINE_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/SourceMgr.h"

namespace poolc {

/// While it lives, diagnostics of `context` are printed with the source line. Of
/// errors only the first is: MLIR's parser reports what follows from it as well.
/// A dialect conversion's own "failed to legalize" becomes an
/// internal error: by then a pass has produced what a later one cannot take.
class DiagnosticPrinter : public mlir::SourceMgrDiagnosticHandler {
public:
  DiagnosticPrinter(llvm::SourceMgr &source, mlir::MLIRContext *context, llvm::raw_ostream &os);

  bool hasErrors() const { return sawError; }

private:
  void print(mlir::Diagnostic &diagnostic);

  bool sawError = false;
};

} // namespace poolc

#endif // POOLC_LIB_PIPELINE_DIAGNOSTICS_H
