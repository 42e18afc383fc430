# SPDX-License-Identifier: MIT
"""A function of a module, ready to be fired again and again; and on which thread a fire runs.

- A module without host functions runs on the caller's thread. It can be run again without anybody noticing, so the
  first try is short (on the main thread, where a signal waits until it is over) and on a modest stack; when that does
  not do, it is started anew on a thread of ours with the full stack. See docs/decisions/0011.
- A module with host functions runs on the caller's thread if that is not the main one and has the stack for it.
- Everything else runs on a thread of ours while the caller waits, so that Ctrl-C is noticed and nothing is overrun.
"""

from __future__ import annotations

import ctypes
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Final

from munition.engine.calls import Call, run
from munition.engine.facts import Signature
from munition.engine.numbers import NumberCall
from munition.engine.plan import Plan, Refusal
from munition.engine.presets import PRESETS
from munition.engine.relay import relay
from munition.engine.sprint import Sprint, sprint
from munition.engine.threads import LOCAL, MARGIN, NOWHERE, place
from munition.engine.ticker import ticks
from munition.errors import UsageError, UsageTypeError
from munition.host.abi import Context
from munition.host.log import LogBook
from munition.host.options import DEFAULT, HostOptions
from munition.host.random import SeededEntropy, system_entropy
from munition.host.resources import Resources, open_resources
from munition.host.time import HostClock
from munition.host.user import NOBODY, Invoke

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.engine.child import Cancel
    from munition.engine.loaded import Loaded
    from munition.engine.machine import Machine
    from munition.engine.outcome import Outcome
    from munition.engine.shot import Shot
    from munition.host.log import Sink

TRY_STACK: Final = 2 << 20
"""Native stack of the first try of a module without host functions."""

TRY_TICKS: Final = 4
"""Ticks of the first try on the main thread: between 30 and 40 ms."""

_CLOCK: Final = HostClock()


def stack_of(plan: Plan) -> int:
    """Native stack guest code has: the preset's, or less if the limits say so, in powers of two (engines are few)."""
    return min(PRESETS[plan.preset].stack, 1 << (plan.limits.stack.bit_length() - 1))


class Target:
    """See the module. Made once for a plan and a function; keeps what is loaded for it.

    Attributes:
        plan: what is fired.
        call: how.
        options: how host functions behave.
        invoke: calls a function of the caller.
        uses: what its host functions are about.
        program: whether it is a WASI program that is started, so that arguments are its words.
        initialize: what is called before `call`: the `_initialize` of a WASI library; None for nothing.
        pure: whether the module has no host functions, and nothing to be called first.
        stack: native stack guest code has.
        try_stack: native stack of a first try.
        first: what first tries use, once it is loaded.
        sprints: sprints and relays nobody uses, for `fire` to take one without further ado.
        try_room: stack a thread must have for a first try; more than any has when there is no first try.
    """

    def __init__(
        self,
        machine: Machine,
        plan: Plan,
        call: Call,
        options: HostOptions = DEFAULT,
        invoke: Invoke = NOBODY,
    ) -> None:
        self.machine = machine
        self.plan = plan
        self.call = call
        self.options = options
        self.invoke = invoke
        self.uses = plan.uses
        self.program = is_program(plan, call)
        self.initialize = initializer(plan, call)
        self.pure = not plan.hosts and self.initialize is None
        self.stack = stack_of(plan)
        self.try_stack = min(TRY_STACK, self.stack)
        self.try_room = self.try_stack + MARGIN if self.pure else _NO_ROOM
        self.smaller = self.try_stack < self.stack
        self.ticks = ticks(plan.limits.timeout)
        self.all_ticks = ctypes.c_uint64(self.ticks)
        self.main_ticks = ctypes.c_uint64(min(TRY_TICKS, self.ticks))
        self.loaded: dict[int, Loaded] = {}
        self.first: Loaded | None = None
        self.sprints: list[Sprint] = []

    def load(self, stack: int, started: float) -> Loaded | Refusal:
        """The plan's code in an engine with that stack."""
        found = self.loaded.get(stack)
        if found is None:
            made = self.machine.load(self.plan, stack, self.deadline(started))
            if isinstance(made, Refusal):
                return made
            found = self.loaded[stack] = made
        return found

    def open_resources(self, arguments: Sequence[object]) -> Resources | None:
        """What the host functions of one fire hold open, if there are any; whoever gets it closes it.

        Args:
            arguments: of the fire; they are the program's where there is one.

        Raises:
            UsageError: a directory cannot be opened.
            UsageTypeError: an argument of a program that is no string.
        """
        if not self.plan.hosts:
            return None
        plan = self.plan
        words = program_words(arguments) if self.program else ()
        return open_resources(self.uses, plan.reach, self.options, plan.limits.budget(), words)

    def new_sprint(self) -> Sprint:
        """A sprint for one more thread; it puts itself into `sprints` when it is done."""
        assert self.first is not None
        assert self.call is not None
        if isinstance(self.call, NumberCall):
            return sprint(self.first.take(), self.call, self.sprints)
        return relay(self.first.take(), self.call, self.sprints)

    def deadline(self, started: float) -> float:
        """When, of `monotonic`, a fire must be over that began at `started` of `perf_counter`."""
        return monotonic() - (perf_counter() - started) + self.plan.limits.timeout

    def ticks_left(self, started: float) -> int:
        """Ticks until the time limit, when compiling took a part of it."""
        return ticks(max(0.0, self.deadline(started) - monotonic()))


_NO_ROOM: Final = 1 << 62
START: Final = b"_start"
INITIALIZE: Final = b"_initialize"
_MAX_WORDS: Final = 1 << 20


