// Integer arithmetic of every width; one result per column of a row.

#ifdef __clang__
// Its headers make instructions of these that GPUs have lost long ago.
#define __vadd4(a, b) ((((a) & 0x7F7F7F7F) + ((b) & 0x7F7F7F7F)) ^ (((a) ^ (b)) & 0x80808080))
#define __vmaxs2(a, b)                                                                             \
  (unsigned(max(int(a) >> 16, int(b) >> 16)) << 16 | (max(short(a), short(b)) & 0xFFFF))
#endif

extern "C" __global__ void words(int *out, const int *as, const int *bs, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  int a = as[i], b = bs[i];
  unsigned ua = a, ub = b;
  int *row = out + i * columns;
  *row++ = a + b;
  *row++ = a - b;
  *row++ = a * b;
  *row++ = __mulhi(a, b);
  *row++ = __umulhi(ua, ub);
  *row++ = a / (b | 1);
  *row++ = a % (b | 1);
  *row++ = ua / (ub | 1);
  *row++ = ua % (ub | 1);
  *row++ = a / 7;
  *row++ = ua % 1000;
  *row++ = a >> (b & 31);
  *row++ = ua >> (ub & 31);
  *row++ = a << (b & 31);
  *row++ = __funnelshift_l(ua, ub, ua & 63);
  *row++ = __funnelshift_rc(ua, ub, ub & 63);
  *row++ = __popc(a);
  *row++ = __clz(a);
  *row++ = __ffs(a);
  *row++ = __brev(ua);
  *row++ = __byte_perm(ua, ub, 0x7214);
  *row++ = __byte_perm(ua, ub, ub);
  *row++ = min(a, b);
  *row++ = max(ua, ub);
  *row++ = abs(a);
  *row++ = __sad(a, b, 5);
  *row++ = __usad(ua, ub, 5);
  *row++ = __dp4a(a, b, 9);
  *row++ = __mul24(a, b);
  *row++ = __umul24(ua, ub);
  *row++ = __hadd(a, b);
  *row++ = __rhadd(a, b);
  *row++ = (a & b) | (~a & 0x0F0F0F0F) ^ b;
  *row++ = (ua >> 5) & 0x3FF;
  *row++ = (a << 12) >> 20;
  *row++ = (signed char)a + (short)b;
  *row++ = (unsigned char)a * (unsigned short)b;
  *row++ = __vadd4(ua, ub);
  *row++ = __vmaxs2(ua, ub);
  *row++ = a < b ? a == 0 : ua < ub;
}

extern "C" __global__ void longs(long long *out, const long long *as, const long long *bs,
                                 int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  long long a = as[i], b = bs[i];
  unsigned long long ua = a, ub = b;
  long long *row = out + i * columns;
  *row++ = a + b;
  *row++ = a - b;
  *row++ = a * b;
  *row++ = __mul64hi(a, b);
  *row++ = __umul64hi(ua, ub);
  *row++ = a / (b | 1);
  *row++ = a % (b | 1);
  *row++ = ua / (ub | 1);
  *row++ = ua % (ub | 1);
  *row++ = a / 1000000007;
  *row++ = a >> (b & 63);
  *row++ = ua >> (ub & 63);
  *row++ = a << (b & 63);
  *row++ = __popcll(a);
  *row++ = __clzll(a);
  *row++ = __ffsll(a);
  *row++ = __brevll(ua);
  *row++ = min(a, b);
  *row++ = max(ua, ub);
  *row++ = (long long)(int)a * (int)b;
  *row++ = (unsigned long long)(unsigned)a * (unsigned)b + ua;
  *row++ = a < b ? 1 : ua <= ub ? 2 : 3;
  __int128 wide = (__int128)a * b + a;
  *row++ = (long long)(wide >> 64);
  *row++ = (long long)((wide - ((__int128)b << 70)) >> 64);
}

// Carries through four words, by the carry flag.
extern "C" __global__ void addWide(unsigned *out, const unsigned *as, const unsigned *bs) {
  int t = threadIdx.x;
  const unsigned *a = as + 4 * t, *b = bs + 4 * t;
  unsigned r0, r1, r2, r3;
  asm("add.cc.u32 %0, %4, %8;\n\t"
      "addc.cc.u32 %1, %5, %9;\n\t"
      "addc.cc.u32 %2, %6, %10;\n\t"
      "addc.u32 %3, %7, %11;"
      : "=r"(r0), "=r"(r1), "=r"(r2), "=r"(r3)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]));
  out[4 * t] = r0;
  out[4 * t + 1] = r1;
  out[4 * t + 2] = r2;
  out[4 * t + 3] = r3;
}
