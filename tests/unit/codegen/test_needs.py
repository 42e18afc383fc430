# SPDX-License-Identifier: MIT
"""What a script needs of the runtime, from its text; and how large modules are because of that."""

from __future__ import annotations

import pytest

import munition
from munition.codegen import program as generator
from munition.codegen.needs import find_gates, find_needs
from munition.ir.program import Program
from munition.runtime.gates import Need
from munition.wasm.link_unit import Gate


def needs_of(source: str, monkeypatch: pytest.MonkeyPatch) -> frozenset[Need]:
    seen: list[frozenset[Need]] = []

    def record(program: Program) -> tuple[Gate, ...]:
        seen.append(find_needs(program))
        return find_gates(program)

    monkeypatch.setattr(generator, "find_gates", record)
    munition.compile(source.encode(), caps=["log"], name="t.lua")
    return seen[-1]


PLAIN = [
    'print("hello")',
    'print("a", "b") print()',
    'while true do print("a") break end',
    'do local shown = print shown("a") end',
]


@pytest.mark.parametrize("source", PLAIN)
def test_a_script_that_prints_constants_needs_nothing(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs_of(source, monkeypatch) == frozenset()


NEEDS: list[tuple[str, set[Need]]] = [
    ("print(1)", {Need.TEXTS}),
    ("local a = ... ; a.b = 1", {Need.ARGUMENTS}),
    ("print(arg)", {Need.ARG, Need.ARGUMENTS, Need.TEXTS}),
    ("print(arg[1])", {Need.ARG, Need.ARGUMENTS, Need.TEXTS, Need.FIELDS}),
    ("local t = _G", {Need.ARG, Need.ARGUMENTS, Need.TABLES}),
    ("local t = _ENV print(t.arg)", {Need.ARG, Need.ARGUMENTS, Need.TABLES}),
    ('local function f(_ENV) return arg end f({arg = 1})', {Need.DEPTH, Need.CALLS}),
    ("return 1", {Need.RESULTS}),
    ('return print("x")', {Need.RESULTS}),
    ("function f() end", {Need.ARGUMENTS, Need.RESULTS, Need.DEPTH, Need.CALLS}),
    ("local function f() return f() end f()", {Need.DEPTH, Need.CALLS}),
    ('print = 1 print("x")', {Need.CALLS, Need.TEXTS}),
    ('local p = print; local t = {p}; t[1](2)', {Need.TEXTS, Need.CALLS}),
    ("pcall(print, 1)", {Need.TEXTS}),
    ("nothing()", {Need.CALLS, Need.FIELDS}),
    ("print(type(nothing))", {Need.FIELDS, Need.TEXTS}),
    ('local s = ("x"):rep(3)', {Need.STRING_METHODS, Need.TABLES}),
    ("local n = string", {Need.STRING_METHODS, Need.TABLES}),
    ("local x = 1.5", {Need.FLOATS}),
    ("local a = 3 local b = a / 2 print(b)", {Need.FLOATS}),
    ("print(2 ^ select('#'))", {Need.POWER, Need.FLOATS}),
    ("print(tonumber('7') % 2)", {Need.REMAINDER}),
    ("print(math.pi)", {Need.FLOATS, Need.TABLES}),
    ('print(io.stdout)', {Need.METATABLES, Need.TABLES}),
    ('local m = require "string"', {Need.ARG, Need.ARGUMENTS, Need.TABLES}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "needs"), NEEDS)
def test_what_a_script_does_it_needs(source: str, needs: set[Need], monkeypatch: pytest.MonkeyPatch) -> None:
    assert needs <= needs_of(source, monkeypatch)


NOT_NEEDED: list[tuple[str, set[Need]]] = [
    ("local t = {1, 2} t.x = #t print(t.x)", {Need.FLOATS, Need.METATABLES, Need.ARGUMENTS, Need.RESULTS, Need.POWER}),
    ("function f(a, b) return a + b end", {Need.POWER, Need.METATABLES, Need.STRING_METHODS, Need.ARG}),
    ('error("x")', {Need.FLOATS, Need.ARGUMENTS, Need.TABLES}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "needs"), NOT_NEEDED)
def test_what_a_script_does_not_do_it_does_not_need(
    source: str, needs: set[Need], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not needs & needs_of(source, monkeypatch)


PRICE = b"""\
function process(order)
  if order.quantity <= 0 then
    error("the quantity must be positive")
  end
  local total = order.unit_cents * order.quantity
  if order.quantity >= 10 then
    total = total * 9 // 10
  end
  return { total_cents = total }
end
"""
NUMERIC = b"function add(a, b) local s = 0 for i = a, b do s = s + i * i end return s end\n"
CEILINGS = {
    'print("hello")': (b'print("hello")\n', 5_000),
    "a numeric function": (NUMERIC, 44_000),
    "the rule of the README": (PRICE, 47_000),
}


@pytest.mark.parametrize("what", CEILINGS)
def test_modules_are_no_larger_than(what: str) -> None:
    source, ceiling = CEILINGS[what]
    assert len(munition.compile(source, caps=["log"], name="t.lua").wasm) <= ceiling
