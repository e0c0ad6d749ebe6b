//===- KernelDecoder.cpp - Functions and statements -----------------------===//

#include "KernelDecoder.h"

#include "BulkCopy.h"
#include "Diagnostic.h"
#include "Matrix.h"
#include "Warpgroup.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// Inlining could make any amount of code of a small module.
static constexpr size_t maxOps = 1u << 20;
/// What a kernel can be given from sm_70 on.
static constexpr uint64_t maxParameterBytes = 32764;

bool KernelDecoder::failAt(unsigned at, const llvm::Twine &message) {
  if (!failed) {
    failed = true;
    errorLine = at;
    errorMessage = (message + " (kernel '" + kernel.name + "')").str();
  }
  return false;
}

bool KernelDecoder::expectOperands(Operands operands, unsigned least, unsigned most) {
  if (operands.size() >= least && operands.size() <= most)
    return true;
  std::string range = llvm::utostr(least);
  if (most != least)
    range += " to " + llvm::utostr(most);
  return fail("'" + instruction->opcode + "': expected " + range + " operands, got " +
              llvm::Twine(operands.size()));
}

bool KernelDecoder::layOutParameters() {
  uint64_t offset = 0;
  for (const Variable &parameter : kernel.parameters) {
    uint64_t alignment = std::max<uint64_t>(parameter.alignment, parameter.elementBytes());
    if (parameter.isPointer || alignment == 0)
      alignment = parameter.elementBytes(); // .align of a pointer is its target's.
    uint64_t bytes = parameter.elementBytes() * parameter.elements;
    offset = llvm::alignTo(offset, std::max<uint64_t>(alignment, 1));
    if (offset + bytes > maxParameterBytes)
      return failAt(kernel.line, "expected at most " + llvm::Twine(maxParameterBytes) +
                                     " bytes of parameters, got " + llvm::Twine(offset + bytes));
    Symbol symbol{Symbol::Kind::variable, none, Space::param, offset, bytes};
    kernelParameters[parameter.name] = symbol;
    builder.program->parameters.push_back(
        {parameter.name.str(), uint32_t(offset), uint32_t(bytes)});
    offset += bytes;
  }
  builder.program->parameterBytes = uint32_t(offset);
  return true;
}

/// Whether all threads of a kernel wait for the launch ahead of it before anything that may touch
/// memory which that one writes.
static bool beginsWithWait(const Function &kernel) {
  static constexpr llvm::StringLiteral beyondRegisters[] = {"ld.",  "ldu.", "st.",       "atom",
                                                            "red.", "cp.",  "tensormap", "bra",
                                                            "brx",  "call", "ret",       "exit"};
  for (const Statement &statement : kernel.body) {
    if (std::holds_alternative<Label>(statement.node))
      return false;
    auto *instruction = std::get_if<Instruction>(&statement.node);
    if (!instruction)
      continue;
    llvm::StringRef opcode = instruction->opcode;
    if (opcode == "griddepcontrol.wait")
      return instruction->guard.empty();
    bool mayTouchMemory = llvm::any_of(
        beyondRegisters, [&](llvm::StringRef prefix) { return opcode.starts_with(prefix); });
    if (mayTouchMemory && !opcode.starts_with("ld.param"))
      return false;
  }
  return false;
}

llvm::Expected<std::unique_ptr<Program>> KernelDecoder::run() {
  Program &program = *builder.program;
  program.kernel = kernel.name.str();
  program.file = module.name;
  program.line = kernel.line;
  program.requiredBlock = kernel.requiredBlock;
  program.maximumBlock = kernel.maximumBlock;
  program.waitsForLaunchAhead = beginsWithWait(kernel);
  for (const auto &[number, name] : module.files)
    program.sourceFiles.emplace_back(number, name.str());
  frames.emplace_back();
  if (layOutParameters() && decodeBody(kernel)) {
    // The end of the body is an exit, also where PTX does not say so.
    instruction = nullptr;
    emit(OpKind::exit, nullptr);
  }
  if (failed)
    return makeError(module.name, errorLine, errorMessage);
  uint64_t dynamic =
      llvm::alignTo(sharedBase + program.sharedBytes, program.dynamicSharedAlignment);
  builder.dynamicSharedAddress = dynamic;
  if (program.usesDynamicShared)
    program.sharedBytes = uint32_t(dynamic - sharedBase);
  markOptimisticLoads();
  return builder.finish();
}

/// The load in front of a loop that compares and swaps is only a guess at what
/// will be found: no race with the others that swap.
void KernelDecoder::markOptimisticLoads() {
  for (size_t index : plainLoads) {
    Op &op = builder.ops[index].op;
    op.strong |= swapped.count({op.src[0], op.immediate}) != 0;
  }
}

