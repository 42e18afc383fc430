# SPDX-License-Identifier: MIT
"""Tables that watch what the library does to them, orders of evaluation, jumps out of scopes, extreme loops."""

from __future__ import annotations

from typing import Final

from tests.support.lua_programs.context import Context
from tests.support.lua_programs.expressions import expression


def proxy_idiom(g: Context, nest: int) -> str:
    """One of the patterns."""
    g.pick(_IDIOMS)(g)
    return ""


_AT: Final = ("1", "2", "3", "4", "0", "-1", "5", "2.0", "1.5", "'2'", "math.maxinteger", "math.mininteger")


def _proxy(g: Context) -> None:
    """Every access of a table function to a table with metamethods, in order."""
    g.line("do")
    g.line(f"local data = {g.pick(('{10, 20, 30}', '{}', '{3, 1, 2, 5, 4}', '{1, 2, nil, 4}', '{x = 1}'))}")
    g.line("local log = {}")
    g.line("local p = setmetatable({}, {")
    for text in (
        "__index = function(_, k) log[#log + 1] = 'r' .. tostring(k) return data[k] end,", "__newindex = function(_, k, v) log[#log + 1] = 'w' .. tostring(k) .. '=' .. tostring(v) data[k] = v end,",
        f"__len = function() log[#log + 1] = '#' return {g.pick(('#L(data)', '#L(data)', '#L(data)', '3', '2.0', '1.5', chr(39) + 'x' + chr(39), '-1', 'nil', 'math.maxinteger'))} end,",
    ):  # fmt: skip
        if g.chance(90):
            g.line(text)
    g.line("})")
    at = g.pick(_AT)
    text = g.pick(
        (
            "table.insert(p, 99)", f"table.insert(p, {at}, 99)", "table.remove(p)", f"table.remove(p, {at})", "table.concat(p, ',')", f"table.concat(p, '-', {at}, 3)", "table.unpack(p)",
            f"table.move({{7, 8, 9}}, 1, 3, {at}, p)", "table.pack(p, p).n", "next(p)", "#p, rawlen(p)", "ipairs(p)(p, 0)", "select('#', table.unpack(p))", "table.insert(p)", "table.insert(p, 1, 2, 3)",
            "rawget(p, 1), rawset(p, 1, 5) == p, p[1]", "table.remove(p, #p + 1)", "table.remove(p, #p)", "table.insert(p, #p + 1, 'e')", "(function() for i, v in ipairs(p) do if i > 6 then break end log[#log + 1] = v end end)()",
        )
    )  # fmt: skip
    g.line(f"P(pcall(function() return {text} end))")
    g.line("local shown = {} for i = 1, math.min(#log, 40) do shown[i] = tostring(log[i]) end")
    g.line("P(table.concat(shown, ' '))")
    g.line("for i = 0, 6 do P(i, rawget(data, i), rawget(p, i)) end")
    g.line("end")


_ORDERS: Final = (
    "local a, b, c = E(1), E(2), E(3)", "t[E('k')], t[E('l')] = E('v'), E('w')", "t[E('a')][E('b')] = E('c')", "f(E(1), E(2))[E(3)] = E(4)", "P(E(1) + E(2) * E(3))", "P(E('x') .. E('y') .. E('z'))",
    "P(E(1) < E(2), E(2) <= E(1), E(3) > E(4))", "local r = {E(1), [E('k')] = E(2), E(3), x = E(4)} P(#r)", "local i = 1 i, t[i] = i + 1, 20 P(i, t[1], t[2])", "t.x, t.x = E(1), E(2) P(t.x)",
    "local a = 1 local b = a + (function() a = 5 return a end)() P(a, b)", "local a = 1 P(a, (function() a = 2 return a end)(), a)", "local a = {1} a, a[1] = {2}, 3 P(a[1])",
    "E('f', f)(E('arg'))", "E(t):m(E(1), E(2))", "P(E(false) and E(1) or E(2), E(nil) == nil)", "local a <const>, b = E(1), E(2) P(a, b)", "for i = E(1), E(2), E(1) do P(i) end", "P((E(1)), (f(E(2), E(3))))",
    "local a, b = 1, 2 a, b = b, a P(a, b)", "local a, b, c = (function() return 1, 2, 3 end)() P(a, b, c)", "local x = 5 local function g() x = x + 1 return x end P(x + g(), g() + x, x * g() - x)",
    "local s = 'a' local function g() s = s .. 'b' return s end P(s .. g() .. s)", "local n = 1 local q = {n, (function() n = n + 1 return n end)(), n} P(q[1], q[2], q[3])", "t.a, t.b, t.c = (function() return 1, 2 end)() P(t.a, t.b, t.c)",
    "local u = 1 local v = u < (function() u = 0 return 1 end)() P(u, v)", "local u = 1.5 u = u // (function() u = 3 return 2 end)() P(u)", "local u = 2 local w = -u + (function() u = 7 return u end)() P(u, w)", "t[t.x], t.x = t.x, E(5) P(t.x)",
    "local k = 1 local m = {[k] = k, [k + 1] = (function() k = 9 return k end)(), [k + 2] = k} P(m[1], m[2], m[3], m[10], m[11])",
)  # fmt: skip


