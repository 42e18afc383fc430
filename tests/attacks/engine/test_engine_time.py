# SPDX-License-Identifier: MIT
"""Attacks on time: endless loops wherever they hide, bombs for the compiler, interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from munition.engine.fire import fire
from munition.errors import UsageError, UsageTypeError

Wat = Callable[[str], bytes]
ENDLESS_START = "(module (func $s (loop (br 0))) (start $s))"


def test_et_01_endless_start_function_runs_out_of_fuel(wat: Wat) -> None:
    outcome = fire(wat(ENDLESS_START), fuel=1_000_000)
    assert (outcome.kind, outcome.fuel_used, outcome.fuel_exact) == ("fuel", 1_000_000, True)


def test_et_02_endless_start_function_runs_out_of_time(wat: Wat) -> None:
    outcome = fire(wat(ENDLESS_START), fuel=2**63 - 1, timeout=0.3)
    assert (outcome.kind, outcome.reason) == ("timeout", "run")


def test_et_04_one_bulk_operation_is_bounded_by_the_memory_limit(wat: Wat) -> None:
    huge = (
        '(module (memory 65536) (func (export "f") (memory.fill (i32.const 0) (i32.const 1) (i32.const -1))))'
    )
    assert (fire(wat(huge), "f", timeout=0.05).kind, fire(wat(huge), "f").reason) == ("limit", "memory")
    slot = '(module (memory 1024) (func (export "f") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000000)) (br 0))))'
    outcome = fire(wat(slot), "f", timeout=0.2, fuel=2**62)
    assert (outcome.kind, outcome.reason) == ("timeout", "run")


def locals_and_ifs(locals_: int, ifs: int) -> str:
    body = "".join(
        f"(if (local.get {i % locals_}) (then (local.set {(i * 7) % locals_} (i32.const {i}))))"
        for i in range(ifs)
    )
    return f'(module (func (export "f") (local {"i32 " * locals_}) {body}))'


def test_et_05_a_compile_bomb_is_a_limit_and_costs_no_fuel(wat: Wat) -> None:
    outcome = fire(wat(locals_and_ifs(2000, 20_000)), "f", timeout=0.5, fuel=100)
    assert (outcome.kind, outcome.reason, outcome.fuel_used) == ("limit", "compile", 0)
    assert fire(wat('(module (func (export "f")))'), "f").kind == "ok"


def test_et_06_compiling_counts_against_the_time_limit(wat: Wat) -> None:
    module = wat(locals_and_ifs(400, 20_000))
    outcome = fire(module, "f", timeout=0.1)
    assert (outcome.kind, outcome.reason) == ("limit", "compile")
    assert "--timeout" in (outcome.crash.help or "") if outcome.crash else False


def test_et_07_deep_blocks_are_compiled_or_limited_without_recursion() -> None:
    depth = 20_000
    body = b"\0" + b"\x02\x40" * depth + b"\x0b" * depth + b"\x0b"
    outcome = fire(_one_function(body), "f", timeout=20)
    assert outcome.kind == "ok" or (outcome.kind, outcome.reason) == ("limit", "compile")


def _one_function(body: bytes) -> bytes:
    def leb(number: int) -> bytes:
        out = bytearray()
        while number >= 128:
            out.append(number & 127 | 128)
            number >>= 7
        return bytes([*out, number])

    code = b"\1" + leb(len(body)) + body
    head = b"\0asm\1\0\0\0\1\4\1\x60\0\0\3\2\1\0\7\5\1\1f\0\0"
    return head + b"\x0a" + leb(len(code)) + code


@pytest.mark.parametrize(
    "text", ["(func)" * 60_000, "(type (func (param i32)))" * 100_000], ids=["functions", "types"]
)
def test_et_08_very_many_small_things_are_accepted_or_refused(wat: Wat, text: str) -> None:
    outcome = fire(wat(f'(module {text} (func (export "f")))'), "f", timeout=2)
    assert outcome.kind in ("ok", "invalid", "limit")


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), True, "5", 2**63])
def test_et_09_impossible_timeouts_are_refused_by_name(wat: Wat, timeout: Any) -> None:
    with pytest.raises((UsageError, UsageTypeError), match="timeout"):
        fire(wat('(module (func (export "f")))'), "f", timeout=timeout)


@pytest.mark.parametrize("fuel", [0, -1, 2**64, 1.5, True, "5"])
def test_et_10_impossible_fuel_is_refused_by_name(wat: Wat, fuel: Any) -> None:
    with pytest.raises((UsageError, UsageTypeError), match="fuel"):
        fire(wat('(module (func (export "f")))'), "f", fuel=fuel)


def test_et_11_exceptions_cannot_swallow_limits_because_they_are_off(wat: Wat) -> None:
    text = '(module (func (export "f") (block (try_table (catch_all 0) (loop (br 0))))))'
    outcome = fire(wat(text), "f", timeout=1)
    assert outcome.kind == "invalid"


def test_et_13_the_wall_clock_may_jump(wat: Wat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert fire(wat(ENDLESS_START), fuel=2**62, timeout=0.2).kind == "timeout"


SCRIPT = """
import sys
from munition.engine.fire import fire
from munition.engine.machine import machine
print("ready", machine().compiler.warm(), flush=True)
try:
    fire(sys.argv[1], sys.argv[2] or None, capabilities=sys.argv[3], fuel=2**62, timeout=60)
