"""compare_instructions.py POOLC POOLC_RUN FOLDER: poolings of a dynamic number of images execute at
most 5 % more instructions than those of the same static number, in every algorithm."""

import json
import pathlib
import re
import subprocess
import sys

# Algorithm, type, x, y, attributes.
CASES = [
    ("columns", "f32", (2, 64, 56, 56), (28, 28), "kernel_size = [2, 2]"),
    ("columns", "f16", (2, 64, 15, 15), (7, 7), "kernel_size = [2, 2]"),
    ("columns", "f32", (4, 32, 33, 64), (11, 21), "kernel_size = [3, 3]"),
    ("columns", "f32", (2, 32, 40, 64), (38, 62), "kernel_size = [3, 3] stride = [1, 1]"),
    ("columns", "bf16", (2, 30, 17, 17), (17, 17), "kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]"),
    ("columns", "f32", (8, 64, 7, 7), (1, 1), "kernel_size = [7, 7]"),
    ("slab", "f32", (4, 64, 13, 13), (6, 6), "kernel_size = [3, 3] stride = [2, 2]"),
    ("slab", "f16", (4, 36, 15, 15), (7, 7), "kernel_size = [2, 2]"),
    ("slab", "f32", (2, 16, 35, 35), (35, 35), "kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]"),
    ("planes", "f32", (8, 64, 14, 14), (1, 1), "kernel_size = [14, 14]"),
    ("planes", "bf16", (8, 96, 7, 7), (1, 1), "kernel_size = [7, 7]"),
    ("direct", "f32", (4, 64, 13, 13), (6, 6), "kernel_size = [3, 3] stride = [2, 2]"),
    # Of planes that blocks do not divide, the last block is a body of its own.
    ("columns", "f32", (32, 3, 13, 13), (6, 6), "kernel_size = [3, 3] stride = [2, 2]"),
    ("columns", "bf16", (32, 3, 17, 17), (17, 17), "kernel_size = [3, 3] stride = [1, 1] padding = [1, 1, 1, 1]"),
    ("slab", "f16", (7, 30, 15, 15), (7, 7), "kernel_size = [2, 2]"),
    ("planes", "f32", (64, 3, 14, 14), (1, 1), "kernel_size = [14, 14]"),
    ("direct", "f32", (64, 30, 9, 9), (1, 1), "kernel_size = [9, 9]"),
]
MOST = 1.05


def write(path, case, is_dynamic):
    _, dtype, x, y, words = case

    def tensor(*sizes):
        batch = "?" if is_dynamic else x[0]
        return "tensor<" + "x".join(map(str, [batch, x[1], *sizes, dtype])) + ">"

    path.write_text(f"func.func @main(%x: {tensor(*x[2:])}) -> {tensor(*y)} {{\n"
                    f"  %y = nn.avg_pool2d %x {words} : ({tensor(*x[2:])}) -> {tensor(*y)}\n"
                    f"  return %y : {tensor(*y)}\n}}\n")


def decide(poolc, path, algorithm):
    """The words of the schedule that is decided for any number of images."""
    text = subprocess.run([poolc, path, f"--schedule=algorithm={algorithm}", "--emit=schedule"], check=True,
                          capture_output=True, text=True).stdout
    return re.findall(r"#nn.schedule<([^>]*)>", text)[-1]


def instructions(poolc, poolc_run, path, case, schedule):
    ptx, metrics = path.with_suffix(".ptx"), path.with_suffix(".json")
    subprocess.run([poolc, path, f"--schedule={schedule}", "-o", ptx], check=True)
    shape = "x".join(map(str, case[2]))
    output = subprocess.run([poolc_run, ptx, "--device=virtual:rtx4090", f"--input={shape}:random", "--check",
                             f"--metrics={metrics}"], check=True, capture_output=True, text=True).stdout
    assert "check passed" in output
    return sum(launch["smsp__inst_executed.sum"] for launch in json.loads(metrics.read_text()).values())


def main():
    poolc, poolc_run, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for i, case in enumerate(CASES):
        static, dynamic = folder / f"{i}-static.mlir", folder / f"{i}-dynamic.mlir"
        write(static, case, False)
        write(dynamic, case, True)
        schedule = decide(poolc, dynamic, case[0])
        counts = [instructions(poolc, poolc_run, path, case, schedule) for path in (static, dynamic)]
        print(f"{counts[1] / counts[0]:.3f}", *case)
        if counts[1] > MOST * counts[0]:
            sys.exit(f"expected at most {MOST} of the {counts[0]} instructions of a static number of images, got {counts[1]}")


main()
