# SPDX-License-Identifier: MIT
"""Larger patterns: closures, recursion, classes with metamethods, jumps, scopes to close."""

from __future__ import annotations

from typing import Final

from tests.support.lua_programs.context import Context, Variable
from tests.support.lua_programs.expressions import arguments, expression
from tests.support.lua_programs.helpers import small_functions

ARITHMETIC: Final = (
    ("add", "+"), ("sub", "-"), ("mul", "*"), ("div", "/"), ("mod", "%"), ("pow", "^"), ("idiv", "//"), ("band", "&"), ("bor", "|"), ("bxor", "~"),
    ("shl", "<<"), ("shr", ">>"),
)  # fmt: skip


def idiom(g: Context, nest: int) -> str:
    """One of the patterns."""
    g.pick(_IDIOMS)(g, nest)
    return ""


def _inner(g: Context, nest: int) -> None:
    from tests.support.lua_programs.statements import block

    block(g, 1 + g.below(2), nest - 1)


def _shared_upvalues(g: Context, nest: int) -> None:
    start = expression(g, "i", 1)
    g.line("do")
    with g.scope():
        g.line(f"local n, get, set = {start}")
        g.line("function get() return n end")
        g.line("set = function(v) n = v return n end")
        g.declare(Variable("n", "x"))
        g.declare(Variable("get", "F", fixed=True, arity=0))
        g.declare(Variable("set", "F", fixed=True, arity=1))
        _inner(g, nest)
        g.line(f"P(get(), set({expression(g, 'i', 1)}), n, get())")
    g.line("end")


def _closures_in_loop(g: Context, nest: int) -> None:
    changed = g.pick(("", "x = x + 1", "i = i + 1"))
    g.line("do")
    g.line("local fs = {}")
    g.line(f"for i = 1, {g.pick(('3', '2.0', '3.5'))} do")
    g.line(f"local x = {g.pick(('i', 'i * 2', '0'))}")
    g.line(f"fs[#fs + 1] = function(d) {changed} x = x + (d or 0) return i, x end")
    if g.chance(30):
        g.line("if i == 2 then goto done end")
    g.line("end")
    g.line("::done::")
    g.line("for k, f in ipairs(fs) do P(k, f(1)) P(f()) end")
    g.line("end")


def _closures_in_while(g: Context, nest: int) -> None:
    g.line("do")
    g.line("local i, fs = 0, {}")
    g.line(g.pick(("while i < 3 do", "repeat")))
    repeats = g.lines[-1] == "repeat"
    g.line("local j = i")
    g.line("fs[#fs + 1] = function() j = j + 1 return j, i end")
    g.line("i = i + 1")
    g.line("until j >= 2" if repeats else "end")
    g.line("for k = 1, #fs do P(fs[k]()) P(fs[k]()) end")
    g.line("end")


def _recursion(g: Context, nest: int) -> None:
    match g.below(4):
        case 0:
            g.line("local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end")
            g.line(f"P(fact({g.pick(('5', '20', '21', '25', '10.0'))}))")
        case 1:
            g.line("local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end")
            g.line(f"P(fib({g.pick(('7', '10', '5.0'))}))")
        case 2:
            g.line("local even, odd")
            g.line("function even(n) if n == 0 then return true end return odd(n - 1) end")
            g.line("function odd(n) if n == 0 then return false end return even(n - 1) end")
            g.line(f"P(even({g.pick(('10', '7', '1000', '3.0'))}))")
        case _:
            g.line(
                "local function sum(n, ...) if n == 0 then return select('#', ...), ... end return sum(n - 1, n, ...) end"
            )
            g.line(f"P(sum({g.pick(('3', '6', '0'))}, {arguments(g, 1)}))")


