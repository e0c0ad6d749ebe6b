"""The baseline: both ops as Triton kernels of the straightforward kind.

One program pools a strip of one output row; one program convolves a tile of an implicit matrix
product. No shared row is reused between programs, no window sum between neighbours: what a faster
kernel has to beat.
"""

import triton
import triton.language as tl


@triton.jit
def avg_pool2d(
    x, y,  # [batches, channels, height, width] and [batches, channels, out_height, out_width]
    channels, height, width, out_height, out_width,
    stride_h, stride_w, padding_h, padding_w,
    WINDOW_H: tl.constexpr, WINDOW_W: tl.constexpr,
    BLOCK_W: tl.constexpr,
):
    """Pools BLOCK_W neighbouring outputs of one row; divides by the window's size, also at the border.

    The grid is (batches * channels * out_height, cdiv(out_width, BLOCK_W)). Every tap is a masked
    load of its own, neighbours in the row stride_w elements apart.
    """
    out_row = tl.program_id(0)
    columns = tl.program_id(1) * BLOCK_W + tl.arange(0, BLOCK_W)
    is_column = columns < out_width

    i = out_row % out_height
    plane = out_row // out_height
    # Tensors may have more than 2^31 elements.
    batch = (plane // channels).to(tl.int64)
    channel = (plane % channels).to(tl.int64)
    plane = batch * tl.cast(channels, tl.int64) + channel

    sums = tl.zeros([BLOCK_W], dtype=tl.float32)
    for tap_h in range(WINDOW_H):
        row = i * stride_h + tap_h - padding_h
        is_row = (row >= 0) & (row < height)
        start = (plane * tl.cast(height, tl.int64) + row.to(tl.int64)) * tl.cast(width, tl.int64)
        for tap_w in range(WINDOW_W):
            column = columns * stride_w + tap_w - padding_w
            is_inside = is_column & (column >= 0) & (column < width) & is_row
            taps = tl.load(x + start + column.to(tl.int64), mask=is_inside, other=0.0)
            sums += taps.to(tl.float32)

    means = sums / (WINDOW_H * WINDOW_W * 1.0)
    start = (plane * tl.cast(out_height, tl.int64) + i.to(tl.int64)) * tl.cast(out_width, tl.int64)
    tl.store(y + start + columns.to(tl.int64), means.to(y.dtype.element_ty), mask=is_column)


@triton.jit
def conv1d(
    x, w, bias, y,  # [batches, Cin, length], [Cout, Cin, taps], [Cout], [batches, Cout, out_length]
    batches, length, out_length, stride, dilation,
    x_batch, x_channel, x_position,  # strides of the tensors in elements
    w_out, w_in, w_tap,
    y_batch, y_channel, y_position,
    has_bias,
    CIN: tl.constexpr, COUT: tl.constexpr, TAPS: tl.constexpr, PADDING: tl.constexpr, PRECISION: tl.constexpr,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, BLOCK_K: tl.constexpr,
):
    """Convolves as a matrix product whose left operand exists only in its addresses.

    Rows are the output positions of all batches, columns are output channels, and the products run
    over input channels and taps. The grid is (cdiv(batches * out_length, BLOCK_M), cdiv(COUT,
    BLOCK_N)). Both operands are gathered element by element.
    """
    DEPTH: tl.constexpr = CIN * TAPS
    m = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    n = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    is_m = m < batches * out_length
    is_n = n < COUT
    batch = (m // out_length)[:, None]
    position = (m % out_length)[:, None]

    sums = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, DEPTH, BLOCK_K):
        k = start + tl.arange(0, BLOCK_K)
        is_k = k < DEPTH
        channel = k // TAPS
        tap = k % TAPS

        source = position * stride + tap[None, :] * dilation - PADDING
        is_inside = is_m[:, None] & is_k[None, :] & (source >= 0) & (source < length)
        left = tl.load(x + batch * x_batch + channel[None, :] * x_channel + source * x_position,
                       mask=is_inside, other=0.0)
        right = tl.load(w + n[None, :] * w_out + channel[:, None] * w_in + tap[:, None] * w_tap,
                        mask=is_k[:, None] & is_n[None, :], other=0.0)
        sums += tl.dot(left, right, input_precision=PRECISION)

    if has_bias != 0:
        sums += tl.load(bias + n, mask=is_n, other=0.0)[None, :]
    tl.store(y + batch * y_batch + n[None, :] * y_channel + position * y_position,
             sums.to(y.dtype.element_ty), mask=is_m[:, None] & is_n[None, :])
