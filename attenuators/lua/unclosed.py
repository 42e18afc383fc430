# SPDX-License-Identifier: MIT
"""Guess which block lacks its `end`: where the words say one thing and the indentation another.

A missing `end` is noticed far from where it is missing, often at the end of the file. People indent, so the first `end`
that stands further left than the line its block began on was most likely meant for an outer block.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from munition.attenuators.lua.lexer import Tokens
from munition.attenuators.lua.tables import load
from munition.source import Source

_OPENERS: Final = frozenset(("FUNCTION", "IF", "DO", "REPEAT", "WHILE", "FOR"))
_LOOPS: Final = frozenset(("WHILE", "FOR"))  # the `do` that follows is theirs


class Suspect(Struct, frozen=True, eq=False):
    """A block that probably lacks its `end`.

    Attributes:
        word: what opened it.
        line: where.
        end_line: where the `end` stands that closes it and looks meant for an outer block; None if another function,
            which was hardly meant to be inside of it, gave the block away.
        next_line: where that function begins.
    """

    word: str
    line: int
    end_line: int | None
    next_line: int = 0


class _Open(Struct, eq=False):
    name: str
    line: int
    awaits_do: bool


def find_suspect(source: Source, tokens: Tokens, before: int) -> Suspect | None:
    """The first block, among the tokens below number `before`, whose `end` stands further left than its beginning."""
    terminals = load().terminals
    stack: list[_Open] = []
    for number in range(before):
        name = terminals[tokens.kinds[number]]
        start = tokens.starts[number]
        if name == "DO" and stack and stack[-1].awaits_do:
            stack[-1].awaits_do = False
        elif name in _OPENERS:
            line = source.line_of(start)
            if (
                name == "FUNCTION"
                and stack
                and line > stack[-1].line
                and _begins_beside(source, start, stack[-1].line)
            ):
                return Suspect(stack[-1].name.lower(), stack[-1].line, None, line)
            stack.append(_Open(name, source.line_of(start), name in _LOOPS))
        elif name in ("END", "UNTIL") and stack:
            opened = stack.pop()
            line = source.line_of(start)
            if name == "END" and line > opened.line and _is_further_left(source, line, start, opened.line):
                return Suspect(opened.name.lower(), opened.line, line)
    return None


def _begins_beside(source: Source, start: int, opened_line: int) -> bool:
    """Whether the function at `start` is declared at the beginning of its line, no further right than the opening line."""
    line_start = source.line_starts[source.line_of(start) - 1]
    if start - line_start > _MAX_INDENT:
        return False
    before = source.text[line_start:start]
    indent, opened = _indent(before), _indent_of(source, opened_line)
    return before.strip() in (b"", b"local") and len(indent) <= len(opened) and opened.startswith(indent)


_MAX_INDENT: Final = 200  # bytes; lines of a megabyte exist


def _is_further_left(source: Source, line: int, start: int, opened_line: int) -> bool:
    """Whether the word at `start` is the first on its line, and stands left of where the opening line begins."""
    line_start = source.line_starts[line - 1]
    if start - line_start > _MAX_INDENT:
        return False
    before = source.text[line_start:start]
    indent = _indent_of(source, opened_line)
    return not before.strip() and len(before) < len(indent) and indent.startswith(before)


def _indent_of(source: Source, line: int) -> bytes:
    start = source.line_starts[line - 1]
    return _indent(source.text[start : start + _MAX_INDENT])


def _indent(text: bytes) -> bytes:
    return text[: len(text) - len(text.lstrip(b" \t"))]
