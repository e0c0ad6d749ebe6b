//===- ProductCheck.cpp - Registers of asynchronous products --------------===//

#include "ProductCheck.h"

#include "llvm/ADT/STLExtras.h"

using namespace poolc::vgpu;

static constexpr uint32_t notWritten = ~uint32_t(0);

static bool isProduct(const Op &op) { return op.handler == multiplyWarpgroup; }

ProductCheck::ProductCheck(Block &block, Reports &reports)
    : block(block), reports(reports), states(block.allWarps().size()) {}

bool ProductCheck::isNeeded(const Program &program) { return llvm::any_of(program.ops, isProduct); }

void ProductCheck::startBlock() {
  for (WarpState &state : states) {
    state.fences = 0;
    state.written.assign(block.program.code.registerInfo.size(), notWritten);
  }
}

ProductCheck::Registers ProductCheck::sums(const Op &op) const {
  return block.program.code.writes(numberOf(op));
}

/// The decoder puts them in front of the sums at the end of what is read.
ProductCheck::Registers ProductCheck::firstFactor(const Op &op) const {
  if (hasFirstInMemory(op))
    return {};
  return block.program.code.reads(numberOf(op)).drop_back(sumsOf(op)).take_back(4);
}

void ProductCheck::instruction(const Warp &warp, const Op &op, uint32_t mask) {
  if (mask == 0)
    return;
  WarpState &state = states[warp.index];
  if (op.handler == fenceWarpgroup)
    ++state.fences;
  checkInFlight(warp, op, mask);
  if (isProduct(op))
    return checkFence(warp, op, mask);
  for (uint32_t reg : block.program.code.writes(numberOf(op)))
    state.written[reg] = state.fences;
}

void ProductCheck::checkInFlight(const Warp &warp, const Op &op, uint32_t mask) {
  auto meet = [](Registers a, Registers b) {
    return llvm::any_of(a, [&](uint32_t reg) { return llvm::is_contained(b, reg); });
  };
  const CodeInfo &code = block.program.code;
  for (const AsyncProduct &product : warp.products.inFlight) {
    // Products that add to the same sums follow one another.
    if (isProduct(op) && sums(op) == sums(*product.op))
      continue;
    bool reads = meet(code.reads(numberOf(op)), sums(*product.op));
    Registers writes = code.writes(numberOf(op));
    if (!reads && !meet(writes, sums(*product.op)) && !meet(writes, firstFactor(*product.op)))
      continue;
    Finding finding{Sanitizer::sync,       op,           unsigned(SyncFault::inFlight), 0,
                    numberOf(*product.op), "the product"};
    return reports.add(warp, llvm::countr_zero(mask), finding, [&]() -> std::string {
      return std::string(reads ? "reads" : "writes") +
             " a register of a product that has not been waited for: expected wgmma.wait_group "
             "before";
    });
  }
}

void ProductCheck::checkFence(const Warp &warp, const Op &op, uint32_t mask) {
  const WarpState &state = states[warp.index];
  auto isFresh = [&](uint32_t reg) { return state.written[reg] == state.fences; };
  if (!llvm::any_of(sums(op), isFresh) && !llvm::any_of(firstFactor(op), isFresh))
    return;
  reports.add(warp, llvm::countr_zero(mask), {Sanitizer::sync, op, unsigned(SyncFault::fence)}, [] {
    return std::string("multiplies registers that were written since the last "
                       "wgmma.fence: expected one between");
  });
}
