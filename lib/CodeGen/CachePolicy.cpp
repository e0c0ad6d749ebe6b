//===- CachePolicy.cpp - What stays in the L2 -----------------------------===//

#include "CachePolicy.h"

#include "poolc/CodeGen/KernelAttributes.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsNVPTX.h"
#include "llvm/IR/Module.h"

#include <optional>

using namespace poolc;
using namespace llvm;

static constexpr unsigned globalSpace = 1;

/// The argument that the kernel only reads and `pointer` leads to, or null.
static const Argument *getReadArgument(const Value *pointer) {
  auto *argument = dyn_cast<Argument>(getUnderlyingObject(pointer, /*MaxLookup=*/0));
  bool isRead = pointer->getType()->getPointerAddressSpace() == globalSpace && argument &&
                argument->onlyReadsMemory();
  return isRead ? argument : nullptr;
}

/// Whether nothing that runs at the same time writes what `pointer` leads to.
static bool isReadOnly(const Value *pointer) {
  const Argument *argument = getReadArgument(pointer);
  return argument && argument->hasNoAliasAttr();
}

namespace {
/// An asynchronous copy: the cache that it goes by, its bytes, and whether it says how many of
/// them come from memory.
struct AsyncCopy {
  StringRef cache;
  unsigned bytes;
  bool hasCount;
};
} // namespace

static std::optional<AsyncCopy> matchAsyncCopy(const Instruction &instruction) {
  auto *call = dyn_cast<IntrinsicInst>(&instruction);
  if (!call)
    return std::nullopt;
  switch (call->getIntrinsicID()) {
  case Intrinsic::nvvm_cp_async_ca_shared_global_4:
    return AsyncCopy{"ca", 4, false};
  case Intrinsic::nvvm_cp_async_ca_shared_global_8:
    return AsyncCopy{"ca", 8, false};
  case Intrinsic::nvvm_cp_async_ca_shared_global_16:
    return AsyncCopy{"ca", 16, false};
  case Intrinsic::nvvm_cp_async_cg_shared_global_16:
    return AsyncCopy{"cg", 16, false};
  case Intrinsic::nvvm_cp_async_ca_shared_global_4_s:
    return AsyncCopy{"ca", 4, true};
  case Intrinsic::nvvm_cp_async_ca_shared_global_8_s:
    return AsyncCopy{"ca", 8, true};
  case Intrinsic::nvvm_cp_async_ca_shared_global_16_s:
    return AsyncCopy{"ca", 16, true};
  case Intrinsic::nvvm_cp_async_cg_shared_global_16_s:
    return AsyncCopy{"cg", 16, true};
  default:
    return std::nullopt;
  }
}

namespace {
/// Rewrites the reads or the writes of one function.
class Rewriter {
public:
  explicit Rewriter(Function &function)
      : function(function), layout(function.getDataLayout()), builder(function.getContext()) {}

  bool streamStores() {
    SmallVector<StoreInst *> stores;
    for (BasicBlock &block : function)
      for (Instruction &instruction : block)
        if (auto *store = dyn_cast<StoreInst>(&instruction); store && isWrite(*store))
          stores.push_back(store);
    for (StoreInst *store : stores) {
      builder.SetInsertPoint(store);
      rewriteStore(*store);
      store->eraseFromParent();
    }
    return !stores.empty();
  }

  /// Reads leave the L2 first, or bring all of their lines there.
  bool markReads(bool evictFirst, bool fetchLines) {
    SmallVector<Instruction *> reads;
    for (BasicBlock &block : function)
      for (Instruction &instruction : block)
        if (isRead(instruction))
          reads.push_back(&instruction);
    if (reads.empty())
      return false;
    if (evictFirst) {
      createPolicy();
      marks += ".L2::cache_hint";
    }
    if (fetchLines)
      marks += ".L2::128B";
    for (Instruction *read : reads) {
      builder.SetInsertPoint(read);
      if (auto *load = dyn_cast<LoadInst>(read))
        rewriteLoad(*load);
      else
        rewriteCopy(cast<CallInst>(*read));
      read->eraseFromParent();
    }
    return true;
  }

private:
  bool isRead(const Instruction &instruction) {
    if (matchAsyncCopy(instruction))
      return getReadArgument(cast<CallInst>(instruction).getArgOperand(1));
    auto *load = dyn_cast<LoadInst>(&instruction);
    if (!load || !load->isSimple() || !getReadArgument(load->getPointerOperand()))
      return false;
    return isWholeAccess(load->getType(), load->getAlign());
  }

