//===- VerifyTest.cpp - What the verifier refuses -------------------------===//

#include "Problems.h"

#include "gtest/gtest.h"

using namespace poolc;

static llvm::StringRef goodPool =
    "algorithm=direct,block_p=1,block_h=2,block_w=64,num_warps=4,num_stages=1,vector=1,order=w.h.p";
static llvm::StringRef goodConv =
    "algorithm=direct,block_m=64,block_n=64,num_warps=4,num_stages=1,vector=1,order=m.n.gb";

/// Verifies `good` with some words replaced.
static std::string verify(const auto &problem, llvm::StringRef good, llvm::StringRef changed) {
  Schedule schedule = words(changed).completedBy(words(good));
  return message(verifySchedule(problem, defaultGPU(), schedule));
}
static std::string verifyPool(llvm::StringRef changed) {
  return verify(startingPool(), goodPool, changed);
}
static std::string verifyConv(llvm::StringRef changed) {
  return verify(startingConv(), goodConv, changed);
}

TEST(VerifySchedule, accepts) {
  EXPECT_EQ(verifyPool(""), "");
  EXPECT_EQ(verifyPool("block_w=1,block_h=1,num_warps=16,order=phw"), "");
  EXPECT_EQ(verifyPool("block_w=1024,block_h=8,num_warps=16"), "");
  EXPECT_EQ(verifyConv(""), "");
  EXPECT_EQ(verifyConv("block_m=256,block_n=64,num_warps=8"), "");
  EXPECT_EQ(verifyConv("block_m=1,block_n=1,order=nm.g.b"), "");
}

TEST(VerifySchedule, incomplete) {
  EXPECT_EQ(message(verifySchedule(startingPool(), defaultGPU(), Schedule())),
            "expected a complete schedule, got one without algorithm");
  EXPECT_EQ(message(verifySchedule(startingConv(), defaultGPU(),
                                   words("algorithm=direct,block_m=1,block_n=1,num_warps=1"))),
            "expected a complete schedule, got one without num_stages");
  EXPECT_EQ(message(verifySchedule(
                startingConv(), defaultGPU(),
                words("algorithm=direct,block_m=1,block_n=1,num_warps=1,num_stages=1,vector=1"))),
            "expected order to name each of the axes 'mngb' once, in one to three groups "
            "separated by dots, got ''");
}

TEST(VerifySchedule, words) {
  EXPECT_EQ(verifyPool("algorithm=separable"),
            "expected algorithm to be one of columns, slab, direct, got 'separable'");
  EXPECT_EQ(verifyPool("block_h=3"), "expected block_h to be a power of two from 1 to 8192, got 3");
  EXPECT_EQ(verifyPool("num_warps=64"),
            "expected num_warps to be a power of two from 1 to 16, got 64");
  EXPECT_EQ(verifyPool("num_warps=3"),
            "expected num_warps to be a power of two from 1 to 16, got 3");
  EXPECT_EQ(verifyPool("num_stages=2"), "expected num_stages to be 1 for algorithm direct, got 2");
  EXPECT_EQ(verifyPool("vector=4"), "expected vector to be 1 for algorithm direct, got 4");
  EXPECT_EQ(verifyPool("block_m=8"),
            "expected no block_m for algorithm direct, which does not use it, got 8");
  EXPECT_EQ(verifyConv("block_k=32"),
            "expected no block_k for algorithm direct, which does not use it, got 32");
  EXPECT_EQ(verifyConv("block_n=131072"),
            "expected block_n to be a power of two from 1 to 16384, got 131072");
}

TEST(VerifySchedule, negativeNumbers) {
  Schedule schedule = words(goodPool);
  schedule.blockW = INT64_MIN;
  EXPECT_EQ(message(verifySchedule(startingPool(), defaultGPU(), schedule)),
            "expected block_w to be a power of two from 1 to 8192, got -9223372036854775808");
}

