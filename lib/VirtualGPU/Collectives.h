//===- Collectives.h - Handlers of warp-wide instructions -------*- C++ -*-===//
//
// Each instruction has two halves: all lanes publish their values in
// Warp::exchange, then all lanes read what they need. So lanes may take part
// from different places of the program.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_COLLECTIVES_H
#define POOLC_LIB_VIRTUALGPU_COLLECTIVES_H

#include "Program.h"

namespace poolc::vgpu {

enum class Shuffle : uint8_t { up, down, butterfly, index };
enum class Vote : uint8_t { all, any, uniform, ballot };
enum class Redux : uint8_t { add, min, max, minSigned, maxSigned, andBits, orBits, xorBits };

struct Collective {
  Handler publish = nullptr;
  Handler finish = nullptr;
};

/// src[1]: value, src[2]: lane operand, src[3]: clamp and segments; dst2: whether
/// the lane got a value from within its segment.
Collective findShuffle(Shuffle mode);
/// src[1]: predicate, negated with variant2.
Collective findVote(Vote vote);
/// src[1]: value of 32 or 64 bits; dst2 of `all`: whether all are equal.
Collective findMatch(bool all, unsigned bits);
Collective findRedux(Redux op);
/// dst: the lane that was elected, dst2: whether it is this one.
Collective findElect();
/// bar.warp.sync.
Collective findWarpBarrier();

/// activemask, of the path that executes it.
void readActiveMask(Warp &warp, const Op &op, uint32_t mask);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_COLLECTIVES_H
