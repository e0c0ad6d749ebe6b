//===- WrittenSize.cpp - How long a module is when written out ------------===//

#include "WrittenSize.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

/// Far above what programs need; written out in a fraction of a second.
static constexpr uint64_t maxParts = uint64_t(1) << 20;

namespace {
/// Counts the parts of attributes and types, each of them once.
class PartCounter {
public:
  template <typename AttrOrType> uint64_t count(AttrOrType value) {
    if (!value)
      return 0;
    const void *key = value.getAsOpaquePointer();
    if (auto known = counts.find(key); known != counts.end())
      return known->second;
    uint64_t sum = 1;
    value.walkImmediateSubElements([&](Attribute part) { sum = add(sum, count(part)); },
                                   [&](Type part) { sum = add(sum, count(part)); });
    counts[key] = sum;
    return sum;
  }

  static uint64_t add(uint64_t a, uint64_t b) { return llvm::SaturatingAdd(a, b); }

private:
  llvm::DenseMap<const void *, uint64_t> counts;
};
} // namespace

LogicalResult poolc::checkWrittenSize(ModuleOp module) {
  PartCounter counter;
  uint64_t sum = 0;
  WalkResult result = module.walk([&](Operation *op) -> WalkResult {
    sum = PartCounter::add(sum, counter.count(op->getAttrDictionary()));
    for (Type type : op->getResultTypes())
      sum = PartCounter::add(sum, counter.count(type));
    if (sum <= maxParts)
      return success();
    return op->emitError("expected attributes and types of at most ")
           << maxParts << " parts in all when written out, got more";
  });
  return failure(result.wasInterrupted());
}
