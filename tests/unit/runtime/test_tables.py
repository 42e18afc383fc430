# SPDX-License-Identifier: MIT
"""Tables against a Python dictionary, with and without a collection at every allocation."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from munition.runtime import layout
from tests.support.guest import Guest, GuestError, Reference

keys = st.one_of(
    st.integers(-2, 24),
    st.sampled_from([1 << 40, -(1 << 63), (1 << 63) - 1, 0.5, -1.5, 1e300, True, False]),
    st.sampled_from([b"", b"x", b"name", b"k" * 40, b"k" * 41, b"L" * 90, b"L" * 89 + b"M"]),
    st.integers(0, 30).map(lambda n: b"key%d" % n),
)
values = st.one_of(st.none(), st.integers(0, 9), st.just(b"text"), st.booleans())
operations = st.lists(st.tuples(keys, values), max_size=120)


def plain(key: Any) -> Any:
    """A key for a Python dictionary in which 1 and True are different."""
    return (type(key).__name__, key)


def check(guest: Guest, table: Reference, expected: dict[Any, Any]) -> None:
    for (_, key), value in expected.items():
        assert guest.get(table, key) == value
    visited = guest.items(table)
    assert len(visited) == len(expected)
    assert {plain(k): v for k, v in visited} == expected
    border = guest.length(table)
    assert border == 0 or ("int", border) in expected
    assert ("int", border + 1) not in expected


def replay(guest: Guest, table: Reference, changes: list[tuple[Any, Any]]) -> dict[Any, Any]:
    expected: dict[Any, Any] = {}
    for key, value in changes:
        guest.set(table, key, value)
        if value is None:
            expected.pop(plain(key), None)
        else:
            expected[plain(key)] = value
    return expected


@given(operations, st.integers(0, 6), st.integers(0, 12))
def test_a_table_is_a_dictionary(changes: list[tuple[Any, Any]], array: int, entries: int) -> None:
    guest = Guest()
    table = guest.table(array, entries)
    check(guest, table, replay(guest, table, changes))


@given(operations)
@settings(max_examples=25)
def test_collecting_at_every_allocation_changes_nothing(changes: list[tuple[Any, Any]]) -> None:
    guest = Guest(stress=True)
    table = guest.table()
    expected = replay(guest, table, changes)
    guest.call("heap_collect")
    check(guest, table, expected)


@given(st.permutations(range(1, 40)))
def test_a_list_filled_in_any_order_has_its_length(order: list[int]) -> None:
    guest = Guest()
    table = guest.table()
    for key in order:
        guest.set(table, key, key)
    assert guest.length(table) == 39
    assert sorted(guest.items(table)) == [(i, i) for i in range(1, 40)]


def test_integral_floats_are_integer_keys() -> None:
    guest = Guest()
    table = guest.table()
    guest.set(table, 3.0, b"three")
    guest.set(table, 2.0**53, b"large")
    assert guest.get(table, 3) == b"three"
    assert guest.get(table, 1 << 53) == b"large"
    assert [k for k, _ in guest.items(table)] == [3, 1 << 53]
    assert all(type(k) is int for k, _ in guest.items(table))


@pytest.mark.parametrize(
    ("key", "message"), [(None, b"table index is nil"), (float("nan"), b"table index is NaN")]
)
def test_keys_that_cannot_be(key: Any, message: bytes) -> None:
    guest = Guest()
    with pytest.raises(GuestError) as caught:
        guest.set(guest.table(), key, 1)
    assert caught.value.args == (message,)


def test_an_unknown_key_has_no_successor() -> None:
    guest = Guest()
    table = guest.table()
    guest.set(table, b"a", 1)
    with pytest.raises(GuestError, match="invalid key to 'next'"):
        guest.call("table_next", table.address, *guest.words(b"b"), guest.sp + 256, guest.sp + 272)


def test_every_entry_may_be_removed_during_a_traversal() -> None:
    guest = Guest(stress=True)
    table = guest.table()
    for i in range(60):
        guest.set(table, b"key%d" % i, i)
        guest.set(table, i + 1, i)
    seen = []
    at = guest.sp + 256
    words = (layout.NIL, 0)
    while guest.call("table_next", table.address, *words, at, at + 16) == 1:
        words = struct.unpack("<I4xq", guest.read(at, 16))
        key = guest.value(*words)
        seen.append(key)
        guest.push(Reference(*words) if words[0] == layout.STRING else None)
        guest.set(table, key, None)
        guest.call("heap_collect")
        at = guest.sp + 256
    assert len(seen) == len(set(seen)) == 120
    assert guest.items(table) == []


def test_a_queue_does_not_grow_with_what_went_through_it() -> None:
    guest = Guest()
    table = guest.table()
    for i in range(1, 601):
        guest.set(table, i, i)
        if i > 8:
            guest.set(table, i - 8, None)
    assert len(guest.items(table)) == 8
    assert guest.word(table.address + layout.TABLE_ARRAY_CAPACITY) < 64
    assert guest.word(table.address + layout.TABLE_ENTRY_CAPACITY) < 64


def test_holes_in_a_constructor_stay_inside_the_list() -> None:
    guest = Guest()
    table = guest.table(3)
    for i, value in enumerate([1, None, 3]):
        guest.store_cell(guest.sp + 16 * i, value)
    guest.call("rt_table_append", table.address, 1, 3)
    assert guest.length(table) == 3
    assert guest.items(table) == [(1, 1), (3, 3)]


def test_positional_items_replace_integer_keys() -> None:
    guest = Guest()
    table = guest.table(2, 1)
    guest.set(table, 2, b"field")
    before = guest.sp
    guest.rooted(b"one", b"two")
    guest.pop_to(before)
    guest.call("rt_table_append", table.address, 1, 2)
    assert guest.items(table) == [(1, b"one"), (2, b"two")]


def test_keyed_tables_start_without_values() -> None:
    guest = Guest()
    names = [b"x", b"y", b"name"]
    at = guest.call("raw_alloc", 16)
    guest.write(at, struct.pack("<3I", *(guest.string(n) for n in names)))
    table = Reference(layout.TABLE, guest.call("rt_table_keyed", 0, 3, at))
    guest.push(table)
    assert guest.items(table) == []
    for i, name in enumerate(names):
        guest.set(table, name, i)
    assert guest.items(table) == [(b"x", 0), (b"y", 1), (b"name", 2)]
    assert guest.word(table.address + layout.TABLE_ENTRY_COUNT) == 3
