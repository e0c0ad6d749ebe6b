//===- Sanitizer.h - Watching a block for faults ----------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_SANITIZER_H
#define POOLC_LIB_VIRTUALGPU_SANITIZER_H

#include "Reports.h"

namespace poolc::vgpu {

/// The observer that runs the sanitizers which `reports` is for.
std::unique_ptr<Observer> createSanitizer(Block &block, Reports &reports);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_SANITIZER_H
