#include "poolc/Plan/Plan.h"

#include "gtest/gtest.h"

using namespace poolc;

static constexpr llvm::StringLiteral full = R"json({
  "schema": 1, "poolc": "0.1.0", "target": "rtx4090", "chip": "sm_89", "ptx_version": "7.8",
  "entry": "main", "source": "line 1\nline \"2\"", "future": {"key": [1]},
  "dims": {"N": {"argument": 0, "axis": 0, "min": 0, "max": 65535}}, "guards": ["N >= 0"],
  "arguments": [
    {"name": "x", "role": "input", "dtype": "f32", "shape": ["N", 64], "alignment": 16},
    {"name": "y", "role": "output", "dtype": "bf16", "shape": ["N", "2*N"]},
    {"name": "z", "role": "inout", "dtype": "u8", "shape": []}],
  "temporaries": [{"name": "t", "dtype": "i64", "shape": [3], "init": "zero"}],
  "launches": [{"kernel": "k", "op": "nn.add", "location": "a.mlir:1:2",
    "grid": ["N*64", 2], "block": [128, 1, 1], "dynamic_shared_bytes": "N*4", "when": "N > 0",
    "programmatic": true,
    "arguments": [{"buffer": "x", "offset_bytes": 8}, {"null": true},
                  {"scalar": "i32", "value": "N"}, {"scalar": "f32", "value": 0.5},
                  {"bytes": "00fF", "align": 2}]}],
  "values": [{"op": 0, "result": 1, "buffer": "t"}]})json";

static std::string print(const Plan &plan, unsigned indent = 0) {
  std::string text;
  llvm::raw_string_ostream os(text);
  plan.print(os, indent);
  return text;
}

/// The error's text; empty where there is none.
static std::string errorOf(llvm::StringRef text) {
  llvm::Expected<Plan> plan = Plan::parse(text);
  return plan ? "" : llvm::toString(plan.takeError());
}

/// `full` with the one occurrence of `from` replaced.
static std::string errorWith(llvm::StringRef from, llvm::StringRef to) {
  auto [before, after] = full.split(from);
  EXPECT_FALSE(after.empty()) << from.str();
  return errorOf((before + to + after).str());
}

TEST(Plan, ReadsEveryField) {
  Plan plan = llvm::cantFail(Plan::parse(full));
  EXPECT_EQ(plan.target, "rtx4090");
  EXPECT_EQ(plan.source, "line 1\nline \"2\"");
  EXPECT_EQ(plan.dims.at("N").max, 65535);
  ASSERT_EQ(plan.arguments.size(), 3u);
  EXPECT_EQ(plan.arguments[0].alignment, 16);
  EXPECT_EQ(plan.arguments[1].type, DataType::bf16);
  EXPECT_EQ(plan.arguments[1].shape[1].str(), "2*N");
  EXPECT_EQ(plan.arguments[2].role, Plan::Role::inout);
  EXPECT_EQ(plan.temporaries[0].init, Plan::Init::zero);
  const Plan::Launch &launch = plan.launches[0];
  EXPECT_EQ(launch.grid[0].str(), "N*64");
  EXPECT_EQ(launch.grid[2].constant(), 1);
  EXPECT_EQ(launch.dynamicSharedBytes.str(), "N*4");
  EXPECT_TRUE(launch.programmatic);
  ASSERT_EQ(launch.arguments.size(), 5u);
  EXPECT_EQ(std::get<Plan::BufferArgument>(launch.arguments[0]).offsetBytes.constant(), 8);
  EXPECT_TRUE(std::holds_alternative<Plan::NullArgument>(launch.arguments[1]));
  EXPECT_EQ(std::get<double>(std::get<Plan::ScalarArgument>(launch.arguments[3]).value), 0.5);
  EXPECT_EQ(std::get<Plan::BytesArgument>(launch.arguments[4]).bytes,
            (std::vector<uint8_t>{0, 255}));
  EXPECT_EQ(plan.values[0].buffer, "t");
}

TEST(Plan, PrintingAndReadingAgree) {
  Plan plan = llvm::cantFail(Plan::parse(full));
  std::string once = print(plan);
  EXPECT_EQ(once.find('\n'), std::string::npos);
  EXPECT_EQ(once.find(R"({"schema":1,"poolc":"0.1.0","target":"rtx4090")"), 0u);
  EXPECT_EQ(print(llvm::cantFail(Plan::parse(once))), once);
  EXPECT_EQ(print(llvm::cantFail(Plan::parse(print(plan, 2)))), once);
  EXPECT_EQ(llvm::cantFail(llvm::json::parse(full)).getAsObject()->get("dims")->kind(),
            plan.toJSON().getAsObject()->get("dims")->kind());
}