def _order(g: Context) -> None:
    """In which order operands, targets and arguments are taken."""
    y = "v = Y(v) " if g.yields else ""
    g.line("P(pcall(function()")
    g.line(f"local function E(v, w) {y}P('eval', v) if w ~= nil then return w end return v end")
    g.line(
        "local t t = setmetatable({x = 1, m = function(self, ...) return ... end}, {__newindex = function(_, k, v) P('set', k, v) rawset(t, k, v) end, __index = function(_, k) P('get', k) return nil end})"
    )
    g.line("local function f(a) P('f', a) return t end")
    for _ in range(1 + g.below(3)):
        g.line(f"do {g.pick(_ORDERS)} end")
    g.line("end))")


_STARTS: Final = (
    "1", "3", "0", "-1", "1.0", "0.1", "-0.0", "math.maxinteger", "math.mininteger", "math.maxinteger - 2", "math.mininteger + 2", "2^53", "-2^63", "2^63", "1/0", "-1/0", "0/0", "1e308", "'1'", "nil", "3.5",
)  # fmt: skip
_STEPS: Final = (
    "1",
    "-1",
    "2",
    "0.5",
    "-0.25",
    "math.maxinteger",
    "math.mininteger",
    "0",
    "0.0",
    "-0.0",
    "1/0",
    "0/0",
    "3",
    "-7",
    "2^62",
    "1e308",
    "'1'",
    "{}",
    "1e-300",
)


def _loop(g: Context) -> None:
    """Numeric loops at the ends of the number line, left after some turns."""
    g.line("P(pcall(function()")
    g.line("local n = 0")
    step = f", {g.pick(_STEPS)}" if g.chance(70) else ""
    g.line(f"for i = {g.pick(_STARTS)}, {g.pick(_STARTS)}{step} do")
    g.line(
        f"n = n + 1 P(i{g.pick(('', ', math.type(i)', ', n'))}) {g.pick(('', 'i = i + 1', 'i = nil', 'i = Y(i)' if g.yields else ''))}"
    )
    g.line(
        g.pick(
            (
                "if n >= 4 then break end",
                "if n >= 3 then return 'left', n end",
                "if n >= 4 then goto out end",
                "if n >= 2 then error('left') end",
            )
        )
    )
    g.line("end")
    g.line("::out::")
    g.line("end))")


def _jumps(g: Context) -> None:
    """Jumps out of scopes to close and loops, with closures that keep their own variables."""
    g.line("P(pcall(function()")
    y = "Y(n) " if g.yields else ""
    g.line(
        f"local function closer(n) return setmetatable({{}}, {{__close = function(_, e) {y}P('close', n, e) end}}) end"
    )
    g.line("local fs, k = {}, 0")
    g.line("::top::")
    g.line("k = k + 1")
    g.line(
        g.pick(
            (
                "for i = 1, 3 do",
                "for i, v in ipairs{4, 5, 6} do",
                "local i = 0 while i < 3 do i = i + 1",
                "local i = 0 repeat i = i + 1 local stop = i >= 3",
            )
        )
    )
    repeats = "repeat" in g.lines[-1]
    g.line(f"local c <close> = {g.pick(('closer(i)', 'nil', 'closer(k)'))}")
    g.line("local x = i * 10 + k")
    g.line("fs[#fs + 1] = function() x = x + 1 return x, i end")
    g.line(
        g.pick(
            (
                "if i == 2 then goto next end",
                "if k < 3 and i == 2 then goto top end",
                "if i == 2 then goto out end",
                "if i == 2 then break end",
                "if i == 3 then return 'r', x end",
                "T()",
            )
        ).replace("goto next", "goto out" if repeats else "goto next")
    )
    g.line("do local d <close> = closer('d' .. i) if k > 2 then goto out end end")
    g.line("P('turn', k, i)")
    if repeats:
        g.line("until stop")
    else:
        g.line("::next::")
        g.line("end")
    g.line("do P('end') end")
    g.line("::out::")
    g.line("for _, f in ipairs(fs) do P(f()) P(f()) end")
    g.line("end))")


def _levels(g: Context) -> None:
    """Where errors say they are, at each level, and what handlers see."""
    value = g.pick(
        (
            "'m'",
            "'m', 1",
            "'m', 2",
            "'m', 3",
            "'m', 0",
            "'m', 9",
            "{}",
            "nil",
            "5",
            "2.5",
            "'m', 2.0",
            "'m', '2'",
            "true, 2",
        )
    )
    how = g.pick(("error", "(error)", "local e = error e", "return error", "assert(false,", "pcall(error,"))
    call = f"{how} {value})" if how.endswith(",") else f"{how}({value})"
    if how.startswith("pcall"):
        call = f"P({call})"
    g.line("do")
    g.line(f"local function one() {call} end")
    g.line(
        f"local function two() {g.pick(('one()', 'local x = one() return x', 'return one()', 'return (one())', 'P(one())', 'local t = setmetatable({}, {__index = one}) return t.x', 'table.sort({1, 2}, one)', 'for _ in one do end', 'return 1 + one()'))} end"
    )
    g.line("local function three()\ntwo()\nend")
    g.line(
        g.pick(
            (
                "P(pcall(three))",
                "P(xpcall(three, function(m) return m, 'h' end))",
                "P(pcall(pcall, three))",
                "P(xpcall(three, function(m) error('again') end))",
                "P(pcall(function() three() end))",
                "P(select('#', pcall(three)))",
                "P(xpcall(three, tostring))",
                "P(xpcall(three, error))",
                "P(pcall(error))",
            )
        )
    )
    g.line("end")


