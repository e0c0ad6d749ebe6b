#!/usr/bin/env python3
"""Compares samples of a grid with the whole of it on the virtual GPU; ./dev bench sampling.

Kernels of 2,000 to 20,000 blocks are run whole and with --sample. Counts must agree within 2 %, hit
rates within 2 points, and modelled times within 4 %. Prints a Markdown table with the largest
deviation of each kind; exits with 1 where one is larger.
"""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def tensor(shape, dtype):
    return "tensor<" + "x".join(map(str, [*shape, dtype])) + ">"


def pooling(shape, result, kernel, stride, padding=0):
    x, y = tensor(shape, "f32"), tensor(result, "f32")
    pads = f", padding = array<i64: {padding}, {padding}, {padding}, {padding}>" if padding else ""
    return f"""func.func @main(%x: {x}) -> {y} {{
  %y = "nn.avg_pool2d"(%x) <{{kernel_size = array<i64: {kernel}, {kernel}>, stride = array<i64: {stride}, {stride}>{pads}}}>
      : ({x}) -> {y}
  return %y : {y}
}}
"""


def convolution(shape, weights, result, dtype="f32", precision="tf32", extra=""):
    x, w, y = tensor(shape, dtype), tensor(weights, dtype), tensor(result, dtype)
    return f"""func.func @main(%x: {x}, %w: {w}) -> {y} {{
  %y = "nn.conv1d"(%x, %w) <{{precision = #nn.precision<{precision}>{extra}}}> : ({x}, {w}) -> {y}
  return %y : {y}
}}
"""


# Files with all of their launches: blocks, and the GPU, so that many fewer than those are resident.
KERNELS = {
    "stages": ("calibration/stages.ptx", 2000, "rtx4090"),
    "copy": ("calibration/copy.ptx", 4096, "rtx3090"),
    "parts": ("../test/timing/Inputs/parts.ptx", 4096, "rtx3090"),
    "overlapping pools": (pooling([64, 32, 113, 113], [64, 32, 56, 56], 3, 2), None, "rtx3090"),
    "padded pools": (pooling([96, 32, 57, 57], [96, 32, 57, 57], 5, 1, 2), None, "rtx3090"),
    "wide convolution": (convolution([40, 16, 16384], [32, 16, 3], [40, 32, 16382]), None, "rtx3090"),
    "strided convolution": (convolution([128, 8, 8192], [64, 8, 5], [128, 64, 4094], extra=", stride = 2 : i64"),
                            None, "rtx3090"),
    "depthwise convolution": (convolution([32, 64, 2048], [64, 1, 7], [32, 64, 2042], extra=", groups = 64 : i64"),
                              None, "rtx3090"),
    "convolution in f16": (convolution([96, 32, 4096], [64, 32, 3], [96, 64, 4094], "f16", "ieee"), None, "rtx3090"),
}
QUICK = ("stages", "strided convolution")
COUNTS = [
    "smsp__inst_executed.sum", "smsp__thread_inst_executed.sum", "sm__inst_executed_pipe_tensor.sum",
    "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum", "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum",
    "l1tex__t_requests_pipe_lsu_mem_global_op_st.sum", "l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum",
    "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld.sum",
    "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_st.sum",
    "lts__t_sectors.sum", "dram__bytes_read.sum", "dram__bytes_write.sum",
]
RATES = ["l1tex__t_sector_hit_rate.pct", "lts__t_sector_hit_rate.pct"]
TIME = "gpu__time_duration.sum"
LIMITS = {"counts": 2, "rates": 2, "time": 4}


def metrics_of(options, name, sample):
    source, blocks, gpu = KERNELS[name]
    command = [options.poolc_run]
    if blocks:
        command += [os.path.join(HERE, source), f"--dim=B={blocks}"]
    else:
        path = os.path.join(options.out, name.replace(" ", "-") + ".mlir")
        with open(path, "w") as file:
            file.write(source)
        command.append(path)
    command += [f"--device=virtual:{gpu}", "--input=ones", "--metrics=-"] + ([f"--sample={sample}"] if sample else [])
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        sys.exit(f"sampling.py: error: {' '.join(command)}\n{process.stderr}")
    return json.loads(process.stdout)


def deviations(whole, sampled):
    """Per kind the largest deviation, in percent or points, and the metric."""

    def percent(metric):
        if not whole.get(metric):
            return 0 if not sampled.get(metric) else 100
        return 100 * (sampled[metric] / whole[metric] - 1)

    kinds = {"counts": [(percent(metric), metric) for metric in COUNTS],
             "rates": [(sampled.get(metric, 0) - whole.get(metric, 0), metric) for metric in RATES],
             "time": [(percent(TIME), TIME)]}
    return {kind: max(found, key=lambda entry: abs(entry[0])) for kind, found in kinds.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--poolc-run", default=os.path.join(HERE, "..", "build", "bin", "poolc-run"))
    parser.add_argument("--out", default=".", help="folder for the modules that are compiled")
    parser.add_argument("--sample", type=int, default=1, help="blocks; 1: as few as are run at least")
    parser.add_argument("--quick", action="store_true", help="only what takes seconds")
    parser.add_argument("--kernels", help="only these, with commas between them")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    names = options.kernels.split(",") if options.kernels else QUICK if options.quick else KERNELS
    print("| kernel | blocks | sampled | counts, % | hit rates, points | time, % |\n|---|---|---|---|---|---|")
    failures = 0
    for name in names:
        whole, sampled = (metrics_of(options, name, sample) for sample in (0, options.sample))
        for launch, metrics in whole.items():
            if metrics["launch__grid_size"] < 1000:
                continue  # Prepares something: no sample is smaller.
            largest = deviations(metrics, sampled[launch])
            cells = []
            for kind, (deviation, metric) in largest.items():
                isTooLarge = abs(deviation) > LIMITS[kind]
                failures += isTooLarge
                cells.append(f"{deviation:+.2f}" + (f" ({metric}: too much)" if isTooLarge else ""))
            blocks = [side["poolc__measured_blocks"] for side in (metrics, sampled[launch])]
            print(f"| {name}, `{launch}` | {blocks[0]} | {blocks[1]} | {' | '.join(cells)} |", flush=True)
            if blocks[1] >= blocks[0]:
                print(f"sampling.py: error: all blocks of {launch} were run", file=sys.stderr)
                failures += 1
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
