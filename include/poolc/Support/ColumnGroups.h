//===- ColumnGroups.h - Neighbours that are loaded at once ------*- C++ -*-===//
#ifndef POOLC_SUPPORT_COLUMNGROUPS_H
#define POOLC_SUPPORT_COLUMNGROUPS_H

#include <algorithm>
#include <cstdint>

namespace poolc {

/// How threads load a matrix product's operand b from rows in shared memory.
struct ColumnGroups {
  /// Elements that one load brings at most, and neighbouring columns that a thread had
  /// best have.
  int64_t elements = 1, columns = 1;
};

/// Rows lie `rowStride` elements of `bytes` apart, columns `columnStride`. Neighbouring
/// threads have every `rowsPerThread`-th row; where that moves them off multiples of a
/// load's size, loads are smaller.
inline ColumnGroups groupColumns(int64_t rowStride, int64_t columnStride, int64_t bytes,
                                 int64_t rowsPerThread) {
  // More neighbours than these make no load wider.
  constexpr int64_t mostBytes = 16, mostColumns = 4;
  if (columnStride <= 0 || (columnStride & (columnStride - 1)) != 0)
    return {};
  int64_t distance = rowsPerThread * rowStride, most = mostBytes / bytes;
  int64_t elements = distance == 0 ? most : std::min(most, distance & -distance);
  int64_t columns = std::clamp<int64_t>(elements / columnStride, 1, mostColumns);
  return {std::min(elements, columns * columnStride), columns};
}

} // namespace poolc

#endif // POOLC_SUPPORT_COLUMNGROUPS_H
