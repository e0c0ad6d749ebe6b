#!/usr/bin/env python3
"""The workloads of workloads.json: what they must move and compute, and their MLIR.

  workloads.py                          the names, with their figures
  workloads.py NAME                     the workload's MLIR, for poolc and poolc-run
  workloads.py --all                    one module with a function for each
  workloads.py --directory=DIR          DIR/NAME.mlir for each
  workloads.py --figures                name, bytes read, bytes written, operations, from the definitions
  workloads.py --check                  hold the figures of the file against the definitions
  workloads.py --op=conv --filter=RE    only those, with any of these but the second

The figures are counted here by walking over windows, rows and planes; poolc has its own way
(lib/Target/Roofline.cpp), and a unit test holds that against the file too.
"""

import argparse
import json
import os
import re
import sys

SECTOR = 32  # bytes that DRAM and the caches move at once
ELEMENT_BYTES = {"f32": 4, "f16": 2, "bf16": 2}
PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "workloads.json")
DEFAULTS = {
    "avg_pool2d": {"stride": None, "padding": [0, 0, 0, 0], "ceil_mode": False, "count_include_pad": True,
                   "divisor_override": None},
    "conv1d": {"stride": 1, "padding": [0, 0], "dilation": 1, "groups": 1, "bias": False,
               "precision": "ieee", "activation": None, "residual": False},
}


class WorkloadError(Exception):
    pass


def load(path=PATH, op=None, pattern=None):
    """The workloads of a file, most important first, with the attributes left out filled in.

    `op` is "pool" or "conv", `pattern` a regular expression to be found in the name.
    """
    with open(path, encoding="utf-8") as file:
        workloads = json.load(file)["workloads"]
    kind = {None: None, "pool": "avg_pool2d", "conv": "conv1d"}[op]
    names = set()
    result = []
    for given in workloads:
        workload = {**DEFAULTS[given["op"]], **given}
        if workload["op"] == "avg_pool2d" and workload["stride"] is None:
            workload["stride"] = workload["kernel_size"]
        if workload["name"] in names:
            raise WorkloadError(f"{path}: two workloads are named '{workload['name']}'")
        names.add(workload["name"])
        if kind in (None, workload["op"]) and (not pattern or re.search(pattern, workload["name"])):
            result.append(workload)
    return sorted(result, key=lambda workload: workload["priority"])


def product(sizes):
    result = 1
    for size in sizes:
        result *= size
    return result


# -- Sizes ----------------------------------------------------------------------


