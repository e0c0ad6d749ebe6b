//===- WindowTest.cpp - Sizes of sliding windows --------------------------===//

#include "poolc/Problem/AvgPool2d.h"

#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

using namespace poolc;

/// Calls `visit` with windows as pooling may have them, of every size up to 12.
template <typename Fn> static void forEachWindow(Fn visit) {
  for (bool ceilMode : {false, true})
    for (int64_t kernel = 1; kernel != 6; ++kernel)
      for (int64_t stride = 1; stride != 7; ++stride)
        for (int64_t before = 0; before != kernel; ++before)
          for (int64_t after = 0; after != kernel; ++after)
            for (int64_t size = 1; size != 13; ++size) {
              Window window;
              window.size = size;
              window.kernel = kernel;
              window.stride = stride;
              window.padBefore = before;
              window.padAfter = after;
              window.ceilMode = ceilMode;
              visit(window);
            }
}

TEST(WindowTest, CountsPositionsByOneDivision) {
  forEachWindow([](const Window &window) {
    bool isLegal = window.outputSize() >= 1;
    EXPECT_EQ(isLegal, window.size >= window.minSize());
    if (!isLegal)
      return;
    int64_t dividend = window.size + *window.outputOffset();
    EXPECT_EQ(window.outputSize(), window.ceilMode
                                       ? llvm::divideCeilSigned(dividend, window.stride)
                                       : llvm::divideFloorSigned(dividend, window.stride))
        << "kernel " << window.kernel << " stride " << window.stride << " padding "
        << window.padBefore << " + " << window.padAfter << " over " << window.size
        << (window.ceilMode ? " in ceil mode" : "");
  });
}

TEST(WindowTest, LeavesNoBitsOut) {
  Window window;
  window.kernel = 3;
  window.dilation = std::numeric_limits<int64_t>::max() / 2;
  EXPECT_EQ(window.minSize(), std::numeric_limits<int64_t>::max());
  window.dilation += 1;
  EXPECT_EQ(window.minSize(), std::nullopt);
  EXPECT_EQ(window.outputOffset(), std::nullopt);
}

/// A divisor for all outputs of every size is one for all outputs of each.
TEST(WindowTest, FindsTheDivisorOfEverySize) {
  forEachWindow([](const Window &window) {
    for (bool countIncludePad : {false, true}) {
      AvgPool2dProblem fixed;
      fixed.countIncludePad = countIncludePad;
      fixed.axis[0] = window;
      if (fixed.outputSize(0) < 1)
        continue;
      AvgPool2dProblem dynamic = fixed;
      dynamic.axis[0].isDynamic = true;
      if (std::optional<int64_t> divisor = dynamic.uniformDivisor())
        EXPECT_EQ(fixed.uniformDivisor(), divisor);
    }
  });
}
