#!/usr/bin/env python3
"""Compiles a baseline kernel with Triton to PTX, for a GPU that need not be there, and writes the
plan that runs it:

  compile.py conv1d --input=2x16x100 --channels=24 --kernel-size=3 --bias -o build/conv1d
  poolc-run build/conv1d.ptx --plan=build/conv1d.json --input=integers --check
"""

import argparse
import json
import sys

try:
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource
except ImportError:
    sys.exit("compile.py: error: the Python package 'triton' is missing; pip install triton")

import kernels

TRITON_TYPES = {"f32": "fp32", "f16": "fp16", "bf16": "bf16"}


def cdiv(a, b):
    return -(-a // b)


def tensor(shape, dtype):
    return f"tensor<{'x'.join(map(str, shape))}x{dtype}>"


def contiguous(shape):
    """The strides of a tensor in elements."""
    strides = [1]
    for size in reversed(shape[1:]):
        strides.insert(0, strides[0] * size)
    return strides


class Problem:
    """One op on tensors of given shapes, with the kernel and the grid for it."""

    def __init__(self, kernel, operands, result, scalars, constants, grid, warps, stages, source):
        self.kernel = kernel
        self.operands = operands  # [(name, shape)]
        self.result = result  # (name, shape)
        self.scalars = scalars
        self.constants = constants
        self.grid = grid
        self.warps, self.stages = warps, stages
        self.source = source


def avg_pool2d(options):
    batches, channels, height, width = options.input
    size, stride, padding = options.kernel_size, options.stride or options.kernel_size, options.padding
    out_height, out_width = ((extent + 2 * padding - size) // stride + 1 for extent in (height, width))
    block_w = 128
    x, y = options.input, [batches, channels, out_height, out_width]
    source = (
        f"func.func @main(%x: {tensor(x, options.dtype)}) -> {tensor(y, options.dtype)} {{\n"
        f'  %y = "nn.avg_pool2d"(%x) <{{kernel_size = array<i64: {size}, {size}>, '
        f"stride = array<i64: {stride}, {stride}>, "
        f"padding = array<i64: {padding}, {padding}, {padding}, {padding}>}}> "
        f": ({tensor(x, options.dtype)}) -> {tensor(y, options.dtype)}\n"
        f"  return %y : {tensor(y, options.dtype)}\n}}\n")
    return Problem(
        kernels.avg_pool2d, [("x", x)], ("y", y),
        {"channels": channels, "height": height, "width": width, "out_height": out_height,
         "out_width": out_width, "stride_h": stride, "stride_w": stride, "padding_h": padding,
         "padding_w": padding},
        {"WINDOW_H": size, "WINDOW_W": size, "BLOCK_W": block_w},
        [batches * channels * out_height, cdiv(out_width, block_w), 1], 4, 3, source)


def conv1d(options):
    batches, cin, length = options.input
    taps, stride, cout, dtype = options.kernel_size, options.stride or 1, options.channels, options.dtype
    out_length = (length - options.dilation * (taps - 1) - 1) // stride + 1
    block_m, block_n, block_k = 128, 128, 32
    operands = [("x", options.input), ("w", [cout, cin, taps])]
    if options.bias:
        operands.append(("bias", [cout]))
    y = [batches, cout, out_length]
    types = [tensor(shape, dtype) for _, shape in operands]
    names = [f"%{name}" for name, _ in operands]
    precision = ", precision = #nn.precision<tf32>" if dtype == "f32" else ""
    source = (
        f"func.func @main({', '.join(f'{n}: {t}' for n, t in zip(names, types))}) -> {tensor(y, dtype)} {{\n"
        f'  %y = "nn.conv1d"({", ".join(names)}) <{{stride = {stride} : i64, '
        f"dilation = {options.dilation} : i64{precision}}}> "
        f": ({', '.join(types)}) -> {tensor(y, dtype)}\n"
        f"  return %y : {tensor(y, dtype)}\n}}\n")
    scalars = {"batches": batches, "length": length, "out_length": out_length, "stride": stride,
               "dilation": options.dilation}
    for name, shape, axes in (("x", options.input, ("batch", "channel", "position")),
                              ("w", [cout, cin, taps], ("out", "in", "tap")),
                              ("y", y, ("batch", "channel", "position"))):
        scalars.update({f"{name}_{axis}": step for axis, step in zip(axes, contiguous(shape))})
    scalars["has_bias"] = int(options.bias)
    return Problem(
        kernels.conv1d, operands, ("y", y), scalars,
        {"CIN": cin, "COUT": cout, "TAPS": taps, "BLOCK_M": block_m, "BLOCK_N": block_n,
         "BLOCK_K": block_k},
        [cdiv(batches * out_length, block_m), cdiv(cout, block_n), 1], 8, 3, source)


def compile_kernel(problem, options):
    """Returns Triton's compiled kernel and the names of its parameters in order.

    Scalars are specialised as Triton's just-in-time launcher does: 1 is a constant, and the compiler
    is told of multiples of 16.
    """
    names = problem.kernel.arg_names
    signature, constants, attributes = {}, {}, {}
    for index, name in enumerate(names):
        value = problem.constants.get(name, problem.scalars.get(name))
        if name in problem.constants or value == 1:
            signature[name] = "constexpr"
            constants[(index,)] = value
            continue
        signature[name] = f"*{TRITON_TYPES[options.dtype]}"
        if value is not None:
            signature[name] = "i32" if -(2**31) <= value < 2**31 else "i64"
        if value is None or value % 16 == 0:
            attributes[(index,)] = [["tt.divisibility", 16]]
    compiled = triton.compile(
        ASTSource(problem.kernel, signature, constexprs=constants, attrs=attributes),
        target=GPUTarget("cuda", options.arch, 32),
        options={"num_warps": problem.warps, "num_stages": problem.stages, "enable_fp_fusion": True})
    return compiled, {name: kind for name, kind in signature.items() if kind != "constexpr"}


def make_plan(problem, compiled, parameters, dtype):
    buffers = dict(problem.operands + [problem.result])
    arguments = []
    for name, kind in parameters.items():
        if not kind.startswith("*"):
            arguments.append({"scalar": kind, "value": problem.scalars[name]})
        else:
            arguments.append({"buffer": name} if name in buffers else {"null": True})
    # Triton's own parameters at the end: scratch memory, which these kernels need none of.
    arguments += [{"null": True}] * (parameter_count(compiled) - len(arguments))
    return {
        "schema": 1,
        "source": problem.source,
        "arguments": [{"name": name, "role": "output" if name == problem.result[0] else "input",
                       "dtype": dtype, "shape": shape, "alignment": 16}
                      for name, shape in buffers.items()],
        "launches": [{"kernel": compiled.metadata.name, "op": f"nn.{compiled.metadata.name}",
                      "grid": problem.grid, "block": [32 * problem.warps, 1, 1],
                      "dynamic_shared_bytes": compiled.metadata.shared, "arguments": arguments}],
    }


def parameter_count(compiled):
    entry = compiled.asm["ptx"].split(".entry", 1)[1]
    return entry[:entry.index("{")].count(".param")


def shape(text):
    return [int(size) for size in text.split("x")]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("op", choices=["avg_pool2d", "conv1d"])
    parser.add_argument("--input", type=shape, required=True, help="4x64x56x56 or 4x64x1000")
    parser.add_argument("--kernel-size", type=int, required=True)
    parser.add_argument("--stride", type=int, help="default: the kernel size (pool), 1 (conv)")
    parser.add_argument("--padding", type=int, default=0, help="on all sides (pool only)")
    parser.add_argument("--dilation", type=int, default=1, help="conv only")
    parser.add_argument("--channels", type=int, help="output channels (conv only)")
    parser.add_argument("--bias", action="store_true", help="conv only")
    parser.add_argument("--dtype", choices=TRITON_TYPES, default="f32")
    parser.add_argument("--arch", type=int, default=89, help="89 for sm_89")
    parser.add_argument("-o", dest="prefix", required=True, help="writes PREFIX.ptx and PREFIX.json")
    options = parser.parse_args()
    axes = 4 if options.op == "avg_pool2d" else 3
    if len(options.input) != axes:
        parser.error(f"--input: expected {axes} sizes, got {len(options.input)}")
    if options.op == "conv1d" and options.channels is None:
        parser.error("conv1d: expected --channels")
    return options


def main():
    options = parse_arguments()
    problem = {"avg_pool2d": avg_pool2d, "conv1d": conv1d}[options.op](options)
    compiled, parameters = compile_kernel(problem, options)
    with open(f"{options.prefix}.ptx", "w", encoding="utf-8") as file:
        file.write(compiled.asm["ptx"])
    with open(f"{options.prefix}.json", "w", encoding="utf-8") as file:
        json.dump(make_plan(problem, compiled, parameters, options.dtype), file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
