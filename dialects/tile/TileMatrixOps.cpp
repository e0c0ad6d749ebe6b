//===- TileMatrixOps.cpp - Products and correlations of tiles -------------===//

#include "tile/Tile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc::tile;

//===----------------------------------------------------------------------===//
// DotOp
//===----------------------------------------------------------------------===//

/// Chunks along K are 16 bytes: a row of what one load of a matrix reads.
static LogicalResult verifyChunks(DotOp dot, StringRef name, MemRefType type) {
  std::optional<int64_t> bytes = getElementBytes(type.getElementType());
  int64_t chunk = 16 / bytes.value_or(16);
  if (type.getDimSize(2) != chunk)
    return dot.emitOpError("expected chunks of ")
           << chunk << " elements (16 bytes) in " << name << ", got " << type;
  return success();
}

/// Chunks of a can be loaded as matrices.
static LogicalResult verifyChunksOfA(DotOp dot) {
  MemRefType a = dot.getA().getType();
  if (failed(verifyChunks(dot, "a", a)))
    return failure();
  SmallVector<int64_t> strides;
  int64_t offset, chunk = a.getDimSize(2);
  (void)a.getStridesAndOffset(strides, offset);
  if (strides[2] != 1)
    return dot.emitOpError("expected contiguous chunks in a, got ") << a;
  if (!dot.getRowsAligned() || strides[0] % chunk != 0 || strides[1] % chunk != 0)
    return dot.emitOpError("expected rows_aligned, and chunks and rows a multiple of 16 bytes "
                           "apart, for a in chunks, got ")
           << a;
  return success();
}

/// Products of four warps read a by themselves: eight rows of a chunk are 128 bytes.
static LogicalResult verifyWarpgroups(DotOp dot) {
  MemRefType a = dot.getA().getType();
  SmallVector<int64_t> strides;
  int64_t offset, rows = dot.getAccumulator().getType().getDimSize(0);
  (void)a.getStridesAndOffset(strides, offset);
  constexpr int64_t chunksOfRow = 8;
  if (dot.getSwizzledA() && a.getRank() == 3 &&
      (a.getDimSize(0) != chunksOfRow || strides[0] != a.getDimSize(2) || dot.readsChunks()))
    return dot.emitOpError("expected rows of ")
           << chunksOfRow << " contiguous chunks as swizzled a, and b in no chunks, got " << a;
  int64_t ofRow = dot.getSwizzledA() ? chunksOfRow * a.getDimSize(2) : a.getDimSize(2);
  if (a.getRank() != 3 || strides[1] != ofRow)
    return dot.emitOpError("expected a in chunks with contiguous rows for ")
           << stringifyArithmetic(dot.getArithmetic()) << ", got " << a;
  if (rows > 256 && !dot.readsChunks())
    return dot.emitOpError("expected at most 256 rows of a for ")
           << stringifyArithmetic(dot.getArithmetic()) << ", got " << rows;
  SmallVector<int64_t> stridesB;
  (void)dot.getB().getType().getStridesAndOffset(stridesB, offset);
  int64_t alignment = dot.getChunkAlignment();
  if (dot.readsChunks()) {
    int64_t chunk = a.getDimSize(2), columns = dot.getB().getType().getDimSize(1);
    if (alignment != chunk || stridesB[1] != chunk || dot.getChunkSizes() || !dot.getSkew().empty())
      return dot.emitOpError("expected b in aligned, whole chunks with contiguous columns, without "
                             "skew, for ")
             << stringifyArithmetic(dot.getArithmetic()) << ", got " << dot.getB().getType();
    if (rows % 64 != 0 || columns > 256)
      return dot.emitOpError("expected a multiple of 64 rows of a and at most 256 columns of b in "
                             "chunks for ")
             << stringifyArithmetic(dot.getArithmetic()) << ", got " << rows << " and " << columns;
    return success();
  }
  if (alignment != 1 && (alignment != a.getDimSize(2) || stridesB[1] != 1 ||
                         stridesB[0] % alignment != 0 || !dot.getSkew().empty()))
    return dot.emitOpError("expected contiguous rows of b, a multiple of chunk_alignment ")
           << a.getDimSize(2) << " apart, without skew, got chunk_alignment " << alignment
           << " and " << dot.getB().getType();
  return success();
}

