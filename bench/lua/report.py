# SPDX-License-Identifier: MIT
"""The table, the plot, the JSON and one line of history of a run of the Lua benchmark."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.lua.contenders import OURS, REFERENCE, Contender
from bench.lua.measure import Row, geometric_mean, group_means
from bench.lua.programs import OVERALL_TARGET, TARGETS, WORST_TARGET
from bench.report import RESULTS


@dataclass(frozen=True, slots=True)
class Sizes:
    """What one program costs besides time: seconds of compiling, bytes of module, bytes of memory, units of fuel."""

    compile: float
    module: int
    memory: int
    fuel: int


def table(rows: Sequence[Row], contenders: Sequence[Contender], sizes: Mapping[str, Sizes]) -> str:
    """Everything as Markdown."""
    others = [c.name for c in contenders if c.run is not None and c.name != REFERENCE]
    head = [
        "program",
        "group",
        f"{REFERENCE} ms",
        *others,
        "range",
        "compile ms",
        "module",
        "memory MiB",
        "Mfuel",
    ]
    lines = [_line(head), _line(["---"] * len(head))]
    for row in rows:
        name, size = row.program.name, sizes[row.program.name]
        low, high = row.span(OURS)
        lines.append(
            _line(
                [
                    name,
                    row.program.group,
                    f"{1000 * min(row.seconds[REFERENCE]):.0f}",
                    *(f"{row.ratio(other):.2f}" for other in others),
                    f"{low:.2f}-{high:.2f}",
                    f"{1000 * size.compile:.0f}",
                    f"{size.module:,}",
                    f"{size.memory / (1 << 20):.1f}",
                    f"{size.fuel / 1e6:.0f}",
                ]
            )
        )
    means = [f"**{geometric_mean([row.ratio(other) for row in rows]):.2f}**" for other in others]
    lines += [_line(["**geometric mean**", "", "", *means, *[""] * 5]), "", *_groups(rows)]
    lines += ["", *(f"- {c.name}: {c.note}" for c in contenders)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _groups(rows: Sequence[Row]) -> list[str]:
    lines = [_line(["group", "geometric mean", "target", ""]), _line(["---"] * 4)]
    for group, mean in group_means(rows).items():
        lines.append(_target(group, mean, TARGETS[group]))
    lines.append(_target("all", geometric_mean([row.ratio(OURS) for row in rows]), OVERALL_TARGET))
    worst = max(rows, key=lambda row: row.ratio(OURS))
    lines.append(_target(f"slowest ({worst.program.name})", worst.ratio(OURS), WORST_TARGET))
    return lines


def _target(name: str, value: float, target: float) -> str:
    return _line([name, f"{value:.2f}", f"<= {target:.2f}", "met" if value <= target else "MISSED"])


def save(rows: Sequence[Row], sizes: Mapping[str, Sizes], text: str, around: Mapping[str, Any]) -> Path:
    """Write `lua.md`, `lua.json` and `lua.svg`, and add a line to `lua-history.jsonl`."""
    RESULTS.mkdir(exist_ok=True)
    head = f"{around['date']}, {around['platform']}, {around['cores']} cores, load {around['load']}"
    intro = f"CPU time relative to {REFERENCE} = 1.00 (smaller is faster), medians of {len(rows[0].seconds[OURS])} rounds."
    (RESULTS / "lua.md").write_text(f"# Lua benchmark\n\n{head}\n\n{intro}\n\n{text}\n", "utf-8")
    data = {
        "schema": "munition-bench-lua/1",
        **around,
        "rows": [
            {
                "program": row.program.name,
                "group": row.program.group,
                "arguments": row.program.arguments,
                "seconds": row.seconds,
                "compile": sizes[row.program.name].compile,
                "module": sizes[row.program.name].module,
                "memory": sizes[row.program.name].memory,
                "fuel": sizes[row.program.name].fuel,
            }
            for row in rows
        ],
    }
    (RESULTS / "lua.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    history = {
        "date": around["date"],
        "commit": around["commit"],
        "load": around["load"],
        "all": round(geometric_mean([row.ratio(OURS) for row in rows]), 3),
        "programs": {row.program.name: round(row.ratio(OURS), 3) for row in rows},
    }
    with (RESULTS / "lua-history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(history) + "\n")
    _plot(rows, head)
    return RESULTS


def _plot(rows: Sequence[Row], head: str) -> None:
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        return
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "munition"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 7))
    names = [name for name in rows[0].seconds if name != REFERENCE]
    height = 0.8 / len(names)
    for k, name in enumerate(names):
        places = [i + k * height for i in range(len(rows))]
        axes.barh(places, [row.ratio(name) for row in rows], height=height, label=name)
    axes.axvline(1, color="#555555", linewidth=1)
    axes.set_yticks([i + 0.4 for i in range(len(rows))], [row.program.name for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel(f"CPU time, {REFERENCE} = 1 (smaller is faster)")
    axes.set_title(head, fontsize=8)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(RESULTS / "lua.svg", metadata={"Date": None})
