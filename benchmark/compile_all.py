"""Compiles the kernels of workloads for a target: poolc's, and the baseline's where Triton is there."""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

import workloads as definitions

HERE = os.path.dirname(os.path.abspath(__file__))
GPU_PROGRAMS = os.path.join(HERE, "gpu")
CRITERIA = os.path.join(HERE, "criteria.json")


def floors(build, target, workloads):
    """What the GPU table says about each: poolc-floors' answer."""
    wanted = [{key: workload[key] for key in ("op", "dtype", "precision", "read_bytes", "write_bytes", "operations")
               if key in workload} for workload in workloads]
    process = subprocess.run([os.path.join(build, "bin", "poolc-floors"), f"--target={target}"],
                             input=json.dumps(wanted), capture_output=True, text=True, check=False)
    if process.returncode:
        sys.exit(process.stderr.strip())
    return json.loads(process.stdout)


def decisions(build, target, mlir, extra):
    """The words of the schedule that poolc decides on, and what it predicts of the launches together."""
    command = [os.path.join(build, "bin", "poolc"), mlir, f"--target={target}", *extra]
    process = subprocess.run([*command, "--emit=schedule"], capture_output=True, text=True, check=False)
    result = {"schedule": "; ".join(re.findall(r"#nn\.schedule<([^>]*)>", process.stdout))}
    process = subprocess.run([*command, "--report=json"], capture_output=True, text=True, check=False)
    try:
        launches = json.loads(process.stdout)
        result["predicted_us"] = sum(launch["predicted"]["seconds"] for launch in launches) * 1e6
        result["predicted_registers"] = max(launch["predicted"]["registers_per_thread"] for launch in launches)
    except (ValueError, KeyError, TypeError):
        pass  # no prediction
    return result


def compile_one(build, target, directory, workload, extra=()):
    """Writes NAME.mlir and NAME.ptx; returns what to add to the workload's entry."""
    path = os.path.join(directory, workload["name"])
    with open(path + ".mlir", "w", encoding="utf-8") as file:
        file.write(definitions.mlir(workload))
    process = subprocess.run([os.path.join(build, "bin", "poolc"), path + ".mlir", f"--target={target}", *extra,
                              "-o", path + ".ptx"], capture_output=True, text=True, check=False)
    if process.returncode:
        lines = [line for line in process.stderr.splitlines() if "error:" in line] or [f"exit {process.returncode}"]
        return {"error": lines[0].split("error:")[-1].strip()}
    with open(path + ".ptx", "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {"ptx": workload["name"] + ".ptx", "ptx_sha": digest[:16],
            **decisions(build, target, path + ".mlir", extra)}


def triton_python(build):
    """An interpreter that has Triton, or None."""
    for python in (os.path.join(build, "python", "bin", "python3"), sys.executable):
        if shutil.which(python) and not subprocess.run([python, "-c", "import triton"], capture_output=True,
                                                       check=False).returncode:
            return python
    return None


def compile_baselines(build, chip, directory, workloads):
    """Compiles the baseline's kernels, those that are not there yet; names of those that are there then."""
    def is_there(workload):
        return os.path.exists(os.path.join(directory, workload["name"] + ".baseline.json"))

    missing = [workload for workload in workloads if not is_there(workload)]
    python = triton_python(build)
    if missing and python:
        environment = {**os.environ, "TRITON_CACHE_DIR": os.path.join(build, "triton-cache")}
        subprocess.run([python, os.path.join(HERE, "baseline", "compile.py"), f"--arch={chip.split('_')[1]}",
                        f"--workloads={directory}"], input=json.dumps(missing), text=True, env=environment,
                       stdout=subprocess.DEVNULL, check=False)
    return {workload["name"] for workload in workloads if is_there(workload)}


def version(build):
    process = subprocess.run([os.path.join(build, "bin", "poolc"), "--version"], capture_output=True, text=True,
                             check=False)
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            check=False).stdout.strip()
    changed = subprocess.run(["git", "-C", HERE, "status", "--porcelain", "--untracked-files=no"], capture_output=True,
                             text=True, check=False).stdout.strip()
    commit += " and changes" if commit and changed else ""
    return process.stdout.split("\n")[0] + (f" ({commit})" if commit else "")


def write_atomically(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def compile_all(options, workloads):
    """Fills a directory with kernels, a manifest and the programs that measure them on a GPU."""
    directory, build, target = options.compile_only, options.build, options.target
    os.makedirs(directory, exist_ok=True)
    facts = floors(build, target, workloads)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        compiled = list(pool.map(
            lambda workload: compile_one(build, target, directory, workload, options.extra), workloads))
    baselines = set() if options.no_baseline else \
        compile_baselines(build, facts["chip"], directory, workloads)
    entries = []
    for workload, result, floor in zip(workloads, compiled, facts["floors"]):
        operands = [("x", workload["input"])]
        if workload["op"] == "conv1d":
            operands.append(("w", definitions.weight_shape(workload)))
            if workload["bias"]:
                operands.append(("b", [workload["out_channels"]]))
            if workload["residual"]:
                operands.append(("r", definitions.output_shape(workload)))
        entry = {**workload, **result, **floor, "operands": operands, "result": definitions.output_shape(workload)}
        if workload["name"] in baselines:
            entry["baseline"] = workload["name"] + ".baseline"
        if "error" in result:
            print(f"bench: warning: {workload['name']}: {result['error']}", file=sys.stderr)
        entries.append(entry)
    write_atomically(os.path.join(directory, "manifest.json"), json.dumps(
        {"target": facts["target"], "chip": facts["chip"], "poolc": version(build), "date": time.strftime("%Y-%m-%d"),
         "workloads": entries}, indent=1) + "\n")
    for name in os.listdir(GPU_PROGRAMS):
        if name.endswith(".py"):
            shutil.copy(os.path.join(GPU_PROGRAMS, name), directory)
    shutil.copy(CRITERIA, directory)
    size = sum(os.path.getsize(os.path.join(directory, name)) for name in os.listdir(directory))
    print(f"{directory}: {sum('ptx' in entry for entry in entries)} kernels of poolc, {len(baselines)} of the "
          f"baseline, {size / 1e6:.1f} MB; on the machine with the GPU: python3 {directory}/measure.py --out=results")
    return entries
