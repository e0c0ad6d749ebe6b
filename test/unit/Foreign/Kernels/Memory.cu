// Every state space, by plain and by generic addresses.

// A matrix transpose through a padded tile.
extern "C" __global__ void transpose(float *out, const float *in, int rows, int columns) {
  __shared__ float tile[32][33];
  int x = blockIdx.x * 32 + threadIdx.x;
  for (int j = threadIdx.y; j < 32; j += blockDim.y) {
    int y = blockIdx.y * 32 + j;
    if (x < columns && y < rows)
      tile[j][threadIdx.x] = in[y * columns + x];
  }
  __syncthreads();
  x = blockIdx.y * 32 + threadIdx.x;
  for (int j = threadIdx.y; j < 32; j += blockDim.y) {
    int y = blockIdx.x * 32 + j;
    if (x < rows && y < columns)
      out[y * rows + x] = tile[threadIdx.x][j];
  }
}

// Dynamic shared memory, cut in pieces of different types behind a static array.
extern "C" __global__ void dynamicShared(double *out, const double *in, int n) {
  extern __shared__ __align__(16) unsigned char pool[];
  __shared__ int order[128];
  double *values = reinterpret_cast<double *>(pool);
  short *indices = reinterpret_cast<short *>(pool + n * sizeof(double));
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    values[i] = in[i];
    indices[i] = short((i * 37 + 5) % n);
  }
  order[threadIdx.x] = blockDim.x - 1 - threadIdx.x;
  __syncthreads();
  for (int i = order[threadIdx.x]; i < n; i += blockDim.x)
    out[i] = values[indices[i]] + indices[(i + 1) % n];
}

// An array with indices known at run time only: it lives in local memory.
extern "C" __global__ void localArray(int *out, const int *in, int n) {
  int stack[24];
  int t = blockIdx.x * blockDim.x + threadIdx.x;
  for (int i = 0; i < 24; ++i)
    stack[i] = in[(t + i) % n];
  // Insertion sort.
  for (int i = 1; i < 24; ++i) {
    int value = stack[i], j = i;
    for (; j > 0 && stack[j - 1] > value; --j)
      stack[j] = stack[j - 1];
    stack[j] = value;
  }
  for (int i = 0; i < 24; ++i)
    out[24 * t + i] = stack[(i + t) % 24];
}

__constant__ float coefficients[5] = {0.5f, -1.25f, 3.0f, 0.0f, 2.0f};
__constant__ struct {
  short first;
  double second;
  unsigned char third[3];
} settings = {-3, 6.5, {7, 8, 250}};
__device__ int table[6] = {10, 20, 30, 40, 50, 60};
__device__ const int *tableMiddle = &table[3];

// Constants by a fixed and by a varying index, and initialised globals that
// point to one another.
extern "C" __global__ void constants(double *out, const float *in) {
  int t = threadIdx.x;
  float sum = 0;
  for (int i = 0; i < 5; ++i)
    sum = sum * in[t] + coefficients[i];
  out[t] = sum + coefficients[t % 5] + settings.first * settings.second + settings.third[t % 3] +
           table[t % 6] + tableMiddle[t % 3 - 1];
}

// One load reads through an address in shared, local, or global memory.
extern "C" __global__ void genericAddresses(int *out, const int *in) {
  __shared__ int shared[32];
  int local[2] = {in[threadIdx.x] + 1, in[threadIdx.x] + 2};
  shared[threadIdx.x] = in[threadIdx.x] * 3;
  __syncwarp();
  const int *from;
  switch (threadIdx.x % 4) {
  case 0: from = &shared[31 - threadIdx.x]; break;
  case 1: from = &local[in[threadIdx.x] & 1]; break;
  default: from = in + threadIdx.x; break;
  }
  out[threadIdx.x] = *from + (__isShared(from) ? 1000 : __isLocal(from) ? 2000 : 3000);
}

struct alignas(16) Packet {
  float x, y;
  int id;
  short kind;
  unsigned char flags[2];
};

// Structures by value, vectors of all widths, and bytes.
extern "C" __global__ void vectors(Packet *out, const Packet *in, const float2 *pairs,
                                   const uchar4 *bytes, Packet by, int3 shift) {
  int t = threadIdx.x;
  Packet packet = in[t];
  float2 pair = pairs[t];
  uchar4 byte = bytes[t];
  packet.x += pair.x * by.x;
  packet.y -= pair.y * by.y;
  packet.id += byte.x * shift.x + byte.y * shift.y + byte.z * shift.z;
  packet.kind = short(packet.kind * by.kind);
  packet.flags[0] ^= byte.w;
  packet.flags[1] = (unsigned char)(packet.flags[1] + by.flags[1]);
  out[t] = packet;
}

#ifdef __clang__
// Its headers do not know these.
__device__ float __ldca(const float *from) { return *from; }
__device__ void __stcg(float *to, float value) { *to = value; }
__device__ void __stcs(float *to, float value) { __builtin_nontemporal_store(value, to); }
#endif

// Memory operations with cache hints, and a copy byte by byte.
extern "C" __global__ void cacheHints(float *out, const float *in, const char *text, char *copy) {
  int t = threadIdx.x;
  float value = __ldg(in + t) + __ldcg(in + t) + __ldcs(in + t) + __ldca(in + t) + __ldcv(in + t);
  __stcs(out + t, value);
  __stcg(out + 32 + t, -value);
  __stwt(out + 64 + t, 2 * value);
  memcpy(copy + 3 * t, text + 3 * t, 3);
  volatile float *again = out + t;
  out[96 + t] = *again;
}
