//===- Program.h - A kernel decoded for execution ---------------*- C++ -*-===//
//
// What the decoder makes of a kernel and all functions that it calls: a flat
// list of operations on slots of a warp's register file, with names resolved,
// memory laid out and the control flow analysed.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_PROGRAM_H
#define POOLC_LIB_VIRTUALGPU_PROGRAM_H

#include "Syntax.h"
#include "Timing/CodeInfo.h"

#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <string>
#include <vector>

namespace poolc::vgpu {

struct Op;
struct Warp;

constexpr unsigned warpSize = 32;
constexpr uint32_t fullMask = ~uint32_t(0);
/// The first `count` lanes.
constexpr uint32_t lowLanes(unsigned count) {
  return count >= warpSize ? fullMask : (uint32_t(1) << count) - 1;
}
/// No register; no operation.
constexpr uint32_t none = ~uint32_t(0);

/// Executes one operation for the lanes of `mask`; the register file holds the
/// 32 lanes of a register side by side, predicates as one bit per lane.
using Handler = void (*)(Warp &warp, const Op &op, uint32_t mask);

/// Compares two registers: one bit per lane, of inactive lanes too.
using CompareFn = uint32_t (*)(const void *a, const void *b);

using Space = syntax::Space;

/// How the executor treats an operation.
enum class OpKind : uint8_t {
  compute,       ///< `handler`, which cannot fail
  memory,        ///< `handler`, which may fault
  branch,        ///< to `target`
  branchIndexed, ///< to lists[list + index], `count` targets; index in src[0]
  exit,
  barrier,     ///< bar.*: waits for threads of the block
  collective,  ///< *.sync: `handler` once all lanes of the mask in src[0] are there
  phaseWait,   ///< mbarrier.test_wait, try_wait: waits for the end of a phase, or gives up
  productWait, ///< wgmma.wait_group: `handler` once the whole warpgroup has issued the products
};

enum class BarrierMode : uint8_t { sync, arrive, redPopc, redAnd, redOr };

/// One instruction. Registers are byte offsets into the register file.
struct Op {
  Handler handler = nullptr;
  /// Of a collective: hands the lanes' values to the others, before `handler`.
  Handler publish = nullptr;
  CompareFn compare = nullptr;
  OpKind kind = OpKind::compute;
  Space space = Space::reg;
  bool guardNegated = false;
  /// Of a barrier: all threads of the warp must execute it together.
  bool aligned = false;
  /// Of a load or store: it is volatile, relaxed, ... and may so take place while
  /// others access the same.
  bool strong = false;
  /// Of a load: it goes to the L2 at once.
  bool aroundL1 = false;
  /// It is a fence, or (of a store or atomic operation) works as one before it.
  bool fences = false;
  /// Elements of a vector access; entries of `list`.
  uint8_t count = 1;
  /// Bytes of one element of an access.
  uint8_t bytes = 0;
  /// Of the instruction's variants, for its handler.
  uint8_t variant = 0, variant2 = 0;
  uint32_t guard = none;
  uint32_t dst = none;
  uint32_t dst2 = none;
  uint32_t src[4] = {none, none, none, none};
  /// Further registers: Program::lists[list ...].
  uint32_t list = 0;
  uint32_t target = none;
  /// The immediate post-dominator of a branch; none: the exit.
  uint32_t reconverge = none;
  /// Number of the memory instruction, for what is remembered per access site.
  uint32_t site = 0;
  /// Added to an address; other immediate.
  int64_t immediate = 0;
  /// Added to a second address.
  int64_t immediate2 = 0;
  uint32_t line = 0;
  uint32_t location = 0;
};

/// Registers that the hardware fills in.
enum class Special : uint8_t {
  tidX,
  tidY,
  tidZ,
  ntidX,
  ntidY,
  ntidZ,
  ctaidX,
  ctaidY,
  ctaidZ,
  nctaidX,
  nctaidY,
  nctaidZ,
  laneId,
  warpId,
  nWarpId,
  smId,
  nSmId,
  gridId,
  warpSize,
  laneMaskEq,
  laneMaskLe,
  laneMaskLt,
  laneMaskGe,
  laneMaskGt,
  dynamicSharedBytes,
  totalSharedBytes,
  aggregateSharedBytes,
  envReg,
  clock,
  clockHigh,
  clock64,
  globalTimer,
  globalTimerLow,
  globalTimerHigh,
};

struct SpecialUse {
  Special special;
  uint32_t slot;
  uint8_t bits;
};

struct SharedVariable {
  std::string name;
  uint64_t address;
  uint64_t bytes;
};

struct ParameterSlot {
  std::string name;
  uint32_t offset;
  uint32_t bytes;
};

struct Program {
  std::string kernel;
  /// The name in errors.
  std::string file;
  unsigned line = 0;
  std::vector<Op> ops;
  std::vector<uint32_t> lists;
  std::vector<syntax::SourceLocation> locations;
  std::vector<std::pair<unsigned, std::string>> sourceFiles;

  /// The register file of a warp at its start: poison and constants.
  std::vector<uint8_t> registerImage;
  std::vector<SpecialUse> specials;
  std::vector<ParameterSlot> parameters;
  uint32_t parameterBytes = 0;
  /// Static shared memory, in the shared window from `sharedBase` on; dynamic
  /// shared memory follows, so aligned.
  uint32_t sharedBytes = 0;
  std::vector<SharedVariable> sharedVariables;
  uint32_t dynamicSharedAlignment = 16;
  bool usesDynamicShared = false;
  /// Per thread.
  uint32_t localBytes = 0;
  /// Registers of 32 bits that a thread needs at the same time, predicates and
  /// constants aside: an estimate of what the assembler will use.
  uint32_t liveRegisters = 0;
  CodeInfo code;
  uint32_t numSites = 0;
  std::vector<uint64_t> requiredBlock, maximumBlock;
  /// Begins with `griddepcontrol.wait`.
  bool waitsForLaunchAhead = false;
};

/// Where a block's variables start in the shared window: as on the hardware,
/// the first KiB belongs to the system, so that a null pointer is caught.
constexpr uint32_t sharedBase = 1024;

/// Windows of the generic address space.
constexpr uint64_t sharedWindow = uint64_t(1) << 60;
constexpr uint64_t localWindow = uint64_t(2) << 60;
constexpr uint64_t parameterWindow = uint64_t(3) << 60;
constexpr uint64_t windowBytes = uint64_t(1) << 32;

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_PROGRAM_H
