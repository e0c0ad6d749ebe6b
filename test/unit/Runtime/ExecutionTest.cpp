#include "poolc/Runtime/Execution.h"

#include "llvm/ADT/StringExtras.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstring>

using namespace poolc;
using testing::ElementsAre;

namespace {

/// A device that keeps buffers on the host and writes down its launches.
class RecordingDevice final : public Device {
public:
  /// Added to every address, to make one that is not aligned.
  uint64_t shift = 0;
  std::vector<vgpu::LaunchOptions> launches;
  std::vector<vgpu::BufferOptions> allocations;

  struct HostBuffer final : Buffer {
    uint64_t start = 0;
    std::vector<uint8_t> contents;
    uint64_t address() const override { return start; }
    uint64_t bytes() const override { return contents.size(); }
    llvm::Error write(uint64_t offset, llvm::ArrayRef<uint8_t> bytes) override {
      std::memcpy(contents.data() + offset, bytes.data(), bytes.size());
      return llvm::Error::success();
    }
    llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> bytes) const override {
      std::memcpy(bytes.data(), contents.data() + offset, bytes.size());
      return llvm::Error::success();
    }
  };

  std::string description() const override { return "recording"; }
  llvm::Expected<std::unique_ptr<Buffer>> allocate(vgpu::BufferOptions options) override {
    auto buffer = std::make_unique<HostBuffer>();
    buffer->start = 0x1000 * (allocations.size() + 1) + shift;
    buffer->contents.assign(options.bytes, 0xff);
    // In odd pieces, as a device with pages may ask for them.
    for (uint64_t at = 0; options.contents && at < options.bytes; at += 3)
      options.contents(at, llvm::MutableArrayRef(buffer->contents)
                               .slice(at, std::min<uint64_t>(3, options.bytes - at)));
    allocations.push_back(std::move(options));
    return buffer;
  }
  llvm::Expected<std::unique_ptr<Program>> load(llvm::StringRef, llvm::StringRef) override {
    return std::make_unique<Program>();
  }
  llvm::Expected<vgpu::LaunchResult> launch(Program &,
                                            const vgpu::LaunchOptions &options) override {
    launches.push_back(options);
    return vgpu::LaunchResult();
  }
  llvm::Error synchronize() override { return llvm::Error::success(); }
  const GPU *gpu() const override { return nullptr; }
  llvm::Expected<double> time(llvm::function_ref<llvm::Error()> work) override {
    llvm::cantFail(work());
    return 0.5;
  }
};

/// A plan of one launch with these arguments.
struct PlannedRun {
  RecordingDevice device;
  Device::Program program;
  Plan plan;
  PlanSizes sizes;
  std::vector<Input> inputs;
  ExecutionOptions options;

  explicit PlannedRun(llvm::StringRef arguments, llvm::StringRef xType = "f32") {
    std::string text = R"json({"schema": 1,
      "dims": {"N": {"argument": 0, "axis": 0}},
      "arguments": [
        {"name": "x", "role": "input", "dtype": "TYPE", "shape": ["N"], "alignment": 16},
        {"name": "y", "role": "output", "dtype": "f16", "shape": ["N"]},
        {"name": "z", "role": "inout", "dtype": "f32", "shape": [2]}],
      "temporaries": [{"name": "t", "dtype": "f32", "shape": [3], "init": "zero"},
                      {"name": "u", "dtype": "f32", "shape": [3]}],
      "launches": [{"kernel": "k", "grid": ["N", 2, 3], "block": [32],
                    "dynamic_shared_bytes": 64, "arguments": [ARGUMENTS]}]})json";
    text.replace(text.find("TYPE"), 4, xType.str());
    text.replace(text.find("ARGUMENTS"), 9, arguments.str());
    plan = llvm::cantFail(Plan::parse(text));
    std::vector<std::optional<Shape>> shapes = {Shape{4}, std::nullopt};
    sizes =
        llvm::cantFail(computeSizes(plan, shapes, llvm::cantFail(bindDims(plan, shapes, Dims()))));
    inputs.resize(2);
    for (Input &input : inputs)
      input.spec.contents = Contents::range;
  }

  llvm::Expected<Execution> prepare() {
    return Execution::prepare(device, program, plan, sizes, inputs, options);
  }
  std::string error() {
    llvm::Expected<Execution> execution = prepare();
    return execution ? "" : llvm::toString(execution.takeError());
  }
};

std::vector<float> floats(llvm::ArrayRef<uint8_t> bytes) {
  std::vector<float> result(bytes.size() / sizeof(float));
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

std::vector<float> readFloats(const Execution &execution, llvm::StringRef buffer) {
  auto bytes = llvm::cantFail(execution.read(buffer));
  return floats(llvm::arrayRefFromStringRef(
      llvm::StringRef(bytes->getBufferStart(), bytes->getBufferSize())));
}

} // namespace

