#!/usr/bin/env python3
"""Holds the virtual GPU's model against a real GPU: profiles the kernels of this folder, or others,
with Nsight Compute, models the same launches, and compares.

  calibrate.py measure --out=measured             # on the machine with the GPU: needs ncu, poolc-run
  calibrate.py model --gpu=h200 --out=modelled    # anywhere
  calibrate.py compare measured modelled          # prints a Markdown table

Writes one JSON file per kernel file: an object per launch, by kernel name (`name#2` for the second
launch), with the metrics under Nsight Compute's names, times in ns. `measure` adds `clock`, the SM
clock in Hz while it was profiled. Further kernels: files after the options, each `kernel.ptx` with
its plan inside, `kernel.ptx,plan.json`, or `input.mlir`, which poolc-run compiles.
"""

import argparse
import csv
import io
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# Blocks of each kernel here: several times what fits on a GPU, and more data than its L2 holds.
BLOCKS = {"copy": 16384, "read": 8192, "write": 8192, "gather": 8192, "fma": 16384, "mma_f16": 8192,
          "mma_tf32": 8192, "shared": 8192, "l1": 16384, "loads": 32768, "stages": 4096, "stores": 8192,
          "rows": 8192}

METRICS = [
    "gpu__time_duration.sum",
    "launch__grid_size",
    "launch__block_size",
    "launch__registers_per_thread",
    "launch__waves_per_multiprocessor",
    "sm__maximum_warps_per_active_cycle_pct",
    "sm__warps_active.avg.pct_of_peak_sustained_active",
    "sm__throughput.avg.pct_of_peak_sustained_elapsed",
    "dram__throughput.avg.pct_of_peak_sustained_elapsed",
    "dram__bytes_read.sum",
    "dram__bytes_write.sum",
    "lts__t_sectors.sum",
    "lts__t_sector_hit_rate.pct",
    "l1tex__t_sector_hit_rate.pct",
    "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum",
    "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum",
    "l1tex__t_requests_pipe_lsu_mem_global_op_st.sum",
    "l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum",
    "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld.sum",
    "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_st.sum",
    "smsp__inst_executed.sum",
    "smsp__thread_inst_executed.sum",
    "sm__inst_executed_pipe_tensor.sum",
    "smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct",
    "smsp__warp_issue_stalled_short_scoreboard_per_warp_active.pct",
    "smsp__warp_issue_stalled_barrier_per_warp_active.pct",
    "smsp__warp_issue_stalled_wait_per_warp_active.pct",
    "smsp__warp_issue_stalled_lg_throttle_per_warp_active.pct",
    "smsp__warp_issue_stalled_mio_throttle_per_warp_active.pct",
    "smsp__warp_issue_stalled_math_pipe_throttle_per_warp_active.pct",
    "sm__cycles_elapsed.avg.per_second",
]


def fail(message):
    sys.exit(f"calibrate.py: error: {message}")


class Kernel:
    """A file that poolc-run runs, with the flags that it needs."""

    def __init__(self, text):
        self.file, _, self.plan = text.partition(",")
        self.name = os.path.splitext(os.path.basename(self.file))[0]
        self.flags = [f"--plan={self.plan}"] if self.plan else []
        if os.path.dirname(os.path.abspath(self.file)) == HERE:
            self.flags += [f"--dim=B={BLOCKS[self.name]}", "--input=ones"]


