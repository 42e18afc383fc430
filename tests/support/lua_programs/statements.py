# SPDX-License-Identifier: MIT
"""Statements and blocks."""

from __future__ import annotations

from typing import Final

from tests.support.lua_programs import calls, coroutines, idioms, proxies
from tests.support.lua_programs.context import KINDS, Context, Variable
from tests.support.lua_programs.expressions import arguments, call, element, expression, multiple, number

DEPTH: Final = 3
_NEST: Final = 4


def block(g: Context, size: int, nest: int) -> None:
    """Up to `size` statements in the current scope."""
    for _ in range(size):
        if g.left <= 0:
            return
        statement(g, nest)


def statement(g: Context, nest: int) -> None:
    """One statement."""
    g.left -= 1
    if len(g.scopes) == 1 and len(g.varargs) == 1 and g.chance(35):
        _protected(g, nest)
        return
    table = _SIMPLE if nest <= 0 else _STOPPING if g.yields else _ALL
    g.weighted(table)(g, nest)


def _show(g: Context, nest: int) -> str:
    g.line(f"P({arguments(g, DEPTH)})")
    return ""


def _declare(g: Context, nest: int) -> str:
    kind = g.pick(KINDS)
    name = g.name()
    attrib = " <const>" if g.chance(12) else ""
    text = expression(g, kind, 0 if attrib else DEPTH)
    if attrib and (text.startswith("-") or "^" in text or text == "0"):
        text = f"N({text})"  # the reference folds constants, and then forgets the name
    g.line(f"local {name}{attrib} = {text}")
    g.declare(Variable(name, kind, fixed=bool(attrib)))
    return ""


def _declare_several(g: Context, nest: int) -> str:
    names = [g.name() for _ in range(2 + g.below(2))]
    kinds = [g.pick(KINDS) for _ in names]
    values = [expression(g, k, DEPTH - 1) for k in kinds]
    if g.chance(50):
        kept = g.below(len(values))
        values = [*values[:kept], multiple(g, DEPTH - 1)]
        kinds = [*kinds[:kept], *["x"] * (len(names) - kept)]
    g.line(f"local {', '.join(names)} = {', '.join(values)}")
    for name, kind in zip(names, kinds, strict=True):
        g.declare(Variable(name, kind))
    return ""


def _bounded(text: str, kind: str) -> str:
    """Strings that are kept do not grow for ever."""
    return f"S({text})" if kind in "sx" else text


def _assign(g: Context, nest: int) -> str:
    found = g.visible(KINDS, writable=True)
    if found and g.chance(65):
        variable = g.pick(found)
        kind = variable.kind if not g.chance(10) else g.pick(KINDS)
        g.line(f"{variable.name} = {_bounded(expression(g, kind, DEPTH), kind)}")
    else:
        kind = g.pick("isfx")
        g.line(f"{element(g, 1)} = {_bounded(expression(g, kind, DEPTH), kind)}")
    return ""


def _assign_several(g: Context, nest: int) -> str:
    found = g.visible(KINDS, writable=True)
    targets = [g.pick(found).name if found and g.chance(60) else element(g, 0) for _ in range(2 + g.below(2))]
    if found and g.chance(30):
        values = [*targets[1:], targets[0]]
    else:
        values = [_bounded(expression(g, g.pick(KINDS), 1), "x") for _ in range(1 + g.below(3))]
        if g.chance(40):
            values.append(multiple(g, 1))
    g.line(f"{', '.join(targets)} = {', '.join(values)}")
    return ""


def _assign_global(g: Context, nest: int) -> str:
    g.line(f"G{g.below(3)} = {_bounded(expression(g, 'i', DEPTH), 's')}")
    g.line("P(G0, G1, G2)")
    return ""


def _call(g: Context, nest: int) -> str:
    text = call(g, DEPTH - 1)
    g.line(text if text.startswith(tuple("abcdefghst")) else f"P({text})")
    return ""


def _body(g: Context, nest: int, *, loop: bool = False) -> None:
    with g.loop() if loop else g.scope():
        if loop:
            g.line("T()")
        block(g, 1 + g.below(4), nest - 1)


