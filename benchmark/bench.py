#!/usr/bin/env python3
"""Compiles the workloads of workloads.json and measures their kernels; ./dev bench pool|conv|all."""

import argparse
import os
import re
import sys

import compile_all
import workloads as definitions


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], prog="./dev bench",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("op", choices=["pool", "conv", "all"])
    parser.add_argument("--filter", help="only names in which this regular expression is found")
    parser.add_argument("--most-important", type=int, default=3, metavar="P", help="only priorities up to 1, 2 or 3")
    parser.add_argument("--target", default="rtx4090", help="GPU to compile for and, without one, to model")
    parser.add_argument("--compile-only", metavar="DIR", help="compile into a folder that can be carried to a GPU")
    parser.add_argument("--no-baseline", action="store_true", help="leave the Triton kernels out")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many to work on at a time")
    parser.add_argument("--schedule", help="words of the schedule, for poolc --schedule")
    parser.add_argument("--build", default="build", help="where the programs were built")
    parser.add_argument("--workloads", default=definitions.PATH, metavar="FILE", help="another file of workloads")
    options = parser.parse_args()
    options.extra = [f"--schedule={options.schedule}"] if options.schedule else []
    return parser, options


def main():
    parser, options = parse_arguments()
    try:
        chosen = definitions.load(options.workloads, None if options.op == "all" else options.op, options.filter)
    except (OSError, ValueError, KeyError, re.error, definitions.WorkloadError) as error:
        parser.error(f"{options.workloads}: {error}")
    chosen = [workload for workload in chosen if workload["priority"] <= options.most_important]
    if not chosen:
        parser.error(f"no workload has '{options.filter}' in its name")
    if options.compile_only:
        entries = compile_all.compile_all(options, chosen)
        return 1 if any("error" in entry for entry in entries) else 0
    parser.error("expected --compile-only")
    return 2


if __name__ == "__main__":
    sys.exit(main())
