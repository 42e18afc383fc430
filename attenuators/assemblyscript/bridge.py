# SPDX-License-Identifier: MIT
"""The worker: a process that keeps the compiler loaded, watched and limited from here.

It is asked one thing at a time. It has no environment, reads the compiler's files and nothing else, and is ended when it
takes too long, when the compiler fails in it (its memory never shrinks again), or when munition ends. The next request
starts another.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

from munition.attenuators.assemblyscript.engines import (
    Engine,
    Kind,
    find_compiler,
    find_engine,
    worker_environment,
)

MEMORY: Final = 1 << 30
"""Bytes of memory the compiler may use."""

_MAX_ANSWER: Final = 256 << 20
_CHUNK: Final = 1 << 16
_SIGXCPU: Final = int(getattr(signal, "SIGXCPU", 24))
_START_SECONDS: Final = 60.0
_TOO_LONG: Final = "compiling took too long"
Reason: TypeAlias = Literal["time", "memory", "killed"]


class WorkerError(Exception):
    """The worker did not answer.

    Attributes:
        reason: the time was up, it ran into its memory limit, or something else ended it.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        """Keep the reason."""
        super().__init__(message)
        self.reason = reason


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    greeted: bool = False


class Bridge:
    """One worker at most, used by all threads in turn."""

    def __init__(self, kind: Kind | None = None) -> None:
        self._kind: Kind | None = kind
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._owner = os.getpid()
        self._last = 0
        atexit.register(self.close)

    def ask(self, request: dict[str, Any], seconds: float, cpu: int) -> dict[str, Any]:
        """The answer to `request`.

        Args:
            request: what worker/pipeline.mjs takes.
            seconds: of wall time, at most; loading the compiler does not count.
            cpu: seconds of processor time, at most.

        Raises:
            WorkerError: there is none.
            MissingToolError: no engine or no compiler is installed.
        """
        deadline = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            raise WorkerError("time", _TOO_LONG)
        try:
            return self._ask(request, cpu, deadline)
        except BaseException:
            # Whatever it was: what this worker would say next belongs to nobody.
            self._kill()
            raise
        finally:
            self._lock.release()

    def pid(self) -> int | None:
        """The worker's process id, if there is one."""
        return None if self._worker is None else self._worker.process.pid

    def close(self) -> None:
        """End the worker."""
        self._kill()

    def _ask(self, request: dict[str, Any], cpu: int, deadline: float) -> dict[str, Any]:
        worker = self._running()
        self._last += 1
        line = json.dumps({**request, "id": self._last}, separators=(",", ":")).encode() + b"\n"
        try:
            if not worker.greeted:
                # Loading the compiler is ours to wait for, not a matter of the source.
                start = time.monotonic()
                _receive(worker.process, start + _START_SECONDS)
                worker.greeted = True
                deadline += time.monotonic() - start
            _limit_cpu(worker.process.pid, cpu)
            _send(worker.process, line, deadline)
            answer = _receive(worker.process, deadline)
        except TimeoutError:
            raise WorkerError("time", _TOO_LONG) from None
        except EOFError:
            raise _death(worker.process) from None
        if answer.get("id") != self._last:
            raise WorkerError("killed", "the compiler's process answered something else")
        if "crash" in answer:
            self._kill()
        return answer

    def _running(self) -> _Worker:
        if self._owner != os.getpid():  # in a fork: the worker is the parent's
            self._worker, self._owner = None, os.getpid()
        worker = self._worker
        if worker is None or worker.process.poll() is not None:
            self._kill()
            worker = self._worker = _Worker(_start(find_engine(self._kind)))
        return worker

    def _kill(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None or self._owner != os.getpid():
            return
        worker.process.kill()
        worker.process.wait()
        for pipe in (worker.process.stdin, worker.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _start(engine: Engine) -> subprocess.Popen[bytes]:
    folder = find_compiler()
    process = subprocess.Popen(
        [*engine.command, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=worker_environment(engine),
        cwd="/",
        bufsize=0,
        start_new_session=True,
    )
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
    _limit(process.pid)
    return process


def _limit(pid: int) -> None:
    """Bound what it may allocate. Not its address space, of which V8 reserves far more than it uses."""
    try:
        import resource
    except ImportError:
        return
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(pid: int, seconds: int) -> None:
    """Bound the processor time of one request, beyond what the worker has used so far; helper threads count."""
    try:
        import resource

        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - no path is made of anything
            fields = file.read().rpartition(b")")[2].split()
        used = (int(fields[11]) + int(fields[12])) // os.sysconf("SC_CLK_TCK")
        resource.prlimit(pid, resource.RLIMIT_CPU, (used + 1 + seconds, resource.RLIM_INFINITY))
    except (ImportError, OSError, ValueError, IndexError, AttributeError):
        return  # the wall clock bounds it too


def _death(process: subprocess.Popen[bytes]) -> WorkerError:
    try:
        code = process.wait(5)
    except subprocess.TimeoutExpired:
        code = 0
    if code == -_SIGXCPU:
        return WorkerError("time", _TOO_LONG)
    if code == -signal.SIGKILL:
        return WorkerError("killed", "the compiler's process was killed")
    # V8 aborts when an allocation fails, in one of several ways.
    if code < 0 or code > 127:
        return WorkerError("memory", f"the compiler needed more than {MEMORY >> 20} MiB of memory")
    return WorkerError("killed", f"the compiler's process ended with code {code}")


def _wait(fd: int, event: int, deadline: float) -> None:
    poller = select.poll()
    poller.register(fd, event)
    left = deadline - time.monotonic()
    if left <= 0 or not poller.poll(left * 1000):
        raise TimeoutError


def _send(process: subprocess.Popen[bytes], data: bytes, deadline: float) -> None:
    assert process.stdin is not None
    fd = process.stdin.fileno()
    view = memoryview(data)
    while view:
        _wait(fd, select.POLLOUT, deadline)
        try:
            view = view[os.write(fd, view[:_CHUNK]) :]
        except BlockingIOError:
            continue
        except OSError:
            raise EOFError from None


def _receive(process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
    """One line of JSON."""
    assert process.stdout is not None
    fd = process.stdout.fileno()
    parts: list[bytes] = []
    size = 0
    while not (parts and parts[-1].endswith(b"\n")):
        _wait(fd, select.POLLIN, deadline)
        try:
            part = os.read(fd, _CHUNK)
        except BlockingIOError:
            continue
        size += len(part)
        if not part or size > _MAX_ANSWER:
            raise EOFError
        parts.append(part)
    try:
        return cast("dict[str, Any]", json.loads(b"".join(parts)))
    except ValueError:
        raise EOFError from None
