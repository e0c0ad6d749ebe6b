//===- Conv1dOrders.cpp - Grid mappings of convolution --------------------===//

#include "Conv1dOrders.h"

#include "Rules.h"

#include "poolc/Schedule/Streaming.h"

#include "llvm/ADT/SmallVector.h"

using namespace poolc;

/// The plain one first: groups and batch are one dimension because there are
/// four axes. The others are for grids that exceed a limit.
static constexpr llvm::StringRef ordersByInputs[] = {"m.n.gb", "mn.g.b", "mn.gb",  "mng.b", "mnb.g",
                                                     "mngb",   "gb.m.n", "g.mn.b", "b.mn.g"};

/// The positions of a row first.
static constexpr llvm::StringRef orderByRows = "n.m.gb";

/// Whether memory serves y better where blocks that run together write parts of few rows: tiles
/// of all channels at a time keep as many rows of y open as there are channels. On an H200 up to
/// 12 % less time for stems (docs/decisions/grid-order.md). All tiles of channels read x anew, so
/// the L2 has to hold what they share.
static bool goesByRows(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule) {
  constexpr double shareOfL2 = 0.25;
  double sharedBytes =
      double(problem.inPerGroup) * double(problem.window.size) * double(sizeInBytes(problem.type));
  return problem.outPerGroup > schedule.blockM && sharedBytes <= shareOfL2 * double(gpu.l2Bytes) &&
         storesStream(problem, gpu);
}

bool poolc::chooseConv1dOrder(const Conv1dProblem &problem, const GPU &gpu, Schedule &schedule) {
  llvm::SmallVector<llvm::StringRef> orders;
  if (goesByRows(problem, gpu, schedule))
    orders.push_back(orderByRows);
  orders.append(std::begin(ordersByInputs), std::end(ordersByInputs));
  return chooseOrder(problem, orders, gpu, schedule);
}
