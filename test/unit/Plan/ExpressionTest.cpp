#include "poolc/Plan/Expression.h"

#include "gtest/gtest.h"

using namespace poolc;

static llvm::StringMap<int64_t> sampleDims() { return {{"N", 7}, {"L", -5}}; }

/// The value with N = 7 and L = -5, or the error's text.
static std::string evaluated(llvm::StringRef text) {
  llvm::Expected<Expression> expression = Expression::parse(text);
  if (!expression)
    return llvm::toString(expression.takeError());
  llvm::Expected<int64_t> value = expression->evaluate(sampleDims());
  return value ? std::to_string(*value) : llvm::toString(value.takeError());
}

TEST(Expression, Arithmetic) {
  EXPECT_EQ(evaluated("1 + 2*3"), "7");
  EXPECT_EQ(evaluated("(1+2)*3"), "9");
  EXPECT_EQ(evaluated("10 - 2 - 3"), "5");
  EXPECT_EQ(evaluated("N*64*186"), "83328");
  EXPECT_EQ(evaluated("-N + -3"), "-10");
  EXPECT_EQ(evaluated("--N"), "7");
  EXPECT_EQ(evaluated("-9223372036854775808"), "-9223372036854775808");
}

TEST(Expression, DivisionRoundsDown) {
  EXPECT_EQ(evaluated("7 / 2"), "3");
  EXPECT_EQ(evaluated("-7 / 2"), "-4");
  EXPECT_EQ(evaluated("L / 2"), "-3");
  EXPECT_EQ(evaluated("-7 % 2"), "1");
  EXPECT_EQ(evaluated("7 % -2"), "-1");
  EXPECT_EQ(evaluated("ceildiv(7, 2)"), "4");
  EXPECT_EQ(evaluated("ceildiv(-7, 2)"), "-3");
  EXPECT_EQ(evaluated("-9223372036854775808 % -1"), "0");
}

TEST(Expression, Functions) {
  EXPECT_EQ(evaluated("min(N, 3, 5)"), "3");
  EXPECT_EQ(evaluated("max(N, 3, min(20, 30))"), "20");
}

TEST(Expression, Comparisons) {
  EXPECT_EQ(evaluated("N > 0"), "1");
  EXPECT_EQ(evaluated("N + 1 <= 7"), "0");
  EXPECT_EQ(evaluated("N >= 7"), "1");
  EXPECT_EQ(evaluated("N < 7"), "0");
  EXPECT_EQ(evaluated("N == 7"), "1");
  EXPECT_EQ(evaluated("N != 7"), "0");
  EXPECT_EQ(evaluated("(N > 0) * (L < 0)"), "1");
}

TEST(Expression, EvaluationErrors) {
  EXPECT_EQ(evaluated("N / (L + 5)"), "division by zero in 'N/(L + 5)'");
  EXPECT_EQ(evaluated("N % 0"), "division by zero in 'N%0'");
  EXPECT_EQ(evaluated("ceildiv(N, 0)"), "division by zero in 'ceildiv(N, 0)'");
  EXPECT_EQ(evaluated("9223372036854775807 + 1"),
            "overflow of 64 bits in '9223372036854775807 + 1'");
  EXPECT_EQ(evaluated("-9223372036854775808 / -1"),
            "overflow of 64 bits in '-9223372036854775808/-1'");
  EXPECT_EQ(evaluated("M + 1"), "expected a known dimension, got 'M'");
}

TEST(Expression, SyntaxErrors) {
  EXPECT_EQ(evaluated(""), "column 1: expected a number, a dimension or '(', got the end");
  EXPECT_EQ(evaluated("1 +"), "column 4: expected a number, a dimension or '(', got the end");
  EXPECT_EQ(evaluated("N 1"), "column 3: expected an operator or the end, got '1'");
  EXPECT_EQ(evaluated("(N"), "column 3: expected ')', got the end");
  EXPECT_EQ(evaluated("N < 1 < 2"), "column 7: expected an operator or the end, got '<'");
  EXPECT_EQ(evaluated("min N"), "column 5: expected '(' after min, got 'N'");
  EXPECT_EQ(evaluated("min(N)"), "column 6: expected ',' and a second operand of min, got ')'");
  EXPECT_EQ(evaluated("ceildiv(N, 2, 3)"), "column 13: expected ')', got ','");
  EXPECT_EQ(evaluated("9223372036854775808"), "column 1: expected a number of 64 bits, got '9'");
  EXPECT_EQ(evaluated("\x01"), "column 1: expected a number, a dimension or '(', got byte 0x1");
}

TEST(Expression, DepthIsBounded) {
  EXPECT_NE(evaluated(std::string(100000, '(')).find("less nesting"), std::string::npos);
  EXPECT_NE(evaluated(std::string(100000, '-') + "N").find("less nesting"), std::string::npos);
  std::string sum = "1";
  for (unsigned i = 0; i != 100000; ++i)
    sum += "+1";
  EXPECT_NE(evaluated(sum).find("at most 256 levels"), std::string::npos);
}

TEST(Expression, PrintsWhatItParses) {
  for (llvm::StringRef text :
       {"N*64*186", "N*(64 + L)", "N - (L - 1)", "N - L - 1", "ceildiv(N + 1, 2)*3", "N/(L*2)",
        "N%4 + -3", "(N > 0) + (L <= 3)", "min(N, max(L, 4)) > 2", "0 - (0 - N)"}) {
    llvm::Expected<Expression> expression = Expression::parse(text);
    ASSERT_TRUE(!!expression) << text.str();
    EXPECT_EQ(expression->str(), text);
  }
}

TEST(Expression, Constant) {
  EXPECT_EQ(Expression(5).constant(), 5);
  EXPECT_EQ(llvm::cantFail(Expression::parse("2*3")).constant(), 6);
  EXPECT_EQ(llvm::cantFail(Expression::parse("N")).constant(), std::nullopt);
  EXPECT_EQ(llvm::cantFail(Expression::parse("1/0")).constant(), std::nullopt);
}
