"""Faults in a kernel with offsets of more than 32 bits."""

FAULTS = [
    Fault("offset of 32 bits", "  shl.b64 %rd3, %rd3, 2;\n", "  shl.b32 %r2, %r2, 2;\n  cvt.u64.u32 %rd3, %r2;\n", "check"),
    Fault("index of 32 bits", "  mul.wide.u32 %rd3, %r1, 536870912;\n", "  cvt.u64.u32 %rd3, %r2;\n  and.b64 %rd3, %rd3, 0x7fffffff;\n", "check"),
    Fault("signed offset", "  mul.wide.u32 %rd3, %r1, 536870912;\n", "  cvt.s64.s32 %rd3, %r2;\n", "memory"),
]