except KeyboardInterrupt:
    print("interrupted", machine().compiler.pid(), flush=True)
    outcome = fire(sys.argv[1], sys.argv[2] or None, capabilities=sys.argv[3], fuel=1000, timeout=60)
    print(outcome.kind, flush=True)
"""


@pytest.mark.parametrize("what", ["pure", "values", "host"])
def test_et_14_ctrl_c_ends_an_endless_guest_and_the_host_goes_on(
    wat: Wat, guest: Callable[..., bytes], what: str, tmp_path: os.PathLike[str]
) -> None:
    time_import = '(import "munition:time" "wall" (func $now (result i64)))'
    modules = {
        "pure": (wat('(module (func (export "f") (loop (br 0))))'), "f", ""),
        "values": (guest(run="(loop (br 0)) unreachable"), "", ""),
        "host": (
            guest(run="(loop (drop (call $now)) (br 0)) unreachable", imports=time_import, caps="time"),
            "",
            "time",
        ),
    }
    module, function, caps = modules[what]
    path = os.path.join(tmp_path, "x.wasm")  # noqa: PTH118
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(module)
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, path, function, caps],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        time.sleep(1.0)  # long enough to be inside the guest; being early would only test the time before it
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert out.splitlines()[0].startswith("interrupted"), out
    assert out.splitlines()[1] == "fuel"


def test_et_14_many_interrupts_do_not_crash_a_guest_that_calls_the_host(
    guest: Callable[..., bytes], tmp_path: os.PathLike[str]
) -> None:
    script = """
import os, signal, sys, threading, time
from munition.engine.fire import fire
def shoot():
    for _ in range(200):
        time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=shoot, daemon=True).start()
caught = 0
end = time.monotonic() + 3
while time.monotonic() < end:
    try:
        fire(sys.argv[1], capabilities="time", fuel=20_000_000, timeout=60)
    except KeyboardInterrupt:
        caught += 1
print("alive", caught > 0)
"""
    imports = '(import "munition:time" "wall" (func $now (result i64)))'
    module = guest(run="(loop (drop (call $now)) (br 0)) unreachable", imports=imports, caps="time")
    path = os.path.join(tmp_path, "x.wasm")  # noqa: PTH118
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(module)
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, timeout=60, check=False
    )
    last = done.stdout.strip().splitlines()[-1:] or [""]
    assert done.returncode in (0, 1, -2), (done.returncode, done.stderr[-500:])
    if done.returncode == 0:
        assert last == ["alive True"]
    else:  # an interrupt between two statements of the script itself
        assert "KeyboardInterrupt" in done.stderr
