//===- WarpgroupProducts.h - Products of four warps -------------*- C++ -*-===//
#ifndef POOLC_LIB_CONVERSION_TILETOGPU_WARPGROUPPRODUCTS_H
#define POOLC_LIB_CONVERSION_TILETOGPU_WARPGROUPPRODUCTS_H

#include "Dot.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/FormatVariadic.h"

namespace poolc {

/// What products have in common: sums in the order of their instructions, and text around them.
class ProductEmitter {
public:
  ProductEmitter(tile::DotOp op, mlir::ImplicitLocOpBuilder &b)
      : op(op), b(b), layout(getLayout(op.getAccumulator().getType())),
        element(op.getA().getType().getElementType()), unit(128 / element.getIntOrFloatBitWidth()),
        perRegister(unit / 4), steps(countDepth(op) / (2 * unit)) {}

protected:
  static int64_t countDepth(tile::DotOp op) {
    mlir::MemRefType a = op.getA().getType();
    return a.getDimSize(0) * a.getDimSize(2);
  }

  /// `positionOf(i)`: where the i-th of all sums is in the thread's vector.
  template <typename Fn> void takeSums(mlir::Value accumulator, int64_t count, Fn positionOf) {
    for (int64_t i = 0; i != count; ++i)
      sums.push_back(mlir::vector::ExtractOp::create(b, accumulator, positionOf(i)));
  }

  template <typename Fn> mlir::Value putTogether(Fn positionOf) {
    llvm::SmallVector<mlir::Value> ordered(sums.size());
    for (auto [i, sum] : llvm::enumerate(sums))
      ordered[positionOf(i)] = sum;
    return mlir::vector::FromElementsOp::create(
        b, mlir::VectorType::get(sums.size(), b.getF32Type()), ordered);
  }

  /// Where the i-th of the sums is in the vector of a thread that holds so many columns, row by
  /// row, if the instructions' rows are columns of the tile, and all of its `m` rows their columns.
  static int64_t positionOfSwapped(int64_t i, int64_t m, int64_t columns) {
    int64_t sumsPerProduct = m / 2, inProduct = i % sumsPerProduct;
    int64_t row = inProduct / 4 * 2 + inProduct % 2;
    int64_t column = 2 * (i / sumsPerProduct) + inProduct / 2 % 2;
    return row * columns + column;
  }

  mlir::Value addTo(mlir::Value descriptor, int64_t units) {
    return mlir::arith::AddIOp::create(
        b, descriptor, mlir::arith::ConstantIntOp::create(b, b.getI64Type(), units));
  }

  /// wgmma of so many columns, and what follows its operands: sums are added to, and factors not
  /// negated.
  std::string getOpcode(int64_t columns) const {
    llvm::StringRef type = perRegister == 1 ? "tf32" : element.isBF16() ? "bf16" : "f16";
    return llvm::formatv("wgmma.mma_async.sync.aligned.m64n{0}k{1}.f32.{2}.{2} ", columns, 2 * unit,
                         type);
  }
  static constexpr llvm::StringLiteral modes = ", added, 1, 1";
  static constexpr llvm::StringLiteral begin = "{\n.reg .pred added;\nsetp.eq.u32 added, 0, 0;\n"
                                               "wgmma.fence.sync.aligned;\n";

  mlir::Value describe(const SharedView &view, bool swizzled = false);
  mlir::Value startOf(const SharedView &view);
  void emitText(llvm::StringRef text, mlir::ValueRange inputs, llvm::StringRef inputConstraints);
  static std::string listOperands(int64_t first, int64_t count);
  void wait(int64_t pending) {
    emitText("wgmma.wait_group.sync.aligned " + std::to_string(pending) + ";", {}, "");
  }
  bool goesOn() const;
  void waitBeforeUse();

  /// Ends the group of products. The sums that they add to, in the thread's vector.
  template <typename Fn> mlir::Value finish(Fn positionOf) {
    mlir::NVVM::WgmmaGroupSyncAlignedOp::create(b);
    if (!goesOn())
      waitBeforeUse();
    return putTogether(positionOf);
  }

  tile::DotOp op;
  mlir::ImplicitLocOpBuilder &b;
  tile::BlockedAttr layout;
  mlir::Type element;
  /// Elements in 16 bytes and in a register; instructions along k.
  int64_t unit, perRegister, steps;
  llvm::SmallVector<mlir::Value> sums;
};

/// A tile.dot of four warps where tensor cores read both operands from shared memory by themselves:
/// b in chunks, or of 16 bits in boxes.
mlir::Value emitDotOfChunks(tile::DotOp op, mlir::Value accumulator,
                            const ThreadCoordinates &threads, mlir::ImplicitLocOpBuilder &b,
                            mlir::ConversionPatternRewriter &rewriter);
mlir::Value emitDotOfBoxes(tile::DotOp op, mlir::Value accumulator,
                           const ThreadCoordinates &threads, mlir::ImplicitLocOpBuilder &b,
                           mlir::ConversionPatternRewriter &rewriter);

} // namespace poolc

#endif // POOLC_LIB_CONVERSION_TILETOGPU_WARPGROUPPRODUCTS_H
