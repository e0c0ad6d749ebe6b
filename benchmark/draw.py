#!/usr/bin/env python3
"""Draws workloads that nobody chose, of sizes that layers have: a file for bench.py --workloads.

  draw.py --seed=1 --poolings=60 --convolutions=170 --out=drawn.json

Schedules that were tuned to workloads.json alone would fall behind here. The same seed draws the
same workloads.
"""

import argparse
import json
import random

import workloads

SIZES = (4e6, 1.5e9)  # compulsory bytes: less is a launch and little else
MOST_OPERATIONS = 6e11
CHANNELS = [32, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024]
LENGTHS = [500, 1000, 1500, 2048, 3000, 4096, 5999, 8000, 16000, 16384, 44100, 65536, 100001]
ACTIVATIONS = [None] * 3 + [f"activation<{name}>" for name in ("relu", "gelu", "silu")]
ARITHMETIC = [("f32", "tf32")] * 2 + [("f32", "ieee"), ("f32", "tf32x3"), ("f16", "ieee"), ("bf16", "ieee")]


class Draw:
    """Attributes of one workload of each class, by the definitions of workloads.json."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one(self, values):
        return self.random.choice(values)

    def near(self, size, least, most):
        """A size, or half of the time another that may be odd."""
        return self.one([size, size + self.random.randint(least, most)])

    def happens(self, probability):
        return self.random.random() < probability

    # -- Poolings

    def global_pooling(self):
        plane = self.one([(7, 7), (8, 8), (10, 10), (14, 14), (16, 16), (20, 13), (32, 32)])
        return {"input": [self.one([16, 32, 64, 128]), self.one([256, 512, 1024, 1280, 2048]), *plane],
                "kernel_size": list(plane)}

    def small_window(self):
        window, height = self.one([2, 2, 4]), self.one([28, 32, 56, 64, 112, 128, 150, 224, 256, 300, 512])
        return {"input": [self.one([1, 4, 8, 16, 32]), self.one([16, 32, 64, 128, 256]), height,
                          self.near(height, -9, 9)],
                "kernel_size": [window] * 2, "ceil_mode": self.happens(0.3)}

    def overlapping(self):
        window, height = self.one([3, 3, 3, 5, 7, 9]), self.one([17, 28, 35, 56, 75, 112, 147, 224, 299, 384])
        return {"input": [self.one([1, 8, 16, 32, 64]), self.one([3, 32, 64, 96, 192, 288]), height,
                          self.near(height, -9, 40)],
                "kernel_size": [window] * 2, "stride": [self.one([1, 1, 2])] * 2,
                "padding": [self.one([window // 2, window // 2, 0])] * 4,
                "count_include_pad": self.happens(0.5), "ceil_mode": self.happens(0.2)}

    def non_overlapping(self):
        window, height = self.one([3, 5, 6, 7, 8, 10, 11, 16, 20]), self.one([128, 200, 256, 333, 512, 1000, 1024])
        return {"input": [self.one([1, 4, 8, 16]), self.one([3, 16, 32, 64, 128]), height,
                          self.one([height, 2 * height, height + 5])],
                "kernel_size": [self.one([window, window, 1, 2]), window]}

    def tiny_planes(self):
        size = self.random.randint(4, 8)
        return {"input": [self.one([64, 128, 256]), self.one([256, 512, 1024]), size, size],
                "kernel_size": [self.one([2, 3])] * 2, "stride": [self.one([1, 2])] * 2}

    # -- Convolutions

    def rows(self, channels, times=1, longest=None):
        length = self.one(LENGTHS) * times
        return [self.one([1, 4, 8, 16, 32, 64]), channels, min(length, longest or length)]

    def dense(self):
        kernel, stride = self.one([2, 3, 3, 3, 4, 5, 7, 9, 11, 15]), self.one([1] * 4 + [2, 2, 3, 4])
        dilation = self.one([1, 1, 1, 2, 3, 9]) if stride == 1 else 1
        reach = dilation * (kernel - 1)
        return {"input": self.rows(self.one(CHANNELS)), "out_channels": self.one(CHANNELS), "kernel_size": kernel,
                "stride": stride, "dilation": dilation,
                "padding": self.one([[reach // 2] * 2, [reach // 2] * 2, [reach, 0], [0, 0]])}

    def pointwise(self):
        return {"input": self.rows(self.one(CHANNELS)), "out_channels": self.one(CHANNELS), "kernel_size": 1,
                "residual": self.happens(0.3)}

    def few_inputs(self):
        kernel, stride = self.one([(5, 1), (5, 2), (7, 4), (10, 5), (16, 2), (25, 4), (64, 4), (400, 160)])
        return {"input": self.rows(self.one([1, 2, 3, 4, 6]), times=8), "out_channels": self.one([32, 64, 128, 512]),
                "kernel_size": kernel, "stride": stride}

    def few_outputs(self):
        return {"input": self.rows(self.one([16, 32, 64, 128]), times=2), "out_channels": self.one([1, 2, 4]),
                "kernel_size": self.one([1, 3, 7])}

    def depthwise(self):
        channels, kernel = self.one([64, 192, 256, 512, 768, 1024, 2048]), self.one([3, 4, 4, 5, 7, 9, 15, 31, 33])
        dilation = self.one([1, 1, 1, 2, 8])
        reach = dilation * (kernel - 1)
        return {"input": self.rows(channels, longest=16384), "out_channels": channels, "groups": channels,
                "kernel_size": kernel, "dilation": dilation, "padding": self.one([[reach, 0], [reach // 2] * 2])}

    def grouped(self):
        groups, kernel = self.one([2, 4, 8, 16, 32]), self.one([1, 3, 5, 7])
        channels = groups * self.one([4, 8, 16, 32, 64])
        return {"input": self.rows(channels, longest=16384), "out_channels": channels, "groups": groups,
                "kernel_size": kernel, "padding": [kernel // 2] * 2}

    # -- Either

    def pooling(self):
        kind = self.one(["global"] * 3 + ["small_window"] * 4 + ["overlapping"] * 7 + ["non_overlapping"] * 4 +
                        ["tiny_planes"] * 2)
        attributes = self.global_pooling() if kind == "global" else getattr(self, kind)()
        return {"op": "avg_pool2d", "class": kind, "dtype": self.one(["f32", "f32", "f16", "bf16"]), **attributes}

    def convolution(self):
        kind = self.one(["dense"] * 9 + ["pointwise"] * 3 + ["few_inputs"] * 2 + ["few_outputs"] * 2 +
                        ["depthwise"] * 3 + ["grouped"] * 2)
        dtype, precision = self.one(ARITHMETIC)
        return {"op": "conv1d", "class": kind, "dtype": dtype, "precision": precision, "bias": self.happens(0.7),
                "activation": self.one(ACTIVATIONS), **getattr(self, kind)()}


def complete(workload, name):
    """The workload with all that a file of workloads says, or None where it is too small or too large."""
    workload = {"name": name, "source": "drawn", "priority": 1, **workload}
    full = {**workloads.DEFAULTS[workload["op"]], **workload}
    if workload["op"] == "avg_pool2d":
        full["stride"] = full["stride"] or full["kernel_size"]
    if min(workloads.output_shape(full)) < 1:
        return None
    read, written, operations = workloads.figures(full)
    if not SIZES[0] < read + written < SIZES[1] or operations > MOST_OPERATIONS:
        return None
    return {**workload, "read_bytes": read, "write_bytes": written, "compulsory_bytes": read + written,
            "operations": operations}


def draw(make, prefix, count):
    result = []
    while len(result) < count:
        workload = complete(make(), f"{prefix}{len(result)}")
        if workload:
            result.append(workload)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--poolings", type=int, default=60)
    parser.add_argument("--convolutions", type=int, default=170)
    parser.add_argument("--out", required=True, metavar="FILE")
    options = parser.parse_args()
    source = Draw(options.seed)
    drawn = draw(source.pooling, "pool", options.poolings) + draw(source.convolution, "conv", options.convolutions)
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump({"about": f"drawn by draw.py --seed={options.seed}", "workloads": drawn}, file, indent=1)


if __name__ == "__main__":
    main()