/// What is promised of the chunks of b.
static LogicalResult verifyChunksOfB(DotOp dot) {
  MemRefType b = dot.getB().getType();
  if (failed(verifyChunks(dot, "b", b)))
    return failure();
  int64_t alignment = dot.getChunkAlignment(), chunk = b.getDimSize(2), offset;
  if (alignment < 1 || alignment > chunk || !llvm::isPowerOf2_64(alignment))
    return dot.emitOpError("expected chunk_alignment to be a power of two from 1 to ")
           << chunk << ", got " << alignment;
  SmallVector<int64_t> strides;
  (void)b.getStridesAndOffset(strides, offset);
  if (alignment > 1 &&
      (strides[2] != 1 || strides[0] % alignment != 0 || strides[1] % alignment != 0))
    return dot.emitOpError("expected contiguous chunks, multiples of chunk_alignment ")
           << alignment << " apart, in b, got " << b;
  std::optional<ArrayRef<int64_t>> sizes = dot.getChunkSizes();
  if (!sizes)
    return success();
  if (static_cast<int64_t>(sizes->size()) != b.getDimSize(0))
    return dot.emitOpError("expected one of chunk_sizes for each of ")
           << b.getDimSize(0) << " chunks, got " << sizes->size();
  for (int64_t size : *sizes)
    if (size < 0 || size > chunk)
      return dot.emitOpError("expected chunk_sizes from 0 to ") << chunk << ", got " << size;
  return success();
}

/// The skew of rows is an origin and a step, or none.
template <typename OpT> static LogicalResult verifySkewOperands(OpT op) {
  if (op.getSkew().empty() || op.getSkew().size() == 2)
    return success();
  return op.emitOpError("expected an origin and a step of the skew, got ")
         << op.getSkew().size() << " numbers";
}

LogicalResult ClearOp::verify() {
  if (getMemref().getType().getRank() != 2)
    return emitOpError("expected rows of a memref of rank 2, got ") << getMemref().getType();
  if (!llvm::isPowerOf2_64(getCount()))
    return emitOpError("expected count to be a power of two, got ") << getCount();
  return verifySkewOperands(*this);
}

LogicalResult RoundOp::verify() {
  MemRefType type = getMemref().getType();
  constexpr int64_t inGroup = 4;
  SmallVector<int64_t> strides;
  int64_t offset, size = 1;
  (void)type.getStridesAndOffset(strides, offset);
  for (auto [extent, stride] :
       llvm::reverse(llvm::zip_equal(type.getShape(), ArrayRef<int64_t>(strides)))) {
    if (stride != size && extent != 1)
      return emitOpError("expected elements side by side, got ") << type;
    size *= extent;
  }
  if (!type.getElementType().isF32() || size == 0 || size % inGroup != 0)
    return emitOpError("expected groups of ") << inGroup << " elements of f32, got " << type;
  return success();
}

static bool isOnTensorCores(DotOp op) { return op.getArithmetic() != Arithmetic::fma; }

poolc::ColumnGroups DotOp::getColumnGroups() {
  if (!getColumnPhase())
    return {};
  SmallVector<int64_t> strides;
  int64_t offset, bytes = getB().getType().getElementTypeBitWidth() / 8;
  (void)getB().getType().getStridesAndOffset(strides, offset);
  return getArithmetic() == Arithmetic::fma ? groupColumns(strides[0], strides.back(), bytes)
                                            : groupFragmentColumns(strides[0], strides[1], bytes);
}

bool DotOp::canSwapRoles() {
  MemRefType a = getA().getType(), b = getB().getType();
  bool isMma = getArithmetic() != Arithmetic::fma && !isOfWarpgroups();
  if (!isMma || a.getRank() != 3 || b.getRank() != 3 || hasTaps() || !getRowsAligned() ||
      getChunkSizes())
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  (void)a.getStridesAndOffset(strides, offset);
  return strides[2] == 1 && static_cast<int64_t>(getChunkAlignment()) == b.getDimSize(2);
}

poolc::WindowOperand DotOp::getWindowOperand() {
  MemRefType b = getB().getType();
  SmallVector<int64_t> strides;
  int64_t offset, bytes = b.getElementTypeBitWidth() / 8;
  (void)b.getStridesAndOffset(strides, offset);
  ArrayRef<int64_t> shape = b.getShape();
  if (b.getRank() == 3)
    return {shape[0], shape[1], strides[0], strides[1], strides[2], bytes};
  int64_t gap = strides[0] - shape[1] * strides[1];
  return {shape[0] * shape[1], shape[2], strides[1], strides[2], strides[3], bytes, gap};
}