TEST(VerifySchedule, tilePerThread) {
  EXPECT_EQ(verifyPool("block_h=64,num_warps=4"),
            "expected a tile of at most 2048 elements for num_warps=4 (16 for each of 128 "
            "threads), got 4096 (block_p=1 * block_h=64 * block_w=64)");
  EXPECT_EQ(verifyConv("block_m=256,num_warps=4"),
            "expected a tile of at most 8192 elements for num_warps=4 (64 for each of 128 "
            "threads), got 16384 (block_m=256 * block_n=64)");
}

TEST(VerifySchedule, tileFitsTheRegisters) {
  // 16 warps leave each thread 128 registers, enough for 32 sums.
  EXPECT_EQ(verifyConv("block_m=256,block_n=128,num_warps=16"),
            "expected a tile of at most 16384 elements for num_warps=16 (32 for each of 512 "
            "threads), got 32768 (block_m=256 * block_n=128)");
}

TEST(VerifySchedule, gridLimits) {
  EXPECT_EQ(verify(poolOf(65536, 1, 1), goodPool, ""),
            "expected a grid of at most 2147483647 x 65535 x 65535 blocks, got 1 x 1 x 65536 with "
            "order=w.h.p; larger tiles or another order make it smaller");
  EXPECT_EQ(verifyConv("block_n=1"),
            "expected a grid of at most 2147483647 x 65535 x 65535 blocks, got 2 x 74758 x 64 with "
            "order=m.n.gb; larger tiles or another order make it smaller");
}

TEST(VerifySchedule, matrices) {
  Conv1dProblem problem = startingConv();
  problem.precision = Precision::tf32;
  constexpr llvm::StringLiteral good =
      "algorithm=gemm_slab,block_m=128,block_n=128,block_k=16,num_warps=8,num_stages=1,vector=1,"
      "order=m.n.gb";
  EXPECT_EQ(verify(problem, good, ""), "");
  EXPECT_EQ(verify(problem, good, "block_k=4"),
            "expected block_k to be a power of two from 8 to 64, got 4");
  EXPECT_EQ(verify(problem, good, "num_stages=5"),
            "expected num_stages to be a number from 1 to 4, got 5");
  EXPECT_EQ(verify(problem, good, "block_m=16,block_n=16"),
            "expected a tile of at least 1024 elements (128 for each of num_warps=8), got 256");
  // Weights: 3 taps x 128 x (16 + 4) floats; x: 16 channels x 424 floats, the
  // span of 390, in whole groups, with its pitch; three times.
  EXPECT_EQ(verify(problem, good, "num_stages=3"),
            "expected at most 101376 bytes of shared memory, got 173696; smaller blocks, fewer "
            "stages or algorithm=gemm_tap need less");
  // (3 * 128 + 392) * 32 elements by 256 threads.
  EXPECT_EQ(verify(problem, good, "block_k=32"),
            "expected at most 56 elements to be staged by each thread, got 97; more warps, smaller "
            "blocks or algorithm=gemm_tap need less");
  EXPECT_EQ(
      verify(problem, good, "algorithm=tensor"),
      "expected algorithm to be one of direct, gemm_packed, gemm_rows, gemm_flat, gemm_im2col, "
      "gemm_slab, gemm_tap, got 'tensor'");
}

