//===- Schedule.cpp - Any text as a schedule ------------------------------===//

#include "poolc/Schedule/Grid.h"

#include <cstdlib>

using namespace poolc;

/// A schedule that verifies must have a grid; one that is decided must verify.
template <typename Problem> static void decideAndVerify(const Problem &problem, const Schedule &s) {
  const GPU &gpu = defaultGPU();
  llvm::Expected<Schedule> decided = decideSchedule(problem, gpu, s);
  if (!decided) {
    llvm::consumeError(decided.takeError());
    return;
  }
  llvm::cantFail(verifySchedule(problem, gpu, *decided));
  if (!fitsLaunch(llvm::cantFail(makeTileGrid(problem, *decided)), gpu))
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::Expected<Schedule> schedule =
      Schedule::parse(llvm::StringRef(reinterpret_cast<const char *>(data), size));
  if (!schedule) {
    llvm::consumeError(schedule.takeError());
    return 0;
  }
  if (llvm::cantFail(Schedule::parse(schedule->str())) != *schedule)
    std::abort();

  AvgPool2dProblem pool;
  pool.planes = 100000;
  pool.axis[0].size = pool.axis[1].size = 3000;
  decideAndVerify(pool, *schedule);
  Conv1dProblem conv;
  conv.groups = 70000;
  conv.outPerGroup = 3;
  conv.window.size = 500;
  decideAndVerify(conv, *schedule);
  return 0;
}
