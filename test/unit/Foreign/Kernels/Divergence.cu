// Control flow in which the lanes of a warp part and meet again.

constexpr unsigned fullMask = 0xFFFFFFFF;

// Both sides of the branch exchange values with all lanes: each side has to
// wait for the other one.
extern "C" __global__ void shuffleInBothBranches(int *out, const int *in) {
  int value = in[threadIdx.x];
  int result;
  if (value & 1)
    result = 3 * __shfl_xor_sync(fullMask, value, 1) + 1;
  else
    result = __shfl_xor_sync(fullMask, value + 1000, 1) - 7;
  out[threadIdx.x] = result;
}

// Lanes leave the loop at different trips.
extern "C" __global__ void collatzSteps(int *out, const int *in, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  unsigned value = in[i];
  int steps = 0;
  while (value != 1) {
    value = value & 1 ? 3 * value + 1 : value / 2;
    ++steps;
  }
  out[i] = steps;
}

// break and continue out of nested loops, each depending on the lane.
extern "C" __global__ void breakAndContinue(int *out, int rounds) {
  int lane = threadIdx.x;
  int sum = 0;
#pragma unroll 1
  for (int i = 0; i < rounds; ++i) {
    if ((i + lane) % 3 == 0)
      continue;
#pragma unroll 1
    for (int j = 0; j < rounds; ++j) {
      if (j == lane)
        break;
      if ((i ^ j) & 1)
        continue;
      sum += i * j + 1;
      if (sum > 400)
        goto done;
    }
    if (i > 2 * lane)
      break;
  }
done:
  out[lane] = sum;
}

__device__ __noinline__ int twist(int value, int by) { return (value << by) ^ (value >> 3); }

// Enough cases, each with its own work, for a jump table.
extern "C" __global__ void jumpTable(int *out, const int *in, const int *selector) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int value = in[i];
  switch (selector[i]) {
  case 0: value = twist(value, 1); break;
  case 1: value = value * value; break;
  case 2: value = __shfl_xor_sync(__activemask(), value, 0) + 17; break;
  case 3: value = value / 3; break;
  case 4: value = ~value; [[fallthrough]];
  case 5: value = __popc(value); break;
  case 6: value = value % 7; break;
  case 7: value = -value; [[fallthrough]];
  case 8: value = twist(value, 5); break;
  case 9: value = __brev(value); break;
  case 10: value = max(value, 12345); break;
  case 11: value = value << 7; break;
  default: value = 4711; break;
  }
  out[i] = value;
}

// Threads that have left do not hold up the barriers of the others.
extern "C" __global__ void earlyExit(int *out, const int *in) {
  __shared__ int tile[256];
  int t = threadIdx.x;
  tile[t] = in[t];
  __syncthreads();
  if (t >= 96 && t % 32 >= 5)
    return;
  int value = tile[255 - t];
  __syncthreads();
  tile[t] = value * 2;
  __syncthreads();
  out[t] = tile[t] + (t < 96 ? tile[95 - t] : 0);
}

// A loop whose exit is decided by a vote, with work that differs by lane.
extern "C" __global__ void loopUntilAllDone(int *out, const int *in) {
  int value = in[threadIdx.x];
  int rounds = 0;
  while (__any_sync(fullMask, value > 0)) {
    if (value > 0)
      value -= 1 + threadIdx.x % 3;
    ++rounds;
  }
  out[threadIdx.x] = rounds * 1000 + value;
}

// Conditions with side exits, as && and || of loads make them.
extern "C" __global__ void shortCircuit(int *out, const int *in, int n) {
  int i = threadIdx.x;
  bool peak = i > 0 && i < n - 1 && in[i] > in[i - 1] && in[i] > in[i + 1];
  bool flat = i == 0 || i == n - 1 || (in[i] == in[i - 1] || in[i] == in[i + 1]);
  out[i] = peak ? 2 : flat ? 1 : 0;
}
