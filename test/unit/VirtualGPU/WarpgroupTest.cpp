//===- WarpgroupTest.cpp - wgmma ------------------------------------------===//

#include "TestDevice.h"

#include "llvm/ADT/APFloat.h"

#include "gmock/gmock.h"

#include <random>

using namespace poolc::vgpu;
using namespace poolc::vgpu::test;
using testing::HasSubstr;

namespace {

struct Format {
  const char *name;
  const llvm::fltSemantics &semantics;
  unsigned bytes, depth;
};

const Format formats[] = {{"f16", llvm::APFloat::IEEEhalf(), 2, 16},
                          {"bf16", llvm::APFloat::BFloat(), 2, 16},
                          {"tf32", llvm::APFloat::IEEEsingle(), 4, 8}};

uint32_t encode(double value, const llvm::fltSemantics &format) {
  llvm::APFloat number(value);
  bool ignored;
  number.convert(format, llvm::APFloat::rmNearestTiesToEven, &ignored);
  return uint32_t(number.bitcastToAPInt().getZExtValue());
}

std::string text(uint64_t value) { return std::to_string(value); }

std::string list(const char *prefix, unsigned count) {
  std::string text = "{";
  for (unsigned i = 0; i < count; ++i)
    text += std::string(i ? ", " : "") + prefix + std::to_string(i);
  return text + "}";
}

/// A kernel of warpgroups that adds their rows of A times B, `steps` products one after
/// the other, to C. Each thread finds the registers of A and C it is given in `in`, those of
/// A first; B comes as it has to lie in shared memory.
class Kernel {
public:
  Kernel(const Format &format, unsigned columns, unsigned steps = 1)
      : format(format), columns(columns), steps(steps), sums(columns / 2) {
    std::string types = std::string(".f32.") + format.name + "." + format.name;
    opcode = "wgmma.mma_async.sync.aligned.m64n" + text(columns) + "k" + text(format.depth) + types;
  }

  /// Rows of A that lie behind B in shared memory, 0 if it is in registers. The registers given
  /// for it are not used then.
  unsigned rows = 0;

  unsigned registers() const { return 4 * steps + sums; }
  unsigned sharedBytes() const { return steps * (columns + rows) * 32; }

  std::string fence = "wgmma.fence.sync.aligned;\n", adds = "%p", factors = "1, 1", layout = ", 0",
              layoutOfFirst = ", 0",
              afterwards = "wgmma.commit_group.sync.aligned;\n"
                           "wgmma.wait_group.sync.aligned 0;\n";
  /// Of the descriptor: the layout, a base offset, and from eight columns to the next ones.
  uint64_t swizzle = 0, baseOffset = 0, apart = 8;

