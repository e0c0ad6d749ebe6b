//===- LazyBytes.h - A buffer's contents, as far as needed ------*- C++ -*-===//
#ifndef POOLC_LIB_RUNTIME_LAZYBYTES_H
#define POOLC_LIB_RUNTIME_LAZYBYTES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace poolc {

/// The bytes of a device buffer, read in blocks when they are first looked at: a
/// tensor of many gigabytes costs what the check touches of it. Thread-safe.
class LazyBytes {
public:
  using Read = std::function<llvm::Error(uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes)>;

  /// `read` is called by one thread at a time.
  LazyBytes(uint64_t size, Read read);
  ~LazyBytes();

  /// Where the bytes from `offset` to the end of their block stand; an element
  /// at a multiple of its size is always in one block. Zeros if reading failed.
  const uint8_t *at(uint64_t offset) {
    const uint8_t *block = blocks[offset / blockBytes].load(std::memory_order_acquire);
    return (block ? block : fetch(offset / blockBytes)) + offset % blockBytes;
  }

  /// What went wrong while reading, if anything did.
  llvm::Error takeError() { return std::move(error); }

private:
  static constexpr uint64_t blockBytes = uint64_t(1) << 16;

  const uint8_t *fetch(uint64_t block);

  uint64_t size;
  Read read;
  std::unique_ptr<std::atomic<uint8_t *>[]> blocks;
  std::mutex mutex;
  llvm::Error error = llvm::Error::success();
};

} // namespace poolc

#endif // POOLC_LIB_RUNTIME_LAZYBYTES_H
