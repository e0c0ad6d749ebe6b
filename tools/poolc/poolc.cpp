//===- poolc.cpp - Compiles a program to PTX, or to a level on the way ----===//

#include "poolc/Pipeline/Compile.h"
#include "poolc/Support/ToolSupport.h"
#include "poolc/Target/Native.h"
#include "poolc/Transforms/NN/ScheduleOverrides.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace poolc;
namespace cl = llvm::cl;

static constexpr llvm::StringLiteral toolName = "poolc";

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static cl::OptionCategory compileCategory("Compilation");
static cl::OptionCategory outputCategory("Output");
static cl::OptionCategory mlirCategory("MLIR");

static cl::opt<std::string> inputPath(cl::Positional, cl::desc("<input.mlir>"),
                                      cl::cat(outputCategory));
static cl::opt<std::string> outputPath("o", cl::init("-"), cl::value_desc("file"),
                                       cl::desc("Write here; - is standard output (default)"),
                                       cl::cat(outputCategory));
static cl::opt<Level> emitLevel(
    "emit", cl::desc("Stop at a level (default: by the extension of -o, else ptx)"),
    cl::values(clEnumValN(Level::nn, "nn", "operations on tensors"),
               clEnumValN(Level::schedule, "schedule", "the same, each with its schedule"),
               clEnumValN(Level::tile, "tile", "what one block does, on tiles"),
               clEnumValN(Level::gpu, "gpu", "kernels with threads, and their launches"),
               clEnumValN(Level::nvvm, "nvvm", "kernels in the NVVM and LLVM dialects"),
               clEnumValN(Level::llvm, "llvm", "kernels ready for LLVM"),
               clEnumValN(Level::ptx, "ptx", "PTX with its launch plan in comments"),
               clEnumValN(Level::cubin, "cubin", "machine code, by ptxas"),
               clEnumValN(Level::plan, "plan", "the launch plan alone, as JSON"),
               clEnumValN(Level::header, "header", "a C++ header that launches the PTX")),
    cl::cat(outputCategory));
static cl::opt<std::string> saveTemps("save-temps", cl::value_desc("directory"),
                                      cl::desc("Write every level, numbered, into a directory"),
                                      cl::cat(outputCategory));
static cl::opt<std::string> targetName(
    "target", cl::value_desc("gpu"),
    cl::desc("GPU to compile for, see --list-targets, or native for the one in this machine "
             "(default: the module's, else rtx4090)"),
    cl::cat(compileCategory));
static cl::opt<bool> listTargets("list-targets", cl::desc("Print the GPUs that --target takes"),
                                 cl::cat(compileCategory));
static cl::opt<std::string>
    ptxVersion("ptx-version", cl::value_desc("version"),
               cl::desc("Version of PTX, e.g. 80 (default: the lowest that chip and kernels need)"),
               cl::cat(compileCategory));
static cl::opt<std::string>
    schedule("schedule", cl::value_desc("words"),
             cl::desc("Words of the schedule, e.g. num_warps=4; the rest is decided. list prints "
                      "the words there are, their ranges and which algorithms apply"),
             cl::cat(compileCategory));
static cl::opt<std::string>
    profilePath("profile", cl::value_desc("file"),
                cl::desc("Metrics of the program's kernels to correct the schedule by: JSON of "
                         "poolc-run --metrics, or CSV of Nsight Compute"),
                cl::cat(compileCategory));

enum class ReportFormat { none, text, json };
static cl::opt<ReportFormat> reportFormat(
    "report", cl::ValueOptional, cl::init(ReportFormat::none),
    cl::desc("Tell what was decided and why, on standard output; without -o, that alone"),
    cl::values(clEnumValN(ReportFormat::text, "text", "for people"),
               clEnumValN(ReportFormat::json, "json", "for programs"),
               clEnumValN(ReportFormat::text, "", "")),
    cl::cat(outputCategory));

/// Makes MLIR's own options available, in a group of their own.
static void registerMLIROptions() {
  mlir::registerAsmPrinterCLOptions();
  mlir::registerMLIRContextCLOptions();
  mlir::registerPassManagerCLOptions();
  mlir::registerDefaultTimingManagerCLOptions();
  for (auto &[name, option] : cl::getRegisteredOptions())
    if (name.starts_with("mlir-"))
      option->addCategory(mlirCategory);
}

//===----------------------------------------------------------------------===//
// From flags to options of the compiler
//===----------------------------------------------------------------------===//

static void printTargets(llvm::raw_ostream &os) {
  os << llvm::formatv("{0,-12} {1,-28} {2,-7} {3,4} {4,8} {5,10}\n", "target", "GPU", "chip", "SMs",
                      "GB/s", "FP32 TF/s");
  for (const GPU &gpu : allGPUs())
    os << llvm::formatv("{0,-12} {1,-28} {2,-7} {3,4} {4,8:F0} {5,10:F1}\n", gpu.name, gpu.fullName,
                        gpu.chip, gpu.numSMs, gpu.dramGBs, gpu.fp32TFLOPs);
}

static llvm::Expected<const GPU *> selectTarget() {
  if (targetName.getNumOccurrences() == 0)
    return nullptr;
  return parseTarget(targetName);
}

static bool isListing() { return schedule == "list"; }

/// By --emit, else by the extension of the output.
static llvm::Expected<Level> selectLevel() {
  if (emitLevel.getNumOccurrences() > 0)
    return emitLevel;
  llvm::StringRef extension = llvm::sys::path::extension(outputPath);
  if (extension == ".cubin")
    return Level::cubin;
  if (extension == ".json")
    return Level::plan;
  if (extension == ".h" || extension == ".hpp")
    return Level::header;
  if (extension == ".mlir")
    return usageError("expected --emit to say at which level '" + outputPath + "' is to be");
  return Level::ptx;
}

