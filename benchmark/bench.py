#!/usr/bin/env python3
"""Compiles the workloads of workloads.json and measures their kernels; ./dev bench pool|conv|all."""

import argparse
import json
import os
import re
import shutil
import sys
import time

import compile_all
import modelled
import table
import workloads as definitions

sys.path.insert(1, compile_all.GPU_PROGRAMS)
import judging  # pylint: disable=wrong-import-position


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], prog="./dev bench",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("op", choices=["pool", "conv", "all"])
    parser.add_argument("--filter", help="only names in which this regular expression is found")
    parser.add_argument("--most-important", type=int, default=3, metavar="P", help="only priorities up to 1, 2 or 3")
    parser.add_argument("--target", help="GPU to compile for and to model (default: rtx4090), "
                        "or the one to be measured (default: native)")
    parser.add_argument("--compile-only", metavar="DIR", help="compile into a folder that can be carried to a GPU")
    parser.add_argument("--no-baseline", action="store_true", help="leave the Triton kernels out")
    parser.add_argument("--jobs", type=int, default=2, help="how many to work on at a time")
    parser.add_argument("--sample", type=int, default=1, metavar="BLOCKS",
                        help="blocks of each launch to run on the virtual GPU, as of poolc-run; 0: all")
    parser.add_argument("--item-limit", type=float, default=600, help="seconds for one kernel on the virtual GPU")
    parser.add_argument("--device", choices=["auto", "cuda", "virtual"], default="auto",
                        help="auto: a CUDA GPU if PyTorch finds one")
    parser.add_argument("--measured", metavar="FILE",
                        help="a measured.json of measure.py: its times beside the modelled ones of the same kernels")
    parser.add_argument("--out", help="where to write the results as JSON (default: in the build folder)")
    parser.add_argument("--schedule", help="words of the schedule, for poolc --schedule")
    parser.add_argument("--build", default="build", help="where the programs were built")
    parser.add_argument("--workloads", default=definitions.PATH, metavar="FILE", help="another file of workloads")
    options = parser.parse_args()
    options.extra = [f"--schedule={options.schedule}"] if options.schedule else []
    return parser, options


def has_gpu():
    """Whether PyTorch is here and finds one."""
    try:
        import torch
    except ImportError:
        return False
    return torch.cuda.is_available()


def measure_on_gpu(options, chosen):
    """Compiles, then hands over to the program that needs nothing of poolc."""
    options.compile_only = os.path.join(options.build, "bench", f"{options.target}-{options.op}")
    compile_all.compile_all(options, chosen)
    sys.stdout.flush()
    program = os.path.join(options.compile_only, "measure.py")
    out = options.out or os.path.join(options.compile_only, "results")
    os.execv(sys.executable, [sys.executable, program, f"--out={out}", "--limit=36000", "--again"])


def add_measured(result, entry):
    """The time on a GPU, if it is one of this very kernel."""
    if entry.get("ptx") == result.get("ptx_sha") and "us" in entry.get("poolc", {}):
        result["figures"]["measured_us"] = entry["poolc"]["us"]


def model(options, chosen):
    """Prints a line for each workload as it is done, and writes all that is known as JSON."""
    criteria = judging.load(compile_all.CRITERIA)["criteria"]
    out = options.out or os.path.join(options.build, "bench", f"{options.target}-{options.op}.json")
    if not shutil.which("ptxas"):
        print("bench: remark: ptxas is not on PATH: no spills, and registers are estimated", file=sys.stderr)
    print(f"modelled: virtual {options.target}, {compile_all.version(options.build)}, {time.strftime('%Y-%m-%d')}")
    measured = {}
    if options.measured:
        with open(options.measured, encoding="utf-8") as file:
            measured = json.load(file)["workloads"]
    sizes = table.widths(chosen)
    print(table.line(sizes, "workload", table.header(), "bounds that hold"))
    results, failed = [], 0
    for result in modelled.measure_all(options, chosen):
        add_measured(result, measured.get(result["workload"]["name"], {}))
        verdicts = judging.judge(criteria, result["workload"], result["figures"])
        result["verdicts"], result["bounds"] = verdicts, result.get("error") or judging.summary(verdicts)
        failed += "error" in result
        results.append(result)
        print(table.line(sizes, result["workload"]["name"], table.cells(result), result["bounds"]), flush=True)
    kept = [verdict for result in results for verdict in result["verdicts"].values()]
    print(f"{len(results)} workloads, {failed} failed; of {len(kept)} bounds {kept.count(True)} hold, "
          f"{kept.count(False)} do not, {kept.count(None)} cannot be told")
    quality = {}
    for title, left, right in (("predicted", "predicted_us", "time_us"), ("modelled", "time_us", "measured_us")):
        quality[title] = table.agreement(results, left, right)
        if quality[title]:
            print("{} times of {workloads} workloads against {} ones: rank correlation {rank_correlation:.3f}, median error "
                  "{median_error:.1%}".format(title, right[:-3].replace("time", "modelled"), **quality[title]))
    compile_all.write_atomically(out, json.dumps(
        {"modelled": options.target, "poolc": compile_all.version(options.build), "date": time.strftime("%Y-%m-%d"),
         "agreement": quality, "results": results}, indent=1) + "\n")
    compile_all.write_atomically(os.path.splitext(out)[0] + ".md", table.markdown(results))
    print(f"written to {out}; the schedules are there too")
    return 1 if failed else 0


def main():
    parser, options = parse_arguments()
    try:
        chosen = definitions.load(options.workloads, None if options.op == "all" else options.op, options.filter)
    except (OSError, ValueError, KeyError, re.error, definitions.WorkloadError) as error:
        parser.error(f"{options.workloads}: {error}")
    chosen = [workload for workload in chosen if workload["priority"] <= options.most_important]
    if not chosen:
        parser.error(f"no workload has '{options.filter}' in its name")
    measures = not options.compile_only and \
        (options.device == "cuda" or (options.device == "auto" and has_gpu()))
    options.target = options.target or ("native" if measures else "rtx4090")
    if options.compile_only:
        entries = compile_all.compile_all(options, chosen)
        return 1 if any("error" in entry for entry in entries) else 0
    if measures:
        return measure_on_gpu(options, chosen)
    return model(options, chosen)


if __name__ == "__main__":
    sys.exit(main())
