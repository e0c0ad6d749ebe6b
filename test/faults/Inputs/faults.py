"""Makes deliberate faults in a working kernel and checks that each is caught.

    faults.py table.py kernel.ptx scratch-directory

The table lists faults: an exact text of the PTX (or of its launch plan), which
must stand there once, what replaces it, and who has to catch it: sanitizers by
name, or `check`, the comparison with the reference. The kernel itself must be
clean under ten orders of the warps.
"""

import dataclasses
import pathlib
import runpy
import subprocess
import sys

SANITIZERS = ("memory", "init", "race", "sync")


@dataclasses.dataclass
class Fault:
    name: str
    find: str
    replace: str
    caught_by: str
    input: str = "random"


def run(ptx, seed, contents):
    """What the sanitizers report, whether the check failed, and the output."""
    command = ["poolc-run", ptx, "--device=virtual", "--check", f"--seed={seed}", "--instruction-limit=10000000"]
    command += ["--sanitize=" + ",".join(SANITIZERS), f"--input={contents}"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    text = process.stdout + process.stderr
    caught = {name for name in SANITIZERS if f": error: {name}: " in process.stderr}
    if "check failed" in text:
        caught.add("check")
    if process.returncode != (1 if caught else 0):
        raise SystemExit(f"unexpected exit code {process.returncode}:\n{text}")
    return caught, text


def main(table, kernel, scratch):
    text = pathlib.Path(kernel).read_text()
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    faults = runpy.run_path(table, init_globals={"Fault": Fault})["FAULTS"]
    failures = 0

    for seed in range(10):
        for contents in ("random", "edges"):
            caught, output = run(kernel, seed, contents)
            if caught:
                failures += 1
                print(f"FAILED: the kernel itself, seed {seed}, {contents}:\n{output}")

    for fault in faults:
        found = text.count(fault.find)
        if found != 1:
            failures += 1
            print(f"FAILED: {fault.name}: expected its text once, got it {found} times")
            continue
        mutated = scratch / (fault.name.replace(" ", "-") + ".ptx")
        mutated.write_text(text.replace(fault.find, fault.replace))
        for seed in range(2):
            caught, output = run(mutated, seed, fault.input)
            if fault.caught_by in caught:
                print(f"caught: {fault.name}, by {', '.join(sorted(caught))}")
            else:
                failures += 1
                print(f"FAILED: {fault.name}: expected {fault.caught_by} to catch it:\n{output}")
    print(f"{len(faults)} faults, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
