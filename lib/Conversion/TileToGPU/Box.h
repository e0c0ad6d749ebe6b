//===- Box.h - Boxes of global memory, thread by thread ---------*- C++ -*-===//
//
// The elements of a box access that one thread holds: where they lie in memory,
// and the conditions that keep them inside the tensor and the tile.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_BOX_H
#define POOLC_LIB_CONVERSION_TILETOGPU_BOX_H

#include "ThreadMapping.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace poolc {

/// A box of a global tensor, however the operation that accesses it is called.
struct Box {
  template <typename AccessOp>
  Box(AccessOp op, mlir::ShapedType tile, tile::BlockedAttr layout, mlir::ValueRange start)
      : memref(op.getMemref()), shape(tile.getShape()), layout(layout), start(start),
        dims(op.getDims()), strides(op.getStrides()), guards(op.getGuards()),
        isNarrow(op.getCoordinateBits() == 32), vector(op.getVector()) {
    if constexpr (std::is_same_v<AccessOp, tile::CopyOp>) {
      nestsEnd = false;
      skewed = op.getSkewed();
      columns = op.getColumns();
    }
  }

  std::optional<unsigned> getTileDim(unsigned d) const {
    return dims[d] < 0 ? std::nullopt : std::optional<unsigned>(dims[d]);
  }
  bool isGuarded(unsigned d, tile::Guard end) const {
    return !guards || ((*guards)[d] & static_cast<int64_t>(end));
  }

  mlir::MemRefType getType() const { return llvm::cast<mlir::MemRefType>(memref.getType()); }

  mlir::Value memref;
  llvm::ArrayRef<int64_t> shape;
  tile::BlockedAttr layout;
  mlir::ValueRange start;
  llvm::ArrayRef<int64_t> dims, strides;
  std::optional<llvm::ArrayRef<int64_t>> guards;
  bool isNarrow;
  int64_t vector;
  /// Whether an access asks for the end that most blocks do not reach apart from all else.
  bool nestsEnd = true;
  bool skewed = false;
  std::optional<llvm::ArrayRef<int64_t>> columns;
  /// How many elements further the columns' end lies; null: none.
  mlir::Value endShift;
};

/// Elements of a thread that one instruction moves: adjacent ones from
/// `position` in the thread's vector and from `indices` in its part of the
/// tile, at `offset` in memory from the thread's first.
struct Piece {
  int64_t position;
  llvm::SmallVector<int64_t, 4> indices;
  int64_t offset;
  /// What a dynamic shape adds to the offset, or null.
  mlir::Value dynamicOffset;
  /// Whether they lie in the global tensor, and whether they are elements of
  /// the tile at all; null: surely.
  mlir::Value isInside, isElement;
  /// Of what is inside in other dimensions, whether it is in the outermost one too, which it is in
  /// most blocks (tile.reshape); null: surely, or a part of `isInside`.
  mlir::Value isBeforeEnd;
  /// Of a group of a skewed row that is inside, its elements up to the row's end, an
  /// index; null: all.
  mlir::Value count;
};

/// A whole tensor as one dimension. Other shapes of it are only other ways to count
/// coordinates.
mlir::Value flattenMemRef(mlir::ImplicitLocOpBuilder &b, mlir::Value root);

/// Emits what is common to the elements of one access and finds the pieces.
class BoxEmitter {
public:
  /// With `once`, of the threads that hold the same element of a dimension of
  /// size 1, only the first takes it.
  BoxEmitter(const Box &box, bool once, const ThreadCoordinates &threads,
             mlir::ImplicitLocOpBuilder &b);

  /// The whole tensor as one dimension.
  mlir::Value flatten(mlir::Value root) { return flattenMemRef(b, root); }

  llvm::SmallVector<Piece> getPieces();

  /// Index of the piece in the flat tensor, once `prepareIndices` was called; of
  /// the group that holds it, where rows are skewed.
  mlir::Value getIndex(const Piece &piece);

  /// Emits what the indices have in common, where it dominates all of them: they
  /// may be asked for under a condition. Element 0 lies at index `origin`, or at
  /// 0 where that is null.
  void prepareIndices(mlir::Value origin = nullptr);

  /// The conjunction, where null is true.
  mlir::Value both(mlir::Value a, mlir::Value c);

private:
  mlir::Value constant32(int64_t value);

  /// The sum, where null is 0.
  mlir::Value sum(mlir::Value a, mlir::Value c);

  /// The size of memref dimension `d` as an integer of that type.
  mlir::Value getSize(unsigned d, mlir::Type integer);

  /// The coordinate of the thread's first element along tile dimension `t`, or
  /// null where every thread holds the same.
  mlir::Value firstCoordinate(unsigned t);

  /// Elements of memory between neighbours along the tile dimension at memref
  /// dimension `d`, where the shape is static that far.
  int64_t step(unsigned d);

  /// Fills `elementStrides` and `dynamicStrides`.
  void findStrides();

