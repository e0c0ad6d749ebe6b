//===- UsageError.h - Errors of the command line ----------------*- C++ -*-===//
#ifndef POOLC_SUPPORT_USAGEERROR_H
#define POOLC_SUPPORT_USAGEERROR_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace poolc {

/// An error of the command line rather than of the input: `reportError`
/// answers exitWrongUsage for it.
class UsageError : public llvm::ErrorInfo<UsageError> {
public:
  static inline char ID = 0;
  explicit UsageError(const llvm::Twine &message) : message(message.str()) {}
  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  std::string message;
};

inline llvm::Error usageError(const llvm::Twine &message) {
  return llvm::make_error<UsageError>(message);
}

} // namespace poolc

#endif // POOLC_SUPPORT_USAGEERROR_H
