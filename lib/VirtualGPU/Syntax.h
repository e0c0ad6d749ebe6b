//===- Syntax.h - The syntax tree of a PTX module ---------------*- C++ -*-===//
//
// What the parser read, close to the text: nothing is resolved or checked
// beyond PTX's grammar. Names refer to the text, which the tree owns.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_SYNTAX_H
#define POOLC_LIB_VIRTUALGPU_SYNTAX_H

#include "Type.h"

#include "llvm/ADT/StringRef.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace poolc::vgpu::syntax {

struct Operand {
  enum class Kind {
    name,    ///< a register, variable, function or label, with `offset`
    integer, ///< `bits`
    f32,     ///< `bits` hold a float
    f64,     ///< `bits` hold a double
    vector,  ///< {parts}
    address, ///< [parts[0]], more parts for tensor coordinates
    pair,    ///< parts[0]|parts[1]
    list,    ///< (parts), of a call
    sink,    ///< _
  };
  Kind kind = Kind::sink;
  llvm::StringRef name;
  /// `!name`, or `-name`.
  bool negated = false;
  uint64_t bits = 0;
  int64_t offset = 0;
  std::vector<Operand> parts;
};

/// Where the source of the PTX stands, from .loc; file 0: unknown.
struct SourceLocation {
  unsigned file = 0, line = 0, column = 0;
};

struct Instruction {
  /// The whole dotted word, e.g. "ld.global.f32".
  llvm::StringRef opcode;
  std::vector<Operand> operands;
  /// Name of the guard predicate; empty: none.
  llvm::StringRef guard;
  bool guardNegated = false;
  SourceLocation location;
};

enum class Space : uint8_t { reg, global, shared, local, param, constant, generic };

/// A register, a variable or a parameter.
struct Variable {
  Space space = Space::reg;
  Type type = Type::none;
  llvm::StringRef name;
  unsigned line = 0;
  /// Elements of a vector type (.v2, .v4); else 1.
  unsigned lanes = 1;
  /// `%r<10>` declares %r0 to %r9.
  std::optional<unsigned> count;
  /// 0: that of the type.
  unsigned alignment = 0;
  bool isArray = false;
  bool isExtern = false;
  /// Elements of the array, all dimensions multiplied; 0: not given.
  uint64_t elements = 1;
  /// A pointer parameter (.ptr).
  bool isPointer = false;
  std::vector<Operand> initializer;

  uint64_t elementBytes() const { return uint64_t(bytesOf(type)) * lanes; }
};

struct Label {
  llvm::StringRef name;
};
struct ScopeBegin {};
struct ScopeEnd {};
/// `name: .branchtargets a, b;`
struct BranchTargets {
  llvm::StringRef name;
  std::vector<llvm::StringRef> labels;
};
/// A directive that is only understood once it is used, by its name.
struct Prototype {
  llvm::StringRef name;
};

struct Statement {
  unsigned line = 0;
  std::variant<Instruction, Variable, Label, ScopeBegin, ScopeEnd, BranchTargets, Prototype> node;
};

struct Function {
  llvm::StringRef name;
  unsigned line = 0;
  bool isEntry = false;
  bool hasBody = false;
  std::vector<Variable> results;
  std::vector<Variable> parameters;
  /// .reqntid and .maxntid; empty: not given.
  std::vector<uint64_t> requiredBlock, maximumBlock;
  std::vector<Statement> body;
};

struct Module {
  std::string name;
  std::string text;
  /// 10 * major + minor.
  unsigned version = 0;
  /// E.g. "sm_89"; and the line it stands on.
  llvm::StringRef target;
  unsigned targetLine = 0;
  unsigned addressSize = 64;
  std::vector<Variable> variables;
  std::vector<Function> functions;
  /// .file numbers and names.
  std::vector<std::pair<unsigned, llvm::StringRef>> files;
};

} // namespace poolc::vgpu::syntax

#endif // POOLC_LIB_VIRTUALGPU_SYNTAX_H
