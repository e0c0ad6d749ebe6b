// CUDA kernels that another compiler turns into PTX: ForeignTest.cpp runs them on
// the virtual GPU and holds the results against the host. All have the form
// kernel(const in *, out *, n) unless said otherwise.

#include <cooperative_groups.h>
#include <cstdint>
#include <cub/cub.cuh>
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_awbarrier_primitives.h>
#include <cuda_pipeline.h>
#include <mma.h>

using namespace nvcuda;

extern "C" __global__ void divergence(const uint32_t *in, uint32_t *out, uint32_t n) {
  uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  uint32_t x = in[i], steps = 0;
  while (x != 1 && steps < 1000) {
    x = x & 1 ? 3 * x + 1 : x / 2;
    ++steps;
  }
  switch (in[i] % 7) {
  case 0:
    steps += 100;
    break;
  case 1:
    steps *= 3;
    break;
  case 2:
    steps ^= 0x55;
    break;
  case 3:
    for (uint32_t k = 0; k < steps % 5; ++k)
      steps += k;
    break;
  case 4:
    if (steps & 1)
      steps = ~steps;
    break;
  case 5:
    steps = __brev(steps);
    break;
  }
  out[i] = steps;
}

// A full-mask shuffle in both branches of a divergent if.
extern "C" __global__ void shuffleInBothBranches(const uint32_t *in, uint32_t *out, uint32_t n) {
  uint32_t x = in[threadIdx.x];
  if (threadIdx.x & 1)
    x = __shfl_xor_sync(0xFFFFFFFF, x, 1) + 1000;
  else
    x = __shfl_xor_sync(0xFFFFFFFF, x, 1) + 2000;
  out[threadIdx.x] = x;
}

__noinline__ __device__ uint32_t fibonacciStep(uint32_t a, uint32_t *b) {
  uint32_t next = a + *b;
  *b = a;
  return next;
}
extern "C" __global__ void calls(const uint32_t *in, uint32_t *out, uint32_t n) {
  uint32_t a = 1, b = 0;
  for (uint32_t k = 0; k < in[threadIdx.x] % 40; ++k)
    a = fibonacciStep(a, &b);
  out[threadIdx.x] = a;
}

extern "C" __global__ void warpPrimitives(const uint32_t *in, uint32_t *out, uint32_t n) {
  uint32_t i = threadIdx.x, x = in[i], result = 0;
  result += __reduce_add_sync(0xFFFFFFFF, x & 0xFF);
  result ^= __ballot_sync(0xFFFFFFFF, x & 4);
  result += __popc(__match_any_sync(0xFFFFFFFF, x % 5)) << 8;
  result += __any_sync(0xFFFFFFFF, x == 77) << 20;
  result += __all_sync(0xFFFFFFFF, x < 0xFFFFFFFF) << 21;
  for (int d = 16; d; d /= 2)
    x += __shfl_down_sync(0xFFFFFFFF, x, d);
  out[i] = result + __shfl_sync(0xFFFFFFFF, x, 0);
}

extern "C" __global__ void atomics(const uint32_t *in, uint32_t *out, uint32_t n) {
  __shared__ uint32_t bins[16];
  if (threadIdx.x < 16)
    bins[threadIdx.x] = 0;
  __syncthreads();
  uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    atomicAdd(&bins[in[i] % 16], 1);
    atomicMax(&out[16], in[i]);
    atomicMin((int *)&out[17], (int)in[i]);
    atomicAdd((float *)&out[18], 0.5f);
    atomicXor(&out[19], in[i]);
    atomicInc(&out[20], 9);
  }
  __syncthreads();
  if (threadIdx.x < 16)
    atomicAdd(&out[threadIdx.x], bins[threadIdx.x]);
}

// Spins on a lock that another lane of the warp holds.
extern "C" __global__ void spinLock(const uint32_t *in, uint32_t *out, uint32_t n) {
  bool done = false;
  while (!done) {
    if (atomicCAS(&out[0], 0, 1) == 0) {
      out[1] += in[threadIdx.x];
      __threadfence();
      atomicExch(&out[0], 0);
      done = true;
    }
  }
}

extern "C" __global__ void asyncCopies(const float4 *in, float4 *out, uint32_t n) {
  __shared__ float4 stages[3][64];
  uint32_t i = threadIdx.x, tiles = n / 64;
  for (uint32_t s = 0; s < 2; ++s) {
    if (s < tiles)
      __pipeline_memcpy_async(&stages[s][i], &in[s * 64 + i], sizeof(float4));
    __pipeline_commit();
  }
  for (uint32_t t = 0; t < tiles; ++t) {
    __pipeline_wait_prior(1);
    __syncthreads();
    float4 v = stages[t % 3][63 - i];
    v.x += 1;
    out[t * 64 + i] = v;
    if (t + 2 < tiles)
      __pipeline_memcpy_async(&stages[(t + 2) % 3][i], &in[(t + 2) * 64 + i], sizeof(float4));
    __pipeline_commit();
  }
}

__device__ void arriveAndWait(__mbarrier_t *barrier) {
  __mbarrier_token_t token = __mbarrier_arrive(barrier);
  while (!__mbarrier_test_wait(barrier, token))
    ;
}

