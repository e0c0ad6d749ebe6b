"""Writes x.npy, w.npy and b.npy with infinite and NaN weights into a folder."""

import random
import sys

from npy import save

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
save(f"{folder}/x.npy", (1, 20, 300), x, "f")
save(f"{folder}/w.npy", (40, 20, 3), w, "f")
save(f"{folder}/b.npy", (40,), b, "f")
