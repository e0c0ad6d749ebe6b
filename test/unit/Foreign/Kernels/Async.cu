// Copies from global to shared memory that complete in the background.

#include <cuda_pipeline_primitives.h>

// Copies of 4, 8 and 16 bytes, the latter with the end filled with zeros.
extern "C" __global__ void copyWidths(float *out, const float *in) {
  __shared__ __align__(16) float tile[3][128];
  int t = threadIdx.x;
  __pipeline_memcpy_async(&tile[0][t], in + t, 4);
  if (t < 64)
    __pipeline_memcpy_async(&tile[1][2 * t], in + 2 * t, 8);
  if (t < 32)
    __pipeline_memcpy_async(&tile[2][4 * t], in + 4 * t, 16, t % 4 * 4);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  for (int i = 0; i < 3; ++i)
    out[128 * i + t] = tile[i][127 - t];
}

// A moving sum over chunks of a row, `stages` of them on their way at a time.
template <int stages> __device__ void chunkSums(float *out, const float *in, int chunks) {
  __shared__ __align__(16) float tile[stages][256];
  int t = threadIdx.x;
  const float *row = in + blockIdx.x * chunks * 256;
  auto fetch = [&](int chunk) {
    if (chunk < chunks && t < 64)
      __pipeline_memcpy_async(&tile[chunk % stages][4 * t], row + chunk * 256 + 4 * t, 16);
    __pipeline_commit();
  };
  for (int i = 0; i < stages - 1; ++i)
    fetch(i);
  float sum = 0;
  for (int i = 0; i < chunks; ++i) {
    __pipeline_wait_prior(stages - 2);
    __syncthreads();
    fetch(i + stages - 1);
    for (int j = t; j < 256; j += 128)
      sum += tile[i % stages][255 - j] * (i + 1);
  }
  out[blockIdx.x * 128 + t] = sum;
}

extern "C" __global__ void twoStages(float *out, const float *in, int chunks) {
  chunkSums<2>(out, in, chunks);
}
extern "C" __global__ void threeStages(float *out, const float *in, int chunks) {
  chunkSums<3>(out, in, chunks);
}
extern "C" __global__ void fiveStages(float *out, const float *in, int chunks) {
  chunkSums<5>(out, in, chunks);
}
