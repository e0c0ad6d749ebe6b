//===- JSON.cpp - Reports for programs ------------------------------------===//

#include "poolc/Report/Report.h"

#include "llvm/ADT/SmallVectorExtras.h"

#include <cmath>

using namespace poolc;
using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

/// JSON has no infinity.
static Value number(double value) { return std::isfinite(value) ? Value(value) : Value(nullptr); }

static Value ratedToJSON(const RatedSchedule &rated) {
  return Object{{"schedule", rated.schedule.str()},
                {"seconds", number(rated.prediction.seconds)},
                {"limiter", toString(rated.prediction.limiter)}};
}

static Value stageToJSON(const StageResult &stage) {
  Array outcomes;
  for (const RuleOutcome &outcome : stage.outcomes)
    outcomes.push_back(
        Object{{"rule", outcome.rule}, {"changed", outcome.fired}, {"text", outcome.text}});
  return outcomes;
}

static Value bytesToJSON(double read, double written, double compulsory) {
  return Object{{"read", number(read)},
                {"written", number(written)},
                {"over_compulsory", number((read + written) / compulsory)}};
}

static Value predictionToJSON(const OpReport &report) {
  const Prediction &predicted = report.chosen.prediction;
  Object limits;
  for (const LimitTime &limit : predicted.limits)
    limits[toString(limit.limiter)] = number(limit.seconds);
  return Object{
      {"seconds", number(predicted.seconds)},
      {"over_floor", number(predicted.seconds / report.floor.seconds())},
      {"limiter", toString(predicted.limiter)},
      {"limits_seconds", std::move(limits)},
      {"waves", predicted.waves},
      {"registers_per_thread", report.chosen.cost.registersPerThread},
      {"shared_bytes_per_block", report.chosen.cost.sharedBytesPerBlock},
      {"bytes_in_flight_per_sm", number(predicted.bytesInFlightPerSM)},
      {"bytes_in_flight_needed", number(predicted.bytesInFlightNeeded)},
      {"sm_throughput_percent", number(predictedSMThroughput(predicted))},
      {"dram_throughput_percent", number(predictedDramThroughput(*report.gpu, report.chosen))},
      {"memory_stalls_percent", number(predictedStalls(predicted))}};
}

static Value occupancyToJSON(const OpReport &report) {
  const Occupancy &occupancy = report.chosen.prediction.occupancy;
  return Object{{"blocks_per_sm", occupancy.blocksPerSM},
                {"warps_per_sm", occupancy.warpsPerSM},
                {"fraction", occupancy.fraction},
                {"limit", toString(occupancy.limit)}};
}

static Value strings(llvm::ArrayRef<std::string> texts) {
  Array array;
  for (const std::string &text : texts)
    array.push_back(text);
  return array;
}

static Value rooflineToJSON(const OpReport &report) {
  double bytes = double(report.work.bytes());
  double writeShare = bytes > 0 ? double(report.work.writeBytes) / bytes : 0;
  return Object{{"operations", report.work.operations},
                {"operations_per_byte", number(report.work.operations / bytes)},
                {"ridge_operations_per_byte",
                 report.peakTFLOPs * 1e3 / reachableDramGBs(*report.gpu, writeShare)},
                {"peak_tflops", report.peakTFLOPs},
                {"reachable_dram_gbs", reachableDramGBs(*report.gpu, writeShare)},
                {"floor_seconds", report.floor.seconds()},
                {"memory_seconds", report.floor.memorySeconds},
                {"compute_seconds", report.floor.computeSeconds}};
}

static Value decisionToJSON(const OpReport &report) {
  Array rejected, impossible;
  for (const RatedSchedule &other : llvm::ArrayRef(report.decision.rated))
    if (&other != &report.decision.rated.front())
      rejected.push_back(ratedToJSON(other));
  for (const AlgorithmInfo &info : report.algorithms)
    if (!info.whyNot.empty())
      impossible.push_back(Object{{"algorithm", info.name}, {"reason", info.whyNot}});
  for (const auto &[algorithm, reason] : report.decision.refused)
    impossible.push_back(Object{{"algorithm", algorithm}, {"reason", reason}});
  Object decision{{"given", report.given.str()},
                  {"rejected", std::move(rejected)},
                  {"impossible", std::move(impossible)}};
  if (!report.decision.rated.empty())
    decision["fastest"] = ratedToJSON(report.decision.rated.front());
  if (report.chosen.schedule.products != Products::any)
    decision["products_seconds"] = Object{{"fma", number(report.fastestWith(Products::fma))},
                                          {"mma", number(report.fastestWith(Products::mma))}};
  return decision;
}

Value poolc::toJSON(const OpReport &report) {
  const KernelCost &cost = report.chosen.cost;
  double compulsory = double(report.work.bytes());
  std::array<int64_t, 3> grid = report.grid.grid();
  Object object{
      {"op", report.op},
      {"kernel", report.kernel},
      {"location", report.location},
      {"target", report.gpu->name},
      {"schedule", report.chosen.schedule.str()},
      {"grid", Array{grid[0], grid[1], grid[2]}},
      {"block", report.chosen.schedule.numWarps * report.gpu->warpSize},
      {"occupancy", occupancyToJSON(report)},
      {"predicted", predictionToJSON(report)},
      {"roofline", rooflineToJSON(report)},
      {"bytes", Object{{"compulsory", Object{{"read", report.work.readBytes},
                                             {"written", report.work.writeBytes}}},
                       {"dram", bytesToJSON(cost.dramReadBytes, cost.dramWriteBytes, compulsory)},
                       {"l2", bytesToJSON(cost.l2ReadBytes, cost.l2WriteBytes, compulsory)}}},
      {"decision", decisionToJSON(report)},
      {"stages", Object{{"grid", stageToJSON(report.gridStage)},
                        {"latency", stageToJSON(report.latencyStage)}}}};
  if (report.diagnosis)
    object["profile"] = Object{{"findings", strings(report.diagnosis->findings)},
                               {"missing", strings(report.diagnosis->missing)}};
  return object;
}
