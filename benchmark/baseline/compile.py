#!/usr/bin/env python3
"""Compiles a baseline kernel with Triton to PTX, for a GPU that need not be there, and writes the
plan that runs it:

  compile.py conv1d --input=2x16x100 --channels=24 --kernel-size=3 --bias -o build/conv1d
  poolc-run build/conv1d.ptx --plan=build/conv1d.json --input=integers --check

With --workloads it compiles a list of them, from standard input in the form of workloads.json, into a
directory, those that the kernels can compute, and prints the names of these.
"""

import argparse
import json
import os
import sys

try:
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource
except ImportError:
    sys.exit("compile.py: error: the Python package 'triton' is missing; pip install triton")

try:  # Triton 3.0
    from triton.compiler import AttrsDescriptor
except ImportError:
    AttrsDescriptor = None

import kernels

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))
import workloads  # pylint: disable=wrong-import-position

TRITON_TYPES = {"f32": "fp32", "f16": "fp16", "bf16": "bf16"}


def cdiv(a, b):
    return -(-a // b)


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
    """The workload of the command line, as workloads.json would have it."""
    size, stride, padding = options.kernel_size, options.stride or options.kernel_size, options.padding
    return {"op": "avg_pool2d", "dtype": options.dtype, "input": options.input, "kernel_size": [size, size],
            "stride": [stride, stride], "padding": [padding] * 4, "ceil_mode": False,
            "count_include_pad": True, "divisor_override": None}


def conv1d(options):
    return {"op": "conv1d", "dtype": options.dtype, "input": options.input, "out_channels": options.channels,
            "kernel_size": options.kernel_size, "stride": options.stride or 1,
            "padding": [options.padding, options.padding], "dilation": options.dilation, "groups": 1,
            "bias": options.bias, "precision": "tf32" if options.dtype == "f32" else "ieee",
            "activation": None, "residual": False}


def pool_problem(workload):
    batches, channels, height, width = workload["input"]
    y = workloads.output_shape(workload)
    out_height, out_width = y[2:]
    block_w = 128
    top, left = workload["padding"][:2]
    return Problem(
        kernels.avg_pool2d, [("x", workload["input"])], ("y", y),
        {"channels": channels, "height": height, "width": width, "out_height": out_height,
         "out_width": out_width, "stride_h": workload["stride"][0], "stride_w": workload["stride"][1],
         "padding_h": top, "padding_w": left},
        {"WINDOW_H": workload["kernel_size"][0], "WINDOW_W": workload["kernel_size"][1], "BLOCK_W": block_w},
        [batches * channels * out_height, cdiv(out_width, block_w), 1], 4, 3, source(workload))


def conv_problem(workload):
    batches, cin, length = workload["input"]
    y, w = workloads.output_shape(workload), workloads.weight_shape(workload)
    cout, out_length = y[1:]
    block_m, block_n, block_k = 128, 128, 32
    operands = [("x", workload["input"]), ("w", w)]
    if workload["bias"]:
        operands.append(("bias", [cout]))
    scalars = {"batches": batches, "length": length, "out_length": out_length, "stride": workload["stride"],
               "dilation": workload["dilation"]}
    for name, shape_, axes in (("x", workload["input"], ("batch", "channel", "position")),
                               ("w", w, ("out", "in", "tap")), ("y", y, ("batch", "channel", "position"))):
        scalars.update({f"{name}_{axis}": step for axis, step in zip(axes, contiguous(shape_))})
    scalars["has_bias"] = int(workload["bias"])
    return Problem(
        kernels.conv1d, operands, ("y", y), scalars,
        {"CIN": cin, "COUT": cout, "TAPS": workload["kernel_size"], "PADDING": workload["padding"][0],
         "PRECISION": workload["precision"] if workload["dtype"] == "f32" else "tf32",
         "BLOCK_M": block_m, "BLOCK_N": block_n, "BLOCK_K": block_k},
        [cdiv(batches * out_length, block_m), cdiv(cout, block_n), 1], 8, 3, source(workload))


def source(workload):
    """What the kernel computes, or nothing where it divides by another number at the border."""
    if workload["op"] == "avg_pool2d" and not divides_by_window(workload):
        return None
    return workloads.mlir(workload)


def divides_by_window(workload):
    """Whether every window's divisor is its size, as the kernel has it."""
    if workload["divisor_override"] is not None:
        return False
    return not any(ceil_mode or (before + after and not workload["count_include_pad"])
                   for _, _, _, _, before, after, ceil_mode in workloads.axes(workload))


def problem_of(workload):
    """None where the kernels cannot compute it: groups, and fused epilogues."""
    if workload["op"] == "avg_pool2d":
        return pool_problem(workload)
    if workload["groups"] != 1 or workload["activation"] or workload["residual"]:
        return None
    return conv_problem(workload)


def compile_kernel(problem, dtype, arch):
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
        signature[name] = f"*{TRITON_TYPES[dtype]}"
        if value is not None:
            signature[name] = "i32" if -(2**31) <= value < 2**31 else "i64"
        if value is None or value % 16 == 0:
            attributes[(index,)] = [["tt.divisibility", 16]]
    parameters = {name: kind for name, kind in signature.items() if kind != "constexpr"}
    options = {"num_warps": problem.warps, "num_stages": problem.stages, "enable_fp_fusion": True}
    if AttrsDescriptor:
        ones = tuple(index for (index,), value in constants.items() if names[index] not in problem.constants)
        ast = ASTSource(problem.kernel, parameters, {names[index]: value for (index,), value in constants.items()},
                        AttrsDescriptor(tuple(index for index, in attributes), ones))
    else:
        ast = ASTSource(problem.kernel, signature, constexprs=constants, attrs=attributes)
        options["ptx_version"] = 88  # A version that drivers of CUDA 12.8 and later load.
    return triton.compile(ast, target=GPUTarget("cuda", arch, 32), options=options), parameters


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
        **({"source": problem.source} if problem.source else {}),
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


def write(problem, dtype, arch, prefix):
    compiled, parameters = compile_kernel(problem, dtype, arch)
    with open(f"{prefix}.ptx", "w", encoding="utf-8") as file:
        file.write(compiled.asm["ptx"])
    with open(f"{prefix}.json", "w", encoding="utf-8") as file:
        json.dump(make_plan(problem, compiled, parameters, dtype), file, indent=1)
        file.write("\n")


def compile_workloads(arch, directory):
    os.makedirs(directory, exist_ok=True)
    for workload in json.load(sys.stdin):
        problem = problem_of(workload)
        if problem is None:
            continue
        try:
            write(problem, workload["dtype"], arch, os.path.join(directory, workload["name"] + ".baseline"))
        except Exception as error:  # Triton's own; the others can still be compiled
            print(f"compile.py: warning: {workload['name']}: {str(error).strip().splitlines()[-1]}", file=sys.stderr)
            continue
        print(workload["name"], flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("op", nargs="?", choices=["avg_pool2d", "conv1d"])
    parser.add_argument("--input", type=shape, help="4x64x56x56 or 4x64x1000")
    parser.add_argument("--kernel-size", type=int)
    parser.add_argument("--stride", type=int, help="default: the kernel size (pool), 1 (conv)")
    parser.add_argument("--padding", type=int, default=0, help="on all sides")
    parser.add_argument("--dilation", type=int, default=1, help="conv only")
    parser.add_argument("--channels", type=int, help="output channels (conv only)")
    parser.add_argument("--bias", action="store_true", help="conv only")
    parser.add_argument("--dtype", choices=TRITON_TYPES, default="f32")
    parser.add_argument("--arch", type=int, default=89, help="89 for sm_89")
    parser.add_argument("-o", dest="prefix", help="writes PREFIX.ptx and PREFIX.json")
    parser.add_argument("--workloads", metavar="DIR", help="compile the workloads of standard input into DIR")
    options = parser.parse_args()
    if options.workloads:
        return options
    for name in ("op", "input", "kernel_size", "prefix"):
        if getattr(options, name) is None:
            parser.error(f"expected {'-o' if name == 'prefix' else '--' + name.replace('_', '-')}")
    axes = 4 if options.op == "avg_pool2d" else 3
    if len(options.input) != axes:
        parser.error(f"--input: expected {axes} sizes, got {len(options.input)}")
    if options.op == "conv1d" and options.channels is None:
        parser.error("conv1d: expected --channels")
    return options


def main():
    options = parse_arguments()
    if options.workloads:
        compile_workloads(options.arch, options.workloads)
        return
    workload = {"avg_pool2d": avg_pool2d, "conv1d": conv1d}[options.op](options)
    write(problem_of({"name": "main", "source": "", **workload}), options.dtype, options.arch, options.prefix)


if __name__ == "__main__":
    main()