  std::string ptx() const {
    std::string loads, products, stores;
    for (unsigned i = 0; i < 4 * steps; ++i)
      loads += "ld.global.b32 %a" + text(i) + ", [%rd4+" + text(4 * i) + "];\n";
    for (unsigned i = 0; i < sums; ++i) {
      loads += "ld.global.f32 %d" + text(i) + ", [%rd4+" + text(4 * (4 * steps + i)) + "];\n";
      stores += "st.global.f32 [%rd5+" + text(4 * i) + "], %d" + text(i) + ";\n";
    }
    for (unsigned step = 0; step < steps; ++step) {
      std::string a = "{";
      for (unsigned i = 0; i < 4; ++i)
        a += (i ? ", %a" : "%a") + text(4 * step + i);
      a += "}";
      if (rows != 0) {
        // From one chunk to the next, all rows of A; warpgroups have 64 each. Swizzled spans of
        // both factors are equally far apart.
        uint64_t difference = layoutOfFirst == ", 1" ? 0 : uint64_t(rows) - columns;
        products += "shr.u32 %r7, %r1, 7; mul.wide.u32 %rd8, %r7, 64; add.u64 %rd8, %rd8, %rd6;\n"
                    "add.u64 %rd8, %rd8, " +
                    text(uint64_t(steps * columns + step * rows) * 2 + (difference << 16)) + ";\n";
        a = "%rd8";
      }
      products += "add.u64 %rd7, %rd6, " + text(step * columns * 2) + ";\n" + opcode + " " +
                  list("%d", sums) + ", " + a + ", %rd7, " + adds + ", " + factors +
                  (format.bytes == 2 ? (rows ? layoutOfFirst : "") + layout : "") + ";\n";
    }
    // From one core matrix to the next: along k those of all columns lie between.
    uint64_t strides = uint64_t(columns) << 16 | apart << 32 | baseOffset << 49 | swizzle << 62;
    return ".version 8.0\n.target sm_90a\n.address_size 64\n"
           ".shared .align 128 .b8 s[" +
           text(sharedBytes()) +
           "];\n.visible .entry k(.param .u64 in, .param .u64 b, .param .u64 out) {\n"
           ".reg .b32 %r<8>, %a<" +
           text(4 * steps) + ">; .reg .f32 %d<" + text(sums) +
           ">; .reg .b64 %rd<9>; .reg .pred %p, %q;\n"
           "ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [b]; ld.param.u64 %rd3, [out];\n"
           "mov.u32 %r1, %tid.x; mov.u32 %r2, s;\nsetp.eq.u32 %p, %r1, %r1;\n"
           "mad.wide.u32 %rd4, %r1, " +
           text(4 * registers()) + ", %rd1;\nmad.wide.u32 %rd5, %r1, " + text(4 * sums) +
           ", %rd3;\nmul.lo.u32 %r3, %r1, 4;\n"
           "copy: setp.ge.u32 %q, %r3, " +
           text(sharedBytes()) +
           "; @%q bra there;\ncvt.u64.u32 %rd6, %r3; add.u64 %rd6, %rd6, %rd2;\n"
           "ld.global.b32 %r4, [%rd6]; add.u32 %r5, %r2, %r3; st.shared.b32 [%r5], %r4;\n"
           "mov.u32 %r6, %ntid.x; mad.lo.u32 %r3, %r6, 4, %r3; bra copy;\n"
           "there: fence.proxy.async; bar.sync 0;\n"
           "shr.u32 %r2, %r2, 4; cvt.u64.u32 %rd6, %r2; or.b64 %rd6, %rd6, " +
           text(strides) + ";\n" + loads + fence + products + afterwards + stores + "ret; }";
  }

  /// Runs it on zeros: the error, or what the sanitizers find.
  std::string run(Device &device, int64_t threads = 128) const {
    uint64_t in = device.upload(std::vector<uint32_t>(256 * registers(), 0));
    uint64_t b = device.upload(std::vector<uint32_t>(sharedBytes() / 4, 0));
    uint64_t out = device.allocate(256 * sums * 4);
    LaunchOptions options;
    options.block[0] = threads;
    options.sanitizers = Sanitizers::all();
    for (uint64_t argument : {in, b, out})
      options.arguments.push_back(bytesOf(argument));
    std::string text = device.run(ptx(), options);
    if (text.empty())
      for (const Report &report : device.last.reports)
        text += report.text + "\n";
    return text;
  }

  const Format &format;
  unsigned columns, steps, sums;
  std::string opcode;
};

/// Small integers, so that sums are exact.
std::vector<std::vector<double>> randomMatrix(std::mt19937 &random, unsigned rows,
                                              unsigned columns) {
  std::vector<std::vector<double>> matrix(rows, std::vector<double>(columns));
  for (auto &row : matrix)
    for (double &x : row)
      x = int(random() % 9) - 4;
  return matrix;
}

} // namespace

namespace {
/// How B lies: chunks of 16 bytes, or swizzled spans of 32 bytes, along k or of columns side by
/// side.
enum class Layout { chunks, spans, transposed };
} // namespace

