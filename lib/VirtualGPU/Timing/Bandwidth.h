//===- Bandwidth.h - An SM's part of a shared resource ----------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_BANDWIDTH_H
#define POOLC_LIB_VIRTUALGPU_TIMING_BANDWIDTH_H

#include <algorithm>
#include <cmath>

namespace poolc::vgpu {

/// Bytes that all SMs share: in the long run an SM gets its part of them; what it did
/// not use for a while it may catch up on, as the others then did, at up to the rate of
/// its own path. All SMs begin at the same time, so there is nothing to catch up on then.
class Bandwidth {
public:
  /// Rates in bytes per clock; `depth` in bytes: the most that can be caught up on.
  Bandwidth(double share, double path, double depth) : share(share), path(path), depth(depth) {}

  /// Takes `bytes` at the time `now`; returns when they are through.
  double serve(double now, double bytes) {
    finish = std::max(finish, now - depth / share) + bytes / share;
    pathFinish = std::max(pathFinish, now) + bytes / path;
    remember(now, bytes);
    return std::max({now, finish, pathFinish});
  }
  /// When all that was asked for will be through.
  double busyUntil() const { return std::max(finish, pathFinish); }

  void setShare(double now, double newShare) {
    finish = now + (finish - now) * share / newShare;
    share = newShare;
  }
  double shareRate() const { return share; }

  /// How much of the share was used of late, 0 to 1.
  double load(double now) const {
    return std::min(1.0, recent * std::exp((lastUse - now) / memory) / (share * memory));
  }

private:
  /// Clocks that `load` looks back.
  static constexpr double memory = 10000;

  void remember(double now, double bytes) {
    if (now > lastUse) {
      recent *= std::exp((lastUse - now) / memory);
      lastUse = now;
    }
    recent += bytes;
  }

  double share, path, depth;
  double finish = 0, pathFinish = 0;
  double recent = 0, lastUse = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_BANDWIDTH_H