def _versions(g: Context, nest: int) -> None:
    """A function of numbers that is called with values of several kinds, by name and as a value."""
    op, test = g.pick(("+", "-", "*", "//", "%", "&", "/")), g.pick(("<", "<="))
    g.line("do")
    g.line("local seen = {}")
    kind = g.below(4)
    if kind == 0:
        g.line("local function f(n, m)")
        g.line(f"if n {test} 1 then return {g.pick(('m', 'n', 'n, m', ''))} end")
        g.line(f"local r = f(n - {g.pick(('1', '1.0', '3'))}, m {op} {g.pick(('n', '2', '1.5'))})")
        g.line(f"return {g.pick(('r', 'r and r + n', '(f(0, m))', 'f(n - 2, m)'))}")
    elif kind == 1:
        g.line("local function f(n, m)")
        g.line("local s = 0")
        g.line(f"for i = {g.pick(('n, m', 'm, n, -1', '1, n, 2', 'n, n + 3'))} do s = s {op} i")
        g.line("if i > 20 then break end end")
        g.line(f"return {g.pick(('s', 's, n', 's + n'))}")
    elif kind == 2:
        g.line("local function f(a, b, c, n, m)")
        g.line("if n == nil then n, m = a, b end")
        g.line(f"local x = n {op} m")
        g.line(f"seen[#seen + 1] = function() n = n {op} 3 return n end")
        g.line(f"return x, seen[#seen](), a {test} b")
    else:
        g.line("local h")
        g.line("local function f(n, m)")
        g.line(f"if n {test} 0 then return m end")
        g.line(f"return h(n - 1, m {op} 3)")
        g.line("end")
        g.line("function h(n, m)")
        g.line(f"if n {test} 0 then return {g.pick(('m', 'n', 'm, n'))} end")
        g.line(f"return f(n - {g.pick(('1', '2', '0.5'))}, n)")
    g.line("end")
    values = ("3", "4", "-7", "2.5", "9.0", '"5"', "-0.0", "nil", "{}", f"({expression(g, 'i', 1)}) % 12")
    for _ in range(2 + g.below(3)):
        g.line(f"P(pcall(f, {g.pick(values)}, {g.pick(values)}))")
    g.line(f"P(pcall(f, ({expression(g, 'i', 1)}) % 7, {g.pick(('2', '3', '1.5'))}))")
    g.line(f"P(pcall(function() return f({g.pick(('3, 4', '4, 2.5', 'true, 1', '2'))}) end))")
    g.line(f"local list = {{ f }} P(pcall(list[1], {g.pick(('5, 6', '5, 6.5', '2, 3, 4, 5, 6'))}))")
    g.line("end")


_TEXT_VALUES: Final = (
    "''", "'a'", "'key = value'", "'  x1, y22;'", "'Hello World 42'", "('ab'):rep(30)", "'\\0a\\255'", "12", "-0.5", "nil", "{}",
    "setmetatable({}, {__index = {find = function() return 'own' end, len = function() return -1 end}, __len = function() return 7 end})",
)  # fmt: skip
_SINGLES: Final = ("%a", "%w", "%d", "%s", "%S", "%p", ".", "[^,;]", "[a-f]", "e", "%z", "%W")
_WITH: Final = (
    '"<%0>"',
    '"x"',
    '""',
    "{a = 1}",
    "function(w) return w ~= 'a' and w .. '!' end",
    "string.upper",
    "7",
)


def _texts(g: Context, nest: int) -> None:
    """What may be a string, with constant patterns that are used again and again."""
    single = g.pick(_SINGLES) + g.pick(("", "+", "*", "+", "-", "?"))
    pattern = f"'{g.pick(('', '', '^'))}{g.pick((single, single, f'({single})', f'()({single})', f'({single})=?'))}{g.pick(('', '', '$'))}'"
    values = ", ".join(g.pick(_TEXT_VALUES) for _ in range(2 + g.below(4)))
    at = g.pick(("1", "2", "-1", "9", "0", "1.0", "'2'", "math.mininteger"))
    g.line("do")
    g.line(
        f"local function text(s, n) local out = {{}} for w, v in s:gmatch({pattern}) do out[#out + 1] = tostring(w) .. tostring(v)"
    )
    g.line("if #out > n then break end end return table.concat(out, '|') end")
    g.line(f"for k, v in pairs({{{values}}}) do")
    g.line(f"P(k, type(v), pcall(function() return #v, v:len(), v:byte({at}) end))")
    g.line(f"P(pcall(function() return v:find({pattern}{g.pick(('', ', ' + at))}) end))")
    g.line(
        f"P(pcall(function() return v:match({pattern}), v:sub({at}, {at}), v:{g.pick(('upper', 'lower', 'reverse'))}() end))"
    )
    g.line(f"P(pcall(function() return v:gsub({pattern}, {g.pick(_WITH)}) end))")
    g.line("P(pcall(text, v, 12), pcall(function() return v .. k .. '' end))")
    g.line("end")
    g.line("end")


