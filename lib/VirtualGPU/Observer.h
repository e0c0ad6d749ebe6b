//===- Observer.h - Watching a block run ------------------------*- C++ -*-===//
//
// What sanitizers and metrics see of the execution. Without an observer the
// executor runs a loop that has no call in it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_OBSERVER_H
#define POOLC_LIB_VIRTUALGPU_OBSERVER_H

#include "poolc/VirtualGPU/Sanitizer.h"

#include "Program.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <optional>

namespace poolc::vgpu {

struct BulkStore;
struct Phase;

/// What an instruction does to memory; `copy` is the write of a cp.async, which
/// takes place at some time before it has been waited for.
enum class AccessKind : uint8_t { load, store, atomic, copy };

inline bool isWriting(AccessKind kind) { return kind != AccessKind::load; }

/// One memory instruction of a warp, bounds and alignment already checked.
struct MemoryAccess {
  const Op &op;
  uint32_t mask;
  Space space;
  AccessKind kind;
  /// Bytes per lane.
  unsigned bytes;
  /// Per lane: the device address, or the offset in the shared window or in the
  /// thread's local memory. Only those of the lanes in `mask` mean something.
  const uint64_t *addresses;
  /// Per lane, where they differ: how many of the bytes are accessed.
  const uint8_t *laneBytes = nullptr;
  /// Of a plain store, the size of the registers that hold its elements; else 0.
  unsigned registerBytes = 0;
  /// Of a copy that no thread makes, the lane that asked for it: the others stand for its pieces.
  std::optional<unsigned> issuer = std::nullopt;

  unsigned issuerOf(unsigned lane) const { return issuer.value_or(lane); }
  unsigned bytesOf(unsigned lane) const { return laneBytes ? laneBytes[lane] : bytes; }
};

/// A fault of a thread at an instruction.
struct Finding {
  Sanitizer sanitizer;
  const Op &op;
  /// What tells it from others of the sanitizer at the instruction: a kind, and
  /// the address of the allocation.
  unsigned kind = 0;
  uint64_t subject = 0;
  /// Another instruction that has to do with it, and what to say about it.
  uint32_t other = none;
  llvm::StringRef otherText = {};
};

/// Kinds of findings about synchronisation.
enum class SyncFault : uint8_t {
  shuffle,
  members,
  divergent,
  exited,
  inFlight,
  fence,
  twice,
  unread
};

using Describe = llvm::function_ref<std::string()>;

/// Belongs to one block; all calls come from the thread that runs it.
class Observer {
public:
  virtual ~Observer() = default;
  virtual void blockStarted() = 0;
  /// All threads have exited, without a fault.
  virtual void blockFinished() {}
  /// Before the instruction is executed; `active` are the lanes of the path,
  /// `mask` those whose guard holds.
  virtual void instruction(const Warp &warp, const Op &op, uint32_t active, uint32_t mask) = 0;
  virtual void access(const Warp &warp, const MemoryAccess &access) = 0;
  /// All threads that `barrier` waited for are there.
  virtual void barrierCompleted(unsigned barrier) = 0;
  /// The lanes have met at a warp-wide instruction, by a mask of `members`.
  virtual void met(const Warp &warp, const Op &op, uint32_t members, uint32_t lanes) = 0;
  /// The copy of one lane to shared memory has been waited for; or it has been made because the
  /// mbarrier object at `object` tracks it: then those know of it who wait for the object's phase.
  virtual void copyLanded(const Warp &warp, const Op &op, unsigned lane, const uint8_t *to,
                          unsigned bytes, std::optional<uint32_t> object) = 0;
  /// A copy from shared memory has been made, and waited for.
  virtual void storeMade(const Warp &, const BulkStore &) {}
  /// The lane has waited for copies, those among them that mbarrier objects track: bits by
  /// agentOf().
  virtual void trackedCopiesWaitedFor(const Warp &, unsigned /*lane*/, uint32_t /*agents*/) {}
  /// A lane arrives at an mbarrier object, in the phase that is not complete yet.
  virtual void arrived(const Warp &, const Op &, unsigned /*lane*/, const Phase &) {}
  virtual void phaseCompleted(const Phase &) {}
  /// The lane's wait is over; the phase is complete, or nothing: it was in vain.
  virtual void waited(const Warp &, const Op &, unsigned /*lane*/, const Phase *) {}
  /// What the warp knows is known to those of its warpgroup that wait for that group of products
  /// (wgmma); the warp has waited for it.
  virtual void shareProducts(const Warp &, uint64_t /*group*/) {}
  virtual void learnOfProducts(const Warp &, uint64_t /*group*/) {}
  /// Takes a fault that execution can go on after; false: it does not.
  virtual bool take(const Warp &warp, unsigned lane, const Finding &finding, Describe text) = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_OBSERVER_H
