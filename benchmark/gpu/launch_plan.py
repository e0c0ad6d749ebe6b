"""Launch plans (docs/guides/run-any-ptx.md): what to launch, on which buffers."""

import ctypes
import json
import re

import cuda_driver

PREFIX = "//poolc.plan "


def read_plan(ptx):
    """The plan that a PTX text carries, or None."""
    text = "".join(line[len(PREFIX):] for line in ptx.splitlines() if line.startswith(PREFIX))
    return json.loads(text) if text else None


def evaluate(expression, dims):
    """An integer of the plan: a number, or an expression over the dims."""
    if not isinstance(expression, str):
        return expression
    if not re.fullmatch(r"[\w\s+\-*/%(),<>=!&|]*", expression):
        raise ValueError(f"expected an expression over dims, got '{expression}'")
    names = {"ceildiv": lambda a, b: -(-a // b), "min": min, "max": max, "__builtins__": {}}
    return int(eval(re.sub(r"/+", "//", expression), names, dims))  # pylint: disable=eval-used


def three(sizes, dims):
    values = [evaluate(size, dims) for size in sizes]
    return values + [1] * (3 - len(values))


class Program:
    """A PTX file with its plan, loaded and ready to launch on buffers."""

    def __init__(self, driver, ptx, plan=None):
        self.driver = driver
        self.plan = plan or read_plan(ptx)
        if self.plan is None:
            raise ValueError("the PTX carries no launch plan")
        self.module = driver.load(ptx)
        self.kernels = [driver.function(self.module, launch["kernel"], self.shared_bytes(launch, {}))
                        for launch in self.plan["launches"]]

    def shared_bytes(self, launch, dims):
        return evaluate(launch.get("dynamic_shared_bytes", 0), dims)

    def figures(self):
        """Of the launch that has most of each."""
        figures = [self.driver.function_figures(kernel) for kernel in self.kernels]
        return {name: max(figure[name] for figure in figures) for name in figures[0]}

    def unload(self):
        self.driver.unload(self.module)

    def dims(self, shapes):
        """The dims' sizes, from the shapes of the arguments."""
        return {name: shapes[dim["argument"]][dim["axis"]] for name, dim in self.plan.get("dims", {}).items()}

    def prepare(self, addresses, dims=None):
        """What run() needs to launch on these buffers: {name: address}, temporaries included."""
        dims = dims or {}
        prepared = []
        for kernel, launch in zip(self.kernels, self.plan["launches"]):
            grid = three(launch["grid"], dims)
            if not evaluate(launch.get("when", 1), dims) or 0 in grid:
                continue
            values = [self.value(argument, addresses, dims) for argument in launch["arguments"]]
            prepared.append((kernel, grid, three(launch["block"], dims), self.shared_bytes(launch, dims),
                             cuda_driver.pack_parameters(values), launch.get("programmatic", False)))
        return prepared

    @staticmethod
    def value(argument, addresses, dims):
        if "buffer" in argument:
            return ctypes.c_uint64(addresses[argument["buffer"]] + evaluate(argument.get("offset_bytes", 0), dims))
        if argument.get("null"):
            return ctypes.c_uint64(0)
        if "bytes" in argument:
            data = bytes.fromhex(argument["bytes"])
            return (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        return cuda_driver.SCALARS[argument["scalar"]](evaluate(argument["value"], dims))

    def run(self, prepared, stream=None):
        for kernel, grid, block, shared, parameters, programmatic in prepared:
            self.driver.launch(kernel, grid, block, shared, parameters, stream, programmatic)
