# SPDX-License-Identifier: MIT
"""Coroutines: bodies that stop anywhere, generators, pipelines, ends of every kind, and places that cannot yield."""

from __future__ import annotations

from typing import Final

from tests.support.lua_programs.context import Context
from tests.support.lua_programs.expressions import arguments, expression

PRELUDE: Final = r"""
function Y(...) if coroutine.isyieldable() then return coroutine.yield(...) end return ... end
function R(f, ...)
  local co = coroutine.create(f)
  local r = table.pack(...)
  for turn = 1, 60 do
    r = table.pack(coroutine.resume(co, table.unpack(r, 1, r.n)))
    if not r[1] or coroutine.status(co) == "dead" then break end
    T()
    r = table.pack(Y(table.unpack(r, 2, r.n)))
  end
  if coroutine.status(co) ~= "dead" then P("unfinished", coroutine.close(co)) end
  return coroutine.status(co), table.unpack(r, 1, r.n)
end
function W(f) local next = coroutine.wrap(f) return function(...) T() return next(...) end end
function O(t, ...)
  local log, mt = {...}, {}
  for _, e in ipairs{"add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr", "concat"} do
    mt["__" .. e] = function(l, r) P(e, Y(type(l), type(r))) return (Y(e)) end
  end
  for _, e in ipairs{"eq", "lt", "le"} do mt["__" .. e] = function(l, r) P(e, Y()) return (Y(t[e])) end end
  for _, e in ipairs{"unm", "bnot", "len"} do mt["__" .. e] = function(l) P(e, (Y(e))) return Y(7), 8 end end
  mt.__index = function(_, k) P("index", Y(k)) return Y(t[k]), "more" end
  mt.__newindex = function(_, k, v) P("newindex", Y(k, v)) t[k] = Y(v) end
  mt.__call = function(self, ...) P("call", Y(...)) return Y(select("#", ...), ...) end
  mt.__close = function(_, e) P("close", Y(e)) end
  mt.__pairs = function(_) P("pairs", Y(1)) return function(_, k) k = Y(k or 0) if k < 3 then return k + 1, Y("v") end end, nil, nil end
  return setmetatable({}, mt)
end
"""
"""`Y` yields where that is possible and returns its arguments in any case; `R` runs a function in a coroutine that is
resumed with what it yielded, passing each stop on if it runs in a coroutine itself; `W` wraps; `O` makes an object all of
whose metamethods may stop."""


def coroutine_idiom(g: Context, nest: int) -> str:
    """One of the patterns."""
    g.pick(_IDIOMS)(g, nest)
    return ""


def _inner(g: Context, nest: int) -> None:
    from tests.support.lua_programs.statements import block

    block(g, 1 + g.below(3), nest - 1)


def _body(g: Context, nest: int, head: str = "function(...)") -> None:
    """A function's body in which anything may yield."""
    g.line(head)
    with g.function(vararg=True):
        _inner(g, nest)
        if g.chance(40):
            g.line(f"do return {arguments(g, 1)} end")


def _run(g: Context, nest: int) -> None:
    start, stop = g.pick(
        (
            ("P(R(function(...)", ", 1, 'x'))"),
            ("P(pcall(W(function(...)", "), 1, 'x'))"),
            ("P(pcall(R, function(...)", ", 2))"),
            ("P(R(function(...) P(pcall(function(...)", ", ...)) return Y('last') end))"),
            ("P(R(function(...) return xpcall(function(...)", ", function(m) return 'handled', m end, ...) end, 3))"),
        )
    )  # fmt: skip
    g.line(start)
    with g.function(vararg=True):
        _inner(g, nest)
        if g.chance(30):
            g.line(f"if Y({expression(g, 'b', 1)}) then error({g.pick(_ERRORS)}) end")
        g.line(f"do return {arguments(g, 2)} end")
    g.line("end" + stop)


_ERRORS: Final = (
    "'bad'",
    "'bad', 2",
    "'bad', 0",
    "{}",
    "nil",
    "42",
    "setmetatable({}, {__tostring = function() return 'E' end})",
)


def _generator(g: Context, nest: int) -> None:
    g.line("do")
    with g.scope():
        g.line(
            f"local function numbers(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, {expression(g, 'i', 1)}) end end) end"
        )
        if g.chance(50):
            g.line(
                "local function keep(f, it) return coroutine.wrap(function() for v in it do if f(v) then coroutine.yield(v) end end end) end"
            )
            g.line("for v in keep(function(v) return v % 2 == 1 end, numbers(7)) do P(v) end")
        g.line(f"for a, b in numbers({g.pick(('3', '0', '1', '5'))}) do")
        g.line(f"P(a, b) {g.pick(('', 'if a == 2 then break end', 'if Y(a) == 3 then break end'))}")
        g.line("end")
        g.line(f"local it = numbers({g.pick(('1', '2'))})")
        g.line("P(it()) P(it()) P(pcall(it)) P(pcall(it))")
    g.line("end")


