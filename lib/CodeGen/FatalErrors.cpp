//===- FatalErrors.cpp - LLVM's fatal errors as llvm::Error ---------------===//

#include "FatalErrors.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"

#include <string>

using namespace poolc;

/// Notes the message and leaves the guarded call. LLVM would end the process
/// as soon as this returned.
static void leaveGuardedCall(void *userData, const char *reason, bool /*genCrashDiag*/) {
  *static_cast<std::string *>(userData) = reason;
  llvm::CrashRecoveryContext::GetCurrent()->HandleExit(/*RetCode=*/1);
}

GuardedResult poolc::runGuarded(llvm::function_ref<llvm::Error()> action) {
  std::string reason;
  llvm::Error error = llvm::Error::success();
  llvm::consumeError(std::move(error));

  llvm::CrashRecoveryContext::Enable();
  llvm::scope_exit disable([] { llvm::CrashRecoveryContext::Disable(); });
  llvm::ScopedFatalErrorHandler handler(leaveGuardedCall, &reason);
  llvm::CrashRecoveryContext context;
  if (context.RunSafely([&] { error = action(); }))
    return {true, std::move(error)};

  if (reason.empty())
    reason = "crash with code " + std::to_string(context.RetCode);
  return {false, llvm::createStringError("internal error: LLVM's PTX backend failed: " + reason)};
}
