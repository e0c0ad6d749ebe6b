// Exchange and votes between the lanes of a warp.

constexpr unsigned fullMask = 0xFFFFFFFF;

extern "C" __global__ void shuffles(int *out, const int *in, int columns) {
  int t = threadIdx.x, lane = t % 32, value = in[t];
  int *row = out + t * columns;
  *row++ = __shfl_sync(fullMask, value, 5);
  *row++ = __shfl_sync(fullMask, value, lane * 7);
  *row++ = __shfl_sync(fullMask, value, lane + 3, 8);
  *row++ = __shfl_up_sync(fullMask, value, 1);
  *row++ = __shfl_up_sync(fullMask, value, 9);
  *row++ = __shfl_up_sync(fullMask, value, 3, 16);
  *row++ = __shfl_down_sync(fullMask, value, 2);
  *row++ = __shfl_down_sync(fullMask, value, 5, 4);
  *row++ = __shfl_down_sync(fullMask, value, 3, 8);
  *row++ = __shfl_xor_sync(fullMask, value, 16);
  *row++ = __shfl_xor_sync(fullMask, value, 31);
  *row++ = __shfl_xor_sync(fullMask, value, 5, 8);
  *row++ = __shfl_xor_sync(fullMask, value, 12, 8);
  int valid;
  asm volatile("{ .reg .pred p; shfl.sync.up.b32 %0|p, %2, 4, 0, 0xFFFFFFFF; selp.b32 %1, 1, 0, p; }"
               : "=r"(*row), "=r"(valid)
               : "r"(value));
  ++row;
  *row++ = valid;
  double wide = __shfl_xor_sync(fullMask, value * 1.5, 3);
  *row++ = int(wide * 2);
  // Half of the warp is away.
  int low = -1;
  if (lane < 16)
    low = __shfl_down_sync(0x0000FFFF, value, 8, 16);
  *row++ = low;
}

extern "C" __global__ void votes(unsigned *out, const int *in, int columns) {
  int t = threadIdx.x, lane = t % 32, value = in[t];
  unsigned *row = out + t * columns;
  *row++ = __ballot_sync(fullMask, value > 0);
  *row++ = __all_sync(fullMask, value > -100);
  *row++ = __all_sync(fullMask, value > 0);
  *row++ = __any_sync(fullMask, value > 0);
  *row++ = __any_sync(fullMask, value > 100);
  *row++ = __uni_sync(fullMask, value > 0);
  *row++ = __match_any_sync(fullMask, value & 3);
  *row++ = __match_any_sync(fullMask, (long long)(value & 1) << 40);
  int same;
  *row++ = __match_all_sync(fullMask, value / 1000, &same);
  *row++ = same;
  *row++ = __match_all_sync(fullMask, value, &same);
  *row++ = same;
  unsigned odd = 0;
  if (lane & 1)
    odd = __ballot_sync(0xAAAAAAAA, value > 0) ^ __activemask();
  *row++ = odd;
}

extern "C" __global__ void reductions(int *out, const int *in, int columns) {
  int t = threadIdx.x, lane = t % 32, value = in[t];
  int *row = out + t * columns;
  *row++ = __reduce_add_sync(fullMask, value);
  *row++ = __reduce_min_sync(fullMask, value);
  *row++ = __reduce_max_sync(fullMask, value);
  *row++ = __reduce_min_sync(fullMask, (unsigned)value);
  *row++ = __reduce_max_sync(fullMask, (unsigned)value);
  *row++ = __reduce_and_sync(fullMask, (unsigned)value);
  *row++ = __reduce_or_sync(fullMask, (unsigned)value);
  *row++ = __reduce_xor_sync(fullMask, (unsigned)value);
  // A group by the value's remainder: several reductions at once.
  unsigned group = __match_any_sync(fullMask, lane % 5);
  *row++ = __reduce_add_sync(group, value);
}

// The sum of a block: trees within warps, then one over the warps.
extern "C" __global__ void blockSum(long long *out, const int *in, int n) {
  __shared__ long long partial[32];
  long long sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    sum += in[i];
  for (int offset = 16; offset > 0; offset /= 2)
    sum += __shfl_down_sync(fullMask, sum, offset);
  if (threadIdx.x % 32 == 0)
    partial[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x < 32) {
    sum = threadIdx.x < blockDim.x / 32 ? partial[threadIdx.x] : 0;
    for (int offset = 16; offset > 0; offset /= 2)
      sum += __shfl_xor_sync(fullMask, sum, offset);
    if (threadIdx.x == 0)
      out[blockIdx.x] = sum;
  }
}

// Barriers that also count and vote.
extern "C" __global__ void barrierVotes(int *out, const int *in) {
  int value = in[threadIdx.x];
  int count = __syncthreads_count(value > 0);
  int all = __syncthreads_and(value > -1000);
  int any = __syncthreads_or(value == 77);
  out[threadIdx.x] = count * 4 + (all != 0) * 2 + (any != 0);
}

// Named barriers: half of the block produces, the other half consumes.
extern "C" __global__ void namedBarriers(int *out, const int *in) {
  __shared__ int box[64];
  int t = threadIdx.x;
  for (int round = 0; round < 4; ++round) {
    if (t < 64) {
      asm volatile("bar.sync 2, 128;" ::: "memory");
      box[t] = in[round * 64 + t] * 5;
      asm volatile("bar.arrive 1, 128;" ::: "memory");
    } else {
      asm volatile("bar.arrive 2, 128;" ::: "memory");
      asm volatile("bar.sync 1, 128;" ::: "memory");
      out[round * 64 + t - 64] = box[127 - t] + round;
    }
  }
}
