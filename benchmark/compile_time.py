#!/usr/bin/env python3
"""Whole-process compile time of poolc: from starting the program to the PTX file being written.

Runs each example several times after a warm-up and prints the median and the spread, so that one
slow run does not count.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def measure(poolc, example, output, runs):
    """Returns the times of `runs` compilations in milliseconds, or None where it does not compile."""
    times = []
    for i in range(runs + 3):
        start = time.perf_counter()
        process = subprocess.run([poolc, example, "-o", output], stderr=subprocess.PIPE, text=True)
        elapsed = time.perf_counter() - start
        if process.returncode != 0:
            print(process.stderr, file=sys.stderr, end="")
            return None
        if i >= 3:  # The first ones fill the page cache.
            times.append(1000 * elapsed)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--poolc", default="build/bin/poolc")
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("examples", nargs="+")
    arguments = parser.parse_args()

    width = max(len(example) for example in arguments.examples)
    print(f"{'example':{width}}  median ms  fastest  slowest tenth")
    failures = 0
    with tempfile.TemporaryDirectory() as directory:
        output = os.path.join(directory, "kernel.ptx")
        for example in arguments.examples:
            times = measure(arguments.poolc, example, output, max(arguments.runs, 2))
            if times is None:
                failures += 1
                continue
            tenth = statistics.quantiles(times, n=10)[-1]
            print(f"{example:{width}}  {statistics.median(times):9.1f}  {min(times):7.1f}  {tenth:13.1f}")
    sys.exit(1 if failures else 0)


main()
