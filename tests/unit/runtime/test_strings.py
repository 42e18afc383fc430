# SPDX-License-Identifier: MIT
"""Strings: identity of short ones, hashes, what becomes of those nobody refers to."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from munition.runtime import layout
from tests.support.guest import Guest, GuestError, Reference

short = st.binary(max_size=layout.SHORT_STRING)


@given(st.lists(short, max_size=40))
def test_equal_short_strings_are_one_object(texts: list[bytes]) -> None:
    guest = Guest()
    addresses: dict[bytes, int] = {}
    for text in texts + texts:
        address = guest.string(text)
        guest.push(Reference(layout.STRING, address))
        assert addresses.setdefault(text, address) == address
        assert guest.word(address + layout.STRING_HASH) == layout.string_hash(text)
    assert len(set(addresses.values())) == len(addresses)


def test_the_runtimes_own_names_are_found() -> None:
    guest = Guest()
    assert guest.string(b"__index") == guest.string(b"__index")
    before = guest.raw("string_new", guest.sp, 0)
    assert before == guest.string(b"")


def test_long_strings_are_compared_by_content() -> None:
    guest = Guest()
    text = b"a" * 41
    first, second, other = (tuple(guest.rooted(t)) for t in (text, text, b"a" * 40 + b"b"))
    assert first != second
    assert guest.call("rt_raw_equal", *first, *second) == 1
    assert guest.call("rt_raw_equal", *first, *other) == 0


@given(st.lists(st.binary(max_size=60), min_size=2, max_size=40))
def test_concatenation(parts: list[bytes]) -> None:
    guest = Guest()
    row = []
    for part in parts:
        row.append(Reference(layout.STRING, guest.string(part)))
        guest.push(row[-1])
    at = guest.sp
    for i, operand in enumerate(row):
        guest.store_cell(at + 16 * i, operand)
    assert guest.value(*guest.call("rt_concat", len(row), 0)) == b"".join(parts)
    assert guest.sp == at


def test_numbers_are_concatenated_as_their_text() -> None:
    guest = Guest(stress=True)
    at = guest.sp
    for i, number in enumerate([1, -2.5, 1e100, (1 << 63) - 1]):
        guest.store_cell(at + 16 * i, number)
    assert guest.value(*guest.call("rt_concat", 4, 0)) == b"1-2.51e+1009223372036854775807"


def test_garbage_leaves_the_intern_table() -> None:
    guest = Guest()
    kept = guest.string(b"kept")
    guest.push(Reference(layout.STRING, kept))
    for i in range(4000):
        guest.string(b"garbage %d" % i)
    guest.call("heap_collect")
    guest.raw("heap_finish_sweep")
    count = guest.intern_count()
    assert count < len(layout.RUNTIME_NAMES) + 100
    assert guest.string(b"kept") == kept


def test_a_string_found_before_its_block_is_swept_stays_alive() -> None:
    guest = Guest()
    address = guest.string(b"found again")
    guest.call("heap_collect")
    found = guest.string(b"found again")
    guest.push(Reference(layout.STRING, found))
    guest.raw("heap_finish_sweep")
    guest.call("heap_collect")
    guest.raw("heap_finish_sweep")
    assert found == address
    assert guest.value(layout.STRING, found) == b"found again"


def test_what_is_too_long_is_refused_before_it_is_made() -> None:
    guest = Guest(pages=64)
    text = guest.string(b"x" * 200_000)
    guest.push(Reference(layout.STRING, text))
    at = guest.sp
    pages = guest.pages
    for i in range(100):
        guest.write(at + 16 * i, struct.pack("<qII", text, layout.STRING, 0))
    with pytest.raises(GuestError, match="not enough memory"):
        guest.call("rt_concat", 100, 0)
    assert guest.pages <= max(pages, 64)
