//===- WarpgroupProducts.cpp - Products of four warps ---------------------===//

#include "WarpgroupProducts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::tile;

/// The descriptor of chunks (PTX ISA, "Matrix Descriptor", no swizzling, or of 128 bytes): the
/// start, the distance of chunks along k and that of eight rows, in units of 16 bytes.
Value ProductEmitter::describe(const SharedView &view, bool swizzled) {
  constexpr int64_t rowsTogether = 8, swizzling128 = int64_t(1) << 62;
  int64_t ofRows = rowsTogether * (view.strides[1] / unit);
  int64_t distances = view.strides[0] / unit << 16 | ofRows << 32 | (swizzled ? swizzling128 : 0);
  return arith::OrIOp::create(b, startOf(view),
                              arith::ConstantIntOp::create(b, b.getI64Type(), distances));
}

/// In units of 16 bytes, as descriptors have it.
Value ProductEmitter::startOf(const SharedView &view) {
  constexpr int64_t unitBytes = 16, mostBytes = 0x3FFFF;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  Type i64 = b.getI64Type();
  auto constant = [&](int64_t value) { return arith::ConstantIntOp::create(b, i64, value); };
  Value start = memref::ExtractAlignedPointerAsIndexOp::create(b, view.flat);
  Value offset =
      arith::MulIOp::create(b, view.offset, arith::ConstantIndexOp::create(b, bytes).getResult());
  start = arith::IndexCastUIOp::create(b, i64, arith::AddIOp::create(b, start, offset));
  start = arith::AndIOp::create(b, start, constant(mostBytes));
  return arith::ShRUIOp::create(b, start, constant(llvm::Log2_64(unitBytes)));
}

/// Instructions on the sums, which they read and write: `text`, where the sums are the
/// first operands and `inputs` those after.
void ProductEmitter::emitText(StringRef text, ValueRange inputs, StringRef inputConstraints) {
  SmallVector<Type> types(sums.size(), b.getF32Type());
  auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), types);
  SmallVector<std::string> constraints(sums.size(), "=f");
  if (!inputConstraints.empty())
    constraints.push_back(inputConstraints.str());
  for (size_t i = 0; i != sums.size(); ++i)
    constraints.push_back(llvm::utostr(i));
  constraints.push_back("~{memory}");
  SmallVector<Value> operands(inputs);
  llvm::append_range(operands, sums);
  Value results = LLVM::InlineAsmOp::create(b, type, operands, text, llvm::join(constraints, ","),
                                            /*has_side_effects=*/true, /*is_align_stack=*/false,
                                            LLVM::TailCallKind::None, /*asm_dialect=*/nullptr,
                                            /*operand_attrs=*/nullptr)
                      .getResult(0);
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(b, results, i);
}

std::string ProductEmitter::listOperands(int64_t first, int64_t count) {
  std::string list;
  for (int64_t i = first; i != first + count; ++i)
    list += (i == first ? "$" : ", $") + std::to_string(i);
  return "{" + list + "}";
}

/// Where the result is first used, others may write to shared memory, or the block ends.
static Operation *findEnd(DotOp op) {
  Operation *next = op->getNextNode();
  auto uses = [&](Operation *user) {
    return llvm::any_of(op->getUsers(), [&](Operation *other) { return user->isAncestor(other); });
  };
  while (!next->hasTrait<OpTrait::IsTerminator>() && !isa<BarrierOp, AsyncWaitOp>(next) &&
         !uses(next))
    next = next->getNextNode();
  return next;
}

/// Whether what comes next to the sums is another product of four warps.
bool ProductEmitter::goesOn() const {
  auto dot = dyn_cast<DotOp>(findEnd(op));
  return dot && dot.isOfWarpgroups() && const_cast<DotOp &>(op)->hasOneUse();
}

/// Waits for what is under way.
void ProductEmitter::waitBeforeUse() {
  b.setInsertionPoint(findEnd(op));
  wait(0);
}
