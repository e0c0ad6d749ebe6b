//===- ScheduleOverrides.h - Words given for schedules ----------*- C++ -*-===//
#ifndef POOLC_TRANSFORMS_NN_SCHEDULEOVERRIDES_H
#define POOLC_TRANSFORMS_NN_SCHEDULEOVERRIDES_H

#include "poolc/Schedule/Schedule.h"

#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace poolc {

/// Words of a schedule for one op or for all.
struct ScheduleOverride {
  /// nn.index of the op; absent: every op.
  std::optional<int64_t> index;
  Schedule words;
};

/// Parses what `--schedule` takes: words, or `2:` and words for the op with that
/// index, several separated by semicolons. Errors name the part that is wrong.
llvm::Expected<llvm::SmallVector<ScheduleOverride>> parseScheduleOverrides(llvm::StringRef text);

/// The words for the op with that index (absent: an op without one). Those
/// for one op win over those for all, later ones over earlier ones.
Schedule combineOverrides(llvm::ArrayRef<ScheduleOverride> overrides, std::optional<int64_t> index);

} // namespace poolc

#endif // POOLC_TRANSFORMS_NN_SCHEDULEOVERRIDES_H
