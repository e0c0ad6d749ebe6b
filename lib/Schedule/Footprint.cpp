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

double poolc::runBytes(double runs, double bytes, int64_t step, int64_t offset) {
  step = std::min(step, sectorBytes);
  double sum = 0;
  for (int64_t place = offset % step; place < sectorBytes; place += step)
    sum += std::ceil((double(place) + bytes) / double(sectorBytes)) * double(sectorBytes);
  return runs * sum * double(step) / double(sectorBytes);
}

double poolc::touchedRowBytes(const Window &window, DataType type, double outputs) {
  if (outputs <= 0)
    return 0;
  int64_t element = sizeInBytes(type);
  double reach = (outputs - 1) * double(window.stride) +
                 double(window.kernel - 1) * double(window.dilation) + 1;
  double whole = runBytes(1, std::min(reach, double(window.size)) * double(element), element);
  // Each window's taps as one run if they are near each other, else one by one.
  bool near = double(window.dilation) * double(element) <= double(sectorBytes);
  double apart =
      near ? runBytes(outputs,
                      (double(window.kernel - 1) * double(window.dilation) + 1) * double(element),
                      element)
           : runBytes(outputs * double(window.kernel), double(element), element);
  // Windows next to each other make one run for each tap.
  double tapRuns = runBytes(double(window.kernel),
                            ((outputs - 1) * double(window.stride) + 1) * double(element), element);
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

double poolc::timeOfUnalignedRows(int64_t rowBytes, const GPU &gpu) {
  // On an H200, 205 us for the first layer of wav2vec 2.0, and 177 us with stores of whole
  // groups. Others have not been measured.
  constexpr double inParts = 1.5;
  return gpu.wgmmaShare > 0 && rowBytes % sectorBytes != 0 ? inParts : 1;
}
