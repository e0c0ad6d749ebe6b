//===- Tensors.cpp - Tensor types with sizes that only a run knows --------===//

#include "Tensors.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

using namespace poolc;
using namespace poolc::sweep;

std::string Tensor::typeText(DataType type) const {
  std::string text = "tensor<";
  for (auto [d, size] : llvm::enumerate(shape))
    text += (isDynamic[d] ? "?" : llvm::itostr(size)) + "x";
  return text + toString(type).str() + ">";
}

std::string Tensor::shapeText() const {
  return llvm::join(llvm::map_range(shape, [](int64_t size) { return llvm::itostr(size); }), "x");
}

Tensor poolc::sweep::drawDynamic(Random &random, Shape shape) {
  Tensor tensor(std::move(shape));
  for (unsigned d = 0; d != tensor.isDynamic.size(); ++d)
    tensor.isDynamic[d] = random.chance(50);
  tensor.isDynamic.set(unsigned(random.draw(0, int64_t(tensor.shape.size()) - 1)));
  return tensor;
}

Shape poolc::sweep::drawExpected(Random &random, const Tensor &tensor) {
  constexpr int64_t most = 600;
  bool isAsInRun = random.chance(50);
  Shape shape = tensor.shape;
  for (auto [d, size] : llvm::enumerate(shape))
    if (tensor.isDynamic[d])
      size = isAsInRun ? std::max<int64_t>(size, 1) : drawExtent(random, most);
  return shape;
}
