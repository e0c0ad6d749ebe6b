// Functions that stay functions: parameters, results, structures, pointers.

struct Pair {
  double weight;
  int count;
  short tag;
};

__device__ __noinline__ float scale(float value, float by) { return value * by + 0.5f; }

__device__ __noinline__ Pair combine(Pair a, const Pair &b, unsigned char kind) {
  Pair result;
  result.weight = a.weight + 2 * b.weight;
  result.count = a.count * b.count;
  result.tag = short(a.tag - b.tag + kind);
  return result;
}

__device__ __noinline__ long long outer(long long value, int depth);
__device__ __noinline__ long long inner(long long value, int depth) {
  return depth & 1 ? value * 3 : value - depth;
}
__device__ __noinline__ long long outer(long long value, int depth) {
  long long first = inner(value, depth);
  return inner(first ^ 0x5555, depth + 1) + first;
}

__device__ __noinline__ void addTo(int *where, int amount) { *where += amount; }

extern "C" __global__ void callScalars(float *out, const float *in) {
  int t = threadIdx.x;
  float value = in[t];
  // Only some lanes call, and with different arguments.
  if (t % 3 == 0)
    value = scale(value, 2.0f);
  else if (t % 3 == 1)
    value = scale(scale(value, 3.0f), -1.0f);
  out[t] = value;
}

extern "C" __global__ void callStructures(double *out, const double *weights, const int *counts) {
  int t = threadIdx.x;
  Pair a{weights[t], counts[t], short(t)};
  Pair b{weights[31 - t], counts[31 - t], short(100)};
  Pair c = combine(a, b, 250);
  if (t & 4)
    c = combine(c, a, 3);
  out[3 * t] = c.weight;
  out[3 * t + 1] = c.count;
  out[3 * t + 2] = c.tag;
}

extern "C" __global__ void callChain(long long *out, const long long *in) {
  int t = threadIdx.x;
  out[t] = outer(in[t], t % 5);
}

// One function, called with addresses in three state spaces.
extern "C" __global__ void callWithPointers(int *out, const int *in) {
  __shared__ int tile[64];
  int t = threadIdx.x;
  int local[4] = {in[t], 1, 2, 3};
  tile[t] = in[t];
  out[t] = in[t];
  addTo(&tile[t], 10);
  addTo(&local[t % 4], 100);
  addTo(&out[t], 1000);
  out[t] += tile[t] + local[0] + 2 * local[1] + 3 * local[2] + 4 * local[3];
}
