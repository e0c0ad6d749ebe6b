//===- Grid.cpp - The tiles of an op and the grid of its launch -----------===//

#include "poolc/Schedule/Grid.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

using namespace poolc;

/// Product of two counts, INT64_MAX where it is larger. No tiles along one axis
/// still are no tiles at all.
static int64_t saturatingProduct(int64_t a, int64_t b) {
  int64_t product;
  if (llvm::MulOverflow(a, b, product))
    return std::numeric_limits<int64_t>::max();
  return product;
}

std::array<int64_t, 3> TileGrid::grid() const {
  std::array<int64_t, 3> result;
  for (auto [size, dim] : llvm::zip(result, dims)) {
    size = 1;
    for (const Axis &axis : dim)
      size = saturatingProduct(size, axis.tiles);
  }
  return result;
}

int64_t TileGrid::blocks() const {
  std::array<int64_t, 3> size = grid();
  return saturatingProduct(saturatingProduct(size[0], size[1]), size[2]);
}

const TileGrid::Axis &TileGrid::axis(char letter) const {
  for (const auto &dim : dims)
    for (const Axis &axis : dim)
      if (axis.letter == letter)
        return axis;
  llvm_unreachable("every letter of the op has an axis");
}

static llvm::Error wrongOrder(llvm::ArrayRef<TileGrid::Axis> axes, llvm::StringRef order) {
  llvm::SmallString<8> letters;
  for (const TileGrid::Axis &axis : axes)
    letters.push_back(axis.letter);
  return llvm::createStringError("expected order to name each of the axes '" + letters +
                                 "' once, in one to three groups separated by dots, got '" + order +
                                 "'");
}

/// Sorts `axes` into the groups of `order`.
static llvm::Expected<TileGrid> arrange(llvm::ArrayRef<TileGrid::Axis> axes,
                                        llvm::StringRef order) {
  TileGrid grid;
  llvm::SmallVector<llvm::StringRef, 4> groups;
  order.split(groups, '.');
  if (groups.size() > 3)
    return wrongOrder(axes, order);
  size_t named = 0;
  for (auto [dim, group] : llvm::zip(grid.dims, groups)) {
    if (group.empty())
      return wrongOrder(axes, order);
    for (char letter : group) {
      const auto *axis = llvm::find_if(axes, [&](auto &axis) { return axis.letter == letter; });
      if (axis == axes.end() || order.count(letter) != 1)
        return wrongOrder(axes, order);
      dim.push_back(*axis);
      ++named;
    }
  }
  if (named != axes.size())
    return wrongOrder(axes, order);
  return grid;
}

static llvm::Expected<TileGrid> makeGrid(llvm::MutableArrayRef<TileGrid::Axis> axes,
                                         llvm::StringRef order) {
  for (TileGrid::Axis &axis : axes) {
    if (axis.block < 1)
      return llvm::createStringError("expected block_" + llvm::Twine(axis.letter) +
                                     " to be at least 1, got " + llvm::Twine(axis.block));
    axis.tiles = llvm::divideCeilSigned(axis.extent, axis.block);
  }
  return arrange(axes, order);
}

llvm::Expected<TileGrid> poolc::makeTileGrid(const AddProblem &problem, const Schedule &schedule) {
  TileGrid::Axis axes[] = {{'n', problem.elements, schedule.blockN, 0}};
  if (problem.elementsAreDynamic)
    axes[0].wantedExtent = std::numeric_limits<int64_t>::max();
  return makeGrid(axes, schedule.order);
}

AvgPool2dProblem poolc::tiledProblem(const AvgPool2dProblem &problem, const Schedule &schedule) {
  return schedule.algorithm == "direct" ? problem : problem.withMergedRows();
}

/// Images that a plan should be able to take, and times as many planes as are
/// expected.
static constexpr int64_t wantedImages = 65535, wantedGrowth = 4096;

/// Of planes, no more than fit so many bytes, which no GPU of the table has: 65535 large ones
/// are enough, and a grid of three dimensions takes no divisions.
static constexpr int64_t mostBytes = 300'000'000'000;

