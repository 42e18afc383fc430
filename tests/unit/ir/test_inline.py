# SPDX-License-Identifier: MIT
"""Which calls are replaced by the code of their callee, and which are not."""

from __future__ import annotations

from unittest import mock

import pytest

import munition
from munition.attenuators.lua import attenuator
from munition.ir import nodes as n
from munition.ir.control_flow import all_nodes
from munition.ir.program import Program
from munition.ir.specialise import specialise
from munition.ir.switches import ALL, VARIANTS


def calls_left(text: str, *, inline: bool = True) -> int:
    """How many calls of functions of the program there are, inside `run`."""
    typed: list[Program] = []

    def keep(program: Program) -> Program:
        typed.append(specialise(program, ALL if inline else VARIANTS["inline"]))
        return typed[0]

    with mock.patch.object(attenuator, "specialise", keep):
        munition.compile(text)
    return sum(
        1
        for function in typed[0].functions
        if function.name == b"run" and function.general is None
        for node in all_nodes(function.body)
        if isinstance(node, n.Call | n.TailCall)
    )


def ways(function: str, use: str) -> tuple[int, int]:
    """Calls in a function that uses another in a loop: with, and without the optimisation."""
    text = f"{function}\nlocal function run() for i = 1, 9 do {use} end end\nrun()"
    return calls_left(text), calls_left(text, inline=False)


PUT_IN = {
    "a sum": ("local function f(a, b) return a + b end", "local x = f(i, 2)"),
    "a choice": ("local function f(a, b) if a < b then return a end return b end", "local x = f(i, 2)"),
    "a comparison": ("local function f(a, b) return a < b end", "if f(i, 2) then i = 3 end"),
    "one that assigns its parameter": ("local function f(a) a = a + 1 return a end", "local x = f(i)"),
    "one that assigns a variable of the program": (
        "local up = 1 local function f(a) up = a return a end",
        "local x = f(i)",
    ),
    "a call whose result is not wanted": ("local function f(a) return a + 1 end", "f(i)"),
    "a constant": ("local function f() return 1 end", "local x = f()"),
}


@pytest.mark.parametrize("name", PUT_IN)
def test_small_functions_that_cannot_fail_are_put_in(name: str) -> None:
    assert ways(*PUT_IN[name]) == (0, 1)


def test_calls_of_calls_are_followed() -> None:
    functions = "local function f(a) return a * a end local function g(a) return f(a) + f(a + 1) end"
    assert ways(functions, "local y = g(i) local x = g(y)") == (0, 2)


def test_tail_calls_are_put_in() -> None:
    text = "local function f(a) return a * a end local function run(a) return f(a) end for i = 1, 9 do run(i) end"
    assert calls_left(text) == 0
    assert calls_left(text, inline=False) == 1


LEFT = {
    "it may fail": ("local function f(a) return #a end", "local x = f(i > 3 and 'a' or nil)"),
    "it recurses": ("local function f(a) if a < 1 then return a end return f(a - 1) end", "local x = f(i)"),
    "it makes a table": ("local function f(a) return {a} end", "local x = f(i)"),
    "it repeats": ("local function f(a) while a < 5 do a = a + 1 end return a end", "local x = f(i)"),
    "it has two results": ("local function f(a) return a, a end", "local x, y = f(i)"),
    "it has no result": ("local function f(a) a = a + 1 end", "local x = f(i)"),
    "it takes any number": ("local function f(...) return 1 end", "local x = f(i)"),
    "it is large": (
        "local function f(a) " + "a = a + 1 " * 30 + "return a end",
        "local x = f(i)",
    ),
    "it may be another": (
        "local f = function(a) return a end f = function(a) return a + 1 end",
        "local x = f(i)",
    ),
    "arguments are missing": ("local function f(a, b) return a end", "local x = f(i)"),
    "arguments are too many": ("local function f(a) return a end", "local x = f(i, 2)"),
}


@pytest.mark.parametrize("name", LEFT)
def test_other_functions_are_called(name: str) -> None:
    assert ways(*LEFT[name]) == (1, 1)


def test_copies_have_their_bounds() -> None:
    function = "local function f(a) a = a * 2 a = a + 1 a = a * 3 a = a - 4 a = a * 5 return a + 1 end"
    few = ways(function, "local x = f(i)")
    many = ways(function, "local x = 0 " + "x = f(x) " * 1000)
    assert few == (0, 1)
    assert many[1] == 1000
    assert 100 < many[0] < 900


def test_the_larger_of_two_programs_keeps_its_registers_apart() -> None:
    """A caller with many variables, whose values stay what they are."""
    names = [f"v{k}" for k in range(100)]
    text = (
        "local function f(a, b) local t = a + b if t > 50 then return t - 50 end return t end\n"
        + "".join(f"local {name} = {k}\n" for k, name in enumerate(names))
        + "".join(f"{name} = f({name}, {k % 7})\n" for k, name in enumerate(names))
        + f"return {', '.join(names)}"
    )
    values = munition.fire(munition.compile(text)).values
    expected = [k + k % 7 for k in range(100)]
    assert list(values) == [t - 50 if t > 50 else t for t in expected]
