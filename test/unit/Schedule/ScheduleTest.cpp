//===- ScheduleTest.cpp - The text form of schedules ----------------------===//

#include "Problems.h"

#include "gtest/gtest.h"

using namespace poolc;

static std::string parseError(llvm::StringRef text) { return message(Schedule::parse(text)); }

TEST(ScheduleText, printsTheWordsThatAreSetInOrder) {
  Schedule schedule;
  schedule.order = "w.h.p";
  schedule.numWarps = 4;
  schedule.blockW = 128;
  schedule.algorithm = "direct";
  EXPECT_EQ(schedule.str(), "algorithm=direct,block_w=128,num_warps=4,order=w.h.p");
  schedule.products = Products::fma;
  EXPECT_EQ(schedule.str(), "algorithm=direct,products=fma,block_w=128,num_warps=4,order=w.h.p");
  EXPECT_EQ(Schedule().str(), "");
}

TEST(ScheduleText, readsWhatItPrints) {
  Schedule all;
  all.algorithm = "direct";
  all.products = Products::mma;
  all.blockP = 1, all.blockH = 2, all.blockW = 4;
  all.blockM = 8, all.blockN = 16, all.blockK = 32;
  all.numWarps = 64, all.numStages = 3, all.vector = 5;
  all.order = "m.n.gb";
  EXPECT_EQ(words(all.str()), all);
  EXPECT_EQ(words(""), Schedule());
  EXPECT_EQ(words(" num_warps = 2 , order=whp").str(), "num_warps=2,order=whp");
}

TEST(ScheduleText, errorsNameTheWord) {
  EXPECT_EQ(parseError("fast"), "expected word=value in the schedule, got 'fast'");
  EXPECT_EQ(parseError("num_warps=4,"), "expected word=value in the schedule, got ''");
  EXPECT_EQ(parseError("num_warp=4"),
            "unknown schedule word 'num_warp', did you mean 'num_warps'?");
  EXPECT_EQ(parseError("speed=9"),
            "unknown schedule word 'speed', expected one of algorithm, products, block_p, block_h, "
            "block_w, block_g, block_m, block_n, block_k, block_t, overlap_n, join_n, tiles_m, "
            "split_k, num_warps, copy_warps, store_warps, boxes, box_stores, round_w, num_stages, "
            "vector, order");
  EXPECT_EQ(parseError("block_w=1,block_w=1"),
            "expected schedule word 'block_w' once, got it twice");
}

TEST(ScheduleText, numbersAreWholeAndBounded) {
  for (const char *value : {"0", "-4", "x", "", "1.5", "1048577", "99999999999999999999", "4 4"})
    EXPECT_EQ(parseError(std::string("block_w=") + value),
              std::string("expected block_w to be a whole number from 1 to 1048576, got '") +
                  value + "'");
  EXPECT_EQ(words("block_w=1048576").blockW, 1048576);
}

TEST(ScheduleText, algorithmIsAName) {
  EXPECT_EQ(parseError("algorithm="), "expected algorithm to be a name, got ''");
  EXPECT_EQ(parseError("algorithm=a b"), "expected algorithm to be a name, got 'a b'");
}

TEST(ScheduleText, productsAreOfOneOfTwoUnits) {
  EXPECT_EQ(words("products=mma").products, Products::mma);
  for (const char *value : {"", "tensor", "FMA", "1"})
    EXPECT_EQ(parseError(std::string("products=") + value),
              std::string("expected products to be fma or mma, got '") + value + "'");
  EXPECT_EQ(parseError("product=fma"), "unknown schedule word 'product', did you mean 'products'?");
}

TEST(ScheduleText, orderIsGroupsOfLetters) {
  for (const char *value : {"", "w..h", ".w", "w.", "w.h.p.q", "W", "w-h", "w h"})
    EXPECT_EQ(parseError(std::string("order=") + value),
              std::string("expected order to be one to three groups of axis letters separated by "
                          "dots, like w.h.p, got '") +
                  value + "'");
}

TEST(ScheduleText, completedByKeepsWhatIsSet) {
  Schedule wanted = words("block_w=32,order=whp");
  Schedule decided = words("algorithm=direct,block_h=2,block_w=64,num_warps=4,order=w.h.p");
  EXPECT_EQ(wanted.completedBy(decided).str(),
            "algorithm=direct,block_h=2,block_w=32,num_warps=4,order=whp");
  EXPECT_EQ(words("products=fma").completedBy(words("products=mma")).str(), "products=fma");
  EXPECT_EQ(words("").completedBy(words("products=mma")).str(), "products=mma");
}
