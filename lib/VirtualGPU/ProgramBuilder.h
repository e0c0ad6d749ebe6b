//===- ProgramBuilder.h - Registers and code being built --------*- C++ -*-===//
//
// Collects operations on virtual registers, then analyses the control flow and
// gives the registers their places in the register file.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_PROGRAMBUILDER_H
#define POOLC_LIB_VIRTUALGPU_PROGRAMBUILDER_H

#include "Program.h"

#include "llvm/ADT/ArrayRef.h"

#include <map>
#include <memory>
#include <optional>

namespace poolc::vgpu {

/// An operation and the registers in it that are read and written beside
/// those in its fields: in the operation's list.
struct DraftOp {
  Op op;
  /// Entries of the list, and how many of them (from the start) are written.
  llvm::SmallVector<uint32_t, 4> list;
  unsigned listDefs = 0;
  /// Of an indexed branch, the list holds operations instead of registers.
  bool listIsTargets = false;
  /// Nothing yet: the instruction that it belongs to is still being decoded.
  std::optional<OpCost> cost;
};

struct FlowGraph;
struct LiveInterval;

class ProgramBuilder {
public:
  ProgramBuilder() : program(std::make_unique<Program>()) {}

  /// A register of 1 (predicate), 16, 32 or 64 bits.
  uint32_t newRegister(unsigned bits);
  /// A register that always holds `value` in all lanes.
  uint32_t constant(uint64_t value, unsigned bits);
  uint32_t special(Special special, unsigned bits);
  /// The address of dynamic shared memory plus `offset`, known only at the end.
  uint32_t dynamicShared(uint64_t offset, unsigned bits);
  unsigned bitsOf(uint32_t reg) const { return registers[reg].bits; }

  std::vector<DraftOp> ops;
  std::unique_ptr<Program> program;
  uint64_t dynamicSharedAddress = 0;

  /// Analyses the control flow, places the registers; the builder is used up.
  std::unique_ptr<Program> finish();

private:
  struct Register {
    uint8_t bits;
    /// Holds one value from the start on: a constant, a special register.
    bool isFixed = false;
    uint32_t slot = none;
  };
  uint32_t newFixed(unsigned bits);

  /// Gives registers that are not needed at the same time the same place.
  void placeRegisters(const FlowGraph &graph);
  /// The most registers of 32 bits that are needed at the same time.
  uint32_t countLive(llvm::ArrayRef<LiveInterval> intervals);
  /// Notes what the time model wants to know of the code.
  void describeCode(const FlowGraph &graph);
  void fill(uint32_t reg, uint64_t value);

  std::vector<Register> registers;
  std::map<std::pair<uint64_t, unsigned>, uint32_t> constants;
  std::map<std::pair<uint64_t, unsigned>, uint32_t> dynamicShareds;
  std::map<std::pair<Special, unsigned>, uint32_t> specials;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_PROGRAMBUILDER_H