TEST(VerifySchedule, rowsOfMatrices) {
  Conv1dProblem problem = startingConv();
  problem.precision = Precision::tf32;
  constexpr llvm::StringLiteral good = "algorithm=gemm_rows,block_m=128,block_n=128,block_k=8,"
                                       "num_warps=8,num_stages=3,order=m.n.gb";
  EXPECT_EQ(verify(problem, good, ""), "");
  EXPECT_EQ(verify(problem, good, "block_m=96,block_n=80,num_warps=4"), "");
  EXPECT_EQ(verify(problem, good, "block_m=72"),
            "expected block_m to be a multiple of 16 from 16 to 256, got 72");
  EXPECT_EQ(verify(problem, good, "block_m=48,block_n=88"),
            "expected a tile of equal parts of multiples of 16 x 8 for num_warps=8, got 48 x 88");
  EXPECT_EQ(verify(problem, good, "block_m=16,block_n=16"),
            "expected a tile of at least 1024 elements (128 for each of num_warps=8), got 256");
  // Weights: 144 rows of 8 * 3 floats; x: 8 rows of 396 floats, of which every other one is 24
  // modulo the 32 banks.
  EXPECT_EQ(verify(problem, good, "num_stages=4"), "");
  EXPECT_EQ(verify(problem, good, "block_m=144,num_stages=4"),
            "expected at most 101376 bytes of shared memory, got 106112; smaller blocks or fewer "
            "stages need less");
  // (32 * 392 + 128 * 96) / 4 groups of 16 bytes by 256 threads.
  EXPECT_EQ(verify(problem, good, "block_k=32,num_stages=1"),
            "expected at most 24 copies by each thread in one step, got 25; more warps or smaller "
            "blocks need less");
}

TEST(VerifySchedule, tapsInTheOrderOfWeights) {
  Conv1dProblem problem = startingConv();
  problem.precision = Precision::tf32;
  problem.window = {2400, 16, 8, 1, 8, 0};
  constexpr llvm::StringLiteral good = "algorithm=gemm_flat,block_m=64,block_n=128,block_k=2,"
                                       "num_warps=8,num_stages=2,order=m.n.gb";
  EXPECT_EQ(verify(problem, good, ""), "");
  EXPECT_EQ(verify(problem, good, "block_k=1,split_k=2"), "");
  EXPECT_EQ(verify(problem, good, "block_k=32"),
            "expected a multiple of 8 up to 256 products in a step, in four parts of whole "
            "channels or of equal numbers of taps, with rows of x that have a multiple of 16 "
            "bytes, got block_k=32 channels of 16 taps");
  // Rows of an odd number of elements begin alike in every fourth channel only.
  problem.window.size = 2401;
  EXPECT_EQ(verify(problem, good, "block_k=4"), "");
  EXPECT_NE(verify(problem, good, "block_k=2").find("got block_k=2 channels of 16 taps"),
            std::string::npos);
  problem.window.kernel = 1;
  EXPECT_EQ(verify(problem, good, ""),
            "algorithm gemm_flat does not apply: expected several taps, got 1");
  problem.window.kernel = 41;
  EXPECT_EQ(verify(problem, good, ""),
            "algorithm gemm_flat does not apply: expected a power of two of channels with at most "
            "256 taps, a multiple of 8, whose rows of x have a multiple of 16 bytes, got 41 taps");
}

TEST(VerifySchedule, channelsAndTapsInOne) {
  Conv1dProblem problem = startingConv();
  problem.type = DataType::f16;
  problem.inPerGroup = 4;
  problem.outPerGroup = 48;
  problem.window = {1000, 15, 1, 1, 7, 7};
  constexpr llvm::StringLiteral good = "algorithm=gemm_im2col,block_m=48,block_n=128,block_k=4,"
                                       "block_t=16,num_warps=4,num_stages=1,vector=4,order=m.n.gb";
  EXPECT_EQ(verify(problem, good, ""), "");
  EXPECT_EQ(verify(problem, good, "block_m=40"), "expected block_m to be a multiple of 16, got 40");
  EXPECT_EQ(verify(problem, good, "block_t=12"),
            "expected block_t to be a multiple of 8 taps (16 bytes), got 12");
  EXPECT_EQ(verify(problem, good, "block_t=72"),
            "expected at most 256 products in a step, got 288 (block_k=4 * block_t=72)");
  EXPECT_EQ(
      verify(problem, good, "num_warps=16,vector=8"),
      "expected a tile of which each of num_warps=16 has a multiple of 16 x 32, got 48 x 128");
  Conv1dProblem ieee = problem;
  ieee.type = DataType::f32;
  EXPECT_EQ(verify(ieee, good, "vector=1,block_t=5"), "");
  EXPECT_EQ(verify(ieee, good, "vector=1,block_t=4"),
            "expected block_t to divide the 15 taps where FMA units sum them, got 4");
  problem.window.size = 999;
  EXPECT_EQ(verify(problem, good, "vector=2"),
            "expected vector to be at most 1, of which rows of y are a multiple, got 2");
  problem.window = {100000, 1024, 1, 512, 0, 0};
  EXPECT_EQ(verify(problem, good, "block_t=8,vector=1").substr(0, 40),
            "expected at most 101376 bytes of shared ");
}

