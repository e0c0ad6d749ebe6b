//===- LazyBytes.cpp - A buffer's contents, as far as needed --------------===//

#include "LazyBytes.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace poolc;

LazyBytes::LazyBytes(uint64_t size, Read read)
    : size(size), read(std::move(read)),
      blocks(new std::atomic<uint8_t *>[llvm::divideCeil(size, blockBytes)]()) {}

LazyBytes::~LazyBytes() {
  for (uint64_t i = 0; i != llvm::divideCeil(size, blockBytes); ++i)
    delete[] blocks[i].load();
  llvm::consumeError(std::move(error));
}

const uint8_t *LazyBytes::fetch(uint64_t block) {
  std::lock_guard guard(mutex);
  if (uint8_t *known = blocks[block].load(std::memory_order_relaxed))
    return known;
  auto *bytes = new uint8_t[blockBytes]();
  uint64_t offset = block * blockBytes;
  llvm::MutableArrayRef<uint8_t> wanted(bytes, std::min(blockBytes, size - offset));
  error = llvm::joinErrors(std::move(error), read(offset, wanted));
  blocks[block].store(bytes, std::memory_order_release);
  return bytes;
}
