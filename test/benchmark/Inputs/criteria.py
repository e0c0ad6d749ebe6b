"""Judges made-up figures by criteria.json: criteria.py FOLDER-OF-BENCHMARKS."""

import os
import sys

sys.dont_write_bytecode = True
sys.path[1:1] = [sys.argv[1], os.path.join(sys.argv[1], "gpu")]
import judging  # pylint: disable=wrong-import-position
import table  # pylint: disable=wrong-import-position

criteria = judging.load(os.path.join(sys.argv[1], "criteria.json"))["criteria"]
pool = {"op": "avg_pool2d", "class": "non_overlapping"}
good = {"bytes": 100e6, "l2_bytes": 72e6, "dram_bytes": 101e6, "overlaps": False, "block_sectors": 104, "input_sectors": 100,
        "load_requests": 50, "baseline_load_requests": 100, "conflicts": 0, "shared_requests": 0, "local_bytes": 0,
        "spill_bytes": 0, "registers": 32, "predicted_registers": 32, "issue_pct": 59.0, "floor_us": 100.0, "time_us": 108.0, "baseline_time_us": 107.0}


def show(title, workload, figures):
    print(f"{title}: {judging.summary(judging.judge(criteria, workload, figures))}")


show("all", pool, good)
show("unknown", pool, {**good, "time_us": None})
show("in L2", pool, {**good, "bytes": 50e6, "dram_bytes": 60e6})
show("short", pool, {**good, "floor_us": 40.0, "time_us": 60.0, "baseline_time_us": 60.0})
for name, value in (("dram_bytes", 103e6), ("block_sectors", 106), ("load_requests", 51), ("conflicts", 1),
                    ("local_bytes", 8), ("registers", 33), ("issue_pct", 60.0), ("time_us", 108.08)):
    show(name, pool, {**good, name: value})
show("overlapping", {**pool, "class": "overlapping"}, {**good, "overlaps": True, "block_sectors": 135, "time_us": 108.0})

conv = {"op": "conv1d", "class": "dense"}
good = {"bytes": 100e6, "l2_bytes": 72e6, "dram_bytes": 103e6, "spill_bytes": 0, "block_sectors": 220, "passes": 2,
        "input_sectors": 100, "touched_sectors": 210, "kernel_size": 3, "dilation": 4, "stride": 1, "load_requests": 1,
        "baseline_load_requests": 2, "conflicts": 5, "shared_requests": 100, "floor_us": 100.0, "memory_us": 100.0,
        "compute_us": 70.0, "unit": "tensor cores", "time_us": 110.0, "baseline_time_us": 120.0}
show("conv", conv, good)
show("close to both", conv, {**good, "compute_us": 80.0, "time_us": 122.0, "baseline_time_us": 122.0})
show("compute-bound", conv, {**good, "memory_us": 50.0, "compute_us": 100.0, "time_us": 118.0})
show("f32", conv, {**good, "memory_us": 50.0, "compute_us": 100.0, "unit": "fma", "time_us": 134.0,
                   "baseline_time_us": 140.0})
show("wide window", conv, {**good, "dilation": 5, "block_sectors": 221, "touched_sectors": 220})
show("even stride", conv, {**good, "stride": 2, "conflicts": 100})
show("grouped", {**conv, "class": "grouped"}, {**good, "memory_us": 50.0, "compute_us": 100.0, "time_us": 133.0})
show("depthwise", {**conv, "class": "depthwise"}, good)

times = [(1, 10), (2, 30), (3, 20), (4, 40)]
print("%.2f" % table.rank_correlation(*zip(*times)), "%.2f" % table.rank_correlation([1, 2, 3], [3, 2, 1]))
print(table.agreement([{"figures": {"predicted_us": us, "time_us": real}}
                                for us, real in ((9.0, 10.0), (24.0, 20.0), (30.0, 30.0))] + [{"figures": {}}],
                      "predicted_us", "time_us"))
