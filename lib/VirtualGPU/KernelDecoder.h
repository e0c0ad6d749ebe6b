//===- KernelDecoder.h - The state of decoding a kernel ---------*- C++ -*-===//
//
// Walks the statements of a kernel and, in place of each call, those of the
// function called. Every function returns false after an error.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_KERNELDECODER_H
#define POOLC_LIB_VIRTUALGPU_KERNELDECODER_H

#include "Decoder.h"
#include "InstructionTable.h"
#include "ProgramBuilder.h"

#include <map>
#include <set>

namespace poolc::vgpu {

/// What a name stands for.
struct Symbol {
  enum class Kind { reg, variable, dynamicShared } kind = Kind::reg;
  uint32_t reg = none;
  Space space = Space::reg;
  uint64_t address = 0;
  uint64_t bytes = 0;
};

/// The names of one pair of braces.
struct Scope {
  unsigned id = 0;
  llvm::StringMap<Symbol> symbols;
  /// `%r<10>`: by "%r", the width in bits and the number.
  llvm::StringMap<std::pair<unsigned, unsigned>> ranges;
};

/// A function being decoded: the kernel, or an inlined call.
struct Frame {
  const syntax::Function *function = nullptr;
  std::vector<Scope> scopes;
  std::vector<unsigned> scopeParents;
  std::map<std::pair<unsigned, llvm::StringRef>, uint32_t> labels;
  llvm::StringMap<const syntax::BranchTargets *> tables;
  /// A target to fill in once all labels are known; `entry` of an indexed branch.
  struct Jump {
    uint32_t op;
    unsigned entry;
    unsigned scope;
    llvm::StringRef label;
    unsigned line;
  };
  std::vector<Jump> jumps;
  /// Branches to the end of an inlined function.
  std::vector<uint32_t> returns;
  /// The carry flag (add.cc), once it is used.
  uint32_t carry = none;
};

/// Where an access goes: `offset` from a register, which may be a constant.
struct Address {
  uint32_t reg = none;
  int64_t offset = 0;
  Space space = Space::generic;
  /// The register is the constant 0, or that of a variable.
  bool isConstant = false;
  uint64_t constant = 0;
  /// The variable, if one is named.
  uint64_t variableBytes = 0;
};

class KernelDecoder {
public:
  KernelDecoder(const syntax::Module &module, const syntax::Function &kernel,
                const ModuleAddresses &addresses)
      : module(module), kernel(kernel), addresses(addresses) {}

  llvm::Expected<std::unique_ptr<Program>> run();

private:
  using Operand = syntax::Operand;
  using Operands = llvm::ArrayRef<Operand>;

  bool fail(const llvm::Twine &message) { return failAt(line, message); }
  bool failAt(unsigned at, const llvm::Twine &message);
  bool expectOperands(Operands operands, unsigned least, unsigned most);

  // Functions, names and memory (KernelDecoder.cpp, Symbols.cpp).
  bool layOutParameters();
  bool decodeBody(const syntax::Function &function);
  void markOptimisticLoads();
  bool decodeStatement(const syntax::Statement &statement);
  bool resolveJumps();
  std::optional<uint32_t> findLabel(unsigned scope, llvm::StringRef label) const;
  bool declare(const syntax::Variable &variable);
  bool place(const syntax::Variable &variable, Symbol &symbol);
  Symbol *find(llvm::StringRef name);
  bool define(llvm::StringRef name, const Symbol &symbol);
  bool symbolOf(llvm::StringRef name, Symbol &symbol);

  // Operands (Operands.cpp).
  bool source(const Operand &operand, Type type, uint32_t &reg);
  bool sourceOfAnyWidth(const Operand &operand, Type type, uint32_t &reg);
  bool destination(const Operand &operand, unsigned bits, uint32_t &reg);
  bool destinationOfAnyWidth(const Operand &operand, unsigned least, uint32_t &reg);
  bool predicate(const Operand &operand, uint32_t &reg, bool &negated);
  bool immediate(const Operand &operand, Type type, uint64_t &bits);
  bool addressOf(const Operand &operand, Space space, Address &address);
  uint32_t variableAddress(const Symbol &symbol, int64_t offset, unsigned bits, bool generic);
  std::string describe(const Operand &operand) const;