static int64_t wantedPlanes(const AvgPool2dProblem &problem) {
  int64_t grown = saturatingProduct(problem.planes, wantedGrowth);
  if (problem.hasDynamicAxes())
    return grown;
  int64_t planeBytes = saturatingProduct(
      saturatingProduct(problem.axis[0].size, problem.axis[1].size), sizeInBytes(problem.type));
  return std::min(grown, std::max(problem.planes, mostBytes / std::max<int64_t>(planeBytes, 1)));
}

static std::optional<int64_t> wantedOutputs(const Window &window) {
  return window.isDynamic ? std::optional(window.maxOutputSize()) : std::nullopt;
}

llvm::Expected<TileGrid> poolc::makeTileGrid(const AvgPool2dProblem &original,
                                             const Schedule &schedule) {
  AvgPool2dProblem problem = tiledProblem(original, schedule);
  TileGrid::Axis axes[] = {
      {'w', problem.outputSize(1), schedule.blockW, 0, wantedOutputs(problem.axis[1])},
      {'h', problem.outputSize(0), schedule.blockH, 0, wantedOutputs(problem.axis[0])},
      {'p', problem.planes, schedule.blockP, 0}};
  if (problem.planesAreDynamic)
    axes[2].wantedExtent = wantedPlanes(problem);
  // Merged rows.
  if (problem.axis[0].size != original.axis[0].size)
    axes[2].perUnit = original.axis[0].size / problem.axis[0].size;
  return makeGrid(axes, schedule.order);
}

llvm::Expected<TileGrid> poolc::makeTileGrid(const Conv1dProblem &problem,
                                             const Schedule &schedule) {
  int64_t channels = schedule.blockM * std::max<int64_t>(schedule.tilesM, 1);
  TileGrid::Axis axes[] = {{'m', problem.outPerGroup, channels, 0},
                           {'n', problem.outputSize(), schedule.blockN - schedule.overlapN, 0,
                            wantedOutputs(problem.window)},
                           // Only where a block takes several is there a word for it.
                           {'g', problem.groups, std::max<int64_t>(schedule.blockG, 1), 0},
                           {'b', problem.batch, 1, 0}};
  if (problem.batchIsDynamic)
    axes[3].wantedExtent = std::max(problem.batch, wantedImages);
  if (schedule.joinN != 0) {
    axes[1].extent = saturatingProduct(problem.batch, problem.outputSize());
    axes[3].extent = 1;
  }
  llvm::Expected<TileGrid> grid = makeGrid(axes, schedule.order);
  // Parts of a sum lie wherever images do: the order need not name them.
  if (grid && schedule.splitK > 1)
    for (auto &dim : grid->dims)
      if (llvm::any_of(dim, [](const TileGrid::Axis &axis) { return axis.letter == 'b'; }))
        dim.push_back({'s', schedule.splitK, 1, schedule.splitK});
  return grid;
}

bool poolc::fitsLaunch(const TileGrid &grid, const GPU &gpu) {
  std::array<int64_t, 3> size = grid.grid();
  return size[0] <= gpu.maxGridX && size[1] <= gpu.maxGridYZ && size[2] <= gpu.maxGridYZ;
}

double poolc::growthRoom(const TileGrid &grid, const GPU &gpu) {
  const int64_t limits[] = {gpu.maxGridX, gpu.maxGridYZ, gpu.maxGridYZ};
  double room = 1;
  for (auto [axes, limit] : llvm::zip(grid.dims, limits))
    for (const TileGrid::Axis &dynamic : axes) {
      if (!dynamic.wantedExtent)
        continue;
      int64_t size = llvm::divideCeilSigned(*dynamic.wantedExtent, dynamic.block);
      for (const TileGrid::Axis &axis : axes)
        if (&axis != &dynamic)
          size = saturatingProduct(size, axis.tiles);
      room = std::min(room,
                      static_cast<double>(limit) / static_cast<double>(std::max<int64_t>(size, 1)));
    }
  return room;
}