/// Warp 0 copies tiles of 64 words into a ring, the other three add them up.
extern "C" __global__ void producerAndConsumers(const uint32_t *in, uint32_t *out, uint32_t n) {
  constexpr uint32_t stages = 3, words = 64;
  __shared__ uint32_t ring[stages][words];
  __shared__ __mbarrier_t filled[stages], emptied[stages];
  uint32_t tiles = n / words, i = threadIdx.x;
  if (i < stages) {
    __mbarrier_init(&filled[i], blockDim.x);
    __mbarrier_init(&emptied[i], blockDim.x);
  }
  __syncthreads();
  if (i < 32) {
    for (uint32_t t = 0; t < tiles; ++t) {
      uint32_t s = t % stages;
      if (t >= stages)
        arriveAndWait(&emptied[s]);
      for (uint32_t word = i; word < words; word += 32)
        __pipeline_memcpy_async(&ring[s][word], &in[t * words + word], sizeof(uint32_t));
      // One arrival more is pending then, until the copies are there.
      __pipeline_arrive_on(&filled[s]);
      __mbarrier_arrive(&filled[s]);
    }
    return;
  }
  uint32_t sum = 0;
  for (uint32_t t = 0; t < tiles; ++t) {
    uint32_t s = t % stages;
    arriveAndWait(&filled[s]);
    for (uint32_t word = 0; word < words; ++word)
      sum = sum * 3 + ring[s][(word + i) % words];
    __mbarrier_token_t token = __mbarrier_arrive(&emptied[s]);
    sum += __mbarrier_token_pending_count(token) > blockDim.x;
  }
  out[i - 32] = sum;
}

template <typename T, int M, int N, int K, typename C>
__device__ void wmmaTile(const T *a, const T *b, C *c) {
  wmma::fragment<wmma::matrix_a, M, N, K, T, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, M, N, K, T, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, M, N, K, C> fc;
  wmma::fill_fragment(fc, C(1.0f));
  wmma::load_matrix_sync(fa, a, K);
  wmma::load_matrix_sync(fb, b, K);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, N, wmma::mem_row_major);
}
extern "C" __global__ void wmmaHalf(const half *a, const half *b, float *c) {
  wmmaTile<half, 16, 16, 16>(a, b, c);
}
extern "C" __global__ void wmmaHalfWide(const half *a, const half *b, float *c) {
  wmmaTile<half, 8, 32, 16>(a, b, c);
}
extern "C" __global__ void wmmaHalfHalf(const half *a, const half *b, half *c) {
  wmmaTile<half, 32, 8, 16>(a, b, c);
}
extern "C" __global__ void wmmaBfloat(const __nv_bfloat16 *a, const __nv_bfloat16 *b, float *c) {
  wmmaTile<__nv_bfloat16, 16, 16, 16>(a, b, c);
}
extern "C" __global__ void wmmaTf32(const float *a, const float *b, float *c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> fc;
  wmma::fill_fragment(fc, 1.0f);
  wmma::load_matrix_sync(fa, a, 8);
  wmma::load_matrix_sync(fb, b, 8);
  for (int i = 0; i < fa.num_elements; ++i)
    fa.x[i] = wmma::__float_to_tf32(fa.x[i]);
  for (int i = 0; i < fb.num_elements; ++i)
    fb.x[i] = wmma::__float_to_tf32(fb.x[i]);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}

extern "C" __global__ void cubReduceScan(const int *in, int *out, uint32_t n) {
  using Reduce = cub::BlockReduce<int, 128>;
  using Scan = cub::BlockScan<int, 128>;
  using WarpScan = cub::WarpScan<int>;
  __shared__ typename Reduce::TempStorage reduce;
  __shared__ typename Scan::TempStorage scan;
  __shared__ typename WarpScan::TempStorage warpScan[4];
  int x = in[threadIdx.x];
  int sum = Reduce(reduce).Sum(x);
  int prefix, warpPrefix;
  Scan(scan).ExclusiveSum(x, prefix);
  WarpScan(warpScan[threadIdx.x / 32]).InclusiveSum(x, warpPrefix);
  if (threadIdx.x == 0)
    out[256] = sum;
  out[threadIdx.x] = prefix;
  out[128 + threadIdx.x] = warpPrefix;
}

extern "C" __global__ void cubSort(const uint32_t *in, uint32_t *out, uint32_t n) {
  using Sort = cub::BlockRadixSort<uint32_t, 128, 4>;
  using Exchange = cub::BlockExchange<uint32_t, 128, 4>;
  __shared__ typename Sort::TempStorage sort;
  __shared__ typename Exchange::TempStorage exchange;
  uint32_t keys[4];
  for (int k = 0; k < 4; ++k)
    keys[k] = in[threadIdx.x * 4 + k];
  Sort(sort).Sort(keys);
  __syncthreads();
  Exchange(exchange).BlockedToStriped(keys, keys);
  for (int k = 0; k < 4; ++k)
    out[k * 128 + threadIdx.x] = keys[k];
}

extern "C" __global__ void doubles(const double *in, double *out, uint32_t n) {
  uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    out[i] = sqrt(fabs(in[i])) / (1.0 + in[i] * in[i]) + floor(in[i]);
}

extern "C" __global__ void mathFunctions(const float *in, float *out, uint32_t n) {
  uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    out[i] = expf(in[i]) + tanhf(in[i]) * sinf(in[i]) + logf(1.0f + in[i] * in[i]) +
             erff(in[i]) + powf(fabsf(in[i]) + 0.5f, 1.7f);
}