/// "80" or "8.0".
static llvm::Expected<std::optional<PTXVersion>> selectPTXVersion(const GPU *gpu) {
  if (ptxVersion.getNumOccurrences() == 0)
    return std::nullopt;
  auto [major, minor] = llvm::StringRef(ptxVersion).split('.');
  std::string digits = (major + minor).str();
  PTXVersion version;
  if (digits.size() < 2 || !llvm::to_integer(digits, version, 10))
    return usageError("expected --ptx-version to be a number such as 80, got '" + ptxVersion + "'");
  PTXOptions options = ptxOptionsFor(gpu ? *gpu : defaultGPU(), version);
  if (!gpu)
    options.minVersion = 0;
  if (llvm::Error error = checkPTXVersion(options))
    return usageError("--ptx-version: " + llvm::toString(std::move(error)));
  return version;
}

/// Writes level after level into a directory, as 01-nn.mlir and so on.
static llvm::Error observeInto(llvm::StringRef directory, CompileOptions &options) {
  if (llvm::Error error = createDirectories(directory))
    return error;
  if (!llvm::sys::fs::is_directory(directory))
    return usageError("expected --save-temps to name a directory, got '" + directory + "'");
  options.observe = [directory = directory.str(), count = 0u](llvm::StringRef name,
                                                              llvm::StringRef text) mutable {
    llvm::SmallString<128> path(directory);
    std::string number = llvm::utostr(++count);
    llvm::sys::path::append(path, (number.size() < 2 ? "0" : "") + number + "-" + name);
    return writeOutput(path, text);
  };
  return llvm::Error::success();
}

/// Reports go where the output does not.
static void printReports(llvm::ArrayRef<OpReport> reports) {
  bool isOutputToo = outputPath.getNumOccurrences() > 0 && outputPath == "-";
  llvm::raw_ostream &os = isOutputToo ? llvm::errs() : llvm::outs();
  if (reportFormat == ReportFormat::json) {
    llvm::json::Array array;
    for (const OpReport &report : reports)
      array.push_back(toJSON(report));
    os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(array)));
    return;
  }
  for (const OpReport &report : reports)
    printReport(os, report);
}

/// --schedule and --profile.
static llvm::Error readSchedule(CompileOptions &options) {
  if (!isListing()) {
    auto overrides = parseScheduleOverrides(schedule);
    if (!overrides)
      return usageError("--schedule: " + llvm::toString(overrides.takeError()) +
                        "; --schedule=list prints what there is");
    options.schedule = schedule;
  }
  if (profilePath.empty())
    return llvm::Error::success();
  auto text = readInput(profilePath);
  if (!text)
    return text.takeError();
  auto profile = parseProfile((*text)->getBuffer());
  if (!profile)
    return llvm::createStringError("--profile: '" + profilePath +
                                   "': " + llvm::toString(profile.takeError()));
  options.profile = std::move(*profile);
  return llvm::Error::success();
}

static llvm::Expected<CompileOptions> readOptions() {
  CompileOptions options;
  llvm::Expected<const GPU *> gpu = selectTarget();
  if (!gpu)
    return gpu.takeError();
  options.target = *gpu;
  llvm::Expected<Level> level = selectLevel();
  if (!level)
    return level.takeError();
  options.level = *level;
  llvm::Expected<std::optional<PTXVersion>> version = selectPTXVersion(*gpu);
  if (!version)
    return version.takeError();
  options.ptxVersion = *version;
  if (llvm::Error error = readSchedule(options))
    return std::move(error);
  if (reportFormat != ReportFormat::none)
    options.report = printReports;
  if (options.level == Level::cubin) {
    llvm::ErrorOr<std::string> ptxas = llvm::sys::findProgramByName("ptxas");
    if (!ptxas)
      return llvm::createStringError("--emit=cubin needs ptxas, which is not on PATH");
    options.ptxas = *ptxas;
  }
  if (!saveTemps.empty())
    if (llvm::Error error = observeInto(saveTemps, options))
      return error;
  options.configure = [](mlir::PassManager &passes) {
    mlir::applyDefaultTimingPassManagerCLOptions(passes);
    return mlir::applyPassManagerCLOptions(passes);
  };
  return options;
}

static llvm::Expected<ExitCode> run() {
  if (listTargets) {
    printTargets(llvm::outs());
    return exitSuccess;
  }
  if (inputPath.empty())
    return usageError("expected an input file, or - for standard input");
  llvm::Expected<CompileOptions> options = readOptions();
  if (!options)
    return options.takeError();
  auto input = readInput(inputPath);
  if (!input)
    return input.takeError();
  auto run = isListing() ? listSchedules : compile;
  llvm::FailureOr<std::string> text = run((*input)->getMemBufferRef(), *options, llvm::errs());
  if (failed(text))
    return exitWrongInput;
  if (options->report && outputPath.getNumOccurrences() == 0)
    return exitSuccess;
  if (llvm::Error error = writeOutput(outputPath, *text))
    return error;
  return exitSuccess;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  registerMLIROptions();
  if (llvm::Error error =
          parseCommandLine(argc, argv, "Compiles tensor programs to PTX for NVIDIA GPUs.",
                           {&compileCategory, &outputCategory, &mlirCategory}))
    return reportError(toolName, std::move(error));
  llvm::Expected<ExitCode> result = run();
  return result ? int(*result) : reportError(toolName, result.takeError());
}