/// Where an element of B is, of so many bytes.
static unsigned placeOf(Layout layout, unsigned k, unsigned n, unsigned columns, unsigned bytes) {
  unsigned perChunk = 16 / bytes,
           address = k / perChunk * columns * 16 + n * 16 + k % perChunk * bytes;
  if (layout == Layout::chunks)
    return address;
  // Of sixteen columns all along k, or of eight along k all.
  address = layout == Layout::spans ? n * 32 + k * bytes : n / 16 * 512 + k * 32 + n % 16 * bytes;
  return address ^ (address >> 7 & 1) << 4;
}

/// By the layouts of the PTX manual, register by register and byte by byte. With `inMemory`, the
/// registers of A are all wrong, and not to be read.
static void expectProduct(const Format &format, unsigned columns, unsigned groups, unsigned steps,
                          bool inMemory = false, Layout layout = Layout::chunks) {
  SCOPED_TRACE(testing::Message() << format.name << " n " << columns << " steps " << steps << " "
                                  << inMemory);
  std::mt19937 random(columns + steps);
  unsigned depth = format.depth * steps, beside = 4 / format.bytes, perChunk = 4 * beside;
  auto a = randomMatrix(random, 64 * groups, depth), b = randomMatrix(random, depth, columns),
       c = randomMatrix(random, 64 * groups, columns);
  Kernel kernel(format, columns, steps);
  kernel.rows = inMemory ? 64 * groups : 0;
  if (layout != Layout::chunks) {
    kernel.swizzle = 3;
    kernel.apart = 16;
    kernel.layout = kernel.layoutOfFirst = layout == Layout::transposed ? ", 1" : ", 0";
  }
  std::vector<uint32_t> in;
  auto rowOf = [](unsigned thread, unsigned half) {
    return thread / 32 * 16 + thread % 32 / 4 + 8 * half;
  };
  auto columnOf = [](unsigned thread, unsigned i) { return i / 4 * 8 + thread % 4 * 2 + i % 2; };
  for (unsigned thread = 0; thread < 128 * groups; ++thread) {
    for (unsigned i = 0; i < 4 * steps; ++i) {
      uint32_t bits = 0;
      for (unsigned j = 0; j < beside; ++j) {
        unsigned k = i / 4 * format.depth + i % 4 / 2 * perChunk + thread % 4 * beside + j;
        bits |= encode(a[rowOf(thread, i % 2)][k], format.semantics) << (16 * j);
      }
      in.push_back(inMemory ? ~bits : bits);
    }
    for (unsigned i = 0; i < columns / 2; ++i)
      in.push_back(
          encode(c[rowOf(thread, i / 2 % 2)][columnOf(thread, i)], llvm::APFloat::IEEEsingle()));
  }
  std::vector<uint8_t> shared(kernel.sharedBytes());
  for (unsigned k = 0; k < depth; ++k)
    for (unsigned n = 0; n < columns; ++n) {
      uint32_t bits = encode(b[k][n], format.semantics);
      std::memcpy(&shared[placeOf(layout, k, n, columns, format.bytes)], &bits, format.bytes);
    }
  for (unsigned k = 0; k < depth; ++k)
    for (unsigned m = 0; m < kernel.rows; ++m) {
      uint32_t bits = encode(a[m][k], format.semantics);
      unsigned place = placeOf(layout, k, m, kernel.rows, format.bytes);
      std::memcpy(&shared[steps * columns * 32 + place], &bits, format.bytes);
    }
  Device device;
  uint64_t from = device.upload(in), second = device.upload(shared),
           to = device.allocate(128 * groups * columns / 2 * 4);
  ASSERT_EQ(device.run(kernel.ptx(), {from, second, to}, 128 * groups), "");
  std::vector<float> result = device.download<float>(to, 128 * groups * columns / 2);
  for (unsigned thread = 0; thread < 128 * groups; ++thread)
    for (unsigned i = 0; i < columns / 2; ++i) {
      unsigned m = rowOf(thread, i / 2 % 2), n = columnOf(thread, i);
      double sum = c[m][n];
      for (unsigned k = 0; k < depth; ++k)
        sum += a[m][k] * b[k][n];
      ASSERT_EQ(result[thread * columns / 2 + i], sum) << m << " " << n;
    }
}

