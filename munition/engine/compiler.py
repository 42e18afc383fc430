# SPDX-License-Identifier: MIT
"""Engine compilation as the parent sees it: bytes to machine code, in a child that can be killed.

Compiling hostile bytes can take minutes and gigabytes, and nothing inside the process can stop it. So it always happens
in a child, under the deadline of the fire that asked. One child is kept and reused; it is started again after a death.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from munition.engine.capi import library_path
from munition.engine.presets import Allocation, Preset
from munition.engine.wire import ANSWER, DONE, MAX_ANSWER, READY, REQUEST

_PRESETS: Final = list(Preset)
_ALLOCATIONS: Final = list(Allocation)
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Compiled:
    """Machine code from our own child."""

    code: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine does not accept the module; the text is the engine's."""

    message: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The child was stopped: `time` is up, or it `died` (of its memory limit, or of a fault of the engine)."""

    why: str


Result = Compiled | Refused | Stopped


class Compiler:
    """A compiling child, started on first use. One request at a time; others wait within their deadlines."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def warm(self) -> None:
        """Start the child, so that it gets ready while something else is done. Does not wait."""
        if self._lock.acquire(blocking=False):
            try:
                self._running()
            finally:
                self._lock.release()

    def compile(self, wasm: bytes, preset: Preset, allocation: Allocation, deadline: float) -> Result:
        """Compile `wasm` before `deadline` (of `time.monotonic`)."""
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return Stopped("time")
        try:
            child = self._running()
            seconds = min(int(max(0.0, deadline - time.monotonic())) + 1, 1 << 30)
            head = REQUEST.pack(_PRESETS.index(preset), _ALLOCATIONS.index(allocation), seconds, len(wasm))
            return _exchange(child, head + wasm, deadline)
        except (_TimeUpError, _DiedError) as end:
            self._kill()
            return Stopped("time" if isinstance(end, _TimeUpError) else "died")
        except BaseException:
            # Interrupted in the middle of an exchange: what the child would say next belongs to nobody.
            self._kill()
            raise
        finally:
            self._lock.release()

    def pid(self) -> int | None:
        """The child's process id, if there is a child."""
        return None if self._child is None else self._child.pid

    def close(self) -> None:
        """Stop the child, even in the middle of a request (at exit nobody waits for one)."""
        self._kill()

    def abandon(self) -> None:
        """In a forked process: let go of the parent's child without touching it."""
        child, self._child = self._child, None
        if child is not None:
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
            child.returncode = 0  # it is not ours to wait for

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._kill()
            self._child = _start()
        return self._child

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


class _TimeUpError(Exception):
    """The deadline passed."""


class _DiedError(Exception):
    """The child is gone."""


def _start() -> subprocess.Popen[bytes]:
    """Start a child that finds the same munition and the same engine, and nothing from the working directory."""
    folders = dict.fromkeys([str(Path(__file__).parents[2]), str(library_path().parents[2])])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "munition.engine.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        bufsize=0,
        start_new_session=True,
    )
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
    return child


def _exchange(child: subprocess.Popen[bytes], request: bytes, deadline: float) -> Compiled | Refused:
    assert child.stdin is not None
    assert child.stdout is not None
    incoming, outgoing = child.stdout.fileno(), child.stdin.fileno()
    if not getattr(child, "greeted", False):
        if _receive(incoming, len(READY), deadline) != READY:
            raise _DiedError
        child.greeted = True  # type: ignore[attr-defined]
    _send(outgoing, request, deadline)
    status, size = ANSWER.unpack(_receive(incoming, ANSWER.size, deadline))
    if size > MAX_ANSWER:
        raise _DiedError
    content = _receive(incoming, size, deadline)
    return Compiled(content) if status == DONE else Refused(content.decode("utf-8", "replace"))


def _wait(fd: int, event: int, deadline: float) -> None:
    poller = select.poll()
    poller.register(fd, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poller.poll(left * 1000):
        raise _TimeUpError


def _send(fd: int, data: bytes, deadline: float) -> None:
    view = memoryview(data)
    while view:
        _wait(fd, select.POLLOUT, deadline)
        try:
            view = view[os.write(fd, view[:_CHUNK]) :]
        except BlockingIOError:
            continue
        except OSError:
            raise _DiedError from None


def _receive(fd: int, size: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    while size:
        _wait(fd, select.POLLIN, deadline)
        try:
            part = os.read(fd, min(size, _CHUNK))
        except BlockingIOError:
            continue
        if not part:
            raise _DiedError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
