//===- Plan.cpp - Any text as a launch plan -------------------------------===//

#include "poolc/Plan/Plan.h"

#include "llvm/Support/FormatVariadic.h"

#include <cstdlib>

using namespace poolc;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<std::optional<Plan>> embedded = Plan::fromPTX(text);
  if (!embedded)
    llvm::consumeError(embedded.takeError());

  llvm::Expected<Plan> plan = Plan::parse(text);
  if (!plan) {
    llvm::consumeError(plan.takeError());
    return 0;
  }
  // What was read can be written and read again.
  llvm::Expected<std::optional<Plan>> again = Plan::fromPTX(plan->toPTXComment());
  if (!again || !*again || (*again)->toJSON() != plan->toJSON())
    std::abort();
  return 0;
}
