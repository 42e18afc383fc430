# SPDX-License-Identifier: MIT
"""The values of numerals and string literals (Lua 5.4 reference manual, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct

_DECIMAL: Final = re.compile(r"(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_HEXADECIMAL: Final = re.compile(
    r"0[xX](?:[0-9a-fA-F]++(\.[0-9a-fA-F]*+)?|(\.[0-9a-fA-F]++))([pP][+-]?[0-9]++)?"
)
_MAX_INTEGER: Final = (1 << 63) - 1
_MAX_DECIMAL_DIGITS: Final = 4000  # Python refuses longer integers; they overflow to floats long before


def numeral(text: str) -> int | float | None:
    """The value of a numeral as Lua 5.4 reads it, None if `text` is none.

    Decimal integers that do not fit 64 bits become floats; hexadecimal integers wrap around.
    """
    if (match := _HEXADECIMAL.fullmatch(text)) is not None:
        if match.lastindex is None:
            return _wrapped(int(text, 16))
        return _hexadecimal_float(text)
    if _DECIMAL.fullmatch(text) is None:
        return None
    if text.isdigit() and len(text) < _MAX_DECIMAL_DIGITS and (value := int(text)) <= _MAX_INTEGER:
        return value
    return float(text)


def _wrapped(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value > _MAX_INTEGER else value


def _hexadecimal_float(text: str) -> float:
    # An exponent of a million digits must cost no more than one of ten: beyond the clamp the value is 0 or inf anyway.
    mantissa, _, exponent = text.lower().partition("p")
    power = exponent.lstrip("+-").lstrip("0")
    clamped = power[:10] if len(power) <= 10 else "9" * 10
    sign = "-" if exponent.startswith("-") else ""
    try:
        return float.fromhex(f"{mantissa}p{sign}{clamped or 0}")
    except OverflowError:
        return float("inf")


class BadEscape(Struct, frozen=True, eq=False):
    """An escape sequence that Lua does not have.

    Attributes:
        start: offset in the literal's content where it begins, at the backslash.
        end: offset where it ends.
        seen: offset behind the character at which the reference implementation gives up; it shows the literal up to there.
        problem: what is wrong with it, in the reference implementation's words.
    """

    start: int
    end: int
    seen: int
    problem: str


_ESCAPE: Final = re.compile(
    r"\\(?:z[ \t\n\r\f\v]*+|x[0-9a-fA-F]{2}|[0-9]{1,3}|u\{[0-9a-fA-F]++\}|\r\n|\n\r|[\s\S])"
)
_SIMPLE: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", '"': '"', "'": "'", "\n": "\n", "\r": "\n",
}  # fmt: skip
_HEX_DIGITS: Final = re.compile(r"[0-9a-fA-F]*+")
_MAX_CODE_POINT: Final = (1 << 31) - 1


class _Bad(Exception):  # noqa: N818  # never leaves this file
    def __init__(self, problem: str) -> None:
        self.problem = problem


def unescape(content: str, quote: str = "") -> str | BadEscape:
    """The value of a quoted literal's content; both are bytes held as Latin-1 characters. `quote`: what ends it."""
    at = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal at
        at = match.start()
        return _escaped(match.group())

    try:
        return _ESCAPE.sub(replace, content)
    except _Bad as bad:
        match = _ESCAPE.match(content, at)
        end = match.end() if match else len(content)
        seen, problem = _examined(content, at, bad.problem)
        return BadEscape(at, end, min(seen, len(content) + len(quote)), problem)


def _examined(content: str, at: int, problem: str) -> tuple[int, str]:
    """Where the reference implementation stops reading the bad escape sequence at `at`, and what it says."""
    letter, body = content[at + 1 : at + 2], at + 2
    if letter == "x":
        return body + len(_digits(content[body : body + 2])) + 1, problem
    if letter != "u":
        return (body + 3 if letter.isdigit() else body), problem
    if content[body : body + 1] != "{":
        return body + 1, "missing '{'"
    digits = _digits(content[body + 1 :])
    if not digits:
        return body + 2, "hexadecimal digit expected"
    significant = digits.lstrip("0")
    most = 7 if int(significant[:8] or "0", 16) > _MAX_CODE_POINT else 8
    if len(significant) > most:
        return body + 1 + len(digits) - len(significant) + most + 1, "UTF-8 value too large"
    return body + 1 + len(digits) + 1, "missing '}'"


def _digits(text: str) -> str:
    found = _HEX_DIGITS.match(text)
    return found.group() if found else ""


def _escaped(escape: str) -> str:
    letter = escape[1]
    if letter in _SIMPLE:
        return _SIMPLE[letter]
    if letter.isdigit():
        if int(escape[1:]) > 255:
            raise _Bad("decimal escape too large")
        return chr(int(escape[1:]))
    return _SPELLED.get(letter, _unknown)(escape)


def _unknown(_: str) -> str:
    raise _Bad("invalid escape sequence")


def _skip(_: str) -> str:
    return ""


def _hexadecimal(escape: str) -> str:
    if len(escape) != 4:
        raise _Bad("hexadecimal digit expected")
    return chr(int(escape[2:], 16))


def _code_point(escape: str) -> str:
    if len(escape) < 5:
        raise _Bad("a hexadecimal number in braces is expected")
    digits = escape[3:-1].lstrip("0")
    if len(digits) > 8 or (point := int(digits or "0", 16)) > _MAX_CODE_POINT:
        raise _Bad("UTF-8 value too large")
    return utf8(point).decode("latin-1")


_SPELLED: Final[dict[str, Callable[[str], str]]] = {"z": _skip, "x": _hexadecimal, "u": _code_point}


def utf8(point: int) -> bytes:
    """The encoding of a code point below 2^31 in up to six bytes (RFC 2279, as the escape for code points uses it)."""
    if point < 0x80:
        return bytes((point,))
    tail: list[int] = []
    room = 0x3F  # what fits into the first byte, which loses a bit with each byte that follows
    while point > room:
        tail.append(0x80 | (point & 0x3F))
        point >>= 6
        room >>= 1
    lead = (~room << 1) & 0xFF | point
    return bytes((lead, *reversed(tail)))


_LINE_END: Final = re.compile(r"\r\n|\n\r|\r")


def long_content(text: str, level: int) -> str:
    """The value of a long bracket: without the brackets and a first line end, every line end as a newline."""
    content = text[level + 2 : -level - 2]
    if "\r" in content:
        content = _LINE_END.sub("\n", content)
    return content.removeprefix("\n")
