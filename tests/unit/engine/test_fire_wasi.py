# SPDX-License-Identifier: MIT
"""WASI programs from start to end: what is linked under which grant, arguments, exit codes, limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from munition import HostOptions, Limits, Outcome, UsageError, UsageTypeError, fire
from munition.capability.imports import WASI_RULES
from munition.capability.wasi import WASI_FUNCTIONS
from munition.host.log import Text
from tests.support.wasm_text import wat

P1 = '"wasi_snapshot_preview1"'


def function(name: str, index: str = "$f") -> str:
    found = WASI_FUNCTIONS[name]
    params = f"(param {' '.join(found.params)})" if found.params else ""
    results = f"(result {' '.join(found.results)})" if found.results else ""
    return f'(import {P1} "{name}" (func {index} {params} {results}))'


def program(imports: str, body: str, data: str = "") -> bytes:
    return wat(f'(module {imports} (memory (export "memory") 2) {data} (func (export "_start") {body}))')


def said(outcome: Outcome) -> bytes:
    return b"".join(entry.data for entry in outcome.log if isinstance(entry, Text))


HELLO = program(
    function("fd_write", "$write"),
    "(drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64)))",
    '(data (i32.const 0) "\\10\\00\\00\\00\\05\\00\\00\\00") (data (i32.const 16) "hello")',
)


def test_hello() -> None:
    outcome = fire(HELLO, capabilities=["log"])
    assert (outcome.kind, said(outcome)) == ("ok", b"hello")
    denied = fire(HELLO)
    assert denied.kind == "denied"
    assert denied.crash is not None
    assert denied.crash.capabilities == ("filesystem_read", "log")
    stubbed = fire(HELLO, host=HostOptions(stub_denied=True))
    assert (stubbed.kind, stubbed.log) == ("ok", ())


@pytest.mark.parametrize("name", sorted(WASI_FUNCTIONS))
def test_every_function_is_linked_under_its_gate_alone(tmp_path: Path, name: str) -> None:
    gate = WASI_RULES[name].gate
    module = program(function(name), "")
    grants = {
        "log": "log",
        "time": "time",
        "random": "random",
        "filesystem_read": f"filesystem_read:{tmp_path}",
    }
    assert fire(module).kind == ("ok" if gate is None else "denied")
    for capability, grant in grants.items():
        wanted = "ok" if gate is None or capability in gate else "denied"
        assert fire(module, capabilities=[grant]).kind == wanted, capability
    assert fire(module, host=HostOptions(stub_denied=True)).kind == "ok"


def test_what_is_not_granted_answers_that_it_is_not() -> None:
    for name in sorted(WASI_FUNCTIONS.keys() - {"proc_exit"}):
        zeros = " ".join(f"({type_}.const 0)" for type_ in WASI_FUNCTIONS[name].params)
        module = wat(
            f'(module {function(name)} {function("proc_exit", "$exit")} (memory (export "memory") 1)'
            f' (func (export "_start") (call $exit (call $f {zeros}))))'
        )
        outcome = fire(module, host=HostOptions(stub_denied=True))
        assert outcome.kind in {"ok", "guest_error"}
        if WASI_RULES[name].gate is not None and not name.startswith(("path_", "fd_", "sock_")):
            assert outcome.crash is not None
            assert outcome.crash.reason == "exit:76", name


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [(0, "ok", None), (1, "guest_error", "exit:1"), (-1, "guest_error", "exit:4294967295")],
)
def test_exit_codes(code: int, kind: str, reason: str | None) -> None:
    outcome = fire(program(function("proc_exit"), f"(call $f (i32.const {code})) unreachable"))
    assert (outcome.kind, outcome.crash and outcome.crash.reason) == (kind, reason)


ECHO = program(
    function("args_get", "$get") + function("args_sizes_get", "$sizes") + function("fd_write", "$write"),
    """(drop (call $sizes (i32.const 0) (i32.const 4)))
       (drop (call $get (i32.const 100) (i32.const 1000)))
       (i32.store (i32.const 8) (i32.const 1000))
       (i32.store (i32.const 12) (i32.load (i32.const 4)))
       (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 64)))""",
)


def test_arguments_of_a_program() -> None:
    outcome = fire(ECHO, None, ["a b", "", "ü", b"\xff"], capabilities=["log"])
    assert said(outcome) == "program\0a b\0\0ü\0".encode() + b"\xff\0"
    assert said(fire(ECHO, capabilities=["log"])) == b"program\0"
    with pytest.raises(UsageTypeError):
        fire(ECHO, None, [1], capabilities=["log"])
    with pytest.raises(UsageError):
        fire(ECHO, None, ["a\0b"], capabilities=["log"])
    with pytest.raises(UsageError):
        fire(ECHO, None, ["x" * (1 << 21)], capabilities=["log"])


def test_the_environment_is_empty_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "of the host")
    module = program(
        function("environ_sizes_get") + function("proc_exit", "$exit"),
        "(drop (call $f (i32.const 0) (i32.const 4))) (call $exit (i32.load (i32.const 0)))",
    )
    assert fire(module).kind == "ok"
    outcome = fire(module, host=HostOptions(environment=(("A", "1"), ("B", "2"))))
    assert outcome.crash is not None
    assert outcome.crash.reason == "exit:2"


@pytest.mark.parametrize("pair", [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "\0")])
def test_variables_that_are_none(pair: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        HostOptions(environment=(pair,))


def test_a_library_is_initialised_before_it_is_called() -> None:
    module = wat(
        f"""(module {function("proc_exit")} (memory (export "memory") 1) (global $ready (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
        (func (export "get") (param i32) (result i32) (i32.add (local.get 0) (global.get $ready))))"""
    )
    assert fire(module, "get", [41]).values == (42,)
    pure = wat(
        """(module (global $ready (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $ready (i32.const 1)))
        (func (export "get") (param i32) (result i32) (i32.add (local.get 0) (global.get $ready))))"""
    )
    assert fire(pure, "get", [41]).values == (42,)
    bad = wat(
        '(module (func (export "_initialize") unreachable) (func (export "get") (result i32) (i32.const 1)))'
    )
    assert fire(bad, "get").kind == "guest_error"


def test_other_imports_can_be_stubbed_and_end_the_fire_when_they_are_called() -> None:
    module = wat(
        """(module (import "env" "puts" (func $puts (param i32 f64) (result i64))) (memory (export "memory") 1)
        (func (export "safe") (result i32) (i32.const 1))
        (func (export "call") (drop (call $puts (i32.const 0) (f64.const 1)))))"""
    )
    host = HostOptions(stub_denied=True)
    assert fire(module, "safe").kind == "denied"
    assert fire(module, "safe", host=host).values == (1,)
    outcome = fire(module, "call", host=host)
    assert outcome.kind == "denied"
    assert "env.puts" in outcome.message
    for import_ in ('(import "env" "m" (memory 1))', '(import "env" "g" (global i32))'):
        assert fire(wat(f"(module {import_})"), host=host).kind == "denied"
    ours = wat(
        '(module (import "munition:time" "wall" (func $f (result i64))) (func (export "_start") (drop (call $f))))'
    )
    outcome = fire(ours, host=host)
    assert (outcome.kind, outcome.crash and outcome.crash.capabilities) == ("denied", ("time",))


def test_one_name_with_two_types_cannot_be_stubbed() -> None:
    module = wat('(module (import "env" "f" (func)) (import "env" "f" (func (param i32))))')
    assert fire(module, host=HostOptions(stub_denied=True)).kind == "denied"


def test_a_wrong_type_is_refused() -> None:
    module = wat(f'(module (import {P1} "fd_write" (func (param i32) (result i32))))')
    outcome = fire(module, capabilities=["log"])
    assert outcome.kind == "denied"
    assert "it is (i32, i32, i32, i32) -> (i32)" in outcome.message


def test_calls_cost_fuel() -> None:
    module = program(function("sched_yield"), "(loop $again (drop (call $f)) (br $again))")
    outcome = fire(module, fuel=1_000_000)
    assert outcome.kind == "fuel"
    flood = program(
        function("fd_write"),
        "(loop $a (drop (call $f (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64))) (br $a))",
        '(data (i32.const 0) "\\00\\00\\00\\00\\00\\00\\01\\00")',
    )
    outcome = fire(flood, capabilities=["log"], limits=Limits(output=1 << 20))
    assert (outcome.kind, outcome.crash and outcome.crash.reason) == ("limit", "output")
    assert fire(flood, capabilities=["log"], fuel=1_000_000).kind == "fuel"


def test_a_sleep_ends_with_the_time_limit() -> None:
    module = program(
        function("poll_oneoff"),
        "(i64.store (i32.const 24) (i64.const -1)) (i32.store (i32.const 16) (i32.const 1))"
        "(drop (call $f (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 64)))",
    )
    assert fire(module, capabilities=["time"], timeout=0.3).kind == "timeout"
