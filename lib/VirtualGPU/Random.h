//===- Random.h - Small reproducible random numbers -------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_RANDOM_H
#define POOLC_LIB_VIRTUALGPU_RANDOM_H

#include <cstdint>

namespace poolc::vgpu {

/// The splitmix64 finaliser: neighbouring inputs give unrelated outputs.
inline uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

inline uint64_t nextRandom(uint64_t &state) {
  state += 0x9E3779B97F4A7C15;
  return mix(state);
}

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_RANDOM_H
