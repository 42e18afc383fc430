# SPDX-License-Identifier: MIT
from __future__ import annotations

from collections.abc import Callable

import pytest

from munition import fire
from munition.errors import CompileError, UsageError, UsageTypeError
from munition.module import Module

Compiled = Callable[..., Module]

SCRIPT = """
export function greet(name: string): string { return "hello " + name; }
export function boom(n: i32): i32 {
  if (n > 3) throw new Error("too big: " + n.toString());
  return 10 / n;
}
export function pick(list: i32[]): i32 { return list[9]; }
export function eat(): i32 { let a: string[] = []; while (true) a.push("x".repeat(100000)); return 0; }
export function memory(): i32 { return 7; }
export class Point { constructor(public x: f64, public y: f64 = 1) {} }
export function flip(p: Point): Point { return new Point(p.y, p.x); }
export function add(a: i32, b: i32 = 5): i32 { return a + b; }
"""


@pytest.fixture(scope="module")
def module(compiled: Compiled) -> Module:
    return compiled(SCRIPT)


def test_a_function_of_the_script_is_fired(module: Module) -> None:
    assert fire(module, "greet", ["world"]).values == ("hello world",)
    assert fire(module, "greet", ["wörld 🎈"]).values == ("hello wörld 🎈",)
    assert fire(module, "memory").values == (7,)
    assert fire(module, "flip", [{"x": 1, "y": 2.5}]).values == ({"x": 2.5, "y": 1.0},)
    assert [fire(module, "add", args).values for args in ([1], [1, 9])] == [(6,), (10,)]
    assert fire(module).values == ()


def test_a_throw_says_message_and_place(module: Module) -> None:
    outcome = fire(module, "boom", [5])
    assert (outcome.kind, outcome.reason) == ("guest_error", "error")
    assert outcome.message == "script.ts:4:14: too big: 5"
    assert outcome.crash is not None
    assert outcome.crash.error is not None
    assert (outcome.crash.error.value, outcome.crash.error.line) == ("too big: 5", 4)
    assert outcome.crash.frames


def test_a_fault_of_the_library_says_where_there(module: Module) -> None:
    assert fire(module, "pick", [[1]]).message == "Index out of range (~lib/array.ts:114:42)"


def test_other_ends(module: Module) -> None:
    assert fire(module, "boom", [0]).reason == "trap:integer_division_by_zero"
    eaten = fire(module, "eat")
    assert (eaten.kind, eaten.reason, eaten.message) == ("limit", "memory", "not enough memory")


@pytest.mark.parametrize(
    ("function", "arguments", "kind", "said"),
    [
        ("greet", [1], UsageTypeError, "parameter 'name' of greet (string): a string is expected, not int"),
        ("greet", [], UsageTypeError, "greet takes 1 argument (name: string), not 0"),
        ("add", [1, 2, 3], UsageTypeError, "add takes 1 to 2 arguments (a: i32, b: i32), not 3"),
        ("boom", [1 << 31], UsageError, "parameter 'n' of boom (i32): 2147483648 is not from"),
        ("boom", [True], UsageTypeError, "parameter 'n' of boom (i32): an integer is expected, not bool"),
        ("boom", [1.0], UsageTypeError, "parameter 'n' of boom (i32): an integer is expected, not float"),
        ("pick", [[1, "2"]], UsageTypeError, "parameter 'list' of pick (Array<i32>) at list[1]: an integer"),
        ("flip", [{"x": 1}], UsageTypeError, "parameter 'p' of flip (Point): the field y is missing"),
        ("flip", [{"x": 1, "y": 2, "z": 3}], UsageTypeError, "Point has no field 'z'"),
        ("flip", [{"x": 1, "y": "2"}], UsageTypeError, "at p.y: a number is expected, not str"),
    ],
)
def test_wrong_arguments_name_the_parameter(
    module: Module, function: str, arguments: list[object], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as error:
        fire(module, function, arguments)
    assert said in str(error.value)


def test_a_pure_script_imports_nothing_and_exports_the_entries_only(module: Module) -> None:
    from munition.wasm.reader import read_module

    decoded = read_module(module.wasm)
    assert decoded.imports == ()
    names = {e.name for e in decoded.exports}
    wanted = {"greet", "boom", "pick", "eat", "flip", "add", "munition:reserved:memory"}
    assert names == wanted | {"memory", "munition:run", "munition:input", "munition:fault"}


def test_an_import_of_ones_own_is_refused_where_it_is_declared(compiled: Compiled) -> None:
    text = '@external("env", "evil") declare function evil(): void;\nexport function f(): void { evil(); }\n'
    with pytest.raises(CompileError) as error:
        compiled(text)
    (found,) = error.value.diagnostics
    assert (found.code, found.kind) == ("C102", "denied")
    assert text[found.span.start : found.span.end] == "evil"


def test_time_is_refused_unless_it_is_declared(compiled: Compiled) -> None:
    text = "export function now(): i64 { return Date.now(); }"
    with pytest.raises(CompileError) as error:
        compiled(text)
    (found,) = error.value.diagnostics
    assert (found.code, found.kind, found.capability) == ("C101", "denied", "time")
    assert text[found.span.start : found.span.end] == "Date.now"
    outcome = fire(compiled(text, "time"), "now", capabilities=["time"])
    assert outcome.values[0] > 1e12  # type: ignore[operator]


@pytest.mark.usefixtures("compiled")
def test_denied_at_run_time_is_an_error_that_names_the_power() -> None:
    import munition

    text = b"export function f(n: i32): i64 { return n ? Date.now() : 7; }"
    module = munition.compile(text, name="a.ts", language="assemblyscript", denied="runtime")
    assert [(d.code, d.severity.value) for d in module.diagnostics] == [("C101", "warning")]
    assert munition.infer_capabilities(module) == frozenset()
    assert fire(module, "f", [0]).values == (7,)
    outcome = fire(module, "f", [1])
    assert (outcome.kind, outcome.message) == ("guest_error", "the program was not granted 'time'")