def _class(g: Context, nest: int) -> None:
    g.line("do")
    with g.scope():
        g.line("local C = {}")
        g.line(g.pick(("C.__index = C", "C.__index = function(t, k) P('index', k) return rawget(C, k) end")))
        g.line("local function new(v) return setmetatable({v = v}, C) end")
        g.line("local function val(o) if type(o) == 'table' then return rawget(o, 'v') end return o end")
        for name, op in ARITHMETIC:
            if g.chance(30):
                g.line(f"C.__{name} = function(l, r) return new(val(l) {op} val(r)) end")
        _class_extras(g)
        g.line("function C:get(...) return self.v, ... end")
        g.line("function C.set(self, v) self.v = v return self end")
        g.line(f"local o, q = new({expression(g, 'i', 1)}), new({expression(g, g.pick('ifs'), 1)})")
        g.declare(Variable("o", "o"))
        g.declare(Variable("q", "o"))
        for _ in range(2 + g.below(4)):
            g.line(_use(g))
    g.line("end")


def _class_extras(g: Context) -> None:
    extras = (
        "C.__eq = function(l, r) P('eq') return val(l) == val(r) end", "C.__lt = function(l, r) return val(l) < val(r) end",
        "C.__le = function(l, r) return val(l) <= val(r), 1 end", "C.__concat = function(l, r) return tostring(val(l)) .. '|' .. tostring(val(r)) end",
        "C.__len = function(o) return o.v end", "C.__call = function(self, ...) return self.v, select('#', ...), ... end",
        "C.__unm = function(o, p) return rawequal(o, p), -o.v end", "C.__bnot = function(o) return ~o.v end",
        "C.__newindex = function(t, k, v) P('new', k, v) rawset(t, k, v) end", "C.__tostring = function(o) return 'C:' .. tostring(o.v) end",
        "C.__name = 'Klass'", "C.__metatable = 'locked'", "C.__pairs = function(o) return function(_, k) if not k then return 1, o.v end end, o, nil end",
    )  # fmt: skip
    for extra in extras:
        if g.chance(45):
            g.line(extra)


def _use(g: Context) -> str:
    _, op = g.pick(ARITHMETIC)
    text = g.pick(
        (
            f"o {op} q", f"o {op} {expression(g, 'i', 1)}", f"({expression(g, 'i', 1)}) {op} q", "o == q", "o ~= q", "o < q", "o <= q", "o > 1",
            "1 >= q", "o .. q", "o .. 'x'", "1 .. 'y' .. o .. 2", "#o", "o(1, nil)", "-o", "~o", "o:get(1, 2)", "o:set(5).v", "tostring(o)",
            "o.missing", "o.x.y", "o:nope()", "getmetatable(o)", "rawequal(o, o), o == o", "o == 1", "not o", "rawlen(o)", "select('#', o(o(...)))",
        )
    )  # fmt: skip
    if g.chance(10):
        return "do local n = 0 for k, v in pairs(o) do n = n + 1 end P(n) end"
    if g.chance(20):
        return f"o.{g.name()} = {expression(g, 'i', 1)}"
    return f"P(pcall(function(...) local r = table.pack({text}) for i = 1, r.n do if type(r[i]) == 'table' then r[i] = rawget(r[i], 'v') end end return table.unpack(r, 1, r.n) end, 1, 2))"


def _index_chain(g: Context, nest: int) -> None:
    g.line("do")
    g.line(
        "local base = setmetatable({x = 1}, {__index = function(t, k) return k .. '?' end, __newindex = function(t, k, v) rawset(t, k, v * 2) end})"
    )
    g.line("local mid = setmetatable({y = 2}, {__index = base, __newindex = base})")
    g.line("local top = setmetatable({}, {__index = mid, __newindex = mid})")
    g.line(f"top.z = {expression(g, 'i', 1)}")
    g.line(f"top.y = {expression(g, 'i', 1)}")
    g.line("P(top.x, top.y, top.z, top.w, rawget(base, 'z'), rawget(mid, 'y'), rawget(top, 'y'))")
    g.line("end")


