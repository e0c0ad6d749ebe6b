//===- ProblemTest.cpp - nn ops as plain numbers --------------------------===//
//
// The C++ side of the nn ops, which no pass shows: the problems that they
// describe, on static and on given shapes, and their interfaces.
//
//===----------------------------------------------------------------------===//

#include "nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace poolc;
using namespace poolc::nn;
using testing::HasSubstr;

namespace {

class NNTest : public testing::Test {
protected:
  NNTest() {
    context.loadDialect<NNDialect, func::FuncDialect>();
    context.getDiagEngine().registerHandler(
        [&](Diagnostic &diagnostic) { messages += diagnostic.str() + "\n"; });
  }

  /// The first OpT of the module.
  template <typename OpT> OpT parse(StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    OpT found;
    if (module)
      module->walk([&](OpT op) { found = op; });
    EXPECT_TRUE(found) << messages;
    return found;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::string messages;
};

constexpr StringLiteral pool = R"(
  func.func @f(%x: tensor<2x3x8x9xf16>) {
    %y = nn.avg_pool2d %x kernel_size = [2, 3] stride = [4, 4] padding = [0, 1, 1, 2]
           ceil_mode = true count_include_pad = false divisor_override = 7
         : (tensor<2x3x8x9xf16>) -> tensor<2x3x2x3xf16>
    return
  })";

constexpr StringLiteral dynamicPool = R"(
  func.func @f(%x: tensor<?x3x?x9xf32>) {
    %y = nn.avg_pool2d %x kernel_size = [2, 3] : (tensor<?x3x?x9xf32>) -> tensor<?x3x?x3xf32>
    return
  })";

constexpr StringLiteral conv = R"(
  func.func @f(%x: tensor<5x6x20xf32>, %w: tensor<9x2x4xf32>, %b: tensor<9xf32>) {
    %y = nn.conv1d %x, %w, %b stride = 2 padding = [1, 3] dilation = 3 groups = 3 precision = tf32x3
         : (tensor<5x6x20xf32>, tensor<9x2x4xf32>, tensor<9xf32>) -> tensor<5x9x8xf32>
    return
  })";

constexpr StringLiteral dynamicConv = R"(
  func.func @f(%x: tensor<?x?xbf16>, %w: tensor<?x2x?xbf16>) {
    %y = nn.conv1d %x, %w : (tensor<?x?xbf16>, tensor<?x2x?xbf16>) -> tensor<?x?xbf16>
    return
  })";

TEST_F(NNTest, DescribesPooling) {
  FailureOr<AvgPool2dProblem> problem = parse<AvgPool2dOp>(pool).getProblem();
  ASSERT_TRUE(succeeded(problem));
  EXPECT_EQ(problem->type, DataType::f16);
  EXPECT_EQ(problem->planes, 6);
  EXPECT_FALSE(problem->countIncludePad);
  EXPECT_EQ(problem->divisorOverride, 7);
  const Window &h = problem->axis[0], &w = problem->axis[1];
  EXPECT_THAT((std::array{h.size, h.kernel, h.stride, h.dilation, h.padBefore, h.padAfter}),
              testing::ElementsAre(8, 2, 4, 1, 0, 1));
  EXPECT_THAT((std::array{w.size, w.kernel, w.stride, w.dilation, w.padBefore, w.padAfter}),
              testing::ElementsAre(9, 3, 4, 1, 1, 2));
  EXPECT_TRUE(h.ceilMode && w.ceilMode);
}

TEST_F(NNTest, DescribesConvolution) {
  FailureOr<Conv1dProblem> problem = parse<Conv1dOp>(conv).getProblem();
  ASSERT_TRUE(succeeded(problem));
  EXPECT_EQ(problem->type, DataType::f32);
  EXPECT_EQ(problem->precision, Precision::tf32x3);
  EXPECT_THAT(
      (std::array{problem->batch, problem->groups, problem->inPerGroup, problem->outPerGroup}),
      testing::ElementsAre(5, 3, 2, 3));
  EXPECT_TRUE(problem->hasBias);
  const Window &l = problem->window;
  EXPECT_THAT((std::array{l.size, l.kernel, l.stride, l.dilation, l.padBefore, l.padAfter}),
              testing::ElementsAre(20, 4, 2, 3, 1, 3));
}

