# SPDX-License-Identifier: MIT
"""Hostile uses of the library: each ends in an error the script can catch, or in the limit that was set."""

from __future__ import annotations

import pytest

import munition
from munition.engine.outcome import Outcome

MEMORY = 32 << 20
FUEL = 1_000_000_000


def run(source: str) -> Outcome:
    module = munition.compile(source.encode(), name="s")
    return munition.fire(module, fuel=FUEL, memory=MEMORY, timeout=60)


TOO_LARGE = "s:1: resulting string too large"
NO_MEMORY = "not enough memory"
MEBI = "local s = ('x'):rep(1 << 20) local t = {} for i = 1, 3000 do t[i] = s end "

REFUSED = {
    "rep beyond any memory": ("string.rep('x', 1e15 // 1 | 0)", TOO_LARGE),
    "rep of 2 GiB": ("string.rep('x', 1 << 31)", TOO_LARGE),
    "rep whose length overflows": ("string.rep('xx', math.maxinteger)", TOO_LARGE),
    "rep with a separator": ("string.rep('', math.maxinteger, 'ab')", TOO_LARGE),
    "rep beyond the limit": ("string.rep('x', 1 << 30)", NO_MEMORY),
    "concat beyond any memory": (f"(function() {MEBI} return table.concat(t) end)()", TOO_LARGE),
    "concat beyond the limit": (f"(function() {MEBI} return table.concat(t, '', 1, 60) end)()", NO_MEMORY),
    "gsub that multiplies": ("(function() local s = ('x'):rep(1 << 16) return s:gsub('x', s) end)()", NO_MEMORY),
    "format that multiplies": (
        f"(function() {MEBI} return ('%s'):rep(60):format(table.unpack(t, 1, 60)) end)()",
        NO_MEMORY,
    ),
    "pack padding": ("string.pack('c99999999', 'x')", NO_MEMORY),
    "pack padding, many times": ("string.pack(('c214748364'):rep(20), 'a')", NO_MEMORY),
    "packsize": ("string.packsize(('c214748364'):rep(11))", "s:1: bad argument #1 to 'packsize' (format result too large)"),
    "unpack everything": (
        "table.unpack({}, math.mininteger, math.maxinteger)", "s:1: too many results to unpack",
    ),
    "unpack a million": ("table.unpack({}, 1, 1000000)", "s:1: too many results to unpack"),
    "byte of a long slice": (
        "string.byte(('x'):rep(1000000), 1, -1)", "s:1: stack overflow (string slice too long)",
    ),
    "codepoint of a long slice": (
        "utf8.codepoint(('x'):rep(1000000), 1, -1)", "s:1: stack overflow (string slice too long)",
    ),
    "unpack a long format": (
        "string.unpack(('b'):rep(100000), ('x'):rep(100000))", "s:1: stack overflow (too many results)",
    ),
    "sort without end": (
        "table.sort(setmetatable({}, {__len = function() return math.maxinteger end}))",
        "s:1: bad argument #1 to 'sort' (array too big)",
    ),
    "sort of a claimed length": (
        "table.sort(setmetatable({}, {__len = function() return 2000000000 end}))", NO_MEMORY,
    ),
    "a pattern nested too deeply": ("(('a'):rep(300)):find(('a-'):rep(201) .. 'b')", "s:1: pattern too complex"),
    "a hundred thousand captures": ("('a'):find(('('):rep(100000))", "s:1: too many captures"),
    "format width": ("('%1000d'):format(1)", "s:1: invalid conversion specification: '%1000d'"),
    "format specification": ("('%' .. ('-'):rep(5000) .. 'd'):format(1)", "s:1: invalid format (too long)"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_an_error(case: str) -> None:
    expression, message = REFUSED[case]
    outcome = run(f"return select(2, pcall(function() return {expression} end))")
    assert outcome.values == (message,)


@pytest.mark.parametrize("case", ["rep beyond any memory", "concat beyond any memory", "unpack everything"])
def test_refused_before_work_is_done(case: str) -> None:
    outcome = run(f"return pcall(function() return {REFUSED[case][0]} end)")
    assert outcome.ok
    assert outcome.fuel_used < 10_000_000


NESTED = {
    "gsub": "local function f() return (('xyz'):gsub('(%w)(%w)', function() return f() end)) end",
    "gsub with a table": "local m = {} m.__index = function(t) return (('x'):gsub('x', t)) end "
    "local function f() return ('x'):gsub('x', setmetatable({}, m)) end",
    "sort": "local function f() table.sort({3, 1, 2}, function(a, b) f() return a < b end) end",
    "format": "local m = {} m.__tostring = function(t) return ('%d %5.3f %s %q'):format(1, 2.5, t, 'x') end "
    "local function f() return tostring(setmetatable({}, m)) end",
    "concat": "local m = {} m.__index = function(t) return table.concat(t, ',', 1, 3) end "
    "local function f() return table.concat(setmetatable({}, m), ',', 1, 3) end",
    "unpack": "local m = {} m.__index = function(t) return (table.unpack(t, 1, 2)) end "
    "local function f() return table.unpack(setmetatable({}, m), 1, 2) end",
    "move": "local m = {} m.__index = function(t) return table.move(t, 1, 2, 1, {}) end "
    "local function f() return table.move(setmetatable({}, m), 1, 2, 1, {}) end",
}


@pytest.mark.parametrize("case", NESTED)
def test_nesting_is_bounded(case: str) -> None:
    outcome = run(
        f"{NESTED[case]} local ok, message = pcall(f) return ok, message:match('%a+ stack overflow') or message"
    )
    assert outcome.ok, outcome.crash
    assert outcome.values == (False, "C stack overflow")


SPENDS = {
    "exponential pattern": "(('a'):rep(200)):find(('a*'):rep(30) .. 'b')",
    "quadratic pattern": "(('a'):rep(100000)):find(('a'):rep(1000) .. '.-b')",
    "a table without end": "table.concat(setmetatable({}, {__index = function() return '' end}), '', 1, math.maxinteger)",
    "a move without end": "table.move(setmetatable({}, {__index = function() end}), 1, math.maxinteger - 1, 1, {})",
}


@pytest.mark.parametrize("case", SPENDS)
def test_time_is_fuel(case: str) -> None:
    outcome = run(f"return pcall(function() return {SPENDS[case]} end)")
    assert outcome.kind == "fuel"


SORTS = {
    "grows the table": "t[#t + 1] = 1 return a < b",
    "empties the table": "for i = 1, 20 do t[i] = nil end collectgarbage() return a < b",
    "says yes always": "return true",
    "says anything": "return math.random() < 0.5",
    "compares by accident": "return (a * 7919) % 31 < (b * 104729) % 37",
}


@pytest.mark.parametrize("case", SORTS)
def test_sort_survives_its_comparator(case: str) -> None:
    source = (
        "for n = 2, 120, 9 do local t = {} for i = 1, n do t[i] = i * 7919 % 1009 end "
        f"local ok, message = pcall(table.sort, t, function(a, b) {SORTS[case]} end) "
        "if not ok and not message:find('invalid order function for sorting', 1, true) then return message end end "
        "return 'done'"
    )
    outcome = run(source)
    assert outcome.values == ("done",), outcome.crash


def test_a_failed_sort_leaves_the_elements() -> None:
    source = (
        "local t, n = {}, 0 for i = 1, 200 do t[i] = i * 7919 % 1009 end "
        "local sum = 0 for i = 1, 200 do sum = sum + t[i] end "
        "pcall(table.sort, t, function(a, b) n = n + 1 if n > 300 then error('enough') end return a < b end) "
        "for i = 1, 200 do sum = sum - t[i] end return sum, #t"
    )
    assert run(source).values == (0, 200)


def test_patterns_compiled_meanwhile_do_no_harm() -> None:
    """A callback of gsub, and a body of gmatch, use more patterns than are kept."""
    source = (
        "local n = 0 local s = (('abc '):rep(50)):gsub('(%w)(%w)', function(a, b) n = n + 1 "
        "('x' .. n):find('[' .. n .. 'x]%d*' .. ('a?'):rep(n % 20)) return b .. a end) "
        "local out = {} for w in ('one two three'):gmatch('%a' .. '+') do ('q'):find('[' .. w .. ']') out[#out + 1] = w end "
        "return s == ('bac '):rep(50), table.concat(out, ',')"
    )
    assert run(source).values == (True, "one,two,three")


def test_a_pattern_larger_than_the_cache() -> None:
    source = (
        "local p, n = ('[ab]'):rep(5000), 0 local whole = #(('ab'):rep(2500):match(p)) "
        "for x in ('ab'):rep(3000):gmatch('(' .. ('[ab]'):rep(200) .. ')') do n = n + #x end return whole, n"
    )
    assert run(source).values == (5000, 6000)
