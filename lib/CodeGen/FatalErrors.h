//===- FatalErrors.h - LLVM's fatal errors as llvm::Error -------*- C++ -*-===//
#ifndef POOLC_LIB_CODEGEN_FATALERRORS_H
#define POOLC_LIB_CODEGEN_FATALERRORS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace poolc {

/// How a guarded call ended: `completed` is false after a fatal error, when
/// destructors were skipped and no object that the call worked on may be used
/// or destroyed any more.
struct GuardedResult {
  bool completed;
  llvm::Error error;
};

/// Runs `action` so that report_fatal_error and signals raised inside LLVM come
/// back as an error instead of ending the process. Not reentrant.
GuardedResult runGuarded(llvm::function_ref<llvm::Error()> action);

} // namespace poolc

#endif // POOLC_LIB_CODEGEN_FATALERRORS_H
