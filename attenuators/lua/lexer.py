# SPDX-License-Identifier: MIT
"""Bytes to tokens: one compiled expression over the source read as Latin-1, so that every offset is a byte offset.

(Lua 5.4 reference manual, section 3.1.) Lexing stops at the first thing that is no token: it becomes a token of a kind
that no grammar rule accepts, so that a syntax error before it is reported first.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, TypeAlias

from msgspec import Struct

from munition.attenuators.lua import faults, literals
from munition.attenuators.lua.tables import load
from munition.diagnostics import Diagnostic
from munition.source import Source, Span

TokenValue: TypeAlias = str | bytes | int | float | None

# No alternative can backtrack over more than it will report, so the time is linear in the source.
_TOKEN: Final = re.compile(
    r"""
    (?: [ \t\n\r\f\v]++ | --(?!\[=*+\[)[^\n\r]*+ | --\[(=*+)\[[\s\S]*?\]\1\] )*+
    (?: ([A-Za-z_][A-Za-z0-9_]*+)
      | "([^"\\\r\n]*+)" | '([^'\\\r\n]*+)'
      | ([0-9]++)(?![.A-Za-z0-9_])
      | ( 0[xX](?:[pP][+-]|[0-9A-Za-z_.])*+ | (?:[0-9]|\.[0-9])(?:[eE][+-]|[0-9A-Za-z_.])*+ )
      | ( \[(=*+)\[[\s\S]*?\]\8\] )
      | ( (?:--)?\[=*+\[ | \[=++ )
      | ( \.\.\.?|[=~<>]=|//|::|<<|>>|[-+*/%^\#&~|<>=(){}\[\];:,.] )
      | ( "(?:[^"\\\r\n]++|\\(?:z[ \t\n\r\f\v]*+|\r\n|\n\r|[\s\S]))*+("?)
        | '(?:[^'\\\r\n]++|\\(?:z[ \t\n\r\f\v]*+|\r\n|\n\r|[\s\S]))*+('?) )
      | (\Z)
      | ([\s\S]) )
    """,
    re.VERBOSE,
)
# Which group of the expression a token came from.
_WORD, _DOUBLE, _SINGLE, _INTEGER, _NUMERAL, _LONG, _LEVEL, _BAD_BRACKET, _OPERATOR = range(2, 11)
_QUOTED, _DOUBLE_CLOSE, _SINGLE_CLOSE, _END = range(11, 15)

_OPERATOR_NAMES: Final = {
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "%": "PERCENT", "^": "CARET", "#": "HASH", "&": "AMPERSAND",
    "~": "TILDE", "|": "PIPE", "<<": "SHIFT_LEFT", ">>": "SHIFT_RIGHT", "//": "DOUBLE_SLASH", "==": "EQUAL",
    "~=": "NOT_EQUAL", "<=": "LESS_EQUAL", ">=": "MORE_EQUAL", "<": "LESS", ">": "MORE", "=": "ASSIGN",
    "(": "LPAREN", ")": "RPAREN", "{": "LBRACE", "}": "RBRACE", "[": "LSQUARE", "]": "RSQUARE", "::": "DOUBLE_COLON",
    ";": "SEMICOLON", ":": "COLON", ",": "COMMA", ".": "DOT", "..": "CONCAT", "...": "ELLIPSIS",
}  # fmt: skip
RESERVED: Final = frozenset(
    [
        "and",
        "break",
        "do",
        "else",
        "elseif",
        "end",
        "false",
        "for",
        "function",
        "goto",
        "if",
        "in",
        "local",
        "nil",
        "not",
        "or",
        "repeat",
        "return",
        "then",
        "true",
        "until",
        "while",
    ]
)


class Tokens(Struct, frozen=True, eq=False):
    """The tokens of a source, one entry per token in each list; the last one is the end (or the fault).

    Attributes:
        kinds: terminal numbers of `tables.Tables.terminals`.
        values: the text of a name or reserved word, the value of a numeral or string, None for operators.
        starts: byte offset of each token's first byte.
        ends: byte offset after each token's last byte.
        fault: what is wrong with the last token, where lexing could not go on.
    """

    kinds: list[int]
    values: list[TokenValue]
    starts: list[int]
    ends: list[int]
    fault: Diagnostic | None


@cache
def kind_numbers() -> dict[str, int]:
    """Terminal numbers by the text of operators and reserved words, and by the names of the other terminals."""
    number = {name: at for at, name in enumerate(load().terminals)}
    spelled = {text: number[name] for text, name in _OPERATOR_NAMES.items()}
    reserved = {word: number[word.upper()] for word in RESERVED}
    return (
        spelled | reserved | {name: number[name] for name in ("NAME", "NUMBER", "STRING", "$END", "$FAULT")}
    )


def tokenize(source: Source) -> Tokens:
    """Split `source` into tokens. A byte order mark and a first line that begins with `#` are skipped."""
    text = source.text.decode("latin-1")
    number = kind_numbers()
    reserved = {word: number[word] for word in RESERVED}  # names may be spelled as terminals are: NUMBER
    name_kind, string_kind, number_kind = number["NAME"], number["STRING"], number["NUMBER"]
    kinds: list[int] = []
    values: list[TokenValue] = []
    starts: list[int] = []
    ends: list[int] = []
    value: TokenValue
    fault: Diagnostic | None = None
    for match in _TOKEN.finditer(text, _first_byte(text)):
        group = match.lastindex or 0
        if group == _WORD:
            word = match[_WORD]
            kind = reserved.get(word, name_kind)
            value = word
        elif group == _OPERATOR:
            kind = number[match[_OPERATOR]]
            value = None
        else:
            value = _value(match, group)
            kind = number_kind if type(value) is int or type(value) is float else string_kind
            if value is None:
                if group != _END:
                    fault = _fault(source, match, group)
                kind = number["$FAULT" if fault else "$END"]
        kinds.append(kind)
        values.append(value)
        start = match.start(group)
        starts.append(start - 1 if group in (_DOUBLE, _SINGLE) else start)
        ends.append(match.end())
        if kind <= 1:  # the end or a fault
            break
    return Tokens(kinds, values, starts, ends, fault)


def _first_byte(text: str) -> int:
    start = 3 if text.startswith("\xef\xbb\xbf") else 0
    if text.startswith("#", start):
        end = text.find("\n", start)
        return end if end >= 0 else len(text)
    return start


def _value(match: re.Match[str], group: int) -> TokenValue:
    """The value of a literal; None for what is not a token, and for the end."""
    if group in (_DOUBLE, _SINGLE):
        return match[group].encode("latin-1")
    if group in (_INTEGER, _NUMERAL):
        return literals.numeral(match[group])
    if group == _LONG:
        return literals.long_content(match[_LONG], len(match[_LEVEL])).encode("latin-1")
    if group == _QUOTED and (match[_DOUBLE_CLOSE] or match[_SINGLE_CLOSE]):
        content = literals.unescape(match[_QUOTED][1:-1])
        return content.encode("latin-1") if isinstance(content, str) else None
    return None


def _fault(source: Source, match: re.Match[str], group: int) -> Diagnostic:
    text = match[group]
    start, end = match.start(group), match.end()
    span = Span(start, end)
    if group == _NUMERAL:
        return faults.malformed_number(text, span)
    if group == _BAD_BRACKET:
        return _bad_bracket(text, source.line_of(start), span)
    if group != _QUOTED:
        return faults.unexpected_byte(match.string[start : start + 4], Span(start, start + 1))
    closed = match[_DOUBLE_CLOSE] or match[_SINGLE_CLOSE]
    content = literals.unescape(text[1:-1], text[0]) if closed else literals.unescape(text[1:])
    if isinstance(content, str):
        return faults.unfinished_string(text, end == len(match.string), span)
    bad = Span(start + 1 + content.start, start + 1 + content.end)
    return faults.bad_escape(content.problem, text[: 1 + content.seen], 1 + content.start, bad)


def _bad_bracket(text: str, line: int, span: Span) -> Diagnostic:
    if text.startswith("--"):
        return faults.unfinished_comment(text, line, span)
    if text.endswith("["):
        return faults.unfinished_long_string(text, line, span)
    return faults.bad_long_delimiter(text, span)
