# SPDX-License-Identifier: MIT
"""How many may pass at once: a bounded number inside, a bounded number waiting, everybody else is turned away."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from munition.engine.child import Cancel


class TurnedAwayError(Exception):
    """No room: the queue is full, the wait took too long, or waiting is not allowed; the text says which."""


class ClosedError(Exception):
    """The gate is closed."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How it stands at a gate, and the most there has been.

    Attributes:
        inside: are inside now.
        waiting: wait now.
        most_inside: the most that were inside at once.
        most_waiting: the most that waited at once.
        turned_away: were turned away so far.
        waited: seconds all that passed have waited together.
    """

    inside: int
    waiting: int
    most_inside: int
    most_waiting: int
    turned_away: int
    waited: float


class Gate:
    """See the module. Safe from many threads.

    Args:
        size: how many may be inside.
        queue: how many may wait.
    """

    def __init__(self, size: int, queue: int) -> None:
        self._size = size
        self._queue = queue
        self._changed = threading.Condition(threading.Lock())
        self._inside: set[object] = set()
        self._waiting = 0
        self._most_inside = 0
        self._most_waiting = 0
        self._turned_away = 0
        self._waited = 0.0
        self._closed = False

    def enter(self, who: object, seconds: float | None, cancel: Cancel | None = None) -> None:
        """Go in, waiting for at most so long (None for as long as it takes, 0 not at all).

        Raises:
            TurnedAwayError: there was no room in time.
            ClosedError: the gate is or was closed.
        """
        with self._changed:
            if self._closed:
                raise ClosedError
            if len(self._inside) >= self._size:
                self._wait(seconds, cancel)
            self._inside.add(who)
            self._most_inside = max(self._most_inside, len(self._inside))

    def _wait(self, seconds: float | None, cancel: Cancel | None) -> None:
        if seconds == 0:
            self._turn_away(
                "all instances are busy, and one that waits inside a fire of its own could wait forever"
            )
        if self._waiting >= self._queue:
            self._turn_away(f"all instances are busy and {self._queue} fires wait already")
        began = time.monotonic()
        self._waiting += 1
        self._most_waiting = max(self._most_waiting, self._waiting)
        try:
            while len(self._inside) >= self._size:
                left = _FOREVER if seconds is None else began + seconds - time.monotonic()
                if left <= 0 or (cancel is not None and cancel.thrown):
                    self._turn_away(f"no instance became free within {seconds} s")
                self._changed.wait(left if cancel is None else min(left, _LOOK_AGAIN))
                if self._closed:
                    raise ClosedError
        finally:
            self._waiting -= 1
            self._waited += time.monotonic() - began

    def _turn_away(self, why: str) -> None:
        self._turned_away += 1
        raise TurnedAwayError(why)

    def leave(self, who: object) -> None:
        """Go out; whoever never was inside changes nothing."""
        with self._changed:
            self._inside.discard(who)
            self._changed.notify_all() if self._closed else self._changed.notify()

    def close(self, *, wait: bool, seconds: float | None = None) -> bool:
        """Let nobody in any more; with `wait`, until all are out or the time is up. Whether all are out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._inside, seconds) if wait else not self._inside

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def traffic(self) -> Traffic:
        """How it stands."""
        with self._changed:
            return Traffic(
                len(self._inside),
                self._waiting,
                self._most_inside,
                self._most_waiting,
                self._turned_away,
                self._waited,
            )


_FOREVER: Final = 86_400.0
_LOOK_AGAIN: Final = 0.05
