//===- Execution.h - Runs a plan on a device --------------------*- C++ -*-===//
#ifndef POOLC_RUNTIME_EXECUTION_H
#define POOLC_RUNTIME_EXECUTION_H

#include "poolc/Runtime/Comparison.h"
#include "poolc/Runtime/Device.h"
#include "poolc/Runtime/InputSpec.h"
#include "poolc/Runtime/Npy.h"
#include "poolc/Runtime/PlanSizes.h"

#include <map>

namespace poolc {

/// An input as it was asked for, with its file's contents where it has one.
struct Input {
  InputSpec spec;
  std::optional<NpyArray> array;

  /// The shape of the file, or the one before the generator.
  std::optional<Shape> shape() const { return array ? array->shape : spec.shape; }
};

/// How the plan's types differ from a file's.
enum class InputFit { same, converted, impossible };

/// A floating-point file fits every floating-point argument, after rounding. A
/// file of 16-bit unsigned integers holds the bits of a bf16 argument.
InputFit fitOf(DataType file, DataType argument);

struct ExecutionOptions {
  /// Order of warps and blocks on the virtual GPU.
  uint64_t seed = 0;
  /// Per block, on the virtual GPU; 0 is its default.
  uint64_t instructionLimit = 0;
  /// Counts what the launches do, on the virtual GPU.
  bool metrics = false;
  /// Models times at the base clock.
  bool atBaseClock = false;
  /// About how many blocks of each launch to run, on the virtual GPU; 0: all.
  uint64_t sampleBlocks = 0;
  /// Registers per thread that the assembler gives the kernels; those that are not
  /// named are estimated.
  std::map<std::string, unsigned, std::less<>> registers;
  /// On the virtual GPU.
  vgpu::Sanitizers sanitizers;
};

/// The buffers of one run of a plan, and its launches.
class Execution {
public:
  /// Allocates and fills all buffers and makes all launches ready. `plan`,
  /// `sizes` and `inputs` (one per input of the plan) must outlive it.
  static llvm::Expected<Execution> prepare(Device &device, Device::Program &program,
                                           const Plan &plan, const PlanSizes &sizes,
                                           llvm::ArrayRef<Input> inputs,
                                           const ExecutionOptions &options);

  /// Runs the launches in order, to their end.
  llvm::Error run();

  /// What the launches of the latest run did, if metrics were asked for.
  llvm::ArrayRef<vgpu::LaunchMetrics> metrics() const { return measured; }

  /// Whether the launches run only some of their blocks.
  bool isSampled() const;

  /// What the sanitizers found in the latest run.
  llvm::ArrayRef<vgpu::Report> reports() const { return found; }

  /// Seconds of one more run, see Device::time.
  llvm::Expected<double> time();

  /// All of the buffer's bytes.
  llvm::Expected<std::unique_ptr<llvm::WritableMemoryBuffer>> read(llvm::StringRef buffer) const;

  /// The buffer's bytes from `offset` on.
  llvm::Error readRange(llvm::StringRef buffer, uint64_t offset,
                        llvm::MutableArrayRef<uint8_t> bytes) const;

  /// The buffer's elements of `elementBytes` that have contents, in order: all of
  /// an input; of a result, those of which a byte was written.
  llvm::Expected<std::vector<ElementRange>> writtenRanges(llvm::StringRef buffer,
                                                          unsigned elementBytes) const;

  /// Hands the buffer's bytes to `visit` in order, in pieces of whole elements.
  llvm::Error readInPieces(llvm::StringRef buffer,
                           llvm::function_ref<void(llvm::ArrayRef<uint8_t>)> visit) const;

private:
  Execution(Device &device, Device::Program &program) : device(&device), program(&program) {}

  llvm::Error launchAll();
  llvm::Error allocate(const SizedBuffer &size, vgpu::BufferOptions options);
  llvm::Error allocateAll(const Plan &plan, const PlanSizes &sizes, llvm::ArrayRef<Input> inputs,
                          bool isMeasured);
  llvm::Expected<std::vector<uint8_t>> encode(const Plan::KernelArgument &argument,
                                              const Dims &dims) const;

  Device *device;
  Device::Program *program;
  std::map<std::string, std::unique_ptr<Device::Buffer>, std::less<>> buffers;
  std::vector<vgpu::LaunchOptions> launches;
  std::vector<vgpu::LaunchMetrics> measured;
  std::vector<vgpu::Report> found;
};

} // namespace poolc

#endif // POOLC_RUNTIME_EXECUTION_H