def _conversation(g: Context, nest: int) -> None:
    """Values both ways, and the status seen from everywhere."""
    g.line("do")
    g.line("local co co = coroutine.create(function(...)")
    g.line(
        "P('start', select('#', ...), coroutine.status(co), coroutine.isyieldable(), select(2, coroutine.running()))"
    )
    g.line(f"local a, b = coroutine.yield({arguments(g, 1)})")
    g.line("P('second', a, b, coroutine.running() == co)")
    g.line(
        "local other = coroutine.create(function() P('seen', coroutine.status(co)) P(coroutine.resume(co)) P(pcall(coroutine.close, co)) coroutine.yield(5) end)"
    )
    g.line("P(coroutine.resume(other)) P(coroutine.status(other))")
    g.line(
        f"P('sum', {g.pick(('(coroutine.yield(1)) + (coroutine.yield(2))', 'coroutine.yield(1) .. coroutine.yield(2)', '{coroutine.yield(1), coroutine.yield(2)}'))})"
    )
    g.line(f"local t = {{x = 1, coroutine.yield('in'), {g.pick(('coroutine.yield()', '2'))}}}")
    g.line(
        g.pick(
            (
                "P(#t)",
                "error({t})",
                "error('e' .. #t)",
                "return table.unpack(t)",
                "return coroutine.yield(table.unpack(t))",
            )
        )
    )
    g.line("end)")
    g.line(
        f"for i = 1, {g.pick(('9', '3', '5'))} do T() P(i, coroutine.status(co), coroutine.resume(co, i, {g.pick(('nil', 'i', '{}', chr(34) + '3' + chr(34)))}, 'z')) end"
    )
    g.line("P(coroutine.status(co), coroutine.close(co)) P(coroutine.close(co), coroutine.status(co))")
    g.line("end")


def _closing(g: Context, nest: int) -> None:
    """Scopes to close when a coroutine is closed, fails, or leaves them; the handlers may yield."""
    g.line("do")
    handler = g.pick(
        (
            "P('close', n, e)", "P('close', n, e, Y('in close'))", "P('close', n, Y(n)) error('from ' .. n, 0)", "error({n})",
            "P('close', n, coroutine.isyieldable(), coroutine.status(co))", "coroutine.yield(n) P('on', n, e)",
        )
    )  # fmt: skip
    g.line("local co")
    g.line(
        f"local function closer(n) return setmetatable({{}}, {{__close = function(_, e) {handler} end}}) end"
    )
    g.line("co = coroutine.create(function(...)")
    with g.function(vararg=True):
        _closed_body(g)
    g.line("end)")
    g.line(
        f"for i = 1, {g.pick(('9', '1', '2', '3', '0'))} do if coroutine.status(co) == 'dead' then break end T() P(i, coroutine.resume(co{g.pick((', i', '', ', nil', ', false'))})) end"
    )
    g.line(
        "P('closing', coroutine.close(co)) P(coroutine.status(co), coroutine.close(co)) P(coroutine.resume(co))"
    )
    g.line("end")


def _closed_body(g: Context) -> None:
    """A function's body with scopes to close, the inner one in some statement, that is left in some way."""
    g.line("local a <close> = closer('a')")
    loop = "for _ in function(_, c) if not c then return 1 end end, nil, nil, closer('it') do"
    g.line(g.pick(("for i = 1, 2 do", "do", "repeat", loop)))
    repeats = g.lines[-1] == "repeat"
    g.line("local b <close> = closer('b')")
    protected = "P(pcall(function() local c <close> = closer('c') Y(3) error('in') end))"
    g.line(g.pick(("Y(1)", "P(Y(1, 2))", protected, "T()")))
    leaves = (
        "if ... then return Y('r', ...) end",
        "if ... then error('e') end",
        "if ... then goto out end",
        "P('body')",
        "do return ... end",
    )
    g.line(g.pick(("P('body')",) if repeats else leaves))
    g.line("until true" if repeats else "end")
    g.line("do Y('after') end")
    g.line("::out::")


