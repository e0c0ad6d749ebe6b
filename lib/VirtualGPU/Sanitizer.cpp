//===- Sanitizer.cpp - Watching a block for faults ------------------------===//

#include "Sanitizer.h"

#include "InitCheck.h"
#include "ProductCheck.h"
#include "RaceCheck.h"
#include "SyncCheck.h"

using namespace poolc::vgpu;

namespace {

class BlockSanitizer final : public Observer {
public:
  BlockSanitizer(Block &block, Reports &reports)
      : reports(reports), sanitizers(reports.sanitizers()) {
    if (sanitizers.contains(Sanitizer::init))
      init.emplace(block, reports);
    if (sanitizers.contains(Sanitizer::race))
      race.emplace(block, reports);
    if (sanitizers.contains(Sanitizer::sync))
      sync.emplace(block, reports);
    if (sanitizers.contains(Sanitizer::sync) && ProductCheck::isNeeded(block.program))
      products.emplace(block, reports);
  }

  void blockStarted() override {
    if (init)
      init->startBlock();
    if (race)
      race->startBlock();
    if (sync)
      sync->startBlock();
    if (products)
      products->startBlock();
  }
  void instruction(const Warp &warp, const Op &op, uint32_t, uint32_t mask) override {
    if (race)
      race->instruction(warp, op, mask);
    if (sync)
      sync->instruction(warp, op, mask);
    if (products)
      products->instruction(warp, op, mask);
  }
  void access(const Warp &warp, const MemoryAccess &access) override {
    if (init)
      init->access(warp, access);
    if (race)
      race->access(warp, access);
  }
  void barrierCompleted(unsigned barrier) override {
    if (race)
      race->barrierCompleted(barrier);
    if (sync)
      sync->barrierCompleted(barrier);
  }
  void met(const Warp &warp, const Op &op, uint32_t members, uint32_t lanes) override {
    if (race)
      race->met(warp, lanes);
    if (sync)
      sync->met(warp, op, members, lanes);
  }
  void copyLanded(const Warp &warp, const Op &op, unsigned lane, const uint8_t *to, unsigned bytes,
                  std::optional<uint32_t> object) override {
    if (init)
      init->copyLanded(to, bytes);
    if (race)
      race->copyLanded(warp, op, lane, to, bytes, object);
  }
  void storeMade(const Warp &warp, const BulkStore &store) override {
    if (race)
      race->storeMade(warp, store);
  }
  void trackedCopiesWaitedFor(const Warp &warp, unsigned lane, uint32_t agents) override {
    if (race)
      race->trackedCopiesWaitedFor(warp, lane, agents);
  }
  void arrived(const Warp &warp, const Op &op, unsigned lane, const Phase &phase) override {
    if (race)
      race->arrived(warp, op, lane, phase);
  }
  void phaseCompleted(const Phase &phase) override {
    if (race)
      race->phaseCompleted(phase);
  }
  void waited(const Warp &warp, const Op &op, unsigned lane, const Phase *phase) override {
    if (race && phase)
      race->waited(warp, op, lane, *phase);
  }
  void shareProducts(const Warp &warp, uint64_t group) override {
    if (race)
      race->shareProducts(warp, group);
  }
  void learnOfProducts(const Warp &warp, uint64_t group) override {
    if (race)
      race->learnOfProducts(warp, group);
  }
  bool take(const Warp &warp, unsigned lane, const Finding &finding, Describe text) override {
    if (!sanitizers.contains(finding.sanitizer))
      return false;
    reports.add(warp, lane, finding, text);
    return true;
  }

private:
  Reports &reports;
  const Sanitizers sanitizers;
  std::optional<InitCheck> init;
  std::optional<RaceCheck> race;
  std::optional<SyncCheck> sync;
  std::optional<ProductCheck> products;
};

} // namespace

std::unique_ptr<Observer> poolc::vgpu::createSanitizer(Block &block, Reports &reports) {
  return std::make_unique<BlockSanitizer>(block, reports);
}
