//===- Compile.cpp - From MLIR text to any level --------------------------===//

#include "poolc/Pipeline/Compile.h"

#include "Diagnostics.h"
#include "Reports.h"
#include "nn/NN.h"
#include "poolc/CodeGen/Cubin.h"
#include "poolc/CodeGen/Header.h"
#include "poolc/CodeGen/LaunchPlan.h"
#include "poolc/Pipeline/Parse.h"
#include "poolc/Pipeline/Pipelines.h"
#include "poolc/Pipeline/Registration.h"
#include "poolc/Support/Guard.h"
#include "poolc/Transforms/NN/Profile.h"

#include "mlir/Pass/Pass.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace poolc;

static constexpr StringLiteral sourceAttr = nn::NNDialect::sourceAttr;
static constexpr StringLiteral targetAttr = nn::NNDialect::targetAttr;

namespace {
/// One program on its way from text to the level asked for.
class Compilation {
public:
  Compilation(llvm::MemoryBufferRef input, const CompileOptions &options,
              llvm::raw_ostream &diagnostics);

  FailureOr<std::string> run();

  /// The spaces of schedules of all ops.
  FailureOr<std::string> list();

private:
  struct Program {
    std::string ptx;
    std::optional<Plan> plan;

    std::string withPlan() const { return (plan ? plan->toPTXComment() : "") + ptx; }
  };

  /// That the target asked for is the one for which the module was lowered.
  LogicalResult checkTarget(Level inputLevel);
  void setTarget();
  LogicalResult runPasses(Level from, Level to);
  /// What goes on before and after the passes to a level.
  void prepareLevel(Level level, OpPassManager &passes);
  void finishLevel(Level level, OpPassManager &passes);
  FailureOr<std::optional<Plan>> buildPlan();
  FailureOr<Program> emitProgram();
  /// The levels below llvm.
  FailureOr<std::string> emitLowest();
  std::string programName(const Plan &plan);

  LogicalResult observe(StringRef name, StringRef text);
  /// Reports `error` at the beginning of the input.
  LogicalResult report(llvm::Error error);
  FailureOr<std::string> reportUnless(llvm::Expected<std::string> text) {
    if (text)
      return std::move(*text);
    return report(text.takeError());
  }

  const CompileOptions &options;
  std::shared_ptr<llvm::SourceMgr> source = std::make_shared<llvm::SourceMgr>();
  MLIRContext context;
  DiagnosticPrinter printer;
  OwningOpRef<ModuleOp> module;
  const GPU *gpu = nullptr;
};

/// Does something of the caller's with the module between two levels.
struct ActionPass : PassWrapper<ActionPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ActionPass)
  explicit ActionPass(std::function<LogicalResult(ModuleOp)> action) : action(std::move(action)) {}

  StringRef getName() const override { return "Action"; }
  void runOnOperation() override {
    if (failed(action(getOperation())))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

  std::function<LogicalResult(ModuleOp)> action;
};
} // namespace

static DialectRegistry compilerDialects() {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerPTXTranslations(registry);
  return registry;
}

Compilation::Compilation(llvm::MemoryBufferRef input, const CompileOptions &options,
                         llvm::raw_ostream &diagnostics)
    : options(options), context(compilerDialects(), MLIRContext::Threading::DISABLED),
      printer(*source, &context, diagnostics) {
  context.printOpOnDiagnostic(false);
  source->AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(input), llvm::SMLoc());
}

LogicalResult Compilation::report(llvm::Error error) {
  StringRef file = source->getMemoryBuffer(source->getMainFileID())->getBufferIdentifier();
  Location start = module ? module->getLoc() : FileLineColLoc::get(&context, file, 1, 1);
  return emitError(start) << llvm::toString(std::move(error));
}

LogicalResult Compilation::observe(StringRef name, StringRef text) {
  if (options.observe)
    if (llvm::Error error = options.observe(name, text))
      return report(std::move(error));
  return success();
}

LogicalResult Compilation::checkTarget(Level inputLevel) {
  auto named = (*module)->getAttrOfType<StringAttr>(targetAttr);
  if (inputLevel == Level::nn || !named || !options.target || options.target->name == named)
    return success();
  return emitError(module->getLoc())
         << "expected the target " << named.getValue()
         << ", for which this module was lowered already, got " << options.target->name;
}

