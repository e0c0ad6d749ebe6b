//===- Parser.cpp - PTX text to syntax tree -------------------------------===//

#include "Parser.h"

#include "Diagnostic.h"
#include "ParserCore.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// Far above any memory, far below an overflow of the product of two.
static constexpr uint64_t maxArrayElements = uint64_t(1) << 31;

namespace {

class Parser : ParserCore {
public:
  explicit Parser(Module &module) : ParserCore(module.text, module.name), module(module) {}

  llvm::Error run() {
    while (!atEnd() && parseTopLevel())
      ;
    return takeError();
  }

private:
  struct Linkage {
    bool isExtern = false;
  };

  bool parseTopLevel();
  bool parseVersion();
  bool parseTarget();
  bool parseFunction(bool isEntry);
  bool parseParameters(std::vector<Variable> &parameters);
  bool parseParameter(Variable &variable);
  bool parseFunctionDirectives(Function &function);
  bool parseBlockSize(std::vector<uint64_t> &sizes);
  bool parseBody(Function &function);
  bool parseStatement(Function &function);
  bool parseLabelled(Function &function, llvm::StringRef label, unsigned line);
  bool parseInstruction(Function &function, llvm::StringRef opcode, unsigned line);
  bool parseVariables(std::vector<Variable> &variables, bool isExtern);
  bool parseVariableType(Variable &variable);
  bool parseDeclarator(Variable &variable);
  bool parseInitializer(std::vector<Operand> &values);
  void skipLine();
  bool skipBraces();
  bool skipToSemicolon();

  Module &module;
  SourceLocation location;
};

} // namespace

static std::optional<Space> parseSpace(llvm::StringRef directive) {
  return llvm::StringSwitch<std::optional<Space>>(directive)
      .Case(".reg", Space::reg)
      .Case(".global", Space::global)
      .Case(".shared", Space::shared)
      .Case(".shared::cta", Space::shared)
      .Case(".local", Space::local)
      .Case(".param", Space::param)
      .Case(".const", Space::constant)
      .Default(std::nullopt);
}

void Parser::skipLine() {
  unsigned line = token.line;
  while (!atEnd() && token.line == line)
    advance();
}

bool Parser::skipBraces() {
  if (!expect("{"))
    return false;
  for (unsigned depth = 1; depth > 0; advance()) {
    if (atEnd())
      return failExpected("'}'");
    depth += at("{");
    depth -= at("}");
  }
  return true;
}

bool Parser::skipToSemicolon() {
  while (!atEnd() && !at(";"))
    advance();
  return expect(";");
}

bool Parser::parseVersion() {
  advance();
  llvm::StringRef text = token.text;
  unsigned major, minor;
  auto [left, right] = text.split('.');
  if (token.kind != Token::Kind::number || left.getAsInteger(10, major) ||
      right.getAsInteger(10, minor) || major > 100 || minor > 9)
    return failExpected("a version like 7.8");
  module.version = major * 10 + minor;
  advance();
  return true;
}

bool Parser::parseTarget() {
  advance();
  module.targetLine = token.line;
  if (!expectWord(module.target, "a target like sm_89"))
    return false;
  llvm::StringRef option;
  while (accept(","))
    if (!expectWord(option, "a target option"))
      return false;
  return true;
}

