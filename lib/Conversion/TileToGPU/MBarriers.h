//===- MBarriers.h - Objects that warps arrive at and wait for --*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_MBARRIERS_H
#define POOLC_LIB_CONVERSION_TILETOGPU_MBARRIERS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

inline constexpr int64_t mbarrierBytes = 8;

/// Static shared memory of `func` for `count` objects: the address of the first, an i64.
mlir::Value addMBarriers(mlir::ImplicitLocOpBuilder &b, mlir::gpu::GPUFuncOp func, int64_t count);

/// The object at that address.
mlir::Value mbarrierAt(mlir::ImplicitLocOpBuilder &b, mlir::Value address);

/// One thread of the warp arrives for all of it, where `condition` holds (null: always), as one
/// instruction: a branch would part the warp.
void emitArrival(mlir::ImplicitLocOpBuilder &b, mlir::Value object, mlir::Value condition = {});

/// The calling thread arrives, and the phase ends when bulk copies have brought so many bytes too.
void emitExpectation(mlir::ImplicitLocOpBuilder &b, mlir::Value object, mlir::Value bytes);

/// Waits for the end of the phase of that parity. Where the GPU can, warps sleep meanwhile
/// (`canSleep`: sm_90).
void emitPhaseWait(mlir::ImplicitLocOpBuilder &b, mlir::Value object, mlir::Value parity,
                   bool canSleep);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_MBARRIERS_H
