//===- Type.cpp - PTX's scalar types --------------------------------------===//

#include "Type.h"

#include "llvm/ADT/ArrayRef.h"

using namespace poolc::vgpu;

namespace {
struct Row {
  Type type;
  llvm::StringLiteral name;
  unsigned bits;
};
} // namespace

/// In the order of the enumeration.
static constexpr Row rows[] = {
    {Type::none, "", 0},        {Type::pred, "pred", 1},    {Type::b8, "b8", 8},
    {Type::b16, "b16", 16},     {Type::b32, "b32", 32},     {Type::b64, "b64", 64},
    {Type::b128, "b128", 128},  {Type::u8, "u8", 8},        {Type::u16, "u16", 16},
    {Type::u32, "u32", 32},     {Type::u64, "u64", 64},     {Type::u16x2, "u16x2", 32},
    {Type::s8, "s8", 8},        {Type::s16, "s16", 16},     {Type::s32, "s32", 32},
    {Type::s64, "s64", 64},     {Type::s16x2, "s16x2", 32}, {Type::f16, "f16", 16},
    {Type::f16x2, "f16x2", 32}, {Type::bf16, "bf16", 16},   {Type::bf16x2, "bf16x2", 32},
    {Type::tf32, "tf32", 32},   {Type::f32, "f32", 32},     {Type::f64, "f64", 64},
};

std::optional<Type> poolc::vgpu::parseType(llvm::StringRef name) {
  for (const Row &row : llvm::ArrayRef(rows).drop_front())
    if (row.name == name)
      return row.type;
  return std::nullopt;
}

llvm::StringRef poolc::vgpu::toString(Type type) { return rows[unsigned(type)].name; }

unsigned poolc::vgpu::bitsOf(Type type) { return rows[unsigned(type)].bits; }

bool poolc::vgpu::isFloat(Type type) { return type >= Type::f16; }

bool poolc::vgpu::isSignedInteger(Type type) { return type >= Type::s8 && type <= Type::s16x2; }

Type poolc::vgpu::bitsType(unsigned bits) {
  switch (bits) {
  case 1:
    return Type::pred;
  case 8:
    return Type::b8;
  case 16:
    return Type::b16;
  case 32:
    return Type::b32;
  case 64:
    return Type::b64;
  case 128:
    return Type::b128;
  default:
    return Type::none;
  }
}
