//===- Shapes.cpp - Random legal operations -------------------------------===//

#include "Shapes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::sweep;

/// Most elements of an input.
static constexpr int64_t maxElements = 1 << 18;

/// Attempts before a draw is given up.
static constexpr int maxAttempts = 200;

int64_t poolc::sweep::drawExtent(Random &random, int64_t most) {
  int64_t extent = 1;
  switch (random.draw(0, 9)) {
  case 0:
    break;
  case 1:
  case 2:
  case 3:
    extent = random.draw(1, 9);
    break;
  case 4:
  case 5:
  case 6:
  case 7:
    extent = (int64_t(1) << random.draw(1, 11)) + random.draw(-1, 1);
    break;
  default:
    extent = random.draw(1, most);
  }
  return std::clamp<int64_t>(extent, 1, most);
}

/// An input size for which the window has about `outputs` positions, with a
/// remainder that fills no stride.
static int64_t sizeFor(Random &random, const Window &window, int64_t outputs) {
  int64_t remainder = random.draw(0, window.stride - 1);
  int64_t extent = (outputs - 1) * window.stride + *window.span() + remainder;
  return std::max<int64_t>(1, extent - window.padBefore - window.padAfter);
}

/// Rows of whole 16 bytes, for wide accesses.
static void alignSize(Window &window) { window.size = llvm::alignTo(window.size, 8); }

static bool isLegal(const Window &window) { return window.outputSize().value_or(0) >= 1; }

/// One axis of a pooling window; paddings are less than the kernel.
static Window drawPoolAxis(Random &random, std::optional<int64_t> size, int64_t mostOutputs) {
  Window window;
  window.kernel = random.chance(10) ? random.draw(1, 40) : random.draw(1, 7);
  if (size && random.chance(80))
    window.kernel = std::min(window.kernel, *size);
  window.stride = random.chance(40) ? window.kernel : random.draw(1, 9);
  if (random.chance(50)) {
    window.padBefore = random.draw(0, window.kernel - 1);
    window.padAfter = random.chance(50) ? window.padBefore : random.draw(0, window.kernel - 1);
  }
  window.size = size ? *size : sizeFor(random, window, drawExtent(random, mostOutputs));
  return window;
}

/// Makes the windows whole planes, or, along H, such that they fill planes side by
/// side.
static void fillPlanes(Random &random, AvgPool2dProblem &problem, bool hasSize) {
  auto fill = [&](Window &axis) {
    // Of larger ones few would be affordable.
    if (!hasSize)
      axis.size = std::min<int64_t>(axis.size, random.chance(50) ? 16 : 90);
    axis.padBefore = axis.padAfter = 0;
    axis.kernel = axis.stride = axis.size;
  };
  Window &h = problem.axis[0], &w = problem.axis[1];
  if (random.chance(20)) {
    fill(h);
    fill(w);
  } else if (!hasSize && random.chance(15)) {
    h.padBefore = h.padAfter = 0;
    h.stride = h.kernel;
    h.size = llvm::alignTo(h.size, h.kernel);
  }
}

/// Patches: windows, strides and lengths that are multiples of 32 bytes; or only windows, where
/// none reaches into padding.
static Window drawPatches(Random &random, int64_t mostOutputs) {
  Window window;
  int64_t unit = random.chance(50) ? 8 : 16;
  window.kernel = unit * random.draw(1, 5);
  window.stride = unit * random.draw(1, 4);
  if (random.chance(40))
    window.padBefore = unit * random.draw(0, window.kernel / unit);
  if (random.chance(40))
    window.padAfter = random.draw(0, window.kernel);
  int64_t size = sizeFor(random, window, drawExtent(random, mostOutputs));
  window.size = llvm::alignTo(std::max<int64_t>(size, 1), unit);
  if (window.padBefore == 0 && window.padAfter == 0 && random.chance(50)) {
    window.stride += random.draw(0, 7);
    window.size += random.draw(0, 15);
  }
  return window;
}

/// Taps, zeros on the left and lengths that are multiples of the stride, which folds to channels.
static Window drawFolding(Random &random, int64_t mostOutputs) {
  Window window;
  window.stride = 4 * random.draw(1, 4);
  window.kernel = window.stride * random.draw(1, 4);
  if (random.chance(50))
    window.padBefore = window.stride * random.draw(0, window.kernel / window.stride);
  if (random.chance(50))
    window.padAfter = random.draw(0, window.kernel);
  int64_t size = sizeFor(random, window, drawExtent(random, mostOutputs));
  window.size = llvm::alignTo(std::max<int64_t>(size, 1), window.stride);
  return window;
}

/// Rows of whole groups of 16 bytes, of which the copy engine copies boxes, often for one tap.
static Window drawBoxes(Random &random, int64_t mostOutputs) {
  constexpr int64_t unit = 8, ofBox = 64;
  Window window;
  window.kernel = window.stride = window.dilation = 1;
  bool hasOneTap = random.chance(40), hasWholeBoxes = hasOneTap && random.chance(60);
  window.size = llvm::alignTo(drawExtent(random, mostOutputs), hasWholeBoxes ? ofBox : unit);
  if (hasOneTap)
    return window;
  window.kernel = random.draw(2, 7);
  if (random.chance(50))
    window.dilation = random.chance(80) ? random.draw(2, 20) : random.draw(20, 200);
  int64_t most = *window.span() + (random.chance(20) ? 300 : 0);
  window.padBefore = random.draw(0, most);
  // At least one output.
  window.padAfter = std::max(random.draw(0, most), *window.span() - window.size - window.padBefore);
  return window;
}

