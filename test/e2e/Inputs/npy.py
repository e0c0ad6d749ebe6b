"""Writes .npy files: format version 1, floats in C order."""

import struct


def save(path, shape, values, code):
    """`code` is struct's for the elements: "e" of 16 bits, "f" of 32."""
    header = f"{{'descr': '<f{struct.calcsize(code)}', 'fortran_order': False, 'shape': {shape!r}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(struct.pack(f"<{len(values)}{code}", *values))
