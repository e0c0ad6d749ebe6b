//===- Diagnostics.cpp - Diagnostics in poolc's form ----------------------===//

#include "Diagnostics.h"

#include "mlir/IR/Location.h"

using namespace mlir;

poolc::DiagnosticPrinter::DiagnosticPrinter(llvm::SourceMgr &source, MLIRContext *context,
                                            llvm::raw_ostream &os)
    : SourceMgrDiagnosticHandler(source, context, os) {
  setHandler([this](Diagnostic &diagnostic) { print(diagnostic); });
}

void poolc::DiagnosticPrinter::print(Diagnostic &diagnostic) {
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error && std::exchange(sawError, true))
    return;
  std::string message = diagnostic.str();
  StringRef rest = message;
  if (!rest.consume_front("failed to legalize operation "))
    return emitDiagnostic(diagnostic);
  StringRef op = rest.take_front(rest.find('\'', 1) + 1);
  emitDiagnostic(diagnostic.getLocation(), "internal error: no lowering of " + op + " applies",
                 DiagnosticSeverity::Error);
}
