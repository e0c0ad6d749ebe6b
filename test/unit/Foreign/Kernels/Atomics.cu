// Atomic operations of all types on global and shared memory. Sums are of
// whole numbers, so that their order does not matter.

#include <cuda_bf16.h>
#include <cuda_fp16.h>

extern "C" __global__ void integerAtomics(int *cells, const int *in) {
  int t = blockIdx.x * blockDim.x + threadIdx.x, value = in[t];
  unsigned *unsignedCells = reinterpret_cast<unsigned *>(cells);
  atomicAdd(&cells[0], value);
  atomicSub(&cells[1], value);
  atomicMin(&cells[2], value);
  atomicMax(&cells[3], value);
  atomicMin(&unsignedCells[4], (unsigned)value);
  atomicMax(&unsignedCells[5], (unsigned)value);
  atomicAnd(&cells[6], value);
  atomicOr(&cells[7], value);
  atomicXor(&cells[8], value);
  atomicInc(&unsignedCells[9], 36);
  atomicDec(&unsignedCells[10], 50);
  atomicAdd_block(&cells[11 + blockIdx.x], 1);
  atomicAdd_system(&cells[15], 2);
}

extern "C" __global__ void longAtomics(unsigned long long *cells, const long long *in) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  long long value = in[t];
  long long *signedCells = reinterpret_cast<long long *>(cells);
  atomicAdd(&cells[0], (unsigned long long)value);
  atomicMin(&signedCells[1], value);
  atomicMax(&signedCells[2], value);
  atomicMax(&cells[3], (unsigned long long)value);
  atomicAnd(&cells[4], (unsigned long long)value);
  atomicOr(&cells[5], (unsigned long long)value);
  atomicXor(&cells[6], (unsigned long long)value);
}

extern "C" __global__ void floatAtomics(float *cells, double *doubleCells, const float *in) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&cells[t % 3], in[t]);
  atomicAdd(doubleCells + t % 2, in[t] * 0.5);
  __shared__ float sum;
  if (threadIdx.x == 0)
    sum = 0;
  __syncthreads();
  atomicAdd(&sum, in[t]);
  __syncthreads();
  if (threadIdx.x == 0)
    cells[3 + blockIdx.x] = sum;
}

extern "C" __global__ void halfAtomics(__half *cells, __half2 *pairs, __nv_bfloat16 *bfloats,
                                       __nv_bfloat162 *bfloatPairs, const int *in) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  // Neighbouring cells share a word.
  atomicAdd(&cells[t % 5], __int2half_rn(in[t]));
  atomicAdd(&pairs[t % 2], __half2(__int2half_rn(in[t]), __int2half_rn(-2 * in[t])));
  atomicAdd(&bfloats[t % 3], __int2bfloat16_rn(in[t]));
  atomicAdd(bfloatPairs, __nv_bfloat162(__int2bfloat16_rn(in[t]), __int2bfloat16_rn(1)));
}

// What the operations return: each value of a counter is handed out once.
extern "C" __global__ void tickets(int *owner, int *counters) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  __shared__ int next, base;
  if (threadIdx.x == 0)
    next = 0;
  __syncthreads();
  int mine = atomicAdd(&next, 1);
  __syncthreads();
  if (threadIdx.x == 0)
    base = atomicAdd(&counters[0], next);
  __syncthreads();
  owner[base + mine] = t;
  unsigned wrapped = atomicInc(reinterpret_cast<unsigned *>(&counters[1]), 9);
  atomicAdd(&counters[2 + wrapped], 1);
  // Swaps pass a token on: the sum of what all received and what is left is that of all tokens.
  int token = atomicExch(&counters[12], t);
  atomicAdd(&counters[13], token);
}

__device__ float atomicMaxFloat(float *cell, float value) {
  int *bits = reinterpret_cast<int *>(cell);
  int seen = *bits;
  while (__int_as_float(seen) < value) {
    int before = atomicCAS(bits, seen, __float_as_int(value));
    if (before == seen)
      break;
    seen = before;
  }
  return __int_as_float(seen);
}

// Compare-and-swap of 32, 64 and 16 bits, in loops until it succeeds.
extern "C" __global__ void compareAndSwap(float *maximum, unsigned long long *product,
                                          unsigned short *narrow, const int *in) {
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  atomicMaxFloat(maximum, in[t] * 0.25f);
  unsigned long long seen = product[0], before;
  do {
    before = seen;
    seen = atomicCAS(product, before, before * (2 * in[t] + 1));
  } while (seen != before);
  unsigned short old = narrow[t % 3], expected;
  do {
    expected = old;
    old = atomicCAS(&narrow[t % 3], expected, (unsigned short)(expected + t));
  } while (old != expected);
}

// A lock held by one thread at a time, taken by all lanes of a warp.
extern "C" __global__ void spinLock(int *lockAndValue) {
  bool done = false;
  while (!done) {
    if (atomicCAS(&lockAndValue[0], 0, 1) == 0) {
      __threadfence();
      volatile int *value = &lockAndValue[1];
      *value = *value + 1;
      __threadfence();
      atomicExch(&lockAndValue[0], 0);
      done = true;
    }
  }
}

extern "C" __global__ void histogram(int *bins, const unsigned char *in, int n) {
  __shared__ int local[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    local[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(&local[in[i]], 1);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    atomicAdd(&bins[i], local[i]);
}

// The block that finishes last adds up what all blocks have left.
extern "C" __global__ void lastBlockSums(int *out, int *partial, unsigned *finished, const int *in) {
  __shared__ bool isLast;
  __shared__ int sum;
  if (threadIdx.x == 0)
    sum = 0;
  __syncthreads();
  atomicAdd(&sum, in[blockIdx.x * blockDim.x + threadIdx.x]);
  __syncthreads();
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = sum;
    __threadfence();
    isLast = atomicAdd(finished, 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (!isLast)
    return;
  __threadfence();
  if (threadIdx.x == 0) {
    int total = 0;
    for (int i = 0; i < gridDim.x; ++i)
      total += *(volatile int *)(partial + i);
    *out = total;
  }
}