/// Threads that share a row of a have equal parts of it, of which they load 8 bytes or more at
/// once.
static LogicalResult verifyTaps(DotOp op) {
  MemRefType a = op.getA().getType(), b = op.getB().getType();
  constexpr int64_t threadsOfRow = 4, bytesOfLoad = 8;
  if (b.getRank() == 4 ? b.getDimSize(0) != threadsOfRow : b.getRank() != 3)
    return op.emitOpError("expected b with taps to be 4 x C x T x N, or C x T x N, got ") << b;
  if (a.getRank() != 2)
    return op.emitOpError("expected a of rank 2 for b with taps, got ") << a;
  SmallVector<int64_t> strides;
  int64_t offset, perLoad = bytesOfLoad * 8 / a.getElementTypeBitWidth();
  (void)a.getStridesAndOffset(strides, offset);
  if (!op.getRowsAligned() || strides[1] != 1 || strides[0] % perLoad != 0)
    return op.emitOpError("expected rows_aligned, and contiguous rows of a that are multiples of ")
           << perLoad << " elements (8 bytes) apart for b with taps, got " << a;
  if (!op.getWindowOperand().isDivisible())
    return op.emitOpError("expected b with taps that are equal parts of a multiple of ")
           << perLoad << " elements (8 bytes) for four threads, got " << b;
  return success();
}

static LogicalResult verifyColumnPhase(DotOp op) {
  MemRefType b = op.getB().getType();
  if (!op.getColumnPhase())
    return success();
  if ((b.getRank() != 2 && !op.hasTaps() && isOnTensorCores(op)) || !op.getSkew().empty())
    return op.emitOpError("expected column_phase only for b of rank 2 or with taps, without skew, "
                          "got ")
           << b;
  int64_t inGroup = 128 / b.getElementTypeBitWidth(), phase = *op.getColumnPhase();
  if (phase < 0 || phase >= inGroup)
    return op.emitOpError("expected column_phase from 0 to ") << inGroup - 1 << ", got " << phase;
  return success();
}

static bool hasChunksOfA(DotOp op) {
  return op.getA().getType().getRank() == 3 && isOnTensorCores(op);
}

static bool hasChunksOfB(DotOp op) {
  return op.getB().getType().getRank() == 3 && isOnTensorCores(op) && !op.hasTaps() &&
         !op.getSwizzled();
}

/// Boxes of 128 bytes of columns, as they are copied.
static LogicalResult verifySwizzled(DotOp op) {
  if (!op.getSwizzled())
    return success();
  MemRefType b = op.getB().getType();
  constexpr int64_t rowBytes = 128;
  int64_t columns = rowBytes * 8 / b.getElementTypeBitWidth(), offset;
  SmallVector<int64_t> strides;
  (void)b.getStridesAndOffset(strides, offset);
  if (!op.isOfWarpgroups() || b.getRank() != 3 || b.getDimSize(2) != columns || strides[2] != 1 ||
      strides[1] != columns || strides[0] != columns * b.getDimSize(1) || !op.getSkew().empty() ||
      op.getWindows())
    return op.emitOpError("expected contiguous boxes with rows of ")
           << rowBytes << " bytes as swizzled b of products of four warps, without skew, got " << b;
  return success();
}

/// Matrices, but for chunks of either operand and taps of b.
static LogicalResult verifyRanks(DotOp op) {
  int64_t a = op.getA().getType().getRank(), b = op.getB().getType().getRank();
  int64_t sum = op.getAccumulator().getType().getRank();
  bool mayHaveTaps = isOnTensorCores(op) && !op.isOfWarpgroups();
  bool hasTapsOfFma = !isOnTensorCores(op) && a == 3 && b == 3 && !op.getWindows();
  bool isAnyA = a == 2 || hasChunksOfA(op) || hasTapsOfFma;
  bool isAnyB = b == 2 || hasChunksOfB(op) || op.getSwizzled() || (op.hasTaps() && mayHaveTaps) ||
                hasTapsOfFma;
  if (isAnyA && isAnyB && sum == 2)
    return success();
  return op.emitOpError("expected operands of rank 2")
         << (isOnTensorCores(op) ? ", or 3 for those in chunks" : ", or both of rank 3 with taps")
         << (mayHaveTaps ? ", or 4 for b with taps" : "") << ", got " << a << ", " << b << " and "
         << sum;
}

