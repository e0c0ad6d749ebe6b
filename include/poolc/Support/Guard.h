//===- Guard.h - Work on input of any origin without risk -------*- C++ -*-===//
#ifndef POOLC_SUPPORT_GUARD_H
#define POOLC_SUPPORT_GUARD_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <cstddef>

namespace poolc {

/// The longest text that `runGuarded` has a stack for; readers refuse more.
constexpr size_t maxTextBytes = size_t(2) << 20;

/// Runs `action`, which works recursively on a text of `textBytes` bytes, with a
/// stack deep enough for any such text: MLIR recurses on chains of operators and
/// aliases without a limit. LLVM's fatal errors and signals raised in it come
/// back as an error instead of ending the process. Destructors of `action` have
/// not run then, and objects that it worked on must be neither used nor
/// destroyed. Not reentrant.
llvm::Error runGuarded(size_t textBytes, llvm::function_ref<void()> action);

} // namespace poolc

#endif // POOLC_SUPPORT_GUARD_H
