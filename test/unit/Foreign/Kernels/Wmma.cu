// Products of small matrices by the warp: D = A B + C, one warp per block.
// All leading dimensions are wider than the matrices.

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

using namespace nvcuda::wmma;

template <int M, int N, int K, typename Element, typename Sum, typename LayoutA, typename LayoutB>
__device__ void product(Sum *d, const Sum *c, const Element *a, const Element *b, int lda, int ldb,
                        int ldc, layout_t layout) {
  fragment<matrix_a, M, N, K, Element, LayoutA> fa;
  fragment<matrix_b, M, N, K, Element, LayoutB> fb;
  fragment<accumulator, M, N, K, Sum> sum;
  load_matrix_sync(fa, a, lda);
  load_matrix_sync(fb, b, ldb);
  load_matrix_sync(sum, c, ldc, layout);
  mma_sync(sum, fa, fb, sum);
  store_matrix_sync(d, sum, ldc, layout);
}

#define PRODUCT(name, m, n, k, element, sum, layoutA, layoutB, layoutC)                            \
  extern "C" __global__ void name(sum *d, const sum *c, const element *a, const element *b,        \
                                  int lda, int ldb, int ldc) {                                     \
    product<m, n, k, element, sum, layoutA, layoutB>(d, c, a, b, lda, ldb, ldc, layoutC);          \
  }

PRODUCT(half_16_16_16_rr, 16, 16, 16, __half, float, row_major, row_major, mem_row_major)
PRODUCT(half_16_16_16_rc, 16, 16, 16, __half, float, row_major, col_major, mem_row_major)
PRODUCT(half_16_16_16_cr, 16, 16, 16, __half, float, col_major, row_major, mem_col_major)
PRODUCT(half_16_16_16_cc, 16, 16, 16, __half, float, col_major, col_major, mem_col_major)
PRODUCT(half_32_8_16_rc, 32, 8, 16, __half, float, row_major, col_major, mem_row_major)
PRODUCT(half_8_32_16_cr, 8, 32, 16, __half, float, col_major, row_major, mem_col_major)
PRODUCT(narrow_16_16_16_rc, 16, 16, 16, __half, __half, row_major, col_major, mem_row_major)
PRODUCT(narrow_32_8_16_cc, 32, 8, 16, __half, __half, col_major, col_major, mem_col_major)
PRODUCT(bfloat_16_16_16_rr, 16, 16, 16, __nv_bfloat16, float, row_major, row_major, mem_row_major)
PRODUCT(bfloat_16_16_16_cc, 16, 16, 16, __nv_bfloat16, float, col_major, col_major, mem_col_major)
PRODUCT(bfloat_32_8_16_rr, 32, 8, 16, __nv_bfloat16, float, row_major, row_major, mem_col_major)
PRODUCT(bfloat_8_32_16_rc, 8, 32, 16, __nv_bfloat16, float, row_major, col_major, mem_row_major)

template <typename LayoutA, typename LayoutB>
__device__ void tf32Product(float *d, const float *c, const float *a, const float *b, int lda,
                            int ldb, int ldc) {
  fragment<matrix_a, 16, 16, 8, precision::tf32, LayoutA> fa;
  fragment<matrix_b, 16, 16, 8, precision::tf32, LayoutB> fb;
  fragment<accumulator, 16, 16, 8, float> sum;
  load_matrix_sync(fa, a, lda);
  load_matrix_sync(fb, b, ldb);
  for (float &x : fa.x)
    x = __float_to_tf32(x);
  for (float &x : fb.x)
    x = __float_to_tf32(x);
  load_matrix_sync(sum, c, ldc, mem_row_major);
  mma_sync(sum, fa, fb, sum);
  store_matrix_sync(d, sum, ldc, mem_row_major);
}

extern "C" __global__ void tf32_16_16_8_rr(float *d, const float *c, const float *a, const float *b,
                                           int lda, int ldb, int ldc) {
  tf32Product<row_major, row_major>(d, c, a, b, lda, ldb, ldc);
}
extern "C" __global__ void tf32_16_16_8_cc(float *d, const float *c, const float *a, const float *b,
                                           int lda, int ldb, int ldc) {
  tf32Product<col_major, col_major>(d, c, a, b, lda, ldb, ldc);
}

// A product of whole matrices through shared memory: 4 warps, tiles of 32 x 32 x 32.
extern "C" __global__ void matrixProduct(float *d, const __half *a, const __half *b, int n, int k) {
  __shared__ __align__(16) __half tileA[32][40], tileB[32][40];
  int warp = threadIdx.x / 32, row = blockIdx.y * 32, column = blockIdx.x * 32;
  fragment<accumulator, 16, 16, 16, float> sum;
  fill_fragment(sum, 0.0f);
  for (int k0 = 0; k0 < k; k0 += 32) {
    for (int i = threadIdx.x; i < 32 * 32; i += blockDim.x) {
      tileA[i / 32][i % 32] = a[(row + i / 32) * k + k0 + i % 32];
      tileB[i / 32][i % 32] = b[(k0 + i / 32) * n + column + i % 32];
    }
    __syncthreads();
    for (int i = 0; i < 32; i += 16) {
      fragment<matrix_a, 16, 16, 16, __half, row_major> fa;
      fragment<matrix_b, 16, 16, 16, __half, row_major> fb;
      load_matrix_sync(fa, &tileA[warp / 2 * 16][i], 40);
      load_matrix_sync(fb, &tileB[i][warp % 2 * 16], 40);
      mma_sync(sum, fa, fb, sum);
    }
    __syncthreads();
  }
  for (float &x : sum.x)
    x *= 2;
  store_matrix_sync(d + (row + warp / 2 * 16) * n + column + warp % 2 * 16, sum, n, mem_row_major);
}
