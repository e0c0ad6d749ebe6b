#!/usr/bin/env python3
"""Measures poolc's kernels on the CUDA GPU of this machine, next to PyTorch and the baseline kernels.

Needs Python 3, PyTorch and a driver: no LLVM, no compiler, no network. On the machine where poolc is
built, make a folder with the kernels and these programs, and carry it over:

  ./dev bench all --target=h200 --compile-only=build/h200
  python3 build/h200/measure.py --out=results                       # on the machine with the GPU

Per workload: the kernel is launched as its plan says, its result held against a reference in double,
and timed (launches back to back over rotating buffers, so that the L2 holds nothing of theirs; median
and noise). The same for PyTorch (eager with cudnn.benchmark, torch.compile with max-autotune) at the
same precision and for the baseline kernel, and a copy of the same mix of reads and writes: that is the
roof. Everything is written to OUT/measured.json and OUT/measured.md after every workload; what is
there already is not measured again, so a run that was stopped goes on.

The kernels run in a process of their own, so that one that fails or hangs costs only itself. Work goes
in the order of the workloads' importance: first poolc, eager and the baseline for all of them, then
torch.compile, which is slow, for as many as --limit leaves time for.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time

import launch_plan
import profiling
import report

HERE = os.path.dirname(os.path.abspath(__file__))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--ptx-dir", default=HERE, help="folder with manifest.json and the PTX files")
    parser.add_argument("--out", default="results", help="folder for measured.json and measured.md")
    parser.add_argument("--limit", type=float, default=540, help="stop after so many seconds")
    parser.add_argument("--op", choices=["pool", "conv"], help="only these")
    parser.add_argument("--filter", help="only names in which this regular expression is found")
    parser.add_argument("--most-important", type=int, default=3, metavar="P", help="only priorities up to 1, 2 or 3")
    parser.add_argument("--peers", default="eager,triton,compile", help="what to measure beside poolc; empty: nothing")
    parser.add_argument("--compile-priority", type=int, default=2, metavar="P",
                        help="torch.compile only for priorities up to this")
    parser.add_argument("--item-limit", type=float, default=60, help="seconds for one workload and implementation")
    parser.add_argument("--time", type=float, default=0.25, help="seconds of samples at most, each")
    parser.add_argument("--samples-checked", type=int, default=4, help="samples of the batch held against the reference")
    parser.add_argument("--poolc-run", help="a poolc-run that works here: its --bench is measured too (small workloads)")
    parser.add_argument("--ncu", nargs="?", const="ncu", metavar="PROGRAM",
                        help="measure Nsight Compute's metrics instead, one launch of poolc's kernels each")
    parser.add_argument("--again", action="store_true", help="measure again what OUT has already")
    parser.add_argument("--cpu", action="store_true", help=argparse.SUPPRESS)  # to test this program without a GPU
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args()


def load_manifest(options):
    with open(os.path.join(options.ptx_dir, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    kinds = {None: ("avg_pool2d", "conv1d"), "pool": ("avg_pool2d",), "conv": ("conv1d",)}[options.op]
    manifest["workloads"] = [
        workload for workload in manifest["workloads"]
        if workload["op"] in kinds and workload["priority"] <= options.most_important
        and (not options.filter or re.search(options.filter, workload["name"]))]
    return manifest


def work_items(manifest, options):
    """[(workload, implementations)] in the order in which they are to be measured."""
    wanted = [peer for peer in options.peers.split(",") if peer]
    unknown = set(wanted) - {"eager", "triton", "compile", "causal_conv1d"}
    if unknown:
        sys.exit(f"measure.py: error: --peers: expected eager, triton, compile or causal_conv1d, got {unknown.pop()}")
    quick = ["poolc"] + [peer for peer in wanted if peer != "compile"]
    if options.poolc_run:
        quick.append("poolc_run")
    items = [(workload, quick) for workload in manifest["workloads"]]
    if "compile" in wanted:
        items += [(workload, ["compile"]) for workload in manifest["workloads"]
                  if workload["priority"] <= options.compile_priority]
    return items


class Results:
    """measured.json: {"machine", "workloads": {name: {implementation: figures}}}."""

    def __init__(self, options, manifest):
        self.folder = options.out
        os.makedirs(self.folder, exist_ok=True)
        self.path = os.path.join(self.folder, "measured.json")
        self.data = {"machine": {}, "kernels": {}, "workloads": {}}
        if os.path.exists(self.path) and not options.again:
            with open(self.path, encoding="utf-8") as file:
                self.data = json.load(file)
        self.data["kernels"] = {key: manifest[key] for key in ("target", "poolc", "date") if key in manifest}
        self.manifest = manifest

    def entry(self, workload):
        entry = self.data["workloads"].setdefault(workload["name"], {})
        # Another kernel than the one that was measured.
        if entry.get("ptx") != workload.get("ptx_sha"):
            for name in ("poolc", "poolc_run", "ncu"):
                entry.pop(name, None)
        entry["ptx"] = workload.get("ptx_sha")
        return entry

    def missing(self, workload, implementations):
        entry = self.entry(workload)
        return [name for name in implementations if name not in entry]

    def add(self, name, figures):
        self.data["workloads"].setdefault(name, {}).update(figures)

    def save(self):
        for name, text in (("measured.json", json.dumps(self.data, indent=1) + "\n"),
                           ("measured.md", report.markdown(self.manifest["workloads"], self.data))):
            path = os.path.join(self.folder, name)
            with open(path + ".new", "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(path + ".new", path)


class Worker:
    """The process that uses the GPU. It prints a line of JSON for everything that it has measured."""

    def __init__(self, options):
        command = [sys.executable, os.path.abspath(__file__), "--worker=-"]
        for name in ("ptx_dir", "out", "item_limit", "time", "samples_checked", "poolc_run"):
            if getattr(options, name) is not None:
                command.append(f"--{name.replace('_', '-')}={getattr(options, name)}")
        if options.cpu:
            command.append("--cpu")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.pending = b""

    def ask(self, item):
        self.process.stdin.write(json.dumps(item).encode() + b"\n")
        self.process.stdin.flush()

    def answer(self, seconds):
        """The next line as a dictionary; None after so many seconds or when the process has ended."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self.pending:
            data = self.process.stdout.read()
            if data:
                self.pending += data
                continue
            if time.monotonic() > deadline or (data == b"" and self.process.poll() is not None):
                return None
            time.sleep(0.02)
        line, self.pending = self.pending.split(b"\n", 1)
        try:
            return json.loads(line)
        except ValueError:  # something else that a library prints
            return self.answer(max(deadline - time.monotonic(), 0))

    def stop(self):
        self.process.kill()
        self.process.wait()


