# SPDX-License-Identifier: MIT
"""What `make bench` leaves: a table on the terminal, and JSON, Markdown and a plot under bench/results."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.harness import Result

RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("munition", "wasmtime", "extism", "extism-sys", "lupa", "lark")


def circumstances() -> dict[str, Any]:
    """What has to be known to compare two reports."""
    versions: dict[str, str] = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "versions": versions,
    }


def table(results: list[Result]) -> str:
    """The rows as Markdown."""
    lines = [
        "| case | against | result | range | target | |",
        "|---|---|---|---|---|---|",
    ]
    for row in results:
        compared = row.ours is not None
        form = "{:.1f}x" if compared else "{:,.0f}"
        target = "" if row.target is None else (">= {:g}x" if compared else "< {:,.0f}").format(row.target)
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        span = f"{form.format(row.low)} to {form.format(row.high)}"
        lines.append(
            f"| {row.name} | {row.against} | {form.format(row.value)} | {span} | {target} | {verdict} |"
        )
    return "\n".join(lines)


def save(results: list[Result], around: dict[str, Any]) -> Path:
    """Write `latest.json`, `latest.md` and `latest.svg`; return the folder."""
    RESULTS.mkdir(exist_ok=True)
    data = {"schema": "munition-bench/1", **around, "results": [asdict(row) for row in results]}
    (RESULTS / "latest.json").write_text(json.dumps(data, indent=1) + "\n")
    head = f"{around['date']}, {around['python']}, {around['platform']}, {around['cores']} cores, load {around['load']}"
    versions = ", ".join(f"{name} {version}" for name, version in around["versions"].items())
    (RESULTS / "latest.md").write_text(f"# Benchmarks\n\n{head}; {versions}.\n\n{table(results)}\n")
    _plot([row for row in results if row.ours is not None], head)
    return RESULTS


def _plot(rows: list[Result], head: str) -> None:
    if not rows:
        return
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 1.2 + 0.6 * len(rows)))
    places = range(len(rows))
    axes.barh(places, [row.value for row in rows], color="#4c72b0")
    for place, row in zip(places, rows, strict=True):
        axes.plot([row.low, row.high], [place, place], color="#333333", linewidth=1)
        if row.target is not None:
            axes.plot([row.target] * 2, [place - 0.4, place + 0.4], color="#c44e52", linewidth=2)
    axes.set_yticks(places, [f"{row.name}\nagainst {row.against}" for row in rows], fontsize=8)
    axes.axvline(1, color="#999999", linewidth=1)
    axes.invert_yaxis()
    axes.set_xlabel("times faster (red: target; line: range over the rounds)")
    axes.set_title(head, fontsize=8)
    figure.tight_layout()
    figure.savefig(RESULTS / "latest.svg", metadata={"Date": None})
