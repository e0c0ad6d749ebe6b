"""Prints a plan whose source is a chain of ops of which only the last has a buffer."""

import json
import sys

TYPE = "tensor<1x2x4xf32>"


def main():
    count = int(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        plan = json.load(file)
    ops = "".join(
        f'%{i + 1} = "nn.avg_pool2d"(%{i}) <{{kernel_size = array<i64: 1, 1>}}> : ({TYPE}) -> {TYPE}\n'
        for i in range(count)
    )
    plan["source"] = f"func.func @main(%0: {TYPE}) -> {TYPE} {{\n{ops}return %{count} : {TYPE}\n}}\n"
    plan["values"] = [{"op": count - 1, "buffer": "y"}]
    print(json.dumps(plan))


main()