def say(text):
    print(text, file=sys.stderr, flush=True)


def measure_all(options):
    manifest = load_manifest(options)
    if not manifest["workloads"]:
        sys.exit("measure.py: error: no workload is left to measure")
    results = Results(options, manifest)
    deadline = time.monotonic() + options.limit
    worker, started, failures = None, 0, 0
    for workload, implementations in work_items(manifest, options):
        missing = results.missing(workload, implementations)
        if not missing:
            continue
        if deadline - time.monotonic() < 5:
            say("measure.py: remark: the time limit is reached; run again to go on")
            break
        if worker is None:
            if started - failures > 25 or failures > 3:
                say("measure.py: error: the process that uses the GPU keeps ending; giving up")
                break
            worker, started = Worker(options), started + 1
            hello = worker.answer(min(180, deadline - time.monotonic()))
            if hello is None or "machine" not in hello:
                say(f"measure.py: error: the process that uses the GPU does not start: {hello}")
                failures += 1
                worker.stop()
                worker = None
                continue
            results.data["machine"] = hello["machine"]
        worker.ask({"workload": workload, "implementations": missing})
        worker = collect(options, results, workload, missing, worker, deadline)
    if worker:
        worker.stop()
    results.save()
    print(report.summary(manifest["workloads"], results.data))
    poolc = [entry.get("poolc", {}) for entry in results.data["workloads"].values()]
    good = sum(figures.get("check", {}).get("passed", False) for figures in poolc)
    print(f"{len(poolc)} workloads, {good} of them measured and right; written to {results.path}")
    return 0 if good else 1


def collect(options, results, workload, missing, worker, deadline):
    """Takes the worker's answers about a workload; returns the worker, or None if it is gone."""
    left = list(missing)
    while left:
        seconds = min(options.item_limit + 15, deadline - time.monotonic())
        answer = worker.answer(max(seconds, 0))
        if answer is None:
            timed_out = worker.process.poll() is None
            if timed_out and deadline - time.monotonic() <= 0:
                worker.stop()  # Nothing is recorded: another run may do it.
                return None
            reason = "took too long" if timed_out else f"the process ended ({worker.process.returncode})"
            results.add(workload["name"], {left[0]: {"error": reason}})
            say(f"{workload['name']}: {left[0]}: {reason}")
            results.save()
            worker.stop()
            return None
        name = answer.pop("implementation")
        is_over = answer.pop("context_is_lost", False)
        results.add(workload["name"], {name: answer[name], **{k: v for k, v in answer.items() if k != name}})
        figures = answer[name]
        say(f"{workload['name']}: {name}: " +
            (figures.get("error") or f"{figures['us']:.2f} us" + report.verdict(figures)))
        if name in left:
            left.remove(name)
        if is_over:
            results.save()
            worker.stop()
            return None
    results.save()
    return worker


def profile_all(options):
    """Adds Nsight Compute's metrics to what was measured."""
    manifest = load_manifest(options)
    results = Results(options, manifest)
    kernels = set()
    for workload in manifest["workloads"]:
        if "ptx" in workload:
            with open(os.path.join(options.ptx_dir, workload["ptx"]), encoding="utf-8") as file:
                kernels.update(launch["kernel"] for launch in launch_plan.read_plan(file.read())["launches"])
    if not kernels:
        sys.exit("measure.py: error: no workload is left to measure")
    found = profiling.profile(options, options.ncu, kernels, os.path.join(options.out, "ncu.csv"))
    for workload in manifest["workloads"]:
        if workload["name"] in found:
            results.entry(workload)["ncu"] = found[workload["name"]]
    results.save()
    print(f"{len(found)} of {len(manifest['workloads'])} workloads profiled; written to {results.path}")
    return 0 if found else 1


def main():
    options = parse_arguments()
    if options.worker == "launch":
        import worker
        worker.launch_each(options, load_manifest(options)["workloads"])
        return 0
    if options.worker:
        import worker
        worker.serve(options)
        return 0
    return profile_all(options) if options.ncu else measure_all(options)


if __name__ == "__main__":
    sys.exit(main())
