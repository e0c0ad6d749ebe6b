// f16 and bf16, alone and in pairs. Results are written as bit patterns, two
// elements of a pair next to each other.

#include <cuda_bf16.h>
#include <cuda_fp16.h>

template <typename Pair> __device__ void arithmetic(Pair *row, Pair a, Pair b, Pair c) {
  *row++ = __hadd2(a, b);
  *row++ = __hsub2(a, b);
  *row++ = __hmul2(a, b);
  *row++ = __hfma2(a, b, c);
  *row++ = __hfma2_relu(a, b, c);
  *row++ = __hmin2(a, b);
  *row++ = __hmax2(b, c);
  *row++ = __hmax2_nan(a, c);
  *row++ = __hneg2(a);
  *row++ = __habs2(b);
  *row++ = __hlt2(a, b);
  *row++ = __hgeu2(b, c);
  *row++ = __lowhigh2highlow(a);
  *row++ = __highs2half2(a, b);
}

// bfloat16 has its own name for the last one.
__device__ __nv_bfloat162 __highs2half2(__nv_bfloat162 a, __nv_bfloat162 b) {
  return __highs2bfloat162(a, b);
}

extern "C" __global__ void halfPairs(__half2 *out, const __half2 *as, const __half2 *bs,
                                     const __half2 *cs, int columns) {
  int i = threadIdx.x;
  arithmetic(out + i * columns, as[i], bs[i], cs[i]);
}

extern "C" __global__ void bfloatPairs(__nv_bfloat162 *out, const __nv_bfloat162 *as,
                                       const __nv_bfloat162 *bs, const __nv_bfloat162 *cs,
                                       int columns) {
  int i = threadIdx.x;
  arithmetic(out + i * columns, as[i], bs[i], cs[i]);
}

extern "C" __global__ void halfScalars(__half *out, const __half *as, const __half *bs,
                                       const __half *cs, int columns) {
  int i = threadIdx.x;
  __half a = as[i], b = bs[i], c = cs[i];
  __half *row = out + i * columns;
  *row++ = a + b;
  *row++ = a * b - c;
  *row++ = __hadd_sat(a, b);
  *row++ = __hfma_sat(a, b, c);
  *row++ = a / b;
  *row++ = a > b ? c : __hneg(c);
  *row++ = __hisnan(c) ? a : b;
  *row++ = hfloor(a);
  *row++ = hrint(b);
}

extern "C" __global__ void toHalf(unsigned short *out, const float *in) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  float f = in[i];
  unsigned short *row = out + 8 * i;
  *row++ = __half_as_ushort(__float2half_rn(f));
  *row++ = __half_as_ushort(__float2half_rz(f));
  *row++ = __half_as_ushort(__float2half_ru(f));
  *row++ = __half_as_ushort(__float2half_rd(f));
  *row++ = __bfloat16_as_ushort(__float2bfloat16_rn(f));
  *row++ = __bfloat16_as_ushort(__float2bfloat16_rz(f));
  __half2 both = __floats2half2_rn(f, -f);
  *row++ = __half_as_ushort(__high2half(both));
  *row++ = __half_as_ushort(__int2half_rn(int(f)));
}

extern "C" __global__ void fromHalf(float *out, const __half *halves, const __nv_bfloat16 *bfloats) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[3 * i] = __half2float(halves[i]);
  out[3 * i + 1] = __bfloat162float(bfloats[i]);
  out[3 * i + 2] = __half2int_rz(halves[i]);
}
