# SPDX-License-Identifier: MIT
"""One call on this thread: open a shot, call what is to be called, make an outcome of it.

This is the hot path: a fresh instance, one export, its values. It is written flat on purpose.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from munition.engine.ending import answered, ended, stopped
from munition.engine.guest import INPUT, ValueCall, read_answer
from munition.engine.numbers import NumberCall, put_arguments
from munition.engine.outcome import Crash, Outcome
from munition.engine.places import with_place
from munition.engine.traps import peek_code, take_stop
from munition.host.abi import GuestFaultError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.engine.shot import Shot

Call: TypeAlias = NumberCall | ValueCall | None
"""What is called after the start function; None for nothing."""


def run(
    shot: Shot,
    call: Call,
    arguments: Sequence[object],
    started: float,
    ticks: int,
    *,
    retry: bool = False,
    watched: bool = False,
    initialize: bytes | None = None,
) -> Outcome | None:
    """Fire `shot` once and give it back to its `Loaded`.

    Args:
        shot: taken from a `Loaded`; its context and deadline are set if it has host functions.
        call: what to call.
        arguments: what to call it with.
        started: when the fire began, of `perf_counter`.
        ticks: after how many the guest is interrupted.
        retry: return None instead of an outcome when more time or more stack would have helped.
        watched: see `Shot.open`.
        initialize: an export to call first, without arguments or results.

    Raises:
        UsageError: an argument out of range.
        UsageTypeError: an argument of the wrong type.
    """
    encoded = b""
    values: tuple[Any, ...] = ()
    try:
        if isinstance(call, NumberCall):
            put_arguments(call, shot.raw, arguments)
        elif call is not None:
            encoded = call.encode(arguments)
        error = shot.open(ticks, watched=watched)
        running = not error and not shot.trap.value
        if running and initialize is not None:
            error = shot.call(initialize, 0)
            if isinstance(call, NumberCall):
                put_arguments(call, shot.raw, arguments)
        if running and not error and not shot.trap.value:
            if isinstance(call, NumberCall):
                error = shot.call(call.export, call.cells)
                values = call.unpack(shot.raw)
            elif call is not None:
                return _call_values(shot, call, encoded, started, retry=retry)
        if error or shot.trap.value:
            return None if retry and worth_more(shot) else stopped(shot, error, started, running=running)
        return answered(shot, values, started)
    finally:
        if shot.store is not None:
            if shot.trap.value:
                take_stop(shot, 0)
            shot.close()
        shot.loaded.free.append(shot)


def worth_more(shot: Shot) -> bool:
    """Whether the guest was cut short by what is kept small in a first try."""
    return peek_code(shot) in ("interrupt", "stack_overflow")


def _call_values(
    shot: Shot, call: ValueCall, encoded: bytes, started: float, *, retry: bool
) -> Outcome | None:
    raw = shot.raw
    address = 0
    if encoded:
        raw[0] = len(encoded)
        error = shot.call(INPUT, 1)
        if error or shot.trap.value:
            return None if retry and worth_more(shot) else stopped(shot, error, started, running=True)
        address = raw[0] & 0xFFFFFFFF
        shot.find_memory()
        if not address or address + len(encoded) > shot.memory_size():
            return no_room(shot, started)
        shot.write(address, encoded)
    raw[0], raw[2] = address, len(encoded)
    error = shot.call(call.export, 2)
    if error or shot.trap.value:
        return None if retry and worth_more(shot) else stopped(shot, error, started, running=True)
    packed = raw[0]
    shot.find_memory()
    return take_answer(shot, packed & 0xFFFFFFFF, packed >> 32, started, raw=call.raw)


def no_room(shot: Shot, started: float) -> Outcome:
    """The outcome when the guest gives no room for its arguments; closes the shot."""
    shot.find_memory()
    crash = Crash("memory", "the arguments do not fit into the memory", "raise the limit with --memory SIZE")
    return ended(shot, started, "limit", crash, peak=shot.memory_size())


def take_answer(shot: Shot, address: int, length: int, started: float, *, raw: bool = False) -> Outcome:
    """The outcome a result block stands for; closes the shot. With `raw` the value of one that finished is the block."""
    shot.find_memory()
    limits = shot.loaded.plan.limits
    if length > limits.result:
        crash = Crash("result", f"the result takes {length} bytes; the limit is {limits.result}")
        return ended(shot, started, "limit", crash, peak=shot.memory_size())
    try:
        block = shot.read(address, length)
    except GuestFaultError as fault:
        return ended(shot, started, "guest_error", Crash("result", str(fault)), peak=shot.memory_size())
    if raw and block[:1] == b"\0":
        return answered(shot, (block,), started)
    answer = read_answer(block)
    if answer.crash is None:
        return answered(shot, answer.values, started)
    size = shot.memory_size()
    crash = replace(with_place(answer.crash, shot.loaded.plan.facts), memory=shot.read(0, size))
    return ended(shot, started, answer.kind, crash, peak=size)
