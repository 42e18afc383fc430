# SPDX-License-Identifier: MIT
"""Programs of a few lines behave as the reference implementation's, though their modules lack most of the runtime.

A large program needs every part of the runtime. What a small one may do without is decided by what is in it, so each of
these holds another few features, and is a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tests.support import subject
from tests.support.differential import normal
from tests.support.oracle import Oracle

LINES = (
    'print("a", "b")', "print(1, -2)", "print(1.5, 1e100, 2^53)", "print(nil, true, false)", "print(...)",
    "print(print == print, type(print))", "print(7 // 2, 7 % 3, -7 // 2.0, 7.5 % 2)", "print(2 ^ 0.5, 10 / 2)",
    'print("10" + 5, "0x10" * 1, "3" .. 4)', 'print(#"abc", ("x"):rep(3), ("abc"):upper())', 'print(("x").y)',
    "local t = {1, 2, x = 3} print(#t, t.x, t[9], next({}))", "local t = {} t[1.0] = 1 t[2] = 2 print(#t, t[1])",
    "for i = 1, 3 do print(i) end", "for i = 1.0, 2, 0.5 do print(i) end", 'for i = 1, 2 do print("x") end',
    "for k, v in pairs({a = 1}) do print(k, v) end", "for i, v in ipairs({5, 6}) do print(i, v) end",
    "local function f(n) if n > 0 then return f(n - 1) end return n end print(f(50))",
    "local function f(n) return n < 1 and 0 or 1 + f(n - 1) end print(f(50))",
    "local function f() return f() + 1 end print(pcall(f))", "local c = 0 local function g() c = c + 1 return c end g() print(g())",
    "local m = setmetatable({}, {__index = function(_, k) return k end}) print(m.q, m[1])",
    'local m = setmetatable({}, {__tostring = function() return "T" end}) print(m, tostring(m))',
    "local m = setmetatable({}, {__call = function(_, a) return a end, __add = function() return 9 end}) print(m(4), m + 1)",
    "local m = setmetatable({}, {__newindex = rawset, __len = function() return 7 end}) m.a = 1 print(#m, m.a)",
    "print(pcall(error, {1}))", 'print(pcall(error, "e", 0))', "print(pcall(function() return nil + 1 end))",
    "print(pcall(function() local a; a.b = 1 end))", "print(pcall(function() return {} < {} end))", "print(pcall(nothing))",
    "print(select('#', ...), select(-1, 1, 2))", "x = 5 print(x, y)", "print(_G.print == print, _ENV == _G)",
    "local print = print; local p = {print} p[1]('in a table')", "print((print('once')))", 'goto done; print("no") ::done::',
    "local a <close> = setmetatable({}, {__close = function() print('closed') end})", "local a <const> = 3 print(a)",
    "print(string.format('%5.2f|%d|%s|%q', 1, 2, {} ~= nil, 'x'))", "print(('k=v'):match('(%w)=(%w)'))", "print(math.pi, math.max(1, 2.5))",
    "print(tostring(1e15), tostring(-0.0), tonumber('0x1p4'), tonumber('z', 36))", "print(table.concat({1, 2.5, 'c'}, ','))",
    "print(coroutine.wrap(function() coroutine.yield(1) end)())", "local s = '' for i = 1, 20 do s = s .. i end print(s)",
    "print(1 < 2, 'a' < 'b', 1 == 1.0, '1' == 1)", "print(5 & 3, 5 | 3, ~5, 1 << 62, 3.0 >> 1)", "print(0x7fffffffffffffff + 1)",
)  # fmt: skip
ENDS = ("", "", "", "return 1, 'a', 2.5", "return ...", "return {}", "error('end')", "error({})", "error()", "nothing.x()", "nothing()")  # fmt: skip


def small_program(random: Random) -> bytes:
    """One to three of the lines, and an end."""
    lines = random.sample(LINES, random.randint(1, 3))
    return "\n".join([*(f"do {line} end" for line in lines), random.choice(ENDS)]).encode()


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    found = Oracle()
    yield found
    found.close()


@pytest.mark.parametrize("seed", range(16))
def test_small_programs(oracle: Oracle, seed: int) -> None:
    source = small_program(Random(seed))
    which = seed % 3
    assert normal(subject.run(source, which)) == normal(oracle.run(source, which)), source.decode()
