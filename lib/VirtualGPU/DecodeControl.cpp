//===- DecodeControl.cpp - Decoding branches, calls and barriers ----------===//

#include "Block.h"
#include "KernelDecoder.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// Calls are decoded by recursion.
static constexpr size_t maxCallDepth = 64;

bool KernelDecoder::decodeBranch(Operands operands) {
  if (!expectOperands(operands, 1, 1))
    return false;
  if (operands[0].kind != Operand::Kind::name)
    return fail("expected a label, got " + describe(operands[0]));
  emit(OpKind::branch, nullptr);
  frame().jumps.push_back(
      {uint32_t(builder.ops.size() - 1), 0, scope().id, operands[0].name, line});
  return true;
}

bool KernelDecoder::decodeBranchIndexed(Operands operands) {
  if (!expectOperands(operands, 2, 2))
    return false;
  uint32_t index = none;
  if (!source(operands[0], Type::b32, index))
    return false;
  auto table = frame().tables.find(operands[1].name);
  if (table == frame().tables.end())
    return fail("expected a list of branch targets, got " + describe(operands[1]));
  DraftOp &draft = emit(OpKind::branchIndexed, nullptr);
  draft.op.src[0] = index;
  draft.op.immediate = int64_t(table->second->labels.size());
  draft.listIsTargets = true;
  draft.list.resize(table->second->labels.size(), none);
  for (unsigned i = 0; i < draft.list.size(); ++i)
    frame().jumps.push_back(
        {uint32_t(builder.ops.size() - 1), i, scope().id, table->second->labels[i], line});
  return true;
}

bool KernelDecoder::decodeReturn() {
  if (frames.size() == 1) {
    emit(OpKind::exit, nullptr);
    return true;
  }
  emit(OpKind::branch, nullptr);
  frame().returns.push_back(uint32_t(builder.ops.size() - 1));
  return true;
}

static void raiseTrap(Warp &warp, const Op &op, uint32_t mask) {
  warp.block->raise(warp, op, llvm::countr_zero(mask),
                    op.variant ? "an assertion of the kernel failed"
                               : "the kernel ran into a trap");
}

bool KernelDecoder::decodeTrap() {
  emit(OpKind::memory, raiseTrap);
  return true;
}

bool KernelDecoder::bindParameters(const Function &callee, llvm::ArrayRef<Variable> formals,
                                   Operands actuals, bool isResult, Scope &names) {
  if (formals.size() != actuals.size())
    return fail("function '" + callee.name + "' takes or gives " + llvm::Twine(formals.size()) +
                " values, got " + llvm::Twine(actuals.size()));
  for (auto [formal, actual] : llvm::zip(formals, actuals)) {
    Symbol symbol;
    if (formal.space == Space::reg && isResult) {
      if (!destination(actual, bitsOf(formal.type), symbol.reg))
        return false;
    } else if (formal.space == Space::reg) {
      // A copy: the callee may write to it.
      uint32_t value = none;
      if (!source(actual, formal.type, value))
        return false;
      symbol.reg = builder.newRegister(bitsOf(formal.type));
      if (!emitKernel(Key{Fn::mov, formal.type}, symbol.reg, {value}))
        return false;
    } else {
      if (actual.kind != Operand::Kind::name)
        return fail("expected a parameter's name, got " + describe(actual));
      if (!symbolOf(actual.name, symbol))
        return false;
      uint64_t bytes = formal.elementBytes() * formal.elements;
      if (symbol.kind != Symbol::Kind::variable || symbol.bytes < bytes)
        return fail("'" + actual.name + "' does not hold the " + llvm::Twine(bytes) +
                    " bytes of parameter '" + formal.name + "'");
    }
    if (!names.symbols.try_emplace(formal.name, symbol).second)
      return fail("'" + formal.name + "' is already declared");
  }
  return true;
}

