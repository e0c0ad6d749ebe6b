//===- Words.h - The words of a schedule, by name ---------------*- C++ -*-===//
#ifndef POOLC_SCHEDULE_WORDS_H
#define POOLC_SCHEDULE_WORDS_H

#include "poolc/Schedule/Schedule.h"

#include "llvm/ADT/STLExtras.h"

namespace poolc {

/// A word of a schedule that takes a number.
struct NumberWord {
  llvm::StringLiteral name;
  int64_t Schedule::*member;
};

/// In the order in which they are printed, between `products` and `order`.
inline constexpr NumberWord numberWords[] = {
    {"block_p", &Schedule::blockP},         {"block_h", &Schedule::blockH},
    {"block_w", &Schedule::blockW},         {"block_g", &Schedule::blockG},
    {"block_m", &Schedule::blockM},         {"block_n", &Schedule::blockN},
    {"block_k", &Schedule::blockK},         {"block_t", &Schedule::blockT},
    {"overlap_n", &Schedule::overlapN},     {"join_n", &Schedule::joinN},
    {"tiles_m", &Schedule::tilesM},         {"split_k", &Schedule::splitK},
    {"num_warps", &Schedule::numWarps},     {"copy_warps", &Schedule::copyWarps},
    {"store_warps", &Schedule::storeWarps}, {"boxes", &Schedule::boxes},
    {"box_stores", &Schedule::boxStores},   {"round_w", &Schedule::roundW},
    {"num_stages", &Schedule::numStages},   {"vector", &Schedule::vector},
};

/// The member of the word of that name, which must exist.
inline int64_t Schedule::*wordMember(llvm::StringRef name) {
  return llvm::find_if(numberWords, [&](const NumberWord &word) { return word.name == name; })
      ->member;
}

} // namespace poolc

#endif // POOLC_SCHEDULE_WORDS_H
