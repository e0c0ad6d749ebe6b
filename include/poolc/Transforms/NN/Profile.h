//===- Profile.h - Profiles on nn ops ---------------------------*- C++ -*-===//
#ifndef POOLC_TRANSFORMS_NN_PROFILE_H
#define POOLC_TRANSFORMS_NN_PROFILE_H

#include "poolc/Profile/Profile.h"

#include "mlir/IR/BuiltinOps.h"

namespace poolc {

/// Records the metrics of each nn op's kernel as its nn.profile. An error on the
/// module if the profile is of none of them.
llvm::LogicalResult attachProfile(mlir::ModuleOp module, llvm::ArrayRef<KernelMetrics> profile);

/// The metrics that are recorded on the op, if any.
std::optional<KernelMetrics> getProfile(mlir::Operation *op);

} // namespace poolc

#endif // POOLC_TRANSFORMS_NN_PROFILE_H
