//===- RegisterPasses.cpp - The passes that the tools can run -------------===//

#include "poolc/Pipeline/Registration.h"

#include "poolc/Conversion/Passes.h"
#include "poolc/Pipeline/Pipelines.h"
#include "poolc/Transforms/NN/Passes.h"
#include "poolc/Transforms/Tile/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void poolc::registerAllPasses() {
  // The project's.
  registerPoolcNNPasses();
  registerPoolcTilePasses();
  registerPoolcConversionPasses();
  registerPipelines();

  // Upstream, on any level.
  registerTransformsPasses();

  // Upstream, from the gpu level to llvm.
  memref::registerExpandStridedMetadataPass();
  memref::registerFoldMemRefAliasOpsPass();
  registerConvertGpuOpsToNVVMOpsPass();
  registerConvertNVGPUToNVVMPass();
  registerConvertNVVMToLLVMPass();
  registerConvertVectorToSCF();
  registerLowerAffinePass();
  registerReconcileUnrealizedCastsPass();
  registerSCFToControlFlowPass();
}
