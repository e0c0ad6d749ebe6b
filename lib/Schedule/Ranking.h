//===- Ranking.h - Which of several schedules is the best -------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_RANKING_H
#define POOLC_LIB_SCHEDULE_RANKING_H

#include "poolc/Schedule/ScheduleSpace.h"

#include <vector>

namespace poolc {

/// Sorts the fastest first; but of those that are as good as the fastest, the one
/// that came first in the list comes first, or the first that clearly saves accesses or launches,
/// or the tile for which tensor cores take least, or the fastest that loads little of short windows
/// again, or what spares shared memory or copies.
/// `others`, which a unit of lesser peak computes, come first only where one is clearly faster.
void rank(std::vector<RatedSchedule> &rated, std::vector<RatedSchedule> others = {});

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_RANKING_H
