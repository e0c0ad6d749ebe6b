//===- Plan.h - How to launch the kernels of a PTX file ---------*- C++ -*-===//
//
// The launch plan, schema 1: a JSON object that stands in comment lines at the
// top of a PTX file (`//poolc.plan {...}`) or in a file of its own. Written by
// the compiler, read by the runner, written by hand for anybody's PTX.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_PLAN_PLAN_H
#define POOLC_PLAN_PLAN_H

#include "poolc/Plan/Expression.h"
#include "poolc/Support/DataType.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace poolc {

struct Plan {
  enum class Role { input, output, inout };
  enum class Init { undefined, zero };

  /// Where the value of a dynamic dimension comes from, and its legal range.
  struct Dim {
    int64_t argument = 0;
    int64_t axis = 0;
    std::optional<int64_t> min, max;
  };
  struct Argument {
    std::string name;
    Role role = Role::input;
    DataType type = DataType::f32;
    std::vector<Expression> shape;
    /// Required alignment of the pointer in bytes; 0: that of the element.
    int64_t alignment = 0;
  };
  struct Temporary {
    std::string name;
    DataType type = DataType::f32;
    std::vector<Expression> shape;
    Init init = Init::undefined;
  };
  struct BufferArgument {
    std::string name;
    Expression offsetBytes;
  };
  struct NullArgument {};
  struct ScalarArgument {
    DataType type = DataType::i32;
    /// An expression, or a literal floating-point number.
    std::variant<Expression, double> value;
  };
  struct BytesArgument {
    std::vector<uint8_t> bytes;
    int64_t alignment = 1;
  };
  using KernelArgument = std::variant<BufferArgument, NullArgument, ScalarArgument, BytesArgument>;

  struct Launch {
    std::string kernel;
    /// The nn op and its source location, for messages; may be empty.
    std::string op, location;
    Expression grid[3], block[3];
    Expression dynamicSharedBytes;
    /// Launch only if non-zero; absent: always.
    std::optional<Expression> when;
    /// May begin while the launch ahead of it runs, for whose end the kernel itself waits; on GPUs
    /// that cannot do so it begins afterwards.
    bool programmatic = false;
    std::vector<KernelArgument> arguments;
  };

  /// Result `result` of the op with index `op` in the source function is held
  /// by `buffer`. What `--check` can observe; fused ops have no entry.
  struct Value {
    int64_t op = 0;
    int64_t result = 0;
    std::string buffer;
  };

  int64_t schema = 1;
  std::string poolc, target, chip, ptxVersion, entry;
  /// The nn-level module in generic form; empty where there is none.
  std::string source;
  std::map<std::string, Dim> dims;
  std::vector<Expression> guards;
  std::vector<Argument> arguments;
  std::vector<Temporary> temporaries;
  std::vector<Launch> launches;
  std::vector<Value> values;

  /// Reads a plan and checks all that can be checked without sizes: required
  /// keys, types, names that are defined once and used rightly. Unknown keys
  /// are ignored. Errors name the key by its path ("launches[0].grid: ...").
  static llvm::Expected<Plan> parse(llvm::StringRef json);

  /// Writes the plan as JSON with its keys in the order of this struct, on one
  /// line or, with `indent` blanks per level, on several.
  void print(llvm::raw_ostream &os, unsigned indent = 0) const;

  llvm::json::Value toJSON() const;

  /// The plan in the leading comment lines of `ptx`: nothing where there is
  /// none, an error where it cannot be read.
  static llvm::Expected<std::optional<Plan>> fromPTX(llvm::StringRef ptx);

  /// The plan as the comment lines that stand at the top of a PTX file.
  std::string toPTXComment() const;
};

} // namespace poolc

#endif // POOLC_PLAN_PLAN_H
