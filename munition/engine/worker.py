# SPDX-License-Identifier: MIT
"""The child that compiles: `python -P -m munition.engine.worker`, module in, machine code out.

It exists to be killed. It serves one request after another until its standard input ends, which happens when the parent
is gone. Memory is bounded from the start, processor time for each request.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from typing import BinaryIO, Final

from munition.engine.capi import Api, ByteVec, load
from munition.engine.presets import Allocation, Preset, new_engine
from munition.engine.wire import ANSWER, DONE, READY, REFUSED, REQUEST

MEMORY: Final = 3 << 30
"""Bytes of address space the child may have; compiling a large honest module takes a tenth of it."""


def main() -> int:
    """Serve until the input ends; the exit code is always 0."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_AS, MEMORY)
    requests, answers = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    api = load()
    answers.write(READY)
    answers.flush()
    presets, allocations = tuple(Preset), tuple(Allocation)
    engines: dict[tuple[Preset, Allocation], int] = {}
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        preset, allocation, seconds, size = map(int, REQUEST.unpack(head))
        wasm = requests.read(size)
        if len(wasm) != size:
            break
        _allow_seconds(seconds)
        key = (presets[preset], allocations[allocation])
        if key not in engines:
            engines[key] = new_engine(api, *key, slots=1)
        _answer(answers, *compile_module(api, engines[key], wasm))
    return 0


def _lower(what: int, value: int) -> None:
    """Set a limit, unless a lower one is in force already."""
    hard = resource.getrlimit(what)[1]
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (wanted, hard))


def _allow_seconds(seconds: int) -> None:
    """Let this process use so many more seconds of processor time before the system kills it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)


def _answer(answers: BinaryIO, status: int, content: bytes) -> None:
    answers.write(ANSWER.pack(status, len(content)))
    answers.write(content)
    answers.flush()


def compile_module(api: Api, engine: int, wasm: bytes) -> tuple[int, bytes]:
    """Compile and serialise: `DONE` and the code, or `REFUSED` and why, in UTF-8."""
    module = ctypes.c_void_p()
    error = api.module_new(engine, wasm, len(wasm), ctypes.addressof(module))
    if error:
        return REFUSED, api.take_message(error).encode("utf-8", "replace")
    out = ByteVec()
    error = api.module_serialize(module.value, ctypes.addressof(out))
    api.module_delete(module.value)
    if error:
        return REFUSED, api.take_message(error).encode("utf-8", "replace")
    code = ctypes.string_at(out.data, out.size)
    api.wasm_byte_vec_delete(ctypes.addressof(out))
    return DONE, code


if __name__ == "__main__":
    sys.exit(main())
