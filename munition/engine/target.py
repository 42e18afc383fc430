# SPDX-License-Identifier: MIT
"""A function of a module, ready to be fired again and again; and on which thread a fire runs.

- A module without host functions runs on the caller's thread. It can be run again without anybody noticing, so the
  first try is short (on the main thread, where a signal waits until it is over) and on a modest stack; when that does
  not do, it is started anew on a thread of ours with the full stack. See docs/decisions/0011.
- A module with host functions runs on the caller's thread if that is not the main one and has the stack for it.
- Everything else runs on a thread of ours while the caller waits, so that Ctrl-C is noticed and nothing is overrun.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Final

from munition.engine.calls import Call, run
from munition.engine.loaded import Loaded
from munition.engine.plan import Plan, Refusal
from munition.engine.presets import PRESETS
from munition.engine.threads import MARGIN, stack_room
from munition.engine.ticker import ticks
from munition.host.abi import Context
from munition.host.log import LogBook, Sink
from munition.host.random import SeededEntropy, system_entropy
from munition.host.time import HostClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.engine.machine import Machine
    from munition.engine.outcome import Outcome
    from munition.engine.shot import Shot

TRY_STACK: Final = 2 << 20
"""Native stack of the first try of a module without host functions."""

TRY_TICKS: Final = 4
"""Ticks of the first try on the main thread: between 30 and 40 ms."""

_CLOCK: Final = HostClock()


class Target:
    """See the module. Made once for a plan and a function; keeps what is loaded for it.

    Attributes:
        plan: what is fired.
        call: how.
        pure: whether the module has no host functions.
        stack: native stack the preset gives guest code.
        try_stack: native stack of a first try.
        ticks: ticks that cover the time limit.
    """

    def __init__(self, machine: Machine, plan: Plan, call: Call) -> None:
        self.machine = machine
        self.plan = plan
        self.call = call
        self.pure = not plan.hosts
        self.stack = PRESETS[plan.preset].stack
        self.try_stack = min(TRY_STACK, self.stack)
        self.ticks = ticks(plan.limits.timeout)
        self.loaded: dict[int, Loaded] = {}
        self.first: Loaded | None = None

    def load(self, stack: int, started: float) -> Loaded | Refusal:
        """The plan's code in an engine with that stack."""
        found = self.loaded.get(stack)
        if found is None:
            made = self.machine.load(self.plan, stack, self.deadline(started))
            if isinstance(made, Refusal):
                return made
            found = self.loaded[stack] = made
            if stack == self.try_stack:
                self.first = made
        return found

    def deadline(self, started: float) -> float:
        """When, of `monotonic`, a fire must be over that began at `started` of `perf_counter`."""
        return monotonic() - (perf_counter() - started) + self.plan.limits.timeout


def fire_target(
    target: Target, arguments: Sequence[object], started: float, seed: bytes | None, sink: Sink | None
) -> Outcome | Refusal:
    """Fire once.

    Raises:
        UsageError: an argument out of range.
        UsageTypeError: an argument of the wrong type.
        KeyboardInterrupt: Ctrl-C; everything was cleaned up.
    """
    if target.pure and stack_room() >= target.try_stack + MARGIN:
        loaded = target.first
        if loaded is None:
            found = target.load(target.try_stack, started)
            if isinstance(found, Refusal):
                return found
            loaded, started_ticks = found, _ticks_left(target, started)
        else:
            started_ticks = target.ticks
        on_main = get_ident() == threading.main_thread().ident
        short = on_main and started_ticks > TRY_TICKS
        free = loaded.free
        shot = free.pop() if free else loaded.take()
        outcome = run(
            shot,
            target.call,
            arguments,
            started,
            TRY_TICKS if short else started_ticks,
            retry=short or target.try_stack < target.stack,
        )
        if outcome is not None:
            return outcome
    return _with_full_stack(target, arguments, started, seed, sink)


def _ticks_left(target: Target, started: float) -> int:
    """Ticks until the time limit, when compiling took a part of it."""
    return ticks(max(0.0, target.deadline(started) - monotonic()))


def _with_full_stack(
    target: Target, arguments: Sequence[object], started: float, seed: bytes | None, sink: Sink | None
) -> Outcome | Refusal:
    loaded = target.load(target.stack, started)
    if isinstance(loaded, Refusal):
        return loaded
    shot = loaded.take()
    shot.deadline = target.deadline(started)
    shot.cancelled = False
    if not target.pure:
        shot.context = _context(target, shot, seed, sink)
    left = _ticks_left(target, started)

    def here() -> Outcome | None:
        return run(shot, target.call, arguments, started, left, watched=True)

    def cancel() -> None:
        shot.cancelled = True

    on_main = get_ident() == threading.main_thread().ident
    if on_main or stack_room() < target.stack + MARGIN:
        outcome = target.machine.threads.run(here, cancel)
    else:
        outcome = here()
    assert outcome is not None
    return outcome


def _context(target: Target, shot: Shot, seed: bytes | None, sink: Sink | None) -> Context:
    limits = target.plan.limits
    entropy = system_entropy if seed is None else SeededEntropy(seed)
    return Context(shot, LogBook(limits.output, limits.records, sink), _CLOCK, _CLOCK.monotonic(), entropy)
