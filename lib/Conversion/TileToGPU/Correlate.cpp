//===- Correlate.cpp - Windows of rows in shared memory times taps --------===//
//
// tile.correlate on FMA units. A thread reads the window of its adjacent
// outputs once, in the widest aligned accesses that hold it, and slides the
// taps over what is then in registers.
//
//===----------------------------------------------------------------------===//

#include "SharedMemory.h"
#include "TileToGPU.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// Multiply-adds that are unrolled; beyond, channels and then taps are a loop.
static constexpr int64_t maxUnrolled = 512;

/// Elements of x that a thread loads for one channel where its taps are unrolled; with more,
/// which the assembler moves ahead of what uses them, registers would be spilled.
static constexpr int64_t maxWindow = 176;

/// Taps of one iteration of a loop over taps. A multiple of every access's
/// width, so that each iteration finds the same alignment.
static constexpr int64_t tapsPerIteration = 8;

static int64_t lowestBit(int64_t value) { return value & -value; }

namespace {

/// Rows in shared memory as one thread sees them: aligned groups of elements
/// are loaded when first asked for, and kept as f32.
class Rows {
public:
  /// `base` is the index of the thread's element 0; groups of `width` elements
  /// from there on are aligned.
  Rows(ImplicitLocOpBuilder &b, Value flat, Value base, int64_t width, bool roundToTF32)
      : b(b), flat(flat), base(base), width(width), roundToTF32(roundToTF32) {}

  /// The element `offset` elements on.
  Value get(int64_t offset) {
    auto known = elements.find(offset);
    if (known != elements.end())
      return known->second;
    load(offset / width * width, width);
    return elements.lookup(offset);
  }

  bool has(int64_t offset) const { return elements.contains(offset); }

  /// Loads `count` (a power of two, aligned) elements at once.
  void load(int64_t offset, int64_t count) {
    Value index =
        offset == 0
            ? base
            : arith::AddIOp::create(b, base, arith::ConstantIndexOp::create(b, offset)).getResult();
    Type element = cast<MemRefType>(flat.getType()).getElementType();
    if (count == 1) {
      elements[offset] = asOperand(memref::LoadOp::create(b, flat, index));
      return;
    }
    llvm::MaybeAlign alignment(count * element.getIntOrFloatBitWidth() / 8);
    Value group = vector::LoadOp::create(b, VectorType::get(count, element), flat, index,
                                         /*nontemporal=*/false, alignment);
    for (int64_t i = 0; i != count; ++i)
      elements[offset + i] = asOperand(vector::ExtractOp::create(b, group, i));
  }

private:
  Value asOperand(Value value) {
    Type f32 = b.getF32Type();
    if (value.getType() != f32)
      return arith::ExtFOp::create(b, f32, value);
    if (!roundToTF32)
      return value;
    Value bits =
        NVVM::ConvertFloatToTF32Op::create(b, b.getI32Type(), value, NVVM::FPRoundingMode::RNA);
    return arith::BitcastOp::create(b, f32, bits);
  }

  ImplicitLocOpBuilder &b;
  Value flat, base;
  int64_t width;
  bool roundToTF32;
  llvm::DenseMap<int64_t, Value> elements;
};

class CorrelateEmitter {
public:
  CorrelateEmitter(CorrelateOp op, const ThreadCoordinates &threads, ImplicitLocOpBuilder &b,
                   ConversionPatternRewriter &rewriter)
      : op(op), b(b), type(op.getAccumulator().getType()), layout(getLayout(type)),
        x(getSharedView(b, op.getX(), rewriter)), taps(getSharedView(b, op.getTaps(), rewriter)),
        groups(layout.getElementsPerThread(0, type.getDimSize(0))),
        rows(layout.getElementsPerThread(1, type.getDimSize(1))),
        columns(layout.getElementsPerThread(2, type.getDimSize(2))),
        channels(op.getTaps().getType().getDimSize(2)),
        kernel(op.getTaps().getType().getDimSize(3)), stride(op.getStride()),
        vector(op.getVector()), rowPerTap(op.getX().getType().getRank() == 4) {
    int64_t adjacent = layout.getSizePerThread()[2];
    widthX = std::min(vector, lowestBit(adjacent * stride));
    ArrayRef<Value> first = threads.get(layout);
    xBase = place(x.offset, {{first[0], 0, x.strides[0]}, {first[2], 2, stride}});
    tapBase = place(taps.offset, {{first[0], 0, taps.strides[0]}, {first[1], 1, taps.strides[1]}});
  }

  Value emit(Value accumulator) {
    int64_t perChannel = groups * rows * columns * kernel;
    int64_t unrolledChannels =
        unrollsTaps() ? std::clamp<int64_t>(maxUnrolled / perChannel, 1, channels) : 1;
    if (unrolledChannels == channels)
      return emitChannels(accumulator, nullptr, channels);
    // A power of two of them divides any count that is worth a loop.
    while (channels % unrolledChannels != 0)
      --unrolledChannels;
    return loop(channels / unrolledChannels, accumulator, [&](Value i, Value sum) {
      return emitChannels(sum, scale(i, unrolledChannels), unrolledChannels);
    });
  }

private:
  struct Term {
    Value coordinate;
    unsigned dim;
    int64_t stride;
  };

  /// `offset` plus the thread's coordinates times their strides; dimensions of
  /// size 1 are held by every thread.
  Value place(Value offset, ArrayRef<Term> terms) {
    for (const Term &term : terms) {
      if (type.getDimSize(term.dim) == 1)
        continue;
      Value part = arith::MulIOp::create(b, term.coordinate,
                                         arith::ConstantIntOp::create(b, term.stride, 32));
      offset =
          arith::AddIOp::create(b, offset, arith::IndexCastUIOp::create(b, b.getIndexType(), part));
    }
    return offset;
  }