static Window drawConvAxis(Random &random, std::optional<int64_t> size, int64_t mostOutputs) {
  if (!size && random.chance(14))
    return (random.chance(35)   ? drawBoxes
            : random.chance(50) ? drawFolding
                                : drawPatches)(random, mostOutputs);
  Window window;
  window.kernel = random.chance(10) ? random.draw(1, 50) : random.draw(1, 5);
  window.stride = random.chance(50) ? 1 : random.draw(1, 9);
  window.dilation = random.chance(60)   ? 1
                    : random.chance(80) ? random.draw(2, 9)
                                        : random.draw(10, 200);
  if (random.chance(60)) {
    // Up to the window's span is usual; far beyond it whole outputs are padding.
    int64_t most = random.chance(80) ? *window.span() : *window.span() + 70;
    window.padBefore = random.draw(0, most);
    window.padAfter = random.chance(50) ? window.padBefore : random.draw(0, most);
  }
  window.size = size                ? *size
                : random.chance(15) ? random.draw(1, 4)
                                    : sizeFor(random, window, drawExtent(random, mostOutputs));
  if (!size && random.chance(30))
    alignSize(window);
  return window;
}

static int64_t elements(llvm::ArrayRef<int64_t> shape) {
  int64_t product = 1;
  for (int64_t dim : shape)
    product *= dim;
  return product;
}

static bool isAffordable(llvm::ArrayRef<int64_t> x, llvm::ArrayRef<int64_t> y, int64_t taps) {
  return elements(x) <= maxElements && elements(y) * (taps + 4) <= maxSteps;
}

/// One in thirty batches is empty.
static int64_t drawBatch(Random &random, int64_t most) {
  return random.chance(3) ? 0 : random.draw(1, most);
}

std::optional<PoolOp> poolc::sweep::drawPool(Random &random, std::optional<Shape> x) {
  // An empty batch of another operation would be no channels here.
  if (x && x->size() == 3 && x->front() == 0)
    return std::nullopt;
  for (int attempt = 0; attempt < maxAttempts; ++attempt) {
    PoolOp op;
    bool batched = x ? x->size() == 4 : random.chance(60);
    bool single = !x && random.chance(6);
    Shape leading;
    if (x)
      leading.assign(x->begin(), x->end() - 2);
    else if (single)
      leading = Shape(batched ? 2 : 1, 1);
    else if (batched)
      leading = {drawBatch(random, 4), drawExtent(random, 70)};
    else
      leading = {drawExtent(random, 260)};

    bool ceilMode = random.chance(40);
    for (unsigned a = 0; a != 2; ++a) {
      std::optional<int64_t> size;
      if (x)
        size = (*x)[leading.size() + a];
      op.problem.axis[a] = drawPoolAxis(random, size, single ? 1 : random.chance(50) ? 40 : 1100);
      op.problem.axis[a].ceilMode = ceilMode;
    }
    if (!x && random.chance(35))
      alignSize(op.problem.axis[1]);
    fillPlanes(random, op.problem, x.has_value());
    if (!llvm::all_of(op.problem.axis, isLegal))
      continue;

    op.problem.planes = elements(leading);
    op.problem.countIncludePad = random.chance(50);
    if (random.chance(20))
      op.problem.divisorOverride = random.chance(50) ? random.draw(1, 9) : -random.draw(1, 1000);
    op.x = op.y = leading;
    for (unsigned a = 0; a != 2; ++a) {
      op.x.push_back(op.problem.axis[a].size);
      op.y.push_back(op.problem.outputSize(a));
    }
    if (isAffordable(op.x, op.y, op.problem.axis[0].kernel * op.problem.axis[1].kernel))
      return op;
  }
  return std::nullopt;
}

/// Divides or draws the channels: one group, several, or depthwise.
static void drawChannels(Random &random, std::optional<int64_t> inChannels,
                         Conv1dProblem &problem) {
  if (inChannels) {
    do
      problem.groups = random.chance(50) ? 1 : random.draw(1, *inChannels);
    while (*inChannels % problem.groups != 0);
    problem.inPerGroup = *inChannels / problem.groups;
  } else if (random.chance(15)) {
    // Whole chunks of 16 bytes and whole rows of tensor cores.
    problem.groups = random.draw(1, 2);
    problem.inPerGroup = 8 * random.draw(1, 8);
    problem.outPerGroup = 16 * random.draw(1, 9);
    return;
  } else {
    problem.groups = random.chance(50) ? 1 : drawExtent(random, 40);
    problem.inPerGroup = random.chance(40) ? 1 : drawExtent(random, 70);
  }
  problem.outPerGroup = random.chance(20) ? 1 : drawExtent(random, 140);
}

std::optional<ConvOp> poolc::sweep::drawConv(Random &random, std::optional<Shape> x) {
  for (int attempt = 0; attempt < maxAttempts; ++attempt) {
    ConvOp op;
    Conv1dProblem &problem = op.problem;
    bool batched = x ? x->size() == 3 : random.chance(70);
    std::optional<int64_t> channels, size;
    if (x) {
      channels = (*x)[x->size() - 2];
      size = x->back();
      problem.batch = batched ? x->front() : 1;
    } else if (batched) {
      problem.batch = drawBatch(random, 5);
    }
    drawChannels(random, channels, problem);
    problem.window = drawConvAxis(random, size, random.chance(50) ? 40 : 2100);
    problem.hasBias = random.chance(50);
    if (!isLegal(problem.window))
      continue;

    if (batched)
      op.x = op.y = {problem.batch};
    op.x.append({problem.inChannels(), problem.window.size});
    op.y.append({problem.outChannels(), problem.outputSize()});
    op.w = {problem.outChannels(), problem.inPerGroup, problem.window.kernel};
    if (isAffordable(op.x, op.y, problem.taps()) && elements(op.w) <= maxElements)
      return op;
  }
  return std::nullopt;
}
