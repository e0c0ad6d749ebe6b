//===- Passes.h - From one level to the next --------------------*- C++ -*-===//
#ifndef POOLC_CONVERSION_PASSES_H
#define POOLC_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

#include <memory>

namespace poolc {

#define GEN_PASS_DECL
#include "poolc/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "poolc/Conversion/Passes.h.inc"

} // namespace poolc

#endif // POOLC_CONVERSION_PASSES_H
