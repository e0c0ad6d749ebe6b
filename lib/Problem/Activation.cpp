//===- Activation.cpp - Functions applied to each result ------------------===//

#include "poolc/Problem/Activation.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace poolc;

llvm::StringRef poolc::toString(ActivationKind kind) {
  switch (kind) {
  case ActivationKind::none:
    return "none";
  case ActivationKind::relu:
    return "relu";
  case ActivationKind::gelu:
    return "gelu";
  case ActivationKind::gelu_tanh:
    return "gelu_tanh";
  case ActivationKind::silu:
    return "silu";
  case ActivationKind::leaky_relu:
    return "leaky_relu";
  }
  return "";
}

std::optional<ActivationKind> poolc::parseActivationKind(llvm::StringRef word) {
  return llvm::StringSwitch<std::optional<ActivationKind>>(word)
      .Case("relu", ActivationKind::relu)
      .Case("gelu", ActivationKind::gelu)
      .Case("gelu_tanh", ActivationKind::gelu_tanh)
      .Case("silu", ActivationKind::silu)
      .Default(std::nullopt);
}

double Activation::operator()(double value) const {
  switch (kind) {
  case ActivationKind::none:
    return value;
  case ActivationKind::relu:
    return std::isnan(value) ? value : std::max(value, 0.0);
  case ActivationKind::gelu:
    // erfc keeps its digits where 1 + erf cancels.
    return value * (std::erfc(-value / std::numbers::sqrt2) / 2);
  case ActivationKind::gelu_tanh: {
    double inner = std::sqrt(2 / std::numbers::pi) * (value + 0.044715 * value * value * value);
    // (1 + tanh(t)) / 2 without the cancellation.
    return value * (1 / (1 + std::exp(-2 * inner)));
  }
  case ActivationKind::silu:
    return value / (1 + std::exp(-value));
  case ActivationKind::leaky_relu:
    return value > 0 ? value : slope * value;
  }
  return value;
}

double Activation::lipschitz() const {
  switch (kind) {
  case ActivationKind::none:
  case ActivationKind::relu:
    return 1;
  case ActivationKind::gelu:
  case ActivationKind::gelu_tanh:
    // The largest derivatives are 1.1289 and 1.1290, near v = 1.41.
    return 1.13;
  case ActivationKind::silu:
    // 1.0998, near v = 2.4.
    return 1.1;
  case ActivationKind::leaky_relu:
    return std::max(1.0, std::abs(slope));
  }
  return 1;
}

bool Activation::isExact() const {
  return kind == ActivationKind::none || kind == ActivationKind::relu ||
         (kind == ActivationKind::leaky_relu && (slope == 0 || std::abs(slope) == 1));
}

bool Activation::keepsIntegers() const {
  return isExact() || (kind == ActivationKind::leaky_relu && slope == std::nearbyint(slope));
}
