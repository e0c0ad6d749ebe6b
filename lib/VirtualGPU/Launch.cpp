//===- Launch.cpp - Running the blocks of a kernel ------------------------===//

#include "Launch.h"

#include "Block.h"
#include "Diagnostic.h"
#include "Metrics/Measurement.h"
#include "Random.h"
#include "Sanitizer.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <deque>
#include <numeric>

using namespace poolc::vgpu;

static constexpr uint64_t defaultInstructionLimit = uint64_t(1) << 32;

static llvm::Error checkBlock(const Program &program, const poolc::GPU &gpu,
                              const LaunchOptions &options) {
  auto fail = [&](const llvm::Twine &message) {
    return makeError(program.file, program.line, "kernel '" + program.kernel + "': " + message);
  };
  if (options.programmatic && !program.waitsForLaunchAhead)
    return fail("is launched before the one ahead of it ends, so it is to begin with "
                "griddepcontrol.wait, but does not");
  const int64_t *block = options.block, *grid = options.grid;
  for (unsigned i = 0; i < 3; ++i)
    if (block[i] < 1 || grid[i] < 1)
      return fail(llvm::formatv("expected a grid and a block of at least one, got {0}x{1}x{2} "
                                "blocks of {3}x{4}x{5} threads",
                                grid[0], grid[1], grid[2], block[0], block[1], block[2]));
  if (grid[0] > gpu.maxGridX || grid[1] > gpu.maxGridYZ || grid[2] > gpu.maxGridYZ)
    return fail(llvm::formatv("a grid of {0}x{1}x{2} blocks is larger than {3}x{4}x{4}", grid[0],
                              grid[1], grid[2], gpu.maxGridX, gpu.maxGridYZ));
  int64_t most = gpu.maxThreadsPerBlock;
  int64_t threads = 0;
  if (block[0] <= most && block[1] <= most && block[2] <= most)
    threads = block[0] * block[1] * block[2];
  if (threads == 0 || threads > most)
    return fail(llvm::formatv("a block of {0}x{1}x{2} threads is larger than {3} threads", block[0],
                              block[1], block[2], most));
  auto extent = [](const std::vector<uint64_t> &sizes, unsigned i) {
    return i < sizes.size() ? sizes[i] : 1;
  };
  if (!program.requiredBlock.empty())
    for (unsigned i = 0; i < 3; ++i)
      if (uint64_t(block[i]) != extent(program.requiredBlock, i))
        return fail(llvm::formatv("expected a block of {0}x{1}x{2} threads (.reqntid), got "
                                  "{3}x{4}x{5}",
                                  extent(program.requiredBlock, 0),
                                  extent(program.requiredBlock, 1),
                                  extent(program.requiredBlock, 2), block[0], block[1], block[2]));
  if (!program.maximumBlock.empty()) {
    uint64_t allowed = 1;
    for (unsigned i = 0; i < 3; ++i)
      allowed *= std::min<uint64_t>(extent(program.maximumBlock, i), most);
    if (uint64_t(threads) > allowed)
      return fail(llvm::formatv("expected at most {0} threads in a block (.maxntid), got {1}",
                                allowed, threads));
  }
  uint64_t dynamic = options.dynamicSharedBytes;
  if (dynamic > gpu.maxSharedBytesPerBlock ||
      program.sharedBytes + dynamic > gpu.maxSharedBytesPerBlock)
    return fail(llvm::formatv("{0} bytes of static and {1} of dynamic shared memory are more than "
                              "the {2} of a block",
                              program.sharedBytes, dynamic, gpu.maxSharedBytesPerBlock));
  return llvm::Error::success();
}

static llvm::Error bindArguments(const Program &program, const LaunchOptions &options,
                                 std::vector<uint8_t> &parameters) {
  auto fail = [&](const llvm::Twine &message) {
    return makeError(program.file, program.line, "kernel '" + program.kernel + "': " + message);
  };
  if (options.arguments.size() != program.parameters.size())
    return fail(llvm::formatv("expected {0} arguments, got {1}", program.parameters.size(),
                              options.arguments.size()));
  parameters.assign(program.parameterBytes, 0);
  for (auto [parameter, argument] : llvm::zip(program.parameters, options.arguments)) {
    if (argument.size() != parameter.bytes)
      return fail(llvm::formatv("parameter '{0}' has {1} bytes, got {2}", parameter.name,
                                parameter.bytes, argument.size()));
    std::copy(argument.begin(), argument.end(), parameters.begin() + parameter.offset);
  }
  return llvm::Error::success();
}

namespace {

/// Hands out the blocks and collects what became of them.
class Grid {
public:
  /// With `reports`, faults go there.
  Grid(const LaunchContext &launch, const BlockSelection &selection, Reports *reports)
      : launch(launch), selection(selection), reports(reports), numBlocks(selection.size()) {}

  /// Runs blocks until none is left; called by each worker.
  void work();

  llvm::Expected<LaunchResult> takeResult();
  uint64_t size() const { return numBlocks; }

private:
  /// A block and its place in the order.
  struct Running {
    std::unique_ptr<Block> block;
    uint64_t place;
  };

  uint64_t blockAt(uint64_t place) const;
  std::optional<uint64_t> next();
  void finish(const Running &running, Block::Status status);