TEST(Plan, NamesThatAreNoUTF8AreStillJSON) {
  Plan plan;
  plan.source = "a\xff\n";
  EXPECT_EQ(errorOf(print(plan)), "");
}

TEST(Plan, RequiredKeys) {
  EXPECT_EQ(errorOf("{}"), "expected the key 'schema', found none");
  EXPECT_EQ(errorOf(R"({"schema": 1})"), "expected the key 'arguments', found none");
  EXPECT_EQ(errorOf(R"({"schema": 1, "arguments": []})"),
            "expected the key 'launches', found none");
  EXPECT_EQ(errorOf(R"({"schema": 1, "arguments": [], "launches": []})"), "");
  for (llvm::StringRef key : {"kernel", "grid", "block", "arguments"}) {
    std::string text = R"({"schema": 1, "arguments": [], "launches": [{)";
    llvm::StringRef separator = "";
    for (llvm::StringRef field :
         {R"("kernel": "k")", R"("grid": [1])", R"("block": [1])", R"("arguments": [])"})
      if (!field.contains(key)) {
        text += (separator + field).str();
        separator = ", ";
      }
    EXPECT_EQ(errorOf(text + "}]}"),
              ("launches[0]: expected the key '" + key + "', found none").str());
  }
}

TEST(Plan, WrongTypes) {
  EXPECT_EQ(errorOf("[]"), "expected an object, got an array");
  EXPECT_EQ(errorWith("\"schema\": 1", "\"schema\": 2"), "schema: expected 1, got 2");
  EXPECT_EQ(errorWith("\"schema\": 1", "\"schema\": \"1\""),
            "schema: expected an integer, got a string");
  EXPECT_EQ(errorWith("\"rtx4090\"", "3"), "target: expected a string, got a number");
  EXPECT_EQ(errorWith("[\"N\", 64]", "7"), "arguments[0].shape: expected an array, got a number");
  EXPECT_EQ(errorWith("\"bf16\"", "\"f12\""),
            "arguments[1].dtype: expected one of f64 f32 f16 bf16 i8 i16 i32 i64 u8 u16 u32 u64, "
            "got 'f12'");
  EXPECT_EQ(errorWith("\"inout\"", "\"both\""),
            "arguments[2].role: expected input, output or inout");
  EXPECT_EQ(errorWith("\"zero\"", "\"one\""), "temporaries[0].init: expected undefined or zero");
  EXPECT_EQ(errorWith("\"N*64\"", "1.5"),
            "launches[0].grid[0]: expected an integer or an expression, got a number");
  EXPECT_EQ(errorWith("\"N*64\"", "\"N*\""),
            "launches[0].grid[0]: in 'N*', column 3: expected a number, a dimension or '(', got "
            "the end");
  EXPECT_EQ(errorWith("[\"N*64\", 2]", "[1,1,1,1]"),
            "launches[0].grid: expected 1 to 3 sizes, got 4");
  EXPECT_EQ(errorWith("true", "1"),
            "launches[0].programmatic: expected true or false, got a number");
  EXPECT_EQ(errorWith("\"00fF\"", "\"00f\""),
            "launches[0].arguments[4].bytes: expected pairs of hexadecimal digits");
  EXPECT_EQ(errorWith("{\"null\": true}", "{}"),
            "launches[0].arguments[1]: expected one of the keys buffer, null, scalar or bytes");
  EXPECT_EQ(errorWith("{\"null\": true}", "4"),
            "launches[0].arguments[1]: expected an object, got a number");
}

