//===- OpCost.h - What machine code an instruction becomes ------*- C++ -*-===//
//
// PTX is not machine code: some of its instructions become none, others dozens.
// The counts are approximations, from what the assembler made of each instruction
// by itself for sm_89.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_OPCOST_H
#define POOLC_LIB_VIRTUALGPU_TIMING_OPCOST_H

#include <cstdint>

namespace poolc::vgpu {

struct Opcode;

/// The units that execute instructions. `control` is branches and waits.
enum class Pipe : uint8_t { alu, fma, multiply, half, fp64, special, memory, tensor, control };
constexpr unsigned numPipes = unsigned(Pipe::control) + 1;

/// What an instruction has to do with memory and with other warps.
enum class MemoryRole : uint8_t {
  none,
  load,
  /// Of what nobody writes: no store can be in its way.
  constantLoad,
  store,
  atomic,
  asyncCopy,
  asyncCommit,
  asyncWait,
  /// Of products: their issue, the end of a group, and the wait for groups.
  product,
  productCommit,
  productWait,
  barrier,
  fence,
  /// Of mbarrier objects: an arrival, one that copies make once they are there, and the wait
  /// for the end of a phase.
  arrive,
  asyncArrive,
  phaseWait,
  /// A copy that no warp makes: to shared memory, with the arrival of what it copies; from there;
  /// the end of a group of those, and the wait until groups are over, or only have been read.
  bulkLoad,
  bulkStore,
  bulkCommit,
  bulkWait,
  bulkReadWait,
};

inline bool isOfPhase(MemoryRole role) {
  return role == MemoryRole::arrive || role == MemoryRole::asyncArrive ||
         role == MemoryRole::phaseWait || role == MemoryRole::bulkLoad;
}

/// Whether it arrives at an mbarrier object later than it is issued.
inline bool arrivesLater(MemoryRole role) {
  return role == MemoryRole::asyncArrive || role == MemoryRole::bulkLoad;
}

/// Pairs of instructions that become one: an addition takes up the addition, shift or
/// product in front of it, a logical operation another one.
enum class Fusion : uint8_t { none, add, addLong, shift, multiply, wideMultiply, logic };

enum class TensorKind : uint8_t { none, halfWithFloatSums, halfWithHalfSums, tf32 };

struct OpCost {
  Pipe pipe = Pipe::alu;
  /// Machine instructions; those of them that the special function unit executes
  /// while `pipe` executes the others.
  uint8_t issues = 1, special = 0;
  MemoryRole role = MemoryRole::none;
  Fusion fusion = Fusion::none;
  TensorKind tensor = TensorKind::none;
  /// Products of one instruction of the tensor cores, and what of shared memory it reads
  /// itself, by the share of one warp.
  uint32_t multiplyAdds = 0, sharedBytes = 0;
};

OpCost costOf(const Opcode &opcode);

/// Whether there is something to remember of each time that it is executed.
inline bool isTraced(const OpCost &cost) {
  return cost.role != MemoryRole::none && cost.role != MemoryRole::asyncCommit &&
         cost.role != MemoryRole::asyncWait && cost.role != MemoryRole::fence &&
         cost.role != MemoryRole::product && cost.role != MemoryRole::productCommit &&
         cost.role != MemoryRole::productWait && cost.role != MemoryRole::bulkCommit &&
         cost.role != MemoryRole::bulkWait && cost.role != MemoryRole::bulkReadWait;
}

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_OPCOST_H
