//===- Words.h - The words of a schedule, by name ---------------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_WORDS_H
#define POOLC_LIB_SCHEDULE_WORDS_H

#include "poolc/Schedule/Schedule.h"

namespace poolc {

/// A word of a schedule that takes a number.
struct NumberWord {
  llvm::StringLiteral name;
  int64_t Schedule::*member;
};

/// In the order in which they are printed, between `algorithm` and `order`.
inline constexpr NumberWord numberWords[] = {
    {"block_p", &Schedule::blockP},     {"block_h", &Schedule::blockH},
    {"block_w", &Schedule::blockW},     {"block_m", &Schedule::blockM},
    {"block_n", &Schedule::blockN},     {"block_k", &Schedule::blockK},
    {"num_warps", &Schedule::numWarps}, {"num_stages", &Schedule::numStages},
    {"vector", &Schedule::vector},
};

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_WORDS_H
