"""Faults in a convolution whose warps arrive early and wait late, by two mbarrier objects.

The first object says that what was copied for the next step is there, the second that a step
has been read.
"""

ARRIVE_COPIED = "\t@%p9 mbarrier.arrive.shared.b64 _, [%rd41];\n"
ARRIVE_READ = "\t@%p9 mbarrier.arrive.shared.b64 _, [%rd42];\n"
WAIT_COPIED = "\tmbarrier.test_wait.parity.shared.b64 %p12, [__wg_conv1d_0_0], %r25;\n"
WAIT_READ = "\tmbarrier.test_wait.parity.shared.b64 %p5, [__wg_conv1d_0_0+8], %r293;\n"
INIT = "\tmbarrier.init.shared.b64 \t[__wg_conv1d_0_0], %r96;\n"
WAIT_GROUP = "\tcp.async.wait_group \t1;\n\tbar.warp.sync \t-1;\n\tmov.b32 \t%r117"
LAST_READ = "\tldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r77, %r78, %r79, %r80}, [%r172+9216];\n"
READ = "\tbar.warp.sync \t-1;\n\tadd.s64 \t%rd42, %rd41, 8;\n\t// begin inline asm\n" + ARRIVE_READ

FAULTS = [
    # What must come before an arrival.
    Fault("missing wait for the copies", WAIT_GROUP, "\tbar.warp.sync \t-1;\n\tmov.b32 \t%r117", "race"),
    Fault(
        "arrival ahead of other lanes' copies",
        WAIT_GROUP,
        "\tcp.async.wait_group \t1;\n\tmov.b32 \t%r117",
        "race",
    ),
    Fault("arrival ahead of other lanes' reads", "\tbar.warp.sync \t-1;\n\tadd.s64 \t%rd42", "\tadd.s64 \t%rd42", "race"),
    Fault("arrival ahead of the reads", LAST_READ + READ, READ + LAST_READ, "race"),
    Fault("second arrival", ARRIVE_COPIED, ARRIVE_COPIED + ARRIVE_COPIED, "race"),
    Fault(
        "arrival that orders nothing",
        ARRIVE_COPIED,
        "\t@%p9 mbarrier.arrive.noComplete.shared.b64 _, [%rd41], 1;\n",
        "sync",
    ),
    # Who waits for what.
    Fault("missing wait before reading", WAIT_COPIED, "\tsetp.eq.u32 %p12, 0, 0;\n", "race"),
    Fault("missing wait before copying", WAIT_READ, "\tsetp.eq.u32 %p5, 0, 0;\n", "race"),
    Fault("one test in place of a wait", "\t@%p13 bra \t$L__BB1_19;\n", "", "race"),
    Fault("wait by the wrong parity", "\txor.b32 \t%r293, %r25, 1;\n", "\tmov.b32 \t%r293, %r25;\n", "sync"),
    Fault("wait by no parity", WAIT_COPIED, WAIT_COPIED.replace("%r25", "2"), "sync"),
    # Counts and objects.
    Fault("nobody arrives", ARRIVE_READ, "", "sync"),
    Fault("one arrival too many is expected", "\tmov.b32 \t%r96, 2;\n", "\tmov.b32 \t%r96, 3;\n", "sync"),
    Fault("one arrival is enough", "\tmov.b32 \t%r96, 2;\n", "\tmov.b32 \t%r96, 1;\n", "race"),
    Fault("all lanes arrive", ARRIVE_READ, ARRIVE_READ.replace("@%p9 ", ""), "sync"),
    Fault("missing initialisation", INIT, "", "sync"),
    Fault("initialised by all threads", "\t@%p4 bra \t$L__BB1_10;\n", "", "sync"),
    Fault("object in the staged operand", "\tmov.b32 \t%r117, __wg_conv1d_0_0;\n", "\tmov.b32 \t%r117, __dynamic_shmem__0;\n", "sync"),
    Fault("misaligned object", INIT, INIT.replace("_0]", "_0+4]"), "memory"),
    Fault("initialised behind the barrier", "\tbar.sync \t0;\n\tand.b32 \t%r97", "\tand.b32 \t%r97", "race"),
]
