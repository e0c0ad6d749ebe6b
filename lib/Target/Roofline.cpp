//===- Roofline.cpp - The least time an op can take -----------------------===//

#include "poolc/Target/Roofline.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

/// Which elements of the window's axis at least one window touches.
static llvm::BitVector usedElements(const Window &window) {
  llvm::BitVector used(window.size);
  int64_t outputs = window.outputSize().value_or(0);
  for (int64_t t = 0; t < window.kernel; ++t) {
    int64_t offset = t * window.dilation - window.padBefore;
    int64_t first = offset < 0 ? llvm::divideCeil(-offset, window.stride) : 0;
    for (int64_t o = first; o < outputs; ++o) {
      int64_t at = o * window.stride + offset;
      if (at >= window.size)
        break;
      used.set(at);
    }
  }
  return used;
}

namespace {
/// Counts the distinct sectors of a tensor [planes, rows, columns] of which the
/// elements in (usedRows x usedColumns) of every plane are used.
class SectorCounter {
public:
  SectorCounter(const llvm::BitVector &usedRows, const llvm::BitVector &usedColumns,
                int64_t elementBytes)
      : usedRows(usedRows), usedColumns(usedColumns), elementBytes(elementBytes),
        rowBytes(int64_t(usedColumns.size()) * elementBytes) {
    for (int64_t shift = 0; shift < sectorBytes; shift += elementBytes)
      rowBySector.push_back(countRow(shift));
  }

  int64_t count(int64_t planes) const {
    if (usedColumns.none() || usedRows.none())
      return 0;
    // Where planes start within a sector repeats with a short period, so whole
    // periods are multiplied.
    int64_t planeBytes = int64_t(usedRows.size()) * rowBytes;
    int64_t period = sectorBytes / std::min<int64_t>(sectorBytes, lowestBit(planeBytes));
    int64_t tail = countPlanes(planes % period);
    if (planes < period)
      return tail;
    int64_t whole = countPlanes(period);
    return whole * (planes / period) + tail;
  }

private:
  /// Sectors of one row that starts `shift` bytes into a sector: how many are
  /// used, and which is the first and the last of them, from the row's start.
  struct Row {
    int64_t sectors = 0, first = 0, last = 0;
  };

  static int64_t lowestBit(int64_t value) { return value & -value; }

  Row countRow(int64_t shift) const {
    Row row;
    int64_t previous = -1;
    for (unsigned column : usedColumns.set_bits()) {
      int64_t sector = (shift + int64_t(column) * elementBytes) / sectorBytes;
      if (sector == previous)
        continue;
      if (row.sectors++ == 0)
        row.first = sector;
      previous = row.last = sector;
    }
    return row;
  }

  /// Sectors of `planes` planes from a sector's start on.
  int64_t countPlanes(int64_t planes) const {
    int64_t sectors = 0, previous = -1;
    for (int64_t plane = 0; plane < planes; ++plane) {
      for (unsigned r : usedRows.set_bits()) {
        int64_t start = (plane * int64_t(usedRows.size()) + r) * rowBytes;
        const Row &row = rowBySector[start % sectorBytes / elementBytes];
        int64_t base = start / sectorBytes;
        sectors += row.sectors - (base + row.first == previous);
        previous = base + row.last;
      }
    }
    return sectors;
  }

  const llvm::BitVector &usedRows, &usedColumns;
  int64_t elementBytes, rowBytes;
  llvm::SmallVector<Row, sectorBytes> rowBySector;
};
} // namespace

static int64_t denseBytes(int64_t elements, DataType type) {
  return llvm::alignTo(elements * sizeInBytes(type), sectorBytes);
}

Work poolc::computeWork(const AvgPool2dProblem &problem) {
  llvm::BitVector rows = usedElements(problem.axis[0]), columns = usedElements(problem.axis[1]);
  int64_t outputs = problem.planes * problem.outputSize(0) * problem.outputSize(1);
  SectorCounter counter(rows, columns, sizeInBytes(problem.type));
  Work work;
  work.readBytes = counter.count(problem.planes) * sectorBytes;
  work.writeBytes = denseBytes(outputs, problem.type);
  work.operations = double(problem.planes) * rows.count() * columns.count() + outputs;
  return work;
}

Work poolc::computeWork(const Conv1dProblem &problem) {
  Work work;
  int64_t rows = problem.batch * problem.inChannels();
  int64_t outputs = problem.batch * problem.outChannels() * problem.outputSize();
  if (outputs == 0)
    return work;
  llvm::BitVector oneRow(1, true), columns = usedElements(problem.window);
  SectorCounter counter(oneRow, columns, sizeInBytes(problem.type));
  work.readBytes = counter.count(rows) * sectorBytes;
  work.readBytes += denseBytes(problem.outChannels() * problem.taps(), problem.type);
  if (problem.hasBias)
    work.readBytes += denseBytes(problem.outChannels(), problem.type);
  work.writeBytes = denseBytes(outputs, problem.type);
  if (problem.addsResidual)
    work.readBytes += work.writeBytes;
  work.operations = 2.0 * outputs * problem.taps();
  return work;
}

Work poolc::computeWork(const AddProblem &problem) {
  Work work;
  work.writeBytes = denseBytes(problem.elements, problem.type);
  work.readBytes = 2 * work.writeBytes;
  work.operations = double(problem.elements);
  return work;
}

double poolc::reachableDramGBs(const GPU &gpu, double writeShare) {
  llvm::ArrayRef<DramPoint> points = gpu.dramReachable;
  for (size_t i = 1; i < points.size(); ++i) {
    const DramPoint &low = points[i - 1], &high = points[i];
    if (writeShare > high.writeShare)
      continue;
    double position = (writeShare - low.writeShare) / (high.writeShare - low.writeShare);
    return low.GBs + position * (high.GBs - low.GBs);
  }
  return points.back().GBs;
}

double poolc::peakTFLOPs(const GPU &gpu, const AvgPool2dProblem &) { return gpu.fp32TFLOPs; }

double poolc::peakTFLOPs(const GPU &gpu, const AddProblem &) { return gpu.fp32TFLOPs; }

bool poolc::isPeakOfFMA(const GPU &gpu, const Conv1dProblem &problem) {
  bool isFaster = gpu.fp32TFLOPs > gpu.tf32TFLOPs / 3;
  return problem.type == DataType::f32 && (problem.precision == Precision::ieee ||
                                           (problem.precision == Precision::tf32x3 && isFaster));
}

double poolc::peakTFLOPs(const GPU &gpu, const Conv1dProblem &problem) {
  if (isPeakOfFMA(gpu, problem))
    return gpu.fp32TFLOPs;
  if (problem.type == DataType::f16)
    return gpu.fp16TFLOPs;
  if (problem.type == DataType::bf16)
    return gpu.bf16TFLOPs;
  switch (problem.precision) {
  case Precision::ieee:
    return gpu.fp32TFLOPs;
  case Precision::tf32:
    return gpu.tf32TFLOPs;
  case Precision::tf32x3:
    return gpu.tf32TFLOPs / 3;
  }
  return gpu.fp32TFLOPs;
}

Floor poolc::computeFloor(const GPU &gpu, const Work &work, double peakTFLOPs) {
  Floor floor;
  if (work.bytes() > 0) {
    double writeShare = double(work.writeBytes) / work.bytes();
    floor.memorySeconds = work.bytes() / (reachableDramGBs(gpu, writeShare) * 1e9);
  }
  floor.computeSeconds = work.operations / (peakTFLOPs * 1e12);
  return floor;
}
