"""Times on the GPU: cold caches, the host out of the way, medians with their noise."""

import math
import time

# Waiting in a kernel before the first launch, the host queues all of a sample's launches.
# In cycles; the clock of any GPU is below this.
CYCLES_PER_MICROSECOND = 2200
MOST_QUEUED = 128  # launches; the driver's queue holds about 1000 kernels, and a call may be several


def summarize(samples):
    """The median and its noise, by order statistics, as poolc-run --bench has them: whatever the
    distribution, the median of n samples is within 0.98 sqrt(n) ranks with 95 % confidence."""
    ordered = sorted(samples)
    count = len(ordered)

    def at(rank):
        return ordered[int(min(max(rank, 0), count - 1))]

    median = (at((count - 1) / 2) + at(count / 2)) / 2
    reach = 0.98 * math.sqrt(count)
    width = at(math.ceil(count / 2 + reach)) - at(math.floor(count / 2 - reach))
    return median, width / 2 / median if median else 0


def buffer_sets(footprint_bytes, l2_bytes, most=512):
    """How many copies of the tensors to rotate so that each launch finds nothing of them in the L2."""
    if footprint_bytes >= 32 * l2_bytes:
        return 1
    return min(most, max(2, math.ceil(4 * l2_bytes / max(footprint_bytes, 1))))


class Timer:
    """Times `run(i)`, where i counts the launches so that they can rotate among sets of buffers.

    Launches run back to back, so that each also pays for writing back what the one before it left in
    the L2: the steady state of repeated launches.
    """

    def __init__(self, torch, time_limit=0.3, noise=0.005, least=7, most=400):
        self.torch = torch
        self.time_limit, self.noise, self.least, self.most = time_limit, noise, least, most

    def sample(self, run, first, count, wait_us):
        cuda = self.torch.cuda
        begin, end = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
        cuda._sleep(int(wait_us * CYCLES_PER_MICROSECOND))
        begin.record()
        start = time.perf_counter()
        for i in range(first, first + count):
            run(i)
        host_us = (time.perf_counter() - start) * 1e6
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) * 1e3 / count, host_us / count

    def measure(self, run, sets=1):
        """{"us", "noise", "samples", "launches_per_sample"}"""
        for i in range(max(2, min(sets, 4))):
            run(i)
        self.torch.cuda.synchronize()
        estimate, host = self.sample(run, 0, 3, 500)
        estimate, host = self.sample(run, 3, 3, 20 + 4 * host)
        count = max(1, min(MOST_QUEUED, math.ceil(1000 / max(estimate, 0.5))))
        samples, done, start = [], 6, time.perf_counter()
        median = noise = None
        while len(samples) < self.most:
            # Where the GPU is slower than the host, only the first launches have to be queued.
            wait = 20 + 1.5 * host * (count if estimate < 2 * host else min(count, 3))
            us, host = self.sample(run, done, count, wait)
            done += count
            samples.append(us)
            if len(samples) < self.least:
                if time.perf_counter() - start < 4 * self.time_limit:
                    continue
            median, noise = summarize(samples)
            if noise < self.noise or time.perf_counter() - start > self.time_limit:
                break
        return {"us": median, "noise": noise, "samples": len(samples), "launches_per_sample": count}