def _if(g: Context, nest: int) -> str:
    g.line(f"if {expression(g, g.pick('bbx'), DEPTH)} then")
    _body(g, nest)
    for _ in range(g.below(3)):
        g.line(f"elseif {expression(g, 'b', DEPTH - 1)} then")
        _body(g, nest)
    if g.chance(50):
        g.line("else")
        _body(g, nest)
    g.line("end")
    return ""


def _while(g: Context, nest: int) -> str:
    name = f"n{len(g.scopes)}"
    g.line(f"local {name} = {g.pick(('3', '2', '4'))}")
    more = f" and {expression(g, 'b', 1)}" if g.chance(30) else ""
    g.line(f"while {name} > 0{more} do")
    g.line(f"{name} = {name} - 1")
    _body(g, nest, loop=True)
    g.line("end")
    return ""


def _repeat(g: Context, nest: int) -> str:
    name, done = f"n{len(g.scopes)}", f"done{len(g.scopes)}"
    g.line(f"local {name} = 0")
    g.line("repeat")
    g.line(f"{name} = {name} + 1")
    _body(g, nest, loop=True)
    g.line(f"local {done} = {name} >= {g.pick(('2', '3'))}")
    if g.chance(30):
        g.line(f"local function seen() return {done} end")
        g.line("until seen()")
    else:
        g.line(f"until {done}")
    return ""


_RANGES: Final = (
    "1, 3", "3, 1, -1", "1, 0", "0, 1, 0.25", "1.0, 3", "1, 3.7", "math.maxinteger - 1, math.maxinteger", "3, 1.5, -1", "1, 2, 1.0",
    "math.mininteger, math.mininteger + 1", "math.maxinteger - 1, math.huge", "-1, -3, -1", "1, 10, 4", "0.0, -1.0, -0.5", "1, math.huge, math.maxinteger",
    "math.mininteger, -math.huge, -1", "2, 1", "1, 3, 2^53", "10, 1, -4", "1, -math.huge", "math.mininteger + 2, math.mininteger, -1",
)  # fmt: skip


def _numeric_for(g: Context, nest: int) -> str:
    name = g.name()
    match g.below(6):
        case 0:
            bounds = f"1, math.min({expression(g, 'i', 1)}, 4)"
        case 1:
            bounds = f"{number(g, 1)}, {number(g, 1)}, {number(g, 1)}"
        case _:
            bounds = g.pick(_RANGES)
    g.line(f"for {name} = {bounds} do")
    with g.scope():
        g.declare(Variable(name, "i", fixed=not g.chance(20)))
        g.line(f"T() P({name})")
        _body(g, nest, loop=True)
    g.line("end")
    return ""


_PATTERNS: Final = ('"%w"', '"(%w)(.?)"', '"[^,]*"')


def _generic_for(g: Context, nest: int) -> str:
    key, value = g.pick(("i", "k", "a")), g.pick(("v", "b", "c"))
    source = expression(g, "t", 1)
    match g.below(7):
        case 0:
            head = f"ipairs({source})"
        case 1:
            head = f"pairs(L({source}))"
        case 2:
            head = f"next, L({source})"
        case 3:
            head = f"string.gmatch({expression(g, 's', 1)}, {g.pick(_PATTERNS)})"
        case 4:
            head = "(function(s, c) if c < 3 then return c + 1, c * 2 end end), nil, 0"
        case 5:
            head = f"ipairs(setmetatable({{}}, {{__index = function(t, k) if k < {g.pick(('3', '1', '4'))} then return k * 10 end end}}))"
        case _:
            head = expression(g, "x", 1)
    g.line(f"for {key}, {value} in {head} do")
    with g.scope():
        g.declare(Variable(key, "x", fixed=not g.chance(10)))
        g.declare(Variable(value, "x"))
        g.line(f"T() P({key}, {value})")
        _body(g, nest, loop=True)
    g.line("end")
    return ""


def _do(g: Context, nest: int) -> str:
    g.line("do")
    _body(g, nest)
    g.line("end")
    return ""


