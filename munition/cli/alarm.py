# SPDX-License-Identifier: MIT
"""An end for what may never end by itself: compiling, and opening a pipe nobody holds the other end of."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Generator
from types import FrameType


@contextlib.contextmanager
def within(seconds: float, error: Exception) -> Generator[None]:
    """Interrupt the block after `seconds` of wall time; only where signals can be had, which is on the main thread.

    Raises:
        Exception: `error`, when the time is over.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise error

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
