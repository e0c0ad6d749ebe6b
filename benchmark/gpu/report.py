#!/usr/bin/env python3
"""The table of what was measured. As a program: report.py MANIFEST MEASURED... prints a short one for the
documentation; of several files, later ones replace what earlier ones have of a workload."""

import json
import os
import sys

import judging

CRITERIA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "criteria.json")

FRAMEWORKS = ("eager", "compile", "triton", "causal_conv1d")
# Below this a result is not what the workload says, whatever the rounding.
LOOSE = 1e-2


def verdict(figures):
    check = figures.get("check")
    if not check:
        return ""
    if check["passed"]:
        return f", right ({check['largest_fraction_of_bound']:.2f} of the bound)"
    return f", {check['failed']} of {check['compared']} elements beyond the bound"


def time_of(entry, name):
    figures = entry.get(name) or {}
    return figures.get("us")


def fastest_peer(entry):
    """(name, microseconds) of the fastest peer whose result is the workload's, or None."""
    found = [(entry[name]["us"], name) for name in FRAMEWORKS if time_of(entry, name)
             and entry[name].get("check", {}).get("relative_error", 0) < LOOSE]
    return (min(found)[1], min(found)[0]) if found else None


def bounds(criteria, workload, entry, l2_bytes):
    """Which bounds on the time hold, for a kernel that was measured."""
    us, peer = time_of(entry, "poolc"), fastest_peer(entry)
    if us is None:
        return ""
    figures = {"time_us": us, "GBs": workload["compulsory_bytes"] / us * 1e-3, "l2_bytes": l2_bytes,
               "copy_GBs": (entry.get("copy") or {}).get("GBs"), "peer_us": peer and peer[1],
               "bytes": workload["compulsory_bytes"], "memory_us": workload.get("memory_us"),
               "compute_us": workload.get("compute_us"), "right": entry["poolc"]["check"]["passed"]}
    return judging.summary(judging.judge(criteria, workload, figures))


def cell(value, form="{:.1f}"):
    return "" if value is None else form.format(value)


def row(workload, entry, criteria=(), l2_bytes=None):
    us = time_of(entry, "poolc")
    copy = entry.get("copy") or {}
    floor = workload.get("floor_us")
    cells = [workload["name"], f"{workload['compulsory_bytes'] / 1e6:.1f}", cell(us, "{:.2f}"),
             cell(us and entry["poolc"]["noise"] * 100, "{:.2f}")]
    rate = us and workload["compulsory_bytes"] / us * 1e-3
    cells += [cell(rate, "{:.0f}"), cell(rate and copy.get("GBs") and 100 * rate / copy["GBs"]),
              cell(us and copy.get("us") and 100 * copy["us"] / us),
              cell(us and workload["operations"] / us * 1e-6, "{:.1f}"),
              cell(us and floor and us / floor, "{:.2f}")]
    for name in FRAMEWORKS[:3]:
        cells.append(cell(time_of(entry, name), "{:.2f}"))
    peer = fastest_peer(entry)
    cells.append(f"{peer[1] / us:.2f} ({peer[0]})" if peer and us else "")
    figures = entry.get("poolc") or {}
    if "error" in figures:
        cells.append(figures["error"].replace("|", "/").replace("\n", " ")[:80])
    elif "check" in figures:
        cells.append("right" if figures["check"]["passed"] else f"WRONG ({figures['check']['failed']})")
    else:
        cells.append("")
    cells.append(f"{figures['registers']}/{figures['local_bytes']}" if "registers" in figures else "")
    cells.append(bounds(criteria, workload, entry, l2_bytes))
    return "| " + " | ".join(cells) + " |"


HEAD = ("workload", "MB", "poolc us", "noise %", "GB/s", "% of copy", "% of copy of that size", "TFLOP/s",
        "time / floor", "eager us", "compile us", "triton us", "fastest peer / poolc", "check",
        "registers / local bytes", "bounds")


def markdown(workloads, data):
    machine, kernels = data["machine"], data["kernels"]
    criteria = judging.load(CRITERIA)["on_a_gpu"] if os.path.exists(CRITERIA) else []
    lines = [", ".join(f"{key} {value}" for key, value in machine.items()),
             f"kernels: {', '.join(f'{key} {value}' for key, value in kernels.items())}", ""]
    for op, title in (("avg_pool2d", "Pooling"), ("conv1d", "Convolution")):
        chosen = [workload for workload in workloads
                  if workload["op"] == op and data["workloads"].get(workload["name"])]
        if not chosen:
            continue
        lines += [f"### {title}", "", "| " + " | ".join(HEAD) + " |",
                  "|---" + "|---:" * (len(HEAD) - 1) + "|"]
        lines += [row(workload, data["workloads"][workload["name"]], criteria, machine.get("l2_bytes")) for workload in chosen]
        lines.append("")
    return "\n".join(lines)


