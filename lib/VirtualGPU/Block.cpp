//===- Block.cpp - Starting a block and choosing its warps ----------------===//

#include "Block.h"

#include "Random.h"
#include "ThreadNames.h"

#include "llvm/Support/FormatVariadic.h"

using namespace poolc::vgpu;

Block::Block(const LaunchContext &launch) : launch(launch), program(*launch.program) {
  unsigned numWarps = (launch.numThreads + warpSize - 1) / warpSize;
  warps.resize(numWarps);
  // Handlers load and store whole vectors: aligned as the image is.
  constexpr size_t alignment = 64;
  size_t fileBytes = program.registerImage.size();
  registerFiles.resize(fileBytes * numWarps + alignment);
  auto *files = reinterpret_cast<uint8_t *>(
      (reinterpret_cast<uintptr_t>(registerFiles.data()) + alignment - 1) & ~(alignment - 1));
  sharedMemory.resize(sharedBase + launch.sharedBytes);
  shared = sharedMemory.data();
  size_t localPerWarp = size_t(program.localBytes) * warpSize;
  localMemory.resize(localPerWarp * numWarps);
  lastHit.resize(program.numSites);
  for (unsigned i = 0; i < numWarps; ++i) {
    warps[i].block = this;
    warps[i].index = i;
    warps[i].registers = files + i * fileBytes;
    warps[i].local = localMemory.data() + i * localPerWarp;
  }
  for (Barrier &barrier : barriers)
    barrier.arrived.resize(numWarps);
  if (launch.observe) {
    ownObserver = launch.observe(*this);
    observer = ownObserver.get();
  }
}

void Block::start(uint64_t index) {
  coordinates[0] = uint32_t(index % launch.grid[0]);
  coordinates[1] = uint32_t(index / launch.grid[0] % launch.grid[1]);
  coordinates[2] = uint32_t(index / launch.grid[0] / launch.grid[1]);
  number = index;
  random = mix(launch.seed ^ mix(index));
  executed = {};
  hasFault = false;
  fault = {};
  fillPoison(llvm::MutableArrayRef(sharedMemory).drop_front(sharedBase));
  fillPoison(localMemory);
  runnable.clear();
  for (Warp &warp : warps) {
    startWarp(warp);
    runnable.push_back(warp.index);
  }
  for (unsigned id = 0; id < 16; ++id) {
    barriers[id].active = false;
    completeBarrier(id);
  }
  mbarriers.clear();
  asyncArrivals.clear();
  waitWatch = {};
  if (observer)
    observer->blockStarted();
}

void Block::startWarp(Warp &warp) {
  warp.live = lanesOf(warp);
  warp.merges.clear();
  warp.paths.assign(1, Path{0, warp.live, none});
  warp.asyncCopies.clear();
  warp.bulkStores.clear();
  warp.products = {};
  llvm::copy(program.registerImage, warp.registers);
  fillSpecials(warp);
}

Block::Status Block::run(uint64_t instructions) {
  uint64_t end = executed.warpInstructions + instructions;
  while (executed.warpInstructions < end) {
    if (runnable.empty()) {
      bool released = false;
      bool alive = false;
      for (Warp &warp : warps) {
        alive |= warp.live != 0;
        if (releaseMerges(warp, /*patience=*/0)) {
          released = true;
          runnable.push_back(warp.index);
        }
      }
      if (!alive) {
        finishBulkStores();
        return hasFault ? Status::faulted : Status::finished;
      }
      if (!released && !letWaitersGoOn()) {
        if (!hasFault)
          raiseDeadlock();
        return Status::faulted;
      }
    }
    // Any warp may be next, for a stretch of any length.
    size_t choice = nextRandom(random) % runnable.size();
    uint64_t quantum = 256 + nextRandom(random) % 4096;
    uint64_t given = quantum;
    Warp &warp = warps[runnable[choice]];
    Stop stop = runWarp(warp, quantum);
    executed.warpInstructions += given - quantum;
    if (stop == Stop::fault)
      return Status::faulted;
    if (stop != Stop::quantum) {
      auto it = llvm::find(runnable, warp.index);
      if (it != runnable.end()) {
        *it = runnable.back();
        runnable.pop_back();
      }
      // A barrier may have been completed by the last arrival, or by an exit.
      completeBarriers();
    }
    if (executed.warpInstructions > launch.instructionLimit) {
      const Op &op = program.ops[warp.paths.empty() ? 0 : warp.paths.front().pc];
      raise(warp, op, 0,
            "still running after " + llvm::Twine(launch.instructionLimit) +
                " warp-instructions of the block: an endless loop?");
      return Status::faulted;
    }
  }
  return Status::running;
}

Block::Stop Block::runWarp(Warp &warp, uint64_t &quantum) {
  while (quantum > 0) {
    auto *path =
        llvm::find_if(warp.paths, [](const Path &p) { return p.state == PathState::ready; });
    if (path == warp.paths.end())
      return warp.live ? Stop::waiting : Stop::exited;
    unsigned index = path - warp.paths.begin();
    if (observer)
      runPath<true>(warp, index, quantum);
    else
      runPath<false>(warp, index, quantum);
    if (hasFault)
      return Stop::fault;
  }
  // A path may wait for one that only looks around for it; all get their turn.
  if (warp.paths.size() > 1)
    std::rotate(warp.paths.begin(), warp.paths.begin() + 1, warp.paths.end());
  releaseMerges(warp, Warp::patience);
  return Stop::quantum;
}

std::string Block::fullName(const Warp &warp, unsigned lane) const {
  return llvm::formatv("kernel '{0}', block ({1}, {2}, {3}), thread {4}", program.kernel,
                       coordinates[0], coordinates[1], coordinates[2],
                       threadName(launch, warp.index * warpSize + lane));
}

std::string Block::sourceOf(const Op &op) const {
  if (op.location == none)
    return "";
  const syntax::SourceLocation &at = program.locations[op.location];
  for (const auto &[number, name] : program.sourceFiles)
    if (number == at.file)
      return llvm::formatv("{0}:{1}:{2}", name, at.line, at.column);
  return "";
}

void Block::raise(const Warp &warp, const Op &op, unsigned lane, const llvm::Twine &message,
                  std::optional<Sanitizer> sanitizer) {
  if (hasFault)
    return;
  hasFault = true;
  std::string source = sourceOf(op);
  if (!source.empty())
    source = " (from " + source + ")";
  fault.prefix = llvm::formatv("{0}:{1}: error: ", program.file, op.line);
  fault.message = llvm::formatv("{0}: {1}{2}", fullName(warp, lane), message.str(), source);
  fault.op = &op;
  fault.sanitizer = sanitizer;
}

bool Block::report(const Warp &warp, unsigned lane, const Finding &finding, Describe text) {
  if (observer && observer->take(warp, lane, finding, text))
    return true;
  raise(warp, finding.op, lane, text(), finding.sanitizer);
  return false;
}
