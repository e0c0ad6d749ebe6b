//===- ActivationCost.cpp - Instructions of an activation -----------------===//

#include "ActivationCost.h"

using namespace poolc;

ActivationCost poolc::activationCost(const Conv1dProblem &problem) {
  bool isShort = problem.type != DataType::f32;
  switch (problem.activation.kind) {
  case ActivationKind::none:
  case ActivationKind::relu:
  case ActivationKind::leaky_relu:
    return {};
  case ActivationKind::gelu:
    return isShort ? ActivationCost{11, 0} : ActivationCost{15, 2};
  case ActivationKind::gelu_tanh:
    return isShort ? ActivationCost{11, 0} : ActivationCost{5, 2};
  case ActivationKind::silu:
    return {3, 2};
  }
  return {};
}
