"""Stands in for the GPU to test measure.py without one: kernels run on poolc's virtual GPU, in full,
and PyTorch on the CPU. Its times mean nothing. The program is $POOLC_RUN."""

import ctypes
import math
import os
import struct
import subprocess
import tempfile
import time

import launch_plan

TYPES = {"f32": ("<f4", 4), "f16": ("<f2", 2), "bf16": ("<V2", 2)}


class CpuTimer:
    def measure(self, run, _sets=1):
        start = time.perf_counter()
        run(1)
        return {"us": (time.perf_counter() - start) * 1e6, "noise": 0.0, "samples": 1, "launches_per_sample": 1}


class VirtualDriver:
    """Its launch has poolc-run run the whole plan, on the memory that the parameters point to."""

    def load(self, ptx):
        return ptx

    def unload(self, module):
        pass

    def function(self, module, _name, _dynamic_shared_bytes=0):
        return module

    def function_figures(self, _function):
        return {"registers": 0, "local_bytes": 0, "static_shared_bytes": 0}

    def launch(self, function, _grid, _block, _shared, parameters, _stream=None, _programmatic=False):
        plan = launch_plan.read_plan(function)
        places = {argument.get("buffer"): i for i, argument in enumerate(plan["launches"][0]["arguments"])}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "kernel.ptx")
            with open(path, "w", encoding="utf-8") as file:
                file.write(function)
            command = [os.environ["POOLC_RUN"], path, "--device=virtual"]
            for argument in plan["arguments"]:
                address = parameters.values[places[argument["name"]]].value
                name = os.path.join(folder, argument["name"] + ".npy")
                if argument["role"] == "output":
                    output, command = (address, name), command + [f"--output={name}"]
                else:
                    write_npy(name, argument["shape"], argument["dtype"], address)
                    command.append(f"--input={name}")
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            read_npy(*output)


def write_npy(path, shape, dtype, address):
    description, size = TYPES[dtype]
    header = f"{{'descr': '{description}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},)}}\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        file.write(ctypes.string_at(address, size * math.prod(shape)))


def read_npy(address, path):
    with open(path, "rb") as file:
        data = file.read()
    data = data[10 + struct.unpack("<H", data[8:10])[0]:]
    ctypes.memmove(address, data, len(data))


class VirtualMachine:
    def __init__(self, options):
        import torch
        self.torch, self.options, self.device = torch, options, "cpu"
        self.driver, self.timer, self.l2_bytes = VirtualDriver(), CpuTimer(), 1 << 16

    def describe(self):
        return {"gpu": "virtual", "torch": self.torch.__version__, "date": time.strftime("%Y-%m-%d")}

    def stream(self):
        return 0

    def synchronize(self):
        pass

    def release(self):
        pass