  bool isWrite(const StoreInst &store) {
    return store.isSimple() && store.getPointerAddressSpace() == globalSpace &&
           isWholeAccess(store.getValueOperand()->getType(), store.getAlign());
  }

  /// Whether one instruction accesses all of it.
  bool isWholeAccess(Type *type, Align alignment) {
    TypeSize bytes = layout.getTypeStoreSize(type);
    return !bytes.isScalable() && is_contained({2, 4, 8, 16}, int64_t(bytes.getFixedValue())) &&
           alignment >= bytes.getFixedValue() && layout.typeSizeEqualsStoreSize(type);
  }

  Type *int64() { return builder.getInt64Ty(); }

  void createPolicy() {
    builder.SetInsertPointPastAllocas(&function);
    policy = emit("createpolicy.fractional.L2::evict_first.b64 $0, 1.0;", "=l", int64(), {});
  }

  /// Inline PTX; without effects it does nothing but compute its result, anywhere.
  CallInst *emit(const Twine &text, StringRef constraints, Type *result, ArrayRef<Value *> operands,
                 bool hasEffects = false) {
    auto types = map_to_vector(operands, [](Value *value) { return value->getType(); });
    auto *type = FunctionType::get(result, types, /*isVarArg=*/false);
    CallInst *call = builder.CreateCall(
        type, InlineAsm::get(type, text.str(), constraints, hasEffects), operands);
    call->setDoesNotThrow();
    // Not ahead of the conditions that it is under: the address may be outside the tensor.
    call->setConvergent();
    if (!hasEffects)
      call->setDoesNotAccessMemory();
    return call;
  }

  /// The address of `pointer` without the constant at its end, and that.
  std::pair<Value *, std::string> splitAddress(Value *pointer) {
    APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
    Value *base =
        pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true);
    // Offsets in PTX have 32 bits.
    if (base->getType() != pointer->getType() || !offset.isSignedIntN(31)) {
      base = pointer;
      offset = 0;
    }
    Type *address = layout.getIntPtrType(base->getType());
    std::string text = offset.isZero() ? "" : "+" + std::to_string(offset.getSExtValue());
    return {builder.CreatePtrToInt(base, address), text};
  }

  void rewriteLoad(LoadInst &load) {
    unsigned bytes = layout.getTypeStoreSize(load.getType());
    unsigned registers = std::max(bytes / 4, 1u);
    Type *part = bytes == 2 ? builder.getInt16Ty() : builder.getInt32Ty();
    auto [address, offset] = splitAddress(load.getPointerOperand());
    // Loads that are not of memory that never changes keep their places between barriers.
    bool isConstant = isReadOnly(load.getPointerOperand());
    std::string text = (isConstant ? "ld.global.nc" : "ld.global") + marks, constraints, list;
    for (unsigned i = 0; i != registers; ++i) {
      list += (i ? ", $" : "$") + std::to_string(i);
      constraints += bytes == 2 ? "=h," : "=r,";
    }
    if (registers > 1) {
      text += ".v" + std::to_string(registers);
      list = "{" + list + "}";
    }
    text += (bytes == 2 ? ".b16 " : ".b32 ") + list + ", [$" + std::to_string(registers) + offset +
            "]" + (policy ? ", $" + std::to_string(registers + 1) : "") + ";";
    SmallVector<Value *> operands{address};
    constraints += "l";
    if (policy) {
      operands.push_back(policy);
      constraints += ",l";
    }
    SmallVector<Type *> parts(registers, part);
    Type *result =
        registers == 1 ? part : static_cast<Type *>(StructType::get(builder.getContext(), parts));
    Value *loaded = emit(text, constraints, result, operands, /*hasEffects=*/!isConstant);
    if (registers > 1) {
      Value *vector = PoisonValue::get(FixedVectorType::get(part, registers));
      for (unsigned i = 0; i != registers; ++i)
        vector = builder.CreateInsertElement(vector, builder.CreateExtractValue(loaded, i), i);
      loaded = vector;
    }
    load.replaceAllUsesWith(builder.CreateBitOrPointerCast(loaded, load.getType()));
  }

