# SPDX-License-Identifier: MIT
"""A thread that runs functions of the caller one after another, so that waiting for one can end when its time is up."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any


class LeftBehindError(Exception):
    """The function is still running; its thread is left to it and must not be used again."""


class Helper:
    """See the module. Runs in the context (`contextvars`) of whoever made it."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._loop,), name="munition-call", daemon=True).start()

    def _loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                found = True, job()
            except BaseException as error:  # it is raised where it was asked for
                found = False, error
            self._done.put(found)

    def run(self, job: Callable[[], Any], deadline: float) -> Any:
        """What `job` returns or raises.

        Raises:
            LeftBehindError: it did neither until `deadline` of `monotonic`.
        """
        self._jobs.put(job)
        try:
            well, found = self._done.get(timeout=max(0.0, deadline - monotonic()))
        except queue.Empty:
            self._jobs.put(None)  # the thread ends when the function does
            raise LeftBehindError from None
        if not well:
            raise found
        return found

    def close(self) -> None:
        """Let the thread end."""
        self._jobs.put(None)
