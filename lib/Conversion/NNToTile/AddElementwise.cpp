//===- AddElementwise.cpp - nn.add on tiles -----------------------------------===//

#include "Lowerings.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

void poolc::lowerAddElementwise(const AddProblem &, const Schedule &schedule, KernelBuilder &b) {
  constexpr int64_t dims[] = {0}, strides[] = {1};
  Value y = b.flatten(b.getResult());
  Type element = cast<MemRefType>(y.getType()).getElementType();
  auto tile = RankedTensorType::get(schedule.blockN, element);
  Value start = b.getTileStart('n');
  auto load = [&](unsigned operand) {
    return b.extend(LoadOp::create(b, tile, b.flatten(b.getOperand(operand)), start, dims, strides,
                                   schedule.vector));
  };
  // Both loads first, so that they are in flight together.
  Value first = load(0), second = load(1);
  Value sum = arith::AddFOp::create(b, first, second);
  StoreOp::create(b, b.truncate(sum, element), y, start, dims, strides, schedule.vector);
}
