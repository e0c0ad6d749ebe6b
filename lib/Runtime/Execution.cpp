//===- Execution.cpp - Runs a plan on a device ----------------------------===//

#include "poolc/Runtime/Execution.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstring>

using namespace poolc;

InputFit poolc::fitOf(DataType file, DataType argument) {
  if (file == argument || (file == DataType::u16 && argument == DataType::bf16))
    return InputFit::same;
  return isFloat(file) && isFloat(argument) ? InputFit::converted : InputFit::impossible;
}

/// What fills a buffer of `type` from a file's data.
static vgpu::Generator contentsOf(const NpyArray &array, DataType type) {
  if (fitOf(array.type, type) == InputFit::same)
    return [&array](uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) {
      std::memcpy(bytes.data(), array.data.data() + offset, bytes.size());
    };
  return [&array, type](uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) {
    unsigned size = sizeInBytes(type);
    uint8_t element[8];
    for (size_t i = 0; i != bytes.size(); ++i) {
      uint64_t at = offset + i;
      if (i == 0 || at % size == 0) {
        const uint8_t *source = array.data.data() + at / size * sizeInBytes(array.type);
        storeElement(type, loadElement(array.type, source), element);
      }
      bytes[i] = element[at % size];
    }
  };
}

static vgpu::Generator contentsOf(const Input &input, DataType type, size_t argument) {
  if (input.array)
    return contentsOf(*input.array, type);
  return
      [&spec = input.spec, type, argument](uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) {
        generateBytes(spec.contents, type, spec.seed, argument, offset, bytes);
      };
}

static void fillWithZero(uint64_t, llvm::MutableArrayRef<uint8_t> bytes) { llvm::fill(bytes, 0); }

llvm::Error Execution::allocate(const SizedBuffer &size, vgpu::BufferOptions options) {
  uint64_t alignment = options.alignment;
  options.name = size.name;
  options.bytes = size.bytes;
  llvm::Expected<std::unique_ptr<Device::Buffer>> buffer = device->allocate(std::move(options));
  if (!buffer)
    return buffer.takeError();
  if ((*buffer)->address() % alignment != 0)
    return llvm::createStringError(
        llvm::formatv("buffer '{0}': expected an address that is a multiple of {1}, got {2:x}",
                      size.name, alignment, (*buffer)->address()));
  buffers[size.name] = std::move(*buffer);
  return llvm::Error::success();
}

/// What allocators of frameworks and of the driver give buffers at least.
static constexpr uint64_t usualAlignment = 256;

llvm::Error Execution::allocateAll(const Plan &plan, const PlanSizes &sizes,
                                   llvm::ArrayRef<Input> inputs, bool isMeasured) {
  for (const auto &[i, argument] : llvm::enumerate(plan.arguments)) {
    vgpu::BufferOptions options;
    if (argument.alignment != 0)
      options.alignment = std::max<uint64_t>(argument.alignment, sizeInBytes(argument.type));
    // A kernel that relies on more than it says is found out; but where sectors are
    // counted, rows lie in them as they usually do.
    if (isMeasured)
      options.alignment = std::max(options.alignment, usualAlignment);
    if (argument.role != Plan::Role::output) {
      options.contents = contentsOf(inputs.front(), argument.type, i);
      inputs = inputs.drop_front();
    }
    options.readOnly = argument.role == Plan::Role::input;
    if (llvm::Error error = allocate(sizes.arguments[i], std::move(options)))
      return error;
  }
  for (const auto &[i, temporary] : llvm::enumerate(plan.temporaries)) {
    vgpu::BufferOptions options;
    if (temporary.init == Plan::Init::zero)
      options.contents = fillWithZero;
    if (llvm::Error error = allocate(sizes.temporaries[i], std::move(options)))
      return error;
  }
  return llvm::Error::success();
}

