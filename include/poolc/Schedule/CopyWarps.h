//===- CopyWarps.h - Warps that only copy -----------------------*- C++ -*-===//
#ifndef POOLC_SCHEDULE_COPYWARPS_H
#define POOLC_SCHEDULE_COPYWARPS_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// Shared memory through which a block stores its results while copies for its next tile arrive in
/// the rest.
inline constexpr int64_t bytesOfStoresBesideCopies = 20 * 1024;

/// The same where other warps store: all results of a tile of 256 x 128 in 16 bits, whose rows are
/// apart so that no two are in the same banks.
inline constexpr int64_t bytesOfStoresByWarps = 68 * 1024;

/// Rows of the boxes of results that the copy engine stores at once, of a tile of `rows`, a
/// multiple of eight: at most 8 KiB of the `bytes` that a group of four warps has of each row, as
/// many as divide them.
int64_t rowsOfBoxStore(int64_t rows, int64_t bytes);

/// Registers of each thread of a block with warps for copies, alone on its SM: as the kernel is
/// compiled, and after warps have taken their roles, to multiply or not. Multiples of 8, as
/// setmaxnreg wants them.
struct RoleRegisters {
  int64_t compiled = 0, ofOthers = 0, ofProducts = 0;
};

RoleRegisters divideRegisters(const GPU &gpu, const Schedule &schedule);

} // namespace poolc

#endif // POOLC_SCHEDULE_COPYWARPS_H