  // Instructions.
  bool decode(const syntax::Instruction &instruction);
  bool dispatch(Operands operands);
  DraftOp &emit(OpKind kind, Handler handler);
  /// All of `op` but the place in the source, which is this one.
  DraftOp &emit(const Op &op);
  /// Emits a lane-wise operation found by its key.
  bool emitKernel(const Key &key, uint32_t dst, llvm::ArrayRef<uint32_t> sources);
  bool uncovered();
  Key keyOf() const;
  Space spaceOf() const;

  bool decodeLanes(Operands operands);
  bool decodeCarry(Operands operands);
  bool decodeMov(Operands operands);
  bool decodePack(Operands operands, bool packs);
  bool decodeSetp(Operands operands);
  bool decodeSet(Operands operands);
  bool decodeCvt(Operands operands);
  bool decodeCvta(Operands operands);
  bool decodeIsspacep(Operands operands);
  bool decodeLoad(Operands operands);
  bool decodeStore(Operands operands);
  bool decodeBranch(Operands operands);
  bool decodeBranchIndexed(Operands operands);
  bool decodeReturn();
  bool decodeCall(Operands operands);
  bool bindParameters(const syntax::Function &callee, llvm::ArrayRef<syntax::Variable> formals,
                      Operands actuals, bool isResult, Scope &names);
  bool decodeTrap();
  bool decodeBarrier(Operands operands);
  bool decodeShuffle(Operands operands);
  bool decodeVote(Operands operands);
  bool decodeMatch(Operands operands);
  bool decodeRedux(Operands operands);
  bool decodeElect(Operands operands);
  bool decodeWarpBarrier(Operands operands);
  bool decodeActiveMask(Operands operands);
  bool decodeAtom(Operands operands);
  bool decodeCpAsync(Operands operands);
  bool decodeCpAsyncWait(Operands operands);
  bool decodeBulkCopy(Operands operands);
  void emitBulkCopy(Handler handler, const Address &shared, const Address &other,
                    const Address *object, llvm::ArrayRef<uint32_t> others);
  bool decodeTensorCopy(Operands operands);
  bool decodeBulkWait(Operands operands);
  bool decodeTensorMap(Operands operands);
  bool decodeTensorMapCopy(Operands operands);
  bool decodeCreatePolicy(Operands operands);
  bool decodeLdmatrix(Operands operands, bool loads);
  bool decodeMma(Operands operands);
  bool decodeWmmaMove(Operands operands, bool loads);
  bool decodeWmma(Operands operands);
  bool expectWarpgroups();
  bool decodeWgmma(Operands operands);
  bool decodeWgmmaWait(Operands operands);
  bool decodeSetRegisters(Operands operands);
  bool expectChip(unsigned least);
  bool expectMBarriers();
  bool mbarrierAt(const Operand &operand, Op &op);
  bool decodeMBarrier(Operands operands);
  bool decodeMBarrierCount(Operands operands);
  bool decodeMBarrierArrive(Operands operands);
  bool decodeMBarrierTransactions(Operands operands);
  bool decodeMBarrierWait(Operands operands);
  bool decodeMBarrierCopies(Operands operands);
  /// Appends the registers of a vector operand to the list of an operation.
  bool registers(const Operand &operand, unsigned count, bool written,
                 llvm::SmallVectorImpl<uint32_t> &list);
  bool compareOf(bool isFloat, Compare &compare, bool &isUnsigned);
  bool combination(Operands rest, Op &op);

  const syntax::Module &module;
  const syntax::Function &kernel;
  const ModuleAddresses &addresses;

  ProgramBuilder builder;
  /// Operations that are loads, and the addresses (register and offset) that
  /// instructions compare and swap at.
  std::vector<size_t> plainLoads;
  std::set<std::pair<uint32_t, int64_t>> swapped;
  std::vector<Frame> frames;
  Frame &frame() { return frames.back(); }
  Scope &scope() { return frames.back().scopes.back(); }
  /// Where the static shared variables are, by declaration.
  std::map<const syntax::Variable *, uint64_t> sharedAddresses;
  llvm::StringMap<Symbol> kernelParameters;

  // The instruction being decoded.
  const syntax::Instruction *instruction = nullptr;
  Opcode opcode;
  unsigned line = 0;
  uint32_t location = none;

  bool failed = false;
  std::string errorMessage;
  unsigned errorLine = 0;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_KERNELDECODER_H
