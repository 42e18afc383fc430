# SPDX-License-Identifier: MIT
"""Fires, pools, faults and closes in any order: every fire ends as it must, and nothing is left behind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

import munition
from munition.engine.machine import machine
from munition.errors import UsageError

SCRIPT = b"""
function fine(x) seen = (seen or 0) + 1 return x, seen end
function fails() error("no") end
function burns() while true do end end
function says(x) print(x) return x end
"""
MODULE = munition.compile(SCRIPT, ["log"], name="machine.lua")
EXPECTED = {"fine": "ok", "fails": "guest_error", "burns": "fuel", "says": "ok"}
CALLS = st.sampled_from(sorted(EXPECTED))
ISOLATIONS = st.sampled_from(["process", "thread"])


def check(outcome: munition.Outcome, name: str, value: Any) -> None:
    assert outcome.kind == EXPECTED[name], outcome.message
    if name == "fine":
        assert outcome.values == (value, 1)
    if name == "says":
        assert outcome.text() == f"{value}\n".encode()


class Fires(RuleBasedStateMachine):
    """See the module."""

    pools: Bundle[munition.Pool] = Bundle("pools")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[munition.Pool] = []
        self.closed: list[munition.Pool] = []

    @rule(target=pools, size=st.integers(1, 2), isolation=ISOLATIONS)
    def make(self, size: int, isolation: Any) -> munition.Pool:
        """Make a pool."""
        pool = munition.Pool(
            MODULE, size, capabilities=["log"], fuel=500_000, isolation=isolation, timeout=60, warm=0
        )
        self.open.append(pool)
        return pool

    @rule(name=CALLS, value=st.integers(-9, 9), isolation=ISOLATIONS)
    def fire(self, name: str, value: int, isolation: Any) -> None:
        """Fire without a pool."""
        args = () if name in ("fails", "burns") else (value,)
        outcome = munition.fire(
            MODULE, name, args, capabilities=["log"], fuel=500_000, isolation=isolation, timeout=60
        )
        check(outcome, name, value)

    @rule(pool=pools, name=CALLS, value=st.integers(-9, 9))
    def fire_in(self, pool: munition.Pool, name: str, value: int) -> None:
        """Fire in a pool, open or not."""
        args = () if name in ("fails", "burns") else (value,)
        if pool in self.closed:
            with pytest.raises(UsageError, match="closed"):
                pool.fire(name, args)
        else:
            check(pool.fire(name, args), name, value)

    @rule(pool=pools, bad=st.sampled_from([("fine", ({1},)), ("none", ()), ("fine", (2**70,))]))
    def misuse(self, pool: munition.Pool, bad: tuple[str, Any]) -> None:
        """Fire what cannot be fired."""
        with pytest.raises((UsageError, munition.UsageTypeError)):
            pool.fire(*bad)

    @rule(pool=pools)
    def kill_idle(self, pool: munition.Pool) -> None:
        """Kill workers behind everybody's back."""
        for child in (*pool.workers.idle(), *machine().workers.idle()):
            child.kill()
            child.gone(5)

    @rule(pool=consumes(pools), wait=st.booleans())
    def close(self, pool: munition.Pool, wait: bool) -> None:
        """Close a pool, perhaps once more."""
        pool.close(wait=wait)
        if pool in self.open:
            self.open.remove(pool)
            self.closed.append(pool)

    @rule(pool=pools)
    def close_and_keep(self, pool: munition.Pool) -> None:
        """Close a pool that will be used again."""
        self.open = [other for other in self.open if other is not pool]
        self.closed.append(pool)
        pool.close(wait=False)

    @invariant()
    def nothing_is_going_on(self) -> None:
        """Between two steps nobody fires."""
        assert not machine().ticker.inflight
        assert not machine().workers.busy()
        for pool in self.open:
            stats = pool.stats()
            assert stats.busy == stats.waiting == 0
            assert stats.fires == sum(stats.kinds.values())
        for pool in self.closed:
            assert not pool.workers.idle()

    def teardown(self) -> None:
        """Close what is open."""
        for pool in self.open:
            pool.close()


Fires.TestCase.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
TestFires = Fires.TestCase