def _metamethods(g: Context, nest: int) -> None:
    """Every metamethod may stop, in the middle of every kind of expression and statement."""
    uses = (
        "P(o + 1, 2 - o)", "P(o .. 'x' .. o, 1 .. o)", "P(o == q, o ~= q)", "P(o < q, o >= q, o <= 1)", "P(-o, ~o, #o)", "P(o.x, o[1], o.x or o.y)",
        "o.x = o.y", "o.a, o.b = 1, 2", "P(o(1, 2), (o(3)))", "for k, v in pairs(o) do P(k, v) end", "do local c <close> = o P('in') end",
        "P(pcall(function() local c <close> = o error('x') end))", "local function tail(...) return o(...) end P(tail(1, nil))", "P(o:m(1))",
        "P((function() local c <close> = o return o.x, o(5) end)())", "if o < q then P('lt') else P('ge') end", "while o < q do P('once') break end",
        "local t = {o.x, o(1), n = -o, o(2, 3)} P(#t, t.n)", "P(select('#', o(o(1))))", "repeat local z = o.x until o == q or true", "P(o & 1, 2 | o, o ~ o, o << 1, o // 2, o % 2, o ^ 2, o >> 3)",
        "goto skip; do P(o.x) end ::skip::", "P(not (o < q), (o < q) == true, o == q and o.x)", "for i = 1, #o do P(i) if i > 1 then break end end", "P(tostring(o.x), type(o()))",
    )  # fmt: skip
    g.line(g.pick(("P(R(function(...)", "P(pcall(W(function(...)", "P(pcall(function(...)")))
    ends = {"P(R": "end, 1))", "P(pcall(W": "end), 2))"}.get(g.lines[-1].split("(function")[0], "end, 3))")
    values = g.pick(
        ("{x = 1, y = 2}", "{x = 1, eq = true, lt = 5, m = print}", "{lt = false, le = nil, [1] = 'one'}")
    )
    g.line(f"local o, q = O({values}), O({{}})")
    for _ in range(1 + g.below(4)):
        g.line(f"do {g.pick(uses)} end")
    g.line(f"do return {g.pick(('o.x', 'o(1)', '-o', 'o + q', 'o < q', 'o, o.y', 'Y(1)'))} end")
    g.line(ends)


_NO_YIELD: Final = (
    "table.sort({3, 1, 2}, function(a, b) $y return a < b end)", "('abc'):gsub('.', function(c) $y return c end)",
    "tostring(setmetatable({}, {__tostring = function() $y return 'T' end}))", "xpcall(error, function(m) $y return m end, 'm')",
    "table.concat(setmetatable({}, {__len = function() return 2 end, __index = function(t, k) $y return k end}), ',')",
    "table.insert(setmetatable({}, {__len = function() $y return 2 end}), 'v')", "table.unpack(setmetatable({}, {__index = function(t, k) $y return k end}), 1, 3)",
    "string.format('%s', setmetatable({}, {__tostring = function() $y return 'T' end}))", "print(setmetatable({}, {__tostring = function() $y return 'P' end}))",
    "next({}, $v)", "ipairs(setmetatable({}, {__index = function(t, k) $y if k < 3 then return k end end}))(setmetatable({}, {__index = function(t, k) $y return k end}), 0)",
    "('abc'):gsub('%w', setmetatable({}, {__index = function(t, k) $y return k .. k end}))", "pcall(pcall, function() $y return 1 end)",
    "select(-1, 1, $v)", "coroutine.close(coroutine.create(function() $y end))",  "string.rep('x', $v)",
    "(function(...) $y return ... end)(1, 2)", "math.max(1, $v, 3)", "coroutine.wrap(function() $y return 'w' end)()",
    "table.move({1, 2}, 1, 2, 1, setmetatable({}, {__newindex = function(t, k, v) $y rawset(t, k, v) end}))",
    "#setmetatable({}, {__len = function() $y return 3 end})", "setmetatable({}, {__eq = function() $y return true end}) == setmetatable({}, {})",
)  # fmt: skip


def _places(g: Context, nest: int) -> None:
    """Places that may not be able to yield, with a yield in them, inside a coroutine and outside."""
    y = g.pick(("coroutine.yield(1)", "Y('y')", "P(coroutine.isyieldable())", "P(pcall(coroutine.yield, 2))"))
    y2 = g.pick(("Y(2)", "coroutine.yield(2)", "Y(1)"))
    text = g.pick(_NO_YIELD).replace("$y", y).replace("$v", y2)
    g.line("do")
    g.line(f"local function f(...) return {text} end")
    g.line(
        g.pick(
            (
                "P(pcall(f))",
                "P(R(f))",
                "P(R(function(...) P(pcall(f)) return Y(f()) end))",
                "P(pcall(W(f), 1))",
            )
        )
    )
    g.line("end")


