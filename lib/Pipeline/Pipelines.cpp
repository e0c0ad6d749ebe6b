//===- Pipelines.cpp - The passes that lead from level to level -----------===//

#include "poolc/Pipeline/Pipelines.h"

#include "poolc/Conversion/Passes.h"
#include "poolc/Transforms/NN/Passes.h"
#include "poolc/Transforms/Tile/Passes.h"
#include "tile/Tile.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/NVGPUToNVVM/NVGPUToNVVM.h"
#include "mlir/Conversion/NVVMToLLVM/NVVMToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using poolc::Level;

/// One function in canonical form, for a named target, its operations numbered.
static void buildToNN(OpPassManager &passes, const poolc::PipelineOptions &options) {
  // Nothing is simplified before the operations have their numbers, and the
  // source that results are held against is what was written.
  passes.addPass(createInlinerPass(/*opPipelines=*/{}, [](OpPassManager &) {}));
  passes.addPass(poolc::createNNCheckFunction());
  passes.addPass(poolc::createNNSetTarget({options.target}));
  passes.addNestedPass<func::FuncOp>(poolc::createNNNumberOps());
  passes.addPass(poolc::createNNRecordSource());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addNestedPass<func::FuncOp>(poolc::createNNFuse());
}

static void buildToSchedule(OpPassManager &passes, const poolc::PipelineOptions &options) {
  passes.addPass(poolc::createNNSelectSchedule({options.schedule}));
  passes.addPass(poolc::createNNArrangeGrid());
  passes.addPass(poolc::createNNHideLatency());
  passes.addPass(poolc::createNNVerifySchedule());
}

/// Tiles of the right layout, without needless guards.
static void buildToTile(OpPassManager &passes, const poolc::PipelineOptions &options) {
  passes.addPass(poolc::createNNToTile());
  OpPassManager &kernels = passes.nest<poolc::tile::FuncOp>();
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(poolc::createTileInferGuards());
  kernels.addPass(poolc::createTilePipeline());
  kernels.addPass(poolc::createTileAssignLayouts({options.dealCopies}));
}

static void buildToGPU(OpPassManager &passes, const poolc::PipelineOptions &options) {
  passes.addPass(poolc::createTileToGPU());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  OpPassManager &kernels = passes.nest<gpu::GPUModuleOp>().nest<gpu::GPUFuncOp>();
  kernels.addPass(poolc::createGPUComputeInParts());
  kernels.addPass(poolc::createGPULoadAhead());
  kernels.addPass(createCanonicalizerPass());
  if (options.splitBarriers)
    kernels.addPass(poolc::createGPUSplitBarriers());
  kernels.addPass(poolc::createGPUCopyWarps());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(poolc::createGPURecompute());
  passes.addPass(poolc::createGPUOverlapLaunches());
}

/// Kernels become functions of the LLVM and NVVM dialects that take bare
/// pointers. Host code stays as it is.
static void buildToNVVM(OpPassManager &passes) {
  OpPassManager &kernels = passes.nest<gpu::GPUModuleOp>();
  kernels.addPass(poolc::createCheckGPUKernels());
  kernels.addPass(poolc::createGPUSelectInstructions());
  kernels.addPass(createConvertNVGPUToNVVMPass());
  // Before there are blocks: this pass would compare and merge those that are alike.
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  ConvertGpuOpsToNVVMOpsOptions options;
  options.useBarePtrCallConv = true;
  // With 32 bits, offsets into tensors of 2^32 elements would wrap silently.
  options.indexBitwidth = 64;
  kernels.addPass(createConvertGpuOpsToNVVMOps(options));
  kernels.addPass(createReconcileUnrealizedCastsPass());
  // Memrefs have become structures that are taken apart again at once.
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
}

/// NVVM operations without an intrinsic become inline PTX, known faults of the
/// conversions are repaired, and nothing is left that cannot be translated.
static void buildToLLVM(OpPassManager &passes) {
  OpPassManager &kernels = passes.nest<gpu::GPUModuleOp>();
  kernels.addPass(createConvertNVVMToLLVMPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(poolc::createInlineDeviceLibrary());
  kernels.addPass(poolc::createExternalizeDynamicShared());
  kernels.addPass(poolc::createLLVMSplitExpected());
  kernels.addPass(poolc::createCheckLLVMKernels());
}

void poolc::buildPipelineTo(Level level, OpPassManager &passes, const PipelineOptions &options) {
  switch (level) {
  case Level::nn:
    return buildToNN(passes, options);
  case Level::schedule:
    return buildToSchedule(passes, options);
  case Level::tile:
    return buildToTile(passes, options);
  case Level::gpu:
    return buildToGPU(passes, options);
  case Level::nvvm:
    return buildToNVVM(passes);
  case Level::llvm:
    return buildToLLVM(passes);
  default:
    return;
  }
}

void poolc::registerPipelines() {
  for (Level level : moduleLevels()) {
    std::string name = "poolc-to-" + toString(level).str();
    std::string summary = "Lower from the level before to " + toString(level).str();
    PassPipelineRegistration<>(name, summary,
                               [level](OpPassManager &passes) { buildPipelineTo(level, passes); });
  }
}