bool KernelDecoder::decodeBody(const Function &function) {
  frame().function = &function;
  if (frame().scopes.empty())
    frame().scopes.emplace_back();
  frame().scopeParents.push_back(none);
  for (const Statement &statement : function.body) {
    line = statement.line;
    if (!decodeStatement(statement))
      return false;
    if (builder.ops.size() > maxOps)
      return fail("the kernel with all functions inlined has too many instructions");
  }
  return resolveJumps();
}

bool KernelDecoder::decodeStatement(const Statement &statement) {
  if (auto *node = std::get_if<Instruction>(&statement.node))
    return decode(*node);
  if (auto *node = std::get_if<Variable>(&statement.node))
    return declare(*node);
  if (auto *node = std::get_if<Label>(&statement.node)) {
    bool isNew = frame().labels.try_emplace({scope().id, node->name}, builder.ops.size()).second;
    return isNew || fail("label '" + node->name + "' is already defined");
  }
  if (std::holds_alternative<ScopeBegin>(statement.node)) {
    unsigned parent = scope().id;
    frame().scopes.emplace_back();
    scope().id = unsigned(frame().scopeParents.size());
    frame().scopeParents.push_back(parent);
    return true;
  }
  if (std::holds_alternative<ScopeEnd>(statement.node)) {
    frame().scopes.pop_back();
    return true;
  }
  if (auto *node = std::get_if<BranchTargets>(&statement.node))
    frame().tables[node->name] = node;
  return true;
}

std::optional<uint32_t> KernelDecoder::findLabel(unsigned scope, llvm::StringRef label) const {
  const Frame &frame = frames.back();
  for (; scope != none; scope = frame.scopeParents[scope]) {
    auto it = frame.labels.find({scope, label});
    if (it != frame.labels.end())
      return it->second;
  }
  return std::nullopt;
}

bool KernelDecoder::resolveJumps() {
  for (const Frame::Jump &jump : frame().jumps) {
    std::optional<uint32_t> target = findLabel(jump.scope, jump.label);
    if (!target)
      return failAt(jump.line, "label '" + jump.label + "' is not defined");
    DraftOp &op = builder.ops[jump.op];
    if (op.listIsTargets)
      op.list[jump.entry] = *target;
    else
      op.op.target = *target;
  }
  for (uint32_t op : frame().returns)
    builder.ops[op].op.target = uint32_t(builder.ops.size());
  return true;
}

DraftOp &KernelDecoder::emit(OpKind kind, Handler handler) {
  Op op;
  op.kind = kind;
  op.handler = handler;
  return emit(op);
}

DraftOp &KernelDecoder::emit(const Op &op) {
  builder.ops.emplace_back();
  DraftOp &draft = builder.ops.back();
  draft.op = op;
  draft.op.line = line;
  draft.op.location = location;
  return draft;
}

/// The line of the source that an instruction comes from, as an index.
static uint32_t locationOf(Program &program, const SourceLocation &location) {
  if (location.file == 0)
    return none;
  auto same = [&](const SourceLocation &other) {
    return other.file == location.file && other.line == location.line &&
           other.column == location.column;
  };
  if (program.locations.empty() || !same(program.locations.back()))
    program.locations.push_back(location);
  return uint32_t(program.locations.size() - 1);
}

bool KernelDecoder::decode(const Instruction &node) {
  instruction = &node;
  location = locationOf(*builder.program, node.location);
  opcode = matchOpcode(node.opcode);
  if (!opcode.rule)
    return uncovered();
  size_t first = builder.ops.size();
  // A call decodes other instructions meanwhile.
  OpCost cost = costOf(opcode);
  if (!dispatch(node.operands))
    return false;
  for (size_t i = first; i < builder.ops.size(); ++i)
    if (!builder.ops[i].cost)
      builder.ops[i].cost = cost;
  if (node.guard.empty())
    return true;
  uint32_t guard = none;
  Operand operand;
  operand.kind = Operand::Kind::name;
  operand.name = node.guard;
  if (!source(operand, Type::pred, guard))
    return false;
  // A call became several operations: it was made conditional as a whole.
  if (opcode.rule->decoding == Decoding::call)
    return true;
  for (size_t i = first; i < builder.ops.size(); ++i) {
    builder.ops[i].op.guard = guard;
    builder.ops[i].op.guardNegated = node.guardNegated;
  }
  return true;
}

bool KernelDecoder::uncovered() {
  llvm::StringRef mnemonic = instruction->opcode.split('.').first;
  if (isCovered(mnemonic))
    return fail("this form of '" + mnemonic + "' is not covered: '" + instruction->opcode + "'");
  return fail("instruction '" + instruction->opcode + "' is not covered");
}

