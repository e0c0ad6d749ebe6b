//===- Results.cpp - What poolc-run makes of a run's results --------------===//

#include "Results.h"

#include "poolc/Runtime/ReferenceCheck.h"
#include "poolc/Support/ToolSupport.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <cmath>
#include <limits>

using namespace poolc;
using namespace poolc::run;

/// The elements of `bytes`, rounded to another type.
static std::vector<uint8_t> convert(llvm::ArrayRef<uint8_t> bytes, DataType from, DataType to) {
  size_t count = bytes.size() / sizeInBytes(from);
  std::vector<uint8_t> result(count * sizeInBytes(to));
  for (size_t i = 0; i != count; ++i)
    storeElement(to, loadElement(from, bytes.data() + i * sizeInBytes(from)),
                 result.data() + i * sizeInBytes(to));
  return result;
}

llvm::Error run::writeResult(const OutputSpec &output, const SizedBuffer &result,
                             const Execution &execution) {
  DataType type = output.type.value_or(result.type);
  return writeOutput(output.path, [&](llvm::raw_ostream &os) {
    writeNpyHeader(os, type, result.shape);
    return execution.readInPieces(result.name, [&](llvm::ArrayRef<uint8_t> bytes) {
      if (type == result.type)
        os << llvm::toStringRef(bytes);
      else
        os << llvm::toStringRef(convert(bytes, result.type, type));
    });
  });
}

llvm::Error run::printSummary(llvm::raw_ostream &os, const SizedBuffer &result,
                              const Execution &execution) {
  if (execution.isSampled()) {
    llvm::Expected<std::vector<ElementRange>> ranges =
        execution.writtenRanges(result.name, sizeInBytes(result.type));
    if (!ranges)
      return ranges.takeError();
    int64_t written = 0;
    for (const ElementRange &range : *ranges)
      written += range.end - range.begin;
    os << result.name << ": " << describeTensor(result.type, result.shape) << ", " << written
       << " of " << result.elements << " elements written by the sampled blocks\n";
    return llvm::Error::success();
  }
  double min = std::numeric_limits<double>::infinity(), max = -min, sum = 0;
  int64_t nans = 0;
  constexpr size_t shown = 4;
  std::vector<double> first;
  llvm::Error error = execution.readInPieces(result.name, [&](llvm::ArrayRef<uint8_t> bytes) {
    for (; !bytes.empty(); bytes = bytes.drop_front(sizeInBytes(result.type))) {
      double value = loadElement(result.type, bytes.data());
      if (first.size() != shown)
        first.push_back(value);
      if (std::isnan(value)) {
        ++nans;
        continue;
      }
      min = std::min(min, value);
      max = std::max(max, value);
      sum += value;
    }
  });
  if (error)
    return error;

  os << result.name << ": " << describeTensor(result.type, result.shape);
  if (int64_t numbers = result.elements - nans)
    os << llvm::format(", from %.6g to %.6g, mean %.6g", min, max, sum / numbers);
  if (nans != 0)
    os << ", " << nans << " NaN";
  if (!first.empty()) {
    os << ":";
    for (double value : first) {
      // The sign of a NaN says nothing.
      if (std::isnan(value))
        os << " nan";
      else
        os << llvm::format(" %.6g", value);
    }
    os << (static_cast<size_t>(result.elements) > shown ? " ...\n" : "\n");
  } else {
    os << "\n";
  }
  return llvm::Error::success();
}

llvm::Error run::checkResults(llvm::raw_ostream &os, const Plan &plan, const PlanSizes &sizes,
                              const Execution &execution) {
  llvm::Expected<std::vector<OpCheck>> checks = checkAgainstReference(plan, sizes, execution);
  if (!checks)
    return checks.takeError();
  llvm::Error errors = llvm::Error::success();
  for (const OpCheck &check : *checks) {
    const Comparison &comparison = check.comparison;
    std::string what = check.op.empty() ? "" : check.op + " -> ";
    what += check.buffer + " " + describeTensor(check.type, check.shape);
    if (check.passes()) {
      os << "check passed: " << what << ": " << describeErrors(comparison);
      if (execution.isSampled())
        os << "; " << comparison.elements << " elements compared";
      os << "\n";
      continue;
    }
    std::string text;
    llvm::raw_string_ostream message(text);
    if (!check.location.empty())
      message << check.location << ": error: ";
    message << "check failed: " << what << ": " << comparison.mismatches << " of "
            << comparison.elements << " elements are wrong; " << describeErrors(comparison) << "\n";
    printMismatches(message, comparison, check.shape);
    errors = llvm::joinErrors(std::move(errors), llvm::createStringError(text));
  }
  return errors;
}
