# SPDX-License-Identifier: MIT
"""Fires in worker processes and in pools, against what people do instead; what the cache saves; what overruns.

A warm interpreter is a Python process that evaluates what it reads from a pipe, one line at a time: no limits, no isolation
between calls. `python -c` starts one each time.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import wasmtime

import munition
from bench.harness import Amount, Case, Comparison
from bench.suites.fire import GREETING, NUMERIC, SHOUT, numeric_objects
from munition.engine.cache import CodeCache
from munition.engine.compiler import Compiled
from munition.engine.loaded import Code
from munition.engine.machine import machine
from munition.engine.presets import PRESETS, Allocation, Preset

ECHO = "import sys\nfor line in sys.stdin: sys.stdout.write(str(eval(line)) + chr(10)); sys.stdout.flush()"
CALLS = 1000


def cases() -> list[Case]:
    """The cases of this suite."""
    numeric = bytes(wasmtime.wat2wasm(NUMERIC))
    lua = munition.compile(SHOUT, name="shout.lua")
    pool = munition.Pool(numeric, 2, warm=2)
    cached, compiled, size = _starts()
    return [
        Comparison(
            "isolated fire, numeric export",
            lambda: munition.fire(numeric, "add", (1, 2)),
            {
                "wasmtime-py in process": numeric_objects(numeric),
                "a warm interpreter": _warm(),
                "python -c": _cold,
            },
            {"wasmtime-py in process": 1.0},
            "ours in a worker process that can be killed",
        ),
        Comparison(
            "isolated fire, Lua function, a string in and out",
            lambda: munition.fire(lua, "shout", (GREETING,)),
            {"wasmtime-py in process, numeric": numeric_objects(numeric), "a warm interpreter": _warm()},
        ),
        Comparison(
            "pooled fire, numeric export",
            lambda: pool.fire("add", (1, 2)),
            {"wasmtime-py in process": numeric_objects(numeric)},
        ),
        Comparison(
            f"{CALLS} calls of a host function in one fire",
            *_host_calls(),
            note="the module asks for the time",
        ),
        Comparison(
            f"start of a module of {size >> 10} KiB from the cache",
            cached,
            {"compiling it": compiled},
            {"compiling it": 50.0},
        ),
        Comparison(
            "200 isolated fires on two threads", _threads(pool, 2, 100), {"on one": _threads(pool, 1, 200)}
        ),
        Amount("isolated fire, median", "us", lambda: _median(numeric), 250.0, 3),
        Amount("memory of one pooled worker (Pss)", "KiB", lambda: _memory(pool), 40 << 10),
        Amount("worst overrun of a time limit", "ms", _overrun, 250.0, 3),
    ]


def _warm() -> Callable[[], object]:
    child = subprocess.Popen(
        [sys.executable, "-c", ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    assert child.stdin is not None
    assert child.stdout is not None
    write, read = child.stdin.write, child.stdout.readline

    def call() -> object:
        write(b"1 + 2\n")
        return read()

    return call


def _cold() -> object:
    return subprocess.run([sys.executable, "-c", "print(1 + 2)"], stdout=subprocess.PIPE, check=True).stdout


def _host_calls() -> tuple[Callable[[], object], dict[str, Callable[[], object]]]:
    text = (
        '(module (import "munition:time" "wall" (func $now (result i64))) (func (export "f") (local i32) (loop '
        f"(drop (call $now)) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const {CALLS}))))))"
    )
    wasm = bytes(wasmtime.wat2wasm(text))
    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    module = wasmtime.Module(engine, wasm)

    def theirs() -> object:
        store = wasmtime.Store(engine)
        store.set_fuel(10_000_000)
        kind = wasmtime.FuncType([], [wasmtime.ValType.i64()])
        now = wasmtime.Func(store, kind, time.time_ns)
        function: Any = wasmtime.Instance(store, module, [now]).exports(store)["f"]
        return function(store)

    def ours() -> object:
        return munition.fire(wasm, "f", capabilities=("time",), isolation="thread", trusted=True)

    return ours, {"wasmtime-py": theirs}


def _starts() -> tuple[Callable[[], object], Callable[[], object], int]:
    """Getting a large module ready: from the cache on disk, and by compiling it in a worker."""
    functions = "\n".join(
        f"function f{i}(a, b) local t = {{a, b, n = {i}}} if a > b then return t.n + a else return f{i // 2}(b, a) .. 'x' end end"
        for i in range(220)
    )
    wasm = munition.compile(functions.encode(), name="large.lua").wasm
    home, preset = machine(), Preset.OWN_LUA
    engine = home.engine(preset, Allocation.POOL, PRESETS[preset].stack)
    cache = CodeCache(Path(mkdtemp(prefix="munition-bench-")))

    def compiled() -> object:
        result = home.compiler.compile(wasm, preset, Allocation.POOL, time.monotonic() + 120)
        assert isinstance(result, Compiled)
        return result.code

    code = compiled()
    assert isinstance(code, bytes)
    cache.put("large", code)

    def cached() -> object:
        found = cache.get("large")
        assert found is not None
        return Code(home.api, engine, found)

    return cached, compiled, len(wasm)


def _threads(pool: munition.Pool, count: int, each: int) -> Callable[[], object]:
    def shoot() -> None:
        for _ in range(each):
            pool.fire("add", (1, 2))

    def all_() -> object:
        threads = [threading.Thread(target=shoot) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return None

    return all_


def _median(wasm: bytes) -> float:
    taken: list[float] = []
    for _ in range(2000):
        began = time.perf_counter()
        munition.fire(wasm, "add", (1, 2))
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e6


def _memory(pool: munition.Pool) -> float:
    """Proportional share of the memory of the pool's workers, after they fired."""
    shares: list[int] = []
    for child in pool.workers.idle():
        text = Path(f"/proc/{child.pid}/smaps_rollup").read_text()
        shares += [int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")]
    return statistics.mean(shares)


def _overrun() -> float:
    """How much later than its limit each attack on time ends, in milliseconds; the worst."""
    loop = bytes(wasmtime.wat2wasm('(module (func (export "f") (loop (br 0))))'))
    start = bytes(wasmtime.wat2wasm("(module (func $s (loop (br 0))) (start $s))"))
    fill = bytes(
        wasmtime.wat2wasm(
            '(module (memory 1024) (func (export "f") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000000)) (br 0))))'
        )
    )
    ifs = "".join(
        f"(if (local.get {i % 2000}) (then (local.set {i * 7 % 2000} (i32.const {i}))))"
        for i in range(20_000)
    )
    bomb = bytes(wasmtime.wat2wasm(f'(module (func (export "f") (local {"i32 " * 2000}) {ifs}))'))
    late: list[float] = []
    for module, name in ((loop, "f"), (start, None), (fill, "f"), (bomb, "f")):
        late.append(_late(module, name))
    for child in machine().workers.idle():  # what holds the interpreter's lock looks like this from outside
        os.kill(child.pid, 19)
    late.append(_late(loop, "f"))
    return max(late) * 1000


def _late(module: bytes, name: str | None) -> float:
    limit = 0.6
    began = time.perf_counter()
    outcome = munition.fire(module, name, fuel=2**62, timeout=limit)
    assert outcome.kind in ("timeout", "limit"), outcome
    return time.perf_counter() - began - limit
