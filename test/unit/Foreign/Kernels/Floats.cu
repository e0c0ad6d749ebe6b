// f32 and f64 arithmetic, conversions, and the mathematical functions that the
// CUDA library brings as code.

extern "C" __global__ void floats(float *out, const float *as, const float *bs, const float *cs,
                                  int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  float a = as[i], b = bs[i], c = cs[i];
  float *row = out + i * columns;
  *row++ = __fadd_rn(a, b);
  *row++ = __fadd_rz(a, b);
  *row++ = __fadd_ru(a, b);
  *row++ = __fadd_rd(a, b);
  *row++ = __fmul_rn(a, b);
  *row++ = __fmul_rz(a, b);
  *row++ = __fmaf_rn(a, b, c);
  *row++ = __fmaf_ru(a, b, c);
  *row++ = __fmaf_rd(a, b, c);
  *row++ = __fdiv_rn(a, b);
  *row++ = __fdiv_ru(a, b);
  *row++ = __fsqrt_rn(fabsf(a));
  *row++ = __fsqrt_rd(fabsf(a));
  *row++ = __frcp_rn(b);
  *row++ = fminf(a, b);
  *row++ = fmaxf(a, c);
  *row++ = floorf(a);
  *row++ = ceilf(b);
  *row++ = truncf(c);
  *row++ = rintf(a);
  *row++ = roundf(b);
  *row++ = copysignf(a, b);
  *row++ = fmodf(a, b);
  *row++ = remainderf(a, b);
  *row++ = ldexpf(a, 3);
  *row++ = __saturatef(a);
}

extern "C" __global__ void doubles(double *out, const double *as, const double *bs,
                                   const double *cs, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  double a = as[i], b = bs[i], c = cs[i];
  double *row = out + i * columns;
  *row++ = __dadd_rn(a, b);
  *row++ = __dadd_rz(a, b);
  *row++ = __dmul_rn(a, b);
  *row++ = __dmul_ru(a, b);
  *row++ = __fma_rn(a, b, c);
  *row++ = __fma_rd(a, b, c);
  *row++ = a / b;
  *row++ = sqrt(fabs(a));
  *row++ = 1 / c;
  *row++ = fmin(a, b);
  *row++ = fmax(b, c);
  *row++ = floor(a);
  *row++ = rint(b);
  *row++ = fmod(a, b);
  *row++ = ldexp(a, -5);
  *row++ = a < b ? 1 : a == c ? 2 : 3;
}

extern "C" __global__ void conversions(long long *out, const double *in, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  double d = in[i];
  float f = float(d);
  long long *row = out + i * columns;
  *row++ = __float2int_rn(f);
  *row++ = __float2int_rz(f);
  *row++ = __float2int_ru(f);
  *row++ = __float2int_rd(f);
  *row++ = __float2uint_rz(fabsf(f));
  *row++ = __float2ll_rn(f);
  *row++ = __double2int_rn(d);
  *row++ = __double2ll_rd(d);
  *row++ = __float_as_int(f);
  *row++ = __double_as_longlong(d);
  *row++ = __float_as_int(__double2float_rz(d));
  *row++ = __float_as_int(__double2float_ru(d));
  int whole = __float2int_rz(f) * 77777;
  *row++ = __float_as_int(__int2float_rn(whole));
  *row++ = __float_as_int(__int2float_rd(whole));
  *row++ = __float_as_int(__ll2float_rz((long long)whole << 20));
  *row++ = __double_as_longlong(__ll2double_rn((long long)whole * whole));
  *row++ = (signed char)__float2int_rz(f);
  *row++ = (unsigned short)__float2int_rz(f);
  *row++ = __float2uint_rz(f);
}

extern "C" __global__ void functions(double *out, const double *in, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  double x = in[i];
  float f = float(x);
  double *row = out + i * columns;
  *row++ = sin(x);
  *row++ = cos(x);
  *row++ = exp(x / 64);
  *row++ = log(fabs(x));
  *row++ = pow(fabs(x), 0.37);
  *row++ = tanh(x / 8);
  *row++ = erf(x / 8);
  *row++ = atan2(x, 3.0);
  *row++ = cbrt(x);
  *row++ = lgamma(fabs(x) + 0.5);
  *row++ = sinf(f);
  *row++ = tanf(f);
  *row++ = expf(f / 64);
  *row++ = logf(fabsf(f));
  *row++ = powf(fabsf(f), 0.37f);
  *row++ = tanhf(f / 8);
  *row++ = erff(f / 8);
  *row++ = rsqrtf(fabsf(f));
  *row++ = __expf(f / 64);
  *row++ = __logf(fabsf(f));
}
