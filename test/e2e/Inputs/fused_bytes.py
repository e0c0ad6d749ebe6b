"""fused_bytes.py POOLC_RUN FOLDER: convolutions with an activation and a residual fused,
in every algorithm, move no more bytes between DRAM and L2 than the convolutions alone
and reads of the residual."""

import json
import pathlib
import subprocess
import sys

# Algorithm, type, precision, channels in and out, groups, taps, padding at each end, length.
CASES = [
    ("direct", "f32", "ieee", 3, 5, 1, 3, 1, 1000),
    ("window", "f32", "ieee", 4, 32, 1, 7, 3, 2048),
    ("window", "f16", "ieee", 32, 32, 32, 9, 4, 1021),
    ("gemm_slab", "f32", "ieee", 16, 32, 1, 3, 1, 1024),
    ("gemm_tap", "bf16", "ieee", 32, 32, 1, 3, 1, 1024),
    ("gemm_rows", "f32", "tf32", 16, 32, 1, 3, 1, 1024),
    ("gemm_packed", "f16", "ieee", 32, 64, 1, 3, 1, 2048),
    ("gemm_packed", "f16", "ieee", 32, 64, 1, 3, 1, 1021),
    ("gemm_im2col", "bf16", "ieee", 4, 48, 1, 15, 7, 2048),
    ("gemm_im2col", "f32", "tf32", 1, 48, 1, 10, 0, 1034),
    ("gemm_toeplitz", "f16", "ieee", 32, 32, 32, 31, 15, 2048),
]
BATCH = 2


def function(case, fused):
    algorithm, dtype, precision, inputs, outputs, groups, taps, padding, length = case
    out = length + 2 * padding - taps + 1
    x = f"tensor<{BATCH}x{inputs}x{length}x{dtype}>"
    w = f"tensor<{outputs}x{inputs // groups}x{taps}x{dtype}>"
    y = f"tensor<{BATCH}x{outputs}x{out}x{dtype}>"
    words = f"padding = [{padding}, {padding}] groups = {groups} precision = {precision}"
    if fused:
        words += " activation = silu"
    text = f"func.func @main(%x: {x}, %w: {w}" + (f", %r: {y}" if fused else "") + f") -> {y} {{\n"
    text += f"  %y = nn.conv1d %x, %w {words} : ({x}, {w}) -> {y}\n"
    if fused:
        text += f"  %z = nn.add %y, %r : {y}\n"
    size = 4 if dtype == "f32" else 2
    return text + f"  return %{'z' if fused else 'y'} : {y}\n}}\n", BATCH * outputs * out * size


def measure(poolc_run, folder, case, fused):
    text, size = function(case, fused)
    path, metrics = folder / "conv.mlir", folder / "metrics.json"
    path.write_text(text, encoding="utf-8")
    schedule = f"--schedule=0:algorithm={case[0]}"
    subprocess.run([poolc_run, path, "--device=virtual", schedule, f"--metrics={metrics}"],
                   check=True, stdout=subprocess.DEVNULL)
    kernels = json.loads(metrics.read_text(encoding="utf-8")).values()
    return [sum(kernel[f"dram__bytes_{way}.sum"] for kernel in kernels)
            for way in ("read", "write")] + [size]


poolc_run, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
failed = False
for case in CASES:
    plain_read, plain_written, _ = measure(poolc_run, folder, case, fused=False)
    read, written, residual = measure(poolc_run, folder, case, fused=True)
    # The residual's first and last sector may be its own in part.
    ok = read <= plain_read + residual + 64 and written <= plain_written
    failed |= not ok
    print(f"{'ok' if ok else 'too many'}: {case[0]}, length {case[-1]}: "
          f"{read} bytes read, {plain_read} alone and {residual} of the residual; "
          f"{written} written, {plain_written} alone")
sys.exit(failed)
