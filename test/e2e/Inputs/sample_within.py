"""Runs a sample with --metrics and holds its memory use and its DRAM traffic against bounds.

usage: sample_within.py <most resident MiB> <compulsory bytes read> <compulsory bytes written> <poolc-run's arguments>
"""

import json
import resource
import subprocess
import sys

mebibytes, read, written = map(int, sys.argv[1:4])
result = subprocess.run(["poolc-run", *sys.argv[4:], "--metrics=-"], stdout=subprocess.PIPE, check=True)
(metrics,) = json.loads(result.stdout).values()

resident = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
if resident > mebibytes:
    sys.exit(f"expected at most {mebibytes} MiB of resident memory, got {resident:.0f}")
for name, compulsory in (("dram__bytes_read.sum", read), ("dram__bytes_write.sum", written)):
    if not 0.99 * compulsory <= metrics[name] <= 1.02 * compulsory:
        sys.exit(f"expected {name} to be about {compulsory}, got {metrics[name]}")
