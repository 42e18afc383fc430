# SPDX-License-Identifier: MIT
from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa import lua54

from munition.attenuators.lua.lexer import Tokens, tokenize
from munition.attenuators.lua.literals import utf8
from munition.attenuators.lua.tables import load
from munition.source import Source


def lex(text: bytes) -> Tokens:
    return tokenize(Source("test.lua", text))


def value_of(text: bytes) -> Any:
    """The value of a source that is one token; None if it is no token."""
    tokens = lex(text)
    assert tokens.fault is not None or len(tokens.kinds) == 2, "more than one token"
    return None if tokens.fault else tokens.values[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"3", 3),
        (b"0x10", 16),
        (b"9223372036854775807", 2**63 - 1),
        (b"9223372036854775808", 2.0**63),
        (b"0xffffffffffffffff", -1),
        (b"0x1ffffffffffffffff", -1),
        (b"3.", 3.0),
        (b".5", 0.5),
        (b"1e2", 100.0),
        (b"0x.8p1", 1.0),
        (b"0xA.8", 10.5),
        (b"0x1p-2", 0.25),
        (b"1e999", math.inf),
        (b"0x1p999999999999999", math.inf),
        (b"0x1p-999999999999999", 0.0),
        (b"1" * 5000, math.inf),
        (b'"a\\65\\x42\\u{43}\\n\\z  \n b"', b"aABC\nb"),
        (b"'\\\r\n'", b"\n"),
        (b"'\\\n\r'", b"\n"),
        (b"'\\u{7FFFFFFF}'", b"\xfd\xbf\xbf\xbf\xbf\xbf"),
        (b"[[\nx]]", b"x"),
        (b"[==[\r\n]]\r]=]]==]", b"]]\n]=]"),
        (b'"\xff\x00"', b"\xff\x00"),
    ],
)
def test_a_literal_has_the_value_and_type_that_lua_gives_it(text: bytes, value: object) -> None:
    got = value_of(text)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        (b'x = "abc', "L110", 4, 8),
        (b"x = 'abc\n'", "L110", 4, 8),
        (b'"a', "L110", 0, 2),
        (b"[[ x", "L111", 0, 2),
        (b"--[==[ ]] x", "L112", 0, 6),
        (b"x = [== y", "L113", 4, 7),
        (b"x = 3x + 1", "L114", 4, 6),
        (b"0x", "L114", 0, 2),
        (b"1..2", "L114", 0, 4),
        (b"1_000", "L114", 0, 5),
        (b"0x1p", "L114", 0, 4),
        (b"1e+", "L114", 0, 3),
        (b'"a\\qb"', "L115", 2, 4),
        (b'"\\300"', "L115", 1, 5),
        (b'"\\xg0"', "L115", 1, 3),
        (b'"\\u{80000000}"', "L115", 1, 13),
        (b'"\\u{}"', "L115", 1, 3),
        (b"a != b", "L116", 2, 3),
        (b"x = \xe2\x80\x9chi", "L116", 4, 5),
        (b"\x00", "L116", 0, 1),
        (b"x = `a`", "L116", 4, 5),
    ],
)
def test_what_is_no_token_is_a_fault_with_its_place(text: bytes, code: str, start: int, end: int) -> None:
    fault = lex(text).fault
    assert fault is not None
    assert (fault.code, fault.span.start, fault.span.end) == (code, start, end)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (b"!", "not x"),
        (b"`", "quoted"),
        (b"\xe2\x80\x9c", "curly"),
        (b"\xc2\xa0", "non-breaking"),
        (b"1..x", "space"),
    ],
)
def test_typical_bytes_come_with_advice(text: bytes, advice: str) -> None:
    fault = lex(text).fault
    assert fault is not None
    assert advice in (fault.help or "")


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        (b"#!/usr/bin/lua\nx", 15),
        (b"\xef\xbb\xbfx", 3),
        (b"\xef\xbb\xbf# y\nx", 7),
        (b"--[[ c ]]x", 9),
        (b"--x\rx", 4),
    ],
)
def test_offsets_are_byte_offsets_past_what_is_skipped(text: bytes, offset: int) -> None:
    tokens = lex(text)
    assert (tokens.values[0], tokens.starts[0], tokens.ends[0]) == ("x", offset, offset + 1)