bool KernelDecoder::dispatch(Operands operands) {
  switch (opcode.rule->decoding) {
  case Decoding::lanes:
    return decodeLanes(operands);
  case Decoding::carry:
    return decodeCarry(operands);
  case Decoding::mov:
    return decodeMov(operands);
  case Decoding::setp:
    return decodeSetp(operands);
  case Decoding::set:
    return decodeSet(operands);
  case Decoding::cvt:
    return decodeCvt(operands);
  case Decoding::cvta:
    return decodeCvta(operands);
  case Decoding::isspacep:
    return decodeIsspacep(operands);
  case Decoding::load:
    return decodeLoad(operands);
  case Decoding::store:
    return decodeStore(operands);
  case Decoding::branch:
    return decodeBranch(operands);
  case Decoding::branchIndexed:
    return decodeBranchIndexed(operands);
  case Decoding::exit:
    emit(OpKind::exit, nullptr);
    return true;
  case Decoding::ret:
    return decodeReturn();
  case Decoding::call:
    return decodeCall(operands);
  case Decoding::trap:
    return decodeTrap();
  case Decoding::barrier:
    return decodeBarrier(operands);
  case Decoding::prefetch:
  case Decoding::nothing:
    emit(OpKind::compute, [](Warp &, const Op &, uint32_t) {}).op.fences =
        instruction->opcode.starts_with("membar") || instruction->opcode.starts_with("fence.") ||
        instruction->opcode.starts_with("griddepcontrol");
    return true;
  case Decoding::proxyFence:
    emit(OpKind::compute, fenceProxy).op.fences = true;
    return true;
  case Decoding::shuffle:
    return decodeShuffle(operands);
  case Decoding::vote:
    return decodeVote(operands);
  case Decoding::match:
    return decodeMatch(operands);
  case Decoding::redux:
    return decodeRedux(operands);
  case Decoding::elect:
    return decodeElect(operands);
  case Decoding::warpBarrier:
    return decodeWarpBarrier(operands);
  case Decoding::activeMask:
    return decodeActiveMask(operands);
  case Decoding::atom:
    return decodeAtom(operands);
  case Decoding::cpAsync:
    return decodeCpAsync(operands);
  case Decoding::cpAsyncCommit:
    emit(OpKind::compute, commitAsync);
    return true;
  case Decoding::cpAsyncWait:
    return decodeCpAsyncWait(operands);
  case Decoding::bulkCopy:
    return decodeBulkCopy(operands);
  case Decoding::tensorCopy:
    return decodeTensorCopy(operands);
  case Decoding::bulkCommit:
    emit(OpKind::compute, commitBulkStores);
    return true;
  case Decoding::bulkWait:
    return decodeBulkWait(operands);
  case Decoding::tensorMap:
    return decodeTensorMap(operands);
  case Decoding::tensorMapCopy:
    return decodeTensorMapCopy(operands);
  case Decoding::createPolicy:
    return decodeCreatePolicy(operands);
  case Decoding::ldmatrix:
    return decodeLdmatrix(operands, /*loads=*/true);
  case Decoding::stmatrix:
    return decodeLdmatrix(operands, /*loads=*/false);
  case Decoding::mma:
    return decodeMma(operands);
  case Decoding::wmmaLoad:
    return decodeWmmaMove(operands, /*loads=*/true);
  case Decoding::wmmaStore:
    return decodeWmmaMove(operands, /*loads=*/false);
  case Decoding::wmma:
    return decodeWmma(operands);
  case Decoding::wgmma:
    return decodeWgmma(operands);
  case Decoding::wgmmaFence:
    return expectWarpgroups() && expectOperands(operands, 0, 0) &&
           (emit(OpKind::compute, fenceWarpgroup), true);
  case Decoding::wgmmaCommit:
    return expectWarpgroups() && expectOperands(operands, 0, 0) &&
           (emit(OpKind::compute, commitWarpgroup), true);
  case Decoding::wgmmaWait:
    return decodeWgmmaWait(operands);
  case Decoding::setRegisters:
    return decodeSetRegisters(operands);
  case Decoding::mbarrier:
    return decodeMBarrier(operands);
  case Decoding::mbarrierCount:
    return decodeMBarrierCount(operands);
  case Decoding::mbarrierArrive:
    return decodeMBarrierArrive(operands);
  case Decoding::mbarrierTransactions:
    return decodeMBarrierTransactions(operands);
  case Decoding::mbarrierWait:
    return decodeMBarrierWait(operands);
  case Decoding::mbarrierCopies:
    return decodeMBarrierCopies(operands);
  }
  return uncovered();
}

llvm::Expected<std::unique_ptr<Program>>
poolc::vgpu::decodeKernel(const Module &module, const Function &kernel,
                          const ModuleAddresses &addresses) {
  return KernelDecoder(module, kernel, addresses).run();
}
