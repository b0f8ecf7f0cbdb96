"""The table: rows as measured, gaps, and a plain word where a peer did better."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import version
from pathlib import Path

from solver.params import VERSION

CLOSE = 1e-4
PACKAGES = ("ortools", "highspy", "scipy", "numpy", "matching")


def get_gap(result):
    """The largest gap over the levels; None where a level has no bound."""
    gaps = []
    for value, bound in zip(list_values(result), list_bounds(result), strict=True):
        if value is None or bound is None:
            return None
        gaps.append(abs(bound - value) / max(1, abs(value)))
    return max(gaps, default=None)


def list_values(result):
    return result.get("values", [result.get("value")])


def list_bounds(result):
    return result.get("bounds", [result.get("bound")])


def _praise_value(result, others):
    """What a better value is worth: nothing where we reach it in less time when asked for all of it."""
    for each in others:
        if list_values(each)[0] == list_values(result)[0] and each["seconds"] < result["seconds"]:
            return f"better value; exactly, this solver has it after {each['seconds']:.1f} s"
    return "**wins: better value**"


def find_remark(row, rows):
    """Where this row is a peer's and beats ours on the same instance; only first levels compare."""
    result = row["result"]
    if row["runner"].startswith(("this solver", "adviser")) or "error" in result:
        return result.get("error", "")
    all_ours = [
        r["result"]
        for r in rows
        if r["instance"] == row["instance"]
        and r["runner"].startswith("this solver")
        and "error" not in r["result"]
    ]
    value = list_values(result)[0]
    if not all_ours:
        return ""
    ours = all_ours[0]
    if value is None:
        faster = "the relaxation alone is faster" if result["seconds"] < ours["seconds"] else ""
        return faster if row["runner"] == "HiGHS LP" else "found no plan"
    best = list_values(ours)[0]
    if best is None or value > best:
        return _praise_value(result, all_ours[1:])
    gap = get_gap(result)
    if (
        result["seconds"] < ours["seconds"]
        and gap is not None
        and gap <= CLOSE
        and value >= best * (1 - CLOSE)
    ):
        return "**wins: faster to the same gap**"
    return ""


def show(number):
    return "-" if number is None else f"{number:,}"


def show_seconds(seconds):
    return f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.5f}"


def write_row(row, rows):
    result = row["result"]
    if "error" in result:
        return f"| {row['instance']} | {row['runner']} | - | - | - | - | - | {row['load']:.1f} | {result['error']} |"
    values, bounds = list_values(result), list_bounds(result)
    gap = get_gap(result)
    if values == [None] and bounds == [None]:
        value = bound = "-"
    elif len(values) > 2:
        value, bound = (
            f"{len(values)} levels",
            f"{sum(v == b for v, b in zip(values, bounds, strict=True))} proven",
        )
    else:
        value, bound = ", ".join(map(show, values)), ", ".join(map(show, bounds))
    notes = [find_remark(row, rows), result.get("note", "")]
    if result.get("blocking") is not None:
        notes.append(f"{result['blocking']} blocking")
    if result.get("violations"):
        notes.append(f"**{result['violations']} violations**")
    notes.append("cut by the limit" if result.get("cut") else "")
    shown = "-" if gap is None else f"{gap:.1e}" if gap else "0"
    remark = "; ".join(note for note in notes if note)
    return (
        f"| {row['instance']} | {row['runner']} | {show_seconds(result['seconds'])} | {value} | {bound} | {shown} "
        f"| {result['peak_mib']:,} | {row['load']:.1f} | {remark} |"
    )


def write_table(rows, command, load):
    """The whole page as Markdown."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Benchmarks",
        "",
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, `{command}`. {get_machine()}; load when it began {load:.1f}.",
        f"Solver version {VERSION}, Python {platform.python_version()}, {versions}.",
        "",
        "Every row is a process of its own, one after another, instances drawn from fixed seeds (synthetic). Seconds are",
        "wall time from the parsed problem to the finished plan, model building included; imports and reading left out,",
        "for peers alike. Peers stop at a gap of 1e-4 or their limit; gap is |bound - value| / max(1, |value|), the",
        "largest over all levels. Load is the machine's when the row began: above 1 the row shared its cores. Peers of nights solve the first level only; for rounds they serve the most.",
        "",
        "| instance | who | seconds | value | bound | gap | MiB | load | remark |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|",
        *(write_row(row, rows) for row in rows),
        "",
    ]
    return "\n".join(lines)


def get_machine():
    names = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    return f"{os.cpu_count()} x {names[0] if names else platform.machine()}, {platform.system()}"
