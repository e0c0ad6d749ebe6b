//===- Configuration.cpp - One random run through the chain ---------------===//

#include "Configuration.h"
#include "Operations.h"
#include "Schedules.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::sweep;
using llvm::Twine;

llvm::SmallVector<std::string> Configuration::compileOptions() const {
  llvm::SmallVector<std::string> options = {("--target=" + target->name).str()};
  if (!schedule.empty())
    options.push_back("--schedule=" + schedule);
  return options;
}

llvm::SmallVector<std::string> Configuration::runOptions(llvm::StringRef device) const {
  std::string virtualDevice = ("virtual:" + target->name).str();
  llvm::SmallVector<std::string> options = {
      ("--device=" + (device.empty() ? virtualDevice : device)).str()};
  for (const std::string &input : inputs)
    options.push_back("--input=" + input);
  for (const std::string &dim : dims)
    options.push_back("--dim=" + dim);
  options.push_back("--seed=" + llvm::utostr(runSeed));
  options.push_back("--check");
  return options;
}

/// What nn.alignment is where nothing says it.
static constexpr int64_t usualAlignment = 16;

namespace {
class Builder {
public:
  Builder(uint64_t seed, const Choices &choices) : random(seed), choices(choices) {}

  /// None where the algorithm that is to be forced has no schedule here.
  std::optional<Configuration> build() {
    result.target = choices.target      ? choices.target
                    : random.chance(80) ? &defaultGPU()
                                        : &random.pick(allGPUs());
    cover("target", result.target->name);
    type = random.chance(50) ? DataType::f32 : random.chance(50) ? DataType::f16 : DataType::bf16;
    cover("type", toString(type));
    isForced = random.chance(50) || !choices.algorithm.empty();
    isDynamic = random.chance(30);
    cover("sizes", isDynamic ? "dynamic" : "static");
    Operations drawn(random, type, drawInputKind(), isDynamic);
    size_t wanted = random.chance(75) ? 1 : random.draw(2, 4);
    while (drawn.values.size() < wanted)
      drawn.add(choices.op);
    if (!choices.algorithm.empty() && !takesAlgorithm(drawn))
      return std::nullopt;
    cover("operations in the function", llvm::utostr(drawn.values.size()));
    chooseResults(drawn);
    isAligned = !random.chance(25);
    cover("addresses", isAligned ? "aligned" : "of any elements");
    if (!isAligned)
      drawAlignments(drawn);
    forceSchedules(drawn);
    if (!choices.algorithm.empty() && !isAlgorithmForced)
      return std::nullopt;
    finishModule(drawn);
    chooseSizes(drawn);
    result.runSeed = random.draw(0, 999);
    result.throughPtx = random.chance(50);
    cover("run from", result.throughPtx ? "PTX" : "MLIR");
    llvm::append_range(result.coverage, drawn.coverage);
    return std::move(result);
  }

private:
  void cover(llvm::StringRef kind, const Twine &value) {
    result.coverage.emplace_back(kind.str(), value.str());
  }

  /// Whole numbers, on which results are exact, for half of the configurations.
  llvm::StringRef drawInputKind() {
    static constexpr llvm::StringLiteral others[] = {"random", "normal", "edges"};
    llvm::StringRef kind = "integers";
    if (!random.chance(50))
      kind = random.pick(llvm::ArrayRef(others));
    cover("inputs", kind);
    return kind;
  }

  /// Returns every result that nothing uses, and some of the others.
  void chooseResults(Operations &drawn) {
    for (Operations::Value &value : drawn.values)
      value.isReturned = !value.isUsed || random.chance(40);
  }

  /// Where the function's tensors lie, and what each operation knows of that.
  void drawAlignments(Operations &drawn) {
    int64_t least = sizeInBytes(type);
    auto draw = [&] { return least << random.draw(0, llvm::Log2_64(usualAlignment / least)); };
    llvm::StringMap<int64_t> alignments;
    for (Operations::Argument &argument : drawn.arguments)
      alignments[argument.name] = argument.alignment = draw();
    for (auto [value, problem] : llvm::zip_equal(drawn.values, drawn.problems)) {
      if (value.isReturned)
        value.alignment = draw();
      int64_t known = value.alignment;
      for (const std::string &operand : value.operands)
        known = std::min(known, alignments.lookup(operand));
      std::visit([&](auto &problem) { problem.alignment = known; }, problem);
      alignments[value.name] = isDropped(problem) && !value.isReturned
                                   ? alignments.lookup(value.operands.front())
                                   : value.alignment;
    }
  }

  /// Whether the algorithm that is to be forced applies to any of the operations.
  bool takesAlgorithm(const Operations &drawn) const {
    return llvm::any_of(drawn.problems, [&](const auto &problem) {
      return std::visit(
          [&](const auto &problem) {
            return llvm::is_contained(algorithmsFor(problem, *result.target), choices.algorithm);
          },
          problem);
    });
  }

