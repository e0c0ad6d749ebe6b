//===- DataType.cpp - Element types outside the IR ------------------------===//

#include "poolc/Support/DataType.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

using namespace poolc;

static constexpr std::array<llvm::StringLiteral, 12> names = {
    "f64", "f32", "f16", "bf16", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"};

llvm::StringRef poolc::toString(DataType type) { return names[static_cast<unsigned>(type)]; }

std::optional<DataType> poolc::parseDataType(llvm::StringRef name) {
  for (unsigned i = 0; i != names.size(); ++i)
    if (names[i] == name)
      return static_cast<DataType>(i);
  return std::nullopt;
}

unsigned poolc::sizeInBytes(DataType type) {
  switch (type) {
  case DataType::f64:
  case DataType::i64:
  case DataType::u64:
    return 8;
  case DataType::f32:
  case DataType::i32:
  case DataType::u32:
    return 4;
  case DataType::f16:
  case DataType::bf16:
  case DataType::i16:
  case DataType::u16:
    return 2;
  case DataType::i8:
  case DataType::u8:
    return 1;
  }
  return 0;
}

bool poolc::isFloat(DataType type) { return type <= DataType::bf16; }

bool poolc::holdsInteger(DataType type, int64_t value) {
  if (isFloat(type))
    return false;
  unsigned bits = sizeInBytes(type) * 8;
  bool isSigned = type <= DataType::i64;
  if (isSigned)
    return llvm::isIntN(bits, value);
  return value >= 0 && llvm::isUIntN(bits, static_cast<uint64_t>(value));
}

template <typename T> static double loadAs(const void *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<double>(value);
}

static const llvm::fltSemantics &semantics16(DataType type) {
  return type == DataType::f16 ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
}

static double load16(DataType type, const void *bytes) {
  uint16_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  if (type == DataType::bf16)
    return llvm::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
  llvm::APFloat value(semantics16(type), llvm::APInt(16, bits));
  bool losesInfo;
  value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return value.convertToDouble();
}

static void store16(DataType type, double value, void *bytes) {
  llvm::APFloat rounded(value);
  bool losesInfo;
  rounded.convert(semantics16(type), llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  uint16_t bits = static_cast<uint16_t>(rounded.bitcastToAPInt().getZExtValue());
  std::memcpy(bytes, &bits, sizeof bits);
}

template <typename T> static void storeAs(double value, void *bytes) {
  T stored;
  if constexpr (std::is_floating_point_v<T>) {
    stored = static_cast<T>(value);
  } else {
    double rounded = std::nearbyint(value);
    // 2^digits is exact; the largest integer itself may not be.
    double above = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (std::isnan(value))
      stored = 0;
    else if (rounded >= above)
      stored = std::numeric_limits<T>::max();
    else if (rounded <= static_cast<double>(std::numeric_limits<T>::min()))
      stored = std::numeric_limits<T>::min();
    else
      stored = static_cast<T>(rounded);
  }
  std::memcpy(bytes, &stored, sizeof stored);
}

double poolc::loadElement(DataType type, const void *bytes) {
  switch (type) {
  case DataType::f64:
    return loadAs<double>(bytes);
  case DataType::f32:
    return loadAs<float>(bytes);
  case DataType::f16:
  case DataType::bf16:
    return load16(type, bytes);
  case DataType::i8:
    return loadAs<int8_t>(bytes);
  case DataType::i16:
    return loadAs<int16_t>(bytes);
  case DataType::i32:
    return loadAs<int32_t>(bytes);
  case DataType::i64:
    return loadAs<int64_t>(bytes);
  case DataType::u8:
    return loadAs<uint8_t>(bytes);
  case DataType::u16:
    return loadAs<uint16_t>(bytes);
  case DataType::u32:
    return loadAs<uint32_t>(bytes);
  case DataType::u64:
    return loadAs<uint64_t>(bytes);
  }
  return 0;
}

void poolc::storeElement(DataType type, double value, void *bytes) {
  switch (type) {
  case DataType::f64:
    return storeAs<double>(value, bytes);
  case DataType::f32:
    return storeAs<float>(value, bytes);
  case DataType::f16:
  case DataType::bf16:
    return store16(type, value, bytes);
  case DataType::i8:
    return storeAs<int8_t>(value, bytes);
  case DataType::i16:
    return storeAs<int16_t>(value, bytes);
  case DataType::i32:
    return storeAs<int32_t>(value, bytes);
  case DataType::i64:
    return storeAs<int64_t>(value, bytes);
  case DataType::u8:
    return storeAs<uint8_t>(value, bytes);
  case DataType::u16:
    return storeAs<uint16_t>(value, bytes);
  case DataType::u32:
    return storeAs<uint32_t>(value, bytes);
  case DataType::u64:
    return storeAs<uint64_t>(value, bytes);
  }
}
