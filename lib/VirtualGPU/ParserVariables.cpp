//===- ParserVariables.cpp - Declarations of registers and variables ------===//

#include "ModuleParser.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc::vgpu;
using namespace poolc::vgpu::syntax;

/// Far above any memory, far below an overflow of the product of two.
static constexpr uint64_t maxArrayElements = uint64_t(1) << 31;

std::optional<Space> poolc::vgpu::parseSpace(llvm::StringRef directive) {
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

bool ModuleParser::parseVariableType(Variable &variable) {
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

bool ModuleParser::parseDeclarator(Variable &variable) {
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

bool ModuleParser::parseInitializer(std::vector<Operand> &values) {
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

bool ModuleParser::parseVariables(std::vector<Variable> &variables, bool isExtern) {
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
