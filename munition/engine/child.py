# SPDX-License-Identifier: MIT
"""One worker process as its parent holds it: started, spoken to within deadlines, killed.

Starting does not wait. Everything that waits ends by a deadline, by the worker's death, or by being cancelled.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from munition.engine.capi import library_path
from munition.engine.wire import HEAD, READY, Down, Up

MAX_LOADED: Final = 64
"""Targets a worker keeps loaded."""

_MAX_CODE: Final = 256 << 20
"""Bytes of machine code of all of them, unless one alone has more."""

_CHUNK: Final = 1 << 20
_FIRST: Final = 1 << 16


class TimeUpError(Exception):
    """The deadline passed."""


class DiedError(Exception):
    """The worker is gone, or said something no worker says."""


class CancelledError(Exception):
    """The fire was cancelled from another thread."""


class Cancel:
    """A switch that ends a wait from another thread; thrown once.

    Attributes:
        thrown: whether it was.
        hook: called when it is thrown; whoever sets it looks at `thrown` afterwards.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.thrown = False
        self.hook: Callable[[], None] | None = None

    def fileno(self) -> int:
        """Readable once it is thrown."""
        return self._read

    def throw(self) -> None:
        """End the wait, now or as soon as it begins."""
        if not self.thrown:
            self.thrown = True
            hook = self.hook
            if hook is not None:
                hook()
            with contextlib.suppress(OSError):
                os.write(self._write, b"!")

    def close(self) -> None:
        """Give the descriptors back; nobody may wait any more."""
        os.close(self._read)
        os.close(self._write)


class Child:
    """See the module. One thread at a time speaks to it.

    Attributes:
        loaded: numbers of the targets it has loaded and bytes of their machine code, the least recently used first.
        guests: whether a guest ran in it.
    """

    def __init__(self) -> None:
        self._process, self._lifeline = _start()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._out, self._in = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._buffer = b""
        self._greeted = False
        self._poll_in = select.poll()
        self._poll_in.register(self._in, select.POLLIN)
        self._poll_out = select.poll()
        self._poll_out.register(self._out, select.POLLOUT)
        self.loaded: OrderedDict[int, int] = OrderedDict()
        self.guests = False

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def make_room(self, size: int) -> list[int]:
        """Numbers of the targets it is to forget before one with `size` bytes of machine code is loaded."""
        forgotten: list[int] = []
        while self.loaded and (
            len(self.loaded) >= MAX_LOADED or sum(self.loaded.values()) + size > _MAX_CODE
        ):
            forgotten.append(self.loaded.popitem(last=False)[0])
        return forgotten

    def resident(self) -> int:
        """Bytes of memory it holds; 0 if the system does not tell."""
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as file:  # noqa: PTH123
                return int(file.read().split()[1]) * resource.getpagesize()
        except (OSError, ValueError, IndexError):
            return 0

    def send(self, kind: Down, content: bytes, deadline: float, cancel: Cancel | None = None) -> None:
        """Say something before `deadline` (of `time.monotonic`).

        Raises:
            TimeUpError: it does not listen in time.
            DiedError: it is gone.
            CancelledError: `cancel` was thrown.
        """
        data = HEAD.pack(kind, len(content)) + content
        try:
            done = os.write(self._out, data)
        except BlockingIOError:
            done = 0
        except OSError:
            raise DiedError from None
        if done == len(data):
            return
        left = memoryview(data)[done:]
        while left:
            self._wait(self._poll_out, deadline, cancel)
            try:
                left = left[os.write(self._out, left[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise DiedError from None

    def receive(self, most: int, deadline: float, cancel: Cancel | None = None) -> tuple[int, bytes]:
        """The kind and content of the next frame, which may hold `most` bytes.

        Raises:
            TimeUpError: it says nothing in time.
            DiedError: it is gone, or said something no worker says.
            CancelledError: `cancel` was thrown.
        """
        if not self._greeted:
            self._greet(deadline, cancel)
        return self._frame(most, deadline, cancel)

    def _greet(self, deadline: float, cancel: Cancel | None) -> None:
        if self._frame(len(READY), deadline, cancel) != (Up.READY, READY):
            raise DiedError
        self._greeted = True

    def _frame(self, most: int, deadline: float, cancel: Cancel | None) -> tuple[int, bytes]:
        buffer = self._buffer
        while len(buffer) < HEAD.size:
            buffer += self._read(_FIRST, deadline, cancel)
        kind, size = HEAD.unpack_from(buffer)
        end = HEAD.size + size
        if len(buffer) == end:
            self._buffer = b""
            return kind, buffer[HEAD.size :]
        if size > most:
            raise DiedError
        if len(buffer) > end:
            self._buffer = buffer[end:]
            return kind, buffer[HEAD.size : end]
        self._buffer = b""
        content = bytearray(buffer[HEAD.size :])
        deadline += size / _RATE  # it is answering: a copy of much memory takes a moment
        while len(content) < size:
            content += self._read(min(size - len(content), _CHUNK), deadline, cancel)
        return kind, bytes(content)

    def _read(self, size: int, deadline: float, cancel: Cancel | None) -> bytes:
        while True:
            self._wait(self._poll_in, deadline, cancel)
            try:
                part = os.read(self._in, size)
            except BlockingIOError:
                continue
            except OSError:
                raise DiedError from None
            if not part:
                raise DiedError
            return part

    def _wait(self, poller: select.poll, deadline: float, cancel: Cancel | None) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeUpError
        if cancel is None:
            if not poller.poll(min(left, _DAY) * 1000):
                raise TimeUpError
            return
        poller.register(cancel.fileno(), select.POLLIN)
        try:
            found = poller.poll(min(left, _DAY) * 1000)
        finally:
            poller.unregister(cancel.fileno())
        if cancel.thrown:
            raise CancelledError
        if not found:
            raise TimeUpError

    def kill(self) -> None:
        """End it, whatever it is doing; see `gone`. Whoever speaks to it is told that it died."""
        self._process.kill()

    def release(self) -> None:
        """Give the pipes back; nobody may speak to it any more."""
        lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            os.close(lifeline)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def gone(self, seconds: float) -> bool:
        """Wait at most so long for its end; whether it came."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def abandon(self) -> None:
        """In a forked process: let go of the parent's worker without touching it."""
        self.release()
        self._process.returncode = 0  # it is not ours to wait for


_RATE: Final = 256 << 20
"""Bytes a second that a pipe passes on any machine."""

_DAY: Final = 86_400.0
"""More than this many seconds at once `poll` may not take."""


def _start() -> tuple[subprocess.Popen[bytes], int]:
    """A worker that finds the same munition and the same engine, and nothing from the working directory; its lifeline.

    The lifeline is a pipe nobody writes to. The worker gets the end for reading as its standard error, and ends when
    the other one, which only this process has, is closed.
    """
    folders = dict.fromkeys([str(Path(__file__).parents[2]), str(library_path().parents[2])])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    for name in _NOT_FOR_WORKERS:
        environment.pop(name, None)
    theirs, ours = os.pipe()
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "munition.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=environment,
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
    return child, ours


_NOT_FOR_WORKERS: Final = (
    "PYTHONHASHSEED",
    "PYTHONINSPECT",
    "PYTHONSTARTUP",
    "PYTHONFAULTHANDLER",
    "PYTHONDEVMODE",
)
