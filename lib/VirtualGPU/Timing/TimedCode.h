//===- TimedCode.h - A kernel's code as the assembler orders it -*- C++ -*-===//
//
// The assembler reorders the instructions of a basic block so that loads begin long
// before their results are needed. Warps issue in the order that results from that,
// not in PTX's.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_TIMEDCODE_H
#define POOLC_LIB_VIRTUALGPU_TIMING_TIMEDCODE_H

#include "CodeInfo.h"
#include "Machine.h"

namespace poolc::vgpu {

struct Program;

struct TimedOp {
  Pipe pipe = Pipe::alu;
  uint8_t issues = 1, special = 0;
  MemoryRole role = MemoryRole::none;
  bool isTraced = false;
  /// Of shared memory, as far as the instruction says.
  bool isShared = false;
  /// Of a wait for copies: the groups that may stay in flight.
  uint8_t pending = 0;
  /// It is also for those that are in no group yet.
  bool isForAll = false;
  float hold = 1;
  /// Clocks of the data path of shared memory that tensor cores take.
  float sharedClocks = 0;
  /// Clocks of the tensor pipe that the profiler counts.
  float tensorActivity = 0;
  uint16_t latency = 0;
  uint32_t firstRegister = 0;
  uint16_t reads = 0, writes = 0;
  /// Operations before it in the program that are traced.
  uint32_t tracedBefore = 0;
  /// Its region: operations that are executed together and may change places.
  uint32_t regionStart = 0, regionEnd = 0;
};

class TimedCode {
public:
  /// `registerBudget`: registers per thread beyond which no load is moved forward.
  TimedCode(const Program &program, const Machine &machine, unsigned registerBudget);

  std::vector<TimedOp> ops;
  /// Registers of the operations: read, then written.
  llvm::ArrayRef<uint32_t> registers;
  size_t numRegisters;
  /// The operations in the order of issue: within a region, those of that region.
  std::vector<uint32_t> order;

private:
  void describe(const Program &program, const Machine &machine);
  void fuse(const Program &program);
  void findRegions(const Program &program);
};

/// Orders the operations [begin, end) as a list scheduler does that looks for the
/// longest way to the end, and writes them to `order`.
void orderRegion(const Program &program, const TimedCode &code, uint32_t begin, uint32_t end,
                 unsigned registerBudget, llvm::MutableArrayRef<uint32_t> order);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_TIMEDCODE_H
