//===- poolc-floors.cpp - The least times of workloads on a GPU -----------===//
//
// For ./dev bench: reads a JSON array of {"op", "dtype", "precision",
// "read_bytes", "write_bytes", "operations"} from standard input and writes,
// as JSON, what the GPU table says about each on a target, and the figures of
// the target that the bounds of the benchmark depend on.
//
//===----------------------------------------------------------------------===//

#include "poolc/Support/ToolSupport.h"
#include "poolc/Target/Native.h"
#include "poolc/Target/Roofline.h"

#include "llvm/Support/JSON.h"

using namespace poolc;
namespace cl = llvm::cl;

static cl::OptionCategory category("Floors");
static cl::opt<std::string> target("target",
                                   cl::desc("GPU of the table (default: rtx4090), or native"),
                                   cl::init("rtx4090"), cl::cat(category));

static Conv1dProblem convOf(const llvm::json::Object &workload) {
  Conv1dProblem problem;
  problem.type = parseDataType(workload.getString("dtype").value_or("")).value_or(DataType::f32);
  problem.precision =
      parsePrecision(workload.getString("precision").value_or("ieee")).value_or(Precision::ieee);
  return problem;
}

static llvm::json::Object floorOf(const GPU &gpu, const llvm::json::Object &workload) {
  Work work;
  work.readBytes = workload.getInteger("read_bytes").value_or(0);
  work.writeBytes = workload.getInteger("write_bytes").value_or(0);
  work.operations = workload.getNumber("operations").value_or(0);
  bool isPool = workload.getString("op") == "avg_pool2d";
  Conv1dProblem conv = convOf(workload);
  double peak = isPool ? peakTFLOPs(gpu, AvgPool2dProblem()) : peakTFLOPs(gpu, conv);
  Floor floor = computeFloor(gpu, work, peak);
  return llvm::json::Object{{"memory_us", floor.memorySeconds * 1e6},
                            {"compute_us", floor.computeSeconds * 1e6},
                            {"floor_us", floor.seconds() * 1e6},
                            {"peak_tflops", peak},
                            {"peak_of_fma", isPool || isPeakOfFMA(gpu, conv)}};
}

static llvm::Error run() {
  const GPU *gpu = lookupGPU(target);
  if (!gpu && target == "native")
    if (llvm::Error error = detectNativeGPU().moveInto(gpu))
      return error;
  if (!gpu)
    return usageError("--target: expected the name of a GPU, got '" + target + "'");
  auto input = readInput("-");
  if (!input)
    return input.takeError();
  llvm::Expected<llvm::json::Value> value = llvm::json::parse((*input)->getBuffer());
  if (!value)
    return value.takeError();
  const llvm::json::Array *workloads = value->getAsArray();
  if (!workloads)
    return llvm::createStringError("expected an array of workloads");
  llvm::json::Array floors;
  for (const llvm::json::Value &workload : *workloads) {
    if (!workload.getAsObject())
      return llvm::createStringError("expected a workload as an object");
    floors.push_back(floorOf(*gpu, *workload.getAsObject()));
  }
  llvm::json::Object result{{"target", gpu->name},
                            {"chip", gpu->chip},
                            {"l2_bytes", gpu->l2Bytes},
                            {"floors", std::move(floors)}};
  llvm::outs() << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(result)));
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  llvm::Error error = parseCommandLine(
      argc, argv, "The least times of workloads on a GPU, for ./dev bench.", {&category});
  if (!error)
    error = run();
  if (error)
    return reportError("poolc-floors", std::move(error));
  return exitSuccess;
}