def _close(g: Context, nest: int) -> None:
    g.line(g.pick(("do", "for i = 1, 2 do", "P(pcall(function()")))
    ends = {"do": "end", "for i = 1, 2 do": "end", "P(pcall(function()": "end))"}[g.lines[-1]]
    is_function = ends == "end))"
    with g.function(vararg=False) if is_function else g.scope():
        body = g.pick(
            (
                "P('close', n, e)",
                "P('close', n, e) error('in close ' .. n, 0)",
                "P('close', n, e) return 1, 2",
            )
        )
        g.line(
            f"local function closer(n) return setmetatable({{}}, {{__close = function(_, e) {body} end}}) end"
        )
        g.line("local c1 <close> = closer('one')")
        if g.chance(50):
            g.line("local c2 <close> = " + g.pick(("nil", "closer('two')", "false", "42")))
        _inner(g, nest)
        if not is_function:
            g.line(f"P({arguments(g, 1)})")
        match g.below(4):
            case 0:
                g.line("if G0 ~= 1 then error('oops') end")
            case 1 if ends == "end" and is_function:
                g.line("do return end")
            case 2 if is_function:
                g.line(f"do return {arguments(g, 1)} end")
            case 3 if ends == "end" and g.loops[-1] and not is_function:
                g.line("if G0 ~= 2 then break end")
            case _:
                pass
    g.line(ends)


def _close_iterator(g: Context, nest: int) -> None:
    how = g.pick(("break", "error('stop')", "P(i)", "goto out", "return i, 'r'"))
    g.line("P(pcall(function()")
    g.line("local closing = setmetatable({}, {__close = function(_, e) P('closed', e) end})")
    g.line("for i in function(s, c) if c < 3 then return c + 1 end end, nil, 0, closing do")
    g.line(f"if i == 2 then {how} end")
    g.line("P('turn', i)")
    g.line("end")
    g.line("P('after')")
    g.line("::out::")
    g.line("end))")


def _continue(g: Context, nest: int) -> None:
    g.line(f"for i = 1, {g.pick(('4', '3'))} do")
    with g.loop():
        g.declare(Variable("i", "i", fixed=True))
        g.line(f"if {g.pick(('i % 2 == 0', 'i > 2', 'i == 1'))} then goto continue end")
        g.line("do")
        with g.scope():
            _inner(g, nest)
        g.line("end")
        g.line("P('at', i)")
        g.line("::continue::")
    g.line("end")


def _jump_back(g: Context, nest: int) -> None:
    label = g.label()
    g.line("do")
    with g.scope():
        g.line("local k, fs = 0, {}")
        g.line(f"::{label}::")
        g.line("local here = k")
        g.line("fs[#fs + 1] = function() here = here + 1 return here end")
        with g.scope():
            g.line("do")
            _inner(g, nest)
            g.line("end")
        g.line("k = k + 1")
        g.line(f"if k < {g.pick(('3', '2'))} then goto {label} end")
        g.line("for i = 1, #fs do P(i, fs[i](), fs[i]()) end")
    g.line("end")


def _jump_maze(g: Context, nest: int) -> None:
    a, b, c = g.label(), g.label(), g.label()
    g.line("do")
    g.line("local k = 0")
    g.line(f"::{a}:: k = k + 1")
    g.line(f"P('maze', k) if k == 2 then goto {c} elseif k > 6 then goto {b} end")
    g.line(f"while k < 9 do if k == 5 then goto {a} end k = k + 1 if k == 4 then goto {b} end end")
    g.line(f"::{b}:: k = k + 1 P('b', k)")
    g.line(f"if k < 8 then goto {a} end")
    g.line(f"::{c}:: P('c', k)")
    g.line("end")


def _error_values(g: Context, nest: int) -> None:
    value = g.pick(
        (
            "nil",
            "42",
            "1.5",
            "'text'",
            "true",
            "{1, 2}",
            "'level', 2",
            "'level', 1",
            "'none', 0",
            "setmetatable({}, {__tostring = function() return 'E' end})",
        )
    )
    g.line(f"local ok, err = pcall(function() error({value}) end)")
    g.line("P(ok, err, type(err))")
    if g.chance(50):
        g.line(
            f"P(xpcall(function(...) local t = nil return t.x, ... end, function(m) return 'handled: ' .. tostring(m), 2 end, {arguments(g, 1)}))"
        )
    if g.chance(30):
        g.line("P(select('#', pcall(pcall, error, 'e')), pcall(pcall, error, 'e'))")


