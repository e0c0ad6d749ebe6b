//===- OpSizes.cpp - The sizes of an op's result --------------------------===//

#include "OpSizes.h"

using namespace poolc;

/// The size of an axis that a window slides over, within what it may be.
static Size requireLegalSize(const Window &window, const Size &size, llvm::StringRef axis,
                             HostSizes &host) {
  host.requireAtLeast(size, window.minSize().value_or(1), axis);
  return host.requireAtMost(size, maxDynamicSize, axis);
}

OpSizes poolc::findSizes(const AddProblem &,
                         llvm::MutableArrayRef<llvm::SmallVector<Size>> operandShapes,
                         HostSizes &host) {
  llvm::MutableArrayRef<Size> a = operandShapes[0];
  for (auto [d, size] : llvm::enumerate(operandShapes[1]))
    host.requireEqual(size, a[d], "the sizes of operands");
  for (auto [d, size] : llvm::enumerate(a))
    if (d != 0)
      host.requireAtLeast(size, 1, "the sizes of operands");
  OpSizes sizes;
  sizes.outermostAxis = 'n';
  sizes.result.assign(a.begin(), a.end());
  sizes.extents['n'] = host.product(a);
  return sizes;
}

OpSizes poolc::findSizes(const AvgPool2dProblem &problem,
                         llvm::MutableArrayRef<llvm::SmallVector<Size>> operandShapes,
                         HostSizes &host) {
  llvm::MutableArrayRef<Size> x = operandShapes[0];
  OpSizes sizes;
  sizes.outermostAxis = 'p';
  sizes.result.append(x.begin(), x.end() - 2);
  sizes.extents['p'] = host.product(x.drop_back(2));
  host.requireAtLeast(x.take_back(3)[0], 1, "C");
  for (unsigned a = 0; a != 2; ++a) {
    Size &size = x.take_back(2)[a];
    if (!size.isStatic())
      size = requireLegalSize(problem.axis[a], size, a == 0 ? "H" : "W", host);
    sizes.result.push_back(host.positions(problem.axis[a], size));
    sizes.extents[a == 0 ? 'h' : 'w'] = sizes.result.back();
  }
  return sizes;
}

OpSizes poolc::findSizes(const Conv1dProblem &problem,
                         llvm::MutableArrayRef<llvm::SmallVector<Size>> operandShapes,
                         HostSizes &host) {
  llvm::MutableArrayRef<Size> x = operandShapes[0], w = operandShapes[1];
  host.requireEqual(x.take_back(2)[0], problem.inChannels(), "Cin");
  host.requireEqual(w[0], problem.outChannels(), "Cout");
  host.requireEqual(w[1], problem.inPerGroup, "Cin/groups");
  if (problem.hasBias)
    host.requireEqual(operandShapes[2][0], problem.outChannels(), "Cout");
  Size &length = x.back();
  if (!length.isStatic())
    length = requireLegalSize(problem.window, length, "L", host);

  OpSizes sizes;
  sizes.outermostAxis = 'b';
  sizes.extents['b'] = host.product(x.drop_back(2));
  sizes.extents['n'] = host.positions(problem.window, length);
  sizes.result.append(x.begin(), x.end() - 2);
  sizes.result.append({problem.outChannels(), sizes.extents['n']});
  return sizes;
}
