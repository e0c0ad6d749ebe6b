//===- FillTransfers.h - Accesses that were not followed --------*- C++ -*-===//
#ifndef POOLC_LIB_VIRTUALGPU_TIMING_FILLTRANSFERS_H
#define POOLC_LIB_VIRTUALGPU_TIMING_FILLTRANSFERS_H

#include "TimedCode.h"
#include "Timeline.h"

namespace poolc::vgpu {

/// Where only some lines were followed: the other sectors of an access fare as those of it
/// that were; as those of the last access of the warp by the same instruction, where none
/// of its own was; and before any, as those of all accesses by the instruction.
void fillTransfers(BlockTimeline &timeline, const TimedCode &code);

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_TIMING_FILLTRANSFERS_H