def _weak(g: Context) -> None:
    """Weak tables, where the manual says what is left."""
    mode = g.pick(("k", "v", "kv", ""))
    g.line("do")
    g.line(f"local w = setmetatable({{}}, {{__mode = '{mode}'}})")
    g.line("local kept = {}")
    g.line(
        "local function fill() for i = 1, 5 do w[i] = {} w[{}] = i w['s' .. i] = 'v' .. i w[kept] = 'kept' w.kept = kept end end"
    )
    g.line("fill()")
    g.line("collectgarbage() collectgarbage()")
    g.line(
        "local count = {} for k, v in pairs(w) do local n = type(k) .. type(v) count[n] = (count[n] or 0) + 1 end"
    )
    g.line(
        "P(count.numbertable, count.tablenumber, count.stringstring, count.tablestring, w[kept], w.kept == kept)"
    )
    g.line("end")


def _traversal(g: Context) -> None:
    """Traversals that clear and change fields, which keys are one key, and lengths of lists."""
    g.line("do")
    g.line(
        f"local t, sum, n = {{{', '.join(g.pick(('1', '2.0', 'k = 3', '[2^53] = 4', '[-1] = 5', chr(39) + 'x' + chr(39), '[true] = 6', '[1.5] = 7', '[10] = 8')) for _ in range(g.below(7)))}}}, 0, 0"
    )
    g.line(
        f"for k, v in {g.pick(('pairs(t)', 'next, t', 'next, t, nil'))} do n = n + 1 sum = sum + (tonumber(v) or 1) t[k] = {g.pick(('nil', 'v', '1', 'false', '{}'))} end"
    )
    g.line("P(n, sum, next(t) == nil)")
    g.line(
        f"t[1.0] = 'one' t[2^53] = 'big' t[-0.0] = 'zero' P(t[1], t[0], t[1 << 53], rawlen(t) >= 1, math.type(next({{[{g.pick(('3.0', '3', '2^60', '0x10'))}] = 1}})))"
    )
    g.line(
        f"local list = {{}} for i = 1, {g.pick(('3', '10', '40'))} do list[#list + 1] = i end for i = 1, {g.pick(('0', '2', '5'))} do list[#list] = nil end P(#list, list[#list])"
    )
    g.line(
        f"P(pcall(next, t, {g.pick(('{}', chr(39) + 'absent' + chr(39), '0/0'))}))"
        if g.chance(30)
        else f"t[{expression(g, 'i', 1)}] = 1"
    )
    g.line("end")


def _string_methods(g: Context) -> None:
    """The metatable of strings can be changed."""
    g.line("do")
    g.line("local mt = getmetatable('')")
    g.line(
        g.pick(
            (
                "mt.__index = function(s, k) if type(k) == 'number' then return string.sub(s, k, k) end return string[k] end",
                "string.twice = function(s) return s .. s end",
                "mt.__call = function(s, x) return s .. tostring(x) end",
                "mt.__len = 5",
                "mt.__lt = function(a, b) return true end",
                "mt.__concat = function(a, b) return 'cat' end",
                "mt.__newindex = function(s, k, v) P('set', s, k, v) end",
                "mt.__name = 'Text'",
                "mt.__tostring = function(s) return 'T' end",
                "mt.__eq = function() return true end",
                "mt.__mod = function(s, t) return string.format(s, table.unpack(t)) end",
            )
        )
    )
    use = g.pick(
        (
            "('abc')[2]",
            "('ab'):twice()",
            "('f')(5)",
            "'a' + 'b'",
            "'3' + 4",
            "#'abc'",
            "-'abc'",
            "-'2'",
            "'a' < 'b'",
            "'a' < 1",
            "'a' .. {}",
            "'a' .. 'b'",
            "tostring('x')",
            "'a' == 'b'",
            "'%d-%s' % {1, 'x'}",
            "'7' // '2'",
            "'a' // 2",
            "('x').y",
            "('x').len",
            "'10' * '2'",
            "'x' & 1",
            "'3' | '4'",
        )
    )
    g.line(f"P(pcall(function() return {use} end))")
    g.line("P(pcall(function() local s = 'q' s.field = 1 end))")
    g.line("end")


_IDIOMS: Final = (
    _proxy,
    _proxy,
    _order,
    _order,
    _loop,
    _loop,
    _jumps,
    _jumps,
    _levels,
    _levels,
    _weak,
    _traversal,
    _string_methods,
)
