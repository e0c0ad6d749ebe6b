//===- Parser.h - PTX text to syntax tree -----------------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_PARSER_H
#define POOLC_LIB_VIRTUALGPU_PARSER_H

#include "Syntax.h"

#include "llvm/Support/Error.h"

namespace poolc::vgpu {

/// Reads a PTX module; `name` stands in the errors ("name:line: error: ...").
llvm::Expected<std::unique_ptr<syntax::Module>> parseModule(llvm::StringRef text,
                                                            llvm::StringRef name);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_PARSER_H