def output_of(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        fail(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def number(text):
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return None
    return int(value) if value.is_integer() else value


def launches(table):
    """Objects of metrics per launch, from the profiler's raw page: names, units, then the launches."""
    start = next((i for i, line in enumerate(table.splitlines()) if line.startswith('"ID"')), None)
    if start is None:
        fail(f"expected a table of metrics from the profiler, got\n{table[-2000:]}")
    rows = list(csv.DictReader(io.StringIO("\n".join(table.splitlines()[start:]))))
    result = {}
    for row in rows[1:]:  # the first row has the units
        kernel = row["Kernel Name"].split("(")[0]
        name, times = kernel, 2
        while name in result:
            name, times = f"{kernel}#{times}", times + 1
        metrics = {metric: number(row[metric]) for metric in METRICS if number(row.get(metric, "")) is not None}
        metrics["clock"] = metrics.pop("sm__cycles_elapsed.avg.per_second", None)
        result[name] = metrics
    return result


def measure(options, kernel):
    command = [options.ncu, "--csv", "--page=raw", "--print-units=base", f"--clock-control={options.clock_control}",
               "--metrics=" + ",".join(METRICS), options.poolc_run, kernel.file, "--device=cuda", *kernel.flags]
    return launches(output_of(command))


def model(options, kernel):
    command = [options.poolc_run, kernel.file, f"--device=virtual:{options.gpu}", *kernel.flags, "--metrics=-",
               *options.flag]
    if not any(flag.startswith("--sample") for flag in options.flag):
        command.append(f"--sample={options.sample}")
    return json.loads(output_of(command))


def profile(options, one):
    os.makedirs(options.out, exist_ok=True)
    files = options.kernels or [os.path.join(HERE, f"{name}.ptx") for name in BLOCKS]
    for text in files:
        kernel = Kernel(text)
        result = one(options, kernel)
        with open(os.path.join(options.out, kernel.name + ".json"), "w") as file:
            json.dump(result, file, indent=2, sort_keys=True)
        for name, metrics in result.items():
            print(f"{kernel.name}: {name}: {metrics.get('gpu__time_duration.sum')} ns", flush=True)


COMPARED = [
    ("time, us", "gpu__time_duration.sum", 1e-3),
    ("dram, %", "dram__throughput.avg.pct_of_peak_sustained_elapsed", 1),
    ("sm, %", "sm__throughput.avg.pct_of_peak_sustained_elapsed", 1),
    ("warps, %", "sm__warps_active.avg.pct_of_peak_sustained_active", 1),
    ("L2 hit, %", "lts__t_sector_hit_rate.pct", 1),
    ("long sb, %", "smsp__warp_issue_stalled_long_scoreboard_per_warp_active.pct", 1),
]


def compare(options):
    print("| kernel | " + " | ".join(title for title, _, _ in COMPARED) + " | time, error |")
    print("|---" * (len(COMPARED) + 2) + "|")
    for file in sorted(os.listdir(options.measured)):
        other = os.path.join(options.modelled, file)
        if not file.endswith(".json") or not os.path.exists(other):
            continue
        real, virtual = (json.load(open(path)) for path in (os.path.join(options.measured, file), other))
        for name, metrics in real.items():
            if name not in virtual:
                continue
            cells = []
            for _, metric, scale in COMPARED:
                values = [side.get(metric) for side in (metrics, virtual[name])]
                cells.append(" / ".join("-" if value is None else f"{value * scale:.4g}" for value in values))
            times = [side.get("gpu__time_duration.sum") for side in (metrics, virtual[name])]
            error = f"{(times[1] / times[0] - 1) * 100:+.1f} %" if all(times) else "-"
            print(f"| `{name}` | {' | '.join(cells)} | {error} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("measure", "model"):
        command = commands.add_parser(name)
        command.add_argument("--out", required=True)
        command.add_argument("--poolc-run", default="poolc-run")
        command.add_argument("kernels", nargs="*")
    commands.choices["measure"].add_argument("--ncu", default="ncu")
    commands.choices["measure"].add_argument("--clock-control", default="base", choices=["base", "none"])
    commands.choices["model"].add_argument("--gpu", default="rtx4090")
    commands.choices["model"].add_argument("--sample", default=3000, type=int)
    commands.choices["model"].add_argument("--flag", action="append", default=[], help="of poolc-run; repeat")
    command = commands.add_parser("compare")
    command.add_argument("measured")
    command.add_argument("modelled")
    options = parser.parse_args()
    if options.command == "compare":
        compare(options)
    else:
        profile(options, measure if options.command == "measure" else model)


if __name__ == "__main__":
    main()
