//===- Diagnostics.h - Diagnostics in poolc's form --------------*- C++ -*-===//
#ifndef POOLC_LIB_PIPELINE_DIAGNOSTICS_H
#define POOLC_LIB_PIPELINE_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/SourceMgr.h"

namespace poolc {

/// While it lives, diagnostics of `context` are printed with the source line, and
/// errors are counted. A dialect conversion's own "failed to legalize" becomes an
/// internal error: by then a pass has produced what a later one cannot take.
class DiagnosticPrinter : public mlir::SourceMgrDiagnosticHandler {
public:
  DiagnosticPrinter(llvm::SourceMgr &source, mlir::MLIRContext *context, llvm::raw_ostream &os);

  unsigned numErrors() const { return errors; }

private:
  void print(mlir::Diagnostic &diagnostic);

  unsigned errors = 0;
};

} // namespace poolc

#endif // POOLC_LIB_PIPELINE_DIAGNOSTICS_H
