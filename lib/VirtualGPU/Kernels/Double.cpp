//===- Double.cpp - Handlers of f64 arithmetic ----------------------------===//

#include "../Block.h"
#include "../Kernels.h"

#include "llvm/ADT/APFloat.h"

#include <cmath>

#define POOLC_KERNEL_FAMILY "Double.inc"
#include "PerProcessor.inc"

using namespace poolc::vgpu;
using llvm::APFloat;

static APFloat::roundingMode directionOf(Rounding rounding) {
  switch (rounding) {
  case Rounding::zero:
    return APFloat::rmTowardZero;
  case Rounding::down:
    return APFloat::rmTowardNegative;
  case Rounding::up:
    return APFloat::rmTowardPositive;
  default:
    return APFloat::rmNearestTiesToEven;
  }
}

/// The square root rounded in another direction: the nearest one, corrected by
/// the sign of the exact remainder.
static double sqrtDirected(double a, Rounding rounding) {
  double root = __builtin_sqrt(a);
  if (!(root > 0) || !std::isfinite(root))
    return root;
  APFloat remainder(-root);
  remainder.fusedMultiplyAdd(APFloat(root), APFloat(a), APFloat::rmNearestTiesToEven);
  bool isBelow = !remainder.isZero() && !remainder.isNegative();
  bool isAbove = !remainder.isZero() && remainder.isNegative();
  if (rounding == Rounding::up && isBelow)
    return std::nextafter(root, INFINITY);
  if (rounding != Rounding::up && isAbove)
    return std::nextafter(root, 0.0);
  return root;
}

template <Fn fn, Rounding rounding> static void directed(Warp &warp, const Op &op, uint32_t mask) {
  auto source = [&](unsigned i, unsigned lane) { return warp.reg<double>(op.src[i])[lane]; };
  for (unsigned lane = 0; lane < warpSize; ++lane) {
    if (!(mask >> lane & 1))
      continue;
    APFloat result(fn == Fn::rcp ? 1.0 : source(0, lane));
    auto mode = directionOf(rounding);
    if constexpr (fn == Fn::add)
      result.add(APFloat(source(1, lane)), mode);
    else if constexpr (fn == Fn::sub)
      result.subtract(APFloat(source(1, lane)), mode);
    else if constexpr (fn == Fn::mul)
      result.multiply(APFloat(source(1, lane)), mode);
    else if constexpr (fn == Fn::div)
      result.divide(APFloat(source(1, lane)), mode);
    else if constexpr (fn == Fn::rcp)
      result.divide(APFloat(source(0, lane)), mode);
    else if constexpr (fn == Fn::fma)
      result.fusedMultiplyAdd(APFloat(source(1, lane)), APFloat(source(2, lane)), mode);
    else
      result = APFloat(sqrtDirected(source(0, lane), rounding));
    warp.reg<double>(op.dst)[lane] = result.convertToDouble();
  }
}

template <Fn fn> static Handler findDirected(Rounding rounding) {
  switch (rounding) {
  case Rounding::zero:
    return directed<fn, Rounding::zero>;
  case Rounding::down:
    return directed<fn, Rounding::down>;
  default:
    return directed<fn, Rounding::up>;
  }
}

Handler poolc::vgpu::findDouble(const Key &key) {
  if (key.type != Type::f64 || key.rounding == Rounding::nearest)
    return POOLC_CHOOSE(findDouble, key);
  switch (key.fn) {
  case Fn::add:
    return findDirected<Fn::add>(key.rounding);
  case Fn::sub:
    return findDirected<Fn::sub>(key.rounding);
  case Fn::mul:
    return findDirected<Fn::mul>(key.rounding);
  case Fn::div:
    return findDirected<Fn::div>(key.rounding);
  case Fn::rcp:
    return findDirected<Fn::rcp>(key.rounding);
  case Fn::fma:
    return findDirected<Fn::fma>(key.rounding);
  case Fn::sqrt:
    return findDirected<Fn::sqrt>(key.rounding);
  default:
    return nullptr;
  }
}
