# SPDX-License-Identifier: MIT
"""Calls of library functions with any arguments, right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.support.lua_programs.context import Context
from tests.support.lua_programs.expressions import expression

_NUMBERS: Final = (
    "0", "1", "-1", "2", "3", "7", "10", "100", "255", "-128", "65536", "1e15", "0.1", "-0.0", "1.5", "-2.5", "1e100", "1/0", "-1/0", "2^53", "2^63", "-2^63",
    "math.maxinteger", "math.mininteger", "1e-310", "123456789012", "3.14159265358979", "5e-324", "0.5", "2.5", "1e16", "99999999999999.9", "1e14",
)  # fmt: skip
_ODD: Final = ("nil", "true", "{}", "print", "'x'", "'10'", "'0x1F'", "' 7 '", "'1e1'", "''", "'3.5'")
_TEXTS: Final = (
    "''", "'a'", "'hello world'", "'aaa'", "'a.b-c'", "'x=1, y=2'", "'  trim  '", "'%d%%'", "'(a(b)c)'", "'12ab34'", "'\\0\\1\\255'", "'h\\u{e9}llo'",
    "'\\u{20AC}\\u{10FFFF}'", "'\\xff'", "'a\\nb\\r\\nc'", "'AbC'", "('xy'):rep(40)", "'[]]^$'", "'0x10'", "'THE (quick) fox'",
)  # fmt: skip


def library_call(g: Context, nest: int) -> str:
    """A protected call of one library function."""
    passes_more = g.chance(50)
    with g.function(vararg=passes_more):  # `...` is only what the function around the call has
        text = g.pick(_CALLS)(g)
    g.line(
        f"P(pcall(function(...) return {text} end, 1, 'v'))"
        if passes_more
        else f"P(pcall(function() local r = {text} return r end))"
    )
    return ""


def any_value(g: Context) -> str:
    """A value of any type."""
    if g.chance(12):
        return g.pick(_ODD)
    if g.chance(15):
        return g.stop(expression(g, g.pick("ifsbx"), 1))
    return g.pick(_NUMBERS) if g.chance(60) else g.pick(_TEXTS)


def _integer(g: Context) -> str:
    return (
        g.pick(
            (
                "1",
                "2",
                "-1",
                "0",
                "3",
                "5",
                "-3",
                "10",
                "nil",
                "1.0",
                "2.5",
                "'2'",
                "math.maxinteger",
                "math.mininteger",
            )
        )
        if g.chance(40)
        else g.pick(("1", "2", "3", "-1", "-2", "4"))
    )


def _text(g: Context) -> str:
    return g.pick(_TEXTS) if g.chance(90) else any_value(g)


def quoted(text: str) -> str:
    """A literal of `text`."""
    return (
        '"'
        + "".join(
            c if c.isalnum() or c in " .%-+*?[](){}^$,:;=_!#&<>@|~/" else f"\\{ord(c):03d}" for c in text
        )
        + '"'
    )


def _format(g: Context) -> str:
    parts, values = "", []
    for _ in range(1 + g.below(3)):
        flags = "".join(
            g.pick("-+ #0") for _ in range(g.pick((0, 0, 1, 2, 5, 6) if g.chance(30) else (0, 0, 1)))
        )
        width = g.pick(("", "", "", "5", "12", "1", "20", "99", "100", "005"))
        precision = g.pick(("", "", "", ".3", ".0", ".", ".10", ".99", ".100", ".1"))
        kind = g.pick("dddsssxXocgGeEfaAqiu%c" + ("pFnyz*" if g.chance(8) else "d"))
        if kind == "q" and not g.chance(10):
            flags = width = precision = ""
        parts += g.pick(("", " ", "<", "%%", "ab")) + f"%{flags}{width}{precision}{kind}"
        if kind != "%" and g.chance(96):
            values.append(
                f"F({g.pick(_NUMBERS)})"
                if kind in "gGeEfaA" and g.chance(85)
                else g.pick(("65", "0", "300", "-1"))
                if kind == "c"
                else any_value(g)
            )
    return f"string.format({', '.join([quoted(parts), *values])})"


_PATTERN_ITEMS: Final = (
    "a", "b", ".", "%a", "%d", "%s", "%w", "%p", "%u", "%x", "[abc]", "[^%s]", "[a-z]", "[%w_]", "[]]", "[^]]", "%.", "l", "o", "%%", "%(", "[%a-]", "[a-]", "=",
)  # fmt: skip
_PATTERN_ODD: Final = (
    "(",
    ")",
    "()",
    "%1",
    "%2",
    "%b()",
    "%bxy",
    "%f[%w]",
    "%f[^%w]",
    "^",
    "$",
    "[",
    "]",
    "%",
    "%f",
    "%b",
    "[^",
    "*",
    "-",
    "[a",
    "[%",
    "%0",
    "\0",
)


def _pattern(g: Context) -> str:
    out = "^" if g.chance(20) else ""
    for _ in range(1 + g.below(4)):
        if g.chance(15):
            out += g.pick(_PATTERN_ODD)
        elif g.chance(25):
            out += f"({g.pick(_PATTERN_ITEMS)}{g.pick(('', '*', '+', '-', '?'))})"
        else:
            out += g.pick(_PATTERN_ITEMS) + g.pick(("", "", "*", "+", "-", "?"))
    return quoted(out + ("$" if g.chance(15) else ""))


def _match(g: Context) -> str:
    text, pattern = _text(g), _pattern(g)
    match g.below(6):
        case 0:
            return f"string.find({text}, {pattern}{g.pick(('', ', ' + _integer(g), ', 1, true', ', -2', ', ' + _integer(g) + ', true'))})"
        case 1:
            return f"string.match({text}, {pattern}{g.pick(('', ', ' + _integer(g)))})"
        case 2:
            with_ = g.pick(
                ("'<%0>'", "'%1'", "'%2%1'", "''", "'%%'", "'%'", "'%9'", "{a = 1, b = true, l = false}", "function(...) return select('#', ...) .. '|' .. ((...) or '') end",
                 "function(c) if c ~= 'a' then return c .. c end end", "5", "nil", "true", "function() return {} end", "string.upper", "{__index = 1}",
                 "setmetatable({}, {__index = function(_, k) return '[' .. tostring(k) .. ']' end})", "function(c) error('in ' .. tostring(c)) end", "1.5")
            )  # fmt: skip
            return f"string.gsub({text}, {pattern}, {with_}{g.pick(('', '', ', ' + _integer(g)))})"
        case 3:
            return f"(function() local t = {{}} for a, b in string.gmatch({text}, {pattern}{g.pick(('', '', ', ' + _integer(g)))}) do t[#t + 1] = {g.stop('tostring(a)')} .. '/' .. tostring(b) if #t > 20 then break end end return table.concat(t, ' ') end)()"
        case 4:
            return f"({g.pick(_TEXTS)}):{g.pick(('find', 'match', 'gsub', 'gmatch'))}({any_value(g)}{g.pick(('', ', ' + any_value(g)))})"
        case _:
            return f"({g.pick(_TEXTS)}):gsub('%w+', {g.pick(('string.reverse', '{hello = 1}', 'string.len', 'tostring', 'function(w) return #w end', 'print'))})"


def _strings(g: Context) -> str:
    text = _text(g)
    match g.below(9):
        case 0:
            return f"string.sub({text}, {_integer(g)}, {_integer(g)})"
        case 1:
            return f"string.byte({text}, {_integer(g)}, {_integer(g)})"
        case 2:
            return (
                f"string.rep({text}, {g.pick(('0', '3', '-1', '2.0', '1.5', '1e9', '1 << 50', 'math.maxinteger', 'nil', '1e300'))}, {g.pick(('nil', '', ' ', 'ab', '5'))!r})".replace(
                    "'nil'", "nil"
                )
                if not g.chance(20)
                else f"#string.rep({text}, 3, '--')"
            )
        case 3:
            return f"string.char({', '.join(g.pick(('65', '0', '255', '256', '-1', '66.0', '1.5', chr(39) + '67' + chr(39))) for _ in range(g.below(4)))})"
        case 4:
            return f"string.{g.pick(('upper', 'lower', 'reverse', 'len'))}({g.pick((text, any_value(g)))})"
        case 5:
            return f"tostring({any_value(g)}), tonumber({any_value(g)})"
        case 6:
            return f"tonumber({g.pick(_NUMERALS)}{g.pick(('', '', ', 10', ', 16', ', 2', ', 36', ', 8', ', 1', ', 37', ', ' + _integer(g)))})"
        case 7:
            return f"({text}) .. {any_value(g)}"
        case _:
            return f"{g.pick(_NUMERALS)} {g.pick(('+', '-', '*', '//', '%', '/', '^', '&', '|', '<<', '..', '<', '=='))} {g.pick((*_NUMERALS, *_NUMBERS))}"


_NUMERALS: Final = (
    "'10'", "'0x10'", "'0xA.8p1'", "'1e5'", "'1E+2'", "' 12 '", "'1_0'", "'0x'", "'1e'", "'.5'", "'5.'", "'.'", "'-7'", "'- 7'", "'+3'", "'0x.1'", "'inf'", "'nan'", "'7\\0'",
    "'zz'", "'-ff'", "'9223372036854775807'", "'9223372036854775808'", "'-9223372036854775808'", "'0xffffffffffffffffff'", "'1e308'", "'1e309'", "'0b11'", "'\\t8\\n'", "'1 2'",
    "'0x1p-1074'", "'2.2250738585072014e-308'", "'123456789012345678901234567890'", "'0x1P+4'", "''", "'e1'",
)  # fmt: skip


def _pack(g: Context) -> str:
    options = (
        "b", "B", "h", "H", "i", "I", "i3", "I5", "i7", "i8", "I16", "l", "j", "J", "T", "f", "d", "n", "s", "s1", "s2", "z", "x", "Xi4", "Xd", "!", "!2", "!4",
        "<", ">", "=", "c5", "c0", " ",
    )  # fmt: skip
    odd = ("c", "i17", "q", "i0", "X", "Xs", "!3", "!17", "s9", "c99999999999", "Xz", "\0")
    form = "".join(g.pick(odd) if g.chance(4) else g.pick(options) for _ in range(1 + g.below(4)))
    values = [
        g.pick(
            (
                "1",
                "-1",
                "127",
                "128",
                "255",
                "300",
                "-129",
                "65535",
                "1.0",
                "1.5",
                "2^31",
                "math.maxinteger",
                "'abc'",
                "'a\\0b'",
                "''",
                "'12'",
                "nil",
            )
        )
        for _ in range(g.below(5))
    ]
    packed = f"string.pack({', '.join([quoted(form), *values])})"
    match g.below(4):
        case 0:
            return packed
        case 1:
            return f"string.packsize({quoted(form)})"
        case 2:
            return f"string.unpack({quoted(form)}, {packed})"
        case _:
            return f"string.unpack({quoted(form)}, {g.pick((_text(g), packed))}, {_integer(g)})"


_ENCODED: Final = (
    *_TEXTS,
    "'\\u{7FFFFFFF}'",
    "'\\xC0\\x80'",
    "'\\xED\\xA0\\x80'",
    "'\\xF4\\x90\\x80\\x80'",
    "'\\u{D7FF}z'",
    "'\\xE2\\x82'",
    "'\\x80abc'",
    "'a\\u{300}\\u{4e2d}'",
)


def _utf8(g: Context) -> str:
    text = g.pick(_ENCODED)
    lax = g.pick(("", "", ", nil", ", true"))
    match g.below(6):
        case 0:
            return f"utf8.char({', '.join(g.pick(('65', '228', '8364', '0x10FFFF', '0x7FFFFFFF', '-1', '0x80000000', '0', '1.5')) for _ in range(g.below(4)))})"
        case 1:
            return f"utf8.len({text}, {_integer(g)}, {_integer(g)}{lax})"
        case 2:
            return f"utf8.codepoint({text}, {_integer(g)}, {_integer(g)}{lax})"
        case 3:
            return f"utf8.offset({text}, {_integer(g)}{g.pick(('', ', ' + _integer(g)))})"
        case 4:
            return f"(function() local t = {{}} for p, c in utf8.codes({text}{lax[2:] and ', ' + lax[2:]}) do t[#t + 1] = p .. ':' .. {g.stop('c')} end return table.concat(t, ' ') end)()"
        case _:
            return f"({text}):gsub(utf8.charpattern, function(c) return utf8.codepoint(c, 1, 1, true) .. ';' end)"


def _math(g: Context) -> str:
    a, b = any_value(g), any_value(g)
    match g.below(9):
        case 0:
            return f"math.{g.pick(('floor', 'ceil', 'abs', 'sqrt', 'tointeger', 'type', 'modf', 'deg', 'rad'))}({a})"
        case 1:
            return f"math.{g.pick(('max', 'min', 'fmod', 'ult', 'max', 'min'))}({', '.join(any_value(g) for _ in range(1 + g.below(3)))})"
        case 2:
            return f"math.fmod({a}, {b})"
        case 3:
            seed = g.pick(("42", "0", "1, 2", "-1", "123.0", "math.maxinteger", "3.7"))
            draw = g.pick(
                (
                    "",
                    "10",
                    "5, 9",
                    "0",
                    "math.mininteger, math.maxinteger",
                    "-3, 3",
                    "1, 2^53",
                    "2, 1",
                    "1.5",
                    "1, 2, 3",
                    "math.maxinteger",
                    "7, 7",
                )
            )
            return f"(function() math.randomseed({seed}) return math.random({draw}), math.random({draw}), math.random(100) end)()"
        case 4:
            return f"string.format('%.12g', math.{g.pick(('exp', 'log', 'sin', 'cos', 'tan', 'atan', 'asin', 'acos'))}({g.pick(('0', '1', '0.5', '-1', '2', '10'))}))"
        case 5:
            return f"math.ult({_integer(g)}, {_integer(g)})"
        case 6:
            return f"string.format('%.12g', math.log({g.pick(('8', '100', '2', '0.5', '1024'))}, {g.pick(('2', '10', '3', '0.5'))}))"
        case 7:
            return f"math.tointeger({g.pick(('3.0', '3.5', '2^53', '2^63', chr(39) + '8' + chr(39), '{}', '-0.0', 'nil', ''))})"
        case _:
            return f"{a} {g.pick(('+', '-', '*', '/', '//', '%', '^', '&', '|', '~', '<<', '>>', '<', '<=', '==', '~='))} {b}"


def _basic(g: Context) -> str:
    a = any_value(g)
    return g.pick(
        (
            f"select({_integer(g)}, {a}, 'b', nil)", f"rawget({a}, 1)", f"rawset({{}}, {a}, 2)", f"rawlen({a})", f"rawequal({a}, {any_value(g)})", f"next({{}}, {a})",
            f"ipairs({a})", f"type({a})", "type()", f"assert({a}, {any_value(g)}, 'more')", "assert()", f"assert(false, {a})", f"error({a}, {_integer(g)})", f"setmetatable({{}}, {a})",
            f"getmetatable({a})", f"getmetatable('x').__index == string, getmetatable('x').__name, {a}", f"pcall({a}, 1)", f"xpcall({a}, print)", "pcall()", "xpcall(print)", f"tostring({a})",
            "setmetatable(setmetatable({}, {__metatable = 'no'}), {})", "getmetatable(setmetatable({}, {__metatable = false}))", f"collectgarbage({g.pick(_COLLECT)})", "type(collectgarbage('step', 100))", f"#{_text(g)}", f"-({a})", f"not {a}",
            f"({a}).x", f"({a}).x.y", f"({a})[{any_value(g)}]", f"({a})({a})", f"({a}):m()", f"#({a})", f"~({a})", f"tostring(tostring), {a}" if g.chance(0) else f"type(tostring), {a}",
            f"warn and type(warn), {a}", f"_VERSION, {a}", f"select('#', table.unpack({{n = 3}}, 1, {_integer(g)}))", f"rawequal(_G._G, _G), {a}", f"(function(...) return select('#', ...), ... end)({a}, nil, ...)" if g.in_vararg else f"{a} == {a}",
        )
    )  # fmt: skip


_COLLECT: Final = (
    "'isrunning'",
    "'stop'",
    "'restart'",
    "'collect'",
    "",
    "'nothing'",
    "5",
    "'incremental'",
)

_DATES: Final = ("0", "86399", "1e9", "1700000000", "-1", "951782400", "4102444800", "1.5", "2^40")
_CODES: Final = (
    "*t",
    "!*t",
    "!%Y-%m-%d %H:%M:%S",
    "!%c",
    "!%x %X",
    "!%A %B %d",
    "!%j %U %w %a %b %p",
    "!%y%%",
    "!%D %F %T %R",
    "!%e %I %M",
    "!%Q",
    "!%",
    "!%E",
    "!%Ey",
    "!%Od",
    "%Y",
    "!%G %V %u %W %h %n%t|%r",
)


def _dates(g: Context) -> str:
    match g.below(3):
        case 0:
            return f"(function(d) if type(d) ~= 'table' then return d end return d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst end)(os.date({quoted(g.pick(_CODES))}, {g.pick(_DATES)}))"
        case 1:
            fields = [
                f"{n} = {g.pick(('1', '12', '31', '0', '-1', '100', '60', '2024', '1970', '1900', '2.0', '1.5', chr(39) + '7' + chr(39), '1e9', 'math.maxinteger', 'true'))}"
                for n in ("hour", "min", "sec", "isdst")
                if g.chance(30)
            ]
            year = g.pick(("2024", "1970", "2000", "1969", "2038", "9999", "nil", "'2020'", "1e10", "12.5"))
            return f"(function(t) return os.time(t), t.year, t.month, t.day, t.hour, t.yday, t.wday end)({{{', '.join([f'year = {year}', f'month = {_integer(g)}', f'day = {_integer(g)}', *fields])}}})"
        case _:
            return f"os.difftime({any_value(g)}, {any_value(g)})"


_CALLS: Final[tuple[Callable[[Context], str], ...]] = (
    _format, _format, _match, _match, _strings, _strings, _pack, _utf8, _math, _math, _basic, _basic, _dates,
)  # fmt: skip
