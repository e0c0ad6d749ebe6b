//===- poolc-run.cpp - Runs kernels as their plan says --------------------===//
//
// Takes MLIR, which it compiles, or PTX with a launch plan; runs it on a CUDA
// GPU or on the virtual one; writes, summarises and checks the results.
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "Devices.h"
#include "Kernel.h"
#include "Results.h"
#include "poolc/CodeGen/Cubin.h"
#include "poolc/Runtime/Execution.h"
#include "poolc/Support/ToolSupport.h"
#include "poolc/Target/Native.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Program.h"

using namespace poolc;
using namespace poolc::run;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral toolName = "poolc-run";

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static cl::OptionCategory runCategory("Running");
static cl::OptionCategory dataCategory("Data");
static cl::OptionCategory compileCategory("Compiling MLIR input");

static cl::opt<std::string> inputPath(cl::Positional, cl::desc("<input.mlir | kernel.ptx>"),
                                      cl::cat(runCategory));
static cl::opt<std::string>
    deviceText("device", cl::init("auto"), cl::value_desc("device"), cl::cat(runCategory),
               cl::desc("auto (default: the first CUDA GPU, else virtual), cuda[:number] or "
                        "virtual[:target]"));
static cl::opt<std::string> planPath("plan", cl::value_desc("file"), cl::cat(runCategory),
                                     cl::desc("How to launch PTX that carries no launch plan"));
static cl::opt<std::string>
    metricsPath("metrics", cl::ValueOptional, cl::value_desc("file"), cl::cat(runCategory),
                cl::desc("Print or write what the launches do on the virtual GPU, as JSON under "
                         "the names of Nsight Compute"));
static cl::opt<std::string>
    sampleText("sample", cl::value_desc("blocks"), cl::cat(runCategory),
               cl::desc("Run about that many blocks of each launch on the virtual GPU, in three "
                        "runs spread over the grid; metrics are scaled to the whole, --check is "
                        "of what those blocks wrote"));
static cl::opt<std::string>
    hotText("hot", cl::ValueOptional, cl::value_desc("lines"), cl::cat(runCategory),
            cl::desc("Print the lines of the PTX at which warps spend most of the modelled time "
                     "on the virtual GPU (default: 12)"));
static cl::opt<std::string>
    clockText("clock", cl::value_desc("boost|base"), cl::init("boost"), cl::cat(runCategory),
              cl::desc("Clock that the virtual GPU's times are modelled at (default: boost); "
                       "profilers lock GPUs to base"));
static cl::opt<std::string>
    sanitizeText("sanitize", cl::value_desc("memory,init,race,sync"), cl::cat(runCategory),
                 cl::desc("Look for stray accesses, reads of what was never written, races and "
                          "divergent barriers, or some of them, on the virtual GPU; exit 1 if "
                          "there are any"));
static cl::opt<std::string>
    seedText("seed", cl::value_desc("number"), cl::cat(runCategory),
             cl::desc("Order of warps and blocks on the virtual GPU (default: 0)"));
static cl::opt<std::string>
    limitText("instruction-limit", cl::value_desc("number"), cl::cat(runCategory),
              cl::desc("Stop a block of the virtual GPU after so many warp instructions "
                       "(default: 2^32)"));
static cl::list<std::string>
    inputTexts("input", cl::value_desc("spec"), cl::cat(dataCategory),
               cl::desc("Contents of the next input: file.npy, or [shape:]generator[:seed] with "
                        "random (default), normal, integers, edges, ones, zeros or range; "
                        "repeat in the order of the arguments"));
static cl::list<std::string>
    dimTexts("dim", cl::value_desc("name=size"), cl::cat(dataCategory),
             cl::desc("Size of a dynamic dimension for generated inputs; repeat"));
static cl::list<std::string>
    outputTexts("output", cl::value_desc("[type:]file.npy"), cl::cat(dataCategory),
                cl::desc("Write the next result, converted if a type is given; a result "
                         "without one is summarised; repeat in the order of the results"));
static cl::opt<bool> check("check", cl::cat(dataCategory),
                           cl::desc("Compare with the reference; exit 1 if an element fails"));
