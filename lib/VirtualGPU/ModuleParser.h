//===- ModuleParser.h - The parser of PTX modules ---------------*- C++ -*-===//
//
// The grammar above operands: directives and functions (Parser.cpp), variables
// (ParserVariables.cpp) and the statements of a body (ParserStatements.cpp).
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_MODULEPARSER_H
#define POOLC_LIB_VIRTUALGPU_MODULEPARSER_H

#include "ParserCore.h"

namespace poolc::vgpu {

/// The state space that a directive like ".shared" names, or nothing.
std::optional<syntax::Space> parseSpace(llvm::StringRef directive);

class ModuleParser : ParserCore {
public:
  explicit ModuleParser(syntax::Module &module)
      : ParserCore(module.text, module.name), module(module) {}

  llvm::Error run() {
    while (!atEnd() && parseTopLevel())
      ;
    return takeError();
  }

private:
  bool parseTopLevel();
  bool parseVersion();
  bool parseTarget();
  bool parseFunction(bool isEntry);
  bool parseParameters(std::vector<syntax::Variable> &parameters);
  bool parseParameter(syntax::Variable &variable);
  bool parseFunctionDirectives(syntax::Function &function);
  bool parseBlockSize(std::vector<uint64_t> &sizes);
  bool parseBody(syntax::Function &function);
  bool parseStatement(syntax::Function &function);
  bool parseLabelled(syntax::Function &function, llvm::StringRef label, unsigned line);
  bool parseInstruction(syntax::Function &function, llvm::StringRef opcode, unsigned line);
  bool parseVariables(std::vector<syntax::Variable> &variables, bool isExtern);
  bool parseVariableType(syntax::Variable &variable);
  bool parseDeclarator(syntax::Variable &variable);
  bool parseInitializer(std::vector<syntax::Operand> &values);
  void skipLine();
  bool skipBraces();
  bool skipToSemicolon();

  syntax::Module &module;
  syntax::SourceLocation location;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_MODULEPARSER_H
