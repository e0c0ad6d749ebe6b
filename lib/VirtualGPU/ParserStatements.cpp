//===- ParserStatements.cpp - The statements of a function ----------------===//

#include "ModuleParser.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

bool ModuleParser::parseBody(Function &function) {
  if (!expect("{"))
    return false;
  location = {};
  for (unsigned depth = 1; depth > 0;) {
    if (atEnd())
      return failExpected("'}'");
    unsigned line = token.line;
    if (accept("{")) {
      ++depth;
      function.body.push_back({line, ScopeBegin()});
    } else if (accept("}")) {
      if (--depth > 0)
        function.body.push_back({line, ScopeEnd()});
    } else if (!parseStatement(function)) {
      return false;
    }
  }
  return true;
}

bool ModuleParser::parseStatement(Function &function) {
  unsigned line = token.line;
  if (accept(";"))
    return true;
  if (accept("@")) {
    syntax::Instruction guarded;
    bool negated = accept("!");
    llvm::StringRef guard, opcode;
    if (!expectWord(guard, "a predicate") || !expectWord(opcode, "an instruction") ||
        !parseInstruction(function, opcode, line))
      return false;
    auto &instruction = std::get<Instruction>(function.body.back().node);
    instruction.guard = guard;
    instruction.guardNegated = negated;
    return true;
  }
  if (!atWord())
    return failExpected("an instruction");
  llvm::StringRef word = token.text;
  if (word == ".loc") {
    advance();
    uint64_t numbers[3] = {0, 0, 0};
    for (unsigned i = 0; i < 3 && token.line == line && token.kind == Token::Kind::number; ++i)
      if (!expectUnsigned(numbers[i], "a number"))
        return false;
    location = {unsigned(numbers[0]), unsigned(numbers[1]), unsigned(numbers[2])};
    while (!atEnd() && token.line == line)
      advance();
    return true;
  }
  if (word == ".pragma")
    return skipToSemicolon();
  if (parseSpace(word)) {
    std::vector<Variable> variables;
    if (!parseVariables(variables, /*isExtern=*/false))
      return false;
    for (Variable &variable : variables)
      function.body.push_back({line, std::move(variable)});
    return true;
  }
  advance();
  if (accept(":"))
    return parseLabelled(function, word, line);
  return parseInstruction(function, word, line);
}

bool ModuleParser::parseLabelled(Function &function, llvm::StringRef label, unsigned line) {
  if (accept(".branchtargets")) {
    BranchTargets targets{label, {}};
    do {
      targets.labels.emplace_back();
      if (!expectWord(targets.labels.back(), "a label"))
        return false;
    } while (accept(","));
    function.body.push_back({line, std::move(targets)});
    return expect(";");
  }
  if (at(".callprototype") || at(".calltargets")) {
    function.body.push_back({line, Prototype{label}});
    return skipToSemicolon();
  }
  function.body.push_back({line, Label{label}});
  return true;
}

bool ModuleParser::parseInstruction(Function &function, llvm::StringRef opcode, unsigned line) {
  Instruction instruction;
  instruction.opcode = opcode;
  instruction.location = location;
  if (!parseOperands(instruction.operands, ";", 0) || !expect(";"))
    return false;
  function.body.push_back({line, std::move(instruction)});
  return true;
}
