# SPDX-License-Identifier: MIT
"""One fire in a worker process, as the caller's thread leads it: take a worker, say what to fire, hear how it ends.

The worker stops its guest itself when the time is up. When it does not, it is killed. See docs/decisions/0013.
"""

from __future__ import annotations

import logging
import pickle
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, Final

from munition.capability.model import Capability, CapabilitySet
from munition.capability.parameter import Directory
from munition.engine.child import CancelledError, DiedError, TimeUpError
from munition.engine.ending import with_lines
from munition.engine.ends import decode_end
from munition.engine.guest import FAULT, read_answer
from munition.engine.helper import Helper, LeftBehindError
from munition.engine.numbers import NumberCall, put_arguments
from munition.engine.outcome import Crash, Outcome, outcome
from munition.engine.places import with_place
from munition.engine.plan import Plan, Refusal
from munition.engine.serving import CELL, entry_of
from munition.engine.target import INITIALIZE, is_program, program_words
from munition.engine.text import tidy
from munition.engine.wire import FIRE, LOAD, MAX_SMALL, VALUES, Down, Up, pack_numbers
from munition.engine.workers import NoWorkerError
from munition.errors import UsageError
from munition.host.abi import BudgetSpentError
from munition.host.log import LogBook
from munition.host.user import VALUES as VALUES_OF
from munition.host.user import Invoke, RefusedError, as_declared
from munition.host.values import DecodeError, decode, decode_finished, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from munition.engine.calls import Call
    from munition.engine.child import Cancel, Child
    from munition.engine.facts import Facts
    from munition.engine.machine import Machine
    from munition.engine.outcome import Kind
    from munition.engine.workers import Workers
    from munition.host.log import Sink
    from munition.host.options import HostOptions
    from munition.host.values import Value

GRACE: Final = 0.15
"""Seconds a worker has to end by itself after the time is up, before it is killed."""

_LOG: Final = logging.getLogger("munition.http")

_NUMBERS: Final = count(1)


class Remote:
    """A function of a module, ready to be fired in workers again and again; as `Target` is in this process.

    Attributes:
        plan: what is fired.
        call: how.
        invoke: calls a function of the caller.
        given: the functions of the caller that the module imports, by module and name, with types of parameters.
    """

    def __init__(
        self, machine: Machine, plan: Plan, call: Call, options: HostOptions, invoke: Invoke
    ) -> None:
        self.machine = machine
        self.plan = plan
        self.call = call
        self._options = options
        self._program = is_program(plan, call)
        self.invoke = invoke
        self.given = {
            (h.module, h.name.removeprefix(VALUES_OF)): h.user[0] for h in plan.hosts if h.user is not None
        }
        self._relative = any(
            isinstance(item.parameter, Directory) and not Path(item.parameter.path).is_absolute()
            for item in plan.reach
        )
        self._load: _Load | None = None
        self._most = MAX_SMALL + plan.limits.memory + plan.limits.result

    def fire(
        self,
        workers: Workers,
        arguments: Sequence[object],
        started: float,
        seed: bytes | None,
        sink: Sink | None,
        cancel: Cancel | None = None,
        *,
        wait: bool = True,
    ) -> Outcome | Refusal:
        """Fire once, in one of `workers`.

        Raises:
            UsageError: an argument out of range.
            UsageTypeError: an argument of the wrong type.
            CancelledError: `cancel` was thrown; the guest was stopped.
            KeyboardInterrupt: Ctrl-C; the guest was stopped.
        """
        data = self._pack(arguments)
        deadline = monotonic() - (perf_counter() - started) + self.plan.limits.timeout
        load = self._load
        if load is None or (self._relative and load.folder != str(Path.cwd())):
            made = self._make_load(deadline, cancel)
            if isinstance(made, Refusal):
                return made
            load = self._load = made
        lease: list[Child] = []
        talk: _Talk | None = None
        try:
            child = workers.take(lease, load.number, deadline, cancel, wait=wait)
            talk = _Talk(self, child, deadline, cancel, started, workers, sink)
            return talk.run(load, data, seed)
        except NoWorkerError:
            if cancel is not None and cancel.thrown:
                raise CancelledError from None
            return Refusal("limit", Crash("pool", "no worker became free in time"))
        finally:
            if talk is not None and talk.helper is not None:
                talk.helper.close()
            for child in lease:
                (workers.give if talk is not None and talk.well else workers.drop)(child)

    def _pack(self, arguments: Sequence[object]) -> bytes:
        call = self.call
        if self._program:
            return encode(program_words(arguments))
        if isinstance(call, NumberCall):
            cells = bytearray(CELL * call.cells)
            put_arguments(call, cells, arguments)
            return bytes(cells)
        return b"" if call is None else call.encode(arguments)

    def _make_load(self, deadline: float, cancel: Cancel | None) -> _Load | Refusal:
        plan = self.plan
        native = self.machine.codes.get(plan, plan.allocation, deadline, cancel)
        if isinstance(native, Refusal):
            return native
        folder = str(Path.cwd()) if self._relative else ""
        sent = replace(
            plan,
            wasm=b"",
            facts=_needed(plan.facts),
            allocation=native.allocation,
            reach=_absolute(plan.reach, folder),
        )
        plain = pickle.dumps((sent, entry_of(self.call), self._options))
        return _Load(next(_NUMBERS), folder, plain, native.code)

    def values(self, content: bytes) -> tuple[Value, ...] | None:
        """What a guest that ended well returned; None when it cannot be read."""
        call = self.call
        if not content:  # nothing was asked for, or the program ended itself
            return ()
        if isinstance(call, NumberCall):
            return call.unpack(content) if len(content) == CELL * call.results else None
        return decode_finished(content)

    @property
    def most(self) -> int:
        """Bytes a worker may say at once about a fire."""
        return self._most