TEST(Plan, WrongNamesAndRanges) {
  EXPECT_EQ(errorWith("\"name\": \"y\"", "\"name\": \"x\""),
            "arguments[1].name: expected a name of its own, got 'x' again");
  EXPECT_EQ(errorWith("\"name\": \"t\"", "\"name\": \"\""),
            "temporaries[0].name: expected a name, got nothing");
  EXPECT_EQ(errorWith("\"buffer\": \"x\"", "\"buffer\": \"q\""),
            "launches[0].arguments[0].buffer: expected the name of an argument or a temporary, got "
            "'q'");
  EXPECT_EQ(errorWith("\"buffer\": \"t\"", "\"buffer\": \"q\""),
            "values[0].buffer: expected the name of an argument or a temporary, got 'q'");
  EXPECT_EQ(errorWith("\"2*N\"", "\"2*M\""),
            "arguments[1].shape[1]: expected a dimension of dims, got 'M'");
  EXPECT_EQ(errorWith("\"argument\": 0", "\"argument\": 3"),
            "dims.N.argument: expected the index of one of 3 arguments, got 3");
  EXPECT_EQ(errorWith("\"argument\": 0", "\"argument\": 1"),
            "dims.N.argument: expected an input, got the output 'y'");
  EXPECT_EQ(errorWith("\"axis\": 0", "\"axis\": 2"),
            "dims.N.axis: expected one of the 2 axes of 'x', got 2");
  EXPECT_EQ(errorWith("\"axis\": 0", "\"axis\": 1"),
            "dims.N: expected the axis that it names to have this size, got '64'");
  EXPECT_EQ(errorWith("\"min\": 0", "\"min\": 70000"),
            "dims.N: expected min <= max, got 70000 and 65535");
  EXPECT_EQ(errorWith("\"shape\": [3]", "\"shape\": [-3]"),
            "temporaries[0].shape[0]: expected at least 0, got -3");
  EXPECT_EQ(errorWith("[128, 1, 1]", "[0]"), "launches[0].block[0]: expected at least 1, got 0");
  EXPECT_EQ(errorWith("\"alignment\": 16", "\"alignment\": 12"),
            "arguments[0].alignment: expected a power of two, got 12");
  EXPECT_EQ(errorWith("\"align\": 2", "\"align\": 0"),
            "launches[0].arguments[4].align: expected a power of two, got 0");
  EXPECT_EQ(errorWith("\"i32\", \"value\": \"N\"", "\"i8\", \"value\": 128"),
            "launches[0].arguments[2].value: expected a value of type i8, got 128");
  EXPECT_EQ(errorWith("\"i32\", \"value\": \"N\"", "\"u8\", \"value\": -1"),
            "launches[0].arguments[2].value: expected a value of type u8, got -1");
  EXPECT_EQ(errorWith("\"f32\", \"value\"", "\"i32\", \"value\""),
            "launches[0].arguments[3].value: expected an integer for type i32");
}

TEST(Plan, GarbageIsAnError) {
  EXPECT_EQ(errorOf(""), "expected a JSON object, got nothing");
  EXPECT_EQ(errorOf("{\n \"schema\" 1}"),
            "line 2, column 11: invalid JSON: expected : after object key");
  EXPECT_NE(errorOf(llvm::StringRef("\0\1\xff{", 4)), "");
  EXPECT_EQ(errorOf(std::string(1000000, '[')),
            "line 1: expected at most 256 levels of brackets, got more");
  for (size_t length = 0; length < full.size(); ++length)
    EXPECT_NE(errorOf(full.take_front(length)), "") << length;
}

TEST(Plan, StandsInPTXComments) {
  Plan plan = llvm::cantFail(Plan::parse(full));
  std::string ptx = "\n// made by hand\n" + plan.toPTXComment() + ".version 7.8\n";
  std::optional<Plan> read = llvm::cantFail(Plan::fromPTX(ptx));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(print(*read), print(plan));
}

TEST(Plan, MaySpanSeveralComments) {
  std::string text =
      "//poolc.plan {\"schema\": 1,\r\n//poolc.plan\n//poolc.plan  \"arguments\": [],"
      "\n//\n//poolc.plan \"launches\": []}\n.version 7.8\n";
  EXPECT_TRUE(llvm::cantFail(Plan::fromPTX(text)).has_value());
}

TEST(Plan, IsOnlyReadFromTheTop) {
  EXPECT_FALSE(llvm::cantFail(Plan::fromPTX("")).has_value());
  EXPECT_FALSE(llvm::cantFail(Plan::fromPTX("//poolc.plans {\n")).has_value());
  EXPECT_FALSE(llvm::cantFail(Plan::fromPTX(".version 7.8\n//poolc.plan {\n")).has_value());
  llvm::Expected<std::optional<Plan>> broken = Plan::fromPTX("//poolc.plan {\n.version 7.8");
  EXPECT_FALSE(!!broken);
  llvm::consumeError(broken.takeError());
}
