//===- Passes.h - Passes on the nn level ------------------------*- C++ -*-===//
#ifndef POOLC_TRANSFORMS_NN_PASSES_H
#define POOLC_TRANSFORMS_NN_PASSES_H

#include "mlir/Pass/Pass.h"

#include <memory>

namespace poolc {

#define GEN_PASS_DECL
#include "poolc/Transforms/NN/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "poolc/Transforms/NN/Passes.h.inc"

} // namespace poolc

#endif // POOLC_TRANSFORMS_NN_PASSES_H
