# SPDX-License-Identifier: MIT
"""A module made ready once and fired many times: at most so many instances at once, the others wait their turn.

Every fire has an instance of its own, made new and zeroed; what a pool keeps is machine code, and workers that have it
loaded. A worker whose guest crashed the engine or overran its time is killed, and never used again.
"""

from __future__ import annotations

import contextvars
import math
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from munition.engine.asked import (
    arguments_of,
    bytes_of,
    check_isolation,
    check_origin,
    hashable,
    options_of,
    seed_of,
)
from munition.engine.child import CancelledError
from munition.engine.ending import refused
from munition.engine.fire import Ready, fire_ready, known_of, prepare
from munition.engine.gate import ClosedError, Gate, TurnedAwayError
from munition.engine.limits import limits_of
from munition.engine.machine import machine
from munition.engine.outcome import Crash
from munition.engine.plan import Refusal
from munition.engine.workers import Workers
from munition.errors import UsageError, UsageTypeError

if TYPE_CHECKING:
    from types import TracebackType

    from munition.capability.model import CapabilitySet
    from munition.engine.asked import HasWasm, Isolation
    from munition.engine.child import Cancel
    from munition.engine.limits import Limits
    from munition.engine.outcome import Outcome
    from munition.host.log import Sink
    from munition.host.options import HostOptions
    from munition.host.user import HostCapability

MAX_SIZE: Final = 64
MAX_QUEUE: Final = 1_000_000
MAX_WAIT: Final = 1_000_000.0
_MAX_FUNCTIONS: Final = 256

_INSIDE: Final[contextvars.ContextVar[frozenset[int]]] = contextvars.ContextVar("inside", default=frozenset())
"""The pools in whose fires this code runs: as a host function, or as what takes the output."""


@dataclass(frozen=True, slots=True)
class PoolStats:
    """What a pool has done and is doing.

    Attributes:
        size: how many instances there may be at once.
        busy: instances there are now.
        waiting: fires that wait for one now.
        most_busy: the most instances there were at once.
        most_waiting: the most fires that waited at once.
        fires: how many fires have ended.
        kinds: how many of them by the kind of their outcome.
        turned_away: fires that got no instance; they count as `limit`.
        waited: seconds fires have waited for an instance, together.
        workers_started: worker processes so far.
        workers_killed: of them, how many were killed.
    """

    size: int
    busy: int
    waiting: int
    most_busy: int
    most_waiting: int
    fires: int
    kinds: Mapping[str, int]
    turned_away: int
    waited: float
    workers_started: int
    workers_killed: int


