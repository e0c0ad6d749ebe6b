//===- Sanitizer.h - What the virtual GPU can watch for ---------*- C++ -*-===//
//
// The four sanitizers, of which a launch takes any subset, and their reports.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_VIRTUALGPU_SANITIZER_H
#define POOLC_VIRTUALGPU_SANITIZER_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace poolc::vgpu {

enum class Sanitizer : uint8_t {
  memory, ///< accesses out of bounds or misaligned, writes to read-only memory
  init,   ///< reads of bytes that were never written
  race,   ///< accesses of one place by two threads which nothing orders
  sync,   ///< barriers and warp-wide instructions that not all threads reach
};

constexpr Sanitizer allSanitizers[] = {Sanitizer::memory, Sanitizer::init, Sanitizer::race,
                                       Sanitizer::sync};

llvm::StringRef toString(Sanitizer sanitizer);
std::optional<Sanitizer> parseSanitizer(llvm::StringRef name);

/// A set of sanitizers.
class Sanitizers {
public:
  static Sanitizers all() {
    Sanitizers set;
    for (Sanitizer sanitizer : allSanitizers)
      set.insert(sanitizer);
    return set;
  }
  void insert(Sanitizer sanitizer) { bits |= 1u << unsigned(sanitizer); }
  bool contains(Sanitizer sanitizer) const { return bits >> unsigned(sanitizer) & 1; }
  bool empty() const { return bits == 0; }

private:
  unsigned bits = 0;
};

/// One distinct fault: of one kind, at one instruction, in one allocation.
struct Report {
  /// None: the launch ended with a fault that no active sanitizer looks for.
  std::optional<Sanitizer> sanitizer;
  /// The line of the PTX, from 1.
  unsigned line = 0;
  /// "name.ptx:line: error: ..." about the first thread that ran into it, then
  /// notes of the same form, a line each.
  std::string text;
  /// How often threads ran into it.
  uint64_t count = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_VIRTUALGPU_SANITIZER_H