TEST(Warpgroup, ProductsOfSmallIntegers) {
  for (const Format &format : formats)
    for (unsigned columns : {8, 24, 32, 64, 72, 256})
      expectProduct(format, columns, 1, 1);
  for (const Format &format : formats)
    expectProduct(format, 40, 2, 3);
}

TEST(Warpgroup, BothFactorsMayBeInMemory) {
  for (const Format &format : formats) {
    expectProduct(format, 8, 1, 1, /*inMemory=*/true);
    expectProduct(format, 128, 1, 2, /*inMemory=*/true);
    expectProduct(format, 40, 2, 3, /*inMemory=*/true);
  }
}

TEST(Warpgroup, SpansMayBeSwizzled) {
  for (const Format &format : formats) {
    expectProduct(format, 16, 1, 1, /*inMemory=*/false, Layout::spans);
    expectProduct(format, 40, 1, 1, /*inMemory=*/false, Layout::spans);
    if (format.bytes == 2)
      for (unsigned columns : {16, 32})
        expectProduct(format, columns, 1, 1, /*inMemory=*/false, Layout::transposed);
    if (format.bytes == 2)
      expectProduct(format, 32, 1, 1, /*inMemory=*/true, Layout::transposed);
  }
}

TEST(Warpgroup, CanLeaveOutOrNegate) {
  for (auto [adds, factors, sum] : {std::tuple("%p", "1, 1", 7.0f),
                                    {"!%p", "1, 1", 4.0f},
                                    {"%p", "-1, 1", -1.0f},
                                    {"!%p", "1, -1", -4.0f},
                                    {"%p", "-1, -1", 7.0f}}) {
    Kernel kernel(formats[2], 8);
    kernel.adds = adds;
    kernel.factors = factors;
    Device device;
    // Each of eight products is 1/2.
    std::vector<float> in;
    for (unsigned thread = 0; thread < 128; ++thread)
      for (unsigned i = 0; i < 8; ++i)
        in.push_back(i < 4 ? 0.5f : 3.0f);
    uint64_t from = device.upload(in), ones = device.upload(std::vector<float>(64, 1.0f)),
             to = device.allocate(128 * 16);
    ASSERT_EQ(device.run(kernel.ptx(), {from, ones, to}, 128), "");
    EXPECT_EQ(device.download<float>(to, 512), std::vector<float>(512, sum)) << adds << factors;
  }
}

TEST(Warpgroup, CleanUnderTheSanitizers) {
  for (const Format &format : formats) {
    Device device;
    EXPECT_EQ(Kernel(format, 16, 2).run(device, 256), "");
    Kernel inMemory(format, 16, 2);
    inMemory.rows = 128;
    EXPECT_EQ(inMemory.run(device, 256), "");
  }
}

static std::string findingOf(const Kernel &kernel) {
  Device device;
  return kernel.run(device);
}

TEST(Warpgroup, SumsHaveToBeWaitedFor) {
  Kernel kernel(formats[0], 16);
  kernel.afterwards = "wgmma.commit_group.sync.aligned;\n";
  EXPECT_THAT(findingOf(kernel), HasSubstr("reads a register of a product that has not been "
                                           "waited for: expected wgmma.wait_group before"));
  kernel.afterwards += "wgmma.wait_group.sync.aligned 1;\n";
  EXPECT_THAT(findingOf(kernel), HasSubstr("has not been waited for"));
  // The first factor may be in use until then.
  kernel.afterwards = "mov.b32 %a2, %r1;\nwgmma.commit_group.sync.aligned;\n"
                      "wgmma.wait_group.sync.aligned 0;\n";
  EXPECT_THAT(findingOf(kernel), HasSubstr("writes a register of a product"));
}

TEST(Warpgroup, RegistersNeedAFence) {
  Kernel kernel(formats[2], 16);
  kernel.fence = "";
  EXPECT_THAT(findingOf(kernel), HasSubstr("multiplies registers that were written since the last "
                                           "wgmma.fence: expected one between"));
}