class Pool:
    """See the module. Safe from many threads; a context manager, and an asynchronous one.

    Args:
        module: as for `fire`; a file is read once, now.
        size: how many instances there may be at once, 1 to 64.
        name: `fire_pooled` finds the pool by it until it is closed.
        queue: how many fires may wait.
        queue_timeout: seconds a fire waits at most, unless it says otherwise; None for as long as it takes.
        warm: how many workers to start now.
        capabilities, fuel, memory, memory_pages, timeout, limits, host, isolation, trusted: as for `fire`.

    Attributes:
        name: see above.
        workers: the processes guests run in, with `isolation="process"`.

    Raises:
        UsageError: a value that can never be right; a name in use.
        UsageTypeError: a value of the wrong type.
        OSError: the file cannot be read.
    """

    def __init__(
        self,
        module: bytes | str | Path | HasWasm,
        size: int = 10,
        *,
        name: str | None = None,
        queue: int = 1000,
        queue_timeout: float | None = 10.0,
        warm: int = 1,
        capabilities: str | Iterable[str | HostCapability] | CapabilitySet = (),
        fuel: int | None = None,
        memory: int | None = None,
        memory_pages: int | None = None,
        timeout: float | None = None,
        limits: Limits | None = None,
        host: HostOptions | None = None,
        isolation: Isolation = "process",
        trusted: bool = False,
    ) -> None:
        _check_count("size", size, 1, MAX_SIZE)
        _check_count("queue", queue, 0, MAX_QUEUE)
        _check_count("warm", warm, 0, size)
        _check_wait(queue_timeout)
        self._isolation: Isolation = check_isolation(isolation)
        if self._isolation == "thread" and not trusted:
            check_origin(module)
        self._wasm = bytes_of(module)
        self._capabilities = hashable(capabilities)
        self._limits = limits_of(limits, fuel, memory, memory_pages, timeout)
        self._options = options_of(host, broad_roots=False)
        self._machine = machine()
        self._size = size
        self._queue_timeout = queue_timeout
        self._gate = Gate(size, queue)
        self._ready: dict[str | None, Ready] = {}
        self._lock = threading.Lock()
        self._kinds: Counter[str] = Counter()
        self.workers = Workers(running=size, kept=size, most=size)
        self.name = name
        if name is not None:
            self._machine.register(name, self)
        # What is wrong with grants and module is said now; an outcome says it again for each fire.
        self._prepare(None)
        if self._isolation == "process":
            self.workers.warm(warm)

    @property
    def sha256(self) -> str:
        """The hash of the module, in hexadecimal: a pool is of bytes, not of a file's name."""
        return known_of(self._prepare(None)).sha256

    def fire(
        self,
        function: str | None = None,
        args: Sequence[object] = (),
        *,
        seed: int | bytes | None = None,
        output: Sink | None = None,
        queue_timeout: float | None = math.nan,
    ) -> Outcome:
        """Fire once, in a fresh instance.

        Args:
            function: as for `munition.fire`, like the others.
            args: what it is called with.
            seed: makes the capability `random` repeatable.
            output: takes raw text as it is written.
            queue_timeout: seconds to wait for an instance, if other than the pool's; None for as long as it takes.

        Returns:
            The outcome; `limit/pool` when no instance became free. A fire from inside a fire of the same pool (by a host
            function, or by `output`) never waits, since it could wait for itself.

        Raises:
            UsageError: a value that can never be right, or the pool is closed.
            UsageTypeError: a value of the wrong type.
            KeyboardInterrupt: Ctrl-C; the guest was stopped and everything cleaned up.
        """
        return self._fire(function, args, seed, output, queue_timeout, None)

    async def fire_async(
        self,
        function: str | None = None,
        args: Sequence[object] = (),
        *,
        seed: int | bytes | None = None,
        output: Sink | None = None,
        queue_timeout: float | None = math.nan,
    ) -> Outcome:
        """As `fire`, without blocking the event loop. Cancelling it stops the guest; `output` is called on another thread."""
        from munition.engine.aio import in_thread

        return await in_thread(
            self._machine.threads,
            lambda cancel: self._fire(function, args, seed, output, queue_timeout, cancel),
        )

    def _fire(
        self,
        function: str | None,
        args: Sequence[object],
        seed: int | bytes | None,
        output: Sink | None,
        queue_timeout: float | None,
        cancel: Cancel | None,
    ) -> Outcome:
        began = perf_counter()
        seconds = self._queue_timeout
        if queue_timeout is None or not math.isnan(queue_timeout):
            _check_wait(queue_timeout)
            seconds = queue_timeout
        ready = self._prepare(function)
        given, seed_bytes = arguments_of(args), None if seed is None else seed_of(seed)
        outer = _INSIDE.get()
        ticket = object()
        try:
            self._gate.enter(ticket, 0 if id(self) in outer else seconds, cancel)
            token = _INSIDE.set(outer | {id(self)})
            try:
                # The time limit is that of the fire: waiting for a turn has its own.
                found = fire_ready(ready, self.workers, given, perf_counter(), seed_bytes, output, cancel)
            finally:
                _INSIDE.reset(token)
        except TurnedAwayError as error:
            if cancel is not None and cancel.thrown:
                raise CancelledError from None
            found = refused(Refusal("limit", Crash("pool", str(error))), known_of(ready), began)
        except ClosedError:
            raise UsageError("the pool is closed") from None
        finally:
            self._gate.leave(ticket)
        with self._lock:
            self._kinds[found.kind] += 1
        return found

    def _prepare(self, function: str | None) -> Ready:
        ready = self._ready.get(function)
        if ready is None:
            ready = prepare(
                self._machine,
                self._wasm,
                function,
                self._capabilities,
                self._limits,
                self._options,
                self._isolation,
            )
            with self._lock:
                if len(self._ready) >= _MAX_FUNCTIONS:
                    self._ready.clear()
                self._ready[function] = ready
        return ready

    def stats(self) -> PoolStats:
        """What the pool has done and is doing."""
        traffic, workers = self._gate.traffic(), self.workers.counts()
        with self._lock:
            kinds = dict(self._kinds)
        return PoolStats(
            size=self._size,
            busy=traffic.inside,
            waiting=traffic.waiting,
            most_busy=traffic.most_inside,
            most_waiting=traffic.most_waiting,
            fires=sum(kinds.values()),
            kinds=MappingProxyType(kinds),
            turned_away=traffic.turned_away,
            waited=traffic.waited,
            workers_started=workers.started,
            workers_killed=workers.killed,
        )

    @property
    def closed(self) -> bool:
        """Whether it was closed; then it fires no more."""
        return self._gate.closed

    def close(self, *, wait: bool = True, timeout: float | None = None) -> None:
        """Fire no more. Again is nothing.

        Args:
            wait: let the fires that are going on come to their ends; otherwise their workers are killed, and they end as
                `host_fault/worker`.
            timeout: seconds to wait for them at most before they are killed.

        Fires that wait for an instance are told that the pool is closed.
        """
        if self.name is not None:
            self._machine.unregister(self.name, self)
        inside_itself = id(self) in _INSIDE.get()
        self._gate.close(wait=wait and not inside_itself, seconds=timeout)
        self.workers.close()

    def __enter__(self) -> Self:
        """The pool."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; at once when an exception leaves the block."""
        self.close(wait=kind is None)

    async def __aenter__(self) -> Self:
        """The pool."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close without blocking the event loop."""
        from munition.engine.aio import in_thread

        await in_thread(self._machine.threads, lambda _cancel: self.close(wait=kind is None))


