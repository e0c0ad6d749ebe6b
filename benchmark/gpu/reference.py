"""What a workload computes, in double, and how far a result may be from it (docs/guides, "--check")."""

import peers

ACCUMULATOR = {"ieee": 2.0**-24, "tf32": 2.0**-22, "tf32x3": 2.0**-22}
RESULT = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}
SMALLEST = {"f32": 2.0**-149, "f16": 2.0**-24, "bf16": 2.0**-133}
CHUNK_BYTES = 4 << 30  # of the patches that a piece of a convolution is laid out in


def round_to_tf32(torch, x):
    """To nearest, ties away from zero, as cvt.rna.tf32.f32."""
    return ((x.view(torch.int32) + 0x1000) & ~0x1fff).view(torch.float32)


def window_counts(torch, axis, before, after, include_pad, device):
    """Positions of each window along an axis that the mean divides by."""
    size, kernel, stride, outputs = axis
    start = torch.arange(outputs, device=device) * stride - before
    low, high = (-before, size + after) if include_pad else (0, size)
    return (torch.clamp(start + kernel, max=high) - torch.clamp(start, min=low)).double()


def pool_piece(torch, workload, x, shape):
    """Means of the inputs and of their magnitudes, in double: x [..., H, W]."""
    functional = torch.nn.functional
    top, left, bottom, right = workload["padding"]
    (kernel_h, kernel_w), (stride_h, stride_w) = workload["kernel_size"], workload["stride"]
    height, width = x.shape[-2:]
    out_h, out_w = shape[-2:]
    # As much behind as the last window needs, with the overhang of ceil mode.
    pads = (left, (out_w - 1) * stride_w + kernel_w - width - left,
            top, (out_h - 1) * stride_h + kernel_h - height - top)
    padded = functional.pad(x.double(), pads)
    if workload["divisor_override"] is not None:
        divisor = torch.tensor(float(workload["divisor_override"]), device=x.device).double()
    else:
        divisor = torch.outer(
            window_counts(torch, (height, kernel_h, stride_h, out_h), top, bottom,
                          workload["count_include_pad"], x.device),
            window_counts(torch, (width, kernel_w, stride_w, out_w), left, right,
                          workload["count_include_pad"], x.device))

    def sums(values):
        # One axis after the other: exact enough in double, and quick for wide windows.
        rows = functional.avg_pool2d(values, (1, kernel_w), (1, stride_w), divisor_override=1)
        return functional.avg_pool2d(rows, (kernel_h, 1), (stride_h, 1), divisor_override=1)

    return sums(padded) / divisor, sums(padded.abs()) / divisor.abs()


