//===- Conv1dFolded.cpp - A stride's positions as channels ----------------===//

#include "poolc/Schedule/Conv1dFolded.h"

#include <string>
#include <utility>

using namespace poolc;

llvm::Error poolc::checkFolds(const Conv1dProblem &problem) {
  constexpr int64_t chunkBytes = 16;
  const Window &window = problem.window;
  int64_t chunk = chunkBytes / sizeInBytes(problem.type);
  auto fail = [](const llvm::Twine &what, int64_t got) {
    return llvm::createStringError("expected " + what + ", got " + llvm::Twine(got));
  };
  if (window.stride % chunk != 0)
    return fail("a stride of a multiple of " + llvm::Twine(chunk) + " (16 bytes)", window.stride);
  auto isMultiple = [&](int64_t size) { return size % window.stride == 0; };
  std::string multiple = "a multiple of the stride (" + std::to_string(window.stride) + ") ";
  if (!isMultiple(window.kernel))
    return fail(multiple + "of taps", window.kernel);
  if (!isMultiple(window.padBefore))
    return fail(multiple + "of zeros on the left", window.padBefore);
  if (!isMultiple(window.size))
    return fail(multiple + "of positions", window.size);
  if (window.dilation != 1)
    return fail("a dilation of 1", window.dilation);
  if (problem.alignment < chunkBytes)
    return fail("tensors at multiples of 16 bytes", problem.alignment);
  return llvm::Error::success();
}

Conv1dProblem poolc::fold(const Conv1dProblem &problem) {
  Conv1dProblem folded = problem;
  Window &window = folded.window;
  int64_t stride = std::exchange(window.stride, 1);
  folded.inPerGroup *= stride;
  window.kernel /= stride;
  window.size /= stride;
  window.padBefore /= stride;
  // Zeros that make up no whole position are part of no window.
  window.padAfter /= stride;
  return folded;
}