def _deep(g: Context, nest: int) -> None:
    g.line("do")
    match g.below(5):
        case 0:
            g.line(
                "local function down(n, ...) if n == 0 then return Y('deep', ...) end local r = table.pack(down(n - 1, n, ...)) return n, table.unpack(r, 1, r.n) end"
            )
            g.line(f"P(R(down, {g.pick(('3', '10', '0'))}, 'x'))")
        case 1:
            g.line("local function loop(n, s) if n == 0 then return s end return loop(Y(n - 1), s + n) end")
            g.line(f"P(R(loop, {g.pick(('5', '12'))}, 0))")
        case 2:
            g.line(
                "local function tree(t) if type(t) == 'table' then tree(t[1]) coroutine.yield(t[2]) tree(t[3]) end end"
            )
            g.line("for v in coroutine.wrap(function() tree({{nil, 1}, 2, {{nil, 3}, 4}}) end) do P(v) end")
        case 3:
            g.line(
                "local function nested(n) if n == 0 then return Y('bottom') end return R(nested, n - 1) end"
            )
            g.line(f"P(R(nested, {g.pick(('1', '3', '6'))}))")
        case _:
            g.line(
                "local function many(n) local t = {} for i = 1, n do t[i] = i end return Y(table.unpack(t)) end"
            )
            g.line(f"P(select('#', R(many, {g.pick(('3', '100', '250'))})))")
    g.line("end")


def _dead_ends(g: Context, nest: int) -> None:
    """Calls of the library that fail."""
    text = g.pick(
        (
            "coroutine.resume(5)", "coroutine.create(5)", "coroutine.wrap({})", "coroutine.status(nil)", "coroutine.close(1)", "coroutine.yield(1)",
            "coroutine.resume(coroutine.running())", "coroutine.close(coroutine.running())", "coroutine.isyieldable(3)", "coroutine.wrap(function() error('in wrap') end)()",
            "coroutine.wrap(function() error({}) end)()", "coroutine.wrap(function() local x = nil + 1 end)()", "coroutine.wrap(coroutine.wrap(function() error('two', 2) end))()",
            "coroutine.wrap(pcall)(error, 'p')", "coroutine.wrap(error)('direct')", "coroutine.wrap(error)()", "coroutine.wrap(coroutine.yield)(1, 2)",
            "coroutine.resume(coroutine.create(coroutine.yield), 1, 2, 3)", "coroutine.wrap(function() return coroutine.isyieldable(), coroutine.running() end)()",
            "coroutine.resume(coroutine.create(select), 2, 'a', 'b')", "coroutine.resume(coroutine.create(coroutine.wrap(function() coroutine.yield(1) end)))",
            "(function() local co = coroutine.wrap(function() return 1 end) co() return co() end)()", "coroutine.wrap(print)('printed')",
            "(function() local co co = coroutine.wrap(function() return co() end) return co() end)()", "coroutine.resume(coroutine.create(setmetatable), 1)",
            "(function() local co = coroutine.create(function() error('gone') end) coroutine.resume(co) return coroutine.close(co) end)()",
            "(function() local co = coroutine.wrap(function() local t = setmetatable({}, {__index = function(_, k) error(k) end}) return t.x end) return co() end)()",
            "coroutine.close(coroutine.create(print))", "coroutine.status(coroutine.create(print)), type(coroutine.create(print))", "#coroutine.create(print)",
            "coroutine.create(print) + 1", "coroutine.create(print).x", "coroutine.create(print) < coroutine.create(print)",
        )
    )  # fmt: skip
    g.line(
        g.pick(
            (
                f"P(pcall(function() return {text} end))",
                f"P(R(function() return {text} end))",
                f"P(R(function() P(pcall(function() return {text} end)) return Y(1) end))",
            )
        )
    )


def _scheduler(g: Context, nest: int) -> None:
    g.line("do")
    with g.scope():
        g.line("local ready, order = {}, {}")
        g.line("local function spawn(name, f) ready[#ready + 1] = {name, coroutine.create(f)} end")
        for k in range(1 + g.below(3)):
            _body(g, nest, f"spawn('t{k}', function(...)")
            g.line("end)")
        g.line(
            f"spawn('child', function() spawn('grandchild', function() Y('g') end) Y('c') {g.pick(('', 'error(1)', 'return 2'))} end)"
        )
        g.line("while #ready > 0 do")
        g.line("T() local task = table.remove(ready, 1)")
        g.line("local r = table.pack(coroutine.resume(task[2], #order))")
        g.line("order[#order + 1] = task[1]")
        g.line("P(task[1], table.unpack(r, 1, r.n))")
        g.line(
            "if coroutine.status(task[2]) == 'suspended' and #order < 25 then ready[#ready + 1] = task end"
        )
        g.line("end")
        g.line("P(table.concat(order, ' '))")
    g.line("end")


_IDIOMS: Final = (
    _run, _run, _run, _generator, _conversation, _closing, _closing, _metamethods, _metamethods, _metamethods, _places, _places, _deep, _dead_ends,
    _dead_ends, _scheduler,
)  # fmt: skip
