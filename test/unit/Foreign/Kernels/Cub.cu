// CUB's primitives for a block and for a warp, in several sizes and types.

#include <cub/block/block_exchange.cuh>
#include <cub/block/block_histogram.cuh>
#include <cub/block/block_load.cuh>
#include <cub/block/block_merge_sort.cuh>
#include <cub/block/block_radix_sort.cuh>
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>
#include <cub/block/block_store.cuh>
#include <cub/warp/warp_exchange.cuh>
#include <cub/warp/warp_merge_sort.cuh>
#include <cub/warp/warp_reduce.cuh>
#include <cub/warp/warp_scan.cuh>

struct Larger {
  template <typename T> __device__ T operator()(T a, T b) const { return a < b ? b : a; }
};

struct Plus {
  template <typename T> __device__ T operator()(T a, T b) const { return T(a + b); }
};

// Per block: the sum, the maximum, and the sum of the first `valid` threads.
template <typename T, int threads, cub::BlockReduceAlgorithm algorithm>
__device__ void blockReduce(T *out, const T *in, int valid) {
  using Reduce = cub::BlockReduce<T, threads, algorithm>;
  __shared__ typename Reduce::TempStorage storage;
  T value = in[blockIdx.x * threads + threadIdx.x];
  T sum = Reduce(storage).Sum(value);
  __syncthreads();
  T largest = Reduce(storage).Reduce(value, Larger());
  __syncthreads();
  T part = Reduce(storage).Sum(value, valid);
  if (threadIdx.x == 0) {
    out[3 * blockIdx.x] = sum;
    out[3 * blockIdx.x + 1] = largest;
    out[3 * blockIdx.x + 2] = part;
  }
}

#define BLOCK_REDUCE(name, type, threads, algorithm)                                               \
  extern "C" __global__ void __launch_bounds__(threads)                                            \
      name(type *out, const type *in, int valid) {                                                 \
    blockReduce<type, threads, cub::algorithm>(out, in, valid);                                    \
  }
BLOCK_REDUCE(reduceInt32, int, 32, BLOCK_REDUCE_WARP_REDUCTIONS)
BLOCK_REDUCE(reduceInt96, int, 96, BLOCK_REDUCE_WARP_REDUCTIONS)
BLOCK_REDUCE(reduceFloat128, float, 128, BLOCK_REDUCE_RAKING)
BLOCK_REDUCE(reduceLong100, long long, 100, BLOCK_REDUCE_WARP_REDUCTIONS)
BLOCK_REDUCE(reduceDouble256, double, 256, BLOCK_REDUCE_RAKING_COMMUTATIVE_ONLY)
BLOCK_REDUCE(reduceShort512, short, 512, BLOCK_REDUCE_WARP_REDUCTIONS)

// Inclusive and exclusive sums, a running maximum, and the total.
template <typename T, int threads, int items, cub::BlockScanAlgorithm algorithm>
__device__ void blockScan(T *out, const T *in) {
  using Scan = cub::BlockScan<T, threads, algorithm>;
  __shared__ typename Scan::TempStorage storage;
  T values[items], inclusive[items], exclusive[items], largest[items], total;
  for (int i = 0; i < items; ++i)
    values[i] = in[threadIdx.x * items + i];
  Scan(storage).InclusiveSum(values, inclusive);
  __syncthreads();
  Scan(storage).ExclusiveSum(values, exclusive, total);
  __syncthreads();
  Scan(storage).InclusiveScan(values, largest, Larger());
  for (int i = 0; i < items; ++i) {
    T *row = out + 4 * (threadIdx.x * items + i);
    row[0] = inclusive[i];
    row[1] = exclusive[i];
    row[2] = largest[i];
    row[3] = total;
  }
}

#define BLOCK_SCAN(name, type, threads, items, algorithm)                                          \
  extern "C" __global__ void __launch_bounds__(threads) name(type *out, const type *in) {          \
    blockScan<type, threads, items, cub::algorithm>(out, in);                                      \
  }
BLOCK_SCAN(scanInt64, int, 64, 1, BLOCK_SCAN_WARP_SCANS)
BLOCK_SCAN(scanFloat128, float, 128, 4, BLOCK_SCAN_RAKING)
BLOCK_SCAN(scanLong96, long long, 96, 3, BLOCK_SCAN_RAKING_MEMOIZE)
BLOCK_SCAN(scanDouble256, double, 256, 2, BLOCK_SCAN_WARP_SCANS)

// Sorts keys with their values.
template <typename Key, int threads, int items, bool descending>
__device__ void blockSort(Key *keys, int *values) {
  using Sort = cub::BlockRadixSort<Key, threads, items, int>;
  __shared__ typename Sort::TempStorage storage;
  Key key[items];
  int value[items];
  cub::LoadDirectBlocked(threadIdx.x, keys, key);
  cub::LoadDirectBlocked(threadIdx.x, values, value);
  if (descending)
    Sort(storage).SortDescending(key, value);
  else
    Sort(storage).Sort(key, value);
  cub::StoreDirectBlocked(threadIdx.x, keys, key);
  cub::StoreDirectBlocked(threadIdx.x, values, value);
}

#define BLOCK_SORT(name, type, threads, items, descending)                                         \
  extern "C" __global__ void __launch_bounds__(threads) name(type *keys, int *values) {            \
    blockSort<type, threads, items, descending>(keys, values);                                     \
  }
BLOCK_SORT(sortInt64, int, 64, 3, false)
BLOCK_SORT(sortFloat128, float, 128, 4, true)
BLOCK_SORT(sortByte256, unsigned char, 256, 2, false)
BLOCK_SORT(sortLong32, unsigned long long, 32, 5, false)
BLOCK_SORT(sortDouble128, double, 128, 2, false)