def fire_pooled(
    name: str,
    function: str | None = None,
    args: Sequence[object] = (),
    *,
    seed: int | bytes | None = None,
    output: Sink | None = None,
    queue_timeout: float | None = math.nan,
) -> Outcome:
    """Fire in the pool of that name; see `Pool.fire`.

    Raises:
        UsageError: there is no such pool, and as `Pool.fire`.
    """
    return _pool(name).fire(function, args, seed=seed, output=output, queue_timeout=queue_timeout)


async def fire_pooled_async(
    name: str,
    function: str | None = None,
    args: Sequence[object] = (),
    *,
    seed: int | bytes | None = None,
    output: Sink | None = None,
    queue_timeout: float | None = math.nan,
) -> Outcome:
    """Fire in the pool of that name; see `Pool.fire_async`."""
    pool = _pool(name)
    return await pool.fire_async(function, args, seed=seed, output=output, queue_timeout=queue_timeout)


def _pool(name: str) -> Pool:
    found = machine().pools.get(name)
    if found is None:
        raise UsageError(f"there is no pool named {name!a:.80}")
    return found


def _check_count(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageTypeError(f"{name} must be a whole number, not {type(value).__name__}")
    if not low <= value <= high:
        raise UsageError(f"{name} must be from {low} to {high}")


def _check_wait(value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageTypeError(f"queue_timeout must be a number of seconds, not {type(value).__name__}")
    if not 0 <= value <= MAX_WAIT:
        raise UsageError(f"queue_timeout must be from 0 to {MAX_WAIT:g} seconds")
