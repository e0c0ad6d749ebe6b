//===- PtxInstructions.cpp - Writes docs/reference/ptx-instructions.md ----===//

#include "poolc/VirtualGPU/VirtualGPU.h"

#include "llvm/Support/raw_ostream.h"

int main() {
  poolc::vgpu::printCoveredInstructions(llvm::outs());
  return 0;
}
