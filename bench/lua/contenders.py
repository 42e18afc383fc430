# SPDX-License-Identifier: MIT
"""Who runs the programs, and how the CPU time of a run is taken.

Ours is measured on the thread that fires; the others run in processes of their own and measure themselves, without their start.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import wasmtime

import munition
from bench.lua.programs import Program
from munition.host.values import decode, encode

HERE: Final = Path(__file__).parent
REFERENCE: Final = "PUC-Lua 5.4"
OURS: Final = "munition"
UNMETERED: Final = "munition, no fuel"
FUEL: Final = 1 << 50
STACK: Final = 64 << 20
_TIMEOUT: Final = 300
_FASTEST: Final = 1e11
"""More units of fuel than any machine uses in a second."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program: CPU seconds, and what it returned."""

    seconds: float
    result: str


Runner = Callable[[Program], Run]


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who runs the programs. `run` is None when it is not installed; `note` says what it is or how to get it."""

    name: str
    run: Runner | None
    note: str


def contenders(modules: dict[str, munition.Module]) -> list[Contender]:
    """All of them, the reference first."""
    metered, unmetered = Metered(modules), Unmetered(modules)
    return [
        Contender(REFERENCE, *_command("lua5.4", "Debian package lua5.4")),
        Contender(OURS, metered.run, "munition.fire in this thread: fuel, memory limit, deadline"),
        Contender(UNMETERED, unmetered.run, "the same module and engine settings without fuel and deadline"),
        Contender("LuaJIT", *_command("luajit", "Debian package luajit")),
        Contender("PUC-Lua in wasm", *_wasmoon()),
    ]


def on_large_stack(body: Callable[[], Any]) -> Any:
    """Run `body` on a thread with room for the guest's stack, so that a fire stays on it."""
    out: list[Any] = []
    before = threading.stack_size(STACK)
    thread = threading.Thread(target=lambda: out.append(body()))
    thread.start()
    threading.stack_size(before)
    thread.join()
    if not out:
        raise SystemExit(1)
    return out[0]


class Metered:
    """The product: one fresh instance per run, under all limits."""

    def __init__(self, modules: dict[str, munition.Module]) -> None:
        """Fire these modules."""
        self._modules = modules
        self.peak_memory: dict[str, int] = {}
        self.fuel: dict[str, int] = {}

    def run(self, program: Program) -> Run:
        """Fire once."""
        module = self._modules[program.name]
        started = time.thread_time()
        outcome = munition.fire(
            module, None, program.arguments, fuel=FUEL, timeout=_TIMEOUT, isolation="thread"
        )
        seconds = time.thread_time() - started
        if seconds * _FASTEST < outcome.fuel_used:
            raise RuntimeError("the fire did not run on the thread that is measured")
        if not outcome.ok:
            raise RuntimeError(f"{program.name}: {outcome.message}")
        self.peak_memory[program.name] = outcome.peak_memory
        self.fuel[program.name] = outcome.fuel_used
        return Run(seconds, str(outcome.values[0]))


_OFF: Final = (
    "threads",
    "relaxed_simd",
    "simd",
    "multi_memory",
    "memory64",
    "exceptions",
    "function_references",
    "gc",
)


class Unmetered:
    """The same bytes under the same engine settings, but nothing counts fuel or looks at the clock."""

    def __init__(self, modules: dict[str, munition.Module]) -> None:
        """Run these modules."""
        config = wasmtime.Config()
        for name in _OFF:
            setattr(config, f"wasm_{name}", False)
        config.wasm_tail_call = True
        config.signals_based_traps = False
        config.parallel_compilation = False
        config.memory_reservation = 64 << 20
        config.memory_guard_size = 64 << 10
        self._engine = wasmtime.Engine(config)
        self._modules = modules
        self._compiled: dict[str, wasmtime.Module] = {}

    def run(self, program: Program) -> Run:
        """Instantiate and run once."""
        name = program.name
        if name not in self._compiled:
            self._compiled[name] = wasmtime.Module(self._engine, self._modules[name].wasm)
        store = wasmtime.Store(self._engine)
        started = time.thread_time()
        exports = wasmtime.Instance(store, self._compiled[name], []).exports(store)
        memory: Any = exports["memory"]
        enter: Any = exports["munition:input"]
        call: Any = exports["munition:run"]
        arguments = encode(program.arguments)
        at = enter(store, len(arguments))
        memory.write(store, arguments, at)
        packed = call(store, at, len(arguments))
        seconds = time.thread_time() - started
        return Run(seconds, _decoded(memory, store, packed))


def _decoded(memory: Any, store: wasmtime.Store, packed: int) -> str:
    packed &= (1 << 64) - 1
    at, length = packed & 0xFFFFFFFF, packed >> 32
    block = bytes(memory.read(store, at, at + length))
    if block[0]:
        raise RuntimeError(f"status {block[0]}: {block[:300]!r}")
    assert struct.unpack_from("<I", block, 1)[0] == 1
    return str(decode(block[1:])[0])


def _command(name: str, origin: str) -> tuple[Runner | None, str]:
    path = shutil.which(name)
    return (
        (None, f"not installed ({origin})")
        if path is None
        else (partial(_process, [path, str(HERE / "driver.lua")]), origin)
    )


def _process(command: list[str], program: Program) -> Run:
    line = [*command, str(program.path), *map(str, program.arguments)]
    done = subprocess.run(line, check=True, capture_output=True, text=True, timeout=_TIMEOUT)
    seconds, result = done.stdout.splitlines()
    return Run(float(seconds), result)


def _wasmoon() -> tuple[Runner | None, str]:
    """PUC-Lua 5.4 as compiled by emscripten, under node without background threads."""
    folder, node = os.environ.get("WASMOON", ""), shutil.which("node")
    if node is None or not (Path(folder) / "node_modules" / "wasmoon").is_dir() or not folder:
        return (
            None,
            "not installed (npm install wasmoon in a folder named by the environment variable WASMOON)",
        )
    command = [node, "--single-threaded", str(HERE / "driver.mjs"), folder]
    return partial(_process, command), "npm package wasmoon, node, second run of a process, no metering"
