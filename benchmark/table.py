"""The table of what kernels do on the virtual GPU."""

import statistics

COLUMNS = (  # heading, figure or function of (figures, baseline), format
    ("regs", "registers", "{:d}"),
    ("spill", "spill_bytes", "{:d}"),
    ("DRAM/B", lambda f, b: f["dram_bytes"] / f["bytes"], "{:.3f}"),
    ("L2/B", lambda f, b: 32 * f["l2_sectors"] / f["bytes"], "{:.2f}"),
    ("L1/B", lambda f, b: 32 * f["l1_sectors"] / f["bytes"], "{:.2f}"),
    ("blk/in", lambda f, b: f["block_sectors"] / f["input_sectors"], "{:.2f}"),
    ("cnfl%", lambda f, b: 100 * f["conflicts"] / f["shared_requests"] if f["shared_requests"] else 0.0, "{:.1f}"),
    ("ld/base", lambda f, b: f["load_requests"] / b["load_requests"], "{:.2f}"),
    ("occ%", "occupancy_pct", "{:.0f}"),
    ("issue%", "issue_pct", "{:.0f}"),
    ("pipe%", lambda f, b: f"{f['pipe']} {f['pipe_pct']:.0f}", "{}"),
    ("us", "time_us", "{:.2f}"),
    ("floor", "floor_us", "{:.2f}"),
    ("t/floor", lambda f, b: f["time_us"] / f["floor_us"], "{:.2f}"),
    ("base/fl", lambda f, b: b["time_us"] / f["floor_us"], "{:.2f}"),
    ("pred/us", lambda f, b: f["predicted_us"] / f["time_us"], "{:.2f}"),
    ("us/gpu", lambda f, b: f["time_us"] / f["measured_us"], "{:.2f}"),
    ("limiter", "limiter", "{}"),
)


def ranks(values):
    """Places from 0 on; equal values share the mean of theirs."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) - 1) / 2 for value in values]


def rank_correlation(left, right):
    """Spearman's: 1 where both are in the same order."""
    mean = (len(left) - 1) / 2
    pairs = [(a - mean, b - mean) for a, b in zip(ranks(left), ranks(right))]
    spread = sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs)
    return sum(a * b for a, b in pairs) / spread**0.5 if spread else 0.0


def agreement(results, left, right):
    """How one kind of times compares with another over the workloads; None for too few."""
    times = [(figures[left], figures[right]) for figures in (result["figures"] for result in results)
             if figures.get(left) and figures.get(right)]
    if len(times) < 3:
        return None
    errors = [abs(a / b - 1) for a, b in times]
    return {"workloads": len(times), "rank_correlation": rank_correlation(*zip(*times)),
            "median_error": statistics.median(errors)}


def cells(result):
    figures, baseline = result["figures"], result["baseline"]
    found = []
    for _, what, form in COLUMNS:
        try:
            value = what(figures, baseline) if callable(what) else figures[what]
            found.append("" if value is None else form.format(value))
        except (KeyError, TypeError, ZeroDivisionError):
            found.append("")
    return found


def header():
    return [heading for heading, _, _ in COLUMNS]


def widths(workloads):
    """Of the name, and of each column, so that lines can be printed as they come."""
    name = max([len(workload["name"]) for workload in workloads] + [8])
    return [name] + [max(len(heading), 9 if heading in ("us", "floor", "pipe%") else 7) for heading in header()]


def line(sizes, name, values, last):
    return "  ".join([name.ljust(sizes[0])] + [value.rjust(size) for value, size in zip(values, sizes[1:])] + [last])


def markdown(results):
    """The same for docs/benchmarks.md."""
    lines = ["| " + " | ".join(["workload", *header(), "bounds"]) + " |", "|---" + "|---:" * len(COLUMNS) + "|---|"]
    for result in results:
        lines.append("| " + " | ".join([result["workload"]["name"], *cells(result), result.get("bounds", "")]) + " |")
    return "\n".join(lines) + "\n"
