"""Faults in a convolution with asynchronous copies in three stages."""

FAULTS = [
    # Barriers and asynchronous copies.
    Fault("missing barrier", "\tbar.sync \t0;\n", "", "race"),
    Fault("barrier of one warp", "bar.sync \t0;", "bar.sync \t0, 32;", "race"),
    Fault("missing wait", "\tcp.async.wait_group \t1;\n", "", "race"),
    Fault("short wait", "cp.async.wait_group \t1;", "cp.async.wait_group \t2;", "race"),
    Fault(
        "wait after the barrier",
        "\tcp.async.wait_group \t1;\n\tbar.sync \t0;\n",
        "\tbar.sync \t0;\n\tcp.async.wait_group \t1;\n",
        "race",
    ),
    Fault(
        "missing commit",
        "\tcp.async.commit_group;\n\tcp.async.ca.shared.global [%rd3+10240]",
        "\tcp.async.ca.shared.global [%rd3+10240]",
        "race",
    ),
    Fault("prefetch into the buffer in use", "selp.b64 \t%rd26, %rd25, %rd24, %p4;", "mov.b64 \t%rd26, %rd53;", "race"),
    Fault("prefetch into the next buffer", "add.s64 \t%rd24, %rd53, 2;", "add.s64 \t%rd24, %rd53, 1;", "race"),
    Fault("divergent barrier", "\tbar.sync \t0;", "\t@%p1 bar.sync \t0;", "sync"),
    Fault("exit before a barrier", "\tbra.uni \t$L__BB0_1;\n$L__BB0_3:", "\t@!%p1 exit;\n\tbra.uni \t$L__BB0_1;\n$L__BB0_3:", "sync"),
    Fault(
        "shuffle in divergent code",
        "\tadd.f32 \t%r5, %r122, %r117;\n",
        "\tadd.f32 \t%r5, %r122, %r117;\n\tshfl.sync.idx.b32 \t%r5, %r5, 31, 31, 0xffffffff;\n",
        "sync",
    ),
    Fault(
        "shuffle from an inactive lane",
        "\tadd.f32 \t%r5, %r122, %r117;\n",
        "\tadd.f32 \t%r5, %r122, %r117;\n\tactivemask.b32 \t%r6;\n\tshfl.sync.idx.b32 \t%r5, %r5, 31, 31, %r6;\n",
        "sync",
    ),
    # What is copied, and where to.
    Fault("missing copy", "\tcp.async.ca.shared.global [%rd3+9920], [%rd16+21504], 4;\n", "", "init"),
    Fault("copy skipped instead of filled with zeros", "\tcp.async.ca.shared.global [%rd5], [%rd21], 4, %r38;", "\t@%p1 cp.async.ca.shared.global [%rd5], [%rd21], 4;", "init"),
    Fault("missing zero fill", "selp.b32 \t%r49, 4, 0, %p5;", "mov.b32 \t%r49, 4;", "memory"),
    Fault("off-by-one bound of a load", "setp.gt.u32 \t%p5, %r4, %r48;", "setp.ge.u32 \t%p5, %r4, %r48;", "memory"),
    Fault("copy of the wrong size", "[%rd5], [%rd21], 4, %r38;", "[%rd5], [%rd21], 8;", "memory"),
    Fault("wrong pitch of one operand", "mad.lo.s32 \t%r44, %r1, 40, %r43;", "mad.lo.s32 \t%r44, %r1, 36, %r43;", "check"),
    Fault("pitch that misaligns rows", "mad.lo.s32 \t%r42, %r25, 20, %r41;", "mad.lo.s32 \t%r42, %r25, 21, %r41;", "memory"),
    Fault(
        "misaligned vector load",
        "\tld.shared.b32 \t%r50, [%rd46];\n",
        "\tld.shared.v2.b32 \t{%r50, %r54}, [%rd46];\n",
        "memory",
    ),
    Fault("wrong stride of a channel", "mul.wide.u32 \t%rd39, %r45, 6400;", "mul.wide.u32 \t%rd39, %r45, 6000;", "check"),
    Fault("too little shared memory", '"dynamic_shared_bytes":15360', '"dynamic_shared_bytes":15104', "memory"),
    # What is computed.
    Fault(
        "swapped fragment registers",
        "{%r62, %r63, %r64, %r65},\n\t\t{%r52, %r53},\n\t\t{%r122,",
        "{%r62, %r64, %r63, %r65},\n\t\t{%r52, %r53},\n\t\t{%r122,",
        "check",
    ),
    Fault("swapped halves of an operand", "{%r52, %r53},\n\t\t{%r122,", "{%r53, %r52},\n\t\t{%r122,", "check"),
    Fault("wrong order of taps", "and.b32 \t%r47, %r46, 255;", "and.b32 \t%r47, %r46, 255;\n\tsub.s32 \t%r47, 2, %r47;", "check"),
    Fault("dropped bias", "add.f32 \t%r5, %r122, %r117;", "mov.b32 \t%r5, %r122;", "check"),
    Fault("dropped step of the sum", "setp.ne.b64 \t%p7, %rd54, 12;", "setp.ne.b64 \t%p7, %rd54, 11;", "check"),
    Fault("one step too many", "setp.ne.b64 \t%p7, %rd54, 12;", "setp.ne.b64 \t%p7, %rd54, 13;", "check"),
    # What is stored.
    Fault("off-by-one mask", "setp.gt.u32 \t%p8, %r21, 97;", "setp.gt.u32 \t%p8, %r21, 98;", "memory"),
    Fault("store without a mask", "\t@%p11 bra \t$L__BB0_36;\n", "", "memory"),
    Fault(
        "reading an output",
        "add.f32 \t%r5, %r122, %r117;",
        "ld.global.b32 \t%r5, [%rd8];\n\tadd.f32 \t%r5, %r122, %r5;",
        "init",
    ),
    Fault("store to an input", "add.s64 \t%rd8, %rd12, %rd52;", "add.s64 \t%rd8, %rd9, %rd52;", "memory"),
    # The launch.
    Fault("arguments in the wrong order", '{"buffer":"w"},{"buffer":"b"}', '{"buffer":"b"},{"buffer":"w"}', "memory"),
    Fault("too few blocks", '"grid":[1,4,1]', '"grid":[1,3,1]', "check"),
]
