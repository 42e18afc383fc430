# SPDX-License-Identifier: MIT
"""All contenders on all programs, interleaved round by round; ratios are taken inside a round."""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import munition
from bench.lua.contenders import OURS, REFERENCE, Contender
from bench.lua.programs import PROGRAMS, TARGETS, Program


@dataclass(frozen=True, slots=True)
class Row:
    """What one program gave.

    Attributes:
        program: which.
        seconds: CPU seconds per contender, one for each round.
    """

    program: Program
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def ratio(self, name: str) -> float:
        """Median over the rounds of the CPU time relative to the reference in the same round."""
        return statistics.median(self._ratios(name))

    def span(self, name: str) -> tuple[float, float]:
        """The smallest and the largest of these ratios."""
        ratios = self._ratios(name)
        return min(ratios), max(ratios)

    def _ratios(self, name: str) -> list[float]:
        return [a / b for a, b in zip(self.seconds[name], self.seconds[REFERENCE], strict=True)]


class DifferentResultError(Exception):
    """Two contenders do not agree on what a program returns."""


def compile_all(programs: Sequence[Program]) -> tuple[dict[str, munition.Module], dict[str, float]]:
    """The modules, and the CPU seconds each took to compile (not counting the start of the compiler)."""
    modules: dict[str, munition.Module] = {}
    seconds: dict[str, float] = {}
    munition.compile("return 1")
    for program in programs:
        started = time.process_time()
        modules[program.name] = munition.compile(program.path.read_bytes(), name=program.path.name)
        seconds[program.name] = time.process_time() - started
    return modules, seconds


def measure(programs: Sequence[Program], contenders: Sequence[Contender], rounds: int) -> list[Row]:
    """Run everything `rounds` times, after one run of ours that warms up and is not counted.

    Raises:
        DifferentResultError: a contender returned something else than the reference.
    """
    rows = [Row(program) for program in programs]
    present = [(c.name, c.run) for c in contenders if c.run is not None]
    for turn in range(-1, rounds):
        for row in rows:
            results: dict[str, str] = {}
            order = present[turn % len(present) :] + present[: turn % len(present)]
            for name, run in order:
                done = run(row.program)
                results[name] = done.result
                if turn >= 0:
                    row.seconds.setdefault(name, []).append(done.seconds)
            if len(set(results.values())) != 1:
                raise DifferentResultError(f"{row.program.name}: {results}")
        print(f"... round {turn + 1} of {rounds}", file=sys.stderr, flush=True)
    return rows


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean."""
    return math.exp(statistics.fmean(map(math.log, values)))


def group_means(rows: Sequence[Row], name: str = OURS) -> dict[str, float]:
    """The geometric mean of every group that was run."""
    return {
        group: geometric_mean([row.ratio(name) for row in rows if row.program.group == group])
        for group in TARGETS
        if any(row.program.group == group for row in rows)
    }


def chosen(only: str) -> list[Program]:
    """The programs whose name holds one of the comma-separated texts."""
    return [p for p in PROGRAMS if any(text in p.name for text in only.split(","))]
