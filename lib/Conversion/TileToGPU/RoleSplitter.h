//===- RoleSplitter.h - A kernel whose warps have roles ---------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_ROLESPLITTER_H
#define POOLC_LIB_CONVERSION_TILETOGPU_ROLESPLITTER_H

#include "CopyWarps.h"
#include "StagedStore.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

/// Rewrites one kernel, as CopyWarps.cpp says.
class RoleSplitter {
public:
  RoleSplitter(mlir::gpu::GPUFuncOp func, const CopyWarps &warps)
      : func(func), warps(warps), b(func.getLoc(), func.getContext()),
        threads(func.getKnownBlockSize()->front() - warps.count() * warpSize) {}

  mlir::LogicalResult run();

private:
  using Value = mlir::Value;
  using IRMapping = mlir::IRMapping;
  using State = mlir::SmallVector<Value>;

  bool findLoop();
  bool canCopyAlone();
  bool splitOthers();
  void makeObjects();
  /// Bytes that a step's bulk copies have, 0 if threads copy; of all, or of those for all tiles.
  int64_t countBulkBytes(bool ofAllTiles = false);
  /// Those of the operations that use them in one role, if there are any.
  bool acquireMaps(mlir::function_ref<bool(mlir::Operation *)> isUser);
  Value i32(int64_t value) { return mlir::arith::ConstantIntOp::create(b, value, 32); }
  /// Of the objects from `first` on, that of a stage.
  Value objectOf(int64_t first, Value stage);
  /// (stage + distance) % numStages for distance <= numStages.
  Value after(Value stage, int64_t distance);
  /// From a stage and the parity of its phase to the next ones.
  void advance(Value &stage, Value &parity);
  /// Of what results go through, whether it is full or, if not, empty.
  Value objectOfStaging(bool isFull) { return objectOf(2 * numStages, i32(isFull ? 0 : 1)); }
  /// Whether all that the operation uses is in `mapping`, inside it or an argument of the kernel.
  bool isKnown(mlir::Operation &op, const IRMapping &mapping);
  void limitRegisters(int64_t count, mlir::NVVM::SetMaxRegisterAction action);
  /// Calls `body` for the tiles of the block, with where the kernel's values of threads and blocks
  /// are found. What `state` holds goes from tile to tile.
  void forEachTile(State &state, mlir::function_ref<void(IRMapping &, State &)> body);

  // Warps that copy.
  void copy();
  void copyTile(IRMapping &mapping, State &state);
  void copyAdded(IRMapping &mapping, State &state);
  void copyStep(IRMapping &mapping, Value step, Value stage, Value areFilled);
  void cloneCopy(mlir::Operation &op, IRMapping &mapping, Value object);
  bool keepsCopies();
  bool isOfNoStage(mlir::Operation *copy);
  bool hasOwnMemory();
  bool keepsOwnMemory();
  bool dependsOn(mlir::Operation *op, mlir::function_ref<bool(Value)> isSuch);
  bool dependsOnTile(Value value);
  bool isOfAllTiles(mlir::Operation &op);
  void publish(Value stage, Value condition);

  // Warps that multiply.
  void multiply();
  void multiplyTile(IRMapping &mapping, State &state);
  void finishTile(IRMapping &mapping, State &state);
  void cloneAll(mlir::Operation &op, IRMapping &mapping);

  // Warps that store.
  bool store();
  bool storeTile(IRMapping &mapping, State &state);

  static constexpr int64_t warpSize = 32;

  mlir::gpu::GPUFuncOp func;
  CopyWarps warps;
  mlir::ImplicitLocOpBuilder b;
  /// Those that multiply.
  int64_t threads;
  /// What the kernel did, taken out of it.
  mlir::Block old;
  mlir::scf::ForOp loop;
  int64_t numStages = 0;
  Value thread, objects;
};

/// Whether the operation writes to shared memory and does not meet at a barrier afterwards. What
/// does, inside or, where every block clears, further on, clears what has been copied.
bool copiesToShared(mlir::Operation &op);

/// The loop over steps begins with a wait for copies.
bool isLoopOfSteps(mlir::Operation &op);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_ROLESPLITTER_H
