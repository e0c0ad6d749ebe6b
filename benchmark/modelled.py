"""Runs the kernels of workloads on the virtual GPU and collects what they do there."""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import compile_all
import workloads as definitions

SUMS = {  # figure: metrics that are added up
    "dram_bytes": ("dram__bytes_read.sum", "dram__bytes_write.sum"),
    "l2_sectors": ("lts__t_sectors.sum",),
    "l1_sectors": ("l1tex__t_sectors_pipe_lsu_mem_global_op_ld.sum", "l1tex__t_sectors_pipe_lsu_mem_global_op_st.sum"),
    "load_requests": ("l1tex__t_requests_pipe_lsu_mem_global_op_ld.sum",),
    "block_sectors": ("poolc__block_load_sectors_x.sum",),
    "conflicts": ("l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_ld.sum",
                  "l1tex__data_bank_conflicts_pipe_lsu_mem_shared_op_st.sum", "poolc__shared_bank_conflicts_cp_async"),
    "shared_requests": ("poolc__shared_requests.sum",),
    "instructions": ("smsp__inst_executed.sum",),
    "time_ns": ("gpu__time_duration.sum",),
}
# Of the launch that takes longest.
OF_LONGEST = {"occupancy_pct": "sm__maximum_warps_per_active_cycle_pct",
              "warps_active_pct": "sm__warps_active.avg.pct_of_peak_sustained_active",
              "issue_pct": "poolc__sm_throughput_issue.pct", "sm_pct": "sm__throughput.avg.pct_of_peak_sustained_elapsed",
              "dram_pct": "dram__throughput.avg.pct_of_peak_sustained_elapsed", "limiter": "poolc__limiter",
              "grid": "launch__grid_size", "blocks_measured": "poolc__measured_blocks"}
PIPES = ("alu", "fma", "fmaheavy", "fp64", "xu", "lsu", "tensor")


def model_stamp(build):
    """Names the model: results of another one must not be taken from the cache."""
    digest = hashlib.sha256()
    sources = ["lib/VirtualGPU", "lib/Target", "lib/Runtime", "include/poolc/VirtualGPU"]
    root = os.path.dirname(compile_all.HERE)
    for command in (["ls-tree", "-r", "HEAD", "--"], ["diff", "HEAD", "--"]):
        process = subprocess.run(["git", "-C", root, *command, *sources], capture_output=True, check=False)
        if process.returncode:
            with open(os.path.join(build, "bin", "poolc-run"), "rb") as file:
                return hashlib.sha256(file.read()).hexdigest()
        digest.update(process.stdout)
    return digest.hexdigest()


def assembler_figures(chip, ptx):
    """Registers, spilled and stack bytes by ptxas, of the kernel with most; {} where there is none."""
    if not shutil.which("ptxas"):
        return {}
    with open(ptx, encoding="utf-8") as file:
        # Instructions of one chip alone need its own name, "sm_90a".
        specific = f"{chip}a"
        if re.search(rf"^\.target {specific}\b", file.read(), re.MULTILINE):
            chip = specific
    process = subprocess.run(["ptxas", f"-arch={chip}", "-v", ptx, "-o", os.devnull], capture_output=True, text=True,
                             check=False)
    text = process.stdout + process.stderr

    def largest(pattern):
        return max((int(number) for number in re.findall(pattern, text)), default=None)

    if process.returncode:
        return {}
    return {"registers": largest(r"Used (\d+) registers"), "local_bytes": largest(r"(\d+) bytes stack frame"),
            "spill_bytes": largest(r"(\d+) bytes spill stores")}


def figures_of(metrics):
    """Sums over the launches of a program, and the figures of the longest."""
    launches = list(metrics.values())
    longest = max(launches, key=lambda launch: launch.get("gpu__time_duration.sum", launch["smsp__inst_executed.sum"]))
    figures = {}
    for name, keys in SUMS.items():
        if any(keys[0] in launch for launch in launches):
            figures[name] = sum(launch.get(key, 0) for launch in launches for key in keys)
    figures.update({name: longest[key] for name, key in OF_LONGEST.items() if key in longest})
    pipes = {pipe: longest[f"poolc__sm_throughput_{pipe}.pct"] for pipe in PIPES
             if f"poolc__sm_throughput_{pipe}.pct" in longest}
    if pipes:
        figures["pipe"] = max(pipes, key=pipes.get)
        figures["pipe_pct"] = pipes[figures["pipe"]]
    if "time_ns" in figures:
        figures["time_us"] = figures.pop("time_ns") / 1e3
    figures["registers"] = max(launch["launch__registers_per_thread"] for launch in launches)
    figures["launches"] = len(launches)
    return figures