def is_program(plan: Plan, call: Call) -> bool:
    """Whether a WASI program is started, so that arguments are its words."""
    return plan.uses.wasi and isinstance(call, NumberCall) and call.export == START


def nothing(call: Call) -> tuple[bytes, ...]:
    """What a call of a function without parameters takes: nothing, or (in a worker) cells that are empty."""
    return (b"",) * len(call.classes) if isinstance(call, NumberCall) else ()


def initializer(plan: Plan, call: Call) -> bytes | None:
    """The export that must be called before any other of a WASI library, if there is one."""
    wanted = plan.facts.functions.get(INITIALIZE.decode()) == Signature((), ())
    return INITIALIZE if wanted and call is not None and call.export not in (START, INITIALIZE) else None


def program_words(arguments: Sequence[object]) -> tuple[bytes, ...]:
    """The arguments of a program.

    Raises:
        UsageTypeError: one that is no string.
        UsageError: one with a NUL in it, or too much of them.
    """
    words: list[bytes] = []
    for position, argument in enumerate(arguments, 1):
        if not isinstance(argument, (str, bytes)):
            raise UsageTypeError(
                f"argument {position} of a program must be a string, not {type(argument).__name__}"
            )
        word = argument.encode("utf-8", "surrogateescape") if isinstance(argument, str) else argument
        if b"\0" in word:
            raise UsageError(f"argument {position} of a program has a NUL in it")
        words.append(word)
    if sum(map(len, words)) > _MAX_WORDS:
        raise UsageError(f"the arguments of a program are longer than {_MAX_WORDS} bytes")
    return tuple(words)


def fire_target(
    target: Target, arguments: Sequence[object], started: float, seed: bytes | None, sink: Sink | None
) -> Outcome | Refusal:
    """Fire once.

    Raises:
        UsageError: an argument out of range.
        UsageTypeError: an argument of the wrong type.
        KeyboardInterrupt: Ctrl-C; everything was cleaned up.
    """
    here = place()
    if here.room >= target.try_room:
        if target.first is None:
            return _fire_cold(target, arguments, started, seed, sink)
        ticks_ = target.main_ticks if here.main else target.all_ticks
        retry = here.main or target.smaller
        if target.call is None:
            outcome = run(target.first.take(), None, arguments, started, ticks_.value, retry=retry)
        else:
            outcome = target.new_sprint()(arguments, ticks_, retry, started)
        if outcome is not None:
            return outcome
    return fire_with_full_stack(target, arguments, started, seed, sink)


def _fire_cold(
    target: Target, arguments: Sequence[object], started: float, seed: bytes | None, sink: Sink | None
) -> Outcome | Refusal:
    """The first fire of a target: load it; go the long way when loading took a part of the time."""
    found = target.load(target.try_stack, started)
    if isinstance(found, Refusal):
        return found
    target.first = found
    return fire_with_full_stack(target, arguments, started, seed, sink)


def fire_with_full_stack(
    target: Target,
    arguments: Sequence[object],
    started: float,
    seed: bytes | None,
    sink: Sink | None,
    switch: Cancel | None = None,
) -> Outcome | Refusal:
    """Fire with all the stack and time there is, on a thread of ours when this one will not do; `switch` ends it early."""
    limits = target.plan.limits
    book = LogBook(limits.output, limits.records, sink)
    return fire_with_book(target, arguments, started, seed, book, switch)


def fire_with_book(
    target: Target,
    arguments: Sequence[object],
    started: float,
    seed: bytes | None,
    book: LogBook,
    switch: Cancel | None = None,
) -> Outcome | Refusal:
    """The same, logging to `book`."""
    resources = target.open_resources(arguments)
    try:
        given = nothing(target.call) if target.program else arguments
        return _fire_with_resources(target, given, started, seed, book, resources, switch)
    finally:
        if resources is not None:
            resources.close()


def _fire_with_resources(
    target: Target,
    arguments: Sequence[object],
    started: float,
    seed: bytes | None,
    book: LogBook,
    resources: Resources | None,
    switch: Cancel | None,
) -> Outcome | Refusal:
    loaded = target.load(target.stack, started)
    if isinstance(loaded, Refusal):
        return loaded
    shot = loaded.take()
    shot.deadline = target.deadline(started)
    shot.cancelled = False
    if resources is not None:
        shot.context = _context(target, shot, seed, book, resources)
    left = target.ticks_left(started)

    def fire_here() -> Outcome | None:
        # A host function that fires again must not count on the stack this guest may be using.
        before, LOCAL.place = LOCAL.place, NOWHERE
        try:
            return run(
                shot, target.call, arguments, started, left, watched=True, initialize=target.initialize
            )
        finally:
            LOCAL.place = before

    def cancel() -> None:
        shot.cancelled = True

    if switch is not None:
        switch.hook = cancel
        shot.cancelled = switch.thrown
    here = place()
    if here.main or here.room < target.stack + MARGIN:
        outcome = target.machine.threads.run(fire_here, cancel)
    else:
        outcome = fire_here()
    if switch is not None:
        switch.hook = None  # the shot is another fire's now
    assert outcome is not None  # only a first try is given up
    return outcome


def _context(target: Target, shot: Shot, seed: bytes | None, book: LogBook, resources: Resources) -> Context:
    return Context(
        memory=shot,
        log=book,
        clock=_CLOCK,
        started=_CLOCK.monotonic(),
        entropy=system_entropy if seed is None else SeededEntropy(seed),
        files=resources.files,
        http=resources.http,
        program=resources.program,
        invoke=target.invoke,
        charge=shot.charge,
        budget=resources.budget,
        deadline=shot.deadline,
        cancelled=lambda: shot.cancelled,
    )