def output_extent(size, kernel, stride, dilation, before, after, ceil_mode=False):
    """Number of windows along an axis, by PyTorch's definition."""
    free = size + before + after - (dilation * (kernel - 1) + 1)
    if free < 0:
        return 0
    count = (-(-free // stride) if ceil_mode else free // stride) + 1
    if ceil_mode and (count - 1) * stride >= size + before:
        count -= 1  # it would start in the padding behind
    return count


def axes(workload):
    """The windows of a workload's axes as arguments of output_extent."""
    if workload["op"] == "conv1d":
        return [(workload["input"][2], workload["kernel_size"], workload["stride"], workload["dilation"],
                 *workload["padding"], False)]
    top, left, bottom, right = workload["padding"]
    height, width = workload["input"][2:]
    (kernel_h, kernel_w), (stride_h, stride_w) = workload["kernel_size"], workload["stride"]
    return [(height, kernel_h, stride_h, 1, top, bottom, workload["ceil_mode"]),
            (width, kernel_w, stride_w, 1, left, right, workload["ceil_mode"])]


def output_shape(workload):
    extents = [output_extent(*axis) for axis in axes(workload)]
    channels = workload["out_channels"] if workload["op"] == "conv1d" else workload["input"][1]
    return [workload["input"][0], channels, *extents]


def weight_shape(workload):
    return [workload["out_channels"], workload["input"][1] // workload["groups"], workload["kernel_size"]]


# -- Figures --------------------------------------------------------------------


def used_runs(size, kernel, stride, dilation, before, after, ceil_mode):
    """The elements that windows touch along an axis, as runs (first, end) in order."""
    used = bytearray(size)
    for output in range(output_extent(size, kernel, stride, dilation, before, after, ceil_mode)):
        first = output * stride - before
        for position in range(first, first + kernel * dilation, dilation):
            if 0 <= position < size:
                used[position] = 1
    return [(match.start(), match.end()) for match in re.finditer(b"\x01+", used)]


def count_sectors(planes, rows, row_runs, columns, column_runs, element_bytes):
    """Distinct sectors of a tensor [planes, rows, columns] that hold an element used."""
    row_bytes = columns * element_bytes
    plane_bytes = rows * row_bytes
    # After that many planes one starts at a sector's beginning again.
    period = next(n for n in (1, 2, 4, 8, 16, 32) if n * plane_bytes % SECTOR == 0)

    def count(some):
        total, last = 0, -1
        for plane in range(some):
            for first_row, end_row in row_runs:
                for row in range(first_row, end_row):
                    start = plane * plane_bytes + row * row_bytes
                    for first, end in column_runs:
                        low = max((start + first * element_bytes) // SECTOR, last + 1)
                        last = max((start + end * element_bytes - 1) // SECTOR, last)
                        total += max(last - low + 1, 0)
        return total

    return planes // period * count(period) + count(planes % period)


def dense_bytes(shape, element_bytes):
    return -(-product(shape) * element_bytes // SECTOR) * SECTOR


def figures(workload):
    """Compulsory bytes read and written, and operations.

    Bytes: 32 for each distinct sector of an input that holds an element used, and the sectors of the
    result. Operations: of a convolution two per tap; of a pooling one for each input used, which has
    to be added once at least, and one for each output, which has to be scaled.
    """
    element_bytes = ELEMENT_BYTES[workload["dtype"]]
    result = output_shape(workload)
    runs = [used_runs(*axis) for axis in axes(workload)]
    planes = product(workload["input"][:2])
    if workload["op"] == "avg_pool2d":
        rows, columns = workload["input"][2:]
        read = SECTOR * count_sectors(planes, rows, runs[0], columns, runs[1], element_bytes)
        used = [sum(end - first for first, end in some) for some in runs]
        operations = planes * used[0] * used[1] + product(result)
    else:
        read = SECTOR * count_sectors(planes, 1, [(0, 1)], workload["input"][2], runs[0], element_bytes)
        read += dense_bytes(weight_shape(workload), element_bytes)
        if workload["bias"]:
            read += dense_bytes([workload["out_channels"]], element_bytes)
        if workload["residual"]:
            read += dense_bytes(result, element_bytes)
        operations = 2 * product(result) * product(weight_shape(workload)[1:])
    return read, dense_bytes(result, element_bytes), operations


def input_sectors(workload):
    """Distinct sectors of the first input that hold an element used."""
    runs = [used_runs(*axis) for axis in axes(workload)]
    shape = workload["input"] if workload["op"] == "avg_pool2d" else [*workload["input"][:2], 1, workload["input"][2]]
    row_runs, column_runs = runs if len(runs) == 2 else ([(0, 1)], runs[0])
    return count_sectors(product(shape[:2]), shape[2], row_runs, shape[3], column_runs,
                         ELEMENT_BYTES[workload["dtype"]])


def touched_sectors(workload, block_n):
    """Sectors of the input that the taps of blocks of so many outputs touch, summed over the blocks."""
    batch, channels, length = workload["input"]
    (_, kernel, stride, dilation, before, _, _), = axes(workload)
    outputs, element_bytes = output_shape(workload)[2], ELEMENT_BYTES[workload["dtype"]]
    rows = batch * channels
    # Rows that begin as far into a sector have as many.
    by_phase = {}
    total = 0
    for row in range(min(rows, SECTOR)):
        phase = row * length * element_bytes % SECTOR
        if phase not in by_phase:
            by_phase[phase] = sum(
                touched_by_block(phase, length, element_bytes, kernel, dilation, first * stride - before,
                                 (min(block_n, outputs - first) - 1) * stride, stride)
                for first in range(0, outputs, block_n))
        total += by_phase[phase] * (rows // SECTOR + (row < rows % SECTOR))
    return total


def touched_by_block(phase, length, element_bytes, kernel, dilation, start, reach, stride):
    """Sectors of a row that the taps from `start` on touch while they move by `reach`."""
    sectors = set()
    for tap in range(kernel):
        low = start + tap * dilation
        high = min(low + reach, low + (length - 1 - low) // stride * stride)
        if low < 0:
            low += -(low // stride) * stride
        # With a short stride no sector between is left out.
        step = stride if stride * element_bytes > SECTOR else max(SECTOR // element_bytes, 1)
        sectors.update((phase + at * element_bytes) // SECTOR for at in range(low, high + 1, step))
        if low <= high:
            sectors.add((phase + high * element_bytes) // SECTOR)
    return len(sectors)


def stated_figures(workload):
    return tuple(workload[key] for key in ("read_bytes", "write_bytes", "operations"))


def check(workloads):
    """Prints what does not agree and returns how many workloads do not."""
    wrong = 0
    for workload in workloads:
        expected, stated = figures(workload), stated_figures(workload)
        if min(output_shape(workload)) < 1:
            print(f"{workload['name']}: expected an output, got none")
        elif stated != expected or workload["compulsory_bytes"] != sum(expected[:2]):
            print(f"{workload['name']}: expected (read, write, operations) = {expected} and their bytes' sum, "
                  f"got {stated} and {workload['compulsory_bytes']}")
        else:
            continue
        wrong += 1
    return wrong


# -- MLIR -----------------------------------------------------------------------


def tensor(shape, dtype):
    return f"tensor<{'x'.join(map(str, shape))}x{dtype}>"


def array(values):
    return f"array<i64: {', '.join(map(str, values))}>"


def boolean(value):
    return "true" if value else "false"


def attributes(workload):
    if workload["op"] == "avg_pool2d":
        words = [f"kernel_size = {array(workload['kernel_size'])}", f"stride = {array(workload['stride'])}",
                 f"padding = {array(workload['padding'])}", f"ceil_mode = {boolean(workload['ceil_mode'])}",
                 f"count_include_pad = {boolean(workload['count_include_pad'])}"]
        if workload["divisor_override"] is not None:
            words.append(f"divisor_override = {workload['divisor_override']} : i64")
        return ", ".join(words)
    words = [f"stride = {workload['stride']} : i64", f"padding = {array(workload['padding'])}",
             f"dilation = {workload['dilation']} : i64", f"groups = {workload['groups']} : i64",
             f"precision = #nn.precision<{workload['precision']}>"]
    if workload["activation"]:
        words.append(f"activation = #nn.{workload['activation']}")
    return ", ".join(words)


def mlir(workload, function="main"):
    """A function of the workload's tensors that returns the op's result, in the generic form."""
    dtype = workload["dtype"]
    result = tensor(output_shape(workload), dtype)
    operands = [("%x", tensor(workload["input"], dtype))]
    if workload["op"] == "conv1d":
        operands.append(("%w", tensor(weight_shape(workload), dtype)))
        if workload["bias"]:
            operands.append(("%b", tensor([workload["out_channels"]], dtype)))
    parameters = operands + ([("%r", result)] if workload.get("residual") else [])
    lines = [f"// {workload['name']}: {workload['source']}",
             f"func.func @{function}({', '.join(f'{name}: {kind}' for name, kind in parameters)}) -> {result} {{",
             f"  %y = \"nn.{workload['op']}\"({', '.join(name for name, _ in operands)}) <{{{attributes(workload)}}}>",
             f"       : ({', '.join(kind for _, kind in operands)}) -> {result}"]
    if workload.get("residual"):
        lines.append(f"  %z = \"nn.add\"(%y, %r) : ({result}, {result}) -> {result}")
    lines.append(f"  return {'%z' if workload.get('residual') else '%y'} : {result}")
    return "\n".join(lines + ["}", ""])


# -- The command ------------------------------------------------------------------


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", help="print this workload's MLIR")
    parser.add_argument("--workloads", default=PATH, metavar="FILE", help="another file of workloads")
    parser.add_argument("--op", choices=["pool", "conv"])
    parser.add_argument("--filter", metavar="RE", help="only names in which this regular expression is found")
    action = parser.add_mutually_exclusive_group()
    for word, text in (("all", "print one module with a function for each"),
                       ("figures", "print the figures that follow from the definitions"),
                       ("check", "hold the file's figures against the definitions")):
        action.add_argument(f"--{word}", action="store_true", help=text)
    action.add_argument("--directory", help="write NAME.mlir for each into it")
    return parser, parser.parse_args()


def main():
    parser, options = parse_arguments()
    workloads = load(options.workloads, options.op, options.filter)
    if options.name:
        chosen = [workload for workload in workloads if workload["name"] == options.name]
        if not chosen:
            parser.error(f"expected the name of a workload, got '{options.name}'; without a name they are listed")
        print(mlir(chosen[0]), end="")
    elif options.all:
        print("\n".join(mlir(workload, workload["name"]) for workload in workloads), end="")
    elif options.directory:
        os.makedirs(options.directory, exist_ok=True)
        for workload in workloads:
            with open(os.path.join(options.directory, f"{workload['name']}.mlir"), "w", encoding="utf-8") as file:
                file.write(mlir(workload))
    elif options.check:
        wrong = check(workloads)
        print(f"{len(workloads)} workloads, {wrong} wrong")
        sys.exit(1 if wrong or not workloads else 0)
    elif options.figures:
        for workload in workloads:
            print(workload["name"], *figures(workload))
    else:
        for workload in workloads:
            print(f"{workload['name']:32} {workload['class']:16} {workload['compulsory_bytes'] / 1e6:10.1f} MB "
                  f"{workload['operations'] / 1e9:10.3f} GFLOP")


if __name__ == "__main__":
    main()
