"""The process of measure.py that uses the GPU: takes work from standard input, a line of JSON each,
and answers with a line for each implementation measured."""

import json
import math
import os
import re
import signal
import subprocess
import sys
import time

import cuda_driver
import launch_plan
import peers
import reference
import stream_copy
import timing

TYPES = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
ALIGNMENT = 256  # bytes, as of real allocations
CROSS_CHECK_BYTES = 600 << 20  # poolc-run makes its inputs on the host


class Timeout(Exception):
    pass


class Machine:
    """PyTorch, the driver and what was found out about this GPU."""

    def __init__(self, options, measures=True):
        import torch
        self.torch, self.options = torch, options
        self.device = "cuda"
        torch.cuda.init()
        torch.zeros(1, device="cuda")  # makes the context that the driver's calls use
        self.driver = cuda_driver.Driver()
        self.timer = timing.Timer(torch, time_limit=options.time)
        properties = torch.cuda.get_device_properties(0)
        self.l2_bytes = getattr(properties, "L2_cache_size", 0) or 64 << 20
        if not measures:
            return
        self.copy = stream_copy.StreamCopy(torch, self.driver, timing.Timer(torch, time_limit=0.05, least=5))

    def describe(self):
        torch = self.torch
        facts = {"gpu": torch.cuda.get_device_name(0), "l2_bytes": self.l2_bytes,
                 "date": time.strftime("%Y-%m-%d"), "python": sys.version.split()[0],
                 "torch": torch.__version__, "cuda": torch.version.cuda,
                 "cudnn": str(torch.backends.cudnn.version())}
        try:
            import triton
            facts["triton"] = triton.__version__
        except ImportError:
            pass
        query = "driver_version,clocks.sm,clocks.max.sm,clocks.mem,temperature.gpu,power.limit"
        try:
            output = subprocess.run(["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"],
                                    capture_output=True, text=True, timeout=20, check=True).stdout
            facts.update(zip(query.split(","), output.splitlines()[0].split(", ")))
        except (OSError, subprocess.SubprocessError, IndexError):
            pass
        facts["torch_copy_GBs"] = round(self.copy.torch_copy(), 1)
        facts["copy_GBs"] = round(self.copy.measure(0.5), 1)
        facts["read_GBs"] = round(self.copy.measure(0.0), 1)
        return facts

    def stream(self):
        return self.torch.cuda.current_stream().cuda_stream

    def synchronize(self):
        self.torch.cuda.synchronize()

    def release(self):
        self.torch.cuda.empty_cache()


