//===- Decoder.h - From a kernel's syntax to its program --------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_DECODER_H
#define POOLC_LIB_VIRTUALGPU_DECODER_H

#include "Program.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace poolc::vgpu {

/// Device addresses of a module's .global and .const variables, by name.
using ModuleAddresses = llvm::StringMap<uint64_t>;

/// Decodes a kernel (.entry) and all that it calls. Errors name the line, the
/// instruction and the kernel.
llvm::Expected<std::unique_ptr<Program>> decodeKernel(const syntax::Module &module,
                                                      const syntax::Function &kernel,
                                                      const ModuleAddresses &addresses);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_DECODER_H
