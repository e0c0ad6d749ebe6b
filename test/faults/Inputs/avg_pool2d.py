"""Faults in a pooling whose windows overlap."""

FAULTS = [
    Fault("missing bound of rows", "or.pred \t%p4, %p2, %p3;", "mov.pred \t%p4, %p3;", "memory"),
    Fault("off-by-one bound of columns", "setp.gt.u32 \t%p8, %r4, 69;", "setp.gt.u32 \t%p8, %r4, 71;", "memory"),
    Fault("missing tap", "add.f32 \t%r11, %r10, %r29;", "mov.b32 \t%r11, %r10;", "check"),
    Fault("tap twice", "add.f32 \t%r11, %r10, %r29;", "add.f32 \t%r11, %r10, %r28;", "check"),
    Fault("wrong divisor", "0f3DE38E39", "0f3E000000", "check"),
    Fault("off-by-one tap", "ld.global.nc.b32 \t%r29, [%rd6+560];", "ld.global.nc.b32 \t%r29, [%rd6+564];", "check"),
    Fault("wrong stride", "add.s64 \t%rd11, %rd10, -1;", "add.s64 \t%rd11, %rd10, 0;", "check"),
    Fault("off-by-one mask of the store", "setp.gt.u32 \t%p9, %r19, 34;", "setp.gt.u32 \t%p9, %r19, 35;", "memory"),
    Fault("blocks that overlap", "mad.lo.s64 \t%rd21, %rd2, 140, %rd20;", "mad.lo.s64 \t%rd21, %rd2, 136, %rd20;", "check"),
]
