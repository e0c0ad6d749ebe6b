//===- Plan.cpp - Any text as a launch plan, sized and run ----------------===//

#include "poolc/Runtime/Execution.h"

#include <cstdlib>

using namespace poolc;

/// Kernels that take what plans of the seeds pass; plans may pass anything.
static constexpr llvm::StringLiteral kernels = R"(
.version 7.8
.target sm_89
.address_size 64
.visible .entry copy(.param .u64 x, .param .u64 y, .param .u32 n) {
  .reg .pred %p; .reg .b32 %r<5>; .reg .b64 %rd<6>; .reg .f32 %f;
  ld.param.u64 %rd0, [x];
  ld.param.u64 %rd1, [y];
  ld.param.u32 %r0, [n];
  mov.u32 %r1, %tid.x;
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mad.lo.s32 %r4, %r2, %r3, %r1;
  setp.ge.u32 %p, %r4, %r0;
  @%p ret;
  mul.wide.u32 %rd2, %r4, 4;
  add.u64 %rd3, %rd0, %rd2;
  add.u64 %rd4, %rd1, %rd2;
  ld.global.f32 %f, [%rd3];
  st.global.f32 [%rd4], %f;
  ret;
}
.visible .entry empty() { ret; }
.visible .entry one(.param .u64 x) { ret; }
)";

namespace {

/// A virtual GPU that takes nothing large: plans may ask for a terabyte.
class SmallDevice final : public Device {
public:
  std::string description() const override { return device->description(); }
  llvm::Expected<std::unique_ptr<Buffer>> allocate(vgpu::BufferOptions options) override {
    if (options.bytes > 1 << 20)
      return llvm::createStringError("too large");
    return device->allocate(std::move(options));
  }
  llvm::Expected<std::unique_ptr<Program>> load(llvm::StringRef ptx,
                                                llvm::StringRef name) override {
    return device->load(ptx, name);
  }
  llvm::Expected<vgpu::LaunchResult> launch(Program &program,
                                            const vgpu::LaunchOptions &options) override {
    vgpu::LaunchOptions single = options;
    single.threads = 1;
    for (int64_t extent : options.grid)
      if (extent > 16)
        return llvm::createStringError("too large");
    return device->launch(program, single);
  }
  llvm::Error synchronize() override { return device->synchronize(); }
  const GPU *gpu() const override { return device->gpu(); }
  llvm::Expected<double> time(llvm::function_ref<llvm::Error()> work) override {
    return device->time(work);
  }

private:
  std::unique_ptr<Device> device = createVirtualDevice(defaultGPU());
};

} // namespace

/// What `poolc-run` does with a plan; small sizes for its dimensions.
static llvm::Error runPlan(const Plan &plan) {
  Dims given;
  for (const auto &[name, dim] : plan.dims)
    given[name] = std::max<int64_t>(dim.min.value_or(0), int64_t(given.size()) + 2);
  std::vector<std::optional<Shape>> shapes(inputIndices(plan).size());
  llvm::Expected<Dims> dims = bindDims(plan, shapes, given);
  if (!dims)
    return dims.takeError();
  llvm::Expected<PlanSizes> sizes = computeSizes(plan, shapes, std::move(*dims));
  if (!sizes)
    return sizes.takeError();

  SmallDevice device;
  std::unique_ptr<Device::Program> program = llvm::cantFail(device.load(kernels, "kernels.ptx"));
  std::vector<Input> inputs(shapes.size());
  ExecutionOptions options;
  options.instructionLimit = 5000;
  llvm::Expected<Execution> execution =
      Execution::prepare(device, *program, plan, *sizes, inputs, options);
  if (!execution)
    return execution.takeError();
  if (llvm::Error error = execution->run())
    return error;
  for (size_t index : resultIndices(plan))
    if (llvm::Error error =
            execution->readInPieces(plan.arguments[index].name, [](llvm::ArrayRef<uint8_t>) {}))
      return error;
  return llvm::Error::success();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<std::optional<Plan>> embedded = Plan::fromPTX(text);
  if (!embedded)
    llvm::consumeError(embedded.takeError());

  llvm::Expected<Plan> plan = Plan::parse(text);
  if (!plan) {
    llvm::consumeError(plan.takeError());
    return 0;
  }
  // What was read can be written and read again.
  llvm::Expected<std::optional<Plan>> again = Plan::fromPTX(plan->toPTXComment());
  if (!again || !*again || (*again)->toJSON() != plan->toJSON())
    std::abort();
  llvm::consumeError(runPlan(*plan));
  return 0;
}
