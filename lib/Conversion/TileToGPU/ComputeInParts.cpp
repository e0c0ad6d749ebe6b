//===- ComputeInParts.cpp - Chains of arithmetic, a few elements at a time ===//
//
//   a = f(x); b = g(a); c = h(a, b)        on all elements of x
//
// becomes the same on some elements of x after the other, so that what lies between x and c takes
// registers for these alone.
//
//===----------------------------------------------------------------------===//

#include "poolc/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace poolc {
#define GEN_PASS_DEF_GPUCOMPUTEINPARTS
#include "poolc/Conversion/Passes.h.inc"
} // namespace poolc

using namespace mlir;

/// Elements of a part: a thread has as many results to compute while it waits for one of them. Of
/// fewer it waits, of more some kernels spill.
static constexpr int64_t partElements = 16;

/// Shorter chains hold little more than what they begin or end with.
static constexpr size_t fewestOperations = 4;

static VectorType getLongVector(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  bool isLong = vector && vector.getRank() == 1 && !vector.isScalable() &&
                vector.getNumElements() > partElements;
  return isLong ? vector : VectorType();
}

static bool isElementwise(Operation *op) {
  return op->getNumResults() == 1 && OpTrait::hasElementwiseMappableTraits(op) && isPure(op) &&
         getLongVector(op->getResult(0).getType());
}

namespace {

/// What computes one vector elementwise, and nothing else.
class Chain {
public:
  explicit Chain(Operation *end) : end(end) {
    operations.insert(end);
    SmallVector<Operation *> left{end};
    while (!left.empty())
      for (Value operand : left.pop_back_val()->getOperands())
        if (Operation *producer = operand.getDefiningOp(); producer && belongs(producer)) {
          operations.insert(producer);
          left.push_back(producer);
        }
  }

  llvm::ArrayRef<Operation *> getOperations() const { return operations.getArrayRef(); }

  /// Whether it needs a value again that was used before, and has others to hold meanwhile.
  bool holdsValues() const {
    llvm::SmallDenseMap<Value, Operation *> users;
    return operations.size() >= fewestOperations && llvm::any_of(operations, [&](Operation *op) {
             return llvm::any_of(op->getOperands(), [&](Value operand) {
               return !matchPattern(operand, m_Constant()) &&
                      users.try_emplace(operand, op).first->second != op;
             });
           });
  }

