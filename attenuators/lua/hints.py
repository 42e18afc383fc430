# SPDX-License-Identifier: MIT
"""Help for typical mistakes: what people who know other languages write, and what Lua wants instead.

A table from what stands at and around the offending token to one sentence. Nothing here decides whether a program is
correct; it only makes a refusal useful.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from munition.attenuators.lua.lexer import RESERVED


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Place:
    """The surroundings of a syntax error.

    Attributes:
        expectation: what the grammar wanted: `expression`, `statement`, `name`, `arguments`, `surplus end`, or a
            closing word or bracket.
        before: text of the token before the offending one.
        found: text of the offending token, empty at the end of the source.
        after: text of the token after it.
        earlier: text of the token before `before`.
    """

    expectation: str
    before: str
    found: str
    after: str
    earlier: str


_Test: TypeAlias = Callable[[Place], bool]


def _compound(p: Place) -> bool:
    return p.found in {"+", "-", "*", "/", "%", "^", "..", "|", "&", "<<", ">>", "//"} and p.after == "="


def _doubled(p: Place) -> bool:
    return (p.found, p.after) in {("+", "+"), ("-", "-")} or (p.before, p.found) in {("+", "+")}


def _statement_word(*words: str) -> _Test:
    return lambda p: p.before in words and p.expectation in {"statement", "="}


def _at(*texts: str) -> _Test:
    return lambda p: p.found in texts


def _assigned_in_condition(p: Place) -> bool:
    return p.found == "=" and p.expectation in {"then", "do", ")", "]", "end", "until"}


_HINTS: Final[tuple[tuple[_Test, str], ...]] = (
    (lambda p: (p.before, p.found) == ("else", "if"), "'else if' is one word in Lua: elseif"),
    (_assigned_in_condition, "'=' assigns; comparison is written '=='"),
    (lambda p: p.found == "=" and p.before == "=", "comparison is written '==', without a space"),
    (lambda p: p.found == "==" and p.expectation in {"statement", "="}, "'==' compares; assignment is written '='"),
    (_compound, "Lua has no compound assignment: write 'x = x + y'"),
    (_doubled, "Lua has no '++': write 'x = x + 1'"),
    (lambda p: p.found == "!" or (p.found, p.after) == ("~", "="), "inequality is written '~='"),
    (lambda p: (p.found == "&" and p.after == "&") or (p.before == "&" and p.found == "&"), "'&&' is written 'and'"),
    (lambda p: (p.found == "|" and p.after == "|") or (p.before == "|" and p.found == "|"), "'||' is written 'or'"),
    (_statement_word("const", "let", "var"), "variables are declared with 'local'"),
    (_statement_word("continue"), "Lua has no 'continue': use 'goto continue' and a label '::continue::' at the loop's end"),
    (_statement_word("def", "fn", "func", "fun", "sub"), "functions are declared with 'function name(...) ... end'"),
    (_statement_word("import", "from", "using", "include"), "modules are loaded with 'local name = require \"name\"'"),
    (_statement_word("elif", "elsif"), "'elif' is written 'elseif'"),
    (_statement_word("switch", "case", "match"), "Lua has no 'switch': use if/elseif, or a table of functions"),
    (_statement_word("try", "catch", "throw", "raise"), "errors are raised with error(...) and caught with pcall(...)"),
    (lambda p: p.before == "case", "Lua has no 'switch': use if/elseif, or a table of functions"),
    (_statement_word("class"), "Lua has no classes: use a table with a metatable"),
    (_statement_word("print", "require", "error", "assert"), "call it with parentheses"),
    (lambda p: p.found == "!" or (p.found == "not" and p.after == "="), "inequality is written '~='"),
    (lambda p: p.found == "//" and p.expectation != "arguments", "comments begin with '--'"),
    (lambda p: p.found == "[" and p.expectation == "expression", "a list is written with braces: {1, 2, 3}"),
    (lambda p: p.found in {"is", "isnt"} and p.expectation in {"then", "do", ")", "end", "until"}, "comparison is written '==' or '~='"),
    (_at("=>", "->"), "a function value is written 'function(x) return ... end'"),
    (lambda p: (p.found, p.after) == ("=", ">") or (p.before, p.found) == ("=", ">"),
     "a function value is written 'function(x) return ... end'"),
    (lambda p: p.found == "{" and p.expectation in {"then", "do", "statement"},
     "blocks are written 'then ... end' and 'do ... end', without braces"),
    (lambda p: p.found == "}" and p.expectation in {"statement", "end", "surplus end"}, "a block ends with 'end'"),
    (lambda p: p.found == ":" and p.expectation in {"then", "do", "arguments"}, "a block begins with 'then' or 'do', not with ':'"),
    (lambda p: p.found == ":" and p.expectation in {"}"}, "a table field is written 'name = value' or '[\"key\"] = value'"),
    (lambda p: p.found == ":" and p.expectation == "statement", "a method call needs its arguments in parentheses"),
    (lambda p: p.found == "=" and p.expectation == "arguments", "a field is assigned with '.', not with ':'"),
    (lambda p: p.found == "then" and p.expectation == "do", "a loop's body begins with 'do'"),
    (lambda p: p.found == "do" and p.expectation == "then", "the body of an 'if' begins with 'then'"),
    (lambda p: p.expectation == "then", "the condition of an 'if' is followed by 'then'"),
    (lambda p: p.expectation == "do", "the head of a loop is followed by 'do'"),
    (lambda p: p.expectation == "surplus end", "there is one 'end' too many before this place, or an opening word is missing"),
    (lambda p: p.expectation == "name" and p.before == ":", "a table field is written 'name = value', a method call 'object:name()'"),
    (lambda p: p.before in {"f", "r", "b"} and p.found[:1] in {'"', "'"}, "strings have no prefix; build text with string.format"),
    (lambda p: p.expectation == "name" and p.found in RESERVED, "the word is reserved and cannot be a name"),
    (lambda p: p.expectation == "}" and p.found != "", "fields of a table are separated by ','"),
    (lambda p: p.expectation == ")" and p.found != "", "arguments are separated by ',', and '(' needs its ')'"),
)  # fmt: skip


def hint(place: Place) -> str | None:
    """The first hint that fits, if any does."""
    return next((text for test, text in _HINTS if test(place)), None)
