//===- Footprint.h - What windows touch in memory ---------------*- C++ -*-===//
//
// Closed forms for costs: bytes and requests without a loop over the shape. On
// average over where in a sector things start.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_SCHEDULE_FOOTPRINT_H
#define POOLC_LIB_SCHEDULE_FOOTPRINT_H

#include "poolc/Problem/Window.h"
#include "poolc/Support/DataType.h"
#include "poolc/Target/GPU.h"

namespace poolc {

/// The largest power of two that divides `value`; of 0, 0.
inline int64_t lowestBit(int64_t value) { return value & -value; }

/// Bytes of the sectors that `outputs` neighbouring windows touch in one row of
/// elements of `type`. Padding counts as if it were memory, up to the row's size.
double touchedRowBytes(const Window &window, DataType type, double outputs);

/// Bytes of the sectors of `runs` runs of `bytes` each that begin `offset` bytes after
/// any multiple of `step` bytes, a power of two.
double runBytes(double runs, double bytes, int64_t step, int64_t offset = 0);

/// How many elements along the axis `outputs` neighbouring windows touch.
double touchedElements(const Window &window, double outputs);

/// What one warp instruction on global memory does whose `lanes` lanes access
/// `bytes` each, `strideBytes` apart.
struct WarpAccess {
  double sectors = 0, lines = 0;
  /// Cycles of the SM's L1 data path.
  double wavefronts = 0;
};
WarpAccess accessGlobal(double lanes, double bytes, double strideBytes);

/// How much longer results take to be written, in rows of so many bytes that lie one behind the
/// other, where stores do not begin where sectors do.
double timeOfUnalignedRows(int64_t rowBytes, const GPU &gpu);

} // namespace poolc

#endif // POOLC_LIB_SCHEDULE_FOOTPRINT_H
