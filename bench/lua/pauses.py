# SPDX-License-Identifier: MIT
"""What one collection costs, by the number of live objects: the longest time a program can stand still for the collector.

The same program is run with and without twenty extra collections; the difference is theirs. Sweeping is lazy when a program
allocates, so a pause is the marking alone; what is measured here marks and sweeps.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import munition
from bench.lua.contenders import Metered, Runner
from bench.lua.programs import ALLOCATION, Program

_NAME: Final = "full_collections"
_COLLECTIONS: Final = 20
_COUNTS: Final = (1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Pause:
    """Milliseconds of one full collection with `count` live tables and as many strings; `memory` is the peak in bytes."""

    count: int
    ours: float
    reference: float
    memory: int


def measure_pauses(reference: Runner, rounds: int) -> list[Pause]:
    """Medians over the rounds, ours and the reference in turn."""
    module = munition.compile(Program(_NAME, ALLOCATION, ()).path.read_bytes(), name=f"{_NAME}.lua")
    metered = Metered({_NAME: module})
    out: list[Pause] = []
    for count in _COUNTS:
        times = [(_one(metered.run, count), _one(reference, count)) for _ in range(rounds)]
        ours, theirs = (statistics.median(side) for side in zip(*times, strict=True))
        out.append(Pause(count, ours, theirs, metered.peak_memory[_NAME]))
    return out


def _one(run: Runner, count: int) -> float:
    with_them, without = (run(Program(_NAME, ALLOCATION, (count, n))).seconds for n in (_COLLECTIONS, 0))
    return 1000 * max(0.0, with_them - without) / _COLLECTIONS


def pauses_table(pauses: Sequence[Pause]) -> str:
    """As Markdown."""
    lines = [
        "| live tables, and as many strings | memory MiB | one full collection ms | PUC-Lua 5.4 ms |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {p.count:,} | {p.memory / (1 << 20):.1f} | {p.ours:.2f} | {p.reference:.2f} |" for p in pauses
    ]
    return "\n".join(lines)
