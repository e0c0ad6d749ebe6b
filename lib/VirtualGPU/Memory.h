//===- Memory.h - Global memory ---------------------------------*- C++ -*-===//
//
// Every buffer is an allocation of its own, far from all others, so that a
// stray access hits nothing. The host memory behind it is reserved, not
// committed: pages are filled when first touched.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_LIB_VIRTUALGPU_MEMORY_H
#define POOLC_LIB_VIRTUALGPU_MEMORY_H

#include "poolc/VirtualGPU/VirtualGPU.h"

#include <atomic>
#include <map>
#include <mutex>

namespace poolc::vgpu {

/// 16 bits that are a NaN as f16 and bf16 and, repeated, as f32 and f64.
constexpr uint16_t poisonPattern = 0x7FF5;

/// Fills bytes with the poison pattern; `offset` is that of the first byte.
void fillPoison(llvm::MutableArrayRef<uint8_t> bytes, uint64_t offset = 0);

/// Host address space that takes memory only where touched.
class Reservation {
public:
  Reservation() = default;
  static llvm::Expected<Reservation> create(uint64_t bytes);
  Reservation(Reservation &&other) noexcept : data(other.data), bytes(other.bytes) {
    other.data = nullptr;
  }
  Reservation &operator=(Reservation &&other) noexcept;
  ~Reservation();

  uint8_t *data = nullptr;
  uint64_t bytes = 0;
};

class Allocation {
public:
  static constexpr unsigned pageShift = 16;

  const std::string &name() const { return options.name; }
  uint64_t end() const { return base + bytes; }
  bool contains(uint64_t address, uint64_t size) const {
    return address >= base && address - base <= bytes && size <= bytes - (address - base);
  }
  /// Makes the pages that hold bytes [first, last] present.
  void touch(uint64_t first, uint64_t last) {
    if (ready)
      for (uint64_t page = first >> pageShift; page <= last >> pageShift; ++page)
        if (!ready[page].load(std::memory_order_acquire))
          materialize(page);
  }

  uint64_t base = 0;
  uint64_t bytes = 0;
  uint8_t *data = nullptr;
  /// One flag per byte; null: all bytes were written.
  uint8_t *written = nullptr;
  bool readOnly = false;
  bool isConstant = false;

private:
  friend class GlobalMemory;
  void materialize(uint64_t page);

  BufferOptions options;
  Reservation dataMemory, writtenMemory;
  /// One per page; null: nothing to fill in.
  std::unique_ptr<std::atomic<uint8_t>[]> ready;
  std::mutex locks[16];
};

class GlobalMemory {
public:
  llvm::Expected<Allocation *> allocate(BufferOptions options);
  void free(uint64_t address);

  /// The allocation that holds this byte, or null.
  Allocation *find(uint64_t address) const;

  llvm::Error write(uint64_t address, llvm::ArrayRef<uint8_t> bytes);
  llvm::Error read(uint64_t address, llvm::MutableArrayRef<uint8_t> bytes) const;
  llvm::Error written(uint64_t address, llvm::MutableArrayRef<uint8_t> flags) const;

  /// Where an address lies in words: in a buffer, so many bytes past one, ...
  std::string describe(uint64_t address) const;
  /// The address of the buffer which that is said of, or 0.
  uint64_t nearest(uint64_t address) const;

private:
  llvm::Expected<Allocation *> findRange(uint64_t address, uint64_t size) const;

  std::map<uint64_t, std::unique_ptr<Allocation>> allocations;
  uint64_t nextAddress = uint64_t(1) << 41;
};

} // namespace poolc::vgpu

#endif // POOLC_LIB_VIRTUALGPU_MEMORY_H
