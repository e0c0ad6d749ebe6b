//===- Random.h - Random numbers that are the same everywhere ---*- C++ -*-===//
#ifndef POOLC_TEST_SWEEP_RANDOM_H
#define POOLC_TEST_SWEEP_RANDOM_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <random>

namespace poolc::sweep {

/// Draws from a seeded generator. Unlike the standard distributions, the same
/// seed gives the same draws with every library.
class Random {
public:
  explicit Random(uint64_t seed) : engine(seed) {}

  /// A whole number from `low` to `high`, both included.
  int64_t draw(int64_t low, int64_t high) {
    return low + int64_t(engine() % (uint64_t(high - low) + 1));
  }

  /// True in `percent` of 100 cases.
  bool chance(int64_t percent) { return draw(0, 99) < percent; }

  template <typename T> const T &pick(llvm::ArrayRef<T> choices) {
    return choices[draw(0, int64_t(choices.size()) - 1)];
  }

  uint64_t bits() { return engine(); }

private:
  std::mt19937_64 engine;
};

} // namespace poolc::sweep

#endif // POOLC_TEST_SWEEP_RANDOM_H
