//===- DataType.h - Element types outside the IR ----------------*- C++ -*-===//
//
// The element types that plans, files and kernels can name, and exact
// conversions between them and double.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SUPPORT_DATATYPE_H
#define POOLC_SUPPORT_DATATYPE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace poolc {

enum class DataType { f64, f32, f16, bf16, i8, i16, i32, i64, u8, u16, u32, u64 };

/// The name used in plans and on command lines: "f32", "bf16", "u8", ...
llvm::StringRef toString(DataType type);

/// The type of that name, or nothing.
std::optional<DataType> parseDataType(llvm::StringRef name);

/// Size of one element in bytes.
unsigned sizeInBytes(DataType type);

bool isFloat(DataType type);

/// Whether an integer type holds the value; false for floating-point types.
bool holdsInteger(DataType type, int64_t value);

/// The value of the element stored at `bytes`. Exact but for 64-bit integers
/// beyond 2^53, which are rounded to nearest even.
double loadElement(DataType type, const void *bytes);

/// Rounds `value` to nearest even in `type` (integers: saturated, NaN becomes
/// 0) and stores it at `bytes`.
void storeElement(DataType type, double value, void *bytes);

} // namespace poolc

#endif // POOLC_SUPPORT_DATATYPE_H