TEST(Execution, LaunchesAsPlanned) {
  PlannedRun run(R"({"buffer": "x"}, {"buffer": "t", "offset_bytes": "N*2"}, {"null": true})");
  run.options.seed = 7;
  run.options.instructionLimit = 9;
  Execution execution = llvm::cantFail(run.prepare());
  llvm::cantFail(execution.run());
  ASSERT_EQ(run.device.launches.size(), 1u);
  const vgpu::LaunchOptions &launch = run.device.launches[0];
  EXPECT_EQ(launch.kernel, "k");
  EXPECT_THAT(launch.grid, ElementsAre(4, 2, 3));
  EXPECT_THAT(launch.block, ElementsAre(32, 1, 1));
  EXPECT_EQ(launch.dynamicSharedBytes, 64u);
  EXPECT_EQ(launch.seed, 7u);
  EXPECT_EQ(launch.instructionLimit, 9u);
  EXPECT_THAT(launch.arguments[0], ElementsAre(0, 0x10, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(launch.arguments[1], ElementsAre(8, 0x40, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(launch.arguments[2], ElementsAre(0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(Execution, EncodesScalars) {
  PlannedRun run(R"({"scalar": "i8", "value": "N - 5"}, {"scalar": "u16", "value": 65534},
             {"scalar": "i64", "value": "9007199254740993"}, {"scalar": "f32", "value": 0.5},
             {"scalar": "f64", "value": "N"}, {"scalar": "bf16", "value": 1},
             {"bytes": "0102FF", "align": 1})");
  Execution execution = llvm::cantFail(run.prepare());
  llvm::cantFail(execution.run());
  const auto &arguments = run.device.launches[0].arguments;
  EXPECT_THAT(arguments[0], ElementsAre(0xff));
  EXPECT_THAT(arguments[1], ElementsAre(0xfe, 0xff));
  EXPECT_THAT(arguments[2], ElementsAre(1, 0, 0, 0, 0, 0, 0x20, 0));
  EXPECT_THAT(arguments[3], ElementsAre(0, 0, 0, 0x3f));
  EXPECT_THAT(arguments[4], ElementsAre(0, 0, 0, 0, 0, 0, 0x10, 0x40));
  EXPECT_THAT(arguments[5], ElementsAre(0x80, 0x3f));
  EXPECT_THAT(arguments[6], ElementsAre(1, 2, 0xff));
}

TEST(Execution, FillsBuffers) {
  PlannedRun run("");
  Execution execution = llvm::cantFail(run.prepare());
  EXPECT_THAT(readFloats(execution, "x"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(readFloats(execution, "z"), ElementsAre(0, 1));
  EXPECT_THAT(readFloats(execution, "t"), ElementsAre(0, 0, 0));
  const auto &allocations = run.device.allocations;
  ASSERT_EQ(allocations.size(), 5u);
  EXPECT_EQ(allocations[0].alignment, 16u);
  EXPECT_TRUE(allocations[0].readOnly);
  // An output and a temporary without a first value are left to the device.
  EXPECT_FALSE(allocations[1].contents);
  EXPECT_FALSE(allocations[4].contents);
  EXPECT_FALSE(allocations[1].readOnly);
  EXPECT_FALSE(allocations[2].readOnly);
}

static NpyArray arrayOf(DataType type, std::vector<double> values) {
  NpyArray array;
  array.type = type;
  array.shape = {static_cast<int64_t>(values.size())};
  array.reordered.resize(values.size() * sizeInBytes(type));
  for (size_t i = 0; i != values.size(); ++i)
    storeElement(type, values[i], array.reordered.data() + i * sizeInBytes(type));
  array.data = array.reordered;
  return array;
}

TEST(Execution, FillsBuffersFromFiles) {
  for (DataType type : {DataType::f32, DataType::f64, DataType::bf16, DataType::f16}) {
    PlannedRun run("");
    run.inputs[0].array = arrayOf(type, {1, -2, 0.5, 4});
    Execution execution = llvm::cantFail(run.prepare());
    EXPECT_THAT(readFloats(execution, "x"), ElementsAre(1, -2, 0.5, 4));
  }
}

TEST(Execution, ReadsInPieces) {
  PlannedRun run("");
  Execution execution = llvm::cantFail(run.prepare());
  std::vector<float> all;
  llvm::cantFail(execution.readInPieces("x", [&](llvm::ArrayRef<uint8_t> bytes) {
    for (float value : floats(bytes))
      all.push_back(value);
  }));
  EXPECT_THAT(all, ElementsAre(0, 1, 2, 3));
}

TEST(Execution, TimesAllLaunches) {
  PlannedRun run(R"({"buffer": "x"})");
  Execution execution = llvm::cantFail(run.prepare());
  EXPECT_EQ(llvm::cantFail(execution.time()), 0.5);
  EXPECT_EQ(run.device.launches.size(), 1u);
}

TEST(Execution, Errors) {
  auto errorOf = [](llvm::StringRef arguments) { return PlannedRun(arguments).error(); };
  EXPECT_EQ(errorOf(R"json({"scalar": "u8", "value": "N - 5"})json"),
            "argument 0 of 'k': expected a value of type u8, got -1");
  EXPECT_EQ(errorOf(R"json({"null": true}, {"scalar": "i32", "value": "N / (N - 4)"})json"),
            "argument 1 of 'k': division by zero in 'N/(N - 4)'");
  EXPECT_EQ(errorOf(R"json({"buffer": "t", "offset_bytes": "N*4"})json"),
            "argument 0 of 'k': expected an offset within the 12 bytes of 't', got 16");
  EXPECT_EQ(errorOf(R"json({"buffer": "t", "offset_bytes": "3 - N"})json"),
            "argument 0 of 'k': expected an offset within the 12 bytes of 't', got -1");
  PlannedRun shifted("");
  shifted.device.shift = 8;
  EXPECT_EQ(shifted.error(),
            "buffer 'x': expected an address that is a multiple of 16, got 0x1008");
}

TEST(FitOf, Types) {
  EXPECT_EQ(fitOf(DataType::f32, DataType::f32), InputFit::same);
  EXPECT_EQ(fitOf(DataType::u16, DataType::bf16), InputFit::same);
  EXPECT_EQ(fitOf(DataType::f64, DataType::f16), InputFit::converted);
  EXPECT_EQ(fitOf(DataType::u16, DataType::f16), InputFit::impossible);
  EXPECT_EQ(fitOf(DataType::i32, DataType::f32), InputFit::impossible);
  EXPECT_EQ(fitOf(DataType::f32, DataType::i32), InputFit::impossible);
}
