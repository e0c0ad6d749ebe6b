//===- Footprint.cpp - What windows touch in memory -----------------------===//

#include "Footprint.h"

#include <algorithm>
#include <cmath>

using namespace poolc;

double poolc::touchedElements(const Window &window, double outputs) {
  if (outputs <= 0)
    return 0;
  double reach = (outputs - 1) * double(window.stride) +
                 double(window.kernel - 1) * double(window.dilation) + 1;
  double taps = outputs * double(window.kernel);
  return std::min({reach, taps, double(window.size)});
}

/// Bytes of sectors of `pieces` runs of `bytes`, somewhere in memory.
static double sectorsOfRuns(double pieces, double bytes, double element) {
  return pieces * (bytes + double(sectorBytes) - element);
}

double poolc::touchedRowBytes(const Window &window, DataType type, double outputs) {
  if (outputs <= 0)
    return 0;
  double element = sizeInBytes(type);
  double reach = (outputs - 1) * double(window.stride) +
                 double(window.kernel - 1) * double(window.dilation) + 1;
  double whole = sectorsOfRuns(1, std::min(reach, double(window.size)) * element, element);
  // Each window's taps as one run if they are near each other, else one by one.
  bool near = double(window.dilation) * element <= double(sectorBytes);
  double apart =
      near ? sectorsOfRuns(outputs,
                           (double(window.kernel - 1) * double(window.dilation) + 1) * element,
                           element)
           : sectorsOfRuns(outputs * double(window.kernel), element, element);
  // Windows next to each other make one run for each tap.
  double tapRuns = sectorsOfRuns(double(window.kernel),
                                 ((outputs - 1) * double(window.stride) + 1) * element, element);
  return std::min({whole, apart, tapRuns});
}

WarpAccess poolc::accessGlobal(double lanes, double bytes, double strideBytes) {
  WarpAccess access;
  if (strideBytes == 0)
    lanes = 1;
  double span = (lanes - 1) * strideBytes + bytes;
  double contiguous = std::max(1.0, span / double(sectorBytes));
  access.sectors = std::min(contiguous, lanes * std::max(1.0, bytes / double(sectorBytes)));
  access.lines = std::min(std::max(1.0, span / cacheLineBytes), lanes);
  double data = std::max(1.0, lanes * bytes / cacheLineBytes);
  // Tags are looked up four lines at a time, as measured (gpu-table.md).
  access.wavefronts = std::max(data, 0.25 * access.lines + 0.7);
  return access;
}
