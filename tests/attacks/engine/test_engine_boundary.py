# SPDX-License-Identifier: MIT
"""Attacks on the boundary between engine and host."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from munition.engine.fire import fire
from munition.engine.machine import machine
from munition.host.bindings import BINDINGS

Wat = Callable[[str], bytes]
Guest = Callable[..., bytes]
fire_here = functools.partial(fire, isolation="thread", trusted=True)
NOW = '(import "munition:time" "wall" (func $now (result i64)))'
CALL_NOW = "(drop (call $now)) (call $echo (i32.const 0) (i32.const 0))"
ADD = '(module (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'


def in_python(script: str, module: bytes) -> subprocess.CompletedProcess[str]:
    """A script in an interpreter of its own, with the module as its argument, in hexadecimal."""
    command = [sys.executable, "-c", script, module.hex()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("types", ["(param v128)", "(result v128)", "(param externref)", "(param funcref)"])
def test_eb_01_types_that_are_no_numbers_are_refused_at_the_boundary(wat: Wat, types: str) -> None:
    body = "unreachable"
    outcome = fire(wat(f'(module (func (export "f") {types} {body}))'), "f", [1])
    assert outcome.kind == "invalid"


@pytest.mark.parametrize("kind", ["(param v128)", "(param externref)", "(result v128)"])
def test_eb_02_strange_types_in_imports_are_read_as_text(wat: Wat, kind: str) -> None:
    outcome = fire(wat(f'(module (import "munition:time" "wall" (func {kind})))'), capabilities=["time"])
    assert outcome.kind == "denied"
    assert "v128" in outcome.message or "ref" in outcome.message


def test_eb_04_faults_of_host_functions_never_cross_fires(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class MineError(Exception):
        pass

    local = threading.local()

    def fail(_context: object) -> int:
        if getattr(local, "calls", None) is None:
            local.calls = 0
        local.calls += 1
        if local.calls % 2:
            raise MineError
        return 5

    monkeypatch.setitem(BINDINGS, ("munition:time", "wall"), fail)
    module = guest(run=CALL_NOW, imports=NOW, caps="time", more="(func)")
    wrong: list[str] = []

    def shoot() -> None:
        for _ in range(300):
            outcome = fire_here(module, capabilities=["time"])
            if (outcome.kind, outcome.reason) not in (("ok", ""), ("host_fault", "function")):
                wrong.append(outcome.kind)

    threads = [threading.Thread(target=shoot) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "error", [SystemExit, GeneratorExit, RecursionError, MemoryError, ValueError, StopIteration]
)
def test_eb_05_whatever_a_host_function_raises_is_a_host_fault(
    guest: Guest, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def fail(_context: object) -> int:
        raise error("secret of the host")

    monkeypatch.setitem(BINDINGS, ("munition:time", "wall"), fail)
    module = guest(run=CALL_NOW, imports=NOW, caps="time", more=f'(func (export "{error.__name__}"))')
    outcome = fire_here(module, capabilities=["time"])
    assert (outcome.kind, outcome.reason, outcome.exit_code) == ("host_fault", "function", 9)
    assert "secret" not in outcome.message
    assert error.__name__ in outcome.message


def test_eb_05_a_keyboard_interrupt_goes_on_after_cleaning_up(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_context: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(BINDINGS, ("munition:time", "wall"), fail)
    module = guest(run=CALL_NOW, imports=NOW, caps="time", more='(func (export "interrupt"))')
    for _ in range(100):  # more than there are slots: each must have been given back
        with pytest.raises(KeyboardInterrupt):
            fire_here(module, capabilities=["time"])
    assert not machine().ticker.inflight


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 1.5, "5", None, b"1"])
def test_eb_06_results_of_host_functions_are_checked(
    guest: Guest, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    monkeypatch.setitem(BINDINGS, ("munition:time", "wall"), lambda _context: value)
    module = guest(run=CALL_NOW, imports=NOW, caps="time", more=f'(func (export "r{hash(str(value))}"))')
    outcome = fire_here(module, capabilities=["time"])
    assert (outcome.kind, outcome.reason) == ("host_fault", "function")


@pytest.mark.parametrize("type_", ["(param i32)", "(result i32)", "", "(param i32 i32 i32) (result i32)"])
def test_eb_07_an_import_of_the_wrong_type_is_denied_and_shown(wat: Wat, type_: str) -> None:
    outcome = fire(wat(f'(module (import "munition:log" "write" (func {type_})))'), capabilities=["log"])
    assert (outcome.kind, outcome.reason) == ("denied", "import")
    assert "(i32, i32, i32) -> ()" in outcome.message


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        ("env", "abort", "needs opaque; that cannot be granted"),
        ("munition:log", "erase", "no such function"),
        ("munition:nothing", "x", "cannot be granted"),
        ("munition:http", "erase", "no such function"),
        ("wasi_snapshot_preview1", "sock_send", "needs network; that cannot be granted"),
        ("wasi_snapshot_preview1", "fd_write", "needs filesystem_read or log"),
    ],
)
def test_eb_08_unknown_imports_are_denied_by_name(wat: Wat, module: str, name: str, words: str) -> None:
    outcome = fire(wat(f'(module (import "{module}" "{name}" (func)))'))
    assert outcome.kind == "denied"
    assert name in outcome.message
    assert words in outcome.message


@pytest.mark.parametrize("kind", ["(memory 1)", "(table 1 funcref)", "(global i32)"])
def test_eb_08_other_imports_than_functions_are_denied(wat: Wat, kind: str) -> None:
    outcome = fire(wat(f'(module (import "env" "x" {kind}))'), capabilities=["log", "time", "random"])
    assert outcome.kind == "denied"
    assert "no capability gives one" in outcome.message


@pytest.mark.parametrize(
    "data",
    [
        b'(module (func (export "f")))',
        b"",
        b"\0",
        b"\0asm",
        b"\0asm\1\0\0",
        b"\0asm\2\0\0\0",
        b"\0asm\x0d\0\1\0",
        b"\x7fELF" + bytes(60),
        b"print('x')",
        b"PK\3\4",
        b"\0asm\1\0\0\0\xff",
        b"\0asm\1\0\0\0\1\xff\xff\xff\xff\x0f",
    ],
)
def test_eb_09_10_11_what_is_no_core_module_is_invalid_and_never_reaches_the_engine(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine().compiler, "compile", None)
    outcome = fire(data)
    assert (outcome.kind, outcome.reason, outcome.exit_code) == ("invalid", "module", 4)


def test_eb_10_a_component_is_named_as_one() -> None:
    assert "component" in fire(b"\0asm\x0d\0\1\0").message


def test_eb_11_machine_code_is_never_taken_from_a_caller(wat: Wat) -> None:
    from munition.engine.compiler import Compiled
    from munition.engine.presets import Allocation, Preset

    result = machine().compiler.compile(wat("(module)"), Preset.OWN, Allocation.POOL, time.monotonic() + 30)
    assert isinstance(result, Compiled)
    assert fire(result.code).kind == "invalid"


FAULTHANDLER = """
import faulthandler, sys
from munition.engine.fire import fire
module = bytes.fromhex(sys.argv[1])
print(fire(module, "f", [1]).kind)
faulthandler.enable()
print(fire(module, "f", [2]).reason)
"""


def test_eb_13_a_fault_handler_enabled_late_does_no_harm(wat: Wat) -> None:
    module = wat(
        '(module (memory 1) (func (export "f") (param i32) (drop (i32.load offset=0x7fffffff (local.get 0)))))'
    )
    done = in_python(FAULTHANDLER, module)
    assert (done.returncode, done.stdout.split()) == (0, ["guest_error", "trap:memory_out_of_bounds"]), (
        done.stderr
    )


FORK = """
import os, sys, warnings
warnings.simplefilter("ignore")
from munition.engine.fire import fire
module = bytes.fromhex(sys.argv[1])
assert fire(module, "f", [1, 2]).values == (3,)
child = os.fork()
if not child:
    ok = fire(module, "f", [2, 2]).values == (4,) and fire(module, "f", [2, 3]).values == (5,)
    os._exit(0 if ok else 1)