def _bad_operand(g: Context, nest: int) -> None:
    text = g.pick(
        (
            "local t = {} return t.x.y", "local t = {} t.x.y = 1", "local n return n[1]", "local n return n()", "local t = {} t.f()", "local t = {} t:m()",
            "local s = 'x' return s + 1", "return undefined_g + 1", "return undefined_g.x", "undefined_g()", "local t = {} return t + 1", "return {} .. 'x'",
            "local a, b = 1, {} return a < b", "return {} < {}", "return 'a' < 1", "return nil > 1", "return -{}", "return #5", "return 1 & 1.5",
            "return 'a' | 1", "return 2^53 | 1", "return 1 // 0", "return 1 % 0", "local t = {} t[nil] = 1", "local t = {} t[0/0] = 1",
            "for i = 1, 'x' do end", "for i = 'a', 2 do end", "for i = 1, 2, 0 do end", "for i = 1, 2, {} do end", "for x in 5 do end", "return math.floor('x')",
            "return ('x'):rep(-1, 5), ('x'):bad()", "string.rep()", "setmetatable(1, {})", "return #nil", "local t <const> = nil return t.x",
            "return (1)()", "return ('x')()", "local t = {a = {}} return t.a.b.c", "local t = {} return t[1][2]", "local k = 'z' local t = {} return t[k].y",
            "local up = nil return (function() return up.x end)()", "local up = nil return (function() up() end)()", "return 1 < 'x'", "return true .. ''",
            "return 1e100 | 0", "return '1.5' | 0", "return '3' | 0, '0x10' + 0, '1e1' // 1", "return tostring()", "return ipairs()", "return setmetatable({})",
            "return select(0)", "return ('x'):rep(1 << 40)", "local a = {} ; (a.b or a.c)()", "a.b.c = 1", "local t = setmetatable({}, {__index = 5}) return t.x",
            "return table.concat({1, {}, 3})", "return table.unpack({}, 1, 1e8)", "return math.tointeger('8'), math.tointeger(3.5)", "error()", "error(nil)",
            "local t = setmetatable({}, {__newindex = 5}) t.x = 1", "return ({} )[nil]", "local x <close> = 5", "return string.format('%d', 1.5)",
            "return string.format('%d', 'x')", "return ('x'):format(1, 2), ('%s'):format()", "return utf8.char(72, 228, 8364), utf8.len('\\xff')", "return next({}, 1)",
        )
    )  # fmt: skip
    g.line(f"P(pcall(function() {text} end))")


def _varargs(g: Context, nest: int) -> None:
    g.line("local function va(...)")
    g.line("local x, y = ...")
    g.line("local t, n = {...}, select('#', ...)")
    g.line(
        g.pick(
            (
                "return n, x, y, #t",
                "return n, (...), ...",
                "return (select(2, ...)), table.pack(...).n",
                "return ..., n",
                "return {...}, n, ...",
            )
        )
    )
    g.line("end")
    g.line(f"P(va({g.pick(('', 'nil', '1, nil', 'nil, nil', '1, 2, 3, 4, 5', arguments(g, 1)))}))")
    g.line("P((va(1, 2)), va())")


def _many(g: Context, nest: int) -> None:
    count = g.pick((3, 4, 5, 8, 52, 60))
    names = ", ".join(f"q{k}" for k in range(count))
    g.line(f"local function many({names}) return q0, q{count - 1}, q{count // 2} end")
    g.line(f"P(many({', '.join(str(k) for k in range(count - g.below(3)))}))")
    g.line(f"local big = {{{', '.join(str(k * k) for k in range(count))}, {expression(g, 'i', 1)}}}")
    g.line(f"P(#big, big[{count}], big[1], big[{count + 1}])")


_IDIOMS: Final = (
    _shared_upvalues, _closures_in_loop, _closures_in_while, _recursion, _class, _class, _index_chain, _close, _close, _close_iterator, _continue,
    _versions, _versions, _texts, _texts, _jump_back, _jump_maze, _error_values, _bad_operand, _bad_operand, _bad_operand, _varargs, _many,
    small_functions, small_functions,
)  # fmt: skip