struct Before {
  template <typename T> __device__ bool operator()(const T &a, const T &b) const { return a < b; }
};

extern "C" __global__ void __launch_bounds__(128) mergeSort(int *keys) {
  using Sort = cub::BlockMergeSort<int, 128, 5>;
  __shared__ typename Sort::TempStorage storage;
  int key[5];
  cub::LoadDirectBlocked(threadIdx.x, keys, key);
  Sort(storage).Sort(key, Before());
  cub::StoreDirectBlocked(threadIdx.x, keys, key);
}

// From consecutive items per thread to items a block apart, and back another way.
template <typename T, int threads, int items> __device__ void blockExchange(T *out, const T *in) {
  using Load = cub::BlockLoad<T, threads, items, cub::BLOCK_LOAD_WARP_TRANSPOSE>;
  using Exchange = cub::BlockExchange<T, threads, items>;
  using Store = cub::BlockStore<T, threads, items, cub::BLOCK_STORE_TRANSPOSE>;
  __shared__ union {
    typename Load::TempStorage load;
    typename Exchange::TempStorage exchange;
    typename Store::TempStorage store;
  } storage;
  T values[items];
  Load(storage.load).Load(in, values);
  __syncthreads();
  Exchange(storage.exchange).BlockedToStriped(values, values);
  for (int i = 0; i < items; ++i)
    out[i * threads + threadIdx.x] = values[i];
  __syncthreads();
  Exchange(storage.exchange).StripedToBlocked(values, values);
  __syncthreads();
  int ranks[items];
  for (int i = 0; i < items; ++i)
    ranks[i] = threads * items - 1 - (threadIdx.x * items + i);
  Exchange(storage.exchange).ScatterToBlocked(values, ranks);
  __syncthreads();
  Store(storage.store).Store(out + threads * items, values);
}

#define BLOCK_EXCHANGE(name, type, threads, items)                                                 \
  extern "C" __global__ void __launch_bounds__(threads) name(type *out, const type *in) {          \
    blockExchange<type, threads, items>(out, in);                                                  \
  }
BLOCK_EXCHANGE(exchangeInt64, int, 64, 4)
BLOCK_EXCHANGE(exchangeDouble128, double, 128, 3)
BLOCK_EXCHANGE(exchangeByte96, unsigned char, 96, 8)

template <cub::BlockHistogramAlgorithm algorithm>
__device__ void blockHistogram(int *bins, const unsigned char *in) {
  using Histogram = cub::BlockHistogram<unsigned char, 128, 4, 256, algorithm>;
  __shared__ typename Histogram::TempStorage storage;
  __shared__ int counts[256];
  unsigned char samples[4];
  cub::LoadDirectBlocked(threadIdx.x, in, samples);
  Histogram(storage).Histogram(samples, counts);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += 128)
    bins[i] = counts[i];
}
extern "C" __global__ void __launch_bounds__(128) histogramSort(int *bins, const unsigned char *in) {
  blockHistogram<cub::BLOCK_HISTO_SORT>(bins, in);
}
extern "C" __global__ void __launch_bounds__(128)
    histogramAtomic(int *bins, const unsigned char *in) {
  blockHistogram<cub::BLOCK_HISTO_ATOMIC>(bins, in);
}

// Per thread: the sum of its group of lanes (in the first lane), inclusive and
// exclusive sums, and a running maximum.
template <typename T, int lanes> __device__ void warpPrimitives(T *out, const T *in) {
  using Reduce = cub::WarpReduce<T, lanes>;
  using Scan = cub::WarpScan<T, lanes>;
  constexpr int groups = 64 / lanes;
  __shared__ typename Reduce::TempStorage reduceStorage[groups];
  __shared__ typename Scan::TempStorage scanStorage[groups];
  int t = threadIdx.x, group = t / lanes;
  T value = in[t];
  T sum = Reduce(reduceStorage[group]).Sum(value);
  T inclusive, exclusive, largest;
  Scan(scanStorage[group]).Scan(value, inclusive, exclusive, T(0), Plus());
  __syncwarp();
  Scan(scanStorage[group]).InclusiveScan(value, largest, Larger());
  T *row = out + 4 * t;
  row[0] = t % lanes == 0 ? sum : T(0);
  row[1] = inclusive;
  row[2] = exclusive;
  row[3] = largest;
}

#define WARP_PRIMITIVES(name, type, lanes)                                                         \
  extern "C" __global__ void name(type *out, const type *in) {                                     \
    warpPrimitives<type, lanes>(out, in);                                                          \
  }
WARP_PRIMITIVES(warpInt32, int, 32)
WARP_PRIMITIVES(warpFloat32, float, 32)
WARP_PRIMITIVES(warpDouble16, double, 16)
WARP_PRIMITIVES(warpLong8, long long, 8)
WARP_PRIMITIVES(warpShort4, short, 4)

extern "C" __global__ void warpSort(int *keys) {
  using Sort = cub::WarpMergeSort<int, 4, 32>;
  __shared__ typename Sort::TempStorage storage[2];
  int key[4];
  cub::LoadDirectBlocked(threadIdx.x, keys, key);
  Sort(storage[threadIdx.x / 32]).Sort(key, Before());
  cub::StoreDirectBlocked(threadIdx.x, keys, key);
}

extern "C" __global__ void warpExchange(float *out, const float *in) {
  using Exchange = cub::WarpExchange<float, 4, 32>;
  __shared__ typename Exchange::TempStorage storage[2];
  int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float values[4];
  cub::LoadDirectBlocked(threadIdx.x, in, values);
  Exchange(storage[warp]).BlockedToStriped(values, values);
  for (int i = 0; i < 4; ++i)
    out[warp * 128 + i * 32 + lane] = values[i];
}
