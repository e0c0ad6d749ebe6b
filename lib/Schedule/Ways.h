//===- Ways.h - The ways to compute a problem -------------------*- C++ -*-===//
//
// A way is an algorithm and, where a problem leaves it open, how products are formed.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_WAYS_H
#define POOLC_LIB_SCHEDULE_WAYS_H

#include "poolc/Schedule/Algorithm.h"
#include "poolc/Target/Roofline.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <type_traits>

namespace poolc {

template <typename Problem> struct Way {
  const Algorithm<Problem> *algorithm;
  Products products = Products::any;

  /// `wanted` in this way.
  Schedule of(Schedule wanted) const {
    wanted.algorithm = algorithm->name.str();
    wanted.products = products;
    return wanted;
  }

  /// "gemm_tap", or "gemm_tap with products=fma".
  std::string str() const {
    return algorithm->name.str() +
           (products == Products::any ? "" : " with products=" + toString(products).str());
  }
};

/// All ways there are, in order of preference among equals: the first one of an algorithm is that
/// of complete schedules which do not say it.
template <typename Problem> llvm::SmallVector<Way<Problem>> allWays(const Problem &problem) {
  llvm::SmallVector<Way<Problem>> ways;
  bool isOpen = leavesProductsOpen(problem);
  for (const Algorithm<Problem> *algorithm : allAlgorithms<Problem>())
    ways.push_back({algorithm, !isOpen                  ? Products::any
                               : algorithm->usesOnlyFMA ? Products::fma
                                                        : Products::mma});
  for (const Algorithm<Problem> *algorithm : allAlgorithms<Problem>())
    if (isOpen && !algorithm->usesOnlyFMA)
      ways.push_back({algorithm, Products::fma});
  return ways;
}

/// Whether the other unit could form more products in the same time, where they are left open.
/// Algorithms that have no choice compete with those of either unit.
template <typename Problem>
bool hasLesserPeak(const Way<Problem> &way, const Problem &problem, const GPU &gpu) {
  if constexpr (std::is_same_v<Problem, Conv1dProblem>)
    return way.products != Products::any && !way.algorithm->usesOnlyFMA &&
           (way.products == Products::fma) != isPeakOfFMA(gpu, problem);
  return false;
}

/// How a complete schedule forms products.
template <typename Problem> Products productsOf(const Problem &problem, const Schedule &schedule) {
  llvm::SmallVector<Way<Problem>> ways = allWays(problem);
  const auto *way = llvm::find_if(ways, [&](const Way<Problem> &way) {
    return schedule.products == Products::any && way.algorithm->name == schedule.algorithm;
  });
  return way == ways.end() ? schedule.products : way->products;
}

template <typename Problem>
llvm::Error checkApplies(const Algorithm<Problem> &algorithm, const Problem &problem,
                         const GPU &gpu) {
  if (problem.hasDynamicBatch() && !algorithm.takesDynamicBatch)
    return llvm::createStringError("expected a static number of images and planes, got a dynamic "
                                   "one");
  if (problem.hasDynamicAxes() && !algorithm.takesDynamicAxes)
    return llvm::createStringError(
        "expected static sizes along the axes of the window, got dynamic "
        "ones");
  if (problem.alignment < algorithm.leastAlignment)
    return llvm::createStringError("expected tensors at multiples of " +
                                   llvm::Twine(algorithm.leastAlignment) + " bytes, got " +
                                   llvm::Twine(problem.alignment));
  return algorithm.applies ? algorithm.applies(problem, gpu) : llvm::Error::success();
}

template <typename Problem>
llvm::Error checkApplies(const Way<Problem> &way, const Problem &problem, const GPU &gpu) {
  return checkApplies(*way.algorithm, asScheduled(problem, way.of({})), gpu);
}

/// The ways that apply to the problem.
template <typename Problem>
llvm::SmallVector<Way<Problem>> applicableWays(const Problem &problem, const GPU &gpu) {
  llvm::SmallVector<Way<Problem>> result;
  for (const Way<Problem> &way : allWays(problem)) {
    llvm::Error error = checkApplies(way, problem, gpu);
    if (!error)
      result.push_back(way);
    llvm::consumeError(std::move(error));
  }
  return result;
}

/// The names of the algorithms with a way that applies.
template <typename Problem>
llvm::SmallVector<llvm::StringRef> applicableNames(const Problem &problem, const GPU &gpu) {
  llvm::SmallVector<llvm::StringRef> names;
  for (const Way<Problem> &way : applicableWays(problem, gpu))
    if (!llvm::is_contained(names, way.algorithm->name))
      names.push_back(way.algorithm->name);
  return names;
}

/// The ways of an algorithm of that name that apply and form products as wanted: at least one, or
/// why there is none.
template <typename Problem>
llvm::Expected<llvm::SmallVector<Way<Problem>>> findWays(const Problem &problem, const GPU &gpu,
                                                         llvm::StringRef name, Products products) {
  if (products != Products::any && !leavesProductsOpen(problem))
    return llvm::createStringError("expected products only for precision tf32x3, got products=" +
                                   toString(products));
  auto isWanted = [&](const Way<Problem> &way) {
    return (name.empty() || way.algorithm->name == name) &&
           (products == Products::any || way.products == products);
  };
  llvm::SmallVector<Way<Problem>> ways = applicableWays(problem, gpu);
  llvm::erase_if(ways, [&](const Way<Problem> &way) { return !isWanted(way); });
  if (!ways.empty() || name.empty())
    return ways;
  if (!lookupAlgorithm<Problem>(name))
    return llvm::createStringError("expected algorithm to be one of " +
                                   llvm::join(applicableNames(problem, gpu), ", ") + ", got '" +
                                   name + "'");
  llvm::SmallVector<Way<Problem>> all = allWays(problem);
  const auto *way = llvm::find_if(all, isWanted);
  if (way == all.end())
    return llvm::createStringError("expected products=fma for algorithm " + name +
                                   ", which has no others, got products=" + toString(products));
  const auto *first =
      llvm::find_if(all, [&](const Way<Problem> &way) { return way.algorithm->name == name; });
  return llvm::createStringError(
      "algorithm " + (way == first ? name.str() : way->str()) +
      " does not apply: " + llvm::toString(checkApplies(*way, problem, gpu)));
}

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_WAYS_H