def test_operators_are_as_long_as_possible() -> None:
    names = [load().terminals[kind] for kind in lex(b"...... ..= ==~= >>= ::: //").kinds]
    assert names == (
        [
            "ELLIPSIS",
            "ELLIPSIS",
            "CONCAT",
            "ASSIGN",
            "EQUAL",
            "NOT_EQUAL",
            "SHIFT_RIGHT",
            "ASSIGN",
            "DOUBLE_COLON",
            "COLON",
            "DOUBLE_SLASH",
            "$END",
        ]
    )


@given(st.binary(max_size=200))
def test_any_bytes_become_tokens_in_order_that_end_once(text: bytes) -> None:
    tokens = lex(text)
    assert len(tokens.kinds) == len(tokens.values) == len(tokens.starts) == len(tokens.ends)
    assert tokens.starts == sorted(tokens.starts)
    assert all(start <= end <= len(text) for start, end in zip(tokens.starts, tokens.ends, strict=True))
    assert (tokens.kinds[-1] == 1) == (tokens.fault is not None)
    assert all(kind > 1 for kind in tokens.kinds[:-1])


NUMERALS = st.lists(
    st.sampled_from(
        [
            "0x",
            "0X",
            ".",
            "e",
            "E",
            "p",
            "P",
            "+",
            "-",
            "1",
            "9",
            "0",
            "f",
            "A",
            "00",
            ".5",
            "x",
            "8",
            "123456789",
            "9223372036854775807",
            "_",
            "a",
        ]
    ),
    min_size=1,
    max_size=6,
).map(lambda parts: "".join(parts).encode())
PIECES = (
    b"a|\\n|\\z  |\\z\n |\\x4|\\x41|\\65|\\255|\\256|\\u{41}|\\u{7FFFFFFF}|\\u{80000000}|\\u{d800}|\\\n|\\\r\n|\\\n\r|\\\r|\n|\r|'|\"|"
    b"\\\"|\\'|\\\\|\\q|\xff|\x00|\\0|\\u{}|\\u41|\\u{41|--|]]|]=]"
).split(b"|")
STRINGS = st.builds(
    lambda quotes, parts: quotes[0] + b"".join(parts) + quotes[1],
    st.sampled_from([(b'"', b'"'), (b"'", b"'"), (b"[[", b"]]"), (b"[=[", b"]=]"), (b"[[\r\n", b"]]")]),
    st.lists(st.sampled_from(PIECES), max_size=6),
)


@given(NUMERALS.filter(lambda text: text.removeprefix(b".")[:1].isdigit()) | STRINGS)
def test_literals_mean_what_puc_lua_says(text: bytes) -> None:
    tokens = lex(text)
    if tokens.fault is None and len(tokens.kinds) != 2:
        return  # an expression, which other tests compare
    assert _ours(tokens) == _theirs(text)


def _ours(tokens: Tokens) -> tuple[bytes, object] | None:
    value = tokens.values[0]
    if tokens.fault is not None or value is None:
        return None
    return {int: b"integer", float: b"float", bytes: b"string"}[type(value)], value


RUNTIME = lua54.LuaRuntime(
    encoding=None, register_eval=False, register_builtins=False, unpack_returned_tuples=True
)
DESCRIBE = RUNTIME.eval(
    b"""function(s) local f = load("return " .. s, "=test", "t")
    if not f then return false, "" end
    local v = f()
    return math.type(v) or type(v), type(v) == "number" and string.format("%a", v) or v, v end"""
)


def _theirs(text: bytes) -> tuple[bytes, object] | None:
    kind, value, plain = (*DESCRIBE(text), None)[:3]
    if kind is False:
        return None
    if kind == b"float":
        return kind, math.inf if value == b"inf" else float.fromhex(value.decode())
    return kind, plain


@given(st.integers(0, 2**31 - 1))
def test_code_points_are_encoded_in_as_few_bytes_as_can_hold_them(point: int) -> None:
    encoded = utf8(point)
    if point < 0x110000:
        assert encoded == chr(point).encode("utf-8", "surrogatepass")
    assert len(encoded) == next(n for n, top in enumerate((7, 11, 16, 21, 26, 31), 1) if point < 1 << top)
