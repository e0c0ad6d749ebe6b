//===- DotOfChunks.cpp - Products whose operands are in shared memory -----===//

#include "WarpgroupProducts.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

namespace {

/// wgmma m64nN of the tile's rows and all its columns, with both factors in shared memory. Of
/// the sums described above, a thread's rows g and g + 8 are the tile's 2g and 2g + 1.
class ChunksEmitter : ProductEmitter {
public:
  ChunksEmitter(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter)
      : ProductEmitter(op, b), n(op.getAccumulator().getType().getDimSize(1)),
        products(layout.getElementsPerThread(0, op.getAccumulator().getType().getDimSize(0)) / 2),
        a(getSharedView(b, op.getA(), rewriter)), c(getSharedView(b, op.getB(), rewriter)) {
    takeSums(accumulator, products * sumsPerProduct(), [&](int64_t i) { return positionOf(i); });
    // 64 rows are those of four warps.
    constexpr int64_t rows = 64;
    firstRow = arith::AndIOp::create(b, threads.getWarpFirst(layout)[0],
                                     arith::ConstantIntOp::create(b, -rows, 32));
  }

  Value emit() {
    multiply();
    return finish([&](int64_t i) { return positionOf(i); });
  }

private:
  int64_t sumsPerProduct() const { return n / 2; }

  int64_t positionOf(int64_t i) const {
    int64_t product = i / sumsPerProduct(), inProduct = i % sumsPerProduct();
    int64_t row = 2 * product + inProduct / 2 % 2, column = inProduct / 4 * 2 + inProduct % 2;
    return row * (n / 4) + column;
  }

  void multiply() {
    Value firstA = arith::AddIOp::create(
              b, describe(a), arith::ExtUIOp::create(b, b.getI64Type(), firstRow).getResult()),
          firstC = describe(c);
    SmallVector<Value> inputs;
    for (int64_t step = 0; step != steps; ++step)
      inputs.push_back(addTo(firstC, step * 2 * (c.strides[0] / unit)));
    std::string opcode = getOpcode(n), text = begin.str();
    int64_t descriptors = products * sumsPerProduct();
    for (int64_t step = 0; step != steps; ++step)
      for (int64_t product = 0; product != products; ++product) {
        text += opcode + listOperands(product * sumsPerProduct(), sumsPerProduct()) + ", $" +
                std::to_string(descriptors + int64_t(inputs.size())) + ", $" +
                std::to_string(descriptors + step) + modes.str() +
                (perRegister == 1 ? ";\n" : ", 0, 0;\n");
        inputs.push_back(
            addTo(firstA, step * 2 * (a.strides[0] / unit) + product * layout.getCoverage(0)));
      }
    text += "}";
    emitText(text, inputs, llvm::join(SmallVector<StringRef>(inputs.size(), "l"), ","));
  }

  /// Columns of the tile, and instructions that the thread's rows take.
  int64_t n, products;
  SharedView a, c;
  Value firstRow;
};

/// wgmma m64nN, whose rows are 64 columns of b in boxes, and columns all rows of a. Those of b lie
/// side by side, which tensor cores take of 16 bits only.
class BoxesEmitter : ProductEmitter {
public:
  BoxesEmitter(DotOp op, Value accumulator, const ThreadCoordinates &threads,
               ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter)
      : ProductEmitter(op, b), m(op.getAccumulator().getType().getDimSize(0)),
        columns(layout.getElementsPerThread(1, op.getAccumulator().getType().getDimSize(1))),
        a(getSharedView(b, op.getA(), rewriter)), c(getSharedView(b, op.getB(), rewriter)),
        firstColumn(threads.getWarpFirst(layout)[1]) {
    takeSums(accumulator, columns / 2 * sumsPerProduct(), [&](int64_t i) { return positionOf(i); });
  }

  Value emit() {
    multiply();
    return finish([&](int64_t i) { return positionOf(i); });
  }

private:
  int64_t sumsPerProduct() const { return m / 2; }
  int64_t positionOf(int64_t i) const { return positionOfSwapped(i, m, columns); }

  /// Units of 16 bytes from a row of a box, and from a box, to the next.
  int64_t rowUnits() const { return c.strides[1] / unit; }
  int64_t boxUnits() const { return c.strides[0] / unit; }

  /// Of the box with the columns of the warps' first instruction (PTX ISA, "Matrix Descriptor",
  /// swizzling of 128 bytes): eight elements along k are eight rows.
  Value describeBox() {
    constexpr int64_t rowsTogether = 8, swizzling128 = int64_t(1) << 62;
    IntegerBuilder i{b};
    Value box = i.shiftRight(firstColumn, llvm::Log2_64(c.strides[1]));
    Value units =
        arith::MulIOp::create(b, arith::ExtUIOp::create(b, b.getI64Type(), box),
                              arith::ConstantIntOp::create(b, b.getI64Type(), boxUnits()));
    return addTo(arith::AddIOp::create(b, startOf(c), units),
                 rowsTogether * rowUnits() << 32 | boxUnits() << 16 | swizzling128);
  }

  void multiply() {
    Value first = describeBox(), weights = describe(a, op.getSwizzledA());
    SmallVector<Value> inputs;
    for (int64_t step = 0; step != steps; ++step)
      inputs.push_back(addTo(weights, step * 2 * (a.strides[0] / unit)));
    std::string opcode = getOpcode(m), text = begin.str();
    int64_t descriptors = columns / 2 * sumsPerProduct();
    for (int64_t product = 0; product != columns / 2; ++product) {
      int64_t box = layout.getElementOffset(1, 2 * product) / c.strides[1];
      for (int64_t step = 0; step != steps; ++step) {
        text += opcode + listOperands(product * sumsPerProduct(), sumsPerProduct()) + ", $" +
                std::to_string(descriptors + int64_t(inputs.size())) + ", $" +
                std::to_string(descriptors + step) + modes.str() + ", 1, 0;\n";
        inputs.push_back(addTo(first, box * boxUnits() + step * 2 * unit * rowUnits()));
      }
    }
    text += "}";
    emitText(text, inputs, llvm::join(SmallVector<StringRef>(inputs.size(), "l"), ","));
  }

  /// Rows of the tile, and columns that the thread holds.
  int64_t m, columns;
  SharedView a, c;
  Value firstColumn;
};

} // namespace

Value poolc::emitDotOfChunks(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                             ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter) {
  return ChunksEmitter(op, accumulator, threads, b, rewriter).emit();
}

Value poolc::emitDotOfBoxes(DotOp op, Value accumulator, const ThreadCoordinates &threads,
                            ImplicitLocOpBuilder &b, ConversionPatternRewriter &rewriter) {
  return BoxesEmitter(op, accumulator, threads, b, rewriter).emit();
}
