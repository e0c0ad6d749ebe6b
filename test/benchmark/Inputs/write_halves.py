#!/usr/bin/env python3
"""Writes random f16 numbers as a .npy file: write_halves.py SEED SHAPE FILE, the shape like 2x3x4."""

import random
import struct
import sys

_, seed, shape, path = sys.argv
sizes = [int(size) for size in shape.split("x")]
count = 1
for size in sizes:
    count *= size
generator = random.Random(int(seed))
values = [generator.uniform(-1, 1) for _ in range(count)]
header = f"{{'descr': '<f2', 'fortran_order': False, 'shape': ({', '.join(map(str, sizes))},), }}"
header += " " * (-(len(header) + 11) % 64) + "\n"
with open(path, "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    file.write(struct.pack(f"<{count}e", *values))
