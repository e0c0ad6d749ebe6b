"""Faults in a convolution that stages its operands through registers."""

FAULTS = [
    Fault("missing barrier in the loop", "\tbar.sync \t0;\n\tadd.s64 \t%rd29", "\tadd.s64 \t%rd29", "race"),
    Fault("missing barrier behind the loop", "\tbar.sync \t0;\n\tcp.async.commit_group;\n", "\tcp.async.commit_group;\n", "race"),
    Fault("warp barrier for a barrier", "\tbar.sync \t0;\n\tadd.s64 \t%rd29", "\tbar.warp.sync \t0xffffffff;\n\tadd.s64 \t%rd29", "race"),
    Fault("one buffer for two", "mul.lo.s64 \t%rd12, %rd10, 768;", "mul.lo.s64 \t%rd12, %rd10, 0;", "race"),
    Fault("missing zero", "\tst.shared.b16 \t[%rd14+8], 0x0000;\n", "", "init"),
    Fault("missing first zero", "\tst.shared.b16 \t[%rd7+8], 0x0000;\n", "", "init"),
    Fault("transposed fragment", "ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%r39, %r40}", "ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r39, %r40}", "check"),
    Fault("truncated result", "cvt.rn.f16x2.f32 \t%r12, %r87, %r86;", "cvt.rz.f16x2.f32 \t%r12, %r87, %r86;", "check"),
    Fault("swapped halves of a result", "cvt.rn.f16x2.f32 \t%r12, %r87, %r86;", "cvt.rn.f16x2.f32 \t%r12, %r86, %r87;", "check"),
    Fault("vector store where halves are aligned", "\tst.global.b16 \t[%rd15+32], %rs3;", "\tst.global.b32 \t[%rd15+32], %r12;", "memory"),
    Fault("wrong member mask", "\tbar.sync \t0;\n\tadd.s64 \t%rd29", "\tbar.sync \t0;\n\tbar.warp.sync \t0x0000ffff;\n\tadd.s64 \t%rd29", "sync"),
    Fault("barrier with an odd count", "\tbar.sync \t0;\n\tadd.s64 \t%rd29", "\tbar.sync \t0, 48;\n\tadd.s64 \t%rd29", "sync"),
    Fault("two barriers", "\tbar.sync \t0;\n\tcp.async.commit_group;\n", "\t@%p7 bar.sync \t1;\n\t@!%p7 bar.sync \t0;\n\tcp.async.commit_group;\n", "sync"),
]
