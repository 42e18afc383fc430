# SPDX-License-Identifier: MIT
"""One fire in a fresh instance: munition's public `fire`, wasmtime's Python objects, extism.

Peers as the project defines them: wasmtime-py = its objects, on demand, with fuel, epoch and limits set, calling a numeric
export; extism = a new plugin from a `CompiledPlugin`, and beside it from the bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import extism
import wasmtime
from extism.extism import CompiledPlugin

import munition
from bench.harness import Case, Comparison

NUMERIC = (
    '(module (memory (export "memory") 1) (func (export "add") (param i32 i32) (result i32) {}))'.format(
        "(i32.add (local.get 0) (local.get 1))"
    )
)
PLUGIN = '(module (memory (export "memory") 1) (func (export "add") (result i32) (drop (i32.add (i32.const 1) (i32.const 2))) (i32.const 0)))'
SHOUT = b"function shout(text) return text:upper() .. '!' end\n"
GREETING = "a string that goes in and comes out again"
FUEL = 30_000_000_000
MEMORY = 64 << 20


def cases() -> list[Case]:
    """The comparisons of this suite."""
    numeric = bytes(wasmtime.wat2wasm(NUMERIC))
    lua = munition.compile(SHOUT, name="shout.lua")
    add = numeric_objects(numeric)
    return [
        Comparison(
            "fire in this process, numeric export",
            lambda: munition.fire(numeric, "add", (1, 2), isolation="thread", trusted=True),
            {
                "wasmtime-py": add,
                "extism": _extism(compiled=True),
                "extism from bytes": _extism(compiled=False),
            },
            {"wasmtime-py": 10, "extism": 20},
            "the whole public call with its Outcome",
        ),
        Comparison(
            "fire in this process, Lua function, a string in and out",
            lambda: munition.fire(lua, "shout", (GREETING,), isolation="thread"),
            {"wasmtime-py": add, "wasmtime-py, the same module": _lua_objects(lua.wasm)},
            {"wasmtime-py": 4},
            "wasmtime-py calls its numeric export, and beside it the same Lua function by hand",
        ),
    ]


class _Objects:
    """An engine and a module of wasmtime's Python layer, and a fresh store with every limit set."""

    def __init__(self, wasm: bytes) -> None:
        config = wasmtime.Config()
        config.consume_fuel = True
        config.epoch_interruption = True
        self.engine = wasmtime.Engine(config)
        self.module = wasmtime.Module(self.engine, wasm)

    def fresh(self) -> tuple[wasmtime.Store, Any]:
        """A store and the exports of a new instance in it."""
        store = wasmtime.Store(self.engine)
        store.set_fuel(FUEL)
        store.set_epoch_deadline(1000)
        store.set_limits(memory_size=MEMORY, table_elements=100_000, instances=1, tables=8, memories=1)
        return store, wasmtime.Instance(store, self.module, []).exports(store)


def numeric_objects(wasm: bytes) -> Callable[[], object]:
    """A fire of `add` by wasmtime's Python objects."""
    objects = _Objects(wasm)

    def call() -> object:
        store, exports = objects.fresh()
        result = exports["add"](store, 1, 2)
        store.get_fuel()
        return result

    return call


def _lua_objects(wasm: bytes) -> Callable[[], object]:
    objects = _Objects(wasm)
    raw = GREETING.encode()
    encoded = struct.pack("<IBI", 1, 5, len(raw)) + raw

    def call() -> object:
        store, exports = objects.fresh()
        address = exports["munition:input"](store, len(encoded))
        memory = exports["memory"]
        memory.write(store, encoded, address)
        packed = exports["shout"](store, address, len(encoded)) & (1 << 64) - 1
        block = memory.read(store, packed & 0xFFFFFFFF, (packed & 0xFFFFFFFF) + (packed >> 32))
        return bytes(block[10:]).decode()

    return call


def _extism(*, compiled: bool) -> Callable[[], object]:
    wasm = bytes(wasmtime.wat2wasm(PLUGIN))
    manifest = {"wasm": [{"data": wasm}], "memory": {"max_pages": MEMORY >> 16}, "timeout_ms": 10_000}
    once = CompiledPlugin(manifest) if compiled else None

    def call() -> object:
        plugin = extism.Plugin(once if once is not None else manifest)
        return plugin.call("add", b"")

    return call
