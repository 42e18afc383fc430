# SPDX-License-Identifier: MIT
"""The half of a worker that fires: targets are loaded and fired as the parent says, ends are told.

Nothing is decided here: the parent has checked the module, the grant and the limits, and checks what comes back.
"""

from __future__ import annotations

import ctypes
import logging
import pickle
import resource
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, assert_never

from munition.engine.calls import run
from munition.engine.ends import encode_end
from munition.engine.guest import ValueCall
from munition.engine.loaded import LoadError, Native
from munition.engine.machine import Machine
from munition.engine.numbers import NumberCall
from munition.engine.outcome import Crash, Outcome
from munition.engine.plan import Refusal
from munition.engine.presets import SLOT, Allocation
from munition.engine.rlimits import MEMORY, lower
from munition.engine.target import Target, fire_with_book
from munition.engine.ticker import ticks
from munition.engine.wire import FIRE, LOAD, VALUES, Down, Up, unpack_numbers
from munition.errors import UsageError, UsageTypeError
from munition.host.log import LogBook
from munition.host.user import RefusedError
from munition.host.values import decode, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.engine.calls import Call
    from munition.engine.child import Cancel
    from munition.engine.plan import Plan
    from munition.engine.worker import Pipe
    from munition.host.log import Record


class _Delivered:
    """Machine code as the parent sent it."""

    def __init__(self) -> None:
        self.code = b""

    def get(
        self, plan: Plan, allocation: Allocation, deadline: float, cancel: Cancel | None = None
    ) -> Native:
        """What was sent last, which is this plan's."""
        del allocation, deadline, cancel
        return Native(plan.allocation, self.code)


