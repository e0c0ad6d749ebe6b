// Two kernels of which the second one uses what the first one has left, with
// parameters of every kind that a launch plan can give.

struct Affine {
  float factor;
  short offset;
  unsigned char doubled;
};

extern "C" __global__ void countPositive(const float *x, long long n, int *count) {
  long long i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && x[i] > 0)
    atomicAdd(count, 1);
}

extern "C" __global__ void transform(double *y, float *total, const float *x, const float *bias,
                                     const int *count, Affine affine, unsigned short first,
                                     double shift) {
  extern __shared__ float staged[];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  staged[threadIdx.x] = x[i];
  __syncthreads();
  float value = staged[blockDim.x - 1 - threadIdx.x] * affine.factor + affine.offset;
  if (affine.doubled)
    value *= 2;
  if (bias)
    value += bias[i];
  y[i] = value + *count + first + shift;
  total[i] += value;
}
