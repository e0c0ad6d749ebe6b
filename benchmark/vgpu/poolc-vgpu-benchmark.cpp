//===- poolc-vgpu-benchmark.cpp - How fast the virtual GPU is -------------===//
//
// Compiles kernels and runs them on the virtual GPU, on one and two threads of
// the host. Reported per second of real time: thread-instructions and, of
// convolutions, arithmetic operations; and per second of processor time, which
// says the same on a busy machine. Then each sanitizer, as a multiple of the
// processor time without.
//
//===----------------------------------------------------------------------===//

#include "CountingDevice.h"

#include "poolc/Pipeline/Compile.h"
#include "poolc/Runtime/Execution.h"

#include "llvm/Support/raw_ostream.h"

#include <benchmark/benchmark.h>

#include <ctime>

using namespace poolc;
using poolc::benchmark::CountingDevice;

namespace {

struct Workload {
  const char *name;
  const char *source;
  const char *schedule;
  /// Arithmetic operations of one run; 0: not counted.
  double operations;
};

/// A kernel with its buffers, ready to run.
struct Kernel {
  Kernel(const Workload &workload, unsigned threads, vgpu::Sanitizers sanitizers = {});

  CountingDevice device;
  std::unique_ptr<Device::Program> program;
  Plan plan;
  PlanSizes sizes;
  std::vector<Input> inputs;
  std::optional<Execution> execution;
};

} // namespace

static constexpr Workload workloads[] = {
    // Windows side by side, as in examples/avg_pool2d_large.mlir.
    {"avg_pool2d_11x11", R"mlir(
func.func @main(%x: tensor<4x16x512x512xf32>) -> tensor<4x16x46x46xf32> {
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 11, 11>}>
     : (tensor<4x16x512x512xf32>) -> tensor<4x16x46x46xf32>
  return %y : tensor<4x16x46x46xf32>
})mlir",
     "", 0},
    {"avg_pool2d_3x3", R"mlir(
func.func @main(%x: tensor<4x16x224x224xf32>) -> tensor<4x16x112x112xf32> {
  %y = "nn.avg_pool2d"(%x) <{kernel_size = array<i64: 3, 3>, stride = array<i64: 2, 2>,
                             padding = array<i64: 1, 1, 1, 1>}>
     : (tensor<4x16x224x224xf32>) -> tensor<4x16x112x112xf32>
  return %y : tensor<4x16x112x112xf32>
})mlir",
     "", 0},
    {"conv1d_f16", R"mlir(
func.func @main(%x: tensor<4x64x1026xf16>, %w: tensor<128x64x3xf16>) -> tensor<4x128x1024xf16> {
  %y = "nn.conv1d"(%x, %w) : (tensor<4x64x1026xf16>, tensor<128x64x3xf16>) -> tensor<4x128x1024xf16>
  return %y : tensor<4x128x1024xf16>
})mlir",
     "algorithm=gemm_slab", 2.0 * 4 * 128 * 1024 * 64 * 3},
    {"conv1d_tf32", R"mlir(
func.func @main(%x: tensor<4x64x1026xf32>, %w: tensor<128x64x3xf32>) -> tensor<4x128x1024xf32> {
  %y = "nn.conv1d"(%x, %w) <{precision = #nn.precision<tf32>}>
     : (tensor<4x64x1026xf32>, tensor<128x64x3xf32>) -> tensor<4x128x1024xf32>
  return %y : tensor<4x128x1024xf32>
})mlir",
     "algorithm=gemm_slab", 2.0 * 4 * 128 * 1024 * 64 * 3},
};

Kernel::Kernel(const Workload &workload, unsigned threads, vgpu::Sanitizers sanitizers)
    : device(threads, sanitizers) {
  llvm::ExitOnError check((std::string(workload.name) + ": ").c_str());
  CompileOptions options;
  options.schedule = workload.schedule;
  llvm::FailureOr<std::string> ptx =
      compile(llvm::MemoryBufferRef(workload.source, workload.name), options, llvm::errs());
  if (failed(ptx))
    std::exit(1);
  plan = *check(Plan::fromPTX(*ptx));
  inputs.resize(inputIndices(plan).size());
  sizes = check(computeSizes(plan, std::vector<std::optional<Shape>>(inputs.size()), {}));
  program = check(device.load(*ptx, workload.name));
  execution.emplace(check(Execution::prepare(device, *program, plan, sizes, inputs, {})));
  // Decodes the kernel and fills the inputs.
  check(execution->run());
}

/// Seconds of processor time of all threads.
static double processorSeconds() { return double(std::clock()) / CLOCKS_PER_SEC; }

/// Runs the kernel as long as the benchmark asks for; returns the seconds of
/// processor time that it took.
static double runAll(::benchmark::State &state, Kernel &kernel) {
  double start = processorSeconds();
  for (auto _ : state)
    if (llvm::Error error = kernel.execution->run()) {
      state.SkipWithError(llvm::toString(std::move(error)).c_str());
      break;
    }
  return processorSeconds() - start;
}

static void measureSpeed(::benchmark::State &state, const Workload &workload, unsigned threads) {
  Kernel kernel(workload, threads);
  kernel.device.counts = {};
  double busy = runAll(state, kernel);
  using ::benchmark::Counter;
  auto report = [&](const char *what, double count) {
    state.counters[std::string(what) + "/s"] = Counter(count, Counter::kIsRate);
    state.counters[std::string(what) + "/cpu_s"] = count / busy;
  };
  report("thread_instructions", double(kernel.device.counts.threadInstructions));
  if (workload.operations)
    report("FLOP", workload.operations * double(state.iterations()));
}

static void measureCost(::benchmark::State &state, const Workload &workload,
                        vgpu::Sanitizers sanitizers) {
  constexpr unsigned plainRuns = 5;
  Kernel plain(workload, 1);
  double start = processorSeconds();
  for (unsigned i = 0; i < plainRuns; ++i)
    llvm::cantFail(plain.execution->run());
  double plainBusy = (processorSeconds() - start) / plainRuns;

  Kernel kernel(workload, 1, sanitizers);
  double busy = runAll(state, kernel) / double(state.iterations());
  state.counters["cost"] = busy / plainBusy;
}

template <typename F> static void add(const std::string &name, F run) {
  ::benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(::benchmark::kMillisecond);
}

int main(int argc, char **argv) {
  using ::benchmark::State;
  for (const Workload &workload : workloads)
    for (unsigned threads : {1u, 2u})
      add(std::string(workload.name) + "/threads:" + std::to_string(threads),
          [&workload, threads](State &state) { measureSpeed(state, workload, threads); });
  for (const Workload &workload : workloads) {
    std::string name = std::string(workload.name) + "/sanitize:";
    auto addCost = [&](llvm::StringRef which, vgpu::Sanitizers sanitizers) {
      add(name + which.str(),
          [&workload, sanitizers](State &state) { measureCost(state, workload, sanitizers); });
    };
    for (vgpu::Sanitizer sanitizer : vgpu::allSanitizers) {
      vgpu::Sanitizers one;
      one.insert(sanitizer);
      addCost(toString(sanitizer), one);
    }
    addCost("all", vgpu::Sanitizers::all());
  }
  ::benchmark::Initialize(&argc, argv);
  if (::benchmark::ReportUnrecognizedArguments(argc, argv))
    return 2;
  ::benchmark::RunSpecifiedBenchmarks();
  return 0;
}
