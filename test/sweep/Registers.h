//===- Registers.h - What schedules say of registers ------------*- C++ -*-===//
#ifndef POOLC_TEST_SWEEP_REGISTERS_H
#define POOLC_TEST_SWEEP_REGISTERS_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace poolc::sweep {

/// Which kernel of a pooling takes more registers, by what ptxas -v says, than its schedule
/// predicts in poolc's report (JSON); empty if none does.
std::string findExcessOfRegisters(llvm::StringRef report, llvm::StringRef messages);

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_REGISTERS_H
