"""What the GPU's memory gives: kernels that only read and write, in the mix of a workload."""

import ctypes

import cuda_driver

LOAD = "ld.global.nc.L1::no_allocate.v4.u32"


def ptx(reads, writes, threads, cache=""):
    """A kernel whose threads read and write so many vectors of 16 bytes each, all reads first.

    What was read is combined by exclusive or, so that no load is dropped; with nothing to write it is
    stored where it equals a number that it never equals in practice.
    """
    registers = [[f"%v{i}_{j}" for j in range(4)] for i in range(max(reads, 1))]
    body = [f".reg .b32 {', '.join(sum(registers, []))};",
            ".reg .b32 %t, %c; .reg .b64 %src, %dst, %a, %o; .reg .pred %p;",
            "mov.u32 %t, %tid.x;", "mov.u32 %c, %ctaid.x;",
            "ld.param.u64 %src, [source];", "ld.param.u64 %dst, [target];",
            f"mul.wide.u32 %a, %c, {reads * threads * 16};", f"mul.wide.u32 %o, %t, 16;",
            "add.u64 %a, %a, %o;", "add.u64 %src, %src, %a;",
            f"mul.wide.u32 %a, %c, {max(writes, 1) * threads * 16 if writes else 16};",
            "add.u64 %a, %a, %o;" if writes else "", "add.u64 %dst, %dst, %a;"]
    for i in range(reads):
        body.append(f"{LOAD} {{{', '.join(registers[i])}}}, [%src+{i * threads * 16}];")
    if not reads:
        body += [f"mov.u32 {name}, %t;" for name in registers[0]]
    for i in range(1, reads):
        body += [f"xor.b32 {a}, {a}, {b};" for a, b in zip(registers[0], registers[i])]
    store = f"st.global{cache}.v4.u32"
    value = f"{{{', '.join(registers[0])}}}"
    for i in range(writes):
        body.append(f"{store} [%dst+{i * threads * 16}], {value};")
    if not writes:
        body += [f"xor.b32 {registers[0][0]}, {registers[0][0]}, {registers[0][j]};" for j in (1, 2, 3)]
        body += [f"setp.eq.u32 %p, {registers[0][0]}, 0x9e3779b9;", f"@%p {store} [%dst], {value};"]
    text = "\n".join(f"  {line}" for line in body + ["ret;"] if line)
    return (f".version 7.4\n.target sm_80\n.address_size 64\n"
            f".visible .entry stream_copy(.param .u64 source, .param .u64 target)\n"
            f".maxntid {threads}, 1, 1\n{{\n{text}\n}}\n")


def mix(write_share, units):
    """Vectors that a thread reads and writes, for the share of bytes that are written."""
    writes = round(write_share * units)
    return units - writes, writes


def variants(write_share):
    """(reads, writes, threads, store) of the kernels to choose the fastest from."""
    seen = []
    whole = mix(write_share, 16)
    for units in (2, 4, 8, 16, 32):
        reads, writes = mix(write_share, units)
        # With few vectors per thread, only where they come to about the same mix.
        if abs(writes / units - whole[1] / 16) > 1 / 32:
            continue
        for threads in (128, 256, 512, 1024):
            if threads * units > 8192:
                continue
            for cache in ("", ".cs"):
                variant = (reads, writes, threads, cache if writes else "")
                if variant not in seen:
                    seen.append(variant)
    return seen


class StreamCopy:
    """Measures copies; remembers how fast the variants of each mix are."""

    def __init__(self, torch, driver, timer, bytes_=2 << 30):
        self.torch, self.driver, self.timer, self.bytes = torch, driver, timer, bytes_
        # Random contents; the same memory serves all sizes and mixes.
        self.source = torch.randint(-2**31, 2**31 - 1, (bytes_ // 4,), dtype=torch.int32, device="cuda")
        self.target = torch.empty_like(self.source)
        self.best = {}
        self.functions = {}

    def function(self, variant):
        if variant not in self.functions:
            module = self.driver.load(ptx(*variant))
            self.functions[variant] = self.driver.function(module, "stream_copy")
        return self.functions[variant]

    def runner(self, variant, bytes_):
        """(launch i of a copy that moves about so many bytes, bytes that it really moves, sets)."""
        reads, writes, threads, _ = variant
        blocks = max(1, min(bytes_, self.bytes) // ((reads + writes) * threads * 16))
        sizes = [max(blocks * n * threads * 16, blocks * 16) for n in (reads, writes)]
        sets = max(1, min(256, self.bytes // max(sizes)))
        function = self.function(variant)
        stream = self.torch.cuda.current_stream().cuda_stream
        parameters = [cuda_driver.pack_parameters([
            ctypes.c_uint64(self.source.data_ptr() + i * sizes[0]),
            ctypes.c_uint64(self.target.data_ptr() + i * sizes[1])]) for i in range(sets)]

        def run(i):
            self.driver.launch(function, (blocks, 1, 1), (threads, 1, 1), 0, parameters[i % sets], stream)

        return run, blocks * (reads + writes) * threads * 16, sets

    def measure(self, write_share, bytes_=None):
        """GB/s of a large copy of that mix, or {"us", "bytes", "variant"} of the fastest of so many bytes."""
        key = mix(write_share, 16), bytes_
        if key not in self.best:
            found = self.measure_variants(write_share, bytes_)
            if key == ((8, 8), None):
                found.append((self.torch_copy(),))
            self.best[key] = found
        if bytes_ is None:
            return max(entry[0] for entry in self.best[key])
        # Which kernel is the fastest depends on the size: fewer and larger blocks end less evenly.
        rate, us, moved, variant = max(self.best[key])
        return {"us": us * max(1, bytes_ / moved), "bytes": max(moved, bytes_), "variant": list(variant)}

    def measure_variants(self, write_share, bytes_):
        """[(GB/s, microseconds, bytes moved, variant)]"""
        found = []
        for variant in variants(write_share):
            run, moved, sets = self.runner(variant, bytes_ or self.bytes)
            us = self.timer.measure(run, sets)["us"]
            found.append((moved / us * 1e-3, us, moved, variant))
        return found

    def torch_copy(self):
        """GB/s of a copy by the framework, for comparison."""
        us = self.timer.measure(lambda i: self.target.copy_(self.source))["us"]
        return 2 * self.bytes / us * 1e-3
