# SPDX-License-Identifier: MIT
"""The workers of a process: which are idle, how many guests may run at once, who gets the next.

A worker that has run a guest never compiles (what it makes is run by others); one that compiled may fire.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.engine.child import Child

if TYPE_CHECKING:
    from munition.engine.child import Cancel

MOST: Final = 32
"""Workers there may be at once, those included whose guests wait for a function of the caller."""


class NoWorkerError(Exception):
    """No worker became free in time, or there may be no more of them."""


@dataclass(frozen=True, slots=True)
class WorkerCounts:
    """How many workers there are, and what became of the others.

    Attributes:
        idle: nobody uses.
        busy: are compiling or running a guest.
        waiting: fires that wait for one.
        started: there have been.
        killed: were killed: they overran, died, or were interrupted.
    """

    idle: int
    busy: int
    waiting: int
    started: int
    killed: int


class Workers:
    """See the module. Safe from many threads.

    Args:
        running: how many guests may run at once; fires beyond wait.
        kept: how many idle workers are kept.
        most: how many workers there may be at once.
    """

    def __init__(self, running: int | None = None, kept: int | None = None, most: int = MOST) -> None:
        self.running = running or max(4, 2 * (os.cpu_count() or 1))
        self._most = most
        self._kept = self.running if kept is None else kept
        self._changed = threading.Condition(threading.Lock())
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._dying: list[Child] = []
        self._leased: set[Child] = set()
        self._paused = 0
        self._waiting = 0
        self._started = 0
        self._killed = 0
        self._closed = False

    def warm(self, count: int = 1) -> None:
        """Have at least `count` workers started. Does not wait for them."""
        with self._changed, contextlib.suppress(NoWorkerError):
            while not self._closed and len(self._all) < min(count, self._most):
                self._idle.insert(0, self._start())

    def take(
        self,
        into: list[Child],
        target: int | None,
        deadline: float,
        cancel: Cancel | None = None,
        *,
        wait: bool = True,
    ) -> Child:
        """A worker nobody else uses until it is given back.

        Args:
            into: gets it too, so that an interrupt on the way back cannot lose it.
            target: number of what will be fired, for one that has it loaded; None to compile, for one no guest ran in.
            deadline: until when (of `time.monotonic`) to wait for a turn.
            cancel: ends the wait when it is thrown, at the next change.
            wait: False to have a turn at once or none.

        Raises:
            NoWorkerError: there was none in time.
        """
        with self._changed:
            if self._active() >= self.running or len(self._all) - len(self._idle) >= self._most:
                self._await_turn(deadline if wait else 0.0, cancel)
            if self._closed:
                raise NoWorkerError
            child = self._choose(target)
            if child is None:
                while len(self._all) >= self._most:  # an idle one that will not do makes room
                    self._end(self._idle.pop(0))
                child = self._start()
            into.append(child)
            self._leased.add(child)
            return child

    def _active(self) -> int:
        return len(self._leased) - self._paused

    def _await_turn(self, deadline: float, cancel: Cancel | None) -> None:
        self._waiting += 1
        try:
            while self._active() >= self.running or len(self._all) - len(self._idle) >= self._most:
                left = deadline - time.monotonic()
                if left <= 0 or self._closed or (cancel is not None and cancel.thrown):
                    raise NoWorkerError
                self._changed.wait(min(left, _LOOK_AGAIN) if cancel is not None else left)
        finally:
            self._waiting -= 1

    def _choose(self, target: int | None) -> Child | None:
        """One that has the target loaded, else one that cannot compile any more, else any; to compile, one that can."""
        best, score = None, 0
        for index, child in enumerate(self._idle):
            found = (3 if target in child.loaded else 2 if child.guests else 1) if target is not None else 1
            if found >= score and (target is not None or not child.guests):
                best, score = index, found
        if best is None:
            return None
        child = self._idle.pop(best)
        if child.alive():
            return child
        self._end(child)
        return self._choose(target)

    def _start(self) -> Child:
        try:
            child = Child()
        except OSError as error:  # no more processes, descriptors or memory
            raise NoWorkerError from error
        self._started += 1
        self._all.add(child)
        return child

    def _end(self, child: Child) -> None:
        """Kill a worker; one that takes long to go is looked after later."""
        self._all.discard(child)
        child.kill()
        child.release()
        self._dying = [other for other in (*self._dying, child) if not other.gone(_PATIENCE)]

    def give(self, child: Child, *, keep: bool = True) -> None:
        """Give back a worker that is well; `keep`: it may be used again."""
        with self._changed:
            self._leased.discard(child)
            if self._closed or not keep or len(self._idle) >= self._kept:
                self._end(child)
            else:
                self._idle.append(child)
            self._changed.notify()

    def drop(self, child: Child) -> None:
        """Give back a worker by killing it."""
        child.kill()
        with self._changed:
            self._leased.discard(child)
            self._killed += 1
            self._end(child)
            if not self._closed and not self._idle and len(self._all) < self._most:
                with contextlib.suppress(NoWorkerError):
                    self._idle.append(self._start())  # gets ready while the caller looks at what happened
            self._changed.notify()

    def pause(self) -> None:
        """The guest of one worker waits for its caller: another may run meanwhile."""
        with self._changed:
            self._paused += 1
            self._changed.notify()

    def resume(self) -> None:
        """The guest goes on; it does not wait for its turn, or two could wait for each other."""
        with self._changed:
            self._paused -= 1

    def idle(self) -> tuple[Child, ...]:
        """The workers nobody uses."""
        return tuple(self._idle)

    def busy(self) -> tuple[Child, ...]:
        """The workers somebody uses."""
        with self._changed:
            return tuple(self._leased)

    def counts(self) -> WorkerCounts:
        """How it stands."""
        with self._changed:
            busy = len(self._all) - len(self._idle)
            return WorkerCounts(len(self._idle), busy, self._waiting, self._started, self._killed)

    def close(self) -> None:
        """Kill all workers, even those in the middle of something; there will be no others."""
        with self._changed:
            self._closed = True
            left = (*self._all, *self._dying)
            unused = (*self._idle, *self._dying)
            self._idle.clear()
            self._dying = []
            self._changed.notify_all()
        for child in left:
            child.kill()
        for child in unused:
            child.release()
        for child in left:
            child.gone(_LONG)

    def abandon(self) -> None:
        """In a forked process: let go of the parent's workers without touching them."""
        for child in (*self._all, *self._dying):
            child.abandon()
        self._changed = threading.Condition(threading.Lock())  # whoever held the old one is not here
        self._all, self._leased = set(), set()
        self._idle, self._dying = [], []
        self._closed = True


_LOOK_AGAIN: Final = 0.05
"""Seconds after which a fire that waits looks whether it was cancelled."""

_PATIENCE: Final = 0.01
"""Seconds to wait for a killed worker; giving back gigabytes takes longer."""

_LONG: Final = 10.0
