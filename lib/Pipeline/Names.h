//===- Names.h - Names of arguments and results, as in the text -*- C++ -*-===//
#ifndef POOLC_LIB_PIPELINE_NAMES_H
#define POOLC_LIB_PIPELINE_NAMES_H

#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/IR/BuiltinOps.h"

namespace poolc {

/// Sets `nn.name` on the arguments and results of each public function with a
/// body, see parseModule.
void nameArgumentsAndResults(mlir::ModuleOp module, const mlir::AsmParserState &state);

} // namespace poolc

#endif // POOLC_LIB_PIPELINE_NAMES_H