/// What holds for taps and chunks, and that attributes about chunks come with them.
static LogicalResult verifyForms(DotOp op) {
  bool hasChunks = hasChunksOfB(op);
  if (op.hasTaps() && failed(verifyTaps(op)))
    return failure();
  if ((hasChunksOfA(op) && failed(verifyChunksOfA(op))) ||
      (hasChunks && failed(verifyChunksOfB(op))))
    return failure();
  bool mayBeAligned = hasChunks || op.getArithmetic() == Arithmetic::wgmma;
  if ((!mayBeAligned && op.getChunkAlignment() != 1) || (!hasChunks && op.getChunkSizes()))
    return op.emitOpError("expected chunk_alignment and chunk_sizes only for b in chunks, got ")
           << op.getB().getType();
  return success();
}

static int64_t depthOfA(DotOp op) {
  MemRefType a = op.getA().getType();
  return hasChunksOfA(op) ? a.getDimSize(0) * a.getDimSize(2) : a.getDimSize(1);
}

static int64_t depthOfB(DotOp op) {
  MemRefType b = op.getB().getType();
  if (op.hasTaps())
    return 4 * op.getWindowOperand().perThread();
  if (op.getSwizzled())
    return b.getDimSize(1);
  return hasChunksOfB(op) ? b.getDimSize(0) * b.getDimSize(2) : b.getDimSize(0);
}

static LogicalResult verifyShapes(DotOp op) {
  MemRefType a = op.getA().getType(), b = op.getB().getType();
  RankedTensorType sum = op.getAccumulator().getType();
  int64_t m = a.getDimSize(hasChunksOfA(op) ? 1 : 0);
  int64_t n = hasChunksOfB(op)   ? b.getDimSize(1)
              : op.getSwizzled() ? b.getDimSize(0) * b.getDimSize(2)
                                 : b.getShape().back();
  if (depthOfA(op) != depthOfB(op) || m != sum.getDimSize(0) || n != sum.getDimSize(1))
    return op.emitOpError("expected shapes M x K, K x N and M x N, got ")
           << a << ", " << b << " and " << sum;
  if (!isOnTensorCores(op) && a.getRank() == 3 && a.getDimSize(2) != b.getDimSize(1))
    return op.emitOpError("expected as many taps of a as of b, got ") << a << " and " << b;
  return success();
}

static bool is16Bit(Arithmetic arithmetic) {
  return arithmetic == Arithmetic::mma || arithmetic == Arithmetic::wgmma;
}

static LogicalResult verifyElementTypes(DotOp op) {
  Type a = op.getA().getType().getElementType(), b = op.getB().getType().getElementType();
  Type sum = op.getAccumulator().getType().getElementType();
  Arithmetic arithmetic = op.getArithmetic();
  if (is16Bit(arithmetic) ? !isa<Float16Type, BFloat16Type>(a) : !isa<Float32Type>(a))
    return op.emitOpError("expected operands of ")
           << (is16Bit(arithmetic) ? "f16 or bf16" : "f32") << " for "
           << stringifyArithmetic(arithmetic) << ", got " << a;
  if (b != a)
    return op.emitOpError("expected operands of one type, got ") << a << " and " << b;
  if (!isa<Float32Type>(sum))
    return op.emitOpError("expected an accumulator of f32, got ") << sum;
  return success();
}

/// Tensor cores multiply whole instructions.
static LogicalResult verifyInstructions(DotOp op) {
  if (!isOnTensorCores(op))
    return success();
  RankedTensorType sum = op.getAccumulator().getType();
  int64_t rows = sum.getDimSize(0), columns = sum.getDimSize(1);
  int64_t k = is16Bit(op.getArithmetic()) ? 16 : 8, depth = depthOfA(op);
  bool isDivisible = (rows % 16 == 0 && columns % 8 == 0) ||
                     (op.canSwapRoles() && rows % 8 == 0 && columns % 16 == 0);
  if (!isDivisible || depth % k != 0)
    return op.emitOpError("expected M, N and K to be multiples of 16, 8 and ")
           << k << (op.canSwapRoles() ? ", or of 8, 16 and " + Twine(k) : Twine()) << ", got "
           << rows << ", " << columns << " and " << depth;
  return op.isOfWarpgroups() ? verifyWarpgroups(op) : success();
}