bool KernelDecoder::decodeCall(Operands operands) {
  Operands results, arguments;
  if (!operands.empty() && operands.front().kind == Operand::Kind::list) {
    results = operands.front().parts;
    operands = operands.drop_front();
  }
  if (operands.empty() || operands.front().kind != Operand::Kind::name)
    return fail("expected a function's name");
  llvm::StringRef name = operands.front().name;
  if (operands.size() > 1 && operands[1].kind == Operand::Kind::list)
    arguments = operands[1].parts;
  if (find(name))
    return fail("indirect calls are not covered");
  const Function *callee = nullptr;
  for (const Function &function : module.functions)
    if (function.name == name && (!callee || function.hasBody))
      callee = &function;
  if (!callee || callee->isEntry)
    return fail("function '" + name + "' is not declared");
  if (!callee->hasBody && name == "__assertfail") {
    emit(OpKind::memory, raiseTrap).op.variant = 1;
    return true;
  }
  if (!callee->hasBody)
    return fail("function '" + name + "' is not defined in this module");
  for (const Frame &caller : frames)
    if (caller.function == callee)
      return fail("recursive calls are not covered: '" + name + "'");
  if (frames.size() > maxCallDepth)
    return fail("calls are nested too deeply");

  // @p call: jump over the function where p does not hold.
  const Instruction &call = *instruction;
  unsigned callLine = line;
  std::optional<size_t> skip;
  if (!call.guard.empty()) {
    Operand guard;
    guard.kind = Operand::Kind::name;
    guard.name = call.guard;
    skip = builder.ops.size();
    Op &op = emit(OpKind::branch, nullptr).op;
    op.guardNegated = !call.guardNegated;
    uint32_t reg = none;
    if (!source(guard, Type::pred, reg))
      return false;
    builder.ops[*skip].op.guard = reg;
  }
  // The call itself is an instruction too.
  emit(OpKind::compute, [](Warp &, const Op &, uint32_t) {});
  Scope names;
  if (!bindParameters(*callee, callee->results, results, /*isResult=*/true, names) ||
      !bindParameters(*callee, callee->parameters, arguments, /*isResult=*/false, names))
    return false;
  frames.emplace_back();
  frame().scopes.push_back(std::move(names));
  if (!decodeBody(*callee))
    return false;
  frames.pop_back();
  if (skip)
    builder.ops[*skip].op.target = uint32_t(builder.ops.size());
  instruction = &call;
  line = callLine;
  opcode = matchOpcode(call.opcode);
  return true;
}

bool KernelDecoder::decodeBarrier(Operands operands) {
  Op op;
  op.kind = OpKind::barrier;
  auto mode = BarrierMode::sync;
  if (opcode.has("arrive"))
    mode = BarrierMode::arrive;
  else if (opcode.has("popc"))
    mode = BarrierMode::redPopc;
  else if (opcode.has("and"))
    mode = BarrierMode::redAnd;
  else if (opcode.has("or"))
    mode = BarrierMode::redOr;
  bool reduces = mode >= BarrierMode::redPopc;
  op.variant = uint8_t(mode);
  // bar is short for barrier.aligned.
  op.aligned = opcode.has("aligned") || instruction->opcode.starts_with("bar.");
  if (!expectOperands(operands, reduces ? 3 : mode == BarrierMode::arrive ? 2 : 1, reduces ? 4 : 2))
    return false;
  if (reduces) {
    bool negated = false;
    if ((mode == BarrierMode::redPopc) != (opcode.type() == Type::u32))
      return uncovered();
    if (!destination(operands.front(), bitsOf(opcode.type()), op.dst) ||
        !predicate(operands.back(), op.src[2], negated))
      return false;
    op.variant2 = negated;
    operands = operands.drop_front().drop_back();
  }
  if (!source(operands[0], Type::b32, op.src[0]) ||
      (operands.size() > 1 && !source(operands[1], Type::b32, op.src[1])))
    return false;
  emit(op);
  return true;
}
