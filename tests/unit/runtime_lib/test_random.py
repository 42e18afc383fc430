# SPDX-License-Identifier: MIT
"""math.random without and with entropy from the host, and the imports that this takes."""

from __future__ import annotations

import pytest

import munition
from munition.engine.outcome import Outcome

DRAW = b"local t = {} for i = 1, 8 do t[i] = math.random(0) end return table.concat(t, ' ')"


def values(source: bytes, caps: str = "", seed: int | None = None) -> tuple[object, ...]:
    outcome: Outcome = munition.fire(munition.compile(source, caps), capabilities=caps, seed=seed)
    assert outcome.ok, outcome.crash
    return outcome.values


def test_without_entropy_every_run_draws_the_same() -> None:
    assert values(DRAW) == values(DRAW)
    assert values(DRAW) == values(b"math.randomseed(0) " + DRAW)
    assert values(DRAW) == values(b"math.random(5) math.randomseed() " + DRAW)


def test_with_entropy_runs_differ_unless_the_host_repeats_itself() -> None:
    assert values(DRAW, "random", seed=1) == values(DRAW, "random", seed=1)
    assert values(DRAW, "random", seed=1) != values(DRAW, "random", seed=2)
    assert values(DRAW, "random") != values(DRAW, "random")


def test_reseeding_takes_fresh_entropy_and_returns_it() -> None:
    source = b"local a, b = math.randomseed() local x = math.random(0) math.randomseed(a, b) return x == math.random(0)"
    assert values(source, "random") == (True,)
    assert values(source) == (True,)


def test_a_given_seed_needs_no_entropy() -> None:
    seeded = b"math.randomseed(42) " + DRAW
    assert values(seeded) == values(seeded, "random")


IMPORTS = [
    (DRAW, "", set[str]()),
    (DRAW, "random", {"random"}),
    (b"return math.randomseed(1)", "random", {"random"}),
    (b"return math.floor(1.5)", "random", set[str]()),
    (b"return ('x'):rep(3)", "random,time,log", set[str]()),
    (b"return os.time { year = 2024, month = 1, day = 1 }", "time", {"time"}),
    (b"return os.difftime(1, 2)", "time", set[str]()),
    (b"io.write('x')", "log", {"log"}),
]


@pytest.mark.parametrize(("source", "caps", "needed"), IMPORTS)
def test_only_what_is_used_is_imported(source: bytes, caps: str, needed: set[str]) -> None:
    assert munition.infer_capabilities(munition.compile(source, caps)) == needed
