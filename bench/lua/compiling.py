# SPDX-License-Identifier: MIT
"""What compiling costs from nothing: user and system time of whole `munition compile` processes, and what they write."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final

from bench.suites.compile import HELLO, long_script, module_size, process_cpu

_LINES: Final = {1_000: 600.0, 10_000: 6_000.0}
"""Lengths of scripts, and how many milliseconds they may take."""

_HELLO_MS: Final = 250.0
_HELLO_BYTES: Final = 16 << 10


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table: every round's amount, in the unit that `what` names, and the target of their median."""

    what: str
    amounts: tuple[float, ...]
    target: float


def measure_compiling(rounds: int) -> list[Measured]:
    """A hello script and long ones, all in turn in each round."""
    scripts = {"hello, CPU ms of the process": (HELLO, _HELLO_MS)} | {
        f"{lines:,} lines, CPU ms of the process": (long_script(lines), target)
        for lines, target in _LINES.items()
    }
    amounts: dict[str, list[float]] = {what: [] for what in scripts}
    for _ in range(rounds):
        for what, (script, _target) in scripts.items():
            amounts[what].append(process_cpu(script))
    times = [Measured(what, tuple(amounts[what]), target) for what, (_script, target) in scripts.items()]
    return [*times, Measured("hello, bytes of the module", (float(module_size(HELLO)),), _HELLO_BYTES)]


def compiling_table(measured: list[Measured]) -> str:
    """As Markdown."""
    lines = ["| compiling | median | best | target |  |", "| --- | --- | --- | --- | --- |"]
    for row in measured:
        middle = statistics.median(row.amounts)
        verdict = "met" if middle <= row.target else "MISSED"
        lines.append(
            f"| {row.what} | {middle:,.0f} | {min(row.amounts):,.0f} | <= {row.target:,.0f} | {verdict} |"
        )
    return "\n".join(lines)
