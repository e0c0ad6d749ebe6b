"""holds.py metrics.json 'condition' ...: fails unless all conditions on modelled launches hold.

A condition is Python; `time("kernel")` is a launch's time in ns, `metric("kernel", "name")` any metric.
"""

import json
import sys

launches = json.load(open(sys.argv[1]))


def metric(kernel, name):
    return launches[kernel][name]


def time(kernel):
    return metric(kernel, "gpu__time_duration.sum")


def blocks(kernel):
    return metric(kernel, "launch__grid_size")


def bytes_moved(kernel):
    return metric(kernel, "dram__bytes_read.sum") + metric(kernel, "dram__bytes_write.sum")


def stalled(kernel, reason):
    return metric(kernel, f"smsp__warp_issue_stalled_{reason}_per_warp_active.pct")


failed = 0
for condition in sys.argv[2:]:
    if not eval(condition):
        print(f"does not hold: {condition}")
        failed = 1
if failed:
    for kernel in launches:
        print(kernel, time(kernel), "ns,", metric(kernel, "poolc__limiter"), metric(kernel, "poolc__limiter.pct"))
sys.exit(failed)