  void rewriteStore(StoreInst &store) {
    Value *stored = store.getValueOperand();
    unsigned bytes = layout.getTypeStoreSize(stored->getType()),
             registers = std::max(bytes / 4, 1u);
    Type *part = bytes == 2 ? builder.getInt16Ty() : builder.getInt32Ty();
    auto [address, offset] = splitAddress(store.getPointerOperand());
    Type *whole = registers == 1 ? part : FixedVectorType::get(part, registers);
    stored = builder.CreateBitOrPointerCast(stored, whole);
    SmallVector<Value *> operands{address};
    std::string constraints = "l", list;
    for (unsigned i = 0; i != registers; ++i) {
      operands.push_back(registers == 1 ? stored : builder.CreateExtractElement(stored, i));
      list += (i ? ", $" : "$") + std::to_string(i + 1);
      constraints += bytes == 2 ? ",h" : ",r";
    }
    std::string text = "st.global.cs";
    if (registers > 1) {
      text += ".v" + std::to_string(registers);
      list = "{" + list + "}";
    }
    emit(text + (bytes == 2 ? ".b16" : ".b32") + " [$0" + offset + "], " + list + ";",
         constraints + ",~{memory}", builder.getVoidTy(), operands, /*hasEffects=*/true);
  }

  void rewriteCopy(CallInst &call) {
    AsyncCopy copy = *matchAsyncCopy(call);
    auto [target, targetOffset] = splitAddress(call.getArgOperand(0));
    auto [source, sourceOffset] = splitAddress(call.getArgOperand(1));
    SmallVector<Value *> operands{target, source};
    bool isNarrow = layout.getTypeSizeInBits(target->getType()) == 32;
    std::string constraints = isNarrow ? "r,l," : "l,l,";
    std::string rest;
    auto addOperand = [&](Value *value, StringRef constraint) {
      rest += ", $" + std::to_string(operands.size());
      operands.push_back(value);
      constraints += constraint;
    };
    if (copy.hasCount)
      addOperand(call.getArgOperand(2), isa<ConstantInt>(call.getArgOperand(2)) ? "n," : "r,");
    if (policy)
      addOperand(policy, "l,");
    // ptxas 13.0 for sm_90 codes such a copy to the sum of a uniform and another register as an
    // instruction that an H200 refuses. Of an address without its upper bits, which are zero, it
    // makes no such sum.
    std::string before, base = "$0", after;
    if (isNarrow && policy) {
      before = "{\n.reg .b32 to;\nand.b32 to, $0, 0xFFFFFF;\n";
      base = "to";
      after = "\n}";
    }
    emit(before + "cp.async." + copy.cache + ".shared.global" + marks + " [" + base + targetOffset +
             "], [$1" + sourceOffset + "], " + Twine(copy.bytes) + rest + ";" + after,
         constraints + "~{memory}", builder.getVoidTy(), operands, /*hasEffects=*/true);
  }

  Function &function;
  const DataLayout &layout;
  IRBuilder<> builder;
  Value *policy = nullptr;
  /// What reads are marked with.
  std::string marks;
};
} // namespace

PreservedAnalyses CachePolicyPass::run(Function &function, FunctionAnalysisManager &) {
  bool evictFirst = function.hasFnAttribute(evictFirstAttr),
       fetchLines = function.hasFnAttribute(fetchLinesAttr);
  bool changed = (evictFirst || fetchLines) && Rewriter(function).markReads(evictFirst, fetchLines);
  if (function.hasFnAttribute(streamStoresAttr))
    changed |= Rewriter(function).streamStores();
  if (!changed)
    return PreservedAnalyses::all();
  PreservedAnalyses preserved;
  preserved.preserveSet<CFGAnalyses>();
  return preserved;
}