  /// value * the elements of memory between neighbours along memref dimension `d`.
  mlir::Value timesStride(mlir::Value value, unsigned d);

  /// A thread's coordinate along memref dimension `d`, as an offset in memory: of
  /// 32 bits, and as an index.
  mlir::Value timesStep32(mlir::Value coordinate, unsigned d);
  mlir::Value timesStep(mlir::Value coordinate, unsigned d);

  /// Offset in memory of the thread's element `i` along memref dimension `d`,
  /// whose stride is dynamic; null where it is 0.
  mlir::Value getDynamicOffset(unsigned d, int64_t i);

  /// At least the distance in memory between any two elements that the threads
  /// compute an index of, or UINT64_MAX.
  uint64_t getReach();

  /// Index of the thread's first element in the flat tensor.
  mlir::Value emitFirstIndex();

  /// A thread's coordinate or offset, which is never negative, as an index.
  mlir::Value toIndex(mlir::Value value);

  /// Coordinates are computed in as few bits as hold them.
  mlir::Type getCoordinateType();
  mlir::Value constant(mlir::Type integer, int64_t value);

  /// The coordinate of the thread's element `i` along memref dimension `d`.
  mlir::Value getCoordinate(unsigned d, int64_t i);

  /// The same, where it is the same number in all threads and blocks.
  std::optional<int64_t> getKnownCoordinate(unsigned d, int64_t i);

  /// Whether the thread's element `i` along memref dimension `d` lies inside
  /// the memref, or null if it surely does.
  mlir::Value insideMemRef(unsigned d, int64_t i);

  /// The same along the last dimension, or a group there, of those before the columns' end.
  mlir::Value insideColumns(unsigned d, int64_t i);

  /// The same, for the aligned group of a skewed row that holds the piece, whose
  /// elements `i` are along the last dimension; and how many of it.
  void insideRow(Piece &piece, int64_t i);

  /// The coordinates along a row from which on, and up to which, elements
  /// are needed that may not exist; null: none may not, or are not.
  mlir::Value getRowBegin();
  mlir::Value getRowEnd();

  /// Elements by which the piece is past a multiple of `vector`.
  mlir::Value skewOf(const Piece &piece, mlir::Type integer);

  /// Whether the thread's element `i` along tile dimension `t` is one of the
  /// tile, or null if it surely is.
  mlir::Value insideTile(unsigned t, int64_t i);

  /// `compute()`, emitted once for each dimension and element along it.
  template <typename Fn>
  static mlir::Value cached(llvm::SmallDenseMap<int64_t, mlir::Value> &known, int64_t i,
                            Fn compute) {
    auto [entry, isNew] = known.try_emplace(i);
    if (isNew)
      entry->second = compute();
    return entry->second;
  }

  Piece getPiece(int64_t position, llvm::ArrayRef<int64_t> indices);

  Box box;
  bool once;
  mlir::ImplicitLocOpBuilder &b;
  llvm::ArrayRef<mlir::Value> firstCoordinates;
  /// Elements of memory between neighbours along each dimension of the memref:
  /// the number, or what it is at most where there is a dynamic stride.
  llvm::SmallVector<int64_t> elementStrides;
  llvm::SmallVector<mlir::Value> dynamicStrides;
  mlir::Value firstIndex;
  llvm::SmallVector<llvm::SmallDenseMap<int64_t, mlir::Value>> conditions;
  /// Whether a thread's first coordinate along a dimension of the tile is before an end.
  llvm::SmallVector<llvm::SmallDenseMap<int64_t, mlir::Value>> ends;
  llvm::SmallVector<llvm::SmallDenseMap<int64_t, mlir::Value>> offsets;
};

/// Runs of pieces with the same condition.
template <typename Fn>
void forEachRun(BoxEmitter &emitter, llvm::ArrayRef<Piece> pieces, Fn callback) {
  while (!pieces.empty()) {
    const Piece &first = pieces.front();
    llvm::ArrayRef<Piece> run = pieces.take_while([&](const Piece &piece) {
      return piece.isInside == first.isInside && piece.isElement == first.isElement;
    });
    callback(emitter.both(first.isInside, first.isElement), run);
    pieces = pieces.drop_front(run.size());
  }
}

/// Of such a run, those before the same end.
template <typename Fn> void forEachEnd(llvm::ArrayRef<Piece> pieces, Fn callback) {
  while (!pieces.empty()) {
    mlir::Value isBeforeEnd = pieces.front().isBeforeEnd;
    llvm::ArrayRef<Piece> run =
        pieces.take_while([&](const Piece &piece) { return piece.isBeforeEnd == isBeforeEnd; });
    callback(isBeforeEnd, run);
    pieces = pieces.drop_front(run.size());
  }
}

/// The alignment of an access to that many elements.
llvm::MaybeAlign accessAlignment(mlir::MemRefType memref, int64_t elements);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_BOX_H
