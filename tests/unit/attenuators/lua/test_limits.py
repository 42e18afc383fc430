# SPDX-License-Identifier: MIT
"""The compiler is a target: whatever a source looks like, it is compiled or refused in bounded time and depth."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from munition.attenuators.lua.bundle import bundle
from munition.attenuators.lua.check import check
from munition.attenuators.lua.dump import dump_chunk
from munition.attenuators.lua.limits import MAX_NESTING, SourceLimits
from munition.attenuators.lua.parse import parse
from munition.attenuators.lua.resolve import resolve
from munition.diagnostics import Diagnostic
from munition.errors import UsageError
from munition.source import Source


def compile_front(text: str, limits: SourceLimits | None = None) -> tuple[Diagnostic, ...]:
    limits = limits or SourceLimits()
    source = Source("test.lua", text.encode("latin-1"))
    parsed = parse(source, limits)
    if parsed.chunk is None:
        return parsed.diagnostics
    resolution = resolve(parsed.chunk, source, limits)
    if resolution.resolved is None:
        return resolution.diagnostics
    dump_chunk(parsed.chunk)
    return check(bundle(source, (), limits).parts, frozenset()).diagnostics


DEEP = {
    "parentheses": "x=" + "(" * 100_000 + "1" + ")" * 100_000,
    "open parentheses": "x=" + "(" * 100_000,
    "tables": "x=" + "{" * 100_000,
    "indices": "x=" + "a[" * 100_000,
    "calls": "x=" + "f(" * 100_000,
    "functions": "x=" + "function() return " * 50_000,
    "not": "x=" + "not " * 100_000 + "1",
    "minus": "x=" + "- " * 100_000 + "1",
    "power": "x=2" + "^2" * 100_000,
    "do": "do " * 100_000,
    "if": "if a then " * 50_000,
    "else": "if a then else " * 50_000,
    "loops": "while a do " * 50_000,
    "repeat": "repeat " * 50_000,
    "every operator": "x=" + "1 or 1 and 1 == 1 | 1 ~ 1 & 1 << 1 .. 1 + 1 * (" * 1_000,
    "powers in calls": "x=" + ("2^" * 150 + "f(") * 100,
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_refused_cleanly(name: str) -> None:
    (diagnostic,) = compile_front(DEEP[name])
    assert (diagnostic.code, diagnostic.kind) == ("L191", "limit")


def _levels(opening: str, closing: str, inner: str, levels_each: int) -> Callable[[int], str]:
    return lambda levels: "x=" + opening * (levels // levels_each) + inner + closing * (levels // levels_each)


EDGE = {
    "parentheses": _levels("(", ")", "1", 1),
    "tables": _levels("{", "}", "1", 1),
    "not": _levels("not ", "", "1", 1),
    "indices": _levels("a[", "]", "1", 1),
    "calls": _levels("f(", ")", "1", 1),
    "sums": _levels("1+(", ")", "1", 2),
    "functions": _levels("function() return ", " end", "1", 2),
    "called functions": _levels("f(function() return ", " end)", "1", 3),
    "functions called at once": _levels("(function() return ", " end)()", "1", 3),
    "blocks in functions": _levels(
        "function() if a then while b do repeat local x = ", " until c end end end", "1", 5
    ),
    "calls of the library": _levels("type(", ")", "1", 1),
    "protected calls": _levels("pcall(f, ", ")", "1", 1),
    "calls that require": _levels("require(", ")", "1", 1),
    "calls that write": _levels("io.write(", ")", "1", 1),
    "metatables": _levels("setmetatable({__index = ", "})", "1", 2),
    "methods": _levels("a:b{c = function(...) return ", " end}", "1", 3),
}


@pytest.mark.parametrize("name", EDGE)
def test_the_deepest_accepted_nesting_is_within_the_recursion_of_every_pass(name: str) -> None:
    """At the highest limit, beneath as many frames as a caller may have used up already."""
    text = EDGE[name](MAX_NESTING)
    diagnostics = _beneath(300, lambda: compile_front(text, SourceLimits(nesting=MAX_NESTING)))
    assert {d.code for d in diagnostics} <= {"C101", "C110"}


def _beneath(frames: int, action: Callable[[], tuple[Diagnostic, ...]]) -> tuple[Diagnostic, ...]:
    if len(inspect.stack(0)) >= frames:
        return action()
    return _deeper(frames - len(inspect.stack(0)), action)


def _deeper(more: int, action: Callable[[], tuple[Diagnostic, ...]]) -> tuple[Diagnostic, ...]:
    return action() if more <= 0 else _deeper(more - 1, action)


@pytest.mark.parametrize("name", EDGE)
def test_one_level_more_than_the_limit_is_refused(name: str) -> None:
    text = EDGE[name](MAX_NESTING)
    (diagnostic,) = [d for d in compile_front(text, SourceLimits(nesting=100)) if d.code != "C110"]
    assert diagnostic.code == "L191"


LONG = {
    "sum": "x=1" + "+1" * 30_000,
    "concat": "x='a'" + "..'a'" * 30_000,
    "fields": "x=a" + ".b" * 30_000,
    "and": "x=os.time" + " and os.time" * 30_000,
    "or": "x=a" + " or not a" * 30_000,
    "elseif": "if a then " + "elseif a then " * 30_000 + "end",
    "arguments": "function f() end x=f(" + "1," * 30_000 + "1)",
    "fields of a table": "x={" + "1," * 30_000 + "}",
    "statements": "x=1 " * 30_000,
    "targets": "a" + ",a" * 30_000 + "=1",
    "labels": "".join(f"::a{i}::" for i in range(30_000)),
    "gotos": "goto a " * 30_000 + "::a::",
    "string": "x='" + "\\a" * 400_000 + "'",
    "comment": "--[==[" + "]=]" * 300_000 + "]==]",
    "digits": "x=" + "9" * 900_000,
    "hexadecimal digits": "x=0x" + "f" * 900_000 + ".8p1",
}


@pytest.mark.parametrize("name", LONG)
def test_long_but_flat_sources_are_accepted(name: str) -> None:
    assert compile_front(LONG[name]) == ()


BAD_AND_LONG = {
    "breaks": "break " * 100_000,
    "gotos in deep blocks": "do " * 190 + "goto a " * 60_000 + "end " * 190,
    "duplicate labels": "::a::" * 100_000,
    "constant": "local x <const> = 1 " + "x = 2 " * 60_000,
    "vararg": "function f() " + "g(...) " * 60_000 + " end",
}


@pytest.mark.parametrize("name", BAD_AND_LONG)
def test_the_number_of_diagnostics_is_bounded(name: str) -> None:
    assert len(compile_front(BAD_AND_LONG[name])) == 100


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * (1 << 20) + "=1", "L190"),
        ("x" * (10 << 20), "L190"),
        ("x=1 " * 200_000, "L192"),
        ("function f()end " * 25_000, "L193"),
        ("local a " * 100_000, "L194"),
        ("".join(f"local a{i} " for i in range(201)), "L194"),
        ("local function f(" + ",".join(f"a{i}" for i in range(201)) + ") end", "L194"),
        (
            "".join(f"local a{i} " for i in range(199))
            + "function f() "
            + "".join(f"local b{i} " for i in range(199))
            + "function g() return "
            + "+".join([f"a{i}" for i in range(199)] + [f"b{i}" for i in range(199)])
            + " end end",
            "L195",
        ),
    ],
)
def test_each_size_has_a_limit(text: str, code: str) -> None:
    diagnostics = compile_front(text)
    assert diagnostics[0].code == code
    assert diagnostics[0].kind == "limit"


def test_locals_that_went_out_of_scope_do_not_count() -> None:
    block = "do " + "".join(f"local a{i} " for i in range(150)) + "end "
    assert compile_front(block * 3) == ()


def test_limits_can_be_raised_and_lowered() -> None:
    assert compile_front("x = 1", SourceLimits(tokens=3)) == ()
    assert compile_front("x = 1", SourceLimits(tokens=2))[0].code == "L192"
    assert compile_front("x" * (1 << 20) + "=1", SourceLimits(source_bytes=2 << 20)) == ()
    many = "".join(f"local a{i} " for i in range(300))
    assert compile_front(many, SourceLimits(locals=300)) == ()


@pytest.mark.parametrize("limits", [{"tokens": 0}, {"nesting": MAX_NESTING + 1}, {"locals": -1}])
def test_limits_that_are_none_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        SourceLimits(**limits)