TEST(VerifySchedule, shiftedTaps) {
  Conv1dProblem problem = startingConv();
  problem.type = DataType::f16;
  problem.groups = 64;
  problem.inPerGroup = problem.outPerGroup = 1;
  problem.window = {1000, 31, 1, 1, 15, 15};
  constexpr llvm::StringLiteral good =
      "algorithm=gemm_toeplitz,block_g=4,block_m=1,block_n=512,block_k=1,num_warps=2,"
      "num_stages=1,order=m.n.gb";
  EXPECT_EQ(verify(problem, good, ""), "");
  EXPECT_EQ(verify(problem, good, "num_warps=8"),
            "expected block_n to be a multiple of 1024 (128 for each of num_warps=8), got 512");
  EXPECT_EQ(verify(problem, good, "block_n=8192,num_warps=2"),
            "expected at most 64 sums in each thread, got 128; more warps or smaller blocks have "
            "fewer");
  // 64 fragments of rows, three along K, for each group.
  EXPECT_EQ(verify(problem, good, "block_n=8192,num_warps=4,block_g=16"),
            "expected at most 512 products of fragments written out in a step, got 768; smaller "
            "blocks have fewer");
  // 8 rows of 261 groups of 8 elements, wherever they begin, and 8 times 62 taps and zeros, by 64
  // threads.
  problem.window.size = 999;
  EXPECT_EQ(verify(problem, good, "block_n=2048,block_g=8"),
            "expected at most 32 copies by each thread in one step, got 41; more warps or smaller "
            "blocks need less");
  problem.outPerGroup = 2;
  EXPECT_EQ(verify(problem, good, ""),
            "expected block_m to be all 2 output channels of a group where block_g is not 1, got "
            "1");
}

TEST(VerifySchedule, packedWeights) {
  Conv1dProblem problem = startingConv();
  constexpr llvm::StringLiteral good = "algorithm=gemm_packed,block_m=128,block_n=128,block_k=8,"
                                       "block_t=3,num_warps=8,num_stages=3,order=m.n.gb";
  EXPECT_EQ(verify(problem, good, ""), "");
  EXPECT_EQ(verify(problem, good, "block_t=4"),
            "expected block_t to be a number from 1 to 3, got 4");
  // Weights: 3 taps x 8 x 128 floats; x: 8 rows of 392 floats.
  EXPECT_EQ(verify(problem, good, "num_stages=4,block_k=16"),
            "expected at most 101376 bytes of shared memory, got 198784; smaller blocks or fewer "
            "stages need less");
}

