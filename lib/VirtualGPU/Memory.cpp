//===- Memory.cpp - Global memory -----------------------------------------===//

#include "Memory.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>
#include <sys/mman.h>

using namespace poolc::vgpu;

/// Unmapped space before each allocation: no 32-bit index, scaled by up to 16
/// bytes, that wrapped around reaches another buffer by accident.
static constexpr uint64_t guardBytes = uint64_t(1) << 36;
/// Windows of shared and local memory lie beyond.
static constexpr uint64_t addressLimit = uint64_t(1) << 56;

void poolc::vgpu::fillPoison(llvm::MutableArrayRef<uint8_t> bytes, uint64_t offset) {
  static const auto pattern = [] {
    std::array<uint8_t, 4096 + 2> result;
    for (size_t i = 0; i < result.size(); ++i)
      result[i] = uint8_t(i % 2 ? poisonPattern >> 8 : poisonPattern);
    return result;
  }();
  const uint8_t *from = pattern.data() + offset % 2;
  for (; bytes.size() > 4096; bytes = bytes.drop_front(4096))
    std::memcpy(bytes.data(), from, 4096);
  if (!bytes.empty())
    std::memcpy(bytes.data(), from, bytes.size());
}

llvm::Expected<Reservation> Reservation::create(uint64_t bytes) {
  Reservation result;
  result.bytes = std::max<uint64_t>(bytes, 1);
  void *data = mmap(nullptr, result.bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    return llvm::createStringError("cannot reserve " + llvm::Twine(bytes) +
                                   " bytes of host address space");
  result.data = static_cast<uint8_t *>(data);
  return std::move(result);
}

Reservation &Reservation::operator=(Reservation &&other) noexcept {
  std::swap(data, other.data);
  std::swap(bytes, other.bytes);
  return *this;
}

Reservation::~Reservation() {
  if (data)
    munmap(data, bytes);
}

void Allocation::materialize(uint64_t page) {
  std::lock_guard<std::mutex> guard(locks[page % std::size(locks)]);
  if (ready[page].load(std::memory_order_relaxed))
    return;
  uint64_t offset = page << pageShift;
  llvm::MutableArrayRef<uint8_t> contents(
      data + offset, std::min<uint64_t>(uint64_t(1) << pageShift, bytes - offset));
  if (options.contents)
    options.contents(offset, contents);
  else
    fillPoison(contents);
  ready[page].store(1, std::memory_order_release);
}

llvm::Expected<Allocation *> GlobalMemory::allocate(BufferOptions options) {
  if (!llvm::isPowerOf2_64(options.alignment) || options.alignment > (uint64_t(1) << 30))
    return llvm::createStringError("buffer '" + options.name +
                                   "': expected an alignment that is a power of two up to 2^30, "
                                   "got " +
                                   llvm::Twine(options.alignment));
  if (options.bytes > (uint64_t(1) << 44))
    return llvm::createStringError("buffer '" + options.name + "': " + llvm::Twine(options.bytes) +
                                   " bytes are too many");
  auto allocation = std::make_unique<Allocation>();
  allocation->bytes = options.bytes;
  allocation->readOnly = options.readOnly;
  // An odd multiple of the alignment has no larger one.
  allocation->base =
      llvm::alignTo(nextAddress + guardBytes, 2 * options.alignment) + options.alignment;
  if (allocation->end() > addressLimit)
    return llvm::createStringError("the device's address space is used up");

  // On the host as aligned as on the device: atomic operations need it.
  constexpr uint64_t page = 4096;
  llvm::Expected<Reservation> data = Reservation::create(options.bytes + page);
  if (!data)
    return data.takeError();
  allocation->dataMemory = std::move(*data);
  allocation->data = allocation->dataMemory.data + allocation->base % page;
  if (!options.contents) {
    llvm::Expected<Reservation> written = Reservation::create(options.bytes);
    if (!written)
      return written.takeError();
    allocation->writtenMemory = std::move(*written);
    allocation->written = allocation->writtenMemory.data;
  }
  uint64_t pages = (options.bytes >> Allocation::pageShift) + 1;
  allocation->ready = std::make_unique<std::atomic<uint8_t>[]>(pages);
  allocation->options = std::move(options);
  nextAddress = allocation->end();
  Allocation *result = allocation.get();
  allocations.emplace(result->base, std::move(allocation));
  return result;
}

void GlobalMemory::free(uint64_t address) { allocations.erase(address); }

Allocation *GlobalMemory::find(uint64_t address) const {
  auto it = allocations.upper_bound(address);
  if (it == allocations.begin())
    return nullptr;
  Allocation *allocation = std::prev(it)->second.get();
  return allocation->contains(address, 1) ? allocation : nullptr;
}

llvm::Expected<Allocation *> GlobalMemory::findRange(uint64_t address, uint64_t size) const {
  auto it = allocations.upper_bound(address);
  if (it != allocations.begin() && std::prev(it)->second->contains(address, size)) {
    Allocation *allocation = std::prev(it)->second.get();
    if (size > 0)
      allocation->touch(address - allocation->base, address - allocation->base + size - 1);
    return allocation;
  }
  return llvm::createStringError(
      llvm::formatv("{0} bytes at {1:x} lie in no buffer: {2}", size, address, describe(address)));
}

llvm::Error GlobalMemory::write(uint64_t address, llvm::ArrayRef<uint8_t> bytes) {
  llvm::Expected<Allocation *> allocation = findRange(address, bytes.size());
  if (!allocation)
    return allocation.takeError();
  uint64_t offset = address - (*allocation)->base;
  if (bytes.empty())
    return llvm::Error::success();
  std::memcpy((*allocation)->data + offset, bytes.data(), bytes.size());
  if ((*allocation)->written)
    std::memset((*allocation)->written + offset, 1, bytes.size());
  return llvm::Error::success();
}

llvm::Error GlobalMemory::read(uint64_t address, llvm::MutableArrayRef<uint8_t> bytes) const {
  llvm::Expected<Allocation *> allocation = findRange(address, bytes.size());
  if (!allocation)
    return allocation.takeError();
  if (!bytes.empty())
    std::memcpy(bytes.data(), (*allocation)->data + (address - (*allocation)->base), bytes.size());
  return llvm::Error::success();
}

llvm::Error GlobalMemory::written(uint64_t address, llvm::MutableArrayRef<uint8_t> flags) const {
  // Pages that nobody has touched stay absent: they were not written either.
  Allocation *allocation = find(address);
  if (!allocation || !allocation->contains(address, flags.size()))
    return findRange(address, flags.size()).takeError();
  if (!allocation->written) {
    std::memset(flags.data(), 1, flags.size());
    return llvm::Error::success();
  }
  constexpr uint64_t pageBytes = uint64_t(1) << Allocation::pageShift;
  for (uint64_t offset = address - allocation->base; !flags.empty();) {
    size_t size = std::min<uint64_t>(pageBytes - offset % pageBytes, flags.size());
    if (allocation->ready[offset / pageBytes].load(std::memory_order_acquire))
      std::memcpy(flags.data(), allocation->written + offset, size);
    else
      std::memset(flags.data(), 0, size);
    flags = flags.drop_front(size);
    offset += size;
  }
  return llvm::Error::success();
}

uint64_t GlobalMemory::nearest(uint64_t address) const {
  auto after = allocations.upper_bound(address);
  if (after == allocations.begin())
    return after == allocations.end() ? 0 : after->first;
  auto before = std::prev(after);
  if (after == allocations.end() || address < before->second->end() ||
      address - before->second->end() <= after->first - address)
    return before->first;
  return after->first;
}

std::string GlobalMemory::describe(uint64_t address) const {
  auto it = allocations.find(nearest(address));
  if (it == allocations.end())
    return "there are no buffers";
  const Allocation &allocation = *it->second;
  std::string where = llvm::formatv("'{0}' ({1} bytes at {2:x})", allocation.name(),
                                    allocation.bytes, allocation.base);
  if (allocation.contains(address, 1))
    return llvm::formatv("byte {0} of {1}", address - allocation.base, where);
  if (address >= allocation.base)
    return llvm::formatv("{0} bytes past the end of {1}", address - allocation.end(), where);
  return llvm::formatv("{0} bytes before {1}", allocation.base - address, where);
}
