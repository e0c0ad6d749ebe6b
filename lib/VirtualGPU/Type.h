//===- Type.h - PTX's scalar types ------------------------------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TYPE_H
#define POOLC_LIB_VIRTUALGPU_TYPE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace poolc::vgpu {

enum class Type : uint8_t {
  none,
  pred,
  b8,
  b16,
  b32,
  b64,
  b128,
  u8,
  u16,
  u32,
  u64,
  u16x2,
  s8,
  s16,
  s32,
  s64,
  s16x2,
  f16,
  f16x2,
  bf16,
  bf16x2,
  tf32,
  f32,
  f64,
};

/// The type of that name, without the dot ("f32"), or nothing.
std::optional<Type> parseType(llvm::StringRef name);

llvm::StringRef toString(Type type);

/// Size in bits; 1 for predicates.
unsigned bitsOf(Type type);

/// Size in bytes in memory and in registers; predicates have none in memory.
inline unsigned bytesOf(Type type) { return bitsOf(type) / 8; }

bool isFloat(Type type);
bool isSignedInteger(Type type);

/// The untyped (.b) type of that many bits, or none.
Type bitsType(unsigned bits);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TYPE_H
