# SPDX-License-Identifier: MIT
"""Expressions by the kind of value they usually have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.support.lua_programs.context import KINDS, Context

Make = Callable[[Context, int], str]

INTEGERS: Final = (
    "0", "1", "2", "3", "-1", "5", "7", "10", "-3", "63", "64", "65", "255", "4096", "1000000007", "4294967296", "9007199254740992",
    "9007199254740993", "math.maxinteger", "math.mininteger", "0x7fffffffffffffff", "0xffffffffffffffff", "-0x8000000000000000",
)  # fmt: skip
FLOATS: Final = (
    "0.5", "1.0", "2.0", "1.5", "-2.5", "-0.0", "0.0", "3.0", "1e15", "1e16", "2^53", "1e100", "math.huge", "-math.huge", "3e0",
    "0x1p-1074", "123456.789", "1e-5", ".1", "9223372036854775807.0", "9223372036854775808", "-9223372036854775808", "1e308", "0x.8p1", "7e0",
)  # fmt: skip
STRINGS: Final = (
    '""', '"a"', '"abc"', '"hello world"', '"10"', '"0x10"', '" 5 "', '"1e2"', '"3.0"', '"-7"', '"x\\0y"', '"\\u{20AC}"',
    '"\\xff\\x80"', "'\\65\\z   b'", " [[long]]", " [==[a]]b]==]", '"%d"', '"9223372036854775808"', '"nan"', '"inf"', '"1e"', '"0x1p4"',
    '"a,b,,c"', '"key=value"', '"\\n\\t\\""', '"Z"', '"aXbXc"', '"9223372036854775807"', '"a much longer string than forty bytes, so that it is not interned"',
)  # fmt: skip
_REPLACEMENTS: Final = ('""', '"<%0>"', '"%1"', "{a = 1}", "string.upper")
_PATTERNS: Final = ('"b"', '"(%w)(%w)"', '"()"')
_TYPES: Final = ('"integer"', '"float"')
CONDITIONS: Final = ("==", "~=", "<", "<=", ">", ">=")


def expression(g: Context, kind: str, depth: int) -> str:
    """An expression that usually has a value of `kind`."""
    if g.chance(1):
        kind = g.pick(KINDS)
    if depth <= 0:
        return _leaf(g, kind)
    text = g.weighted(_TABLE[kind])(g, depth - 1)
    if g.chance(6):
        text = f"({text})"
    return f"Y({text})" if g.yields and g.chance(4) else text


def operand(g: Context, kind: str, depth: int) -> str:
    """An expression that can stand beside an operator."""
    text = expression(g, kind, depth)
    return text if depth <= 0 and not text.startswith("-") else f"({text})"


def _leaf(g: Context, kind: str) -> str:
    if g.chance(65):
        found = g.visible(kind if kind != "x" else "ifsbtxF")
        if found:
            return g.pick(found).name
    return _literal(g, kind)


def _literal(g: Context, kind: str) -> str:
    match kind:
        case "i":
            return g.pick(INTEGERS)
        case "f":
            return g.pick(FLOATS)
        case "s":
            return g.pick(STRINGS)
        case "b":
            return g.pick(("true", "false"))
        case "t":
            return g.pick(
                ("{}", "{1, 2, 3}", '{"x", "y"}', "{n = 1, 10, 20}", "{1, nil, 3}", "{[1] = 5, [2.0] = 6}")
            )
        case _:
            return g.pick(("nil", "1", '"s"', "2.5", "true", "false", "{}", "print"))


def number(g: Context, depth: int) -> str:
    return expression(g, g.pick("if"), depth)


_ZEROS: Final = ("0", "(0)")
"""The reference subtracts a constant 0 by adding its negative, which makes 0.0 of -0.0."""


def _binary(g: Context, op: str, kind: str, depth: int) -> str:
    left, right = operand(g, kind, depth), operand(g, kind if not g.chance(12) else g.pick("ifs"), depth)
    gap = "\n" if g.chance(2) else " "
    if op == "-" and right in _ZEROS:
        right = "1"
    return f"{left}{gap}{op} {right}"


def _arith_integer(g: Context, depth: int) -> str:
    return _binary(g, g.pick(("+", "-", "*", "//", "%", "+", "-")), "i", depth)


def _bitwise(g: Context, depth: int) -> str:
    if g.chance(20):
        return f"~{operand(g, 'i', depth)}"
    op = g.pick(("&", "|", "~", "<<", ">>"))
    kind = "f" if g.chance(6) else "i"
    return _binary(g, op, kind, depth)


def _by_constant(g: Context, depth: int) -> str:
    op = g.pick(("//", "%", "<<", ">>", "*", "&"))
    return f"{operand(g, 'i', depth)} {op} {g.pick(('2', '3', '7', '8', '10', '63', '64', '1', '-2', '0', '-1'))}"


def _negated(g: Context, depth: int) -> str:
    return f"-{operand(g, g.pick('if'), depth)}"


def _length(g: Context, depth: int) -> str:
    return f"#L({expression(g, 't', depth)})" if g.chance(50) else f"#{operand(g, 's', depth)}"


def _integer_call(g: Context, depth: int) -> str:
    match g.below(10):
        case 0:
            return f"math.tointeger({number(g, depth)})"
        case 1:
            return f"string.byte({expression(g, 's', depth)}, {g.pick(('1', '-1', '2', ''))})".replace(
                ", )", ")"
            )
        case 2:
            return f'select("#", {arguments(g, depth)})'
        case 3:
            return f"math.{g.pick(('max', 'min'))}({number(g, depth)}, {number(g, depth)})"
        case 4:
            return f"math.{g.pick(('floor', 'ceil', 'abs'))}({number(g, depth)})"
        case 5:
            return f"tonumber({expression(g, g.pick('sif'), depth)})"
        case 6:
            return f"tonumber({g.pick(STRINGS)}, {g.pick(('10', '2', '16', '36', '8'))})"
        case 7:
            return f"math.ult({expression(g, 'i', depth)}, {expression(g, 'i', depth)}) and 1 or 0"
        case 8:
            return f"rawlen({expression(g, 's', depth)})"
        case _:
            return f"#L{{{arguments(g, depth)}}}"


def _arith_float(g: Context, depth: int) -> str:
    op = g.pick(("+", "-", "*", "/", "^", "//", "%"))
    return _binary(g, op, g.pick("fi") if op in "/^" else "f", depth)


def _mixed(g: Context, depth: int) -> str:
    op = g.pick(("+", "-", "*", "/", "//", "%"))
    return f"{operand(g, 'i', depth)} {op} {operand(g, 'f', depth)}"


def _float_call(g: Context, depth: int) -> str:
    match g.below(5):
        case 0:
            return f"math.{g.pick(('sqrt', 'floor', 'ceil', 'abs'))}({number(g, depth)})"
        case 1:
            return f"math.fmod(N({number(g, depth)}), {number(g, depth)})"
        case 2:
            return f"(math.modf({number(g, depth)}))"
        case 3:
            return f"tonumber({expression(g, 's', depth)})"
        case _:
            return (
                f"math.{g.pick(('max', 'min'))}({number(g, depth)}, {number(g, depth)}, {number(g, depth)})"
            )


def _concat(g: Context, depth: int) -> str:
    parts = [_joined(g, depth) for _ in range(2 + g.below(3))]
    return " .. ".join(parts)


def _joined(g: Context, depth: int) -> str:
    kind = g.pick("ssif")
    return f"F({expression(g, kind, depth)})" if kind == "f" else operand(g, kind, depth)


def _string_call(g: Context, depth: int) -> str:  # noqa: PLR0911 one call an arm
    text = expression(g, "s", depth)
    match g.below(12):
        case 0:
            return f"({text}):upper()"
        case 1:
            return f"({text}):rep({g.pick(('0', '1', '2', '3', '-1'))}, {g.pick(STRINGS[:4])})"
        case 2:
            return f"({text}):sub({g.pick(INTEGERS)}, {g.pick(INTEGERS)})"
        case 3:
            return f"({text}):reverse()"
        case 4:
            return f"string.format({_format(g, depth)})"
        case 5:
            return f"tostring(F(N({number(g, depth)})))"
        case 6:
            return f"table.concat(L({expression(g, 't', depth)}), {g.pick(STRINGS[:5])})"
        case 7:
            pattern = g.pick(
                ('"%w+"', '"a"', '"(.)(.)"', '"^%s*"', '"[^,]*"', '"%d+"', '""', '"(%a)%1"', '".-b"')
            )
            return f"({text}):gsub({pattern}, {g.pick(_REPLACEMENTS)})"
        case 8:
            return f"({text}):{g.pick(('find', 'match'))}({g.pick(_PATTERNS)})"
        case 9:
            return f"string.char({g.pick(('65', '0, 255', '', '97, 98'))})"
        case 10:
            return f"type({expression(g, 'x', depth)})"
        case _:
            return f"({text}):lower()"


def _format(g: Context, depth: int) -> str:
    form, kinds = g.pick(
        (("%d", "i"), ("%5.2f|%g", "ff"), ("%s %s", "xs"), ("%q", "s"), ("%x", "i"), ("%10s|", "s"), ("%-5d|", "i"), ("%.3s", "s"),
         ("%i%%", "i"), ("%c", "i"), ("%q %q", "if"), ("%.14g", "f"), ("%a", "f"), ("%e", "f"), ("%+d % d", "ii"))
    )  # fmt: skip
    made = [expression(g, "s" if k == "x" else k, depth) for k in kinds]
    values = "".join(f", F({m})" if k == "f" else f", {m}" for k, m in zip(kinds, made, strict=True))
    if form == "%c":
        values = ", 65"
    return f'"{form}"{values}'


def _compare(g: Context, depth: int) -> str:
    kind = g.pick("ifsxi")
    op = g.pick(CONDITIONS) if kind != "x" else g.pick(("==", "~="))
    right = kind if not g.chance(20) else g.pick("ifs")
    return f"{operand(g, kind, depth)} {op} {operand(g, right, depth)}"


def _not(g: Context, depth: int) -> str:
    return f"not {operand(g, g.pick('bx'), depth)}"


def _logic(kind: str) -> Make:
    def make(g: Context, depth: int) -> str:
        op = g.pick(("and", "or"))
        if g.chance(40):
            return f"{operand(g, 'b', depth)} and {operand(g, kind, depth)} or {operand(g, kind, depth)}"
        left = "b" if kind == "b" else "t" if op == "and" else kind if g.chance(70) else "x"
        return f"{operand(g, left, depth)} {op} {operand(g, kind, depth)}"

    return make


def _predicate(g: Context, depth: int) -> str:
    match g.below(3):
        case 0:
            return f"rawequal({expression(g, 'x', depth)}, {expression(g, 'x', depth)})"
        case 1:
            return f"math.type({number(g, depth)}) == {g.pick(_TYPES)}"
        case _:
            return f"next({expression(g, 't', depth)}) == nil"


def table(g: Context, depth: int) -> str:
    """A table constructor."""
    fields: list[str] = []
    for _ in range(g.below(5)):
        match g.below(5):
            case 0:
                fields.append(f"{g.name()} = {expression(g, g.pick(KINDS), depth)}")
            case 1:
                fields.append(
                    f"[{expression(g, g.pick('ssb'), depth)}] = {expression(g, g.pick('is'), depth)}"
                )
            case _:
                fields.append(expression(g, g.pick("issx"), depth))
    if g.chance(30):
        fields.append(multiple(g, depth))
    return "{" + g.pick((", ", "; ")).join(fields) + "}"


def _table_call(g: Context, depth: int) -> str:
    match g.below(4):
        case 0:
            return f"table.pack({arguments(g, depth)})"
        case 1:
            return f"{{table.unpack({expression(g, 't', depth)}, {g.pick(('1', '2', '0'))}, {g.pick(('3', '1', '5'))})}}"
        case 2:
            return (
                f"table.move({expression(g, 't', depth)}, 1, {g.pick(('2', '3'))}, {g.pick(('1', '2', '4'))})"
            )
        case _:
            return f"setmetatable({table(g, depth)}, {{__index = {g.pick(('string', '{x = 1}', 'function(t, k) return k end'))}}})"


def element(g: Context, depth: int) -> str:
    """An element of a table."""
    found = g.visible("to")
    base = g.pick(found).name if found and g.chance(85) else f"({expression(g, 't', depth)})"
    match g.below(4):
        case 0:
            return f"{base}.{g.name()}"
        case 1:
            return f"{base}[{g.pick(('1', '2', '3', '4', '-1', '1.0', '2^53'))}]"
        case 2:
            return f"{base}[{expression(g, 'i', depth)}]"
        case _:
            return f"{base}[{expression(g, g.pick('sbf'), depth)}]"


def call(g: Context, depth: int, result: str = "") -> str:
    """A call of a function in scope, of one that returns `result` if there is one."""
    functions = g.visible("F")
    wanted = [f for f in functions if f.result == result] if result not in ("", "x") else functions
    if not wanted:
        if result not in ("", "x"):
            return _leaf(g, result)
        return (
            f"tostring(A({expression(g, 'x', depth)}))"
            if g.chance(50)
            else "(function(...) return ... end)(1, 2)"
        )
    function = g.pick(wanted)
    args = [expression(g, g.pick("iisfx"), depth) for _ in range(max(0, function.arity + g.below(3) - 1))]
    if g.chance(15):
        args.append(multiple(g, depth))
    if g.chance(5) and args:
        return f"select({g.pick(('1', '-1', '2'))}, {function.name}({', '.join(args)}))"
    return f"{function.name}({', '.join(args)})"


def _call_for(kind: str) -> Make:
    return lambda g, depth: call(g, depth, kind)


def multiple(g: Context, depth: int) -> str:
    """An expression with any number of values."""
    match g.below(5):
        case 0 if g.in_vararg:
            return "..."
        case 1:
            return f"table.unpack(L({expression(g, 't', depth)}))"
        case 2:
            return f"pcall({g.pick(('error', 'tostring', 'string.rep', 'ipairs', 'math.floor'))}, {expression(g, g.pick('six'), depth)})"
        case 3 if g.in_vararg:
            return f"select({g.pick(('1', '2', '-1'))}, ...)"
        case _:
            return call(g, depth)


def arguments(g: Context, depth: int) -> str:
    """A list of one to three expressions, the last perhaps with several values."""
    out = [expression(g, g.pick("isfx"), depth) for _ in range(1 + g.below(3))]
    if g.chance(25):
        out.append(multiple(g, depth))
    return ", ".join(out)


def _function_expression(g: Context, depth: int) -> str:
    from tests.support.lua_programs.statements import function_body

    lines, g.lines = g.lines, []
    head = function_body(g, 1 + g.below(2), vararg=g.chance(20))
    body, g.lines = g.lines, lines
    return "\n".join([f"function{head}", *body, "end"])


def _leaf_of(kind: str) -> Make:
    return lambda g, depth: _leaf(g, kind)


def _of(kind: str) -> Make:
    return lambda g, depth: expression(g, kind, depth)


def _element(g: Context, depth: int) -> str:
    return element(g, depth)


def _number_element(g: Context, depth: int) -> str:
    return f"N({element(g, depth)})"


_TABLE: Final[dict[str, tuple[tuple[int, Make], ...]]] = {
    "i": (
        (30, _leaf_of("i")), (25, _arith_integer), (12, _bitwise), (10, _by_constant), (4, _negated), (6, _length), (6, _integer_call),
        (4, _call_for("i")), (3, _logic("i")), (4, _number_element),
    ),
    "f": ((30, _leaf_of("f")), (30, _arith_float), (12, _mixed), (5, _negated), (6, _float_call), (4, _call_for("f")), (3, _logic("f"))),
    "s": ((30, _leaf_of("s")), (25, _concat), (25, _string_call), (5, _call_for("s")), (5, _logic("s"))),
    "b": ((10, _leaf_of("b")), (50, _compare), (15, _not), (15, _logic("b")), (5, _predicate)),
    "t": ((30, _leaf_of("t")), (50, table), (10, _table_call), (3, _logic("t"))),
    "x": (
        (20, _leaf_of("x")), (10, _of("i")), (10, _of("f")), (10, _of("s")), (6, _of("b")), (6, _of("t")), (8, _element), (8, _call_for("x")),
        (6, _logic("x")), (3, _function_expression),
    ),
}  # fmt: skip
