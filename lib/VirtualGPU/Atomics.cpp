//===- Atomics.cpp - Handlers of atom and red -----------------------------===//

#include "Atomics.h"

#include "Access.h"

#include "llvm/ADT/APFloat.h"

using namespace poolc::vgpu;
using llvm::APFloat;

template <typename T> static T computeInteger(Atomic operation, T old, T b, T c) {
  using U = std::make_unsigned_t<T>;
  switch (operation) {
  case Atomic::andBits:
    return old & b;
  case Atomic::orBits:
    return old | b;
  case Atomic::xorBits:
    return old ^ b;
  case Atomic::cas:
    return old == b ? c : old;
  case Atomic::exch:
    return b;
  case Atomic::add:
    return T(U(old) + U(b));
  case Atomic::inc:
    return U(old) >= U(b) ? T(0) : T(old + 1);
  case Atomic::dec:
    return old == 0 || U(old) > U(b) ? b : T(old - 1);
  case Atomic::min:
    return std::min(old, b);
  case Atomic::max:
    return std::max(old, b);
  }
  return old;
}

// Sums of floats; 16-bit ones by APFloat, rounded once.
static uint32_t addFloat(uint32_t a, uint32_t b) {
  return llvm::bit_cast<uint32_t>(llvm::bit_cast<float>(a) + llvm::bit_cast<float>(b));
}
static uint64_t addDouble(uint64_t a, uint64_t b) {
  return llvm::bit_cast<uint64_t>(llvm::bit_cast<double>(a) + llvm::bit_cast<double>(b));
}
template <bool bfloat> static uint16_t addHalf(uint16_t a, uint16_t b) {
  const llvm::fltSemantics &format = bfloat ? APFloat::BFloat() : APFloat::IEEEhalf();
  APFloat sum(format, llvm::APInt(16, a));
  sum.add(APFloat(format, llvm::APInt(16, b)), APFloat::rmNearestTiesToEven);
  return uint16_t(sum.bitcastToAPInt().getZExtValue());
}
template <bool bfloat> static uint32_t addPair(uint32_t a, uint32_t b) {
  return addHalf<bfloat>(uint16_t(a), uint16_t(b)) |
         uint32_t(addHalf<bfloat>(uint16_t(a >> 16), uint16_t(b >> 16))) << 16;
}

/// Replaces the value at the address until no other block comes between.
template <typename T, typename F> static T update(uint64_t address, F compute) {
  std::atomic_ref<T> cell(*reinterpret_cast<T *>(address));
  T old = cell.load();
  while (!cell.compare_exchange_weak(old, compute(old)))
    ;
  return old;
}

template <typename T, typename F>
static void forEachCell(Warp &warp, const Op &op, uint32_t mask, F compute) {
  uint64_t addresses[warpSize];
  readAddresses(addresses, warp, op.src[0], op.bytes * 8, op.immediate, mask);
  if (!resolveAccess(warp, op, op.space, addresses, mask, sizeof(T), AccessKind::atomic))
    return;
  for (uint32_t rest = mask; rest; rest &= rest - 1) {
    unsigned lane = llvm::countr_zero(rest);
    T b = warp.reg<T>(op.src[1])[lane];
    T c = op.src[2] == none ? T(0) : warp.reg<T>(op.src[2])[lane];
    T old = update<T>(addresses[lane], [&](T value) { return compute(value, b, c); });
    if (op.dst != none)
      warp.reg<T>(op.dst)[lane] = old;
  }
}

template <typename T, Atomic operation>
static void onInteger(Warp &warp, const Op &op, uint32_t mask) {
  forEachCell<T>(warp, op, mask,
                 [](T old, T b, T c) { return computeInteger(operation, old, b, c); });
}
template <typename T, T (*F)(T, T)> static void onFloat(Warp &warp, const Op &op, uint32_t mask) {
  forEachCell<T>(warp, op, mask, [](T old, T b, T) { return F(old, b); });
}

template <typename T> static Handler findInteger(Atomic operation) {
  static constexpr Handler table[] = {onInteger<T, Atomic::andBits>, onInteger<T, Atomic::orBits>,
                                      onInteger<T, Atomic::xorBits>, onInteger<T, Atomic::cas>,
                                      onInteger<T, Atomic::exch>,    onInteger<T, Atomic::add>,
                                      onInteger<T, Atomic::inc>,     onInteger<T, Atomic::dec>,
                                      onInteger<T, Atomic::min>,     onInteger<T, Atomic::max>};
  return table[unsigned(operation)];
}

Handler poolc::vgpu::findAtomic(Atomic operation, Type type) {
  switch (type) {
  case Type::b16:
    return operation == Atomic::cas || operation == Atomic::exch ? findInteger<uint16_t>(operation)
                                                                 : nullptr;
  case Type::b32:
  case Type::u32:
    return findInteger<uint32_t>(operation);
  case Type::s32:
    return findInteger<int32_t>(operation);
  case Type::b64:
  case Type::u64:
    return findInteger<uint64_t>(operation);
  case Type::s64:
    return findInteger<int64_t>(operation);
  default:
    break;
  }
  if (operation != Atomic::add)
    return nullptr;
  switch (type) {
  case Type::f32:
    return onFloat<uint32_t, addFloat>;
  case Type::f64:
    return onFloat<uint64_t, addDouble>;
  case Type::f16:
    return onFloat<uint16_t, addHalf<false>>;
  case Type::bf16:
    return onFloat<uint16_t, addHalf<true>>;
  case Type::f16x2:
    return onFloat<uint32_t, addPair<false>>;
  case Type::bf16x2:
    return onFloat<uint32_t, addPair<true>>;
  default:
    return nullptr;
  }
}