status = os.waitpid(child, 0)[1]
print(os.waitstatus_to_exitcode(status), fire(module, "f", [3, 3]).values)
"""


def test_eb_14_a_forked_child_starts_anew_and_the_parent_goes_on(wat: Wat) -> None:
    module = wat(ADD)
    done = in_python(FORK, module)
    assert (done.returncode, done.stdout.strip()) == (0, "0 (6,)"), done.stderr


FORK_AND_EXIT = """
import os, sys, threading, warnings
warnings.simplefilter("ignore")
from munition.engine.fire import fire
from munition.engine.machine import machine
module = bytes.fromhex(sys.argv[1])
assert fire(module, "f", [1, 2]).values == (3,)
before = {child.pid for child in machine().workers.idle()}
held = machine().workers._changed
held.acquire()
child = os.fork()
if not child:
    sys.exit(7)  # with all that is registered for the end of a process
held.release()
status = os.waitpid(child, 0)[1]
after = fire(module, "f", [2, 2]).values
print(os.waitstatus_to_exitcode(status), after, before == {child.pid for child in machine().workers.idle()})
"""


def test_eb_14_a_forked_child_that_ends_leaves_the_workers_of_its_parent_alone(wat: Wat) -> None:
    module = wat(ADD)
    done = in_python(FORK_AND_EXIT, module)
    assert (done.returncode, done.stdout.strip()) == (0, "7 (4,) True"), done.stderr


def test_em_07_more_fires_at_once_than_there_are_slots(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fire ends as what it is: values, or a limit that names the pool."""
    entered = threading.Semaphore(0)
    go_on = threading.Event()

    def wait(_context: object) -> int:
        entered.release()
        go_on.wait(30)
        return 1

    monkeypatch.setitem(BINDINGS, ("munition:time", "wall"), wait)
    module = guest(run=CALL_NOW, imports=NOW, caps="time", more='(func (export "slots"))')
    found: list[tuple[str, str]] = []

    def shoot() -> None:
        outcome = fire_here(module, capabilities=["time"], timeout=60)
        found.append((outcome.kind, outcome.reason))

    threads = [threading.Thread(target=shoot) for _ in range(70)]
    for thread in threads:
        thread.start()
    for _ in range(64):
        assert entered.acquire(timeout=30)
    for _ in range(500):
        if len(found) == 6:
            break
        threading.Event().wait(0.02)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == [("limit", "pool")] * 6 + [("ok", "")] * 64


