"""Writes x.npy, w.npy and b.npy with infinite and NaN weights into a folder."""

import random
import struct
import sys


def save(path, shape, values):
    """The .npy format, version 1, of 32-bit floats in C order."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape!r}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}f", *values))


folder = sys.argv[1]
draw = random.Random(1)
x = [draw.uniform(-1, 1) for _ in range(20 * 300)]
w = [draw.uniform(-1, 1) for _ in range(40 * 20 * 3)]
b = [draw.uniform(-1, 1) for _ in range(40)]
infinity = float("inf")
# In channel 0: the first tap, which touches the padding before x; in channel 5
# the last, which touches the padding after it; opposite signs in channel 20.
w[0], w[5 * 60 + 2], w[9 * 60 + 1] = infinity, -infinity, float("nan")
w[20 * 60], w[20 * 60 + 2] = infinity, -infinity
save(f"{folder}/x.npy", (1, 20, 300), x)
save(f"{folder}/w.npy", (40, 20, 3), w)
save(f"{folder}/b.npy", (40,), b)