template <typename T> static std::vector<uint8_t> bytesOf(T value) {
  std::vector<uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

static llvm::Expected<std::vector<uint8_t>> encodeScalar(const Plan::ScalarArgument &scalar,
                                                         const Dims &dims) {
  std::vector<uint8_t> bytes(sizeInBytes(scalar.type));
  if (const auto *number = std::get_if<double>(&scalar.value)) {
    storeElement(scalar.type, *number, bytes.data());
    return bytes;
  }
  llvm::Expected<int64_t> value = std::get<Expression>(scalar.value).evaluate(dims);
  if (!value)
    return value.takeError();
  if (isFloat(scalar.type)) {
    storeElement(scalar.type, static_cast<double>(*value), bytes.data());
    return bytes;
  }
  if (!holdsInteger(scalar.type, *value))
    return llvm::createStringError("expected a value of type " + toString(scalar.type) + ", got " +
                                   llvm::Twine(*value));
  // Little-endian, like the GPU: the low bytes are the value in the narrower type.
  std::memcpy(bytes.data(), &*value, bytes.size());
  return bytes;
}

llvm::Expected<std::vector<uint8_t>> Execution::encode(const Plan::KernelArgument &argument,
                                                       const Dims &dims) const {
  if (const auto *scalar = std::get_if<Plan::ScalarArgument>(&argument))
    return encodeScalar(*scalar, dims);
  if (const auto *bytes = std::get_if<Plan::BytesArgument>(&argument))
    return bytes->bytes;
  if (std::holds_alternative<Plan::NullArgument>(argument))
    return bytesOf<uint64_t>(0);

  const auto &reference = std::get<Plan::BufferArgument>(argument);
  const Device::Buffer &buffer = *buffers.find(reference.name)->second;
  llvm::Expected<int64_t> offset = reference.offsetBytes.evaluate(dims);
  if (!offset)
    return offset.takeError();
  if (*offset < 0 || static_cast<uint64_t>(*offset) > buffer.bytes())
    return llvm::createStringError(
        llvm::formatv("expected an offset within the {0} bytes of '{1}', got {2}", buffer.bytes(),
                      reference.name, *offset));
  return bytesOf<uint64_t>(buffer.address() + *offset);
}

llvm::Expected<Execution> Execution::prepare(Device &device, Device::Program &program,
                                             const Plan &plan, const PlanSizes &sizes,
                                             llvm::ArrayRef<Input> inputs,
                                             const ExecutionOptions &options) {
  Execution execution(device, program);
  if (llvm::Error error = execution.allocateAll(plan, sizes, inputs, options.metrics))
    return error;
  auto isOfOperation = [](const SizedLaunch &sized) { return !sized.launch->op.empty(); };
  bool hasOperations = llvm::any_of(sizes.launches, isOfOperation);
  for (const SizedLaunch &sized : sizes.launches) {
    vgpu::LaunchOptions &launch = execution.launches.emplace_back();
    launch.kernel = sized.launch->kernel;
    llvm::copy(sized.grid, launch.grid);
    llvm::copy(sized.block, launch.block);
    launch.dynamicSharedBytes = sized.dynamicSharedBytes;
    launch.programmatic = sized.launch->programmatic;
    launch.seed = options.seed;
    launch.instructionLimit = options.instructionLimit;
    launch.metrics = options.metrics;
    launch.atBaseClock = options.atBaseClock;
    // What prepares operands runs whole: all blocks of the operation read what it leaves.
    bool preparesOperands = hasOperations && !isOfOperation(sized);
    launch.sampleBlocks = preparesOperands ? 0 : options.sampleBlocks;
    if (auto it = options.registers.find(launch.kernel); it != options.registers.end())
      launch.registersPerThread = it->second;
    launch.sanitizers = options.sanitizers;
    for (const auto &[i, argument] : llvm::enumerate(sized.launch->arguments)) {
      llvm::Expected<std::vector<uint8_t>> bytes = execution.encode(argument, sizes.dims);
      if (!bytes)
        return llvm::createStringError(llvm::formatv("argument {0} of '{1}': {2}", i, launch.kernel,
                                                     llvm::toString(bytes.takeError())));
      launch.arguments.push_back(std::move(*bytes));
    }
  }
  return execution;
}

llvm::Error Execution::launchAll() {
  measured.clear();
  found.clear();
  for (const vgpu::LaunchOptions &launch : launches) {
    llvm::Expected<vgpu::LaunchResult> result = device->launch(*program, launch);
    if (!result)
      return result.takeError();
    if (result->metrics)
      measured.push_back(std::move(*result->metrics));
    llvm::move(result->reports, std::back_inserter(found));
  }
  return llvm::Error::success();
}

llvm::Error Execution::run() {
  if (llvm::Error error = launchAll())
    return error;
  return device->synchronize();
}

bool Execution::isSampled() const {
  return llvm::any_of(launches, [](const auto &launch) { return launch.sampleBlocks != 0; });
}

llvm::Expected<double> Execution::time() {
  return device->time([this] { return launchAll(); });
}

llvm::Expected<std::unique_ptr<llvm::WritableMemoryBuffer>>
Execution::read(llvm::StringRef name) const {
  const Device::Buffer &buffer = *buffers.find(name)->second;
  auto bytes = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(buffer.bytes(), name);
  if (!bytes)
    return llvm::createStringError(llvm::formatv(
        "cannot read '{0}': not enough memory for its {1} bytes", name, buffer.bytes()));
  llvm::MutableArrayRef<uint8_t> target(reinterpret_cast<uint8_t *>(bytes->getBufferStart()),
                                        buffer.bytes());
  if (llvm::Error error = buffer.read(0, target))
    return error;
  return bytes;
}

llvm::Error Execution::readRange(llvm::StringRef name, uint64_t offset,
                                 llvm::MutableArrayRef<uint8_t> bytes) const {
  return buffers.find(name)->second->read(offset, bytes);
}

llvm::Error Execution::readInPieces(llvm::StringRef name,
                                    llvm::function_ref<void(llvm::ArrayRef<uint8_t>)> visit) const {
  const Device::Buffer &buffer = *buffers.find(name)->second;
  // A multiple of every element's size.
  constexpr uint64_t pieceBytes = uint64_t{16} << 20;
  std::vector<uint8_t> piece(std::min(pieceBytes, buffer.bytes()));
  for (uint64_t offset = 0; offset < buffer.bytes(); offset += piece.size()) {
    uint64_t size = std::min<uint64_t>(piece.size(), buffer.bytes() - offset);
    auto bytes = llvm::MutableArrayRef(piece).take_front(size);
    if (llvm::Error error = buffer.read(offset, bytes))
      return error;
    visit(bytes);
  }
  return llvm::Error::success();
}

/// Adds the elements that have a flag set among the bytes from `offset` on.
static void addRanges(std::vector<ElementRange> &ranges, llvm::ArrayRef<uint8_t> flags,
                      uint64_t offset, unsigned elementBytes) {
  const uint8_t *at = flags.begin();
  while (at != flags.end()) {
    const uint8_t *begin = std::find(at, flags.end(), 1);
    if (begin == flags.end())
      return;
    const uint8_t *end = std::find(begin, flags.end(), 0);
    auto first = static_cast<int64_t>((offset + (begin - flags.begin())) / elementBytes);
    auto last = static_cast<int64_t>((offset + (end - flags.begin()) - 1) / elementBytes);
    if (!ranges.empty() && ranges.back().end >= first)
      ranges.back().end = last + 1;
    else
      ranges.push_back({first, last + 1});
    at = end;
  }
}

llvm::Expected<std::vector<ElementRange>> Execution::writtenRanges(llvm::StringRef name,
                                                                   unsigned elementBytes) const {
  const Device::Buffer &buffer = *buffers.find(name)->second;
  constexpr uint64_t pieceBytes = uint64_t{1} << 20;
  std::vector<uint8_t> piece(std::min(pieceBytes, buffer.bytes()));
  std::vector<ElementRange> ranges;
  for (uint64_t offset = 0; offset < buffer.bytes(); offset += piece.size()) {
    uint64_t size = std::min<uint64_t>(piece.size(), buffer.bytes() - offset);
    auto flags = llvm::MutableArrayRef(piece).take_front(size);
    if (llvm::Error error = buffer.written(offset, flags))
      return error;
    addRanges(ranges, flags, offset, elementBytes);
  }
  return ranges;
}
