//===- CodeInfo.h - What the time model knows of a kernel's code -*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_CODEINFO_H
#define POOLC_LIB_VIRTUALGPU_TIMING_CODEINFO_H

#include "OpCost.h"

#include "llvm/ADT/ArrayRef.h"

#include <vector>

namespace poolc::vgpu {

/// Per operation of a program, what it costs and which registers it reads and writes.
/// These are PTX's own: two values never share one, as they may in the register file.
/// Constants and special registers are left out.
struct CodeInfo {
  struct Entry {
    OpCost cost;
    /// In `registers`, those that are read first.
    uint32_t first = 0;
    uint16_t reads = 0, writes = 0;
  };
  struct Register {
    /// In registers of 32 bits; 0: a predicate.
    uint8_t size = 0;
    /// The last operation that may read it, in the order of the code.
    uint32_t lastUse = 0;
  };
  std::vector<Entry> entries;
  std::vector<uint32_t> registers;
  std::vector<Register> registerInfo;
  /// Registers of 32 bits that are needed in front of each operation.
  std::vector<uint32_t> liveBefore;
  /// The first operations of the basic blocks, ascending.
  std::vector<uint32_t> blockStarts;

  llvm::ArrayRef<uint32_t> reads(uint32_t op) const {
    return llvm::ArrayRef(registers).slice(entries[op].first, entries[op].reads);
  }
  llvm::ArrayRef<uint32_t> writes(uint32_t op) const {
    return llvm::ArrayRef(registers).slice(entries[op].first + entries[op].reads,
                                           entries[op].writes);
  }
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_CODEINFO_H
