//===- Comparison.cpp - Holds results against the reference ---------------===//

#include "poolc/Runtime/Comparison.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/ThreadPool.h"

#include <cmath>
#include <limits>

using namespace poolc;

static constexpr double infinity = std::numeric_limits<double>::infinity();

namespace {

/// The numbers of a floating-point type.
struct Format {
  /// Bits of the significand, the leading one included.
  int precision;
  int minExponent, maxExponent;

  /// u_out: half the spacing at 1.
  double unitRoundoff() const { return std::ldexp(1.0, -precision); }
  double smallestSubnormal() const { return std::ldexp(1.0, minExponent - precision + 1); }
  /// From here on values are rounded to infinity.
  double overflowThreshold() const {
    return std::ldexp(2 - std::ldexp(1.0, -precision), maxExponent);
  }
  /// The distance of neighbouring numbers at `value`.
  double spacing(double value) const {
    int exponent = value == 0 ? minExponent : std::max(std::ilogb(value), minExponent);
    return std::ldexp(1.0, std::min(exponent, maxExponent) - precision + 1);
  }
};

} // namespace

static Format formatOf(DataType type) {
  switch (type) {
  case DataType::f16:
    return {11, -14, 15};
  case DataType::bf16:
    return {8, -126, 127};
  case DataType::f64:
    return {53, -1022, 1023};
  default:
    return {24, -126, 127};
  }
}

double poolc::errorBound(const ReferenceElement &reference, const ErrorModel &model,
                         DataType type) {
  Format format = formatOf(type);
  auto terms = static_cast<double>(reference.terms);
  double error =
      terms * model.accumulate * reference.magnitude + 2 * model.operand * reference.magnitude;
  // u_f: what evaluating an activation may add.
  double activationUnit = type == DataType::f32 ? 0x1p-20 : 0x1p-12;
  error = reference.lipschitz * error + model.accumulate * reference.residual +
          activationUnit * reference.activation;
  double underflow = reference.lipschitz * terms * model.underflowPerTerm;
  if (model.underflowScalesWithOperands)
    underflow *= std::max({1.0, reference.maxX, reference.maxW});
  double eta = format.smallestSubnormal() / 2 + underflow;
  double u = format.unitRoundoff();
  return (1 + u) * error + u * std::abs(reference.value) + eta;
}

static double roundTo(DataType type, double value) {
  double stored;
  storeElement(type, value, &stored);
  return loadElement(type, &stored);
}

/// Whether an infinite or NaN result is right: NaN must meet NaN, an infinity
/// its like or a value that may have overflowed to it.
static bool isRightNonFinite(double actual, double reference, double bound, DataType type) {
  if (std::isnan(actual) || std::isnan(reference))
    return std::isnan(actual) && std::isnan(reference);
  if (actual == reference)
    return true;
  bool mayOverflow = std::isfinite(reference) && std::isinf(actual) &&
                     std::abs(reference) + bound >= formatOf(type).overflowThreshold();
  return mayOverflow && std::signbit(actual) == std::signbit(reference);
}

ElementError poolc::compareElement(double actual, const ReferenceElement &reference,
                                   const ErrorModel &model, bool exactOnIntegers, DataType type) {
  double bound = errorBound(reference, model, type);
  ElementError result;
  if (!std::isfinite(actual) || !std::isfinite(reference.value)) {
    result.passes = isRightNonFinite(actual, reference.value, bound, type);
    if (!result.passes)
      result.absolute = result.relative = result.ulp = result.fraction = infinity;
    return result;
  }

  result.absolute = std::abs(actual - reference.value);
  if (reference.value != 0)
    result.relative = result.absolute / std::abs(reference.value);
  result.ulp = result.absolute / formatOf(type).spacing(reference.value);
  result.fraction = result.absolute == 0 ? 0 : result.absolute / bound;
  // Below this the sums are exact, in whatever order they are formed.
  constexpr double exactBelow = 0x1p24;
  double magnitude = reference.lipschitz * reference.magnitude + reference.residual;
  result.exact = exactOnIntegers && reference.isWhole && magnitude < exactBelow;
  // Infinite sums may leave no bound, as where relu makes zero of one.
  result.passes = result.exact ? actual == roundTo(type, reference.value)
                               : actual == reference.value || result.absolute <= bound;
  return result;
}

void Comparison::append(const Comparison &next) {
  elements += next.elements;
  mismatches += next.mismatches;
  exactElements += next.exactElements;
  maxAbsolute = std::max(maxAbsolute, next.maxAbsolute);
  maxRelative = std::max(maxRelative, next.maxRelative);
  maxUlp = std::max(maxUlp, next.maxUlp);
  maxFraction = std::max(maxFraction, next.maxFraction);
  for (const Mismatch &mismatch : next.first)
    if (first.size() < maxListed)
      first.push_back(mismatch);
}