LogicalResult DotOp::verify() {
  // Each may rely on what those before it have found right.
  if (getSwizzledA() && !isOfWarpgroups())
    return emitOpError("expected swizzled a only for products of four warps, got ")
           << stringifyArithmetic(getArithmetic());
  for (auto *verifyPart : {verifySkewOperands<DotOp>, verifySwizzled, verifyRanks, verifyForms,
                           verifyShapes, verifyElementTypes, verifyColumnPhase, verifyInstructions})
    if (failed(verifyPart(*this)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// CorrelateOp
//===----------------------------------------------------------------------===//

/// That rows are contiguous and begin at multiples of `vector`.
static LogicalResult verifyRows(CorrelateOp op, StringRef name, MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset, vector = op.getVector();
  (void)type.getStridesAndOffset(strides, offset);
  if (strides.back() != 1 && type.getShape().back() != 1)
    return op.emitOpError("expected contiguous rows of ") << name << ", got " << type;
  for (auto [size, stride] : llvm::drop_end(llvm::zip(type.getShape(), strides)))
    if (size != 1 && stride % vector != 0)
      return op.emitOpError("expected strides of ")
             << name << " that are multiples of vector " << vector << ", got " << stride << " in "
             << type;
  return success();
}

LogicalResult CorrelateOp::verify() {
  MemRefType x = getX().getType(), taps = getTaps().getType();
  RankedTensorType sum = getAccumulator().getType();
  if ((x.getRank() != 3 && x.getRank() != 4) || taps.getRank() != 4 || sum.getRank() != 3)
    return emitOpError("expected x of rank 3 or 4, taps of rank 4 and a tile of rank 3, got ")
           << x.getRank() << ", " << taps.getRank() << " and " << sum.getRank();
  bool rowPerTap = x.getRank() == 4;
  if (x.getDimSize(0) != sum.getDimSize(0) || taps.getDimSize(0) != sum.getDimSize(0) ||
      taps.getDimSize(1) != sum.getDimSize(1) || x.getDimSize(1) != taps.getDimSize(2) ||
      (rowPerTap && x.getDimSize(2) != taps.getDimSize(3)))
    return emitOpError("expected shapes G x C x S or G x C x K x S, G x M x C x K and G x M x N, "
                       "got ")
           << x << ", " << taps << " and " << sum;
  Type element = x.getElementType();
  if (!isa<Float32Type, Float16Type, BFloat16Type>(element) || taps.getElementType() != element)
    return emitOpError("expected operands of one type, f32, f16 or bf16, got ")
           << element << " and " << taps.getElementType();
  if (!sum.getElementType().isF32())
    return emitOpError("expected an accumulator of f32, got ") << sum.getElementType();
  if (getRoundTf32() && !element.isF32())
    return emitOpError("expected operands of f32 for round_tf32, got ") << element;
  int64_t stride = getStride(), dilation = getDilation(), offset = getOffset();
  int64_t vector = getVector();
  int64_t maxVector = 128 / element.getIntOrFloatBitWidth();
  if (vector < 1 || vector > maxVector || !llvm::isPowerOf2_64(vector))
    return emitOpError("expected vector to be a power of two from 1 to ")
           << maxVector << ", got " << vector;
  if (int64_t positions = getPositions();
      positions < 1 || positions > maxVector || !llvm::isPowerOf2_64(positions))
    return emitOpError("expected positions to be a power of two from 1 to ")
           << maxVector << ", got " << positions;
  // Larger ones are beyond any x, and would overflow below.
  for (auto [name, value, least] :
       {std::tuple("stride", stride, 1), std::tuple("dilation", dilation, 1),
        std::tuple("offset", offset, 0)})
    if (value < least || value > maxTileElements)
      return emitOpError("expected ")
             << name << " from " << least << " to " << maxTileElements << ", got " << value;
  if (rowPerTap && dilation != 1)
    return emitOpError("expected dilation 1 where each tap has a row of x, got ") << dilation;
  int64_t taken = offset + (sum.getDimSize(2) - 1) * stride + 1;
  if (!rowPerTap)
    taken += (taps.getDimSize(3) - 1) * dilation;
  taken = llvm::alignTo(taken, vector);
  if (x.getShape().back() < taken)
    return emitOpError("expected rows of x of at least ")
           << taken << " elements, got " << x.getShape().back();
  return failure(failed(verifyRows(*this, "x", x)) || failed(verifyRows(*this, "taps", taps)));
}
