//===- Parser.cpp - PTX text to syntax tree -------------------------------===//

#include "Parser.h"

#include "Diagnostic.h"
#include "ModuleParser.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

void ModuleParser::skipLine() {
  unsigned line = token.line;
  while (!atEnd() && token.line == line)
    advance();
}

bool ModuleParser::skipBraces() {
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

bool ModuleParser::skipToSemicolon() {
  while (!atEnd() && !at(";"))
    advance();
  return expect(";");
}

bool ModuleParser::parseVersion() {
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

bool ModuleParser::parseTarget() {
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

bool ModuleParser::parseTopLevel() {
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

bool ModuleParser::parseParameter(Variable &variable) {
  if (!atWord() || !parseSpace(token.text))
    return failExpected("a parameter");
  variable.space = *parseSpace(token.text);
  if (variable.space != Space::param && variable.space != Space::reg)
    return failExpected("'.param' or '.reg'");
  advance();
  return parseVariableType(variable) && parseDeclarator(variable);
}

bool ModuleParser::parseParameters(std::vector<Variable> &parameters) {
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

bool ModuleParser::parseBlockSize(std::vector<uint64_t> &sizes) {
  do {
    sizes.push_back(0);
    if (!expectUnsigned(sizes.back(), "a block size"))
      return false;
  } while (sizes.size() < 3 && accept(","));
  return true;
}

bool ModuleParser::parseFunctionDirectives(Function &function) {
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

bool ModuleParser::parseFunction(bool isEntry) {
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

llvm::Expected<std::unique_ptr<Module>> poolc::vgpu::parseModule(llvm::StringRef text,
                                                                 llvm::StringRef name) {
  auto module = std::make_unique<Module>();
  module->name = name.str();
  module->text = text.str();
  if (llvm::Error error = ModuleParser(*module).run())
    return std::move(error);
  if (module->version == 0)
    return makeError(name, 1, "expected a .version directive: this is not a PTX module");
  if (module->target.empty())
    return makeError(name, 1, "expected a .target directive");
  return std::move(module);
}