static Comparison compareRange(const ReferenceOp &op, DataType type,
                               llvm::ArrayRef<ElementReader> inputs, ElementReader actual,
                               int64_t begin, int64_t end) {
  ErrorModel model = op.errorModel();
  bool exactOnIntegers = op.exactOnIntegers();
  Comparison result;
  result.elements = end - begin;
  for (int64_t i = begin; i != end; ++i) {
    ReferenceElement reference = op.element(i, inputs);
    double value = actual(i);
    ElementError error = compareElement(value, reference, model, exactOnIntegers, type);
    result.exactElements += error.exact;
    result.maxAbsolute = std::max(result.maxAbsolute, error.absolute);
    result.maxRelative = std::max(result.maxRelative, error.relative);
    result.maxUlp = std::max(result.maxUlp, error.ulp);
    result.maxFraction = std::max(result.maxFraction, error.fraction);
    if (error.passes)
      continue;
    ++result.mismatches;
    if (result.first.size() < Comparison::maxListed)
      result.first.push_back(
          {i, value, reference.value, errorBound(reference, model, type), error.exact});
  }
  return result;
}

/// The ranges in parts that take about as long as each other.
static std::vector<std::vector<ElementRange>> divide(llvm::ArrayRef<ElementRange> elements) {
  constexpr int64_t partSize = 1 << 12;
  std::vector<std::vector<ElementRange>> parts;
  int64_t room = 0;
  for (ElementRange range : elements)
    while (range.begin != range.end) {
      if (room == 0) {
        parts.emplace_back();
        room = partSize;
      }
      int64_t size = std::min(room, range.end - range.begin);
      parts.back().push_back({range.begin, range.begin + size});
      range.begin += size;
      room -= size;
    }
  return parts;
}

Comparison poolc::compare(const ReferenceOp &op, DataType type,
                          llvm::ArrayRef<ElementReader> inputs, ElementReader actual,
                          llvm::ArrayRef<ElementRange> elements) {
  std::vector<std::vector<ElementRange>> parts = divide(elements);
  std::vector<Comparison> comparisons(parts.size());
  auto comparePart = [&](size_t part) {
    for (const ElementRange &range : parts[part])
      comparisons[part].append(compareRange(op, type, inputs, actual, range.begin, range.end));
  };
  if (parts.size() == 1) {
    comparePart(0);
  } else {
    llvm::DefaultThreadPool pool;
    for (size_t part = 0; part != parts.size(); ++part)
      pool.async(comparePart, part);
    pool.wait();
  }
  Comparison result;
  for (const Comparison &comparison : comparisons)
    result.append(comparison);
  return result;
}

Comparison poolc::compare(const ReferenceOp &op, DataType type,
                          llvm::ArrayRef<ElementReader> inputs, ElementReader actual) {
  int64_t elements = 1;
  for (int64_t size : op.shape())
    elements *= size;
  return compare(op, type, inputs, actual, ElementRange{0, elements});
}

static std::string describeIndex(int64_t index, llvm::ArrayRef<int64_t> shape) {
  std::vector<std::string> parts;
  for (int64_t size : llvm::reverse(shape)) {
    parts.push_back(std::to_string(index % size));
    index /= size;
  }
  std::string text = "[";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(llvm::reverse(parts), os);
  os << "]";
  return text;
}

/// The sign of a NaN says nothing.
static std::string describeNumber(double value) {
  if (std::isnan(value))
    return "nan";
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", value);
  return text;
}

void poolc::printMismatches(llvm::raw_ostream &os, const Comparison &comparison,
                            llvm::ArrayRef<int64_t> shape) {
  for (const Mismatch &mismatch : comparison.first) {
    os << "  " << describeIndex(mismatch.index, shape) << ": expected "
       << describeNumber(mismatch.reference) << ", got " << describeNumber(mismatch.actual);
    if (mismatch.exact)
      os << " (must be equal)\n";
    else if (!std::isfinite(mismatch.actual) || !std::isfinite(mismatch.reference))
      os << "\n";
    else
      os << llvm::format(" (off by %.3g, allowed %.3g)\n",
                         std::abs(mismatch.actual - mismatch.reference), mismatch.bound);
  }
  int64_t rest = comparison.mismatches - static_cast<int64_t>(comparison.first.size());
  if (rest > 0)
    os << "  and " << rest << " more\n";
}

std::string poolc::describeErrors(const Comparison &comparison) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "largest error " << llvm::format("%.3g", comparison.maxAbsolute) << " absolute, "
     << llvm::format("%.3g", comparison.maxRelative) << " relative, "
     << llvm::format("%.3g", comparison.maxUlp) << " ulp, "
     << llvm::format("%.3g", comparison.maxFraction) << " of the bound";
  if (comparison.exactElements != 0)
    os << "; " << comparison.exactElements << " elements had to be equal";
  return text;
}
