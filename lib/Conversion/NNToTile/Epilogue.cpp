//===- Epilogue.cpp - What is fused to a convolution's sums ---------------===//

#include "Epilogue.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <numbers>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// Writes f32 expressions on tiles of one type.
struct Emitter {
  KernelBuilder &b;
  RankedTensorType type;

  Value constant(double value) { return b.splat(type, value); }
  Value add(Value a, Value c) { return arith::AddFOp::create(b, a, c); }
  Value subtract(Value a, Value c) { return arith::SubFOp::create(b, a, c); }
  Value multiply(Value a, Value c) { return arith::MulFOp::create(b, a, c); }
  Value scale(Value a, double factor) { return multiply(a, constant(factor)); }
  Value fma(Value a, Value c, Value d) { return math::FmaOp::create(b, a, c, d); }
  /// Within 2 ulp; 0 where the result is subnormal.
  Value exp2(Value a) { return math::Exp2Op::create(b, a, arith::FastMathFlags::afn); }
  Value compare(arith::CmpFPredicate predicate, Value a, double c) {
    return arith::CmpFOp::create(b, predicate, a, constant(c));
  }
  Value saturate(Value a) {
    Value atLeast = arith::MaxNumFOp::create(b, a, constant(0));
    return arith::MinNumFOp::create(b, atLeast, constant(1));
  }
  /// coefficients[0] + coefficients[1] * a + ...
  Value polynomial(Value a, ArrayRef<double> coefficients) {
    Value sum = constant(coefficients.back());
    for (double coefficient : llvm::reverse(coefficients.drop_back()))
      sum = fma(sum, a, constant(coefficient));
    return sum;
  }
  Value select(Value condition, Value a, Value c) {
    return arith::SelectOp::create(b, condition, a, c);
  }
  /// Within 2 ulp while |c| is at most 2^126; 0 or NaN beyond, which are the
  /// limits of the quotients below.
  Value divide(Value a, Value c) {
    return arith::DivFOp::create(b, a, c, arith::FastMathFlags::afn);
  }

  Value relu(Value v) { return arith::MaximumFOp::create(b, v, constant(0)); }

  Value leakyRelu(Value v, double slope) {
    Value isPositive = compare(arith::CmpFPredicate::OGT, v, 0);
    return select(isPositive, v, scale(v, slope));
  }

  /// v / (1 + 2^exponent).
  Value sigmoidWeighted(Value v, Value exponent) {
    return divide(v, add(exp2(exponent), constant(1)));
  }

  Value silu(Value v) { return sigmoidWeighted(v, scale(v, -std::numbers::log2e)); }

  Value geluTanh(Value v) {
    // (1 + tanh(t)) / 2 = 1 / (1 + e^-2t), which loses no digits near -1.
    double factor = -2 * std::sqrt(2 * std::numbers::inv_pi) * std::numbers::log2e;
    Value square = multiply(v, v);
    Value cubic = fma(square, constant(factor * 0.044715), constant(factor));
    return sigmoidWeighted(v, multiply(v, cubic));
  }

  /// v * Phi(v), where Phi(-|v|) = e^(-v^2/2) * t * P(t), t = 1 / (1 + 0.24 |v|).
  /// P interpolates it at the 8 Chebyshev nodes of |v| <= 14.5, beyond which
  /// f32 has only zeros: within 3e-7 of the value, and never near cancellation.
  Value gelu(Value v) {
    static constexpr double coefficients[] = {0.0957401567, 0.0956997504, 0.0919214465,
                                              0.0658206809, 0.114889555,  -0.0630097018,
                                              0.151837748,  -0.0528997369};
    Value magnitude = math::AbsFOp::create(b, v);
    Value t = divide(constant(1), fma(magnitude, constant(0.24), constant(1)));
    Value p = polynomial(t, coefficients);
    Value decay = exp2(scale(multiply(v, v), -std::numbers::log2e / 2));
    Value tail = multiply(multiply(p, t), decay);
    Value isNegative = compare(arith::CmpFPredicate::OLT, v, 0);
    return multiply(v, select(isNegative, tail, subtract(constant(1), tail)));
  }

  /// v * (1/2 + v * Q(v^2)), where the sum is held between 0 and 1, beyond which
  /// Q leads it for large |v|: eleven instructions, none of them for special
  /// functions. Of the coefficients below, within 2^-14 of max(1, |result|), a
  /// quarter of what is granted to results of 16 bits.
  Value weightedBySum(Value v, ArrayRef<double> coefficients) {
    Value quotient = polynomial(multiply(v, v), coefficients);
    return multiply(v, saturate(fma(v, quotient, constant(0.5))));
  }

  Value shortGelu(Value v) {
    return weightedBySum(v,
                         {0.398761828, -0.0660768378, 0.00964330279, -0.0010550808, 8.43083945e-05,
                          -4.72640173e-06, 1.741722e-07, -3.75670171e-09, 3.57274504e-11});
  }

  Value shortGeluTanh(Value v) {
    return weightedBySum(v,
                         {0.398766293, -0.0664096431, 0.00987531179, -0.00111903901, 9.3757692e-05,
                          -5.54536537e-06, 2.15963845e-07, -4.92022573e-09, 4.93629705e-11});
  }
};

} // namespace

/// The activation of each element of a tile of f32.
static Value applyActivation(const Conv1dProblem &problem, KernelBuilder &b, Value tile) {
  Emitter e{b, cast<RankedTensorType>(tile.getType())};
  bool isShort = problem.type != DataType::f32;
  switch (problem.activation.kind) {
  case ActivationKind::none:
    return tile;
  case ActivationKind::relu:
    return e.relu(tile);
  case ActivationKind::gelu:
    return isShort ? e.shortGelu(tile) : e.gelu(tile);
  case ActivationKind::gelu_tanh:
    return isShort ? e.shortGeluTanh(tile) : e.geluTanh(tile);
  case ActivationKind::silu:
    return e.silu(tile);
  case ActivationKind::leaky_relu:
    return e.leakyRelu(tile, problem.activation.slope);
  }
  return tile;
}

Value poolc::finishSums(const Conv1dProblem &problem, KernelBuilder &b, Value sums,
                        function_ref<Value(Value)> loadResidual) {
  Value result = applyActivation(problem, b, sums);
  if (!problem.addsResidual)
    return result;
  Value residual = b.getOperand(problem.hasBias ? 3 : 2);
  return arith::AddFOp::create(b, result, b.extend(loadResidual(residual)));
}

StoreOp poolc::storeSums(const Conv1dProblem &problem, KernelBuilder &b, Value sums,
                         function_ref<Value(Value)> view, ValueRange start, ArrayRef<int64_t> dims,
                         ArrayRef<int64_t> strides, int64_t vector, bool staged, int64_t owned,
                         function_ref<Value(Value)> loadResidual) {
  Value y = view(b.getResult());
  Type element = cast<MemRefType>(y.getType()).getElementType();
  auto type = cast<RankedTensorType>(sums.getType());
  Value finished = finishSums(problem, b, sums, [&](Value residual) -> Value {
    if (loadResidual)
      return loadResidual(view(residual));
    return LoadOp::create(b, type.cloneWith(std::nullopt, element), view(residual), start, dims,
                          strides, vector);
  });
  auto store = StoreOp::create(b, b.truncate(finished, element), y, start, dims, strides, vector);
  store.setStaged(staged);
  store.setOwned(staged ? owned : 0);
  return store;
}
