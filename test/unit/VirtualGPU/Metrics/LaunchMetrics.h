//===- LaunchMetrics.h - Measuring small kernels ----------------*- C++ -*-===//
#ifndef POOLC_TEST_UNIT_VIRTUALGPU_METRICS_LAUNCHMETRICS_H
#define POOLC_TEST_UNIT_VIRTUALGPU_METRICS_LAUNCHMETRICS_H

#include "poolc/VirtualGPU/VirtualGPU.h"

#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <cstring>

namespace poolc::vgpu::test {

/// A GPU of the table with two SMs.
inline GPU smallGPU(llvm::StringRef name = "rtx4090") {
  GPU gpu = *lookupGPU(name);
  gpu.numSMs = 2;
  return gpu;
}

class LaunchMetricsTest : public testing::Test {
protected:
  explicit LaunchMetricsTest(const GPU &gpu = smallGPU()) : gpu(gpu) {}

  /// A zeroed buffer.
  uint64_t allocate(uint64_t bytes, const char *name) {
    BufferOptions options;
    options.name = name;
    options.bytes = bytes;
    options.contents = [](uint64_t, llvm::MutableArrayRef<uint8_t> out) { llvm::fill(out, 0); };
    llvm::Expected<uint64_t> address = gpu.allocate(std::move(options));
    EXPECT_TRUE(bool(address)) << llvm::toString(address.takeError());
    return address ? *address : 0;
  }

  /// Runs a kernel k(in, out) whose `body` finds the arguments in %rd1 and %rd2, the
  /// thread in %r1 and the block in %r2: seven instructions.
  LaunchMetrics measure(const std::string &body, int64_t threads = 32, int64_t blocks = 1) {
    std::string ptx = ".version 7.8\n.target sm_89\n.address_size 64\n"
                      ".shared .align 16 .b8 buffer[8192];\n"
                      ".visible .entry k(.param .u64 in, .param .u64 out) {\n"
                      ".reg .b32 %r<32>; .reg .b64 %rd<16>; .reg .pred %p<4>; .reg .f32 %f<32>;\n"
                      ".local .align 16 .b8 array[64];\n"
                      "ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];\n"
                      "mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x;\n"
                      "mad.lo.u32 %r4, %r2, %r3, %r1; mov.u32 %r5, buffer;\n" +
                      body + "\nret; }";
    options.kernel = "k";
    options.grid[0] = blocks;
    options.block[0] = threads;
    options.metrics = true;
    options.arguments.clear();
    for (uint64_t address : {in, out}) {
      options.arguments.emplace_back(sizeof(address));
      std::memcpy(options.arguments.back().data(), &address, sizeof(address));
    }
    llvm::Expected<std::shared_ptr<const Module>> module = gpu.load(ptx, "test.ptx");
    if (!module) {
      ADD_FAILURE() << llvm::toString(module.takeError());
      return {};
    }
    llvm::Expected<LaunchResult> result = gpu.launch(**module, options);
    if (!result) {
      ADD_FAILURE() << llvm::toString(result.takeError());
      return {};
    }
    if (!result->metrics) {
      ADD_FAILURE() << "no metrics";
      return {};
    }
    return *result->metrics;
  }

  VirtualGPU gpu;
  LaunchOptions options;
  uint64_t in = allocate(1 << 20, "in"), out = allocate(1 << 20, "out");
};

} // namespace poolc::vgpu::test

#endif // POOLC_TEST_UNIT_VIRTUALGPU_METRICS_LAUNCHMETRICS_H