TEST(Warpgroup, SharedMemoryStaysInUse) {
  // All warps agree to write what products may still read.
  Kernel kernel(formats[2], 16);
  kernel.afterwards = "wgmma.commit_group.sync.aligned;\nbar.sync 0;\n"
                      "mad.lo.u32 %r5, %r1, 4, 1024; st.shared.b32 [%r5], %r1;\n"
                      "wgmma.wait_group.sync.aligned 0;\n";
  EXPECT_THAT(findingOf(kernel), HasSubstr("reads 16 bytes"));
  kernel.afterwards = "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n"
                      "bar.sync 0;\nmad.lo.u32 %r5, %r1, 4, 1024; st.shared.b32 [%r5], %r1;\n";
  EXPECT_EQ(findingOf(kernel), "");
  // The same of the first factor, which lies behind the second; each warp reads its own rows of it.
  kernel.rows = 64;
  kernel.afterwards = "wgmma.commit_group.sync.aligned;\nbar.sync 0;\n"
                      "mad.lo.u32 %r5, %r1, 4, 1536; st.shared.b32 [%r5], %r1;\n"
                      "wgmma.wait_group.sync.aligned 0;\n";
  EXPECT_THAT(findingOf(kernel), HasSubstr("reads 16 bytes"));
}

/// A thread that has waited knows that all four warps have multiplied.
TEST(Warpgroup, ProductsAreOverForAllWarps) {
  Kernel kernel(formats[2], 16);
  kernel.afterwards = "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n"
                      "setp.eq.u32 %q, %r1, 0; mov.u32 %r5, 1024; @%q st.shared.b32 [%r5], %r1;\n";
  EXPECT_EQ(findingOf(kernel), "");
  kernel.afterwards = "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 1;\n"
                      "setp.eq.u32 %q, %r1, 0; mov.u32 %r5, 1024; @%q st.shared.b32 [%r5], %r1;\n"
                      "wgmma.wait_group.sync.aligned 0;\n";
  EXPECT_THAT(findingOf(kernel), HasSubstr("with no barrier between"));
}

/// However slow one of them is: nobody may wait for what others have not issued.
TEST(Warpgroup, WaitsForTheOtherWarps) {
  Kernel kernel(formats[2], 16);
  kernel.fence = "wgmma.fence.sync.aligned;\nsetp.ge.u32 %q, %r1, 96; @%q bar.sync 1, 64;\n";
  kernel.afterwards = "wgmma.commit_group.sync.aligned;\nwgmma.wait_group.sync.aligned 0;\n"
                      "setp.lt.u32 %q, %r1, 32; @%q bar.sync 1, 64;\n";
  EXPECT_THAT(findingOf(kernel),
              HasSubstr("for products that other warps of the warpgroup have not issued"));
}

TEST(Warpgroup, RefusesWhatIsNotCovered) {
  Device device;
  Kernel kernel(formats[0], 16);
  EXPECT_THAT(kernel.run(device, 96), HasSubstr("a warpgroup needs four warps, got a block of 3"));
  kernel.baseOffset = 1;
  EXPECT_THAT(kernel.run(device), HasSubstr("descriptors with a base offset are not covered"));
  kernel.baseOffset = 0;
  kernel.layout = ", 2";
  EXPECT_THAT(kernel.run(device), HasSubstr("expected 0 or 1 as the order of a factor, got 2"));
  kernel.layout = ", 0";
  kernel.factors = "2, 1";
  EXPECT_THAT(kernel.run(device), HasSubstr("expected 1 or -1 as a factor, got 2"));
  auto body = [](const char *target, const std::string &instruction) {
    return std::string(".version 8.0\n.target ") + target + "\n.address_size 64\n.entry k() {\n" +
           ".reg .f32 %d<4>; .reg .b64 %rd<2>; .reg .pred %p;\n" + instruction + "ret; }";
  };
  EXPECT_THAT(device.run(body("sm_90", "wgmma.fence.sync.aligned;\n"), std::vector<uint64_t>{}),
              HasSubstr("expected a module for sm_90a, got one for sm_90"));
}
