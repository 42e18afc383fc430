# SPDX-License-Identifier: MIT
"""A tracing host: runs a module with every imported function replaced by one that notes its name and answers "not supported".

What a run touches must be in what the analysis calls reachable. `fd_write`, clocks and the like answer well enough that C and
Rust programs get some way; everything else returns ENOSYS (52) or zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wasmtime

ENOSYS, EBADF = 52, 8
MAX_EXPORTS = 40
FUEL = 5_000_000
MAX_BYTES = 2_000_000
"""Larger modules take the compiler minutes."""


class _EndedError(Exception):
    """The module ended itself."""


def traced(data: bytes) -> set[tuple[str, str]] | None:
    """The (module, name) pairs of imports that a run exercises; None for a module that is too large or cannot be started."""
    if len(data) > MAX_BYTES:
        return None
    config = wasmtime.Config()
    config.consume_fuel = True
    config.cranelift_opt_level = "none"
    engine = wasmtime.Engine(config)
    try:
        module = wasmtime.Module(engine, data)
    except wasmtime.WasmtimeError:
        return None
    store = wasmtime.Store(engine)
    store.set_fuel(FUEL)
    seen: set[tuple[str, str]] = set()
    holder: dict[str, Any] = {}
    try:
        imports = [_supplied(store, item, seen, holder) for item in module.imports]
        instance = wasmtime.Instance(store, module, imports)
    except (wasmtime.WasmtimeError, wasmtime.Trap, _EndedError, ValueError):
        return seen or None
    exports = instance.exports(store)
    holder["memory"] = exports.get("memory")
    for name in ["_initialize", "__wasm_call_ctors", "_start", *sorted(dict(exports.items()))][:MAX_EXPORTS]:
        function = exports.get(name)
        if isinstance(function, wasmtime.Func):
            _call(store, function)
    return seen


def _call(store: wasmtime.Store, function: wasmtime.Func) -> None:
    """Call a function with zeros; however it ends, what it touched has been noted."""
    params = function.type(store).params
    if all(str(p) in {"i32", "i64", "f32", "f64"} for p in params):
        store.set_fuel(FUEL)
        try:
            function(store, *[0.0 if str(p).startswith("f") else 0 for p in params])
        except (wasmtime.WasmtimeError, wasmtime.Trap, _EndedError):
            return


def _supplied(store: wasmtime.Store, item: Any, seen: set[tuple[str, str]], holder: dict[str, Any]) -> Any:
    type_ = item.type
    match type_:
        case wasmtime.FuncType():
            return wasmtime.Func(
                store,
                type_,
                _noting((item.module, item.name or ""), type_, seen, holder),
                access_caller=False,
            )
        case wasmtime.MemoryType():
            holder["memory"] = wasmtime.Memory(store, type_)
            return holder["memory"]
        case wasmtime.TableType():
            return wasmtime.Table(store, type_, None)
        case wasmtime.GlobalType():
            return wasmtime.Global(store, type_, wasmtime.Val.i32(1024))
        case _:
            raise ValueError("an import this host cannot supply")


def _noting(
    pair: tuple[str, str], type_: wasmtime.FuncType, seen: set[tuple[str, str]], holder: dict[str, Any]
) -> Callable[..., Any]:
    results = [str(r) for r in type_.results]

    def called(*arguments: Any) -> Any:
        seen.add(pair)
        if pair[1] in {"proc_exit", "exit"}:
            raise _EndedError
        answer = _answer(pair[1], arguments)
        values = [
            answer if r == "i32" else 0 if r == "i64" else 0.0 if r in {"f32", "f64"} else None
            for r in results
        ]
        return None if not values else values[0] if len(values) == 1 else values

    return called


def _answer(name: str, arguments: tuple[Any, ...]) -> int:
    del arguments
    if name.startswith(("fd_prestat", "fd_read", "fd_seek", "path_")):
        return EBADF
    if name.startswith(("fd_", "clock_", "random_", "args_", "environ_", "sched_")):
        return 0
    return ENOSYS if name.startswith(("__syscall", "sock_", "poll_")) else 0
