"""Writes x.npy with infinite and NaN elements, and w.npy, into a folder."""

import random
import sys

from npy import save

folder = sys.argv[1]
draw = random.Random(1)
x = [draw.uniform(-1, 1) for _ in range(2 * 5 * 301)]
w = [draw.uniform(-1, 1) for _ in range(5 * 13)]
# In the first, the third and the last row.
x[100], x[2 * 301 + 7], x[-1] = float("inf"), float("nan"), -float("inf")
save(f"{folder}/x.npy", (2, 5, 301), x, "e")
save(f"{folder}/w.npy", (5, 1, 13), w, "e")
