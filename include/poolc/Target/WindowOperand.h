//===- WindowOperand.h - Windows as operand b of products -------*- C++ -*-===//
//
// A matrix product whose K counts taps of channels, as rows of weights have them: which
// elements of windows in shared memory the threads of tensor cores hold, and how they
// load them. Costs, pitches of rows, layouts of tiles and lowerings share it.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_TARGET_WINDOWOPERAND_H
#define POOLC_TARGET_WINDOWOPERAND_H

#include "poolc/Target/Fragments.h"

#include <optional>

namespace poolc {

/// Tensor cores sum over K in any order, if it is that of both operands. Of four threads with
/// the same columns, each has a quarter of K: neighbours in a row of weights, which it loads 16
/// bytes at a time, and whole windows or parts of one, which overlap.
///
///   K = 4 channels x 3 taps    thread 0: c0 t0, c0 t1, c0 t2   thread 1: c1 t0, ...
///   K = 2 channels x 4 taps    thread 0: c0 t0, c0 t1          thread 1: c0 t2, c0 t3
///
/// Tap t of channel c in column n lies c * rowStride + t * tapStride + n * columnStride elements
/// of `bytes` after the first one; where each thread has whole channels, those of the next thread
/// lie `gap` further, so that threads meet different banks.
struct WindowOperand {
  int64_t channels, taps, rowStride, tapStride, columnStride, bytes, gap = 0;

  /// Elements along K that a thread has, and that it multiplies in one instruction.
  int64_t perThread() const { return channels * taps / 4; }
  int64_t perInstruction() const { return 8 / bytes; }
  /// Whether threads can have equal parts: whole channels or whole parts of one, and what
  /// instructions multiply.
  bool isDivisible() const {
    bool divides = channels % 4 == 0 || (4 % channels == 0 && taps % (4 / channels) == 0);
    return divides && perThread() % perInstruction() == 0;
  }

  int64_t channelsPerThread() const { return channels < 4 ? 1 : channels / 4; }
  /// Elements from a thread's first channel to that of the next thread with others.
  int64_t channelsStride() const { return channelsPerThread() * rowStride + gap; }
  int64_t threadsPerChannel() const { return channels < 4 ? 4 / channels : 1; }
  /// Elements from the first window's first element to thread `thread`'s.
  int64_t placeOfThread(int64_t thread) const {
    return thread / threadsPerChannel() * channelsStride() +
           thread % threadsPerChannel() * perThread() * tapStride;
  }
  /// Elements from there to the `i`-th of its elements.
  int64_t placeOf(int64_t i) const { return i / taps * rowStride + i % taps * tapStride; }

  /// Elements, a power of two of at most 16 bytes, of which all threads' first places are
  /// multiples apart, where each has `columns` neighbours.
  int64_t groupElements(int64_t columns) const;
};

/// How a thread loads its elements: in groups of so many, for so many neighbouring columns
/// (powers of two).
struct WindowLoads {
  int64_t elements = 1, columns = 1;
  /// Loads for a column and what one instruction multiplies, and wavefronts of one.
  double loads = 1, wavefronts = 1;
  /// What the loads take of shared memory, or of the units that issue them.
  double cost() const;
};

/// The best for a thread with so many neighbouring columns. `phase`: elements from a multiple of
/// 16 bytes to the first window; without it, elements are loaded one by one.
WindowLoads planWindowLoads(const WindowOperand &operand, std::optional<int64_t> phase,
                            int64_t columns);

/// The best number of columns, too.
WindowLoads planWindowLoads(const WindowOperand &operand, std::optional<int64_t> phase);

/// That number; and of how many columns a thread needs fewer loads for each.
NeighbourColumns countWindowColumns(const WindowOperand &operand, std::optional<int64_t> phase);

} // namespace poolc

#endif // POOLC_TARGET_WINDOWOPERAND_H
