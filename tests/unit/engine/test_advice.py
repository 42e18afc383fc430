# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest

import munition
from munition.engine.advice import advice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("local x = 'a' + 1", "'..'"),
        ("local x = 'a' * 2", "tonumber"),
        ("for x in {} do end", "pairs(t)"),
        ("for x in 1, 2 do end", "first, last"),
        ("for x in nil do end", "must give a function"),
        ("for k in pairs(nil) do end", "given to pairs"),
        ("for k in ipairs(nil) do end", "given to ipairs"),
        ("local x = nil; return x.y", "no value (nil)"),
        ("local t = {}; return t[1].y", "a list begins at 1"),
        ("local T = {} function T:m() return self.x.y end T.m()", "object.name(...)"),
        ("local t = {} t.insert(t, 1)", "table.insert(list"),
        ("local t = {} t:push(1)", "table.insert(list"),
        ("return ('a'):trim()", "match"),
        ("local t = {} t:nothing()", "no such method"),
        ("local t = {} t.nothing()", "how it is spelled"),
        ("local t = {} t()", "__call"),
        ("return 'a' .. {}", "tostring"),
        ("for i = 1, nil do end", "#list"),
        ("return 1 < 'a'", "tonumber"),
        ("return 1 < nil", "no value (nil)"),
        ("return {} < {}", "have an order"),
        ("return nil < nil", "both have no value"),
        ("local f = function() end return f.x", "with parentheses"),
        ("local n = 1 return n()", "missing before"),
        ("return {} + 1", "calculated"),
        ("table.insert(nil, 1)", "that argument has no value"),
        ("string.rep()", "fewer arguments"),
        ("return ('x'):rep(1.5)", "'//'"),
        ("return table.concat({{}})", "tostring"),
        ("coroutine.yield()", "coroutine.create"),
        ("error('attempt')", None),
        ("error({})", None),
    ],
)
def test_errors_that_lua_raises_come_with_advice(text: str, expected: str | None) -> None:
    crash = munition.fire(munition.compile(text.encode())).crash
    assert crash is not None
    assert (crash.help is None) == (expected is None), crash
    assert expected is None or expected in (crash.help or "")


@pytest.mark.parametrize("message", ["", "x" * 1_000_000, "attempt to add a '" + "a" * 100_000, "\0\n{0}%s"])
def test_any_text_may_be_a_message(message: str) -> None:
    assert advice(message, message) is None


def test_nothing_of_the_program_is_in_the_advice() -> None:
    assert "evil" not in (advice("attempt to call a nil value (method 'evil')") or "")
    assert advice("attempt to call a nil value (method 'insert')") is not None
