//===- Registration.h - What the tools can parse and run --------*- C++ -*-===//
//
// The dialects and passes of all levels, registered in one place for every tool.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PIPELINE_REGISTRATION_H
#define POOLC_PIPELINE_REGISTRATION_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace poolc {

/// The project's dialects, the upstream ones that the pipeline goes through, and
/// the interfaces that its conversions ask them for.
void registerAllDialects(mlir::DialectRegistry &registry);

/// The project's passes and the upstream ones that the pipeline uses, under
/// their names in pass pipelines. Safe to call again.
void registerAllPasses();

} // namespace poolc

#endif // POOLC_PIPELINE_REGISTRATION_H
