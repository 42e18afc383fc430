# SPDX-License-Identifier: MIT
"""Small functions of numbers, as an optimiser would put in place of their calls: what they assign, return and call."""

from __future__ import annotations

from typing import Final

from tests.support.lua_programs.context import Context

_CONSTANTS: Final = {"i": ("1", "3", "-7", "12", "255"), "f": ("0.5", "2.0", "-1.5", "1e3", "-0.0")}
_OPERATORS: Final = {"i": ("+", "-", "*", "&", "|"), "f": ("+", "-", "*", "/")}
_COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "~=")

# p and q are the parameters, c and k constants, o an operator, m a comparison, h a function written before.
_BODIES: Final = (
    "return p o q",
    "return p o q o c",
    "return p",
    "return c",
    "if p m q then return p end return q",
    "if p m c then return q elseif q m k then return c else return p end",
    "local t = p o q if t m c then t = k end return t",
    "p = p o c return p o q",
    "p, q = q, p return p o q",
    "local t <const> = c return p o t",
    "do local q = p o c p = q end return p o q",
    "if p m c then if q m c then return k end p = q end return p o k",
    "if p m q then local t = p p = q q = t end return p o c",
    "up = p o c return up",
    "return p o up",
    "return h(q, p) o p",
    "return h(p, c)",
    "local t = h(p, q) return h(t, t)",
    "if h(p, q) m c then return h(q, p) end return p",
    "return -p o q",
)
_TESTS: Final = ("return p m q", "return not (p m c)", "if p m c then return true end return q m k")

_USES: Final = (
    "x = h(x, y)",
    "x, y = h(x, y), h(y, x)",
    "P(h(h(x, y), h(y, h(x, x))))",
    "P(h(x, y), (h(y, c)))",
    "h(x, y)",
    "local x = h(y, x) P(x)",
    "for i = 1, 4 do x = h(x, y) P(x, i) if x m c then break end y = h(c, x) end",
    "local n = 0 while t(x, y) and n < 5 do n = n + 1 x = h(x, y) end P(n, x)",
    "repeat local z = h(x, y) y = c until t(z, y) or true P(z, y)",
    "if t(x, y) then P('yes', h(x, c)) else P('no', h(c, y)) end",
    "P(t(x, y), not t(y, x), t(x, y) and h(x, y), t(y, x) or h(y, x))",
    "local function u(a, b) return h(a, b) end P(u(x, y), u(y, c))",
    "local list = {h(x, y), h(y, x), [3] = h(c, c)} P(list[1], list[2], list[3])",
    "P(pcall(function(...) local s = h(x, y) return s, ..., h(s, c) end, 1, 2))",
    "local fs = {} for i = 1, 3 do local z = h(x, y) fs[i] = function() z = h(z, c) return z end end P(fs[1](), fs[1](), fs[3]())",
    "up = h(x, up) P(up)",
    "P((function() goto done ::done:: return h(y, x) end)())",
    "P(h(x, y, {}), select('#', h(x, y)))",
)


def small_functions(g: Context, nest: int) -> None:
    """Some small functions of one kind of number, and uses of them."""
    kind = g.pick("if")
    g.line("do")
    g.line(f"local up, x, y = {', '.join(g.pick(_CONSTANTS[kind]) for _ in range(3))}")
    names: list[str] = []
    for k in range(2 + g.below(3)):
        bodies = _BODIES if names else tuple(body for body in _BODIES if "h(" not in body)
        g.line(f"local function h{k}(p, q) {_filled(g, g.pick(bodies), kind, names, '')} end")
        names.append(f"h{k}")
    g.line(f"local function t(p, q) {_filled(g, g.pick(_TESTS), kind, names, '')} end")
    for _ in range(3 + g.below(4)):
        stop = "Y(y)" if g.yields and g.chance(15) else ""
        g.line(f"do {_filled(g, g.pick(_USES), kind, names, stop)} end")
        if g.chance(20):
            g.line(f"x, y = {g.pick(_CONSTANTS[kind])}, {g.pick(_CONSTANTS[kind])}")
    if g.chance(40):
        _of_several_types(g, kind)
    if g.chance(10):
        g.line(f"P(pcall({g.pick(names)}, {g.pick(('nil, 1', '1', '2, 0.5', '{}, 1', 'true, 2'))}))")
    g.line("P(up, x, y) end")


_OTHERS: Final = ('"w"', "1", "0.5", "true", "{}", "nil", "print", "-0.0", "x")


def _of_several_types(g: Context, kind: str) -> None:
    """A function with a parameter that is of one type here and of another there, called with numbers nobody knows."""
    body = g.pick([body for body in _BODIES if "h(" not in body])
    result = g.pick(("", "local r = w ", "if w then p = q end "))
    g.line(f"local function s(w, p, q) {result}{_filled(g, body, kind, [], '')} end")
    few = [g.pick(_OTHERS) for _ in range(2)]
    for _ in range(2 + g.below(3)):
        numbers = ", ".join(g.pick((*_CONSTANTS["i"], *_CONSTANTS["f"])) for _ in range(3))
        match g.below(4):
            case 0:
                g.line(f"P(s({g.pick(few)}, x, {g.pick(_CONSTANTS[kind])}))")
            case 1:
                g.line(f"for _, v in ipairs({{{numbers}}}) do P(pcall(s, {g.pick(few)}, v, x)) end")
            case _:
                g.line(
                    f"P(pcall(function() for _, v in ipairs({{{numbers}}}) do P(s({g.pick(few)}, v, y)) end end))"
                )


def _filled(g: Context, text: str, kind: str, names: list[str], stop: str) -> str:
    """A pattern with everything in it chosen."""
    out: list[str] = []
    words = text.replace("{", "{ ").replace("(", " ( ").replace(")", " ) ").replace(",", " , ").split(" ")
    for at, word in enumerate(words):
        match word:
            case "o":
                out.append(g.pick(_OPERATORS[kind]))
            case "m":
                out.append(g.pick(_COMPARISONS))
            case "c" | "k":
                out.append(f"({g.pick(_CONSTANTS[kind])})")
            case "h" if words[at + 1 : at + 2] == ["("]:
                out.append(g.pick(names))
            case "y" if stop and g.chance(30) and words[at + 1 : at + 2] != ["="]:
                out.append(stop)
            case _:
                out.append(word)
    return " ".join(out)
