"""Nsight Compute's metrics of the kernels, under the names that poolc-run --metrics has too."""

import csv
import os
import subprocess
import sys

METRICS = (
    "gpu__time_duration.sum", "dram__bytes_read.sum", "dram__bytes_write.sum", "lts__t_sectors.sum",
    "lts__t_sector_hit_rate.pct", "l1tex__t_sector_hit_rate.pct",
    "l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum", "l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum",
    "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld.sum",
    "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_st.sum", "smsp__inst_executed.sum",
    "sm__throughput.avg.pct_of_peak_sustained_elapsed", "dram__throughput.avg.pct_of_peak_sustained_elapsed",
    "sm__warps_active.avg.pct_of_peak_sustained_active", "smsp__cycles_active.avg", "sm__cycles_elapsed.max")
LAUNCH = ("launch__grid_size", "launch__block_size", "launch__registers_per_thread",
          "launch__waves_per_multiprocessor")


def parse(text):
    """The rows of ncu's raw CSV page, in the order of the launches: [(kernel, {metric: number})]."""
    lines = [line for line in text.splitlines() if line.startswith('"')]
    rows = list(csv.reader(lines))
    if len(rows) < 2:
        return []
    head, found = rows[0], []
    kernel = head.index("Kernel Name")
    for row in rows[2:]:  # the second has the units
        metrics = {}
        for name, value in zip(head, row):
            if "__" not in name:
                continue
            try:
                metrics[name] = float(value.replace(",", ""))
            except ValueError:
                pass  # n/a
        found.append((row[kernel], metrics))
    return found


def assign(launches, workloads):
    """Gives each workload the launches that its kernels made, summed up where there are several."""
    result, position = {}, 0
    for name, count in workloads:
        own = launches[position:position + count]
        position += count
        if len(own) < count:
            break
        total = dict(own[0][1])
        for _, metrics in own[1:]:
            for metric, value in metrics.items():
                total[metric] = total.get(metric, 0) + value if metric.endswith(".sum") else total.get(metric)
        result[name] = total
    return result


def profile(options, ncu, kernels, log):
    """Runs the launches under ncu; {workload: metrics}."""
    command = [ncu, "--csv", "--page", "raw", "--print-units", "base", "--clock-control", "none",
               "--log-file", log, "--kernel-name", "regex:^(" + "|".join(sorted(kernels)) + ")$",
               "--metrics", ",".join(METRICS + LAUNCH), sys.executable,
               os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure.py"), "--worker=launch",
               f"--ptx-dir={options.ptx_dir}"]
    for name in ("op", "filter", "most_important", "limit"):
        if getattr(options, name) is not None:
            command.append(f"--{name.replace('_', '-')}={getattr(options, name)}")
    process = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=options.limit + 60)
    done = []
    for line in process.stdout.decode(errors="replace").splitlines():
        words = line.split()
        if len(words) == 3 and words[0] == "launched":
            done.append((words[1], int(words[2])))
    text = ""
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read()
    launches = parse(text)
    if not launches:
        raise RuntimeError(f"ncu measured nothing (exit {process.returncode}): {text.strip()[-500:]}")
    return assign(launches, done)