TEST_F(NNTest, SaysWhatIsDynamic) {
  FailureOr<AvgPool2dProblem> pooling = parse<AvgPool2dOp>(dynamicPool).getProblem();
  ASSERT_TRUE(succeeded(pooling));
  EXPECT_TRUE(pooling->planesAreDynamic && pooling->axis[0].isDynamic);
  EXPECT_FALSE(pooling->axis[1].isDynamic);
  EXPECT_EQ(pooling->planes, 16 * 3);
  EXPECT_EQ(pooling->axis[0].size, 256);
  EXPECT_EQ(pooling->axis[1].size, 9);

  // Cin is known from x alone, Cout from the bias.
  FailureOr<Conv1dProblem> convolution = parse<Conv1dOp>(R"(
  func.func @f(%x: tensor<?x6x?xf32>, %w: tensor<?x?x4xf32>, %b: tensor<9xf32>) {
    %y = nn.conv1d %x, %w, %b dilation = 1000000 groups = 3 {nn.expected = array<i64: 7, 6, 50>}
         : (tensor<?x6x?xf32>, tensor<?x?x4xf32>, tensor<9xf32>) -> tensor<?x9x?xf32>
    return
  })")
                                             .getProblem();
  ASSERT_TRUE(succeeded(convolution)) << messages;
  EXPECT_TRUE(convolution->batchIsDynamic && convolution->window.isDynamic);
  EXPECT_EQ(convolution->batch, 7);
  EXPECT_EQ(convolution->inPerGroup, 2);
  EXPECT_EQ(convolution->outPerGroup, 3);
  // Fewer elements have no output.
  EXPECT_EQ(convolution->window.size, 3'000'001);
}

TEST_F(NNTest, HasNoProblemOfUnknownChannels) {
  EXPECT_TRUE(failed(parse<Conv1dOp>(dynamicConv).getProblem()));
  EXPECT_EQ(messages, "");
}

/// A dynamic dimension is expected to be small where the others leave no room.
TEST_F(NNTest, ExpectsNoOverflow) {
  FailureOr<AvgPool2dProblem> problem = parse<AvgPool2dOp>(R"(
  func.func @f(%x: tensor<?x?x1048576x1048576xf32>) {
    %y = nn.avg_pool2d %x kernel_size = [1, 1]
         : (tensor<?x?x1048576x1048576xf32>) -> tensor<?x?x1048576x1048576xf32>
    return
  })")
                                            .getProblem();
  ASSERT_TRUE(succeeded(problem)) << messages;
  EXPECT_EQ(problem->planes, 16 * 64);
  problem = parse<AvgPool2dOp>(R"(
  func.func @f(%x: tensor<?x?x1073741824x1073741824xf32>) {
    %y = nn.avg_pool2d %x kernel_size = [1, 1]
         : (tensor<?x?x1073741824x1073741824xf32>) -> tensor<?x?x1073741824x1073741824xf32>
    return
  })")
                .getProblem();
  ASSERT_TRUE(succeeded(problem)) << messages;
  EXPECT_EQ(problem->planes, 1);
}

TEST_F(NNTest, TakesGivenShapes) {
  FailureOr<AvgPool2dProblem> pooling = parse<AvgPool2dOp>(dynamicPool).getProblem({{0, 3, 4, 9}});
  ASSERT_TRUE(succeeded(pooling)) << messages;
  EXPECT_EQ(pooling->planes, 0);
  EXPECT_EQ(pooling->axis[0].size, 4);

  FailureOr<Conv1dProblem> convolution =
      parse<Conv1dOp>(dynamicConv).getProblem({{2, 10}, {5, 2, 3}});
  ASSERT_TRUE(succeeded(convolution)) << messages;
  EXPECT_EQ(convolution->batch, 1);
  EXPECT_EQ(convolution->outPerGroup, 5);
  EXPECT_EQ(convolution->outputSize(), 8);
}

