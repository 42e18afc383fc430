# SPDX-License-Identifier: MIT
"""Functions of the caller that guests may call: types, pointers, faults, limits; in this process and from a worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from munition import (
    HostCapability,
    HostFunction,
    Limits,
    Outcome,
    RefusedError,
    UsageError,
    UsageTypeError,
    fire,
)
from munition.capability import denied, required
from munition.capability.imports import Imported
from tests.support.wasm_text import wat

Fire = Callable[..., Outcome]


@pytest.fixture(params=["process", "thread"])
def fires(request: pytest.FixtureRequest) -> Fire:
    """Fire in both ways; what is tested with it must hold for either."""

    def run(module: bytes, function: str | None = None, args: Any = (), **options: Any) -> Outcome:
        return fire(module, function, args, isolation=request.param, trusted=True, **options)

    return run


def module(imports: str, body: str, result: str = "", data: str = "") -> bytes:
    results = f"(result {result})" if result else ""
    return wat(
        f'(module {imports} (memory (export "memory") 2) {data} (func (export "go") {results} {body}))'
    )


NUMBERS = module(
    """(import "munition:host.math" "add" (func $add (param i64 i64) (result i64)))
       (import "munition:host.math" "half" (func $half (param f64) (result f64)))
       (import "munition:host.math" "neg" (func $neg (param i32) (result i32)))""",
    """(f64.add (call $half (f64.const 5)) (f64.convert_i64_s (call $add (i64.const -1)
       (i64.extend_i32_s (call $neg (i32.const -7))))))""",
    "f64",
)


def add(a: int, b: int) -> int:
    return a + b


def half(x: float) -> float:
    return x / 2


def neg(x: int) -> int:
    return -x


MATH = HostCapability(
    "math", HostFunction(add), HostFunction(half), HostFunction(neg, params=("i32",), result="i32")
)


def test_numbers(fires: Fire) -> None:
    assert fires(NUMBERS, "go", capabilities=[MATH]).values == (8.5,)
    outcome = fires(NUMBERS, "go")
    assert outcome.kind == "denied"
    assert "host.math" in outcome.message
    assert outcome.fired.required == ("host.math",)


TEXT = module(
    """(import "munition:host.kv" "get" (func $get (param i32 i32) (result i32)))
       (import "munition:host.kv" "take" (func $take (param i32 i32) (result i32)))""",
    """(local $n i32)
       (local.set $n (call $get (i32.const 16) (i32.const 5)))
       (if (i32.lt_s (local.get $n) (i32.const 0)) (then (return (i64.const -1))))
       (if (i32.ne (call $take (i32.const 100) (i32.sub (local.get $n) (i32.const 1))) (i32.const -22)) (then unreachable))
       (if (i32.ne (call $take (i32.const 100) (local.get $n)) (local.get $n)) (then unreachable))
       (if (call $take (i32.const 100) (i32.const 0)) (then unreachable))
       (i64.load (i32.const 100))""",
    "i64",
    '(data (i32.const 16) "k\\c3\\a9y!")',
)


@pytest.mark.parametrize("type_", ["str", "bytes", "json"])
@pytest.mark.parametrize(
    ("given", "got"), [(b"12345678", 0x3837363534333231), (b"\xff" * 8, -1 & (1 << 64) - 1)]
)
def test_text_in_and_bytes_out(fires: Fire, type_: str, given: bytes, got: int) -> None:
    seen: list[object] = []

    def get(key: object) -> bytes:
        seen.append(key)
        return given

    kv = HostCapability("kv", HostFunction(get, params=(type_,), result="bytes"))
    outcome = fires(TEXT if type_ != "json" else JSON_KEY, "go", capabilities=[kv])
    assert outcome.kind == "ok", outcome
    assert outcome.values[0] == (got - (1 << 64) if got >> 63 else got)
    assert seen == [{"str": "kéy!", "bytes": "kéy!".encode(), "json": [1.5]}[type_]]


JSON_KEY = TEXT.replace("kéy!".encode(), b"[1.5]")


def test_none_is_minus_one(fires: Fire) -> None:
    kv = HostCapability("kv", HostFunction(lambda _key: None, "get", params=("str",), result="str"))
    assert fires(TEXT, "go", capabilities=[kv]).values == (-1,)

    def refuse(_key: str) -> str:
        raise RefusedError("no")

    kv = HostCapability("kv", HostFunction(refuse, "get"))
    assert fires(TEXT, "go", capabilities=[kv]).values == (-1,)


@pytest.mark.parametrize(
    ("pointer", "length", "reason"),
    [
        (131070, 5, "memory_out_of_bounds"),
        (0xFFFFFFFF, 0xFFFFFFFF, "bad_argument"),
        (0, 17 << 20, "bad_argument"),
        (40, 1, "bad_argument"),
    ],
)
def test_pointers_are_checked(fires: Fire, pointer: int, length: int, reason: str) -> None:
    body = f"(drop (call $f (i32.const {pointer}) (i32.const {length})))"
    imports = '(import "munition:host.kv" "get" (func $f (param i32 i32) (result i32)))'
    kv = HostCapability("kv", HostFunction(lambda _key: "x", "get", params=("str",), result="str"))
    outcome = fires(module(imports, body, data='(data (i32.const 40) "\\ff")'), "go", capabilities=[kv])
    assert (outcome.kind, outcome.crash and outcome.crash.reason) == ("guest_error", f"trap:{reason}")


def test_what_a_function_raises_is_a_host_fault_and_its_text_stays_here(fires: Fire) -> None:
    def get(_key: str) -> str:
        raise ValueError("secret")

    outcome = fires(TEXT, "go", capabilities=[HostCapability("kv", HostFunction(get))])
    assert outcome.kind == "host_fault"
    assert "secret" not in outcome.message
    assert "ValueError" in outcome.message


@pytest.mark.parametrize("value", [1 << 40, "x", None])
def test_results_that_do_not_fit_are_host_faults(fires: Fire, value: object) -> None:
    odd = HostCapability(
        "math", HostFunction(add), HostFunction(half), HostFunction(lambda _x: value, "neg", ("i32",), "i32")
    )
    assert fires(NUMBERS, "go", capabilities=[odd]).kind == "host_fault"


def test_calls_cost_fuel(fires: Fire) -> None:
    imports = '(import "munition:host.m" "tick" (func $f))'
    calls: list[int] = []
    tick = HostFunction(lambda: calls.append(1), "tick", (), "", fuel=100_000)
    outcome = fires(
        module(imports, "(loop $a (call $f) (br $a))"),
        "go",
        capabilities=[HostCapability("m", tick)],
        fuel=1_000_000,
    )
    assert outcome.kind == "fuel"
    assert len(calls) == 9


def test_a_function_that_takes_too_long_meets_the_time_limit() -> None:
    imports = '(import "munition:host.m" "wait" (func $f))'
    wait = HostFunction(lambda: time.sleep(2), "wait", (), "")
    module_ = module(imports, "(call $f)")
    started = time.monotonic()
    outcome = fire(module_, "go", capabilities=[HostCapability("m", wait)], timeout=0.3)
    assert outcome.kind == "timeout"
    assert time.monotonic() - started < 1.5


def test_a_function_may_fire_again(fires: Fire) -> None:
    inner = wat('(module (func (export "f") (result i32) (i32.const 20)))')
    again = HostFunction(lambda: fire(inner, "f").values[0] + 1, "again", (), "i32")  # type: ignore[operator]
    imports = '(import "munition:host.m" "again" (func $f (result i32)))'
    assert fires(
        module(imports, "(call $f)", "i32"), "go", capabilities=[HostCapability("m", again)]
    ).values == (21,)


def test_wrong_types_and_unknown_functions_are_denied(fires: Fire) -> None:
    for line in (
        '(import "munition:host.math" "add" (func (param i32 i32) (result i64)))',
        '(import "munition:host.math" "sub" (func (param i64 i64) (result i64)))',
        '(import "munition:host.math2" "add" (func (param i64 i64) (result i64)))',
    ):
        assert fires(module(line, ""), "go", capabilities=[MATH]).kind == "denied"


def test_a_name_alone_grants_nothing() -> None:
    for granted in ("host.math", ["host.math"], ["log", "host.math"]):
        with pytest.raises(UsageError, match="HostCapability"):
            fire(NUMBERS, "go", capabilities=granted)
    with pytest.raises(UsageError):
        fire(NUMBERS, "go", capabilities=[MATH, HostCapability("math", HostFunction(add))])


def test_analysis_knows_the_name() -> None:
    item = Imported("munition:host.kv", "get")
    assert required([item]) == {"host.kv"}
    assert denied([item], frozenset({"host.kv"})) == ()
    for name in (
        "munition:host.",
        "munition:host.KV",
        "munition:host.k.v",
        "munition:hostkv",
        "munition:host.kv ",
    ):
        assert required([Imported(name, "get")]) == {"opaque"}


@pytest.mark.parametrize("name", ["", "A", "a.b", "1a", "a-b", "a b", "x" * 60, "log\n"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError):
        HostCapability(name, HostFunction(add))


def untyped(a, b):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    return a or b


def test_types_come_from_annotations() -> None:
    def every(a: int, b: float, c: str, d: bytes, e: bool, f: dict[str, int], g: str | None) -> list[int]:
        raise NotImplementedError((a, b, c, d, e, f, g))

    assert HostFunction(every).types == (("i64", "f64", "str", "bytes", "i32", "json", "str"), "json")
    assert HostFunction(untyped).types == (("json", "json"), "")
    assert HostFunction(lambda: None, "f", (), "").types == ((), "")


@pytest.mark.parametrize(
    "options",
    [
        {"name": "take"},
        {"name": "a b"},
        {"params": ("i128",)},
        {"result": "x"},
        {"fuel": -1},
        {"fuel": True},
        {"params": ("i32",) * 20},
    ],
)
def test_functions_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        HostFunction(add, **options)


def test_what_is_no_function() -> None:
    with pytest.raises(UsageTypeError):
        HostFunction(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        HostFunction(lambda: None)
    with pytest.raises(UsageError):
        HostCapability("m")
    with pytest.raises(UsageError):
        HostCapability("m", HostFunction(add), HostFunction(add))


def test_a_large_result_is_bounded_by_the_memory_of_the_guest(fires: Fire) -> None:
    kv = HostCapability("kv", HostFunction(lambda _key: b"x" * (20 << 20), "get", ("str",), "bytes"))
    assert fires(TEXT, "go", capabilities=[kv]).kind == "host_fault"
    kv = HostCapability("kv", HostFunction(lambda _key: b"x" * (1 << 20), "get", ("str",), "bytes"))
    outcome = fires(TEXT, "go", capabilities=[kv], limits=Limits(fuel=100_000))
    assert outcome.kind == "fuel"