bool Parser::parseTopLevel() {
  if (at(".version"))
    return parseVersion();
  if (at(".target"))
    return parseTarget();
  if (accept(".address_size")) {
    uint64_t bits = 0;
    unsigned line = token.line;
    if (!expectUnsigned(bits, "an address size"))
      return false;
    module.addressSize = unsigned(bits);
    return bits == 64 || failAt(line, "expected .address_size 64, got " + llvm::Twine(bits));
  }
  if (at(".file")) {
    unsigned line = token.line;
    advance();
    uint64_t number = 0;
    if (token.line == line && token.kind == Token::Kind::number) {
      if (!expectUnsigned(number, "a file number"))
        return false;
      if (token.kind == Token::Kind::string)
        module.files.emplace_back(unsigned(number), token.text);
    }
    while (!atEnd() && token.line == line)
      advance();
    return true;
  }
  if (at(".loc")) {
    skipLine();
    return true;
  }
  if (accept(".section")) {
    llvm::StringRef section;
    return expectWord(section, "a section's name") && skipBraces();
  }
  if (at(".pragma") || at(".alias"))
    return skipToSemicolon();

  bool isExtern = false;
  while (at(".visible") || at(".extern") || at(".weak") || at(".common")) {
    isExtern |= at(".extern");
    advance();
  }
  if (accept(".entry"))
    return parseFunction(/*isEntry=*/true);
  if (accept(".func"))
    return parseFunction(/*isEntry=*/false);
  if (atWord() && parseSpace(token.text))
    return parseVariables(module.variables, isExtern);
  return failExpected("a directive of a module");
}

bool Parser::parseVariableType(Variable &variable) {
  while (atWord()) {
    uint64_t value = 0;
    if (accept(".align")) {
      unsigned line = token.line;
      if (!expectUnsigned(value, "an alignment"))
        return false;
      if (!llvm::isPowerOf2_64(value) || value > 4096)
        return failAt(line, "expected an alignment that is a power of two up to 4096, got " +
                                llvm::Twine(value));
      variable.alignment = unsigned(value);
    } else if (accept(".attribute")) {
      while (!atEnd() && !at(")"))
        advance();
      if (!expect(")"))
        return false;
    } else if (accept(".ptr")) {
      variable.isPointer = true;
      if (atWord() && parseSpace(token.text))
        advance();
    } else if (accept(".noalias")) {
    } else if (accept(".v2")) {
      variable.lanes = 2;
    } else if (accept(".v4")) {
      variable.lanes = 4;
    } else if (token.text.starts_with(".")) {
      std::optional<Type> type = parseType(token.text.drop_front());
      if (!type)
        return failExpected("a type");
      variable.type = *type;
      advance();
    } else {
      break;
    }
  }
  return variable.type != Type::none || failExpected("a type");
}

bool Parser::parseDeclarator(Variable &variable) {
  variable.line = token.line;
  if (!expectWord(variable.name, "a name"))
    return false;
  if (accept("<")) {
    uint64_t count = 0;
    if (!expectUnsigned(count, "a number of registers") || !expect(">"))
      return false;
    if (count > (1u << 24))
      return failAt(variable.line, "too many registers: " + llvm::Twine(count));
    variable.count = unsigned(count);
  }
  while (accept("[")) {
    variable.isArray = true;
    uint64_t extent = 0;
    if (!at("]")) {
      unsigned line = token.line;
      if (!expectUnsigned(extent, "an array size"))
        return false;
      if (extent > maxArrayElements || variable.elements * extent > maxArrayElements)
        return failAt(line, "the array is too large");
    }
    variable.elements *= extent;
    if (!expect("]"))
      return false;
  }
  return true;
}

bool Parser::parseInitializer(std::vector<Operand> &values) {
  if (!at("{")) {
    values.emplace_back();
    return parseOperand(values.back());
  }
  // Nested braces only group.
  unsigned depth = 0;
  do {
    if (accept("{")) {
      ++depth;
    } else if (accept("}")) {
      --depth;
    } else if (!accept(",")) {
      values.emplace_back();
      if (!parseOperand(values.back()))
        return false;
    }
  } while (depth > 0 && !atEnd());
  return depth == 0 || failExpected("'}'");
}

