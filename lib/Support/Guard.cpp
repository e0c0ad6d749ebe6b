//===- Guard.cpp - Work on input of any origin without risk ---------------===//

#include "poolc/Support/Guard.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/thread.h"

#include <string>

using namespace poolc;

/// More than the deepest recursion of MLIR's parsers and printers takes for each
/// byte of text: one frame of each level for a sign of an affine expression.
static constexpr size_t stackBytesPerByte = 1024;

/// What the stack of a main thread holds in any case.
static constexpr size_t smallTextBytes = 4096;

/// Notes the message and leaves the guarded call. LLVM would end the process
/// as soon as this returned.
static void leaveGuardedCall(void *userData, const char *reason, bool /*genCrashDiag*/) {
  *static_cast<std::string *>(userData) = reason;
  llvm::CrashRecoveryContext::GetCurrent()->HandleExit(/*RetCode=*/1);
}

/// What ended the action early; empty if nothing did.
static std::string runRecovering(llvm::function_ref<void()> action) {
  std::string reason;
  llvm::ScopedFatalErrorHandler handler(leaveGuardedCall, &reason);
  llvm::CrashRecoveryContext context;
  if (context.RunSafely(action))
    return "";
  return reason.empty() ? "crash with code " + std::to_string(context.RetCode) : reason;
}

llvm::Error poolc::runGuarded(size_t textBytes, llvm::function_ref<void()> action) {
  llvm::CrashRecoveryContext::Enable();
  llvm::scope_exit disable([] { llvm::CrashRecoveryContext::Disable(); });
  std::string reason;
  if (textBytes <= smallTextBytes) {
    reason = runRecovering(action);
  } else {
    size_t stackBytes = std::min(textBytes, maxTextBytes) * stackBytesPerByte;
    llvm::thread thread(std::optional<unsigned>(stackBytes),
                        [&] { reason = runRecovering(action); });
    thread.join();
  }
  if (reason.empty())
    return llvm::Error::success();
  return llvm::createStringError("internal error in LLVM: " + reason);
}