def conv_piece(torch, workload, x, weights, first, end):
    """Outputs first to end of one sample, x [Cin, L]: sums of products and of their magnitudes."""
    groups, taps = workload["groups"], workload["kernel_size"]
    stride, dilation, (before, _) = workload["stride"], workload["dilation"], workload["padding"]
    channels, length = x.shape
    count = end - first
    low = first * stride - before
    high = low + (count - 1) * stride + (taps - 1) * dilation + 1
    piece = torch.nn.functional.pad(x[:, max(low, 0):min(high, length)].double(),
                                    (max(-low, 0), max(high - length, 0))).contiguous()
    span = piece.shape[1]
    patches = piece.as_strided((channels, taps, count), (span, dilation, stride))
    patches = patches.reshape(groups, channels // groups * taps, count)
    matrices = weights.double().reshape(groups, -1, channels // groups * taps)
    results = [torch.bmm(matrices, patches), torch.bmm(matrices.abs(), patches.abs())]
    return [result.reshape(-1, count) for result in results]


def activation_of(torch, workload):
    """(function on doubles, its Lipschitz constant) of the workload's activation, or None."""
    function = peers.activation(torch, workload)
    if not function:
        return None
    name, _, argument = workload["activation"].rstrip(">").partition("<")
    if name == "leaky_relu":
        return function, max(1.0, abs(float(argument)))
    return function, {"relu": 1.0, "gelu": 1.13, "silu": 1.1, "gelu_tanh": 1.13}[argument]


class Comparison:
    """Collects the worst element over the pieces of a result."""

    def __init__(self, torch, workload, taps):
        self.activation = activation_of(torch, workload)
        self.activation_unit = 2.0**-20 if workload["dtype"] == "f32" else 2.0**-12
        precision = workload.get("precision", "ieee")
        if workload["op"] == "conv1d" and workload["dtype"] != "f32":
            precision = "tf32"  # 16-bit products are summed by the tensor cores too
        terms = (3 * taps if precision == "tf32x3" else taps) + 1
        operand = 2.0**-21 if precision == "tf32x3" else 0
        self.accumulator = ACCUMULATOR[precision]
        self.relative = terms * self.accumulator + 2 * operand
        self.unit = RESULT[workload["dtype"]]
        self.absolute = SMALLEST[workload["dtype"]] / 2 + terms * (2.0**-136 * 8 if operand else 2.0**-149)
        self.worst_error = self.worst_fraction = 0.0
        self.failed = self.compared = 0
        self.squares = self.error_squares = 0.0

    def add(self, result, expected, magnitude, residual=None):
        bound = self.relative * magnitude
        if self.activation:
            function, steepest = self.activation
            expected = function(expected)
            bound = steepest * bound + self.activation_unit * expected.abs().clamp(min=1)
        if residual is not None:
            expected = expected + residual.double()
            bound = bound + self.accumulator * residual.double().abs()
        bound = (1 + self.unit) * bound + self.unit * expected.abs() + self.absolute
        error = (result.double() - expected).abs()
        passed = error <= bound  # False for NaN
        self.failed += int((~passed).sum())
        self.compared += result.numel()
        self.squares += float(expected.square().sum())
        self.error_squares += float(error.square().sum())
        self.worst_error = max(self.worst_error, float(error.nan_to_num(nan=float("inf")).max()))
        self.worst_fraction = max(self.worst_fraction, float((error / bound).nan_to_num(nan=float("inf")).max()))

    def summary(self):
        return {"passed": self.failed == 0 and self.compared > 0, "failed": self.failed,
                "compared": self.compared, "largest_error": self.worst_error,
                "largest_fraction_of_bound": self.worst_fraction,
                "relative_error": (self.error_squares / self.squares) ** 0.5 if self.squares else 0.0}


def samples_of(count, most):
    """Which samples of the batch to compare: all, or as many as allowed, spread over it."""
    if count <= most:
        return range(count)
    return sorted({round(i * (count - 1) / max(most - 1, 1)) for i in range(most)})


def compare(torch, workload, tensors, result, most_samples=8):
    """Holds a result against the reference: {"passed", ...}."""
    if workload["op"] == "avg_pool2d":
        comparison = Comparison(torch, workload, workload["kernel_size"][0] * workload["kernel_size"][1])
        for n in samples_of(len(result), most_samples):
            comparison.add(result[n], *pool_piece(torch, workload, tensors["x"][n], result.shape))
        return comparison.summary()
    x, weights = tensors["x"], tensors["w"]
    if workload["precision"] == "tf32":
        weights = round_to_tf32(torch, weights)
    taps = weights.shape[1] * weights.shape[2]
    comparison = Comparison(torch, workload, taps)
    step = max(1, CHUNK_BYTES // (8 * x.shape[1] * workload["kernel_size"]))
    for n in samples_of(len(result), most_samples):
        sample = round_to_tf32(torch, x[n]) if workload["precision"] == "tf32" else x[n]
        for first in range(0, result.shape[2], step):
            end = min(first + step, result.shape[2])
            expected, magnitude = conv_piece(torch, workload, sample, weights, first, end)
            if workload["bias"]:
                bias = tensors["b"].double()[:, None]
                expected, magnitude = expected + bias, magnitude + bias.abs()
            residual = tensors["r"][n, :, first:end] if workload["residual"] else None
            comparison.add(result[n, :, first:end], expected, magnitude, residual)
    return comparison.summary()