void Compilation::setTarget() {
  auto named = (*module)->getAttrOfType<StringAttr>(targetAttr);
  gpu = named ? lookupGPU(named) : options.target ? options.target : &defaultGPU();
}

/// The text of a module. The source that it carries for its plan is left out
/// where the module itself still says the same.
static std::string print(ModuleOp module, Level level) {
  Attribute carried = level < Level::tile ? module->removeAttr(sourceAttr) : Attribute();
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  if (carried)
    module->setAttr(sourceAttr, carried);
  return text;
}

void Compilation::prepareLevel(Level level, OpPassManager &passes) {
  if (level == Level::schedule && !options.profile.empty())
    passes.addPass(std::make_unique<ActionPass>(
        [this](ModuleOp module) { return attachProfile(module, options.profile); }));
}

void Compilation::finishLevel(Level level, OpPassManager &passes) {
  if (options.observe)
    passes.addPass(std::make_unique<ActionPass>([this, level](ModuleOp module) {
      return observe((toString(level) + ".mlir").str(), print(module, level));
    }));
  if (level != Level::schedule || (options.profile.empty() && !options.report))
    return;
  passes.addPass(std::make_unique<ActionPass>([this](ModuleOp module) {
    if (options.report)
      options.report(collectReports(module));
    else
      remarkOnProfiles(module);
    return success();
  }));
}

LogicalResult Compilation::runPasses(Level from, Level to) {
  PassManager passes(&context, ModuleOp::getOperationName());
  if (options.configure && failed(options.configure(passes)))
    return failure();
  PipelineOptions pipelineOptions;
  pipelineOptions.target = options.target ? options.target->name : "";
  pipelineOptions.schedule = options.schedule;
  // What arrivals give is modelled. On an H200 they lose: 56 us instead of 47 for 32 channels in
  // f16, 150 instead of 102 for a Fourier transform.
  auto named = (*module)->getAttrOfType<StringAttr>(targetAttr);
  const GPU *compiledFor = options.target ? options.target
                           : named        ? lookupGPU(named)
                                          : &defaultGPU();
  pipelineOptions.splitBarriers = !compiledFor || compiledFor->wgmmaShare == 0;
  // Worth it where the load/store unit takes two clocks for an instruction. On an H200, where it
  // takes one, of 34 convolutions 20 took longer than with rows of their own, up to 6 %, and 12
  // less.
  pipelineOptions.dealCopies = !compiledFor || compiledFor->memoryPerCycle < 1;
  for (Level level : moduleLevels()) {
    if (level > to)
      break;
    // Canonicalising and scheduling twice changes nothing.
    if (level <= from && !(from == Level::nn && level == Level::nn))
      continue;
    prepareLevel(level, passes);
    buildPipelineTo(level, passes, pipelineOptions);
    finishLevel(level, passes);
  }
  return passes.run(*module);
}

FailureOr<std::optional<Plan>> Compilation::buildPlan() {
  FailureOr<func::FuncOp> host = findHostFunction(*module);
  if (failed(host))
    return failure();
  if (!*host)
    return std::optional<Plan>();
  FailureOr<Plan> plan = buildLaunchPlan(*host);
  if (failed(plan))
    return failure();
  plan->poolc = POOLC_VERSION;
  plan->target = gpu->name;
  return std::optional<Plan>(std::move(*plan));
}

FailureOr<Compilation::Program> Compilation::emitProgram() {
  FailureOr<std::optional<Plan>> plan = buildPlan();
  if (failed(plan))
    return failure();
  PTXOptions ptxOptions = ptxOptionsFor(*gpu, options.ptxVersion);
  if (options.observe) // The one object: it may count its calls.
    ptxOptions.observe = std::cref(options.observe);
  llvm::Expected<PTX> ptx = emitPTX(*module, ptxOptions);
  if (!ptx)
    return report(ptx.takeError());
  if (*plan) {
    (*plan)->ptxVersion = formatPTXVersion(ptx->version);
    (*plan)->chip = ptx->chip;
  }
  Program program{std::move(ptx->text), std::move(*plan)};
  if (failed(observe("kernel.ptx", program.withPlan())))
    return failure();
  return program;
}

