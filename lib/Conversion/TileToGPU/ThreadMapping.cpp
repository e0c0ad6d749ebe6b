//===- ThreadMapping.cpp - Where a thread's elements lie in a tile --------===//

#include "ThreadMapping.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

BlockedAttr poolc::getLayout(RankedTensorType tile) {
  return dyn_cast_if_present<BlockedAttr>(tile.getEncoding());
}

VectorType poolc::getThreadVector(RankedTensorType tile) {
  BlockedAttr layout = getLayout(tile);
  if (!layout)
    return nullptr;
  return VectorType::get(layout.getElementsPerThread(tile.getShape()), tile.getElementType());
}

void poolc::forEachThreadElement(BlockedAttr layout, ArrayRef<int64_t> shape,
                                 function_ref<void(ArrayRef<int64_t>)> callback) {
  SmallVector<int64_t> indices(shape.size(), 0);
  for (int64_t n = layout.getElementsPerThread(shape); n > 0; --n) {
    callback(indices);
    for (int64_t d = shape.size() - 1; d >= 0; --d) {
      if (++indices[d] < layout.getElementsPerThread(d, shape[d]))
        break;
      indices[d] = 0;
    }
  }
}

int64_t poolc::getThreadElementPosition(BlockedAttr layout, ArrayRef<int64_t> shape,
                                        ArrayRef<int64_t> indices) {
  int64_t position = 0;
  for (auto [d, index] : llvm::enumerate(indices))
    position = position * layout.getElementsPerThread(d, shape[d]) + index;
  return position;
}

/// Splits `number` into coordinates in a grid of `sizes` (powers of two), the
/// last dimension fastest.
static SmallVector<Value> delinearize(ImplicitLocOpBuilder &b, Value number,
                                      ArrayRef<int64_t> sizes) {
  SmallVector<Value> coordinates(sizes.size());
  auto constant = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
  int64_t remaining = 1;
  for (int64_t size : sizes)
    remaining *= size;
  for (int64_t d = sizes.size() - 1; d >= 0; --d) {
    if (sizes[d] == 1)
      continue;
    remaining /= sizes[d];
    coordinates[d] = remaining == 1
                         ? number
                         : arith::AndIOp::create(b, number, constant(sizes[d] - 1)).getResult();
    if (remaining != 1)
      number = arith::ShRUIOp::create(b, number, constant(llvm::Log2_64(sizes[d])));
  }
  return coordinates;
}

static SmallVector<Value> delinearizeLane(ImplicitLocOpBuilder &b, Value lane, BlockedAttr layout) {
  SmallVector<int64_t> sizes(layout.getThreadsPerWarp());
  if (!layout.getColumnsOfLanes())
    return delinearize(b, lane, sizes);
  std::reverse(sizes.begin(), sizes.end());
  SmallVector<Value> lanes = delinearize(b, lane, sizes);
  std::reverse(lanes.begin(), lanes.end());
  return lanes;
}

/// The coordinates in a grid of any size, the last dimension fastest; numbers beyond it are beyond
/// its first dimension.
static SmallVector<Value> divide(ImplicitLocOpBuilder &b, Value number, ArrayRef<int64_t> sizes) {
  SmallVector<Value> coordinates(sizes.size());
  for (int64_t d = sizes.size() - 1; d > 0; --d) {
    Value size = arith::ConstantIntOp::create(b, sizes[d], 32);
    coordinates[d] = arith::RemUIOp::create(b, number, size);
    number = arith::DivUIOp::create(b, number, size);
  }
  coordinates[0] = number;
  return coordinates;
}

/// a * lane + b * warp, where null stands for 0.
static Value combine(ImplicitLocOpBuilder &b, Value lane, int64_t laneFactor, Value warp,
                     int64_t warpFactor) {
  auto flags = arith::IntegerOverflowFlags::nsw | arith::IntegerOverflowFlags::nuw;
  auto scale = [&](Value value, int64_t factor) -> Value {
    if (!value || factor == 1)
      return value;
    return arith::MulIOp::create(b, value, arith::ConstantIntOp::create(b, factor, 32), flags);
  };
  Value low = scale(lane, laneFactor), high = scale(warp, warpFactor);
  if (low && high)
    return arith::AddIOp::create(b, low, high, flags);
  if (low || high)
    return low ? low : high;
  return arith::ConstantIntOp::create(b, 0, 32);
}

void ThreadCoordinates::emit(Block *block) {
  auto collect = [&](Type type) {
    if (auto tile = dyn_cast<RankedTensorType>(type))
      if (BlockedAttr layout = getLayout(tile))
        first[layout];
  };
  block->walk([&](Operation *op) {
    llvm::for_each(op->getOperandTypes(), collect);
    llvm::for_each(op->getResultTypes(), collect);
    if (auto copy = dyn_cast<CopyOp>(op))
      if (copy.getLayout())
        first[*copy.getLayout()];
  });

  auto b = ImplicitLocOpBuilder::atBlockBegin(block->getParentOp()->getLoc(), block);
  Value thread = arith::IndexCastOp::create(
      b, b.getI32Type(), gpu::ThreadIdOp::create(b, gpu::Dimension::x).getResult());
  constexpr int64_t log2WarpSize = 5;
  lane = arith::AndIOp::create(b, thread,
                               arith::ConstantIntOp::create(b, (1 << log2WarpSize) - 1, 32));
  Value warp = arith::ShRUIOp::create(b, thread, arith::ConstantIntOp::create(b, log2WarpSize, 32));
  for (auto &[layout, coordinates] : first) {
    if (!layout.getThreads().empty()) {
      for (auto [coordinate, group] :
           llvm::zip_equal(divide(b, thread, layout.getThreads()), layout.getSizePerThread()))
        coordinates.push_back(combine(b, coordinate, group, nullptr, 0));
      continue;
    }
    SmallVector<Value> lanes = delinearizeLane(b, lane, layout);
    SmallVector<Value> warps = delinearize(b, warp, layout.getWarps());
    for (unsigned d = 0; d != layout.getRank(); ++d) {
      int64_t group = layout.getSizePerThread()[d];
      int64_t warpSpan = group * layout.getThreadsPerWarp()[d] * layout.getRepeats(d);
      warpFirst[layout].push_back(combine(b, nullptr, 0, warps[d], warpSpan));
      coordinates.push_back(combine(b, lanes[d], group, warps[d], warpSpan));
    }
  }
}
