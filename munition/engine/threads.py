# SPDX-License-Identifier: MIT
"""Threads that guests run on when the caller's thread will not do, and how much stack the caller's thread has.

A guest must not call host functions on the main thread (a signal handler that raises inside such a call ends the
process) and needs more native stack than some threads have. Threads here have plenty, take no signals, and are kept.
"""

from __future__ import annotations

import contextvars
import ctypes
import functools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

STACK: Final = 24 << 20
MARGIN: Final = 512 << 10
"""Stack that host functions and the engine need below the guest's."""

_R = TypeVar("_R")


class _Worker:
    """One thread that runs one job at a time and goes back to `free` after each."""

    def __init__(self, free: list[_Worker]) -> None:
        self.go = threading.Lock()
        self.go.acquire()
        self.job: Callable[[], None] | None = None
        self._free = free
        with _STACK_LOCK:
            before = threading.stack_size(STACK)
            try:
                threading.Thread(target=self._loop, name="munition-fire", daemon=True).start()
            finally:
                threading.stack_size(before)

    def _loop(self) -> None:
        while True:
            self.go.acquire()
            job, self.job = self.job, None
            if job is not None:
                job()
            del job
            self._free.append(self)


_STACK_LOCK: Final = threading.Lock()


class Threads:
    """Workers, made when all are busy and kept afterwards."""

    def __init__(self) -> None:
        self._free: list[_Worker] = []

    def start(self, job: Callable[[], None]) -> None:
        """Run `job`, which raises nothing, on a worker, with the context variables of the caller; does not wait."""
        worker = self._take()
        worker.job = functools.partial(contextvars.copy_context().run, job)
        worker.go.release()

    def _take(self) -> _Worker:
        try:
            return self._free.pop()
        except IndexError:
            return _Worker(self._free)

    def run(self, job: Callable[[], _R], cancel: Callable[[], None]) -> _R:
        """Run `job` on a worker and wait for it; what it raises is raised here.

        When the wait is interrupted (Ctrl-C), `cancel` is called, the job is waited for, and the interrupt goes on. A
        second interrupt does not wait: the worker comes back when its job is done.
        """
        worker = self._take()
        done = threading.Lock()
        done.acquire()
        results: list[_R] = []
        errors: list[BaseException] = []

        def task() -> None:
            try:
                results.append(job())
            except BaseException as error:
                errors.append(error)
            finally:
                done.release()

        worker.job = functools.partial(contextvars.copy_context().run, task)
        worker.go.release()
        try:
            done.acquire()
        except BaseException:
            cancel()
            done.acquire()
            raise
        if errors:
            raise errors[0]
        return results[0]


@dataclass(frozen=True, slots=True)
class Place:
    """The thread a fire is asked for on.

    Attributes:
        main: whether it is the one that runs signal handlers.
        room: bytes of native stack it has for a call, at least; 0 when that cannot be known.
    """

    main: bool
    room: int


NOWHERE: Final = Place(main=False, room=0)
"""A thread on which nothing may be fired just now."""


class _Local(threading.local):
    place: Place | None = None


LOCAL: Final = _Local()
"""What is known of each thread; None until `place` has looked."""


def place() -> Place:
    """This thread; looked at once."""
    found = LOCAL.place
    if found is None:
        main = threading.current_thread() is threading.main_thread()
        # A quarter is left for what the thread is in already.
        found = LOCAL.place = Place(main, _stack_size() * 3 // 4)
    return found


def _forget() -> None:
    """After a fork the thread that forked is the main thread."""
    LOCAL.place = None


os.register_at_fork(after_in_child=_forget)


def _stack_size() -> int:
    """The size of this thread's stack by `pthread_getattr_np`, which glibc and musl have."""
    libc = ctypes.CDLL(None)
    attributes = ctypes.create_string_buffer(256)
    start, size = ctypes.c_void_p(), ctypes.c_size_t()
    try:
        libc.pthread_self.restype = ctypes.c_void_p
        if libc.pthread_getattr_np(ctypes.c_void_p(libc.pthread_self()), attributes):
            return 0
        libc.pthread_attr_getstack(attributes, ctypes.byref(start), ctypes.byref(size))
        libc.pthread_attr_destroy(attributes)
    except AttributeError:
        return 0
    return size.value