def test_em_09_a_host_function_that_fires_again_is_bounded_by_the_pool(guest: Guest) -> None:
    imports = '(import "munition:log" "write" (func $write (param i32 i32 i32)))'
    deep = (
        "(func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) "
    )
    deep += "(else (call $write (i32.const 1) (i32.const 0) (i32.const 1)))))"
    body = "(call $deep (i32.const 100000)) (call $echo (i32.const 0) (i32.const 0))"
    module = guest(run=body, more=deep, imports=imports, caps="log")
    ends: list[str] = []

    def again(_stream: int, _data: bytes) -> None:
        outcome = fire_here(module, capabilities=["log"], output=again, timeout=60)
        ends.append(f"{outcome.kind}/{outcome.reason}")

    assert fire_here(module, capabilities=["log"], output=again, timeout=60).kind == "ok"
    assert ends == ["limit/pool"] + ["ok/"] * 63


def test_a_thread_with_a_small_stack_is_not_overrun(wat: Wat) -> None:
    module = wat('(module (func $f (export "f") (call $f)))')
    found: list[str] = []
    before = threading.stack_size(256 << 10)
    try:
        thread = threading.Thread(target=lambda: found.append(fire(module, "f").reason))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert found == ["trap:stack_overflow"]


def test_nothing_is_left_behind(wat: Wat, guest: Guest) -> None:
    """Thousands of fires of all ends neither keep stores nor grow the process."""
    module = wat(
        '(module (memory 1) (func (export "ok")) (func $r (export "deep") (call $r)) (func (export "trap") unreachable))'
    )
    logging = guest(run="(call $now) drop unreachable", imports=NOW, caps="time")
    for name in ("ok", "trap", "deep"):
        fire(module, name)
    before = _resident()
    for _ in range(1500):
        fire(module, "ok")
        fire(module, "trap")
        fire(logging, capabilities=["time"])
    assert not machine().ticker.inflight
    assert _resident() - before < 30 << 20


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