TEST(VerifySchedule, productsOfFourWarps) {
  Conv1dProblem problem = startingConv();
  problem.precision = Precision::tf32;
  constexpr llvm::StringLiteral good = "algorithm=gemm_wgmma,block_m=128,block_n=128,block_k=8,"
                                       "block_t=3,num_warps=8,num_stages=3,order=m.n.gb";
  auto verifyOn = [&](llvm::StringRef gpu, llvm::StringRef changed) {
    return message(
        verifySchedule(problem, *lookupGPU(gpu), words(changed).completedBy(words(good))));
  };
  EXPECT_EQ(verifyOn("h200", ""), "");
  EXPECT_EQ(verifyOn("h100", "block_m=256"), "");
  EXPECT_EQ(verifyOn("h100", "block_m=208"), "");
  EXPECT_EQ(verifyOn("h200", "block_m=200"),
            "expected block_m to be a multiple of 16 from 16 to 256, got 200");
  EXPECT_EQ(verifyOn("h200", "num_warps=2"),
            "expected num_warps to be a power of two from 4 to 16, got 2");
  EXPECT_EQ(verifyOn("h200", "block_n=64"), "expected block_n of at least 128 (16 for each of "
                                            "num_warps=8), got 64");
  EXPECT_EQ(verifyOn("h200", "block_m=256,block_n=256"),
            "expected a tile of at most 32768 elements for num_warps=8 (128 for each of 256 "
            "threads), got 65536 (block_m=256 * block_n=256)");
  EXPECT_EQ(verifyOn("h200", "block_k=64,num_stages=4,num_warps=8"),
            "expected at most 24 copies by each thread in one step, got 49; more warps or smaller "
            "blocks need less");
  EXPECT_EQ(verifyOn("a100", ""),
            "algorithm gemm_wgmma does not apply: expected a GPU with products of four warps "
            "(wgmma), got a100");
  problem.precision = Precision::tf32x3;
  EXPECT_EQ(verifyOn("h200", ""), "algorithm gemm_wgmma does not apply: expected f16, bf16 or "
                                  "precision tf32, got f32 and tf32x3");
  problem.precision = Precision::tf32;
  problem.inPerGroup = 1;
  EXPECT_EQ(verifyOn("h200", ""), "algorithm gemm_wgmma does not apply: expected more than 1 input "
                                  "channels per group, got 1");
}

TEST(VerifySchedule, productsThatAreLeftOpen) {
  Conv1dProblem problem = startingConv();
  problem.precision = Precision::tf32x3;
  constexpr llvm::StringLiteral good = "algorithm=gemm_tap,block_m=64,block_n=64,block_k=16,"
                                       "num_warps=4,num_stages=2,vector=1,order=m.n.gb";
  auto verify = [&](llvm::StringRef changed) {
    return message(verifySchedule(problem, defaultGPU(), words(changed).completedBy(words(good))));
  };
  // Without the word, those of tensor cores are meant.
  for (const char *products : {"", "products=mma", "products=fma"})
    EXPECT_EQ(verify(products), "");
  // The limits are those of the unit.
  EXPECT_EQ(verify("products=fma,block_m=8"), "");
  for (const char *words : {"products=mma,block_m=8", "block_m=8"})
    EXPECT_EQ(verify(words), "expected block_m to be a power of two from 16 to 256, got 8");
  EXPECT_EQ(verify("algorithm=direct,products=mma"),
            "expected products=fma for algorithm direct, which has no others, got products=mma");
  EXPECT_EQ(verify("algorithm=gemm_patches,products=fma"),
            "algorithm gemm_patches with products=fma does not apply: expected f16, bf16 or a "
            "precision of tensor cores");
  for (Precision precision : {Precision::ieee, Precision::tf32}) {
    problem.precision = precision;
    EXPECT_EQ(verify("products=fma"),
              "expected products only for precision tf32x3, got products=fma");
  }
}

