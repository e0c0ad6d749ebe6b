//===- ProfileTest.cpp - Reading profiles and judging them ----------------===//

#include "poolc/Profile/Profile.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace poolc;
using testing::Contains;
using testing::HasSubstr;

static constexpr llvm::StringLiteral dramMetric =
    "dram__throughput.avg.pct_of_peak_sustained_elapsed";

static std::vector<KernelMetrics> parse(llvm::StringRef text) {
  return llvm::cantFail(parseProfile(text));
}

static std::string errorOf(llvm::StringRef text) {
  return llvm::toString(parseProfile(text).takeError());
}

TEST(Profile, readsJSON) {
  std::vector<KernelMetrics> profile =
      parse(R"({"b": {"x__y.sum": 3, "poolc__note": "text"}, "a": {}})");
  ASSERT_EQ(profile.size(), 2u);
  EXPECT_EQ(profile[0].kernel, "a");
  EXPECT_EQ(profile[1].get("x__y.sum"), 3);
  EXPECT_EQ(profile[1].get("poolc__note"), std::nullopt);
}

TEST(Profile, readsColumns) {
  std::vector<KernelMetrics> profile =
      parse("==PROF== Connected\n"
            "\"ID\",\"Kernel Name\",\"Grid Size\",\"a__b.sum\",\"c__d.sum\"\r\n"
            "\"\",\"\",\"\",\"Kbyte\",\"msecond\"\r\n"
            "\"0\",\"void k<int, 3>(float *)\",\"(3, 4, 5)\",\"1,234.5\",\"2\"\r\n"
            "\"1\",\"k<int, 3>\",\"(1, 1, 1)\",\"n/a\",\"3\"\r\n");
  ASSERT_EQ(profile.size(), 2u);
  EXPECT_EQ(profile[0].kernel, "k<int, 3>");
  EXPECT_EQ(profile[0].get("a__b.sum"), 1234500);
  EXPECT_EQ(profile[0].get("c__d.sum"), 2e6);
  EXPECT_EQ(profile[0].get("launch__grid_size"), 60);
  EXPECT_EQ(profile[1].kernel, "k<int, 3>#2");
  EXPECT_EQ(profile[1].get("a__b.sum"), std::nullopt);
}

TEST(Profile, readsLines) {
  std::vector<KernelMetrics> profile =
      parse("\"ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n"
            "\"0\",\"k\",\"a__b.sum\",\"Gbyte\",\"1.5\"\n"
            "\"0\",\"k\",\"c__d.pct\",\"%\",\"12\"\n"
            "\"1\",\"l\",\"c__d.pct\",\"%\",\"13\"\n");
  ASSERT_EQ(profile.size(), 2u);
  EXPECT_EQ(profile[0].get("a__b.sum"), 1.5e9);
  EXPECT_EQ(profile[0].get("c__d.pct"), 12);
  EXPECT_EQ(profile[1].get("c__d.pct"), 13);
}

TEST(Profile, refuses) {
  EXPECT_EQ(errorOf("{}"), "expected the metrics of at least one kernel, got none");
  EXPECT_NE(errorOf("{"), "");
  EXPECT_EQ(errorOf("{\"k\":" + std::string(100000, '[')),
            "expected at most 256 brackets inside each other");
  EXPECT_EQ(errorOf("{\"k\": 3}"), "expected an object of metrics for kernel 'k'");
  EXPECT_THAT(errorOf("{\"k\": {\"a\": -1}}"), HasSubstr("to be a number of at least 0, got -1"));
  EXPECT_THAT(errorOf(""), HasSubstr("expected JSON, or CSV of Nsight Compute"));
  EXPECT_EQ(errorOf("\"ID\",\"Kernel Name\"\n\"0\"\n"),
            "line 2: expected 2 cells, as in the header, got 1");
}

TEST(Profile, findsTheKernelOfAnOp) {
  std::vector<KernelMetrics> profile = parse(R"({"avg_pool2d_1": {}, "Conv1dFwdKernel": {}})");
  EXPECT_EQ(findKernel(profile, "avg_pool2d_1", "avg_pool2d"), &profile[1]);
  EXPECT_EQ(findKernel(profile, "conv1d_0", "conv1d"), &profile[0]);
  EXPECT_EQ(findKernel(profile, "softmax_0", "softmax"), nullptr);
  profile = parse(R"({"conv1d_a": {}, "conv1d_b": {}})");
  EXPECT_EQ(findKernel(profile, "conv1d_0", "conv1d"), nullptr) << "either could be meant";
}

/// 60 MB read, 40 MB written.
static Work someWork() {
  Work work;
  work.readBytes = 60000000;
  work.writeBytes = 40000000;
  work.operations = 1;
  return work;
}

TEST(Diagnose, excessTrafficIsHeadroom) {
  KernelMetrics metrics{"k", {}};
  metrics.values = {
      {dramMetric.str(), 92.0}, {"dram__bytes_read.sum", 150e6}, {"dram__bytes_write.sum", 50e6}};
  Diagnosis diagnosis = diagnose(metrics, someWork(), defaultGPU());
  EXPECT_THAT(diagnosis.findings,
              Contains(HasSubstr("DRAM moves 0.20 GB, 2.00 times the compulsory 0.10 GB")));
  EXPECT_THAT(diagnosis.findings,
              Contains(HasSubstr("headroom: at most 1.09 (100 / 92.00 %) times the 2.00")));
  EXPECT_THAT(diagnosis.missing, testing::Not(Contains(HasSubstr("dram__bytes_read.sum"))));
}

TEST(Diagnose, namesWhatIsMissing) {
  Diagnosis diagnosis = diagnose({"k", {}}, someWork(), defaultGPU());
  EXPECT_TRUE(diagnosis.findings.empty());
  EXPECT_THAT(diagnosis.missing, Contains(HasSubstr("dram__throughput")));
  EXPECT_THAT(diagnosis.missing, Contains(HasSubstr("sm__throughput")));
  EXPECT_THAT(diagnosis.missing, Contains(HasSubstr("stalled_long_scoreboard")));
}

TEST(Diagnose, theRoofDependsOnTheShareOfWrites) {
  KernelMetrics metrics{"k", {{dramMetric.str(), 88.5}}};
  Work reads = someWork();
  reads.writeBytes = 0;
  auto isAtRoof = Contains(HasSubstr("DRAM is at its roof"));
  // 95 % of 94.2 % is 89.5 %, of 92.8 % 88.2 %.
  EXPECT_THAT(diagnose(metrics, reads, defaultGPU()).findings, testing::Not(isAtRoof));
  EXPECT_THAT(diagnose(metrics, someWork(), defaultGPU()).findings, isAtRoof);
}