def _leave(g: Context, nest: int) -> str:
    condition = expression(g, "b", 1)
    if g.loops[-1] and g.chance(60):
        g.line(f"if {condition} then break end")
    elif len(g.varargs) > 1:
        g.line(f"if {condition} then return {arguments(g, 1)} end")
    else:
        g.line(f"P({condition})")
    return ""


def function_body(g: Context, arity: int, *, vararg: bool, result: str = "x") -> str:
    """Write the body of a function; returns its parameter list."""
    names = [f"p{len(g.varargs)}{k}" for k in range(arity)]
    with g.function(vararg=vararg):
        for name in names:
            g.declare(Variable(name, g.pick("ixs")))
        g.line("T()")
        block(g, g.below(4), 1 if len(g.varargs) > 2 else 2)
        if g.chance(20):
            g.line(f"return {call(g, 1, result)}")
        elif g.chance(90):
            values = [
                expression(g, result, DEPTH - 1),
                *(expression(g, g.pick(KINDS), 1) for _ in range(g.below(3))),
            ]
            if g.chance(20):
                values.append(multiple(g, 1))
            g.line(f"return {', '.join(values)}")
    return f"({', '.join([*names, '...'] if vararg else names)})"


def _function(g: Context, nest: int) -> str:
    name, arity, vararg, result = g.name(), g.below(5), g.chance(30), g.pick(KINDS)
    lines, g.lines = g.lines, []
    head = function_body(g, arity, vararg=vararg, result=result)
    body, g.lines = g.lines, lines
    if g.chance(70):
        g.line(f"local function {name}{head}")
        g.lines += [*body, "end"]
    else:
        g.line(f"local {name} = function{head}")
        g.lines += [*body, "end"]
    g.declare(Variable(name, "F", fixed=True, arity=arity, result=result))
    return ""


def _protected(g: Context, nest: int) -> str:
    vararg = g.chance(20)
    lines, g.lines = g.lines, []
    with g.function(vararg=vararg):
        g.line("T()")
        block(g, 1 + g.below(4), nest - 1)
        if g.chance(30):
            g.line(f"do return {arguments(g, 1)} end")
        if g.chance(40):
            text = expression(g, "s", 1)
            g.line(f"error({g.pick((text, arguments(g, 1), f'{text}, 2', f'{text}, 0', '{code = 1}', ''))})")
    body, g.lines = g.lines, lines
    g.line(f"P(pcall(function({'...' if vararg else ''})")
    g.lines += body
    g.line(f"end{g.pick(('', '', ', 1, 2'))}))")
    return ""


def _table_operation(g: Context, nest: int) -> str:
    found = g.visible("t", writable=True)
    if not found:
        return _declare(g, nest)
    name = g.pick(found).name
    g.line(f"{name} = L({name})")
    match g.below(6):
        case 0:
            g.line(f"table.insert({name}, {expression(g, g.pick('is'), 2)})")
        case 1:
            g.line(f"P(table.remove({name}))")
        case 2:
            g.line(
                f"table.insert({name}, {g.pick(('1', '2', '#' + name + ' + 1', '5'))}, {expression(g, 'i', 1)})"
            )
        case 3:
            g.line(f"P(#{name}, table.remove({name}, 1))")
        case 4:
            g.line(
                f"P(pcall(table.sort, {name}{g.pick(('', ', function(x, y) return tostring(A(x)) < tostring(A(y)) end'))}))"
            )
        case _:
            g.line(f"P(table.unpack({name}, 1, 4))")
    return ""


_SIMPLE: Final = (
    (16, _show), (14, _declare), (6, _declare_several), (14, _assign), (6, _assign_several), (3, _assign_global), (5, _call), (4, _leave),
    (5, _table_operation), (6, calls.library_call),
)  # fmt: skip
_ALL: Final = (
    *_SIMPLE,
    (6, _if), (3, _while), (3, _repeat), (6, _numeric_for), (5, _generic_for), (3, _do), (8, _function), (7, _protected),
    (10, idioms.idiom), (6, proxies.proxy_idiom),
)  # fmt: skip
_STOPPING: Final = (*_ALL, (18, coroutines.coroutine_idiom))
