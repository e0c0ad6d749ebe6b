//===- InstructionTable.h - The covered instructions ------------*- C++ -*-===//
//
// One row per form of an instruction: the modifiers that it takes, in PTX's
// order, and how it is decoded. The table is what is matched against, and what
// the documentation lists.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_INSTRUCTIONTABLE_H
#define POOLC_LIB_VIRTUALGPU_INSTRUCTIONTABLE_H

#include "Kernels.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

namespace poolc::vgpu {

/// The decoders of the instructions that need more than operands and a Key.
enum class Decoding : uint8_t {
  lanes, ///< by Fn and the operand letters
  carry,
  mov,
  setp,
  set,
  cvt,
  cvta,
  isspacep,
  load,
  store,
  prefetch,
  branch,
  branchIndexed,
  exit,
  ret,
  call,
  trap,
  nothing,
  barrier,
  warpBarrier,
  vote,
  match,
  shuffle,
  redux,
  activeMask,
  elect,
  atom,
  cpAsync,
  cpAsyncCommit,
  cpAsyncWait,
  bulkCopy,
  tensorCopy,
  bulkCommit,
  bulkWait,
  tensorMap,
  tensorMapCopy,
  proxyFence,
  createPolicy,
  ldmatrix,
  stmatrix,
  mma,
  wmmaLoad,
  wmmaStore,
  wmma,
  wgmma,
  wgmmaFence,
  wgmmaCommit,
  wgmmaWait,
  setRegisters,
  mbarrier,
  mbarrierCount,
  mbarrierArrive,
  mbarrierTransactions,
  mbarrierWait,
  mbarrierCopies,
};

struct Rule {
  /// "add{.sat}(.u32|.s32)": required, optional {} and alternatives (|).
  llvm::StringLiteral form;
  Decoding decoding = Decoding::lanes;
  Fn fn = Fn::nothing;
  /// Of Decoding::lanes, the widths of destination and sources: T the type, F the
  /// second type, W twice T, u 32 bits, p a predicate.
  llvm::StringLiteral operands = "";
  uint8_t variant = 0;
};

struct RuleGroup {
  llvm::StringLiteral title;
  llvm::ArrayRef<Rule> rules;
};

llvm::ArrayRef<RuleGroup> instructionTable();

/// What an opcode says, split by the form that it matched.
struct Opcode {
  const Rule *rule = nullptr;
  /// The modifiers in order, without dots.
  llvm::SmallVector<llvm::StringRef, 12> modifiers;
  /// Those that are types.
  llvm::SmallVector<Type, 4> types;

  bool has(llvm::StringRef modifier) const;
  Type type() const { return types.empty() ? Type::none : types.front(); }
  Type from() const { return types.size() < 2 ? Type::none : types[1]; }
  Rounding rounding() const;
};

/// Matches a dotted opcode against the table; the rule is null if none fits.
Opcode matchOpcode(llvm::StringRef opcode);

/// Whether any form of that instruction is covered.
bool isCovered(llvm::StringRef mnemonic);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_INSTRUCTIONTABLE_H
