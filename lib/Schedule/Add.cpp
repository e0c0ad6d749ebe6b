//===- Add.cpp - Schedules of elementwise sums ----------------------------===//
//
// `elementwise`: a block adds block_n neighbouring elements of the tensors,
// taken as flat, `vector` of them with each access.
//
//===----------------------------------------------------------------------===//

#include "Algorithms.h"
#include "Decide.h"

#include "poolc/Target/Roofline.h"

#include <algorithm>

using namespace poolc;

using AddAlgorithm = Algorithm<AddProblem>;

static constexpr int64_t maxElementsPerThread = 32;
static constexpr llvm::StringRef orders[] = {"n"};

/// Elements of the widest aligned access that divides the tensors.
static int64_t widestVector(const AddProblem &problem) {
  int64_t whole = problem.alignment / sizeInBytes(problem.type);
  int64_t factor = problem.elementFactor();
  return factor == 0 ? whole : std::min(whole, factor & -factor);
}

static AlgorithmRules rules(const AddProblem &problem, const GPU &gpu) {
  AlgorithmRules rules{"elementwise", {}, maxElementsPerThread, {"block_n"}};
  rules.words = {{"block_n", maxTileElements(rules, gpu, maxWarpsPerBlock(gpu))},
                 {"num_warps", maxWarpsPerBlock(gpu)},
                 {"num_stages", 1},
                 {"vector", widestVector(problem)}};
  return rules;
}

/// A few accesses of each operand per thread: more in flight with fewer blocks.
static llvm::SmallVector<Schedule> candidates(const AddProblem &problem, const GPU &gpu,
                                              const Schedule &wanted) {
  llvm::SmallVector<Schedule> result;
  for (int64_t accesses : {2, 4, 1}) {
    Schedule usual;
    usual.vector = widestVector(problem);
    usual.numWarps = 4;
    usual.numStages = 1;
    Schedule candidate = wanted.completedBy(usual);
    if (!wanted.blockN)
      candidate.blockN = std::min(candidate.numWarps * gpu.warpSize * candidate.vector * accesses,
                                  maxTileElements(rules(problem, gpu), gpu, candidate.numWarps));
    chooseOrder(problem, orders, gpu, candidate);
    result.push_back(std::move(candidate));
  }
  return result;
}

static llvm::Error check(const AddProblem &, const GPU &, const Schedule &schedule) {
  if (schedule.blockN % schedule.vector == 0)
    return llvm::Error::success();
  return llvm::createStringError(
      "expected block_n to be at least vector=" + llvm::Twine(schedule.vector) + ", got " +
      llvm::Twine(schedule.blockN));
}

static KernelCost cost(const AddProblem &problem, const GPU &gpu, const Schedule &schedule) {
  Work work = computeWork(problem);
  KernelCost cost;
  cost.blocks = llvm::divideCeilSigned(problem.elements, schedule.blockN);
  cost.warpsPerBlock = schedule.numWarps;
  double perThread =
      std::max<double>(1, double(schedule.blockN) / (schedule.numWarps * gpu.warpSize));
  double accesses = schedule.numWarps * std::max(1.0, perThread / schedule.vector);
  cost.registersPerThread = 16 + int64_t(3 * perThread);
  cost.dramReadBytes = cost.l2ReadBytes = work.readBytes;
  cost.dramWriteBytes = cost.l2WriteBytes = work.writeBytes;
  cost.fma = schedule.numWarps * perThread;
  cost.memory = 3 * accesses;
  cost.special = problem.type == DataType::f32 ? 0 : 3 * cost.fma;
  cost.alu = schedule.numWarps * 12 + accesses * 3;
  cost.instructions = cost.fma + cost.memory + cost.special + cost.alu;
  double bytes = double(schedule.blockN) * sizeInBytes(problem.type);
  cost.wavefronts = 3 * bytes / 128;
  cost.bytesInFlight = 2 * bytes;
  return cost;
}

const AddAlgorithm poolc::addElementwise = {
    .name = "elementwise",
    .summary = "neighbouring elements of the flat tensors, read once",
    .applies = nullptr,
    .rules = rules,
    .candidates = candidates,
    .check = check,
    .cost = cost,
    .leastAlignment = 1};

template <> llvm::ArrayRef<const AddAlgorithm *> poolc::allAlgorithms<AddProblem>() {
  static constexpr const AddAlgorithm *list[] = {&addElementwise};
  return list;
}

llvm::SmallVector<llvm::StringRef> poolc::algorithmsFor(const AddProblem &problem, const GPU &gpu) {
  return applicableNames(problem, gpu);
}

llvm::Expected<Schedule> poolc::decideSchedule(const AddProblem &problem, const GPU &gpu,
                                               const Schedule &wanted) {
  return decideBest(problem, gpu, wanted);
}

llvm::Error poolc::verifySchedule(const AddProblem &problem, const GPU &gpu,
                                  const Schedule &schedule) {
  return verify(problem, gpu, schedule);
}

std::unique_ptr<ScheduleSpace> poolc::makeScheduleSpace(const AddProblem &problem, const GPU &gpu) {
  return std::make_unique<ProblemSpace<AddProblem>>(problem, gpu);
}
