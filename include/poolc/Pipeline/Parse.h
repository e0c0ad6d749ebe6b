//===- Parse.h - Reads MLIR text of any origin ------------------*- C++ -*-===//
#ifndef POOLC_PIPELINE_PARSE_H
#define POOLC_PIPELINE_PARSE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

#include <memory>

namespace poolc {

/// Refuses, with a diagnostic, what MLIR's own readers would answer with a crash,
/// a hang or nothing: binary data, bytecode, deep nesting.
llvm::LogicalResult checkText(const llvm::SourceMgr &source, mlir::MLIRContext *context);

/// Parses and verifies the main buffer of `source`. Empty, binary and deeply
/// nested input is one diagnostic like any other error; null is returned then.
///
/// The arguments of each public function get an attribute `nn.name` with the
/// name that they have in the text, so that plans can speak of them as the user
/// does, and the results one with y, or y0, y1, ...; names are unique within a
/// function, and ones that are given already are kept.
mlir::OwningOpRef<mlir::ModuleOp> parseModule(const std::shared_ptr<llvm::SourceMgr> &source,
                                              mlir::MLIRContext *context);

} // namespace poolc

#endif // POOLC_PIPELINE_PARSE_H
