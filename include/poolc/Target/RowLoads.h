//===- RowLoads.h - Loads ahead of products of rows -------------*- C++ -*-===//
#ifndef POOLC_TARGET_ROWLOADS_H
#define POOLC_TARGET_ROWLOADS_H

#include <algorithm>
#include <cstdint>

namespace poolc {

/// Loads of 16 bytes that a thread has under way in a product of rows of global memory
/// (tile.dot_rows), beside so many sums in 128 registers; `isSplit`: of operands in two parts.
inline int64_t countLoadsAhead(int64_t sums, bool isSplit) {
  // As tried with ptxas 13.0, which spills with more of both.
  constexpr int64_t registersForBoth = 72, registersOfLoad = 4, registersOfRests = 16;
  int64_t left = registersForBoth - sums - (isSplit ? registersOfRests : 0);
  return std::clamp<int64_t>(left / registersOfLoad, 2, 4);
}

} // namespace poolc

#endif // POOLC_TARGET_ROWLOADS_H