  const LaunchContext &launch;
  const BlockSelection &selection;
  Reports *const reports;
  const uint64_t numBlocks;
  std::atomic<uint64_t> nextPlace = 0;
  std::atomic<uint64_t> firstFault = ~uint64_t(0);
  std::mutex lock;
  Block::Fault fault;
  LaunchResult result;
};

} // namespace

/// The order of blocks: shuffled within windows, so that neighbours still run at
/// about the same time, as on a GPU.
uint64_t Grid::blockAt(uint64_t place) const {
  constexpr uint64_t window = 64;
  uint64_t start = place / window * window;
  if (start + window > numBlocks)
    return selection.block(place);
  // An odd factor and an offset permute the numbers below a power of two.
  uint64_t key = mix(launch.seed ^ mix(start));
  return selection.block(start + ((place - start) * (key | 1) + (key >> 32)) % window);
}

std::optional<uint64_t> Grid::next() {
  uint64_t place = nextPlace.fetch_add(1, std::memory_order_relaxed);
  if (place >= numBlocks || place > firstFault.load(std::memory_order_relaxed))
    return std::nullopt;
  return place;
}

void Grid::finish(const Running &running, Block::Status status) {
  if (running.block->observer && status == Block::Status::finished)
    running.block->observer->blockFinished();
  std::lock_guard<std::mutex> guard(lock);
  const BlockCounts &counts = running.block->counts();
  ++result.blocks;
  result.warpInstructions += counts.warpInstructions;
  result.threadInstructions += counts.threadInstructions;
  if (status == Block::Status::faulted && running.place < firstFault) {
    firstFault = running.place;
    fault = running.block->faultFound();
  }
}

void Grid::work() {
  // A block that runs for long may wait for one that has not started: others
  // get their turn then.
  constexpr uint64_t turn = uint64_t(1) << 22;
  constexpr size_t maxWaiting = 64;
  std::deque<Running> waiting;
  std::vector<std::unique_ptr<Block>> spare;
  bool more = true;
  while (true) {
    std::optional<uint64_t> place;
    if (more && waiting.size() < maxWaiting)
      place = next();
    more &= place.has_value() || waiting.size() >= maxWaiting;
    Running running;
    if (place) {
      if (spare.empty())
        spare.push_back(std::make_unique<Block>(launch));
      running = {std::move(spare.back()), *place};
      spare.pop_back();
      running.block->start(blockAt(*place));
    } else if (!waiting.empty()) {
      running = std::move(waiting.front());
      waiting.pop_front();
    } else {
      return;
    }
    // A block that comes after a fault changes nothing any more.
    if (running.place > firstFault)
      continue;
    Block::Status status = running.block->run(turn);
    if (status == Block::Status::running) {
      waiting.push_back(std::move(running));
      continue;
    }
    finish(running, status);
    spare.push_back(std::move(running.block));
  }
}

llvm::Expected<LaunchResult> Grid::takeResult() {
  if (firstFault != ~uint64_t(0) && !reports)
    return llvm::createStringError(fault.prefix + fault.message);
  if (reports) {
    if (firstFault != ~uint64_t(0))
      reports->addFault(fault);
    result.reports = reports->take();
  }
  return result;
}

llvm::Expected<LaunchResult> poolc::vgpu::runKernel(const Program &program, const GPU &gpu,
                                                    GlobalMemory &memory,
                                                    llvm::ThreadPoolInterface &pool,
                                                    const LaunchOptions &options) {
  if (llvm::Error error = checkBlock(program, gpu, options))
    return std::move(error);
  LaunchContext launch;
  if (llvm::Error error = bindArguments(program, options, launch.parameters))
    return std::move(error);
  launch.program = &program;
  launch.memory = &memory;
  launch.gpu = &gpu;
  for (unsigned i = 0; i < 3; ++i) {
    launch.grid[i] = uint64_t(options.grid[i]);
    launch.block[i] = uint32_t(options.block[i]);
  }
  launch.numThreads = launch.block[0] * launch.block[1] * launch.block[2];
  launch.dynamicSharedBytes = uint32_t(options.dynamicSharedBytes);
  launch.sharedBytes = program.sharedBytes + launch.dynamicSharedBytes;
  launch.instructionLimit =
      options.instructionLimit ? options.instructionLimit : defaultInstructionLimit;
  launch.seed = mix(options.seed);
  launch.tensor = tensorArithmeticOf(gpu.chip);
  launch.countsWaits = options.metrics;

  std::optional<Reports> reports;
  if (!options.sanitizers.empty()) {
    reports.emplace(options.sanitizers);
    launch.observe = [&](Block &block) { return createSanitizer(block, *reports); };
  }
  llvm::Expected<Measurement> measurement = Measurement::prepare(launch, options);
  if (!measurement)
    return measurement.takeError();

  Grid grid(launch, measurement->selection(), reports ? &*reports : nullptr);
  uint64_t workers = std::min<uint64_t>(pool.getMaxConcurrency(), grid.size());
  if (options.threads)
    workers = std::min<uint64_t>(workers, options.threads);
  if (workers <= 1) {
    grid.work();
  } else {
    llvm::ThreadPoolTaskGroup group(pool);
    for (uint64_t i = 0; i < workers; ++i)
      group.async([&] { grid.work(); });
    group.wait();
  }
  llvm::Expected<LaunchResult> result = grid.takeResult();
  if (result)
    result->metrics = measurement->finish();
  return result;
}
