//===- Nesting.h - Guards recursive parsers against deep input --*- C++ -*-===//
#ifndef POOLC_SUPPORT_NESTING_H
#define POOLC_SUPPORT_NESTING_H

#include "llvm/ADT/StringRef.h"

#include <cstddef>
#include <optional>

namespace poolc {

/// Offset of the first bracket ( [ { < that is nested deeper than `limit`,
/// brackets in "strings" and // comments not counted. Recursive-descent parsers
/// of MLIR and JSON text would overrun the stack on such input.
/// `->` and a `<` or `>` with blanks on both sides are not brackets.
std::optional<size_t> findNestingBeyond(llvm::StringRef text, unsigned limit);

/// What every reader of poolc accepts; far above what a program needs and far
/// below what an 8 MiB stack holds.
constexpr unsigned maxNesting = 256;

} // namespace poolc

#endif // POOLC_SUPPORT_NESTING_H