  /// Forces the schedules of some operations in half of the configurations.
  void forceSchedules(const Operations &drawn) {
    for (auto [index, problem] : llvm::enumerate(drawn.problems)) {
      bool force = isForced && !isDropped(problem) && !mayBeFused(drawn, index) &&
                   (drawn.problems.size() == 1 || !random.chance(40));
      Schedule schedule = std::visit(
          [&](auto problem) {
            // What is legal with a residual also is without.
            if constexpr (std::is_same_v<decltype(problem), Conv1dProblem>)
              problem.addsResidual = !drawn.mayBeFused.empty();
            return force ? drawSchedule(random, problem, *result.target, choices.algorithm)
                         : llvm::cantFail(decideSchedule(problem, *result.target));
          },
          problem);
      cover("algorithm", schedule.algorithm);
      if (schedule.copyWarps != 0)
        cover("warps apart",
              (schedule.joinN != 0       ? "with boxes of several images, "
               : schedule.boxStores != 0 ? "with boxes stored, "
               : schedule.boxes != 0     ? "with boxes, "
                                         : "") +
                  std::string(schedule.storeWarps != 0 ? "that copy, that store" : "that copy"));
      else if (schedule.roundW != 0)
        cover("weights", "rounded in shared memory");
      else if (schedule.boxes != 0)
        cover("boxes", "that threads put in chunks");
      if (!force)
        continue;
      cover("forced algorithm", schedule.algorithm);
      if (schedule.products != Products::any)
        cover("forced products", toString(schedule.products));
      isAlgorithmForced |= schedule.algorithm == choices.algorithm;
      if (!result.schedule.empty())
        result.schedule += ";";
      if (drawn.problems.size() > 1 || random.chance(30))
        result.schedule += llvm::utostr(index) + ":";
      result.schedule += schedule.str();
    }
    cover("schedule", result.schedule.empty() ? "decided" : "forced");
  }

  /// Whether the operation may have no schedule of its own, or know less of
  /// addresses than was drawn because it is computed with another one.
  bool mayBeFused(const Operations &drawn, size_t index) const {
    return drawn.mayBeFused.contains(index) ||
           (!isAligned && !drawn.mayBeFused.empty() && drawn.values[index].isConv);
  }

  std::string attributeText(int64_t alignment) const {
    return isAligned ? "" : " {nn.alignment = " + llvm::itostr(alignment) + " : i64}";
  }

  void finishModule(const Operations &drawn) {
    llvm::SmallVector<std::string> arguments, names, types, results;
    for (const Operations::Argument &argument : drawn.arguments)
      arguments.push_back(argument.name + ": " + argument.tensor.typeText(type) +
                          attributeText(argument.alignment));
    for (const Operations::Value &value : drawn.values)
      if (value.isReturned) {
        names.push_back(value.name);
        types.push_back(value.tensor.typeText(type));
        results.push_back(types.back() + attributeText(value.alignment));
      }
    cover("results", llvm::utostr(names.size()));
    std::string signature = llvm::join(results, ", ");
    if (results.size() > 1 || !isAligned)
      signature = "(" + signature + ")";
    result.module = "func.func @main(" + llvm::join(arguments, ",\n                ") +
                    ")\n    -> " + signature + " {\n" + drawn.body + "  return " +
                    llvm::join(names, ", ") + " : " + llvm::join(types, ", ") + "\n}\n";
  }

  /// Says the sizes of dynamic dimensions by --dim, where they have plain names, or
  /// by the shapes of inputs.
  void chooseSizes(const Operations &drawn) {
    const Tensor &x = drawn.arguments.front().tensor;
    bool isPool = std::holds_alternative<AvgPool2dProblem>(drawn.problems.front());
    llvm::StringRef names = isPool ? "NCHW" : "NCL";
    names = names.take_back(x.shape.size());
    // Of a convolution, w tells the channels.
    bool byName = isDynamic && drawn.values.size() == 1 && random.chance(50) &&
                  (isPool || !x.isDynamic[x.shape.size() - 2]);
    if (isDynamic)
      cover("sizes by", byName ? "name" : "shape");
    for (const Operations::Argument &argument : drawn.arguments) {
      bool hasShape = argument.tensor.isDynamic.any() && !byName;
      result.inputs.push_back((hasShape ? argument.tensor.shapeText() + ":" : "") +
                              argument.contents);
    }
    if (byName)
      for (unsigned d : x.isDynamic.set_bits())
        result.dims.push_back((names.substr(d, 1) + "=" + Twine(x.shape[d])).str());
  }

  Random random;
  const Choices &choices;
  Configuration result;
  DataType type = DataType::f32;
  bool isForced = false, isDynamic = false, isAligned = true;
  bool isAlgorithmForced = false;
};
} // namespace

std::optional<Configuration> poolc::sweep::drawConfiguration(uint64_t seed,
                                                             const Choices &choices) {
  constexpr uint64_t mostDraws = 10000;
  for (uint64_t draw = 0; draw < mostDraws; ++draw)
    if (std::optional<Configuration> result = Builder(seed + draw, choices).build())
      return result;
  return std::nullopt;
}
