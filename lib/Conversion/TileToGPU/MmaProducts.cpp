//===- MmaProducts.cpp - mma.sync and its operands ------------------------===//

#include "MmaProducts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

#include <array>

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

Value MmaProducts::roundToTF32(Value value) {
  Value &result = rounded[value];
  if (!result)
    result =
        NVVM::ConvertFloatToTF32Op::create(b, b.getI32Type(), value, NVVM::FPRoundingMode::RNA);
  return result;
}

SmallVector<Fragment> MmaProducts::split(const Fragment &loaded) {
  Type i32 = b.getI32Type();
  SmallVector<Fragment> parts(arithmetic == Arithmetic::mma_tf32x3 ? 2 : 1);
  for (Value value : loaded) {
    if (arithmetic == Arithmetic::mma) {
      parts[0].push_back(element.isBF16() ? LLVM::BitcastOp::create(b, i32, value).getResult()
                                          : value);
      continue;
    }
    Value high = roundToTF32(value);
    parts[0].push_back(high);
    if (parts.size() == 1)
      continue;
    Value rest = arith::SubFOp::create(b, value, arith::BitcastOp::create(b, b.getF32Type(), high));
    parts[1].push_back(roundToTF32(rest));
  }
  return parts;
}

void MmaProducts::multiplyAdd(ArrayRef<Fragment> as, ArrayRef<Fragment> bs, Fragment &sums) {
  // The small products first, so that the large one rounds them in once.
  if (as.size() == 2) {
    multiplyAdd(as[1], bs[0], sums);
    multiplyAdd(as[0], bs[1], sums);
  }
  multiplyAdd(as[0], bs[0], sums);
}

void MmaProducts::multiplyAdd(const Fragment &fa, const Fragment &fb, Fragment &sums) {
  constexpr int64_t bitsAlongK = 256;
  Type f32 = b.getF32Type();
  auto resultType = LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(4, f32));
  NVVM::MMATypes operandType = NVVM::MMATypes::tf32;
  if (arithmetic == Arithmetic::mma)
    operandType = element.isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
  Value product = NVVM::MmaOp::create(
      b, resultType, fa, fb, sums,
      ArrayRef<int64_t>{16, 8, bitsAlongK / int64_t(element.getIntOrFloatBitWidth())}, std::nullopt,
      std::nullopt, std::array<NVVM::MMATypes, 2>{operandType, operandType},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row, NVVM::MMALayout::col});
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(b, product, i);
}
