//===- Registers.cpp - What schedules say of registers --------------------===//

#include "Registers.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace poolc;
using llvm::StringRef;

// Of each kernel ptxas says
//   ptxas info    : Compiling entry function 'k' for 'sm_89'
//   ...
//   ptxas info    : Used 24 registers, used 1 barriers, 368 bytes cmem[0]
static int64_t registersOf(StringRef kernel, StringRef messages) {
  StringRef after = messages.split(("entry function '" + kernel + "'").str()).second;
  int64_t count = 0;
  after.split("Used ").second.consumeInteger(10, count);
  return count;
}

std::string poolc::sweep::findExcessOfRegisters(StringRef report, StringRef messages) {
  llvm::Expected<llvm::json::Value> parsed = llvm::json::parse(report);
  if (!parsed)
    return "the report is no JSON: " + llvm::toString(parsed.takeError());
  for (const llvm::json::Value &value : *parsed->getAsArray()) {
    const llvm::json::Object &op = *value.getAsObject();
    StringRef kernel = op.getString("kernel").value_or("");
    int64_t predicted = op.getObject("predicted")->getInteger("registers_per_thread").value_or(0);
    int64_t taken = registersOf(kernel, messages);
    // An empty grid has no prediction.
    if (op.getString("op") == "nn.avg_pool2d" && predicted != 0 && taken > predicted)
      return llvm::formatv("{0} takes {1} registers, of which its schedule predicts {2}", kernel,
                           taken, predicted);
  }
  return "";
}
