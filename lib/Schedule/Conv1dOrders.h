//===- Conv1dOrders.h - Grid mappings of convolution ------------*- C++ -*-===//
#ifndef POOLC_LIB_SCHEDULE_CONV1DORDERS_H
#define POOLC_LIB_SCHEDULE_CONV1DORDERS_H

#include "llvm/ADT/StringRef.h"

namespace poolc {

/// Grid mappings, the plain one first: blocks that read the same inputs run
/// next to each other, groups and batch are one dimension because there are
/// four axes. The others are for grids that exceed a limit.
inline constexpr llvm::StringRef conv1dOrders[] = {"m.n.gb", "mn.g.b", "mn.gb",  "mng.b", "mnb.g",
                                                   "mngb",   "gb.m.n", "g.mn.b", "b.mn.g"};

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_CONV1DORDERS_H