TEST(VerifySchedule, chunksOfChannels) {
  Conv1dProblem problem = startingConv();
  problem.precision = Precision::tf32;
  constexpr llvm::StringLiteral good = "algorithm=gemm_chunked,block_m=128,block_n=128,block_k=8,"
                                       "block_t=3,num_warps=8,num_stages=3,order=m.n.gb";
  auto verifyOn = [&](llvm::StringRef gpu, llvm::StringRef changed) {
    return message(
        verifySchedule(problem, *lookupGPU(gpu), words(changed).completedBy(words(good))));
  };
  EXPECT_EQ(verifyOn("h200", ""), "");
  EXPECT_EQ(verifyOn("h100", "block_m=64,num_warps=4"), "");
  EXPECT_EQ(verifyOn("h200", "block_m=64"), "expected block_m of at least 128 (16 for each of "
                                            "num_warps=8), got 64");
  EXPECT_EQ(verifyOn("h200", "num_stages=1"), "expected num_stages of at least 2 for 8 steps, "
                                              "got 1");
  // Of each of three taps 128 positions, of sixteen chunks of 4 channels for eight warps.
  EXPECT_EQ(verifyOn("h200", "block_k=64,num_stages=2"),
            "expected at most 64 loads by each thread in one step, got 96; more warps or smaller "
            "blocks need less");
  EXPECT_EQ(verifyOn("a100", ""),
            "algorithm gemm_chunked does not apply: expected a GPU with products of four warps "
            "(wgmma), got a100");
  problem.inPerGroup = 66;
  EXPECT_EQ(verifyOn("h200", ""), "algorithm gemm_chunked does not apply: expected a multiple of 4 "
                                  "input channels per group (16 bytes), got 66");
  problem.inPerGroup = 64;
  problem.outPerGroup = 72;
  EXPECT_EQ(verifyOn("h200", ""), "algorithm gemm_chunked does not apply: expected a multiple of "
                                  "16 output channels per group, got 72");
}

TEST(VerifySchedule, positionsOfAStrideAsChannels) {
  Conv1dProblem problem = startingConv();
  problem.precision = Precision::tf32;
  problem.window = {.size = 800, .kernel = 16, .stride = 8, .padBefore = 8, .padAfter = 7};
  constexpr llvm::StringLiteral good = "algorithm=gemm_folded,block_m=128,block_n=104,block_k=16,"
                                       "block_t=2,num_warps=8,num_stages=3,order=m.n.gb";
  auto verify = [&](llvm::StringRef changed = "") {
    return message(
        verifySchedule(problem, *lookupGPU("h200"), words(changed).completedBy(words(good))));
  };
  EXPECT_EQ(verify(), "");
  EXPECT_EQ(verify("block_n=100"),
            "expected block_n to be a multiple of 8 from 16 to 256, got 100");
  EXPECT_EQ(verify("block_t=3"), "expected block_t to be a number from 1 to 2, got 3");
  auto doesNot = [](llvm::StringRef why) {
    return ("algorithm gemm_folded does not apply: expected " + why).str();
  };
  auto verifyWith = [&](int64_t Window::*field, int64_t value) {
    int64_t before = std::exchange(problem.window.*field, value);
    std::string found = verify();
    problem.window.*field = before;
    return found;
  };
  EXPECT_EQ(verifyWith(&Window::stride, 6),
            doesNot("a stride of a multiple of 4 (16 bytes), got 6"));
  EXPECT_EQ(verifyWith(&Window::kernel, 12),
            doesNot("a multiple of the stride (8) of taps, got 12"));
  EXPECT_EQ(verifyWith(&Window::padBefore, 4),
            doesNot("a multiple of the stride (8) of zeros on the left, got 4"));
  EXPECT_EQ(verifyWith(&Window::size, 804),
            doesNot("a multiple of the stride (8) of positions, got 804"));
  EXPECT_EQ(verifyWith(&Window::dilation, 2), doesNot("a dilation of 1, got 2"));
  problem.alignment = 8;
  EXPECT_EQ(verify(), doesNot("tensors at multiples of 16 bytes, got 8"));
  problem.alignment = 16;
  problem.window = {.size = 768, .kernel = 24, .stride = 12};
  EXPECT_EQ(verify(), "expected block_k of a multiple of the stride, 12, got 16");
  problem.outPerGroup = 72;
  EXPECT_EQ(verify(), doesNot("a multiple of 16 output channels per group, got 72"));
}