static cl::opt<bool> bench("bench", cl::cat(runCategory),
                           cl::desc("Time the launches, from a cold L2 cache on, until the "
                                    "median is certain; on the virtual GPU, model their time"));
static cl::opt<std::string> targetName("target", cl::value_desc("gpu"), cl::cat(compileCategory),
                                       cl::desc("GPU to compile for, native for the one in this "
                                                "machine (default: the virtual device's "
                                                "target, else the module's)"));
static cl::opt<std::string>
    schedule("schedule", cl::value_desc("words"), cl::cat(compileCategory),
             cl::desc("Words of the schedule, e.g. num_warps=4; the rest is decided"));

namespace {
struct Request {
  DeviceChoice device;
  KernelRequest kernel;
  std::vector<InputSpec> inputs;
  std::vector<OutputSpec> outputs;
  Dims dims;
  ExecutionOptions execution;
  /// Lines to print; 0: none.
  uint64_t hotLines = 0;
};
} // namespace

static llvm::Expected<Request> readOptions() {
  if (inputPath.empty())
    return usageError("expected an input file, or - for standard input");
  Request request;
  if (llvm::Error error = parseDevice(deviceText).moveInto(request.device))
    return error;
  request.kernel.inputPath = inputPath;
  request.kernel.planPath = planPath;
  request.kernel.fallbackTarget = request.device.target;
  request.kernel.schedule = schedule;
  if (llvm::Error error = parseInputs(inputTexts).moveInto(request.inputs))
    return error;
  if (llvm::Error error = parseOutputs(outputTexts).moveInto(request.outputs))
    return error;
  if (llvm::Error error = parseDims(dimTexts).moveInto(request.dims))
    return error;
  if (llvm::Error error = parseNumber("--seed", seedText).moveInto(request.execution.seed))
    return error;
  if (llvm::Error error = parseNumber("--instruction-limit", limitText)
                              .moveInto(request.execution.instructionLimit))
    return error;
  request.execution.metrics = metricsPath.getNumOccurrences() > 0;
  if (hotText.getNumOccurrences() > 0) {
    request.execution.metrics = true;
    request.hotLines = 12;
    if (!hotText.empty())
      if (llvm::Error error = parseNumber("--hot", hotText).moveInto(request.hotLines))
        return error;
  }
  if (clockText != "boost" && clockText != "base")
    return usageError("expected --clock to be boost or base, got '" + clockText + "'");
  request.execution.atBaseClock = clockText == "base";
  if (llvm::Error error =
          parseNumber("--sample", sampleText).moveInto(request.execution.sampleBlocks))
    return error;
  if (sampleText.getNumOccurrences() > 0 && request.execution.sampleBlocks == 0)
    return usageError("expected --sample to be at least one block, got '" + sampleText + "'");
  if (request.execution.sampleBlocks > 0 && !request.outputs.empty())
    return usageError("--output writes whole results, of which --sample leaves parts out");
  for (auto [flag, isGiven] : {std::pair("--metrics", metricsPath.getNumOccurrences() > 0),
                               std::pair("--hot", request.hotLines > 0),
                               std::pair("--clock", clockText.getNumOccurrences() > 0),
                               std::pair("--sample", request.execution.sampleBlocks > 0)})
    if (isGiven && request.device.kind == DeviceChoice::Kind::cuda)
      return usageError(llvm::Twine(flag) + " needs the virtual GPU, got --device=" + deviceText);
  if (sanitizeText.getNumOccurrences() > 0) {
    if (llvm::Error error = parseSanitizers(sanitizeText).moveInto(request.execution.sanitizers))
      return error;
    if (request.device.kind == DeviceChoice::Kind::cuda)
      return usageError("--sanitize needs the virtual GPU, got --device=" + deviceText +
                        ": give --device=virtual");
    if (bench || request.execution.metrics)
      return usageError("--sanitize goes with neither --bench nor --metrics: run it by itself");
    request.device.kind = DeviceChoice::Kind::virtualGPU;
  }
  if (targetName.getNumOccurrences() > 0)
    if (llvm::Error error = parseTarget(targetName).moveInto(request.kernel.target))
      return error;
  auto readsStandardInput = [](const InputSpec &spec) { return spec.file == "-"; };
  if ((inputPath == "-") + (planPath == "-") + llvm::count_if(request.inputs, readsStandardInput) >
      1)
    return usageError("expected - for one input at most: standard input is read once");
  return request;
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

static llvm::Expected<Input> loadInput(const InputSpec &spec, const Plan::Argument &argument) {
  Input input{spec, std::nullopt};
  if (spec.contents != Contents::file)
    return input;
  auto file = readInput(spec.file, /*zeroTerminated=*/false);
  if (!file)
    return file.takeError();
  llvm::Expected<NpyArray> array = NpyArray::parse(std::move(*file));
  if (!array)
    return llvm::createStringError("'" + spec.file + "': " + llvm::toString(array.takeError()));
  llvm::StringRef wanted = toString(argument.type), got = toString(array->type);
  InputFit fit = fitOf(array->type, argument.type);
  if (fit == InputFit::impossible)
    return llvm::createStringError("'" + spec.file + "': expected elements of type " + wanted +
                                   " for '" + argument.name + "', got " + got);
  if (fit == InputFit::converted)
    reportRemark(toolName, "'" + spec.file + "': converting " + got + " to " + wanted);
  input.array = std::move(*array);
  return input;
}

/// An input for each argument that takes one; those that the command line does
/// not name are random.
static llvm::Expected<std::vector<Input>> loadInputs(std::vector<InputSpec> specs,
                                                     const Plan &plan) {
  std::vector<size_t> indices = inputIndices(plan);
  if (specs.size() > indices.size())
    return usageError("expected --input at most " + llvm::Twine(indices.size()) +
                      " times, once per input, got " + llvm::Twine(specs.size()));
  specs.resize(indices.size());
  std::vector<Input> inputs;
  for (auto [spec, index] : llvm::zip_equal(specs, indices)) {
    llvm::Expected<Input> input = loadInput(spec, plan.arguments[index]);
    if (!input)
      return input.takeError();
    inputs.push_back(std::move(*input));
  }
  return inputs;
}

static llvm::Expected<PlanSizes> findSizes(const Plan &plan, llvm::ArrayRef<Input> inputs,
                                           const Dims &given) {
  std::vector<std::optional<Shape>> shapes;
  for (const Input &input : inputs)
    shapes.push_back(input.shape());
  llvm::Expected<Dims> dims = bindDims(plan, shapes, given);
  if (!dims)
    return dims.takeError();
  return computeSizes(plan, shapes, std::move(*dims));
}

//===----------------------------------------------------------------------===//
// The run
//===----------------------------------------------------------------------===//

/// What the assembler makes of the kernels, where there is one, decides how many
/// blocks are resident.
static void findRegisterCounts(const Kernel &kernel, const Device &device,
                               ExecutionOptions &options) {
  if (!options.metrics && options.sampleBlocks == 0)
    return;
  llvm::ErrorOr<std::string> ptxas = llvm::sys::findProgramByName("ptxas");
  if (!ptxas || !device.gpu())
    return reportRemark(toolName, "registers per thread are estimated: ptxas is not on PATH");
  auto registers = findRegisters(kernel.ptx, device.gpu()->chip, *ptxas);
  if (registers)
    options.registers = std::move(*registers);
  else
    reportRemark(toolName,
                 "registers per thread are estimated: " + llvm::toString(registers.takeError()));
}

static llvm::Error writeMetrics(llvm::raw_ostream &os, const Execution &execution) {
  if (metricsPath.empty()) {
    vgpu::printMetrics(os, execution.metrics());
    return llvm::Error::success();
  }
  return writeOutput(metricsPath, [&](llvm::raw_ostream &file) {
    vgpu::printMetrics(file, execution.metrics());
    return llvm::Error::success();
  });
}

static llvm::Error handleResults(const Request &request, const Device &device, llvm::StringRef ptx,
                                 const Plan &plan, const PlanSizes &sizes, Execution &execution) {
  auto isStandardOutput = [](const OutputSpec &output) { return output.path == "-"; };
  bool isTaken = llvm::any_of(request.outputs, isStandardOutput) || metricsPath == "-";
  llvm::raw_ostream &os = isTaken ? llvm::errs() : llvm::outs();
  for (auto [i, index] : llvm::enumerate(resultIndices(plan))) {
    const SizedBuffer &result = sizes.arguments[index];
    llvm::Error error = i < request.outputs.size()
                            ? writeResult(request.outputs[i], result, execution)
                            : printSummary(os, result, execution);
    if (error)
      return error;
  }
  if (metricsPath.getNumOccurrences() > 0)
    if (llvm::Error error = writeMetrics(os, execution))
      return error;
  if (request.hotLines > 0)
    printHotLines(os, ptx, execution.metrics(), request.hotLines);
  if (request.execution.metrics)
    if (llvm::Error error = checkModel(plan, sizes, device, execution))
      return error;
  if (check)
    if (llvm::Error error = checkResults(os, plan, sizes, execution))
      return error;
  return bench ? benchmark(os, device, plan, sizes, execution) : llvm::Error::success();
}

static llvm::Error checkRequest(const Request &request, const Plan &plan) {
  size_t results = resultIndices(plan).size();
  if (request.outputs.size() > results)
    return usageError("expected --output at most " + llvm::Twine(results) +
                      " times, once per result, got " + llvm::Twine(request.outputs.size()));
  if (check && plan.source.empty())
    return usageError("--check needs a launch plan with its source, to compute the reference from, "
                      "got one without");
  return llvm::Error::success();
}

static llvm::Expected<ExitCode> runKernel() {
  llvm::Expected<Request> request = readOptions();
  if (!request)
    return request.takeError();
  llvm::Expected<std::optional<Kernel>> kernel = loadKernel(request->kernel);
  if (!kernel)
    return kernel.takeError();
  if (!*kernel)
    return exitWrongInput;
  const Plan &plan = (*kernel)->plan;
  if (llvm::Error error = checkRequest(*request, plan))
    return error;

  llvm::Expected<std::vector<Input>> inputs = loadInputs(request->inputs, plan);
  if (!inputs)
    return inputs.takeError();
  llvm::Expected<PlanSizes> sizes = findSizes(plan, *inputs, request->dims);
  if (!sizes)
    return sizes.takeError();

  llvm::Expected<std::unique_ptr<Device>> device = openDevice(toolName, request->device, plan);
  if (!device)
    return device.takeError();
  if ((request->execution.metrics || request->execution.sampleBlocks > 0) &&
      !(*device)->isVirtual())
    return usageError("--metrics, --hot and --sample need the virtual GPU, got " +
                      (*device)->description() + ": give --device=virtual");
  // There is no clock to look at: what is timed there is modelled.
  request->execution.metrics |= bench && (*device)->isVirtual();
  findRegisterCounts(**kernel, **device, request->execution);
  auto program = (*device)->load((*kernel)->ptx, (*kernel)->name);
  if (!program)
    return program.takeError();
  llvm::Expected<Execution> execution =
      Execution::prepare(**device, **program, plan, *sizes, *inputs, request->execution);
  if (!execution)
    return execution.takeError();
  if (llvm::Error error = execution->run())
    return error;
  for (const vgpu::Report &report : execution->reports())
    llvm::errs() << report.text << "\n";
  if (llvm::Error error =
          handleResults(*request, **device, (*kernel)->ptx, plan, *sizes, *execution))
    return error;
  return execution->reports().empty() ? exitSuccess : exitWrongInput;
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  if (llvm::Error error =
          parseCommandLine(argc, argv, "Runs kernels on a GPU, a real or a virtual one\n",
                           {&runCategory, &dataCategory, &compileCategory}))
    return reportError(toolName, std::move(error));
  llvm::Expected<ExitCode> exitCode = runKernel();
  if (!exitCode)
    return reportError(toolName, exitCode.takeError());
  return *exitCode;
}
