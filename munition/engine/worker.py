# SPDX-License-Identifier: MIT
"""A worker: `python -P -m munition.engine.worker`. It compiles modules and fires them, and exists to be killed.

It serves one request after another until its standard input ends or its lifeline breaks, both of which happen when the
parent is gone. Memory is bounded from the start, processor time for each compilation. See docs/decisions/0013.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import sys
import threading
from typing import TYPE_CHECKING, Final

from munition.engine.capi import Api, ByteVec, load
from munition.engine.presets import Allocation, Preset, new_engine
from munition.engine.rlimits import MEMORY, lower
from munition.engine.threads import STACK
from munition.engine.wire import COMPILE, HEAD, READY, Down, Up

if TYPE_CHECKING:
    from munition.engine.serving import Server

_LIFELINE: Final = 2


class Pipe:
    """The two ends that lead to the parent."""

    def __init__(self) -> None:
        self._buffer = b""

    def send(self, kind: Up, content: bytes) -> None:
        """Say something."""
        data = memoryview(HEAD.pack(kind, len(content)) + content)
        while data:
            data = data[os.write(1, data) :]

    def receive(self) -> tuple[int, bytes]:
        """The next frame.

        Raises:
            EOFError: the parent is gone.
        """
        buffer = self._buffer
        while len(buffer) < HEAD.size:
            buffer += self._read()
        kind, size = HEAD.unpack_from(buffer)
        end = HEAD.size + size
        if len(buffer) < end:
            parts, have = [buffer], len(buffer)
            while have < end:
                part = self._read(end - have)
                parts.append(part)
                have += len(part)
            buffer = b"".join(parts)
        self._buffer = buffer[end:]
        return kind, buffer[HEAD.size : end]

    @staticmethod
    def _read(least: int = 0) -> bytes:
        part = os.read(0, max(1 << 16, min(least, 1 << 20)))
        if not part:
            raise EOFError
        return part


def main() -> int:
    """Serve until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    lower(resource.RLIMIT_AS, MEMORY)
    lifeline = _hold_lifeline()
    # Guests need more native stack than the main thread has.
    threading.stack_size(STACK)
    threading.Thread(target=_serve, name="munition-serve", daemon=True).start()
    with contextlib.suppress(OSError):
        os.read(lifeline, 1)
    os._exit(0)


def _hold_lifeline() -> int:
    """Take what came as standard error; have the kernel end this process when the other end closes.

    SIGIO ends a process that does not handle it, whatever native code it is in and whoever holds Python's lock.
    """
    lifeline = fcntl.fcntl(_LIFELINE, fcntl.F_DUPFD_CLOEXEC, 10)
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(nothing, _LIFELINE)
    os.close(nothing)
    with contextlib.suppress(OSError, AttributeError):
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    return lifeline


def _serve() -> None:
    code = 1
    try:
        serve(Pipe())
    except (EOFError, BrokenPipeError):
        code = 0
    finally:
        os._exit(code)


def serve(pipe: Pipe) -> None:
    """Serve one request after another.

    Raises:
        EOFError: the parent is gone.
    """
    api = load()
    pipe.send(Up.READY, READY)
    engines: dict[tuple[Preset, Allocation], int] = {}
    server: Server | None = None
    while True:
        kind, content = pipe.receive()
        if kind == Down.COMPILE:
            pipe.send(*_compile(api, engines, content))
            continue
        if server is None:
            from munition.engine.serving import Server

            server = Server(pipe)
        server.handle(kind, content)


def _compile(api: Api, engines: dict[tuple[Preset, Allocation], int], request: bytes) -> tuple[Up, bytes]:
    preset, allocation, seconds = map(int, COMPILE.unpack_from(request))
    key = (tuple(Preset)[preset], tuple(Allocation)[allocation])
    if key not in engines:
        engines[key] = new_engine(api, *key, slots=1)
    used = resource.getrusage(resource.RUSAGE_SELF)
    lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
    try:
        return compile_module(api, engines[key], request[COMPILE.size :])
    finally:
        lower(resource.RLIMIT_CPU, resource.RLIM_INFINITY)


def compile_module(api: Api, engine: int, wasm: bytes) -> tuple[Up, bytes]:
    """Compile and serialise: `COMPILED` and the code, or `REFUSED` and why, in UTF-8."""
    module = ctypes.c_void_p()
    error = api.module_new(engine, wasm, len(wasm), ctypes.addressof(module))
    if error:
        return Up.REFUSED, api.take_message(error).encode("utf-8", "replace")
    out = ByteVec()
    error = api.module_serialize(module.value, ctypes.addressof(out))
    api.module_delete(module.value)
    if error:
        return Up.REFUSED, api.take_message(error).encode("utf-8", "replace")
    code = ctypes.string_at(out.data, out.size)
    api.wasm_byte_vec_delete(ctypes.addressof(out))
    return Up.COMPILED, code


if __name__ == "__main__":
    sys.exit(main())
