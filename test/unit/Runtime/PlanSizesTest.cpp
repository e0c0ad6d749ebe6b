#include "poolc/Runtime/PlanSizes.h"

#include "poolc/Support/UsageError.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace poolc;
using testing::ElementsAre;

static Plan plan() {
  return llvm::cantFail(Plan::parse(R"json({
    "schema": 1,
    "dims": {"L": {"argument": 0, "axis": 1, "min": 2, "max": 1000},
             "N": {"argument": 0, "axis": 0}},
    "guards": ["L % 2 == 0"],
    "arguments": [
      {"name": "x", "role": "input", "dtype": "f32", "shape": ["N", "L"]},
      {"name": "y", "role": "output", "dtype": "f16", "shape": ["N", "L / 2 - 3"]},
      {"name": "z", "role": "inout", "dtype": "u8", "shape": ["N + 1"]}],
    "temporaries": [{"name": "t", "dtype": "f64", "shape": [3]}],
    "launches": [
      {"kernel": "a", "grid": ["N"], "block": [32], "arguments": []},
      {"kernel": "b", "grid": [2, "L"], "block": ["L", 2], "dynamic_shared_bytes": "4*L",
       "when": "L > 10", "arguments": []}]})json"));
}

using Shapes = std::vector<std::optional<Shape>>;

static llvm::Expected<PlanSizes> sizes(const Plan &plan, const Shapes &shapes, const Dims &given) {
  llvm::Expected<Dims> dims = bindDims(plan, shapes, given);
  if (!dims)
    return dims.takeError();
  return computeSizes(plan, shapes, std::move(*dims));
}

static std::string errorOf(const Shapes &shapes, const Dims &given) {
  llvm::Expected<PlanSizes> result = sizes(plan(), shapes, given);
  return result ? "" : llvm::toString(result.takeError());
}

TEST(PlanSizes, FromTheShapes) {
  Plan p = plan();
  PlanSizes result = llvm::cantFail(sizes(p, {Shape{2, 20}, std::nullopt}, {}));
  EXPECT_EQ(result.dims.lookup("L"), 20);
  EXPECT_THAT(result.arguments[1].shape, ElementsAre(2, 7));
  EXPECT_EQ(result.arguments[1].elements, 14);
  EXPECT_EQ(result.arguments[1].bytes, 28u);
  EXPECT_THAT(result.arguments[2].shape, ElementsAre(3));
  EXPECT_EQ(result.temporaries[0].bytes, 24u);
  ASSERT_EQ(result.launches.size(), 2u);
  EXPECT_THAT(result.launches[1].grid, ElementsAre(2, 20, 1));
  EXPECT_THAT(result.launches[1].block, ElementsAre(20, 2, 1));
  EXPECT_EQ(result.launches[1].dynamicSharedBytes, 80u);
}

TEST(PlanSizes, FromTheCommandLine) {
  Plan p = plan();
  PlanSizes result = llvm::cantFail(sizes(p, {std::nullopt, std::nullopt}, {{"N", 1}, {"L", 8}}));
  EXPECT_THAT(result.arguments[0].shape, ElementsAre(1, 8));
  // `when` does not hold for the second.
  ASSERT_EQ(result.launches.size(), 1u);
  EXPECT_EQ(result.launches[0].launch->kernel, "a");
}

TEST(PlanSizes, NoBlocksNoLaunch) {
  Plan p = plan();
  EXPECT_TRUE(llvm::cantFail(sizes(p, {Shape{0, 8}}, {})).launches.empty());
}

TEST(PlanSizes, Inputs) {
  EXPECT_THAT(inputIndices(plan()), ElementsAre(0, 2));
  EXPECT_THAT(resultIndices(plan()), ElementsAre(1, 2));
}

TEST(PlanSizes, Errors) {
  EXPECT_EQ(errorOf({std::nullopt}, {{"N", 1}}),
            "expected the size of dimension 'L', found none: give it with --dim=L=<size>, or a "
            "shape to 'x'");
  EXPECT_EQ(errorOf({std::nullopt}, {{"M", 1}}), "expected one of the dimensions L, N, got 'M'");
  EXPECT_EQ(errorOf({Shape{2, 20}}, {{"N", 1}}),
            "expected dimension 'N' = 1, got 2 from the shape of 'x'");
  EXPECT_EQ(errorOf({Shape{2}}, {}), "input 'x': expected shape NxL, got 2");
  EXPECT_EQ(errorOf({Shape{2, 20}, Shape{4}}, {}), "input 'z': expected shape N + 1, got 4");
  EXPECT_EQ(errorOf({Shape{2, 1}}, {}), "dimension 'L': expected at least 2, got 1");
  EXPECT_EQ(errorOf({Shape{2, 1002}}, {}), "dimension 'L': expected at most 1000, got 1002");
  EXPECT_EQ(errorOf({std::nullopt}, {{"N", -1}, {"L", 2}}),
            "dimension 'N': expected at least 0, got -1");
  EXPECT_EQ(errorOf({Shape{2, 21}}, {}), "expected sizes for which 'L%2 == 0' holds, got others");
  EXPECT_EQ(errorOf({Shape{2, 4}}, {}), "shape of 'y': expected at least 0, got -1");
  EXPECT_EQ(errorOf({Shape{int64_t{1} << 60, 1000}}, {}),
            "shape of 'x': expected less than 2^63 bytes, got 1152921504606846976x1000 elements");
}

TEST(PlanSizes, MissingDimsAreWrongUsage) {
  llvm::Expected<Dims> dims = bindDims(plan(), {std::nullopt}, {});
  ASSERT_FALSE(!!dims);
  llvm::Error error = dims.takeError();
  EXPECT_TRUE(error.isA<UsageError>());
  llvm::consumeError(std::move(error));
}

TEST(PlanSizes, DescribesTensors) {
  EXPECT_EQ(describeTensor(DataType::f32, {4, 64}), "f32[4x64]");
  EXPECT_EQ(describeTensor(DataType::bf16, {}), "bf16[]");
}
