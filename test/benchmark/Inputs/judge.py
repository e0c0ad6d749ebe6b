"""What measure.py makes of its measurements, on made-up ones: judge.py FOLDER-OF-PROGRAMS."""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import profiling  # pylint: disable=wrong-import-position
import report  # pylint: disable=wrong-import-position
import timing  # pylint: disable=wrong-import-position

print("median, noise", *("%.3f" % value for value in timing.summarize([4, 1, 3, 2, 100])))
print("sets", timing.buffer_sets(1 << 20, 50 << 20), timing.buffer_sets(60 << 20, 50 << 20),
      timing.buffer_sets(4 << 30, 50 << 20), timing.buffer_sets(1, 50 << 20))
right, rounded, wrong = ({"passed": error == 0, "failed": 1, "compared": 2, "relative_error": error,
                          "largest_fraction_of_bound": 0.5} for error in (0, 1e-3, 0.5))
entry = {"poolc": {"us": 100.0, "noise": 0.001, "check": right, "registers": 40, "local_bytes": 0},
         "copy": {"GBs": 4000.0, "us": 90.0}, "eager": {"us": 150.0, "check": right},
         "triton": {"us": 120.0, "check": rounded}, "compile": {"us": 50.0, "check": wrong}}
workload = {"name": "w", "op": "conv1d", "class": "dense", "compulsory_bytes": 360_000_000, "operations": 10**9, "floor_us": 80.0}
criteria = [{"name": "copy", "when": "bytes > l2_bytes", "holds": "GBs >= 0.92 * copy_GBs"},
            {"name": "peers", "holds": "time_us <= peer_us"}, {"name": "check", "holds": "right"}]
print("fastest", report.fastest_peer(entry))
print(report.row(workload, entry, criteria, 10**6))
data = {"machine": {"l2_bytes": 10**6}, "workloads": {"w": entry, "v": {**entry, "poolc": {"error": "lost"}}}}
slow = {**entry, "poolc": {"us": 150.0, "check": wrong}}
print(report.summary([{**workload, "name": name} for name in "wv"], data))
print(report.summary([workload], {**data, "workloads": {"w": slow}}))
entry["poolc"]["check"] = wrong
print(report.row(workload, entry))
print(report.row(workload, {"poolc": {"error": "no kernel"}, "eager": {"us": 1.0}}))

NCU = """==PROF== Connected to process 1
"ID","Kernel Name","Device","gpu__time_duration.sum","launch__grid_size","sm__throughput.avg.pct_of_peak_sustained_elapsed"
"","","","nsecond","","%"
"0","conv1d_0","0","1,000","64","50.5"
"1","conv1d_1","0","500","2","n/a"
"2","avg_pool2d_0","0","250","8","12"
"""
launches = profiling.parse(NCU)
print(profiling.assign(launches, [("conv", 2), ("pool", 1)]))
print(profiling.assign(launches, [("conv", 2), ("pool", 2)]))
