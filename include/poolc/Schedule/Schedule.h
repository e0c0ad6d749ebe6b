//===- Schedule.h - How one op is mapped to the GPU -------------*- C++ -*-===//
//
// A schedule is decided once, recorded as an attribute on the op, verified
// against the target and then only obeyed. Here it is plain data: no IR.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_SCHEDULE_SCHEDULE_H
#define POOLC_SCHEDULE_SCHEDULE_H

#include "poolc/Problem/Add.h"
#include "poolc/Problem/AvgPool2d.h"
#include "poolc/Problem/Conv1d.h"
#include "poolc/Target/GPU.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace poolc {

/// How products are formed where a problem leaves that open: by FMA units, or on tensor
/// cores, three of TF32 for each.
enum class Products { any, fma, mma };

/// The word for it: "fma" or "mma"; "" for any.
llvm::StringRef toString(Products products);

/// The words of a schedule, in the order in which they are printed. A word that
/// an algorithm does not use stays 0.
struct Schedule {
  std::string algorithm;
  /// Of problems that leave it open, and only of those.
  Products products = Products::any;
  /// Tile of one block: pooling uses planes, h, w; convolution m (output
  /// channels), n (output positions), k (input channels per step), g (groups).
  int64_t blockP = 0, blockH = 0, blockW = 0;
  int64_t blockG = 0;
  int64_t blockM = 0, blockN = 0, blockK = 0;
  /// Taps per step.
  int64_t blockT = 0;
  /// Positions that a tile has in common with the next one, so that both store whole sectors of
  /// rows that begin anywhere; 0: none.
  int64_t overlapN = 0;
  /// 1: positions are numbered over all images, whose ends tiles of boxes go on over; 0: tiles are
  /// of one image.
  int64_t joinN = 0;
  /// Tiles of output channels that a block computes one after the other, from the same x; 0: one.
  int64_t tilesM = 0;
  /// Parts of the input channels that blocks of their own sum; 0: one part.
  int64_t splitK = 0;
  int64_t numWarps = 0;
  /// Warps of a block that only copy, beside num_warps; 0: all warps copy.
  int64_t copyWarps = 0;
  /// Warps that only store, beside those that only copy; 0: warps that multiply store.
  int64_t storeWarps = 0;
  /// 1: a thread of those that only copy, or that multiply in gemm_chunked, has the copy engine
  /// move boxes of x and the weights; 0: they copy themselves.
  int64_t boxes = 0;
  /// 1: a thread of each four warps that multiply has the copy engine store boxes of the results.
  int64_t boxStores = 0;
  /// 1: threads round weights of one tap to TF32 in shared memory, copied as they lie; 0: a launch
  /// before packs them, rounded.
  int64_t roundW = 0;
  int64_t numStages = 0;
  /// Elements per global memory access.
  int64_t vector = 0;
  /// How the axes of the tile grid become x, y and z of the launch: groups of
  /// letters separated by dots, x first; the axes of one group are flattened,
  /// first letter fastest. "w.h.p", "whp", "m.n.gb"; see Grid.h for the letters.
  std::string order;

  friend bool operator==(const Schedule &, const Schedule &) = default;

  /// "algorithm=direct,block_w=128,num_warps=4": words that are set, in order.
  std::string str() const;

  /// Parses `str()`'s form; words may be left out. Errors name the word and
  /// what it takes.
  static llvm::Expected<Schedule> parse(llvm::StringRef text);

  /// The words of `*this` where set, those of `other` elsewhere.
  Schedule completedBy(const Schedule &other) const;
};

/// Whether the problem leaves open how products are formed: f32 in precision tf32x3 does, whose
/// promise FMA units keep too.
bool leavesProductsOpen(const Conv1dProblem &problem);
inline bool leavesProductsOpen(const AddProblem &) { return false; }
inline bool leavesProductsOpen(const AvgPool2dProblem &) { return false; }

/// The problem as kernels of that schedule compute it: in precision ieee where FMA units form
/// products that were left open. What depends on precision asks this one.
Conv1dProblem asScheduled(const Conv1dProblem &problem, const Schedule &schedule);
inline const AddProblem &asScheduled(const AddProblem &problem, const Schedule &) {
  return problem;
}
inline const AvgPool2dProblem &asScheduled(const AvgPool2dProblem &problem, const Schedule &) {
  return problem;
}

/// The names of the algorithms that apply to a problem, best guess first.
llvm::SmallVector<llvm::StringRef> algorithmsFor(const AddProblem &problem, const GPU &gpu);
llvm::SmallVector<llvm::StringRef> algorithmsFor(const AvgPool2dProblem &problem, const GPU &gpu);
llvm::SmallVector<llvm::StringRef> algorithmsFor(const Conv1dProblem &problem, const GPU &gpu);

/// A complete schedule: pure functions of shape, type, target and the words
/// that `wanted` already fixes. Errors say what is wrong with `wanted`.
llvm::Expected<Schedule> decideSchedule(const AddProblem &problem, const GPU &gpu,
                                        const Schedule &wanted = {});
llvm::Expected<Schedule> decideSchedule(const AvgPool2dProblem &problem, const GPU &gpu,
                                        const Schedule &wanted = {});
llvm::Expected<Schedule> decideSchedule(const Conv1dProblem &problem, const GPU &gpu,
                                        const Schedule &wanted = {});

/// Whether a complete schedule is one that the lowering can obey on the target;
/// errors state what is used and the limit.
llvm::Error verifySchedule(const AddProblem &problem, const GPU &gpu, const Schedule &schedule);
llvm::Error verifySchedule(const AvgPool2dProblem &problem, const GPU &gpu,
                           const Schedule &schedule);
llvm::Error verifySchedule(const Conv1dProblem &problem, const GPU &gpu, const Schedule &schedule);

} // namespace poolc

#endif // POOLC_SCHEDULE_SCHEDULE_H