class Tensors:
    """The inputs of a workload and room for its result, several times over."""

    def __init__(self, machine, workload, most_sets=512):
        torch = machine.torch
        self.machine, self.dtype = machine, getattr(torch, TYPES[workload["dtype"]])
        self.shapes = dict(workload["operands"])  # name: shape, in order
        self.result_shape = workload["result"]
        bytes_ = sum(math.prod(shape) * self.dtype.itemsize for shape in [*self.shapes.values(), self.result_shape])
        self.sets = timing.buffer_sets(bytes_, machine.l2_bytes, most_sets)
        self.inputs = {name: self.views(shape, True) for name, shape in self.shapes.items()}
        self.results = None

    def views(self, shape, random):
        """One tensor of that shape for each set, each aligned as an allocation of its own."""
        torch = self.machine.torch
        count = math.prod(shape)
        unit = ALIGNMENT // self.dtype.itemsize
        step = -(-count // unit) * unit
        memory = torch.empty(step * self.sets, dtype=self.dtype, device=self.machine.device)
        for piece in memory.split(1 << 28):
            piece.uniform_(-1, 1) if random else piece.fill_(math.nan)
        return [memory[i * step:i * step + count].view(shape) for i in range(self.sets)]

    def outputs(self):
        if self.results is None:
            self.results = self.views(self.result_shape, False)
        else:
            for result in self.results:
                result.fill_(math.nan)
        return self.results

    def of_set(self, i):
        return {name: views[i] for name, views in self.inputs.items()}


def prepare_plan(machine, tensors, ptx, plan=None):
    """Loads a PTX file and returns (program, function that launches it on set i)."""
    program = launch_plan.Program(machine.driver, ptx, plan)
    arguments = program.plan["arguments"]
    inputs = [argument["name"] for argument in arguments if argument["role"] == "input"]
    outputs = [argument["name"] for argument in arguments if argument["role"] == "output"]
    if len(inputs) != len(tensors.shapes) or len(outputs) != 1:
        raise ValueError(f"expected {len(tensors.shapes)} inputs and a result, got {inputs} and {outputs}")
    results = tensors.results
    dims = program.dims([argument["shape"] if isinstance(argument["shape"], str) else
                         (list(tensors.shapes.values()) + [tensors.result_shape])[i]
                         for i, argument in enumerate(arguments)])
    prepared, zeroed = [], []
    for i in range(tensors.sets):
        addresses = {name: views[i].data_ptr() for name, views in zip(inputs, tensors.inputs.values())}
        addresses[outputs[0]] = results[i].data_ptr()
        zeroed.append([])
        for temporary in program.plan.get("temporaries", []):
            size = math.prod(launch_plan.evaluate(extent, dims) for extent in temporary["shape"])
            memory = machine.torch.zeros(max(8 * size, 1), dtype=machine.torch.uint8, device=machine.device)
            addresses[temporary["name"]] = memory.data_ptr()
            zeroed[i].append((memory, temporary.get("init") == "zero"))
        prepared.append(program.prepare(addresses, dims))
    stream = machine.stream()

    def run(i):
        for memory, is_zero in zeroed[i % tensors.sets]:
            if is_zero:
                memory.zero_()
        program.run(prepared[i % tensors.sets], stream)

    return program, run


def launch_each(options, workloads):
    """Launches each workload's kernels once, for a profiler that watches, and says so."""
    deadline = time.monotonic() + options.limit
    machine = Machine(options, measures=False)
    for workload in workloads:
        if "ptx" not in workload or time.monotonic() > deadline:
            continue
        tensors = Tensors(machine, workload, most_sets=1)
        tensors.outputs()
        program, run = prepare_plan(machine, tensors, read(options, workload["ptx"]))
        run(0)
        machine.synchronize()
        print("launched", workload["name"], len(program.plan["launches"]), flush=True)
        program.unload()
        tensors = None
        machine.release()


def measure_plan(machine, workload, tensors, ptx, plan=None):
    """Checks and times a PTX file by its plan."""
    tensors.outputs()
    program, run = prepare_plan(machine, tensors, ptx, plan)
    run(0)
    machine.synchronize()
    figures = {"check": check(machine, workload, tensors, tensors.results[0]), **program.figures()}
    figures.update(machine.timer.measure(run, tensors.sets))
    machine.synchronize()
    program.unload()
    return figures


def check(machine, workload, tensors, result):
    unwritten = sum(int(machine.torch.isnan(piece).sum()) for piece in result.view(-1).split(1 << 28))
    found = reference.compare(machine.torch, workload, tensors.of_set(0), result, machine.options.samples_checked)
    found["unwritten"] = unwritten
    found["passed"] = found["passed"] and unwritten == 0
    return found


def measure_function(machine, workload, tensors, function):
    """Checks and times a function of the inputs."""
    arguments = [list(tensors.of_set(i).values()) for i in range(tensors.sets)]
    results = [None] * tensors.sets

    def run(i):
        # Kept alive, so that results do not all land in the same memory, which would stay in the L2.
        results[i % tensors.sets] = function(*arguments[i % tensors.sets])

    with machine.torch.no_grad():
        run(0)
        machine.synchronize()
        first = results[0]
        if list(first.shape) != workload["result"]:
            raise ValueError(f"expected a result of shape {workload['result']}, got {list(first.shape)}")
        figures = {"check": reference.compare(machine.torch, workload, tensors.of_set(0), first, 1)}
        figures.update(machine.timer.measure(run, tensors.sets))
    return figures


def cross_check(options, workload):
    """What poolc-run's own --bench says."""
    if workload["compulsory_bytes"] > CROSS_CHECK_BYTES:
        return None
    command = [options.poolc_run, os.path.join(options.ptx_dir, workload["ptx"]), "--device=cuda", "--bench"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=options.item_limit, check=False)
    found = re.search(r"bench: ([\d.e+-]+) (us|ms), noise ([\d.e+-]+) %", output.stdout + output.stderr)
    if not found:
        raise ValueError((output.stdout + output.stderr).strip()[-300:])
    return {"us": float(found[1]) * (1e3 if found[2] == "ms" else 1), "noise": float(found[3]) / 100}


def read(options, name):
    with open(os.path.join(options.ptx_dir, name), encoding="utf-8") as file:
        return file.read()


def measure(machine, workload, tensors, name):
    """The figures of one implementation, or None where it has nothing for this workload."""
    options = machine.options
    if name == "poolc":
        if "ptx" not in workload:
            raise ValueError(workload.get("error", "no kernel"))
        return measure_plan(machine, workload, tensors, read(options, workload["ptx"]))
    if name == "triton":
        if "baseline" not in workload:
            return None
        plan = json.loads(read(options, workload["baseline"] + ".json"))
        return measure_plan(machine, workload, tensors, read(options, workload["baseline"] + ".ptx"), plan)
    if name == "poolc_run":
        return cross_check(options, workload)
    peers.set_precision(machine.torch, workload)
    function = peers.PEERS[name](machine.torch, workload)
    return measure_function(machine, workload, tensors, function) if function else None


def is_lasting(error):
    """Whether the context of the GPU is lost with it."""
    if isinstance(error, cuda_driver.CudaError):
        return error.is_lasting
    text = str(error)
    return "CUDA error" in text and "out of memory" not in text


def answer_item(machine, item, answer):
    workload = item["workload"]
    tensors = None
    for name in item["implementations"]:
        message = {"implementation": name}
        started = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, machine.options.item_limit)
        try:
            if tensors is None:
                tensors = Tensors(machine, workload)
            if name in ("poolc", "compile") and "copy" not in message and hasattr(machine, "copy"):
                share = workload["write_bytes"] / workload["compulsory_bytes"]
                message["copy"] = {"GBs": machine.copy.measure(share),
                                   **machine.copy.measure(share, workload["compulsory_bytes"])}
            message[name] = measure(machine, workload, tensors, name) or {"error": "not for this workload"}
        except Exception as error:  # pylint: disable=broad-except
            text = f"{type(error).__name__}: {error}".strip()
            message[name] = {"error": text[:600]}
            message["context_is_lost"] = is_lasting(error)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        message[name]["seconds"] = round(time.monotonic() - started, 2)
        answer(message)
        if message.get("context_is_lost"):
            return
    tensors = None
    machine.release()


def serve(options):
    # Libraries print what they like; the answers have the original standard output for themselves.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(message):
        output.write(json.dumps(message) + "\n")
        output.flush()

    def on_alarm(_signal, _frame):
        raise Timeout(f"took more than {options.item_limit:g} s")

    signal.signal(signal.SIGALRM, on_alarm)
    try:
        if options.cpu:
            import virtual_machine
            machine = virtual_machine.VirtualMachine(options)
        else:
            machine = Machine(options)
        answer({"machine": machine.describe()})
    except Exception as error:  # pylint: disable=broad-except
        answer({"error": f"{type(error).__name__}: {error}"})
        return
    for line in sys.stdin:
        answer_item(machine, json.loads(line), answer)
