//===- VirtualGPU.h - Runs PTX on the CPU -----------------------*- C++ -*-===//
//
// A virtual GPU that executes PTX text, whoever compiled it, and checks every
// memory access. Knows nothing of poolc's compiler or plans.
//
//===----------------------------------------------------------------------===//
#ifndef POOLC_VIRTUALGPU_VIRTUALGPU_H
#define POOLC_VIRTUALGPU_VIRTUALGPU_H

#include "poolc/Target/GPU.h"
#include "poolc/VirtualGPU/Metrics.h"
#include "poolc/VirtualGPU/Sanitizer.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
}

namespace poolc::vgpu {

class Module;

/// Writes `bytes.size()` bytes of a buffer's first contents, starting at `offset`.
using Generator = std::function<void(uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes)>;

/// One global memory allocation: its own range of device addresses with
/// unmapped space around it. Pages exist once touched.
struct BufferOptions {
  std::string name;
  uint64_t bytes = 0;
  /// Alignment of the device address: exactly this, so that a kernel which
  /// relies on more is found out.
  uint64_t alignment = 256;
  /// First contents; none: poisoned (reads give a recognisable NaN pattern).
  /// Called when a page is first touched, by any thread, also by several at once.
  Generator contents;
  bool readOnly = false;
};

struct LaunchOptions {
  std::string kernel;
  int64_t grid[3] = {1, 1, 1};
  int64_t block[3] = {1, 1, 1};
  uint64_t dynamicSharedBytes = 0;
  /// May begin while the launch ahead of it runs (programmatic stream serialization). Runs after
  /// it here, all the same; an error if the kernel does not begin with `griddepcontrol.wait`.
  bool programmatic = false;
  /// The parameter buffer's contents by parameter: bytes as the ABI lays them
  /// out (pointers are 8-byte device addresses).
  std::vector<std::vector<uint8_t>> arguments;
  /// Order of warps and blocks.
  uint64_t seed = 0;
  /// Upper bound of executed warp-instructions per block; beyond it the launch
  /// is an error ("still running after ..."). 0: the default of 2^32.
  uint64_t instructionLimit = 0;
  /// Host threads that run blocks; 0: as many as the machine has.
  unsigned threads = 0;
  /// Not together with metrics.
  Sanitizers sanitizers;
  /// Registers that the assembler gives a thread; 0: unknown, to be estimated.
  unsigned registersPerThread = 0;
  /// Counts what the launch does to the machine.
  bool metrics = false;
  /// About how many bytes of what resident blocks did are kept for the metrics. A launch
  /// that does more is measured at some of its memory's lines; 0: 2^30.
  uint64_t traceBytes = 0;
  /// Models times at the base clock in place of the boost clock.
  bool atBaseClock = false;
  /// About how many blocks to run in place of the whole grid; 0: all. At least
  /// three runs of consecutive blocks, each as many as are resident at once.
  uint64_t sampleBlocks = 0;
};

/// What one launch executed.
struct LaunchResult {
  uint64_t blocks = 0;
  uint64_t warpInstructions = 0;
  uint64_t threadInstructions = 0;
  /// What the sanitizers found, by line.
  std::vector<Report> reports;
  /// If they were asked for.
  std::optional<LaunchMetrics> metrics;
};

class VirtualGPU {
public:
  explicit VirtualGPU(const GPU &gpu);
  ~VirtualGPU();

  const GPU &gpu() const;

  /// Reads PTX. Errors have the form "name:line: error: ...".
  llvm::Expected<std::shared_ptr<const Module>> load(llvm::StringRef ptx, llvm::StringRef name);

  /// Returns the device address.
  llvm::Expected<uint64_t> allocate(BufferOptions options);
  void free(uint64_t address);

  /// Copies between host memory and device memory; the range must lie in one buffer.
  llvm::Error write(uint64_t address, llvm::ArrayRef<uint8_t> bytes);
  llvm::Error read(uint64_t address, llvm::MutableArrayRef<uint8_t> bytes) const;
  /// Whether each byte of the range was written by the host, a kernel or the generator.
  llvm::Error written(uint64_t address, llvm::MutableArrayRef<uint8_t> flags) const;

  /// Runs a kernel to its end. Faults (out of bounds, misaligned, deadlock,
  /// limits exceeded) are errors with PTX line, kernel, block, thread, address.
  /// With sanitizers they are reports, and the kernel goes on where it can.
  llvm::Expected<LaunchResult> launch(const Module &module, const LaunchOptions &options);

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

/// Names of the kernels (.entry) of a module, in order.
std::vector<std::string> kernelNames(const Module &module);

/// Writes the page of the reference that lists the covered instructions.
void printCoveredInstructions(llvm::raw_ostream &os);

} // namespace poolc::vgpu

#endif // POOLC_VIRTUALGPU_VIRTUALGPU_H