bool Parser::parseVariables(std::vector<Variable> &variables, bool isExtern) {
  Variable prototype;
  prototype.space = *parseSpace(token.text);
  prototype.isExtern = isExtern;
  advance();
  if (!parseVariableType(prototype))
    return false;
  do {
    variables.push_back(prototype);
    Variable &variable = variables.back();
    if (!parseDeclarator(variable))
      return false;
    if (accept("=") && !parseInitializer(variable.initializer))
      return false;
    // int a[] = {...}: the initialiser gives the size.
    if (variable.isArray && variable.elements == 0 && !variable.initializer.empty())
      variable.elements = variable.initializer.size();
  } while (accept(","));
  return expect(";");
}

bool Parser::parseParameter(Variable &variable) {
  if (!atWord() || !parseSpace(token.text))
    return failExpected("a parameter");
  variable.space = *parseSpace(token.text);
  if (variable.space != Space::param && variable.space != Space::reg)
    return failExpected("'.param' or '.reg'");
  advance();
  return parseVariableType(variable) && parseDeclarator(variable);
}

bool Parser::parseParameters(std::vector<Variable> &parameters) {
  if (!expect("("))
    return false;
  if (accept(")"))
    return true;
  do {
    if (accept("...")) // A variadic declaration, of vprintf for example.
      break;
    parameters.emplace_back();
    if (!parseParameter(parameters.back()))
      return false;
  } while (accept(","));
  return expect(")");
}

bool Parser::parseBlockSize(std::vector<uint64_t> &sizes) {
  do {
    sizes.push_back(0);
    if (!expectUnsigned(sizes.back(), "a block size"))
      return false;
  } while (sizes.size() < 3 && accept(","));
  return true;
}

bool Parser::parseFunctionDirectives(Function &function) {
  while (atWord() && token.text.starts_with(".")) {
    std::vector<uint64_t> ignored;
    if (accept(".reqntid")) {
      if (!parseBlockSize(function.requiredBlock))
        return false;
    } else if (accept(".maxntid")) {
      if (!parseBlockSize(function.maximumBlock))
        return false;
    } else if (accept(".minnctapersm") || accept(".maxnctapersm") || accept(".maxnreg")) {
      if (!parseBlockSize(ignored))
        return false;
    } else if (at(".pragma")) {
      if (!skipToSemicolon())
        return false;
    } else if (accept(".attribute")) {
      while (!atEnd() && !at(")"))
        advance();
      if (!expect(")"))
        return false;
    } else if (!accept(".noreturn") && !accept(".unified")) {
      return fail("directive '" + token.text + "' is not covered");
    }
  }
  return true;
}

bool Parser::parseFunction(bool isEntry) {
  module.functions.emplace_back();
  Function &function = module.functions.back();
  function.isEntry = isEntry;
  if (at("(") && !parseParameters(function.results))
    return false;
  function.line = token.line;
  if (!expectWord(function.name, "a function's name"))
    return false;
  if (at("(") && !parseParameters(function.parameters))
    return false;
  if (!parseFunctionDirectives(function))
    return false;
  if (accept(";"))
    return true;
  function.hasBody = true;
  return parseBody(function);
}

bool Parser::parseBody(Function &function) {
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

bool Parser::parseStatement(Function &function) {
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

bool Parser::parseLabelled(Function &function, llvm::StringRef label, unsigned line) {
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

bool Parser::parseInstruction(Function &function, llvm::StringRef opcode, unsigned line) {
  Instruction instruction;
  instruction.opcode = opcode;
  instruction.location = location;
  if (!parseOperands(instruction.operands, ";", 0) || !expect(";"))
    return false;
  function.body.push_back({line, std::move(instruction)});
  return true;
}

llvm::Expected<std::unique_ptr<Module>> poolc::vgpu::parseModule(llvm::StringRef text,
                                                                 llvm::StringRef name) {
  auto module = std::make_unique<Module>();
  module->name = name.str();
  module->text = text.str();
  if (llvm::Error error = Parser(*module).run())
    return std::move(error);
  if (module->version == 0)
    return makeError(name, 1, "expected a .version directive: this is not a PTX module");
  if (module->target.empty())
    return makeError(name, 1, "expected a .target directive");
  return std::move(module);
}