TEST_F(NNTest, RefusesGivenShapes) {
  auto op = parse<AvgPool2dOp>(dynamicPool);
  auto refuses = [&](ArrayRef<SmallVector<int64_t>> shapes, const char *message) {
    messages.clear();
    EXPECT_TRUE(failed(op.getProblem(shapes)));
    EXPECT_THAT(messages, HasSubstr(message));
  };
  refuses({}, "expected shapes of 1 operands, got 0");
  refuses({{1, 3, 4, 8}},
          "expected operand 0 of type 'tensor<?x3x?x9xf32>', got shape [1, 3, 4, 8]");
  refuses({{3, 4, 9}}, "got shape [3, 4, 9]");
  refuses({{1, 3, ShapedType::kDynamic, 9}}, "expected operand 0 of type");
  refuses({{1, 3, -4, 9}}, "expected operand 0 of type");
  refuses({{1, 3, 1, 9}}, "expected the window to fit in the padded H");
  refuses({{INT64_MAX, 3, 4, 9}}, "fewer than 2^63 bytes");
}

TEST_F(NNTest, MakesTheReference) {
  auto op = parse<AvgPool2dOp>(dynamicPool);
  FailureOr<std::unique_ptr<ReferenceOp>> reference =
      cast<ReferenceOpInterface>(op.getOperation()).makeReference({{2, 3, 4, 9}});
  ASSERT_TRUE(succeeded(reference));
  EXPECT_THAT((*reference)->shape(), testing::ElementsAre(6, 2, 3));
  EXPECT_TRUE(failed(cast<ReferenceOpInterface>(op.getOperation()).makeReference({{2, 3, 0, 9}})));
}

TEST_F(NNTest, SchedulesOnlyKnownChannels) {
  auto op = cast<ScheduledOpInterface>(parse<Conv1dOp>(dynamicConv).getOperation());
  llvm::Expected<Schedule> schedule = op.decideSchedule(defaultGPU(), {});
  ASSERT_FALSE(schedule);
  EXPECT_EQ(llvm::toString(schedule.takeError()),
            "expected operands from which Cin, Cout and K are known, got 'tensor<?x?xbf16>' for "
            "operand 0, 'tensor<?x2x?xbf16>' for operand 1");
}

TEST_F(NNTest, DecidesLegalSchedules) {
  for (StringRef text : {pool, conv}) {
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << messages;
    module->walk([&](Conv1dOp op) { op.setPrecision(Precision::ieee); });
    module->walk([](ScheduledOpInterface op) {
      llvm::Expected<Schedule> schedule = op.decideSchedule(defaultGPU(), {});
      if (!schedule) {
        // The schedules say which element types there are kernels for.
        EXPECT_THAT(llvm::toString(schedule.takeError()), HasSubstr("f16"));
        return;
      }
      EXPECT_EQ(llvm::toString(op.verifySchedule(defaultGPU(), *schedule)), "");
    });
  }
}

TEST_F(NNTest, InfersWhatIsBuilt) {
  auto op = parse<AvgPool2dOp>(dynamicPool);
  OpBuilder builder(op);
  auto built = AvgPool2dOp::create(builder, op.getLoc(), op.getX(), /*kernel_size=*/{2, 2},
                                   /*stride=*/{}, /*padding=*/{0, 0, 0, 0}, /*ceil_mode=*/false,
                                   /*count_include_pad=*/true, /*divisor_override=*/{});
  EXPECT_EQ(built.getType(),
            op.getX().getType().clone({ShapedType::kDynamic, 3, ShapedType::kDynamic, 4}));
}

TEST_F(NNTest, InfersNothingFromWrongAttributes) {
  auto op = parse<AvgPool2dOp>(dynamicPool);
  op.setKernelSize({2, 100});
  auto infer = [&](std::optional<Location> location) {
    SmallVector<Type> types;
    return AvgPool2dOp::inferReturnTypes(&context, location, op->getOperands(),
                                         op->getRawDictionaryAttrs(), op->getPropertiesStorage(),
                                         {}, types);
  };
  EXPECT_TRUE(failed(infer(std::nullopt)));
  EXPECT_EQ(messages, "");
  EXPECT_TRUE(failed(infer(op.getLoc())));
  EXPECT_THAT(messages, HasSubstr("'nn.avg_pool2d' op expected the window to fit"));
}

} // namespace
