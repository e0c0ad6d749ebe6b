"""Runs random small ops and compares them with a second definition of what they mean.

The definitions here follow PyTorch's documentation and share nothing with poolc's own. Usage:
oracle.py poolc-run directory seed count
"""

import itertools
import math
import os
import random
import struct
import subprocess
import sys


def write_npy(path, shape, values):
    text = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({text}), }}\n".encode()
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        file.write(struct.pack(f"<{len(values)}f", *values))


def read_npy(path):
    with open(path, "rb") as file:
        data = file.read()
    start = 10 + struct.unpack("<H", data[8:10])[0]
    return struct.unpack(f"<{(len(data) - start) // 4}f", data[start:])


def tensor(shape):
    return "tensor<" + "".join(f"{size}x" for size in shape) + "f32>"


def attribute(values):
    return f"array<i64: {', '.join(map(str, values))}>"


class Pool:
    """torch.nn.functional.avg_pool2d, with a padding for each side."""

    def __init__(self, rng):
        self.kernel = [rng.randint(1, 5) for _ in "hw"]
        self.stride = [rng.randint(1, 6) for _ in "hw"]
        self.before = [rng.randrange(k) for k in self.kernel]
        self.after = [rng.randrange(k) for k in self.kernel]
        self.size = [
            max(1, k - b - a) + rng.randint(0, 8)
            for k, b, a in zip(self.kernel, self.before, self.after)
        ]
        self.ceil = rng.random() < 0.5
        self.include = rng.random() < 0.5
        self.divisor = rng.choice([None, None, 3, -2])
        self.planes = rng.randint(1, 3)
        self.out = [self.output_size(axis) for axis in (0, 1)]
        self.shapes = [[self.planes, *self.size]]
        self.result = [self.planes, *self.out]

    def output_size(self, axis):
        extent = self.size[axis] + self.before[axis] + self.after[axis] - self.kernel[axis]
        rounding = math.ceil if self.ceil else math.floor
        count = rounding(extent / self.stride[axis]) + 1
        if self.ceil and (count - 1) * self.stride[axis] >= self.size[axis] + self.before[axis]:
            count -= 1
        return count

    def op(self):
        divisor = "" if self.divisor is None else f", divisor_override = {self.divisor} : i64"
        padding = [self.before[0], self.before[1], self.after[0], self.after[1]]
        return (
            f'"nn.avg_pool2d"(%a0) <{{kernel_size = {attribute(self.kernel)}, '
            f"stride = {attribute(self.stride)}, padding = {attribute(padding)}, "
            f"ceil_mode = {str(self.ceil).lower()}, "
            f"count_include_pad = {str(self.include).lower()}{divisor}}}>"
        )

    def compute(self, x):
        result = []
        for plane, oh, ow in itertools.product(*map(range, self.result)):
            start = [o * s - b for o, s, b in zip((oh, ow), self.stride, self.before)]
            # The window within the padded tensor, then within the tensor.
            end = [
                min(f + k, n + a)
                for f, k, n, a in zip(start, self.kernel, self.size, self.after)
            ]
            padded = (end[0] - start[0]) * (end[1] - start[1])
            rows = range(max(start[0], 0), min(end[0], self.size[0]))
            columns = range(max(start[1], 0), min(end[1], self.size[1]))
            total = sum(
                x[(plane * self.size[0] + row) * self.size[1] + column]
                for row in rows
                for column in columns
            )
            divisor = self.divisor or (padded if self.include else len(rows) * len(columns))
            result.append(total / divisor)
        return result


class Conv:
    """torch.nn.functional.conv1d, with a padding for each side: the input is padded in memory."""

    def __init__(self, rng):
        self.groups = rng.choice([1, 1, 2, 3])
        self.inputs, self.outputs = rng.randint(1, 3), rng.randint(1, 3)
        self.kernel, self.stride = rng.randint(1, 4), rng.randint(1, 3)
        self.dilation = rng.randint(1, 4)
        self.before, self.after = rng.randint(0, 5), rng.randint(0, 5)
        span = self.dilation * (self.kernel - 1) + 1
        self.size = max(1, span - self.before - self.after) + rng.randint(0, 20)
        self.batch = rng.randint(1, 2)
        self.bias = rng.random() < 0.5
        out = (self.size + self.before + self.after - span) // self.stride + 1
        self.shapes = [
            [self.batch, self.groups * self.inputs, self.size],
            [self.groups * self.outputs, self.inputs, self.kernel],
        ] + [[self.groups * self.outputs]] * self.bias
        self.result = [self.batch, self.groups * self.outputs, out]

    def op(self):
        operands = ", ".join(f"%a{i}" for i in range(len(self.shapes)))
        return (
            f'"nn.conv1d"({operands}) <{{stride = {self.stride} : i64, '
            f"padding = {attribute([self.before, self.after])}, "
            f"dilation = {self.dilation} : i64, groups = {self.groups} : i64}}>"
        )

    def compute(self, x, w, bias=None):
        channels = self.groups * self.inputs
        rows = [
            [0] * self.before + list(x[i * self.size : (i + 1) * self.size]) + [0] * self.after
            for i in range(self.batch * channels)
        ]
        result = []
        for n, c, o in itertools.product(*map(range, self.result)):
            first = n * channels + c // self.outputs * self.inputs
            total = bias[c] if bias else 0
            for i, k in itertools.product(range(self.inputs), range(self.kernel)):
                weight = w[(c * self.inputs + i) * self.kernel + k]
                total += weight * rows[first + i][o * self.stride + k * self.dilation]
            result.append(total)
        return result


def run(config, rng, program, directory):
    """Returns what is wrong, or nothing."""
    types = ", ".join(tensor(shape) for shape in config.shapes)
    parameters = ", ".join(f"%a{i}: {tensor(shape)}" for i, shape in enumerate(config.shapes))
    module = os.path.join(directory, "op.mlir")
    with open(module, "w", encoding="utf-8") as file:
        file.write(
            f"func.func @main({parameters}) -> {tensor(config.result)} {{\n"
            f"  %y = {config.op()} : ({types}) -> {tensor(config.result)}\n"
            f"  return %y : {tensor(config.result)}\n}}\n"
        )
    inputs, command = [], [program, module, "--device=virtual", "--check"]
    for i, shape in enumerate(config.shapes):
        path = os.path.join(directory, f"a{i}.npy")
        inputs.append([rng.randint(-8, 8) for _ in range(math.prod(shape))])
        write_npy(path, shape, inputs[-1])
        command.append(f"--input={path}")
    output = os.path.join(directory, "y.npy")
    process = subprocess.run(command + [f"--output={output}"], capture_output=True, text=True)
    if process.returncode != 0:
        return process.stderr
    actual, expected = read_npy(output), config.compute(*inputs)
    if len(actual) != len(expected):
        return f"expected {len(expected)} elements, got {len(actual)}"
    for i, (a, e) in enumerate(zip(actual, expected)):
        # Sums of whole numbers are exact, one division is not.
        if not abs(a - e) <= 4e-7 * abs(e):
            return f"element {i}: expected {e}, got {a}"
    return None


def main():
    program, directory, seed, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    os.makedirs(directory, exist_ok=True)
    rng = random.Random(seed)
    for index in range(count):
        config = (Pool if index % 2 else Conv)(rng)
        error = run(config, rng, program, directory)
        if error:
            sys.exit(f"{index}: {config.op()} on {config.shapes}: {error}")
    print(f"{count} agree")


main()
