//===- SourceFunction.cpp - The function that a plan came from ------------===//

#include "SourceFunction.h"

#include "nn/NN.h"
#include "poolc/Pipeline/Parse.h"

#include "mlir/IR/TypeUtilities.h"

using namespace poolc;

SourceFunction::SourceFunction() : context(mlir::MLIRContext::Threading::DISABLED) {
  context.loadDialect<mlir::func::FuncDialect, nn::NNDialect>();
  context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
    if (firstDiagnostic.empty() && diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
      firstDiagnostic = diagnostic.str();
    return mlir::success();
  });
}

llvm::Error SourceFunction::takeError(llvm::StringRef otherwise) {
  std::string message = std::exchange(firstDiagnostic, "");
  return llvm::createStringError("the plan's source: " + (message.empty() ? otherwise : message));
}

llvm::Error SourceFunction::parse(llvm::StringRef text, llvm::StringRef entry) {
  auto source = std::make_shared<llvm::SourceMgr>();
  source->AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, "source"), llvm::SMLoc());
  module = parseModule(source, &context);
  if (!module)
    return takeError("expected a module");
  auto functions = llvm::to_vector(module->getOps<mlir::func::FuncOp>());
  for (mlir::func::FuncOp candidate : functions)
    if (candidate.getName() == entry || (entry.empty() && functions.size() == 1))
      function = candidate;
  if (!function)
    return takeError(("expected a function '" + entry + "', found none").str());
  if (!llvm::hasSingleElement(function.getBody()))
    return takeError(("expected '" + function.getName() + "' to have one block").str());
  return llvm::Error::success();
}

llvm::Error
SourceFunction::refineShapes(llvm::ArrayRef<llvm::SmallVector<int64_t>> argumentShapes) {
  for (auto [argument, shape] : llvm::zip_equal(function.getArguments(), argumentShapes)) {
    auto type = mlir::cast<mlir::RankedTensorType>(argument.getType());
    // That others do not fit is the error of the op that reads them.
    if (mlir::succeeded(mlir::verifyCompatibleShape(type.getShape(), shape)))
      argument.setType(type.clone(shape));
  }
  for (mlir::Operation &op : function.getBody().front().without_terminator()) {
    auto interface = mlir::dyn_cast<mlir::InferTypeOpInterface>(op);
    llvm::SmallVector<mlir::Type> types;
    if (!interface)
      continue;
    if (mlir::failed(interface.inferReturnTypes(&context, op.getLoc(), op.getOperands(),
                                                op.getDiscardableAttrDictionary(),
                                                op.getPropertiesStorage(), op.getRegions(), types)))
      return takeError("expected legal shapes");
    for (auto [result, type] : llvm::zip_equal(op.getResults(), types))
      result.setType(type);
  }
  return llvm::Error::success();
}

mlir::Value SourceFunction::result(int64_t op, int64_t result) {
  for (mlir::Operation &candidate : function.getBody().front()) {
    if (!mlir::isa<nn::ReferenceOpInterface>(candidate) || op-- != 0)
      continue;
    return result < candidate.getNumResults() ? mlir::Value(candidate.getResult(result)) : nullptr;
  }
  return nullptr;
}

llvm::Expected<std::shared_ptr<ReferenceOp>>
SourceFunction::makeReference(mlir::Operation *op,
                              llvm::ArrayRef<llvm::SmallVector<int64_t>> operandShapes) {
  auto interface = mlir::dyn_cast<nn::ReferenceOpInterface>(op);
  if (!interface)
    return takeError(
        ("expected ops of the nn dialect, got '" + op->getName().getStringRef() + "'").str());
  auto reference = interface.makeReference(operandShapes);
  if (mlir::failed(reference))
    return takeError("expected legal shapes");
  return std::shared_ptr<ReferenceOp>(std::move(*reference));
}

bool SourceFunction::isTensorOf(mlir::Value value, DataType type, size_t rank) {
  auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(value.getType());
  return tensor && nn::isSupportedTensor(tensor) && nn::getElementDataType(tensor) == type &&
         static_cast<size_t>(tensor.getRank()) == rank;
}
