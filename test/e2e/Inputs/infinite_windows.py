"""Writes x.npy and w.npy into a folder, and the same with an infinity and a NaN each: spoilt_x.npy, spoilt_w.npy."""

import random
import sys

from npy import save

folder = sys.argv[1]
draw = random.Random(1)
x = [draw.uniform(-1, 1) for _ in range(2 * 304)]
w = [draw.uniform(-1, 1) for _ in range(64 * 13)]
save(f"{folder}/x.npy", (2, 1, 304), x, "e")
save(f"{folder}/w.npy", (64, 1, 13), w, "e")
# Beyond the last tap of neighbours, in tiles that touch no padding.
x[100], x[304 + 150] = float("inf"), float("nan")
# Weights of channels 0 and 5 that meet the padding before x and after it.
w[0], w[5 * 13 + 12] = float("inf"), float("nan")
save(f"{folder}/spoilt_x.npy", (2, 1, 304), x, "e")
save(f"{folder}/spoilt_w.npy", (64, 1, 13), w, "e")
