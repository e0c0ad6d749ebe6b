//===- DotWindows.cpp - Windows and rows of weights as operands -----------===//
//
// What threads of tensor cores load where K counts taps of channels: neighbours in rows
// of a, and windows of b, each element once for all columns and taps that use it.
//
// LLVM would split loads whose elements are used in different places; it splits none of what is
// frozen.
//
//===----------------------------------------------------------------------===//

#include "Dot.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <algorithm>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

WindowFragments::WindowFragments(ImplicitLocOpBuilder &b, DotOp op, const SharedView &viewA,
                                 const SharedView &viewB, int64_t neighbours, Value row,
                                 Value column, Value inGroup)
    : b(b), window(op.getWindowOperand()) {
  IntegerBuilder i{b};
  int64_t unit = 16 / window.bytes, perThread = window.perThread(),
          places = perThread | viewA.strides[0];
  widthA = std::min(unit, places & -places);
  groupB = planWindowLoads(window, op.getColumnPhase(), neighbours).elements;
  phase = op.getColumnPhase().value_or(0);
  a.emplace(b, viewA, OperandStrides{viewA.strides[0], 1, unit}, row, i.mul(inGroup, perThread));

  int64_t threads = window.threadsPerChannel();
  Value part = i.bitAnd(inGroup, threads - 1);
  Value channels = i.shiftRight(inGroup, llvm::Log2_64(threads));
  Value place =
      i.add(i.mul(channels, window.channelsStride()), i.mul(part, perThread * window.tapStride));
  OperandStrides strides{window.columnStride, 1, unit};
  if (op.getSkew().empty()) {
    rowsOfB.emplace_back(b, viewB, strides, column, place);
    return;
  }
  // Rows that are `unit` apart are equally skewed.
  Value channel = i.mul(channels, window.channelsPerThread());
  for (int64_t of = 0; of != std::min(unit, window.channelsPerThread()); ++of) {
    Value skew = emitSkew(b, op.getSkew(), i.add(channel, i.constant(of)), unit);
    rowsOfB.emplace_back(b, viewB, strides, column, place, /*threadChunk=*/nullptr, skew);
  }
}

/// Two registers of elements along K.
SmallVector<Value, 2> WindowFragments::makeRegisters(ArrayRef<Value> elements) {
  if (window.bytes == 4)
    return {elements[0], elements[1]};
  auto pair = VectorType::get(2, elements[0].getType());
  return {vector::FromElementsOp::create(b, pair, elements.take_front(2)),
          vector::FromElementsOp::create(b, pair, elements.drop_front(2))};
}

SmallVector<Value, 2> WindowFragments::loadA(int64_t row, int64_t step) {
  int64_t count = window.perInstruction(), first = step * count;
  Value &loaded = loadedA[{row, first / widthA}];
  if (!loaded)
    loaded = LLVM::FreezeOp::create(b, a->loadVector(row, first / widthA * widthA, widthA));
  SmallVector<Value> elements;
  for (int64_t i = first; i != first + count; ++i)
    elements.push_back(vector::ExtractOp::create(b, loaded, i % widthA));
  return makeRegisters(elements);
}

SmallVector<Value, 2> WindowFragments::loadB(int64_t column, int64_t step) {
  SmallVector<Value> elements;
  int64_t count = window.perInstruction();
  for (int64_t i = step * count; i != (step + 1) * count; ++i)
    elements.push_back(loadElement(column, i));
  return makeRegisters(elements);
}

Value WindowFragments::loadElement(int64_t column, int64_t i) {
  int64_t place = column * window.columnStride + window.placeOf(i);
  Value &element = elementsB[place];
  if (element)
    return element;
  SharedOperand &rows = rowsOfB[i / window.taps % rowsOfB.size()];
  if (groupB == 1)
    return element = rows.load(0, place);
  int64_t group = (place + phase) / groupB * groupB - phase;
  Value &loaded = loadedB[group];
  if (!loaded)
    loaded = LLVM::FreezeOp::create(b, rows.loadVector(0, group, groupB));
  return element = vector::ExtractOp::create(b, loaded, place - group);
}
