# SPDX-License-Identifier: MIT
"""How a benchmark is described and measured: contenders interleaved round by round, ratios inside each round.

Absolute times on a shared machine mean little; the ratio of two contenders measured back to back means something, and the
median of many such ratios means most. Each round runs every contender once (a batch of calls), in an order that rotates.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Body = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """munition against others on one piece of work.

    Attributes:
        name: what is done.
        ours: munition's way.
        peers: the others' ways, by name.
        targets: for a peer, how many times faster than it ours has to be.
        note: what a reader has to know about it.
    """

    name: str
    ours: Body
    peers: dict[str, Body]
    targets: dict[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """One number that has to stay below a bound: bytes, or milliseconds of CPU.

    Attributes:
        name: what it is.
        unit: of the number and the bound.
        measure: gives the number.
        bound: what it has to stay below.
        rounds: how often it is taken; the median counts.
    """

    name: str
    unit: str
    measure: Callable[[], float]
    bound: float
    rounds: int = 1


Case = Comparison | Amount


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the report.

    Attributes:
        name: of the case.
        against: the peer, or the unit of an amount.
        value: how many times faster ours is, or the amount.
        low: the smallest of the rounds.
        high: the largest.
        target: what was asked, or None.
        met: whether it was reached; None without a target.
        ours: seconds of one call of ours (median), for a comparison.
        theirs: the same of the peer.
        cpu: the same ratio by CPU time of the process, for a comparison.
        note: of the case.
    """

    name: str
    against: str
    value: float
    low: float
    high: float
    target: float | None
    met: bool | None
    ours: float | None = None
    theirs: float | None = None
    cpu: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Sample:
    wall: float
    cpu: float


def measure(case: Case, rounds: int, seconds: float) -> list[Result]:
    """Run one case; `seconds` is about how long one contender runs in one round."""
    return _amount(case) if isinstance(case, Amount) else _comparison(case, rounds, seconds)


def _amount(case: Amount) -> list[Result]:
    values = [case.measure() for _ in range(case.rounds)]
    value = statistics.median(values)
    return [Result(case.name, case.unit, value, min(values), max(values), case.bound, value < case.bound)]


def _comparison(case: Comparison, rounds: int, seconds: float) -> list[Result]:
    bodies = {"munition": case.ours, **case.peers}
    batches = {name: _batch(body, seconds) for name, body in bodies.items()}
    samples: dict[str, list[_Sample]] = {name: [] for name in bodies}
    names = list(bodies)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            samples[name].append(_sample(bodies[name], batches[name]))
    return [_result(case, peer, samples["munition"], samples[peer]) for peer in case.peers]


def _batch(body: Body, seconds: float) -> int:
    """How many calls fill `seconds`; warms the contender up on the way."""
    body()
    count = 1
    while True:
        taken = _sample(body, count).wall * count
        if taken > seconds / 4 or count >= 1 << 20:
            return max(1, int(count * seconds / max(taken, 1e-9)))
        count *= 4


def _sample(body: Body, count: int) -> _Sample:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count):
        body()
    return _Sample((time.perf_counter() - wall) / count, (time.process_time() - cpu) / count)


def _result(case: Comparison, peer: str, ours: list[_Sample], theirs: list[_Sample]) -> Result:
    ratios = [b.wall / a.wall for a, b in zip(ours, theirs, strict=True)]
    by_cpu = statistics.median(b.cpu / max(a.cpu, 1e-9) for a, b in zip(ours, theirs, strict=True))
    value, target = statistics.median(ratios), case.targets.get(peer)
    return Result(
        case.name,
        peer,
        value,
        min(ratios),
        max(ratios),
        target,
        None if target is None else value >= target,
        statistics.median(s.wall for s in ours),
        statistics.median(s.wall for s in theirs),
        by_cpu,
        case.note,
    )