  Value scale(Value index, int64_t factor) {
    return arith::MulIOp::create(b, index, arith::ConstantIndexOp::create(b, factor));
  }

  Value advance(Value base, Value index, int64_t stride) {
    return index ? arith::AddIOp::create(b, base, scale(index, stride)).getResult() : base;
  }

  template <typename Fn> Value loop(int64_t count, Value init, Fn body) {
    auto loop = scf::ForOp::create(b, arith::ConstantIndexOp::create(b, 0),
                                   arith::ConstantIndexOp::create(b, count),
                                   arith::ConstantIndexOp::create(b, 1), init);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    scf::YieldOp::create(b, body(loop.getInductionVar(), loop.getRegionIterArg(0)));
    return loop.getResult(0);
  }

  /// Elements of x from one tap to the next.
  int64_t tapStep() { return rowPerTap ? x.strides[2] : static_cast<int64_t>(op.getDilation()); }

  bool unrollsTaps() {
    if (groups * rows * columns * kernel > maxUnrolled)
      return false;
    llvm::SmallDenseSet<int64_t> accesses;
    for (int64_t k = 0; k != kernel; ++k)
      for (int64_t n = 0; n != columns; ++n)
        accesses.insert((k * tapStep() + layout.getElementOffset(2, n) * stride) / widthX);
    return int64_t(accesses.size()) * widthX <= maxWindow;
  }

  Value emitChannels(Value sum, Value first, int64_t count) {
    Value xChannel = advance(xBase, first, x.strides[1]);
    Value tapChannel = advance(tapBase, first, taps.strides[2]);
    bool unrolled = count > 1 || unrollsTaps();
    for (int64_t c = 0; c != count; ++c) {
      int64_t xOffset = c * x.strides[1], tapOffset = c * taps.strides[2];
      int64_t looped = unrolled ? 0 : kernel / tapsPerIteration;
      if (looped > 1)
        sum = loop(looped, sum, [&](Value i, Value sum) {
          return emitTaps(sum, advance(xChannel, i, tapsPerIteration * tapStep()),
                          advance(tapChannel, i, tapsPerIteration), xOffset, tapOffset,
                          tapsPerIteration);
        });
      int64_t done = looped > 1 ? looped * tapsPerIteration : 0;
      if (done != kernel)
        sum = emitTaps(sum, xChannel, tapChannel, xOffset + done * tapStep(), tapOffset + done,
                       kernel - done);
    }
    return sum;
  }

  /// Adds `count` taps of one channel; the first is at `tapBase` + `tapOffset`,
  /// what it multiplies for the thread's first element at `xBase` + `xOffset`.
  Value emitTaps(Value sum, Value xBase, Value tapBase, int64_t xOffset, int64_t tapOffset,
                 int64_t count) {
    SmallVector<Value> sums;
    for (int64_t i = 0; i != groups * rows * columns; ++i)
      sums.push_back(vector::ExtractOp::create(b, sum, i));
    Rows window(b, x.flat, xBase, widthX, op.getRoundTf32());
    Rows weights(b, taps.flat, tapBase, 1, op.getRoundTf32());
    for (int64_t g = 0; g != groups; ++g) {
      int64_t offset = op.getOffset();
      int64_t xGroup = xOffset + layout.getElementOffset(0, g) * x.strides[0] + offset;
      for (int64_t k = 0; k != count; ++k)
        for (int64_t m = 0; m != rows; ++m) {
          Value tap = getTap(weights, tapPlace(g, m, tapOffset), k);
          for (int64_t n = 0; n != columns; ++n) {
            Value value =
                window.get(xGroup + k * tapStep() + layout.getElementOffset(2, n) * stride);
            Value &element = sums[(g * rows + m) * columns + n];
            element = math::FmaOp::create(b, tap, value, element);
          }
        }
    }
    return vector::FromElementsOp::create(b, cast<VectorType>(sum.getType()), sums);
  }

  int64_t tapPlace(int64_t g, int64_t m, int64_t tapOffset) {
    return tapOffset + layout.getElementOffset(0, g) * taps.strides[0] +
           layout.getElementOffset(1, m) * taps.strides[1];
  }

  /// Tap `k` of those from `place` on. Taps are loaded in the widest groups when the
  /// first of a group is asked for, so that few of them are in registers at a time.
  Value getTap(Rows &weights, int64_t place, int64_t k) {
    if (!weights.has(place + k))
      weights.load(place + k, std::min(vector, place + k == 0 ? vector : lowestBit(place + k)));
    return weights.get(place + k);
  }

  CorrelateOp op;
  ImplicitLocOpBuilder &b;
  RankedTensorType type;
  BlockedAttr layout;
  SharedView x, taps;
  /// Elements that a thread holds along each dimension.
  int64_t groups, rows, columns;
  int64_t channels, kernel;
  int64_t stride, vector;
  bool rowPerTap;
  int64_t widthX;
  Value xBase, tapBase;
};

struct CorrelatePattern : OpConversionPattern<CorrelateOp> {
  CorrelatePattern(const TypeConverter &converter, MLIRContext *context,
                   const ThreadCoordinates &threads)
      : OpConversionPattern(converter, context), threads(threads) {}

  LogicalResult matchAndRewrite(CorrelateOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    CorrelateEmitter emitter(op, threads, b, rewriter);
    rewriter.replaceOp(op, emitter.emit(adaptor.getAccumulator()));
    return success();
  }

private:
  const ThreadCoordinates &threads;
};

} // namespace

void poolc::populateCorrelatePatterns(const TypeConverter &converter,
                                      const ThreadCoordinates &threads,
                                      RewritePatternSet &patterns) {
  patterns.add<CorrelatePattern>(converter, patterns.getContext(), threads);
}
