//===- Diagnostic.h - Errors about PTX text ---------------------*- C++ -*-===//
//
// Every error about PTX text has the form "name:line: error: message".
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_DIAGNOSTIC_H
#define POOLC_LIB_VIRTUALGPU_DIAGNOSTIC_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

namespace poolc::vgpu {

inline llvm::Error makeError(llvm::StringRef name, unsigned line, const llvm::Twine &message) {
  return llvm::createStringError(name + ":" + llvm::Twine(line) + ": error: " + message);
}

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_DIAGNOSTIC_H