FailureOr<std::string> Compilation::emitLowest() {
  FailureOr<Program> program = emitProgram();
  if (failed(program))
    return failure();
  if (options.level == Level::ptx)
    return program->withPlan();
  if (options.level == Level::cubin)
    return reportUnless(assembleCubin(program->ptx, gpu->chip, options.ptxas));
  if (!program->plan)
    return emitError(module->getLoc()) << "expected a function that launches the kernels";
  if (options.level == Level::header)
    return reportUnless(emitHeader(*program->plan, program->ptx, programName(*program->plan)));
  std::string text;
  llvm::raw_string_ostream os(text);
  program->plan->print(os, /*indent=*/2);
  os << "\n";
  return text;
}

/// What generated code calls the program: after its function or, where that is
/// called like all others, after the file.
std::string Compilation::programName(const Plan &plan) {
  StringRef file = source->getMemoryBuffer(source->getMainFileID())->getBufferIdentifier();
  StringRef stem = llvm::sys::path::stem(file);
  return plan.entry == "main" && !stem.empty() && file != "<stdin>" ? stem.str() : plan.entry;
}

FailureOr<std::string> Compilation::run() {
  module = parseModule(source, &context);
  if (!module)
    return failure();
  Level inputLevel = detectLevel(*module);
  if (options.level < inputLevel)
    return report(llvm::createStringError("expected a module at the level " +
                                          toString(options.level) + " or before, got one at " +
                                          toString(inputLevel)));
  if (failed(checkTarget(inputLevel)))
    return failure();
  FailureOr<std::string> text = failure();
  if (succeeded(runPasses(inputLevel, std::min(options.level, Level::llvm)))) {
    setTarget();
    text = options.level > Level::llvm ? emitLowest() : print(*module, options.level);
  }
  if (failed(text) && !printer.hasErrors())
    return report(llvm::createStringError("internal error: compilation failed"));
  return text;
}

FailureOr<std::string> Compilation::list() {
  module = parseModule(source, &context);
  if (!module)
    return failure();
  Level inputLevel = detectLevel(*module);
  if (inputLevel > Level::schedule)
    return report(llvm::createStringError("expected a module at the level schedule or before, got "
                                          "one at " +
                                          toString(inputLevel)));
  if (failed(checkTarget(inputLevel)) || failed(runPasses(inputLevel, Level::nn)))
    return failure();
  return listSpaces(*module);
}

/// Calls `run` with a compilation of the input, whose size is bounded, and in
/// whatever way it ends, so does this.
static FailureOr<std::string>
compileGuarded(llvm::MemoryBufferRef input, const CompileOptions &options,
               llvm::raw_ostream &diagnostics,
               llvm::function_ref<FailureOr<std::string>(Compilation &)> run) {
  auto report = [&](const llvm::Twine &message) {
    diagnostics << input.getBufferIdentifier() << ":1:1: error: " << message << "\n";
    return failure();
  };
  if (input.getBufferSize() > maxTextBytes)
    return report("expected at most " + llvm::Twine(maxTextBytes) + " bytes of text, got " +
                  llvm::Twine(input.getBufferSize()));
  FailureOr<std::string> text = failure();
  llvm::Error error = runGuarded(input.getBufferSize(), [&] {
    Compilation compilation(input, options, diagnostics);
    text = run(compilation);
  });
  if (error)
    return report(llvm::toString(std::move(error)));
  return text;
}

FailureOr<std::string> poolc::compile(llvm::MemoryBufferRef input, const CompileOptions &options,
                                      llvm::raw_ostream &diagnostics) {
  return compileGuarded(input, options, diagnostics,
                        [](Compilation &compilation) { return compilation.run(); });
}

FailureOr<std::string> poolc::listSchedules(llvm::MemoryBufferRef input,
                                            const CompileOptions &options,
                                            llvm::raw_ostream &diagnostics) {
  return compileGuarded(input, options, diagnostics,
                        [](Compilation &compilation) { return compilation.list(); });
}

PTXOptions poolc::ptxOptionsFor(const GPU &gpu, std::optional<PTXVersion> version) {
  PTXOptions options;
  options.chip = gpu.chip.str();
  options.minVersion = gpu.minPtxVersion;
  options.version = version;
  return options;
}
