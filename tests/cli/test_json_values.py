# SPDX-License-Identifier: MIT
from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from munition.cli.json_values import MAX_DEPTH, dumps, encode, loads
from munition.errors import UsageError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False)
NOT_TEXT = st.binary(min_size=1).filter(lambda raw: not _decodes(raw))
KEYS = TEXT | NUMBERS | NOT_TEXT


def _decodes(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT | NOT_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, min_size=1, max_size=4),
    max_leaves=20,
)


def same(a: object, b: object) -> bool:
    """Equal, and of the same types all the way down: 1 is not 1.0 is not True."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return len(a) == len(b) and all(same(x, y) and same(a[x], b[y]) for x, y in zip(a, b, strict=True))
    return a == b


@given(VALUES)
def test_every_value_survives_the_way_to_json_and_back(value: Any) -> None:
    assert same(loads(dumps(encode(value))), value)


@given(VALUES)
def test_the_text_is_one_line_of_json_without_anything_that_drives_a_terminal(value: Any) -> None:
    text = dumps(encode(value))
    json.loads(text)
    assert not any(
        ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or char in "\u2028\u202e\u200b" for char in text
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (1e22, "1e+22"),
        (-0.0, "-0.0"),
        (math.inf, '{"$float": "inf"}'),
        (-math.inf, '{"$float": "-inf"}'),
        (math.nan, '{"$float": "nan"}'),
        (b"\xff", '{"$bytes": "/w=="}'),
        ([], "[]"),
        ({"a": [1, None]}, '{"a": [1, null]}'),
        ({1: "x"}, '{"$map": [[1, "x"]]}'),
        ({2: "x", "k": False}, '{"$map": [[2, "x"], ["k", false]]}'),
        ({"$bytes": "AA=="}, '{"$map": [["$bytes", "AA=="]]}'),
        ("Käse 🧀", '"Käse 🧀"'),
        ("\x1b[2J\x9b\u202e", '"\\u001b[2J\\u009b\\u202e"'),
    ],
)
def test_the_written_form(value: object, text: str) -> None:
    assert dumps(encode(value)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nil",
        "NaN",
        "-Infinity",
        "1e999",
        "18446744073709551616",
        "-9223372036854775809",
        "1" * 5000,
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"a": 1, "a": 2}',
        '{"$float": "big"}',
        '{"$float": 1}',
        '{"$bytes": "not base64!"}',
        '{"$bytes": "AA"}',
        '{"$map": {"a": 1}}',
        '{"$map": [[1]]}',
        '{"$map": [[null, 1]]}',
        '{"$map": [[{"$float": "nan"}, 1]]}',
        '{"$map": [[[], 1]]}',
        '{"$map": [[1, "a"], [1.0, "b"]]}',
        '{"$unknown": 1}',
        '"\\ud800"',
        '{"\\udfff": 1}',
        "[1] 2",
        "\ufeff1",
    ],
)
def test_what_is_no_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        loads(text)


def test_an_escape_of_bytes_that_are_text_is_the_text() -> None:
    assert loads('{"$bytes": "aGk="}') == "hi"
