# SPDX-License-Identifier: MIT
"""Functions of the caller as a script sees them: `require "munition.host.NAME"`."""

from __future__ import annotations

from typing import Any

import pytest

import munition
from munition import HostCapability, HostFunction, Outcome, RefusedError


def get(key: str) -> bytes | None:
    if key == "bad":
        raise RefusedError("not that one")
    return {"a": b"\xff\x00", "b": b"text"}.get(key)


def shape(x: object, n: int, f: float) -> dict[str, object]:
    return {"x": x, "n": n, "f": f, "list": [1, 2.5, "s"]}


def size(data: bytes) -> int:
    return len(data + b"")  # text would not do


def nothing() -> None:
    return None


KV = HostCapability("kv", HostFunction(get), HostFunction(shape), HostFunction(size), HostFunction(nothing))
HEAD = 'local kv = require "munition.host.kv" '


def run(text: str, isolation: Any = "process") -> Outcome:
    module = munition.compile((HEAD + text).encode(), [KV])
    return munition.fire(module, capabilities=[KV], isolation=isolation)


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_values_cross_both_ways(isolation: str) -> None:
    text = (
        "local r = kv.shape({a = {1, 2}, b = '\\xff'}, 7, 3) return r.x.a[2], r.x.b == '\\xff', r.n, r.f, r.list, "
        "kv.get('a') == '\\xff\\0', kv.get('b'), kv.get('none'), kv.size('abc'), kv.size('\\xff'), select('#', kv.nothing())"
    )
    outcome = run(text, isolation)
    assert outcome.kind == "ok", outcome.message
    assert outcome.values == (2, True, 7, 3.0, [1, 2.5, "s"], True, "text", None, 3, 1, 0)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("kv.get, 'bad'", "not that one"),
        ("kv.get, 1", "bad argument #1 to 'get' (text expected)"),
        ("kv.get, '\\xff'", "bad argument #1 to 'get' (text expected)"),
        ("kv.get", "wrong number of arguments to 'get' (1 expected, got 0)"),
        ("kv.get, 'a', 'b'", "wrong number of arguments to 'get' (1 expected, got 2)"),
        ("kv.shape, {}, 1.5, 1", "bad argument #2 to 'shape' (integer expected)"),
        ("kv.shape, {}, 1, '1'", "bad argument #3 to 'shape' (number expected)"),
        ("kv.shape, {}, true, 1", "bad argument #2 to 'shape' (integer expected)"),
        ("kv.get, print or kv.get", "a function"),
        ("kv.shape, (function() local t = {} t[1] = t return t end)(), 1, 1", "a table that contains itself"),
    ],
)
def test_refusals_are_errors_that_can_be_caught(call: str, error: str) -> None:
    outcome = run(f"return pcall({call})")
    assert outcome.kind == "ok", outcome.message
    assert outcome.values[0] is False
    assert error in str(outcome.values[1])


def test_an_error_that_nobody_catches_has_its_place() -> None:
    outcome = run("\nkv.get('bad')")
    assert outcome.kind == "guest_error"
    assert "script:2: not that one" in outcome.message


def test_only_what_is_named_is_imported() -> None:
    module = munition.compile((HEAD + "return kv.get('a')").encode(), [KV])
    assert munition.fire(module).kind == "denied"
    less = HostCapability("kv", HostFunction(get))
    assert munition.fire(module, capabilities=[less]).kind == "ok"
    unused = munition.compile((HEAD + "return type(kv)").encode(), [KV])
    assert munition.fire(unused).values == ("table",)


def test_a_name_that_the_capability_lacks_is_denied_when_it_is_fired() -> None:
    module = munition.compile((HEAD + "return kv.other(1)").encode(), ["host.kv"])
    outcome = munition.fire(module, capabilities=[KV])
    assert outcome.kind == "denied"
    assert "values:other" in outcome.message


def test_what_was_not_declared_is_refused() -> None:
    with pytest.raises(munition.CompileError, match=r"munition\.host\.kv\.get.*'host\.kv'"):
        munition.compile((HEAD + "return kv.get('a')").encode(), ["log"])
    guarded = munition.compile((HEAD + "if kv.get then return kv.get('a') end return 1").encode())
    assert munition.fire(guarded).values == (1,)


def test_functions_pass_as_values() -> None:
    outcome = run(
        "local t = {} for i, f in ipairs{kv.get, kv.size} do t[i] = f('b') end return t, tostring(kv.get):match('^%a+')"
    )
    assert outcome.values == (["text", 1], "function")


def test_the_same_compilation_gives_the_same_bytes() -> None:
    text = (HEAD + "return kv.size('a'), kv.get('b'), kv.shape(1, 2, 3)").encode()
    assert munition.compile(text, [KV]).wasm == munition.compile(text, ["host.kv"]).wasm