@dataclass(frozen=True, slots=True)
class _Load:
    """What a worker needs to fire a target.

    Attributes:
        number: what workers call it.
        folder: the working directory relative grants were read in; empty when there are none.
        plan: for the worker, encoded.
        code: machine code.
    """

    number: int
    folder: str
    plan: bytes
    code: bytes


def _needed(facts: Facts) -> Facts:
    """What a worker needs of them: not the lists, which may be long."""
    functions = {
        name: found
        for name in (FAULT.decode(), INITIALIZE.decode())
        if (found := facts.functions.get(name)) is not None
    }
    return replace(facts, imports=(), signatures=(), functions=functions, manifest=None)


def _absolute(reach: CapabilitySet, folder: str) -> CapabilitySet:
    """The same with directories that mean the same in a worker, whose working directory is another."""
    return CapabilitySet.of(
        *(
            Capability(item.name, replace(item.parameter, path=str(Path(folder, item.parameter.path))))
            if folder and isinstance(item.parameter, Directory)
            else item
            for item in reach
        )
    )


class _Talk:
    """One conversation with a worker.

    Attributes:
        well: whether the worker may be used again.
    """

    def __init__(
        self,
        remote: Remote,
        child: Child,
        deadline: float,
        cancel: Cancel | None,
        started: float,
        workers: Workers,
        sink: Sink | None,
    ) -> None:
        self.remote = remote
        self.child = child
        self.deadline = deadline
        self.cancel = cancel
        self.started = started
        self.workers = workers
        self.sink = sink
        limits = remote.plan.limits
        self.book = LogBook(limits.output, limits.records, sink)
        self.well = False
        self.helper: Helper | None = None

    def run(self, load: _Load, data: bytes, seed: bytes | None) -> Outcome:
        """Say what to fire and hear how it ends."""
        try:
            self._begin(load, data, seed)
            return self._listen()
        except TimeUpError:
            limit = self.remote.plan.limits.timeout
            return self._cut("timeout", "run", f"the time limit of {limit:g} s is used up")
        except DiedError:
            return self._cut("host_fault", "worker", "the process that ran the guest died")
        except _SinkError as error:
            why = error.__cause__
            if not isinstance(why, Exception):
                raise why from None  # type: ignore[misc]
            return self._cut("host_fault", "function", f"a host function failed with {type(why).__name__}")

    def _begin(self, load: _Load, data: bytes, seed: bytes | None) -> None:
        child, number = self.child, load.number
        if number in child.loaded:
            child.loaded.move_to_end(number)
        else:
            forgotten = child.make_room(len(load.code))
            head = LOAD.pack(number, len(forgotten), len(load.plan)) + pack_numbers(forgotten)
            child.send(Down.LOAD, head + load.plan + load.code, self.deadline, self.cancel)
            child.loaded[number] = len(load.code)
        child.guests = True
        head = FIRE.pack(number, max(0.0, self.deadline - monotonic()), -1 if seed is None else len(seed))
        child.send(Down.FIRE, head + (seed or b"") + data, self.deadline, self.cancel)

    def _listen(self) -> Outcome:
        end = self.deadline + GRACE
        child, most = self.child, self.remote.most
        while True:
            kind, content = child.receive(most, end, self.cancel)
            if kind == Up.VALUES:
                return self._finished(content)
            if kind == Up.ENDED:
                return self._ended(content)
            if kind == Up.USAGE:
                self.well = True
                raise UsageError(content.decode("utf-8", "replace"))
            self._passing(kind, content)

    def _passing(self, kind: int, content: bytes) -> None:
        """What is said while the guest runs."""
        if kind == Up.TEXT and content:
            if len(content) - 1 > self.book.room():
                raise DiedError
            self._text(content[0], content[1:])
        elif kind == Up.RECORD:
            self._record(content)
        elif kind == Up.CALL:
            self.child.send(Down.RETURN, self._called(content), self.deadline + GRACE, self.cancel)
        elif kind == Up.NOTE:
            _LOG.warning("%s", tidy(content.decode("utf-8", "replace")))
        else:
            raise DiedError

    def _text(self, stream: int, data: bytes) -> None:
        if self.sink is None:
            self.book.text(stream, data)
            return
        self.workers.pause()  # what the caller does with it may well be another fire
        try:
            self.book.text(stream, data)
        except BaseException as error:
            raise _SinkError from error
        finally:
            self.workers.resume()

    def _called(self, content: bytes) -> bytes:
        """Call a function of the caller for the guest; what to answer."""
        try:
            module, name, *arguments = decode(content)
        except (DecodeError, ValueError):
            raise DiedError from None
        types = (
            self.remote.given.get((module, name))
            if isinstance(module, str) and isinstance(name, str)
            else None
        )
        if types is None or len(types) != len(arguments):
            raise DiedError
        self.workers.pause()  # it may well fire, too
        try:
            return encode([0, self._invoked(str(module), str(name), as_declared(types, arguments))])
        except RefusedError as error:
            return encode([1, str(error)])
        except TimeUpError:
            raise
        except Exception as error:
            raise _SinkError from error
        finally:
            self.workers.resume()

    def _invoked(self, module: str, name: str, arguments: list[Any]) -> Any:
        """What the function returns, if it does in time; otherwise it is left behind on its thread."""
        if self.helper is None:
            self.helper = Helper()
        try:
            return self.helper.run(partial(self.remote.invoke, module, name, arguments), self.deadline)
        except LeftBehindError:
            self.helper = None
            raise TimeUpError from None

    def _record(self, content: bytes) -> None:
        try:
            level, message, fields, size = decode(content)
            if isinstance(level, str) and isinstance(message, str) and isinstance(size, int):
                self.book.record(level, message, _fields(fields), size)
                return
        except (DecodeError, ValueError, BudgetSpentError):
            pass
        raise DiedError

    def _finished(self, content: bytes) -> Outcome:
        plan = self.remote.plan
        if len(content) < VALUES.size:
            raise DiedError
        used, peak = VALUES.unpack_from(content)
        block = content[VALUES.size :]
        values = self.remote.values(block)
        if used > plan.limits.fuel or peak > plan.limits.memory:
            raise DiedError
        self.well = True
        elapsed = perf_counter() - self.started
        if values is not None:
            return outcome("ok", values, used, True, elapsed, peak, self.book.entries(), plan.fired, None)
        if isinstance(self.remote.call, NumberCall):
            raise DiedError
        answer = read_answer(block)
        return Outcome(
            answer.kind,
            answer.values,
            used,
            True,
            elapsed,
            peak,
            self.book.entries(),
            plan.fired,
            None if answer.crash is None else with_place(answer.crash, plan.facts),
        )

    def _ended(self, content: bytes) -> Outcome:
        try:
            kind, used, peak, exact, crash = decode_end(content)
        except DecodeError:
            raise DiedError from None
        plan = self.remote.plan
        if used > plan.limits.fuel or peak > plan.limits.memory:
            raise DiedError
        self.well = True
        crash = replace(with_place(crash, plan.facts), frames=with_lines(plan.wasm, crash.frames))
        elapsed = perf_counter() - self.started
        return Outcome(kind, (), used, exact, elapsed, peak, self.book.entries(), plan.fired, crash)

    def _cut(self, kind: Kind, reason: str, message: str) -> Outcome:
        """The outcome of a fire whose worker will be killed, or is dead."""
        help_ = "raise the limit with --timeout SECONDS" if kind == "timeout" else None
        crash = Crash(reason, message, help_)
        elapsed = perf_counter() - self.started
        return Outcome(kind, (), 0, False, elapsed, 0, self.book.entries(), self.remote.plan.fired, crash)


class _SinkError(Exception):
    """What the caller gave to take the output failed."""


def _fields(value: Value) -> dict[str, Value]:
    if value == []:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError
    return value  # type: ignore[return-value]
