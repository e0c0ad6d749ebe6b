//===- MBarrierKernel.h - A kernel to use mbarriers in ----------*- C++ -*-===//
#ifndef POOLC_TEST_UNIT_VIRTUALGPU_MBARRIERKERNEL_H
#define POOLC_TEST_UNIT_VIRTUALGPU_MBARRIERKERNEL_H

#include "TestDevice.h"

namespace poolc::vgpu::test {

/// A kernel whose body starts in line 11. %r1 is the thread, %p1 says that it is in the
/// first warp, %p2 that it is the first thread, %p3 that it is the first lane of its warp;
/// %r0 is the address of an array of objects, %r2 that of the thread's word of 1024 bytes,
/// %r3 that of a thread of another warp; %rd1 the address of its word in the buffer.
inline std::string mbarrierKernel(const std::string &body, const char *target = "sm_90",
                                  const char *version = "8.0") {
  return std::string(".version ") + version + "\n.target " + target +
         "\n.address_size 64\n"
         ".visible .entry k(.param .u64 p) { .shared .align 16 .b8 tile[1024]; .shared .align 8 "
         ".b64 bar[4];\n"
         ".reg .pred %p<8>; .reg .b32 %r<32>; .reg .b64 %rd<16>;\n"
         "ld.param.u64 %rd0, [p]; mov.u32 %r1, %tid.x; mul.wide.u32 %rd1, %r1, 4;\n"
         "add.s64 %rd1, %rd1, %rd0; mov.u32 %r0, bar; mov.u32 %r4, tile; shl.b32 %r5, %r1, 2;\n"
         "add.u32 %r2, %r4, %r5; xor.b32 %r6, %r5, 128; add.u32 %r3, %r4, %r6;\n"
         "setp.lt.u32 %p1, %r1, 32; setp.eq.u32 %p2, %r1, 0;\n"
         "and.b32 %r7, %r1, 31; setp.eq.u32 %p3, %r7, 0;\n" +
         body + "\nret; }";
}

} // namespace poolc::vgpu::test

#endif // POOLC_TEST_UNIT_VIRTUALGPU_MBARRIERKERNEL_H
