# SPDX-License-Identifier: MIT
"""Programs at the edge of what is bounded: long chains, deep nesting, many of anything, bombs. The host outlives them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import subject
from tests.support.differential import normal
from tests.support.oracle import Behaviour, Oracle

TERMS = 30_000


def _row(form: str, count: int, separator: str = "") -> str:
    return separator.join(form.format(k) for k in range(count))


# What the reference implementation can run too: the two must agree.
COMPARED = {
    "sum of variables": "local a = 1 return " + " + ".join(["a"] * 8000),
    "sum of constants": "return " + " + ".join(["1"] * TERMS),
    "conjunction": "local a = 1 return " + " and ".join(["a"] * TERMS),
    "disjunction": "local a = false return " + " or ".join(["a"] * TERMS),
    "fields": "local t = {} t.a = t return t" + ".a" * 3000 + " == t",
    "calls": "local f f = function() return f end return f" + "()" * 3000 + " == f",
    "methods": "local t = {} function t:m() return self end return t" + ":m()" * 2000 + " == t",
    "arms": "local x = -1 if x == 0 then return 0 " + _row("elseif x == {0} then return {0} ", 3000) + "end return 1",
    "parentheses": "return " + "(" * 190 + "1" + ")" * 190,
    "tables": "local t, n = " + "{" * 190 + "}" * 190 + ", 0 while t[1] do t = t[1] n = n + 1 end return n",
    "functions": "return " + "(function() return " * 60 + "7" + " end)()" * 60,
    "blocks": "do " * 190 + "n = 1 " + "end " * 190 + "return n",
    "branches": "if true then " * 180 + "n = 1 " + "end " * 180 + "return n",
    "loops": "while true do " * 150 + "n = 1 " + "break end " * 150 + "return n",
    "signs": "return " + "- " * 190 + "1",
    "powers": "return 1" + "^1" * 180,
    "locals": _row("local v{0} = {0} ", 200) + "return v0 + v199",
    "parameters": "local function f(" + _row("p{0}", 190, ",") + ") return p0, p189 end return f(" + _row("{0}", 190, ",") + ")",
    "arguments": "return select('#', " + _row("{0}", 240, ",") + ")",
    "upvalues": "local function o() " + _row("local a{0} = {0} ", 130) + "return (function() " + _row("local b{0} = {0} ", 120)
    + "return function() return " + _row("a{0}", 130, "+") + "+" + _row("b{0}", 120, "+") + " end end)() end return o()()",
    "items": "local t = {" + _row("{0}", 20_000, ",") + "} return #t, t[1], t[20000]",
    "fields of a constructor": "local t = {" + _row("k{0} = {0}", 5000, ",") + "} return t.k0, t.k4999",
    "closures": "local t = {} " + _row("t[{0}] = function(x) return x + {0} end ", 500) + "return t[7](1), t[499](1)",
    "statements": "local a = 0 " + "a = a + 1 " * 6000 + "return a",
    "extra arguments": "local t = {} for i = 1, 10000 do t[i] = i end local function f(...) local u = {...} "
    "return select('#', ...), #u, (select(9999, ...)) end return f(table.unpack(t))",
    "results": "local function f() return " + _row("{0}", 250, ",") + " end return select('#', f()), (select(250, f()))",
    "jumps": _row("do goto l{0} end ::l{0}:: ", 1000) + "return 1",
    "tail calls": "local function f(n) if n == 0 then return 'end' end return f(n - 1) end return f(1000000)",
    "tail calls of methods": "local t = {} function t:f(n) if n == 0 then return 'm' end return self:f(n - 1) end return t:f(1000000)",
    "tail calls of objects": "local o = setmetatable({}, {__call = function(self, n) if n == 0 then return 'o' end "
    "return self(n - 1) end}) return o(300000)",
    "tail calls with extra arguments": "local g local function f(n, ...) if n == 0 then return select('#', ...) end "
    "return g(n - 1, ...) end g = function(n, ...) return f(n, ...) end return f(300000, 1, nil, 3, nil)",
    "recursion": "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(10000)",
    "endless recursion": "local function f(n) return f(n + 1) + 1 end local ok, e = pcall(f, 1) return ok, e:match('stack overflow')",
    "endless recursion, often": "local function f(n) return f(n + 1) + 1 end local c = 0 for i = 1, 5 do "
    "if not pcall(f, 1) then c = c + 1 end end return c",
    "endless recursion of a metamethod": "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) "
    "local ok, e = pcall(function() return t[1] end) return ok, e:match('stack overflow')",
    "endless recursion of a handler": "return xpcall(error, function(m) error(m) end, 'x')",
    "endless chain": "local t = setmetatable({}, {}) getmetatable(t).__index = t return pcall(function() return t.x end)",
    "unpacking": "return pcall(table.unpack, {}, 1, 1e8), pcall(table.unpack, {}, math.mininteger, math.maxinteger)",
}  # fmt: skip


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    made = Oracle()
    yield made
    made.close()


@pytest.mark.parametrize("name", COMPARED)
def test_extremes_behave_as_in_the_reference_implementation(name: str, oracle: Oracle) -> None:
    source = COMPARED[name].encode()
    expected = oracle.run(source)
    assert expected.status == "ok"
    assert normal(subject.run(source)) == normal(expected)


# What the reference implementation has no limits for: the expected values.
BOMBS = {
    "tables": ("local ok, e = pcall(function() local t = {} for i = 1, 1e9 do t[i] = {i} end end) return ok, e", ("false", b"not enough memory")),
    "a string": ("local ok, e = pcall(function() local s = 'x' while true do s = s .. s end end) return ok, e", ("false", b"not enough memory")),
    "then on": (
        "local ok = pcall(function() local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end end) "
        "local u = {} for i = 1, 1000 do u[i] = i .. '' end return ok, #u",
        ("false", 1000),
    ),
    "repetition": ("local ok, e = pcall(string.rep, 'x', 1e15) return ok, e", ("false", b"resulting string too large")),
    "repetition with a separator": ("local ok, e = pcall(string.rep, 'ab', 1 << 40, 'cd') return ok, e", ("false", b"resulting string too large")),
    "concatenation": (
        "local t = {} for i = 1, 200 do t[i] = ('x'):rep(100000) end local ok, e = pcall(function() while true do t[1] = table.concat(t) end end) return ok, e",
        ("false", b"not enough memory"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_errors_a_program_can_catch(name: str) -> None:
    if subject.STRESS and name in ("tables", "then on"):
        pytest.skip("memory full of small objects cannot be marked at every allocation")
    source, values = BOMBS[name]
    told = subject.run(source.encode())
    assert (told.status, told.values) == ("ok", values)


@pytest.mark.parametrize(
    "source",
    ["while true do end", "while true do pcall(function() while true do end end) end", "::a:: goto a"],
)
def test_endless_programs_run_out_of_fuel(source: str) -> None:
    module = subject.compiled(source.encode())
    assert not isinstance(module, Behaviour)
    told = subject.fired(module, fuel=50_000_000)
    assert told.status == "error"
    assert told.values[0][:2] == ("crash", "fuel")