TEST(VerifySchedule, gatheredWindows) {
  Conv1dProblem problem = startingConv();
  problem.type = DataType::bf16;
  problem.inPerGroup = 4;
  problem.outPerGroup = 208;
  problem.window = {.size = 800, .kernel = 15, .padBefore = 7, .padAfter = 7};
  constexpr llvm::StringLiteral good =
      "algorithm=gemm_gathered,block_m=64,block_n=128,tiles_m=2,num_warps=4,order=m.n.gb";
  auto verify = [&](llvm::StringRef changed = "", llvm::StringRef gpu = "h200") {
    return message(
        verifySchedule(problem, *lookupGPU(gpu), words(changed).completedBy(words(good))));
  };
  EXPECT_EQ(verify(), "");
  EXPECT_EQ(verify("tiles_m=1"), "expected tiles_m to be a number from 2 to 64, got 1");
  EXPECT_EQ(verify("tiles_m=5"),
            "expected tiles_m of at most 4, the tiles of 64 channels there are, got 5");
  EXPECT_EQ(verify("num_warps=8"),
            "expected block_m of at least 128 (16 for each of num_warps=8), got 64");
  EXPECT_EQ(verify("block_n=100"),
            "expected block_n to be a multiple of 8 from 16 to 256, got 100");
  auto doesNot = [](llvm::StringRef why) {
    return ("algorithm gemm_gathered does not apply: expected " + why).str();
  };
  problem.outPerGroup = 200;
  EXPECT_EQ(verify(), doesNot("a multiple of 16 output channels per group, got 200"));
  problem.outPerGroup = 208;
  problem.inPerGroup = 17;
  EXPECT_EQ(verify(), doesNot("at most 256 products for each sum, got 272"));
  problem.inPerGroup = 16;
  EXPECT_EQ(verify(), "");
  problem.window.size = 804;
  EXPECT_EQ(verify(), doesNot("rows of a multiple of 16 bytes, got 1608"));
  problem.window.size = 880;
  problem.window.stride = 16;
  problem.window.padBefore = 8;
  EXPECT_EQ(verify(), "expected a stride of less than 32 bytes, got 16 positions");
  problem.window.size = 790;
  problem.window.stride = 3;
  EXPECT_EQ(verify("block_n=256"),
            "expected at most 256 elements of x to be gathered by each thread, got 512; more warps "
            "or smaller blocks need less");
  problem.type = DataType::f32;
  problem.precision = Precision::tf32;
  EXPECT_EQ(verify(), doesNot("f16 or bf16"));
}

TEST(VerifySchedule, partsOfSums) {
  Conv1dProblem problem = startingConv();
  constexpr llvm::StringLiteral good =
      "algorithm=gemm_packed,block_m=128,block_n=128,block_k=8,block_t=3,split_k=8,num_warps=8,"
      "num_stages=3,order=m.n.gb";
  EXPECT_EQ(verify(problem, good, ""), "");
  EXPECT_EQ(verify(problem, good, "split_k=1"),
            "expected split_k to be a number from 2 to 16, got 1");
  EXPECT_EQ(verify(problem, good, "split_k=9"),
            "expected split_k of at most 8, the steps of block_k channels, got 9");
  EXPECT_EQ(verify(problem, good, "order=m.n"),
            "expected order to name each of the axes 'mngb' once, in one to three groups separated "
            "by dots, got 'm.n'");
  problem.batchIsDynamic = true;
  EXPECT_EQ(verify(problem, good, ""), "expected static sizes for split_k, whose sums take as much "
                                       "memory as parts of y in f32");
  problem.batchIsDynamic = false;
  problem.batch = int64_t(1) << 20;
  problem.window.size = int64_t(1) << 26;
  EXPECT_EQ(verify(problem, good, "").find("expected parts of 1 to "), 0u);
}
