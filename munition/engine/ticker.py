# SPDX-License-Identifier: MIT
"""The clock that ends endless guests: a thread that advances the epoch of every engine, `TICK` by `TICK`.

A store's deadline is a number of ticks. The thread counts ticks by the monotonic clock and catches up when it was late,
so a busy process makes a deadline late but never loses it. It sleeps while nothing is fired.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from munition.engine.capi import Api

TICK: Final = 0.01
"""Seconds between two ticks."""

_IDLE_AFTER: Final = 200
"""Ticks without a fire after which the thread looks whether it may sleep."""


def ticks(seconds: float) -> int:
    """How many ticks surely cover `seconds` when they start in the middle of one."""
    return int(seconds / TICK) + 2


class Ticker:
    """The thread, started on first use.

    Attributes:
        asleep: True when `wake` must be called before a fire; the hot path reads only this.
        inflight: one object per fire that is going on. A fire enters itself first and looks at `asleep` then; the
            thread does it the other way round; so one of them sees the other.
    """

    def __init__(self, api: Api) -> None:
        self._advance = api.engine_increment_epoch
        self._engines: tuple[int, ...] = ()
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None
        self.asleep = True
        self.inflight: set[object] = set()

    def watch(self, engine: int) -> None:
        """Advance this engine too."""
        with self._lock:
            self._engines = (*self._engines, engine)

    def wake(self) -> None:
        """Make sure that ticks come."""
        with self._lock:
            self.asleep = False
            self._awake.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="munition-ticker", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._awake.wait()
            self._tick_while_busy()

    def _tick_while_busy(self) -> None:
        done, quiet, begun = 0, 0, time.monotonic()
        while quiet < _IDLE_AFTER or not self._may_sleep():
            time.sleep(TICK)
            due = int((time.monotonic() - begun) / TICK)
            for engine in self._engines:
                for _ in range(due - done):
                    self._advance(engine)
            done = due
            quiet = 0 if self.inflight else quiet + 1

    def _may_sleep(self) -> bool:
        with self._lock:
            self.asleep = True
            if self.inflight:
                self.asleep = False
                return False
            self._awake.clear()
            return True