class _Notes(logging.Handler):
    """Passes what host functions have to say to the host on to the parent."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(logging.WARNING)
        self._pipe = pipe

    def emit(self, record: logging.LogRecord) -> None:
        """Send one line."""
        self._pipe.send(Up.NOTE, record.getMessage().encode("utf-8", "replace")[:_MAX_NOTE])


_MAX_NOTE: Final = 1000


class Server:
    """See the module."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        logging.getLogger("munition.http").addHandler(_Notes(pipe))
        self._delivered = _Delivered()
        self._machine = Machine(self._delivered, slots=1)
        self._targets: dict[int, Target] = {}

    def handle(self, kind: int, content: bytes) -> None:
        """Do what the parent says."""
        if kind == Down.LOAD:
            self._load(content)
        elif kind == Down.FIRE:
            self._fire(content)
        else:
            raise EOFError

    def _load(self, content: bytes) -> None:
        number, forgotten, size = LOAD.unpack_from(content)
        start = LOAD.size + 4 * forgotten
        for other in unpack_numbers(content[LOAD.size : start]):
            self._targets.pop(other, None)
        end = start + size
        plan, entry, options = pickle.loads(content[start:end])  # noqa: S301 - the parent wrote it, whose worker this is
        if plan.limits.memory > SLOT:
            lower(resource.RLIMIT_AS, MEMORY + 4 * plan.limits.memory)
        self._delivered.code = content[end:]
        target = Target(self._machine, plan, _call_of(entry), options, self._invoke)
        try:
            made = target.load(target.stack, perf_counter())
        except LoadError:
            return  # firing it will say so
        finally:
            self._delivered.code = b""
        assert not isinstance(made, Refusal)
        target.first = made
        self._targets[number] = target

    def _fire(self, content: bytes) -> None:
        number, seconds, seed_size = FIRE.unpack_from(content)
        start = FIRE.size + max(seed_size, 0)
        target = self._targets.get(number)
        if target is None:
            self._say(_not_loaded())
            return
        data = content[start:]
        arguments: tuple[Any, ...] = (data,) if data or isinstance(target.call, NumberCall) else ()
        if target.program:
            arguments = decode(data)
        if target.pure and target.call is not None:
            try:
                fire = target.sprints.pop()
            except IndexError:
                fire = target.new_sprint()
            outcome = fire(arguments, ctypes.c_uint64(ticks(seconds)), False, 0.0)
            assert outcome is not None  # nothing was tried
            self._say(outcome)
            return
        # As if it had begun earlier: what is left of its time is what the parent says.
        started = perf_counter() - (target.plan.limits.timeout - seconds)
        if target.pure:
            assert target.first is not None
            outcome = run(target.first.take(), None, (), started, ticks(seconds))
            assert outcome is not None
            self._say(outcome)
            return
        seed = None if seed_size < 0 else content[FIRE.size : start]
        self._fire_with_hosts(target, arguments, started, seed)

    def _fire_with_hosts(
        self, target: Target, arguments: tuple[Any, ...], started: float, seed: bytes | None
    ) -> None:
        limits = target.plan.limits
        book = LogBook(limits.output, limits.records, self._text, self._record)
        try:
            outcome = fire_with_book(target, arguments, started, seed, book)
        except (UsageError, UsageTypeError) as error:
            self._pipe.send(Up.USAGE, str(error).encode("utf-8", "replace"))
            return
        assert isinstance(outcome, Outcome)
        self._say(outcome)

    def _invoke(self, module: str, name: str, arguments: Sequence[Any]) -> Any:
        """Have the parent call a function of the caller; what it raises but for refusals ends this process."""
        self._pipe.send(Up.CALL, encode([module, name, *arguments]))
        kind, content = self._pipe.receive()
        if kind != Down.RETURN:
            raise EOFError
        status, result = decode(content)
        if status:
            raise RefusedError(str(result))
        return result

    def _text(self, stream: int, data: bytes) -> None:
        self._pipe.send(Up.TEXT, bytes((stream,)) + data)

    def _record(self, record: Record, size: int) -> None:
        content = encode((record.level, record.message, record.fields, size))
        self._pipe.send(Up.RECORD, content)

    def _say(self, outcome: Outcome) -> None:
        if outcome.crash is not None:
            self._pipe.send(Up.ENDED, encode_end(outcome))
            return
        values: tuple[Any, ...] = outcome.values
        # A program that ended itself well has no values, not even encoded.
        content = values[0] if values else b""
        self._pipe.send(Up.VALUES, VALUES.pack(outcome.fuel_used, outcome.peak_memory) + content)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is called, as plain data; the parent checks and packs the arguments and unpacks the results.

    Attributes:
        export: its WebAssembly export, encoded.
        cells: how many cells a call needs; None for a call of encoded values.
        results: how many cells are results.
    """

    export: bytes
    cells: int | None = None
    results: int = 0


def entry_of(call: Call) -> Entry | None:
    """What a worker has to know of a call."""
    match call:
        case None:
            return None
        case ValueCall():
            return Entry(call.export)
        case NumberCall():
            return Entry(call.export, call.cells, call.results)
        case _:
            assert_never(call)


def _call_of(entry: Entry | None) -> Call:
    """The same call, of arguments and with results that are bytes."""
    if entry is None:
        return None
    if entry.cells is None:
        return ValueCall(entry.export, raw=True)
    size = CELL * entry.results
    memmove, string_at = ctypes.memmove, ctypes.string_at

    def pack(raw: Any, _offset: int, data: bytes) -> None:
        memmove(raw, data, len(data))

    def unpack(raw: Any) -> tuple[bytes, ...]:
        return (string_at(raw, size),)

    return NumberCall(entry.export, ("i64",), (bytes,), entry.cells, pack, unpack, entry.results)


CELL: Final = 16
"""Bytes of one value of a call."""


def _not_loaded() -> Outcome:
    crash = Crash("engine", "the engine does not take the machine code of the module")
    return Outcome("host_fault", (), 0, True, 0.0, 0, (), _NOTHING, crash)


_NOTHING: Any = None
