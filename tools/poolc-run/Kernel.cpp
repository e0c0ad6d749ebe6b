//===- Kernel.cpp - The PTX that poolc-run runs, and its plan -------------===//

#include "Kernel.h"

#include "poolc/Pipeline/Compile.h"
#include "poolc/Support/ToolSupport.h"

using namespace poolc;
using namespace poolc::run;

/// Whether the text is PTX: a plan or `.version` comes first, after comments.
/// MLIR has line comments too, but none of the form /* */.
static bool isPTX(llvm::StringRef text, llvm::StringRef path) {
  while (!text.empty()) {
    llvm::StringRef line;
    std::tie(line, text) = text.split('\n');
    line = line.trim();
    if (line.starts_with("//poolc.plan") || line.starts_with(".version") || line.starts_with("/*"))
      return true;
    if (!line.empty() && !line.starts_with("//"))
      break;
  }
  // Neither says anything of itself: let the messages be about PTX.
  return path.ends_with(".ptx");
}

static llvm::Expected<Plan> loadPlan(const KernelRequest &request, llvm::StringRef ptx) {
  if (!request.planPath.empty()) {
    auto file = readInput(request.planPath);
    if (!file)
      return file.takeError();
    llvm::Expected<Plan> plan = Plan::parse((*file)->getBuffer());
    if (!plan)
      return llvm::createStringError("launch plan '" + request.planPath +
                                     "': " + llvm::toString(plan.takeError()));
    return plan;
  }
  llvm::Expected<std::optional<Plan>> plan = Plan::fromPTX(ptx);
  if (!plan)
    return llvm::createStringError("launch plan in '" + request.inputPath +
                                   "': " + llvm::toString(plan.takeError()));
  if (!*plan)
    return usageError("expected a launch plan at the top of '" + request.inputPath +
                      "', found none: give one with --plan=<file>");
  return std::move(**plan);
}

static llvm::Expected<std::optional<Kernel>> loadPTX(const KernelRequest &request,
                                                     std::string ptx) {
  for (auto [flag, isGiven] : {std::pair("--target", request.target != nullptr),
                               std::pair("--schedule", !request.schedule.empty())})
    if (isGiven)
      return usageError(llvm::Twine(flag) + " applies to MLIR input, got PTX");
  llvm::Expected<Plan> plan = loadPlan(request, ptx);
  if (!plan)
    return plan.takeError();
  return Kernel{request.inputPath, std::move(ptx), std::move(*plan)};
}

static llvm::Expected<std::optional<Kernel>> compileMLIR(const KernelRequest &request,
                                                         const llvm::MemoryBuffer &input) {
  if (!request.planPath.empty())
    return usageError("--plan applies to PTX input, got MLIR");
  CompileOptions options;
  options.target = request.target ? request.target : request.fallbackTarget;
  options.schedule = request.schedule;
  llvm::FailureOr<std::string> ptx = compile(input.getMemBufferRef(), options, llvm::errs());
  if (failed(ptx))
    return std::nullopt;
  llvm::Expected<Plan> plan = loadPlan(request, *ptx);
  if (!plan)
    return plan.takeError();
  return Kernel{"<PTX of " + request.inputPath + ">", std::move(*ptx), std::move(*plan)};
}

llvm::Expected<std::optional<Kernel>> run::loadKernel(const KernelRequest &request) {
  auto input = readInput(request.inputPath);
  if (!input)
    return input.takeError();
  llvm::StringRef text = (*input)->getBuffer();
  if (isPTX(text, request.inputPath))
    return loadPTX(request, text.str());
  return compileMLIR(request, **input);
}