def run(options, directory, stamp, ptx, plan=None):
    """The figures of a PTX file on the virtual GPU, from the cache if they are there."""
    ptx = os.path.join(directory, ptx)
    arguments = [f"--device=virtual:{options.target}", f"--sample={options.sample}"]
    digest = hashlib.sha256(json.dumps([stamp, arguments, options.target]).encode())
    for path in [ptx] + ([os.path.join(directory, plan)] if plan else []):
        with open(path, "rb") as file:
            digest.update(file.read())
    cached = os.path.join(options.build, "bench", "cache", digest.hexdigest() + ".json")
    if not os.path.exists(cached):
        output = f"{cached}.{os.getpid()}"
        command = [os.path.join(options.build, "bin", "poolc-run"), ptx, *arguments, f"--metrics={output}"]
        if plan:
            command.append(f"--plan={os.path.join(directory, plan)}")
        try:
            process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=options.item_limit)
        except subprocess.TimeoutExpired:
            return {"error": f"took more than {options.item_limit:g} s"}
        if process.returncode:
            lines = [line for line in process.stderr.splitlines() if "error:" in line] or [f"exit {process.returncode}"]
            return {"error": lines[0].split("error:")[-1].strip()}
        os.replace(output, cached)
    with open(cached, encoding="utf-8") as file:
        return {**figures_of(json.load(file)), **assembler_figures(options.chip, ptx)}


def schedule_word(entry, name):
    found = re.search(rf"\b{name}=(\d+)", entry.get("schedule", ""))
    return int(found[1]) if found else None


def add_known(workload, entry, floor, l2_bytes, figures):
    """What the criteria need besides the metrics."""
    figures.update({"bytes": workload["compulsory_bytes"], "l2_bytes": l2_bytes, "floor_us": floor["floor_us"],
                    "memory_us": floor["memory_us"], "compute_us": floor["compute_us"],
                    "input_sectors": definitions.input_sectors(workload),
                    "predicted_us": entry.get("predicted_us"),
                    "predicted_registers": entry.get("predicted_registers")})
    if workload["op"] == "avg_pool2d":
        figures["overlaps"] = any(kernel > stride for kernel, stride in
                                  zip(workload["kernel_size"], workload["stride"]))
        return
    figures.update({key: workload[key] for key in ("kernel_size", "dilation", "stride")})
    figures["unit"] = "fma" if floor["peak_of_fma"] else "tensor cores"
    block_m, block_n = schedule_word(entry, "block_m"), schedule_word(entry, "block_n")
    if block_m and block_n and workload["class"] in ("dense", "pointwise"):
        figures["passes"] = -(-(workload["out_channels"] // workload["groups"]) // block_m)
        figures["touched_sectors"] = figures["passes"] * definitions.touched_sectors(workload, block_n)


def measure_one(options, directory, stamp, facts, index, workload):
    entry = compile_all.compile_one(options.build, options.target, directory, workload, options.extra)
    result = {"workload": workload, "schedule": entry.get("schedule"), "ptx_sha": entry.get("ptx_sha"), "figures": {}, "baseline": {}}
    if "error" in entry:
        result["error"] = entry["error"]
        return result
    figures = run(options, directory, stamp, entry["ptx"])
    if "error" in figures:
        result["error"] = figures.pop("error")
    baseline = workload["name"] + ".baseline"
    if not options.no_baseline and os.path.exists(os.path.join(directory, baseline + ".json")):
        result["baseline"] = run(options, directory, stamp, baseline + ".ptx", baseline + ".json")
        for name in ("time_us", "load_requests"):
            figures[f"baseline_{name}"] = result["baseline"].get(name)
    add_known(workload, entry, facts["floors"][index], facts["l2_bytes"], figures)
    result["figures"] = figures
    return result


def measure_all(options, workloads):
    """Yields the results in the order of the workloads."""
    directory = os.path.join(options.build, "bench", options.target)
    os.makedirs(os.path.join(options.build, "bench", "cache"), exist_ok=True)
    os.makedirs(directory, exist_ok=True)
    facts = compile_all.floors(options.build, options.target, workloads)
    options.chip = facts["chip"]
    if not options.no_baseline:
        compile_all.compile_baselines(options.build, facts["chip"], directory, workloads)
    stamp = model_stamp(options.build)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(measure_one, options, directory, stamp, facts, index, workload)
                   for index, workload in enumerate(workloads)]
        try:
            for future in futures:
                yield future.result()
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            sys.exit(130)