def summary(workloads, data):
    """A few lines: what is wrong, what is slower than a peer, what the memory-bound ones reach."""
    lines = []
    for op, title in (("avg_pool2d", "pooling"), ("conv1d", "convolution")):
        entries = [(workload, data["workloads"][workload["name"]]) for workload in workloads
                   if workload["op"] == op and time_of(data["workloads"].get(workload["name"], {}), "poolc")]
        if not entries:
            continue
        wrong = [workload["name"] for workload, entry in entries if not entry["poolc"]["check"]["passed"]]
        slower, compared, shares, of_size = [], 0, [], []
        for workload, entry in entries:
            peer, us = fastest_peer(entry), time_of(entry, "poolc")
            compared += peer is not None
            if peer and peer[1] < us:
                slower.append((peer[1] / us, f"{workload['name']} {peer[1] / us:.2f} ({peer[0]})"))
            rate = (entry.get("copy") or {}).get("GBs")
            if rate and workload["compulsory_bytes"] > data["machine"].get("l2_bytes", 0) and \
                    workload.get("memory_us", 1) >= workload.get("compute_us", 0):
                shares.append((100 * workload["compulsory_bytes"] / us * 1e-3 / rate, workload["name"]))
                if entry["copy"].get("us"):
                    of_size.append((100 * entry["copy"]["us"] / us, workload["name"]))
        lines.append(f"{title}: {len(entries)} measured; wrong: {', '.join(wrong) or 'none'}")
        lines.append(f"  slower than the fastest peer: {len(slower)} of {compared}: "
                     + ", ".join(text for _, text in sorted(slower)))
        for title, found in (("rate", sorted(shares)), ("time for as many bytes", sorted(of_size))):
            if found:
                lines.append(f"  % of a copy's {title}, memory-bound and larger than the L2: median "
                             f"{found[len(found) // 2][0]:.1f}, " + ", ".join(f"{name} {share:.0f}" for share, name in found))
    failed = [f"{workload['name']} ({data['workloads'][workload['name']]['poolc']['error'][:60]})"
              for workload in workloads if "error" in data["workloads"].get(workload["name"], {}).get("poolc", {})]
    return "\n".join(lines + [f"failed: {', '.join(failed)}"] * bool(failed))


def short_row(workload, entry):
    us, peer = time_of(entry, "poolc"), fastest_peer(entry)
    rate = us and workload["compulsory_bytes"] / us * 1e-3
    copies = entry.get("copy") or {}
    copy = copies.get("GBs")
    right = (entry.get("poolc") or {}).get("check", {}).get("passed")
    cells = [workload["name"], cell(us, "{:.1f}"), cell(rate, "{:.0f}"), cell(rate and copy and 100 * rate / copy, "{:.0f}"),
             cell(us and copies.get("us") and 100 * copies["us"] / us, "{:.0f}"),
             cell(us and workload["operations"] / us * 1e-6), cell(time_of(entry, "eager")), cell(time_of(entry, "compile")),
             cell(time_of(entry, "triton")), cell(peer and us and peer[1] / us, "{:.2f}"),
             "" if right is None else "right" if right else "wrong"]
    return "| " + " | ".join(cells) + " |"


def short_tables(workloads, data):
    machine, lines = data["machine"], []
    lines.append(f"Measured on {machine['date']}: {machine['gpu']}, driver {machine.get('driver_version')}, PyTorch "
                 f"{machine['torch']}, cuDNN {machine.get('cudnn')}, {machine.get('clocks.sm')}; {data['kernels'].get('poolc')}. "
                 f"A copy runs at {machine.get('copy_GBs', 0):.0f} GB/s, reads alone at {machine.get('read_GBs', 0):.0f} GB/s.")
    for op, title in (("avg_pool2d", "pooling"), ("conv1d", "convolution")):
        lines += ["", f"| {title} | us | GB/s | % of copy | of that size | TFLOP/s | eager us | compile us | Triton us | peer / poolc | result |",
                  "|---" + "|---:" * 10 + "|"]
        lines += [short_row(workload, data["workloads"][workload["name"]]) for workload in workloads
                  if workload["op"] == op and time_of(data["workloads"].get(workload["name"], {}), "poolc")]
    return "\n".join(lines + [""])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        workloads = json.load(file)["workloads"]
    data = {"machine": {}, "kernels": {}, "workloads": {}}
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            later = json.load(file)
        data["machine"].update(later["machine"])
        data["kernels"].update(later["kernels"])
        for name, entry in later["workloads"].items():
            if "us" in entry.get("poolc", {}) or name not in data["workloads"]:
                data["workloads"].setdefault(name, {}).update(entry)
    print(short_tables(workloads, data), end="")
    print(summary(workloads, data), file=sys.stderr)


if __name__ == "__main__":
    main()