  void computeInParts() {
    inOrder = operations.takeVector();
    llvm::sort(inOrder, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    // A shuffle of a vector with itself uses it twice.
    llvm::SmallSetVector<Operation *, 16> unique(llvm::from_range, end->getUsers());
    SmallVector<Operation *> users = unique.takeVector();
    if (llvm::all_of(users, [](Operation *user) { return partOfUser(user) >= 0; }))
      computeForUsers(users);
    else
      computeAtEnd();
    for (Operation *op : llvm::reverse(inOrder))
      op->erase();
  }

private:
  bool belongs(Operation *op) const {
    return !operations.contains(op) && op->getBlock() == end->getBlock() && isElementwise(op) &&
           llvm::all_of(op->getUsers(), [&](Operation *user) { return operations.contains(user); });
  }

  /// Where the part begins of which alone `user` takes elements; -1 where there is none.
  static int64_t partOfUser(Operation *user) {
    auto shuffle = dyn_cast<vector::ShuffleOp>(user);
    if (!shuffle || shuffle.getV1() != shuffle.getV2())
      return -1;
    int64_t all = shuffle.getV1VectorType().getNumElements();
    auto partOf = [&](int64_t position) { return position % all / partElements; };
    ArrayRef<int64_t> mask = shuffle.getMask();
    return llvm::all_of(mask,
                        [&](int64_t position) {
                          return position >= 0 && partOf(position) == partOf(mask[0]);
                        })
               ? partOf(mask[0]) * partElements
               : -1;
  }

  /// Each part where it is first used: barriers and branches of a store divide them, over which
  /// ptxas does not move what computes one in front of what stores another.
  void computeForUsers(ArrayRef<Operation *> users) {
    auto inBlock = [&](Operation *user) { return end->getBlock()->findAncestorOpInBlock(*user); };
    SmallVector<Operation *> sorted(users);
    llvm::sort(sorted,
               [&](Operation *a, Operation *b) { return inBlock(a)->isBeforeInBlock(inBlock(b)); });
    llvm::SmallDenseMap<int64_t, Value> parts;
    for (Operation *user : sorted) {
      auto shuffle = cast<vector::ShuffleOp>(user);
      int64_t first = partOfUser(user);
      Value &part = parts[first];
      if (!part) {
        ImplicitLocOpBuilder b(end->getLoc(), inBlock(user));
        part = computePart(b, first);
      }
      int64_t all = shuffle.getV1VectorType().getNumElements();
      auto positions = llvm::map_to_vector(
          shuffle.getMask(), [&](int64_t position) { return position % all - first; });
      ImplicitLocOpBuilder b(user->getLoc(), user);
      shuffle.replaceAllUsesWith(vector::ShuffleOp::create(b, part, part, positions).getResult());
      shuffle.erase();
    }
  }

  void computeAtEnd() {
    ImplicitLocOpBuilder b(end->getLoc(), end);
    int64_t elements = getLongVector(end->getResult(0).getType()).getNumElements();
    Value all = computePart(b, 0);
    for (int64_t first = partElements; first < elements; first += partElements) {
      int64_t behind = std::min(first + partElements, elements);
      all = vector::ShuffleOp::create(b, all, computePart(b, first),
                                      llvm::to_vector(llvm::seq<int64_t>(0, behind)));
    }
    end->getResult(0).replaceAllUsesWith(all);
  }

  Value computePart(ImplicitLocOpBuilder &b, int64_t first) const {
    IRMapping parts;
    for (Operation *op : inOrder) {
      auto operands = llvm::map_to_vector(op->getOperands(), [&](Value operand) {
        if (!parts.contains(operand))
          parts.map(operand, takePart(b, operand, first));
        return parts.lookup(operand);
      });
      VectorType type = typeOfPart(getLongVector(op->getResult(0).getType()), first);
      OperationState state(op->getLoc(), op->getName(), operands, {type}, op->getAttrs());
      parts.map(op->getResult(0), b.create(state)->getResult(0));
    }
    return parts.lookup(inOrder.back()->getResult(0));
  }

  static VectorType typeOfPart(VectorType type, int64_t first) {
    return type.cloneWith(ArrayRef{std::min(partElements, type.getNumElements() - first)},
                          type.getElementType());
  }

  static Value takePart(ImplicitLocOpBuilder &b, Value value, int64_t first) {
    VectorType all = getLongVector(value.getType());
    if (!all) // A condition of all elements.
      return value;
    VectorType type = typeOfPart(all, first);
    SplatElementsAttr splat;
    if (matchPattern(value, m_Constant(&splat)))
      return arith::ConstantOp::create(b, splat.resizeSplat(type));
    auto positions = llvm::seq<int64_t>(first, first + type.getNumElements());
    return vector::ShuffleOp::create(b, value, value, llvm::to_vector(positions));
  }

  Operation *end;
  llvm::SmallSetVector<Operation *, 16> operations;
  SmallVector<Operation *> inOrder;
};

struct GPUComputeInPartsPass : poolc::impl::GPUComputeInPartsBase<GPUComputeInPartsPass> {
  void runOnOperation() override {
    SmallVector<Chain> chains;
    llvm::SmallPtrSet<Operation *, 16> inChains;
    getOperation().walk<WalkOrder::PreOrder, ReverseIterator>([&](Operation *op) {
      // What it or something in front of it computes, it needs soon.
      if (isa<LoopLikeOpInterface>(op))
        return WalkResult::interrupt();
      if (!isElementwise(op) || inChains.contains(op))
        return WalkResult::advance();
      Chain chain(op);
      inChains.insert_range(chain.getOperations());
      if (chain.holdsValues())
        chains.push_back(std::move(chain));
      return WalkResult::advance();
    });
    for (Chain &chain : chains)
      chain.computeInParts();
    numChains += chains.size();
  }
};
} // namespace
