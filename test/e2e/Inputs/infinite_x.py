"""Writes x.npy with infinite and NaN elements, and w.npy, into a folder."""

import random
import struct
import sys


def save(path, shape, values):
    """The .npy format, version 1, of 16-bit floats in C order."""
    header = f"{{'descr': '<f2', 'fortran_order': False, 'shape': {shape!r}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}e", *values))


folder = sys.argv[1]
draw = random.Random(1)
x = [draw.uniform(-1, 1) for _ in range(2 * 5 * 301)]
w = [draw.uniform(-1, 1) for _ in range(5 * 13)]
# In the first, the third and the last row.
x[100], x[2 * 301 + 7], x[-1] = float("inf"), float("nan"), -float("inf")
save(f"{folder}/x.npy", (2, 5, 301), x)
save(f"{folder}/w.npy", (5, 1, 13), w)
