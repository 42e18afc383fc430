# SPDX-License-Identifier: MIT
"""The codec of values: whatever goes in comes out, and no bytes make it do anything but decode or refuse."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from munition.host.values import DecodeError, decode, encode

texts = st.text(st.characters(exclude_categories=["Cs"]))
broken = st.binary().filter(lambda raw: not _is_text(raw))
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts | broken
)
keys = (
    st.integers(2, 2**63 - 1)
    | st.booleans()
    | st.floats(allow_nan=False).filter(lambda f: f not in (0, 1))
    | texts
)


def _is_text(raw: bytes) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        raw.decode()
        return True
    return False


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4)
        | st.dictionaries(keys, inner, max_size=4)
    )


values = st.recursive(scalars, containers, max_leaves=20)


@given(st.lists(values, max_size=5))
def test_values_come_back(items: list[Any]) -> None:
    assert decode(encode(items)) == tuple(items)


@given(st.lists(values, max_size=3), st.data())
def test_no_truncation_decodes(items: list[Any], data: st.DataObject) -> None:
    encoded = encode(items)
    cut = data.draw(st.integers(0, len(encoded) - 1))
    with contextlib.suppress(DecodeError):
        decode(encoded[:cut])
        raise AssertionError(cut)


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(raw: bytes) -> None:
    with contextlib.suppress(DecodeError):
        found = decode(raw)
        assert decode(encode(found)) == found or any(_has_nan(v) for v in found)


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return value != value  # noqa: PLR0124 - only NaN differs from itself
    if isinstance(value, dict):
        return any(map(_has_nan, value.values()))
    return isinstance(value, list) and any(map(_has_nan, value))
