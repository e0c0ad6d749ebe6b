//===- Dot.h - Parts of the lowering of tile.dot ----------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_DOT_H
#define POOLC_LIB_CONVERSION_TILETOGPU_DOT_H

#include "SharedMemory.h"
#include "ThreadMapping.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace poolc {

/// 32-bit integer arithmetic with the constants folded on the way.
struct IntegerBuilder {
  mlir::ImplicitLocOpBuilder &b;

  mlir::Value constant(int64_t value) { return mlir::arith::ConstantIntOp::create(b, value, 32); }
  mlir::Value mul(mlir::Value a, int64_t factor) {
    return factor == 1 ? a : mlir::arith::MulIOp::create(b, a, constant(factor)).getResult();
  }
  mlir::Value add(mlir::Value a, mlir::Value c) { return mlir::arith::AddIOp::create(b, a, c); }
  mlir::Value bitAnd(mlir::Value a, int64_t mask) {
    return mlir::arith::AndIOp::create(b, a, constant(mask));
  }
  mlir::Value shiftRight(mlir::Value a, int64_t bits) {
    return mlir::arith::ShRUIOp::create(b, a, constant(bits));
  }
};

/// Elements between neighbours along an operand's rows (of a) or columns (of b),
/// along K in a chunk of 16 bytes, and from one of these chunks to the next.
struct OperandStrides {
  int64_t outer, k, chunk;
};

/// An operand in shared memory as this thread sees it: the element at constant
/// distances (outer, k) from the thread's own place.
class SharedOperand {
public:
  /// The thread's place is element `threadK` of chunk `threadChunk` (null: 0);
  /// `skew`, if any, is what all of its rows along K that are loaded lie further.
  SharedOperand(mlir::ImplicitLocOpBuilder &b, SharedView view, OperandStrides strides,
                mlir::Value threadOuter, mlir::Value threadK, mlir::Value threadChunk = nullptr,
                mlir::Value skew = nullptr);

  mlir::Value load(int64_t outer, int64_t k);
  /// `count` elements that lie side by side from (outer, k) on, which is aligned.
  mlir::Value loadVector(int64_t outer, int64_t k, int64_t count);
  /// `count` elements side by side, one by one, from an offset on that is aligned to so many;
  /// `whole`: even those that nobody uses.
  mlir::SmallVector<mlir::Value> loadAdjacent(int64_t offset, int64_t count, bool whole = false);
  /// `count` neighbours from (outer, k) on, by loads of whole groups of `group` elements,
  /// a power of two; the thread's own place lies `phase` elements beyond a multiple of it.
  mlir::SmallVector<mlir::Value> loadNeighbours(int64_t outer, int64_t k, int64_t count,
                                                int64_t phase, int64_t group);
  /// Eight rows of 16 bytes for each of `count` matrices.
  mlir::Value loadMatrices(int64_t outer, int64_t k, int64_t count, bool transpose = false);

  /// How far the element at (outer, k) lies from the thread's own place.
  int64_t offset(int64_t outer, int64_t k) const;

private:
  mlir::Value indexAt(int64_t offset);
  mlir::Value index(int64_t outer, int64_t k) { return indexAt(offset(outer, k)); }
  mlir::Value loadVectorAt(int64_t offset, int64_t count);

  mlir::ImplicitLocOpBuilder &b;
  mlir::Value flat, first;
  OperandStrides strides;
  /// Elements of a chunk.
  int64_t perChunk;
};

/// The operands of a tile.dot with taps as fragments that the thread holds.
class WindowFragments {
public:
  /// Of a thread with `neighbours` neighbouring columns; the first of its rows and columns,
  /// and its number in its group of four.
  WindowFragments(mlir::ImplicitLocOpBuilder &b, tile::DotOp op, const SharedView &viewA,
                  const SharedView &viewB, int64_t neighbours, mlir::Value row, mlir::Value column,
                  mlir::Value inGroup);

  int64_t getSteps() const { return window.perThread() / window.perInstruction(); }
  /// Neighbouring steps whose elements of a are loaded at once.
  int64_t getStepsAtOnce() const { return widthA / window.perInstruction(); }

  /// The two registers that a row `row` or column `column` further has of a step.
  llvm::SmallVector<mlir::Value, 2> loadA(int64_t row, int64_t step);
  llvm::SmallVector<mlir::Value, 2> loadB(int64_t column, int64_t step);

private:
  llvm::SmallVector<mlir::Value, 2> makeRegisters(llvm::ArrayRef<mlir::Value> elements);
  mlir::Value loadElement(int64_t column, int64_t i);

  mlir::ImplicitLocOpBuilder &b;
  WindowOperand window;
  /// Elements of one load, and how far the thread's own place in b is from a multiple of it.
  int64_t widthA, groupB, phase;
  std::optional<SharedOperand> a;
  /// One, or those of the thread's channels that are skewed differently.
  llvm::SmallVector<SharedOperand, 1> rowsOfB;
  llvm::DenseMap<std::pair<int64_t, int64_t>, mlir::Value> loadedA;
  llvm::DenseMap<int64_t, mlir::Value> loadedB, elementsB;
};

/// What a tile.dot of matrix instructions adds up to; `accumulator` is the thread's
/// vector of elements, as is the result.
mlir::Value emitMmaDot(tile::DotOp op, mlir::Value accumulator, const ThreadCoordinates &threads,
                       mlir::ImplicitLocOpBuilder &b, mlir::ConversionPatternRewriter &rewriter);

/// The same of products of four warps (wgmma), which are waited for where the result is
/// first used other than by another such tile.dot, and at the next barrier: `b` is left
/// there.
mlir::Value emitWarpgroupDot(tile::DotOp op, mlir::Value accumulator,
                             const ThreadCoordinates &threads, mlir::ImplicitLocOpBuilder &b,
                             mlir::ConversionPatternRewriter &rewriter);

/// What a tile.dot_rows adds up to; memory is that of its operands.
mlir::Value emitDotRows(tile::DotRowsOp op, mlir::Value accumulator, mlir::Value memoryA,
                        mlir::Value memoryB, const ThreadCoordinates &threads,
                        mlir::ImplicitLocOpBuilder &b);

/// The same of FMA instructions.
mlir::Value emitFmaDot(tile::DotOp op, mlir::Value accumulator, const ThreadCoordinates &threads,
                       mlir::ImplicitLocOpBuilder &b, mlir::ConversionPatternRewriter &rewriter);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_DOT_H
