//===- AsyncTest.cpp - Copies that complete in the background -------------===//

#include "Foreign.h"

using namespace poolc::vgpu::test;

class Async : public Foreign {};
FOREIGN_TESTS(Async);

TEST_P(Async, copyWidths) {
  std::vector<float> in = wholeNumbers<float>(128, 1, 1000), expected;
  for (int i = 0; i < 2; ++i)
    expected.insert(expected.end(), in.rbegin(), in.rend());
  // Thread t's four words: the last t % 4 of them are zeros.
  for (int word = 127; word >= 0; --word)
    expected.push_back(word % 4 < 4 - word / 4 % 4 ? in[word] : 0);
  EXPECT_TRUE(sameBits(run("Async.cu", "copyWidths", {1, 128}, Out<float>{384}, in), expected));
}

TEST_P(Async, stages) {
  const int chunks = 7, blocks = 3;
  std::vector<float> in = wholeNumbers<float>(blocks * chunks * 256, -100, 100);
  std::vector<float> expected(blocks * 128);
  for (int block = 0; block < blocks; ++block)
    for (int chunk = 0; chunk < chunks; ++chunk)
      for (int t = 0; t < 128; ++t) {
        const float *from = &in[(block * chunks + chunk) * 256];
        expected[block * 128 + t] += (from[255 - t] + from[127 - t]) * (chunk + 1);
      }
  for (const char *kernel : {"twoStages", "threeStages", "fiveStages"})
    EXPECT_TRUE(sameBits(
        run("Async.cu", kernel, {blocks, 128}, Out<float>{blocks * 128}, in, chunks), expected))
        << kernel;
}
