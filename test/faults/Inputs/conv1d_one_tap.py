"""Faults in a short sum, which shows how its operands are rounded."""

FAULTS = [
    Fault("truncated tf32", "cvt.rna.tf32.f32 \t%r32, %r30;", "and.b32 \t%r32, %r30, 0xffffe000;", "check", "edges"),
    Fault("tf32 not rounded at all", "cvt.rna.tf32.f32 \t%r42, %r38;", "mov.b32 \t%r42, %r38;", "check", "edges"),
    Fault("wrong shared offset", "ld.shared.b32 \t%r31, [%rd16+640];", "ld.shared.b32 \t%r31, [%rd16+480];", "check"),
    Fault("missing barrier", "\tbar.sync \t0;\n\tshl.b32", "\tshl.b32", "race"),
    Fault("double use of a buffer", "st.shared.b32 \t[%rd12+1472], %r21;", "st.shared.b32 \t[%rd12+1280], %r21;", "init"),
    Fault("operands that overlap", "st.shared.b32 \t[%rd12+1280], %r20;", "st.shared.b32 \t[%rd12+1152], %r20;", "race"),
]
