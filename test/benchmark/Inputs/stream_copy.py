"""Writes the PTX of a stream copy and a plan that moves four blocks: stream_copy.py FOLDER READS WRITES PREFIX."""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import stream_copy  # pylint: disable=wrong-import-position

reads, writes, threads, blocks = int(sys.argv[2]), int(sys.argv[3]), 64, 4
with open(sys.argv[4] + ".ptx", "w", encoding="utf-8") as file:
    file.write(stream_copy.ptx(reads, writes, threads))
elements = [max(n * threads * 4 * blocks, 4 * blocks) for n in (reads, writes)]
plan = {"schema": 1,
        "arguments": [{"name": "source", "role": "input", "dtype": "i32", "shape": [elements[0]]},
                      {"name": "target", "role": "output", "dtype": "i32", "shape": [elements[1]]}],
        "launches": [{"kernel": "stream_copy", "grid": [blocks], "block": [threads],
                      "arguments": [{"buffer": "source"}, {"buffer": "target"}]}]}
with open(sys.argv[4] + ".json", "w", encoding="utf-8") as file:
    json.dump(plan, file)
