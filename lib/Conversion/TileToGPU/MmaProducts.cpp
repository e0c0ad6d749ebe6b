//===- MmaProducts.cpp - mma.sync and its operands ------------------------===//

#include "MmaProducts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

#include "llvm/Support/FormatVariadic.h"

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

void MmaProducts::multiplyAdd(ArrayRef<Fragment> as, ArrayRef<Fragment> bs,
                              MutableArrayRef<Value> sums, ArrayRef<int64_t> positions) {
  Fragment four;
  for (int64_t position : positions)
    four.push_back(sums[position]);
  // The small products first, so that the large one rounds them in once.
  if (as.size() == 2) {
    multiplyAdd(as[1], bs[0], four);
    multiplyAdd(as[0], bs[1], four);
  }
  multiplyAdd(as[0], bs[0], four);
  for (auto [position, sum] : llvm::zip_equal(positions, four))
    sums[position] = sum;
}

/// Elements that an instruction sums.
static int64_t depthOf(Type element) {
  constexpr int64_t bitsAlongK = 256;
  return bitsAlongK / int64_t(element.getIntOrFloatBitWidth());
}

/// As text, which can say that the result is where the sums are.
void MmaProducts::multiplyInPlace(const Fragment &fa, const Fragment &fb, Fragment &sums) {
  StringRef type = element.isF32() ? "tf32" : element.isBF16() ? "bf16" : "f16";
  std::string text = llvm::formatv("mma.sync.aligned.m16n8k{0}.row.col.f32.{1}.{1}.f32 {{$0, $1, "
                                   "$2, $3}, {{$4, $5, $6, $7}, {{$8, $9}, {{$0, $1, $2, $3};",
                                   depthOf(element), type);
  SmallVector<Value> operands;
  for (const Fragment *fragment : {&fa, &fb})
    for (Value value : *fragment)
      operands.push_back(LLVM::BitcastOp::create(b, b.getI32Type(), value));
  llvm::append_range(operands, sums);
  auto results =
      LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(4, b.getF32Type()));
  Value product =
      LLVM::InlineAsmOp::create(b, results, operands, text, "=f,=f,=f,=f,r,r,r,r,r,r,0,1,2,3",
                                /*has_side_effects=*/true, /*is_align_stack=*/false,
                                LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
                                /*operand_attrs=*/nullptr)
          .getResult(0);
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(b, product, i);
}

void MmaProducts::multiplyAdd(const Fragment &fa, const Fragment &fb, Fragment &sums) {
  if (keepsRegisters)
    return multiplyInPlace(fa, fb, sums);
  Type f32 = b.getF32Type();
  auto resultType = LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(4, f32));
  NVVM::MMATypes operandType = NVVM::MMATypes::tf32;
  if (arithmetic == Arithmetic::mma)
    operandType = element.isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
  Value product = NVVM::MmaOp::create(
      b, resultType, fa, fb, sums, ArrayRef<int64_t>{16, 8, depthOf(element)}, std::nullopt,
      std::nullopt, std::array<NVVM::MMATypes, 2>{operandType, operandType},
      std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row, NVVM::MMALayout::col});
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(b, product, i);
}
