"""Writes the numbers 1 2 3 4 as .npy files of several types, named after a given prefix."""

import struct
import sys


def write(name, descr, data):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': (4,), }}".ljust(117) + "\n"
    with open(f"{sys.argv[1]}.{name}.npy", "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


write("f4", "<f4", struct.pack("<4f", 1, 2, 3, 4))
write("big", ">f4", struct.pack(">4f", 1, 2, 3, 4))
write("f8", "<f8", struct.pack("<4d", 1, 2, 3, 4))
write("i4", "<i4", struct.pack("<4i", 1, 2, 3, 4))
write("V2", "|V2", struct.pack("<4H", 0x3F80, 0x4000, 0x4040, 0x4080))
write("complex", "<c8", bytes(32))
