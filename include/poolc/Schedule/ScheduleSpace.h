//===- ScheduleSpace.h - All schedules of one op ----------------*- C++ -*-===//
//
// What an op's algorithms tell, without the op's type: for passes and reports
// that treat every op alike.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_SCHEDULESPACE_H
#define POOLC_SCHEDULE_SCHEDULESPACE_H

#include "poolc/Schedule/Algorithm.h"
#include "poolc/Schedule/Grid.h"
#include "poolc/Target/Roofline.h"

#include <memory>
#include <vector>

namespace poolc {

/// An algorithm as a problem sees it, with one way to form products where those are open.
struct AlgorithmInfo {
  llvm::StringRef name;
  Products products = Products::any;
  llvm::StringRef summary;
  /// Why it does not apply; empty where it does.
  std::string whyNot;
  /// Set where it applies.
  AlgorithmRules rules;

  /// Whether it is that of the schedule, which may leave out how products are formed.
  bool isOf(const Schedule &schedule) const {
    return name == schedule.algorithm &&
           (schedule.products == Products::any || schedule.products == products);
  }
};

/// A legal schedule that was compared, and what was predicted of it.
struct RatedSchedule {
  Schedule schedule;
  KernelCost cost;
  Prediction prediction;
};

/// What was decided, and among what.
struct Decision {
  /// Legal candidates, the fastest first: the decided one is the first.
  std::vector<RatedSchedule> rated;
  /// Algorithms without a legal candidate, by name, and why.
  std::vector<std::pair<std::string, std::string>> refused;

  const Schedule &schedule() const { return rated.front().schedule; }
};

/// The schedules of one problem on one GPU. Holds a copy of the problem.
class ScheduleSpace {
public:
  virtual ~ScheduleSpace() = default;

  const GPU &getGPU() const { return gpu; }

  virtual std::vector<AlgorithmInfo> algorithms() const = 0;

  /// Compares the candidates of all algorithms that apply and have the words of
  /// `wanted`. Errors say what is wrong with those, or why nothing fits.
  virtual llvm::Expected<Decision> decide(const Schedule &wanted = {}) const = 0;

  /// Whether the schedule is complete and legal.
  virtual llvm::Error verify(const Schedule &schedule) const = 0;

  /// The cost of a legal schedule and what it predicts.
  virtual RatedSchedule rate(const Schedule &schedule) const = 0;

  virtual llvm::Expected<TileGrid> grid(const Schedule &schedule) const = 0;

  /// What every kernel must move and compute. Takes time proportional to the
  /// longest axis.
  virtual Work work() const = 0;

  /// Peak of the unit that does the arithmetic, in TFLOP/s.
  virtual double peakTFLOPs() const = 0;

protected:
  explicit ScheduleSpace(const GPU &gpu) : gpu(gpu) {}

  const GPU &gpu;
};

std::unique_ptr<ScheduleSpace> makeScheduleSpace(const AddProblem &problem, const GPU &gpu);
std::unique_ptr<ScheduleSpace> makeScheduleSpace(const AvgPool2dProblem &problem, const GPU &gpu);
std::unique_ptr<ScheduleSpace> makeScheduleSpace(const Conv1dProblem &problem, const GPU &gpu);

} // namespace poolc

#endif // POOLC_SCHEDULE_SCHEDULESPACE_H
