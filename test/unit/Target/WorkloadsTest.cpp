//===- WorkloadsTest.cpp - The figures of benchmark/workloads.json --------===//
//
// The file's figures come from benchmark/workloads.py, which walks over rows and
// planes; here they meet computeWork, which shares no code with it.
//
//===----------------------------------------------------------------------===//

#include "poolc/Target/Roofline.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include "gtest/gtest.h"

using namespace poolc;
using llvm::json::Object;

static llvm::SmallVector<int64_t> numbers(const Object &object, llvm::StringRef key,
                                          llvm::ArrayRef<int64_t> absent) {
  const llvm::json::Array *array = object.getArray(key);
  if (!array)
    return llvm::SmallVector<int64_t>(absent);
  llvm::SmallVector<int64_t> result;
  for (const llvm::json::Value &value : *array)
    result.push_back(value.getAsInteger().value_or(-1));
  return result;
}

static DataType typeOf(const Object &object) {
  return parseDataType(object.getString("dtype").value_or("")).value_or(DataType::f64);
}

static Work workOfPool(const Object &object) {
  llvm::SmallVector<int64_t> input = numbers(object, "input", {}),
                             kernel = numbers(object, "kernel_size", {}),
                             stride = numbers(object, "stride", kernel),
                             padding = numbers(object, "padding", {0, 0, 0, 0});
  AvgPool2dProblem problem;
  problem.type = typeOf(object);
  problem.planes = input[0] * input[1];
  for (unsigned axis : {0, 1}) {
    Window &window = problem.axis[axis];
    window.size = input[2 + axis];
    window.kernel = kernel[axis];
    window.stride = stride[axis];
    window.padBefore = padding[axis];
    window.padAfter = padding[2 + axis];
    window.ceilMode = object.getBoolean("ceil_mode").value_or(false);
  }
  return computeWork(problem);
}

static Work workOfConv(const Object &object) {
  llvm::SmallVector<int64_t> input = numbers(object, "input", {}),
                             padding = numbers(object, "padding", {0, 0});
  Conv1dProblem problem;
  problem.type = typeOf(object);
  problem.batch = input[0];
  problem.groups = object.getInteger("groups").value_or(1);
  problem.inPerGroup = input[1] / problem.groups;
  problem.outPerGroup = object.getInteger("out_channels").value_or(0) / problem.groups;
  problem.hasBias = object.getBoolean("bias").value_or(false);
  problem.window.size = input[2];
  problem.window.kernel = object.getInteger("kernel_size").value_or(0);
  problem.window.stride = object.getInteger("stride").value_or(1);
  problem.window.dilation = object.getInteger("dilation").value_or(1);
  problem.window.padBefore = padding[0];
  problem.window.padAfter = padding[1];
  Work work = computeWork(problem);
  // The other summand is as large as the result.
  if (object.getBoolean("residual").value_or(false))
    work.readBytes += work.writeBytes;
  return work;
}

TEST(Workloads, haveTheFiguresOfTheirDefinitions) {
  auto buffer = llvm::MemoryBuffer::getFile(POOLC_WORKLOADS);
  ASSERT_TRUE(buffer) << buffer.getError().message();
  llvm::Expected<llvm::json::Value> file = llvm::json::parse((*buffer)->getBuffer());
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  unsigned pools = 0, convs = 0;
  for (const llvm::json::Value &value : *file->getAsObject()->getArray("workloads")) {
    const Object &object = *value.getAsObject();
    SCOPED_TRACE(object.getString("name").value_or("").str());
    bool isPool = object.getString("op") == "avg_pool2d";
    (isPool ? pools : convs)++;
    Work work = isPool ? workOfPool(object) : workOfConv(object);
    EXPECT_EQ(object.getInteger("read_bytes"), work.readBytes);
    EXPECT_EQ(object.getInteger("write_bytes"), work.writeBytes);
    EXPECT_EQ(object.getInteger("compulsory_bytes"), work.bytes());
    EXPECT_EQ(object.getNumber("operations"), work.operations);
    EXPECT_GT(work.writeBytes, 0);
  }
  EXPECT_GE(pools, 24u);
  EXPECT_GE(convs, 30u);
}
