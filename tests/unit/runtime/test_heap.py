# SPDX-License-Identifier: MIT
"""The allocator and the collector: no two things share memory, nothing is lost, nothing living is freed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import munition
from munition.runtime import layout
from tests.support.guest import Guest, GuestError, Reference
from tests.support.subject import STRESS

sizes = st.one_of(st.integers(0, 200), st.integers(200, 9000), st.integers(9000, 200_000))


@given(st.lists(st.tuples(sizes, st.booleans()), max_size=60))
def test_raw_memory_never_overlaps(requests: list[tuple[int, bool]]) -> None:
    guest = Guest()
    held: list[tuple[int, bytes]] = []
    for number, (size, release) in enumerate(requests):
        address = guest.call("raw_alloc", size)
        content = bytes([number % 255 + 1]) * size
        guest.write(address, content)
        held.append((address, content))
        if release:
            address, content = held.pop(number * 7 % len(held))
            assert guest.read(address, len(content)) == content
            guest.raw("raw_free", address)
    for address, content in held:
        assert guest.read(address, len(content)) == content


def test_freed_memory_serves_every_size() -> None:
    guest = Guest(pages=52)
    for size in (120, 700, 3000, 50_000, 1_000_000, 300, 200_000):
        held = [guest.call("raw_alloc", size) for _ in range(600_000 // size + 2)]
        for address in held[::2] + held[1::2]:
            guest.raw("raw_free", address)
    assert guest.pages <= 52


def test_too_much_is_an_error_that_can_be_caught() -> None:
    guest = Guest(pages=64)
    with pytest.raises(GuestError, match="not enough memory"):
        guest.call("raw_alloc", 5_000_000)
    with pytest.raises(GuestError, match="not enough memory"):
        guest.call("raw_alloc", (1 << 40))
    with pytest.raises(GuestError, match="not enough memory"):
        guest.call("rt_table_new", 0x7FFFFFFF, 0)
    with pytest.raises(GuestError, match="not enough memory"):
        guest.call("rt_table_new", 0, 0x7FFFFFFF)
    assert guest.call("raw_alloc", 1000)


def test_garbage_of_all_kinds_fits_into_little_memory() -> None:
    guest = Guest(pages=32)
    for i in range(6000):
        guest.call("rt_table_new", i % 5, i % 3)
        guest.call("rt_box_new", layout.INTEGER, i)
        guest.call("rt_closure_new", 1, 0, i % 4)
        if i % 50 == 0:
            guest.call("rt_table_new", 3000, 200)
    assert guest.pages <= 32


def run(source: str, memory_pages: int) -> tuple[object, ...]:
    """The values a chunk returns."""
    module = munition.compile(source)
    outcome = munition.fire(module, memory_pages=memory_pages, fuel=10**12, timeout=60)
    assert outcome.kind == "ok", outcome
    return tuple(outcome.values)


@pytest.mark.skipif(STRESS, reason="hundreds of thousands of objects cannot be marked at every allocation")
def test_a_long_list_is_marked_without_a_deep_stack() -> None:
    source = """
        local list
        for i = 1, 200000 do list = {list} end
        collectgarbage()
        local length = 0
        while list do length, list = length + 1, list[1] end
        return length"""
    assert run(source, 1024) == (200_000,)


@pytest.mark.skipif(STRESS, reason="as above")
def test_a_table_wider_than_the_mark_stack_is_marked_whole() -> None:
    source = """
        local wide = {}
        for i = 1, 300000 do wide[i] = {{i}} end
        collectgarbage()
        for i = 1, 10000 do local again = {{-i}} end
        local sum = 0
        for i = 1, #wide do sum = sum + wide[i][1][1] end
        return sum"""
    assert run(source, 1024) == (300_000 * 300_001 // 2,)


def test_cycles_are_freed() -> None:
    source = """
        for i = 1, 100000 do local a, b = {}, {} a.b, b.a = b, a end
        return collectgarbage("count") < 2000"""
    assert run(source, 64) == (True,)


def test_a_collection_empties_weak_tables_and_keeps_the_rest() -> None:
    guest = Guest()
    meta, weak, kept = guest.table(), guest.table(), guest.table()
    guest.set(meta, b"__mode", b"v")
    guest.call("lua_base_setmetatable", 0, 2, *guest.words(weak), *guest.words(meta), 0, 0)
    guest.set(weak, 1, kept)
    guest.set(weak, b"gone", Reference(layout.TABLE, guest.call("rt_table_new", 0, 0)))
    guest.set(weak, b"text", b"strings are values")
    guest.call("heap_collect")
    assert dict(guest.items(weak)) == {1: kept, b"text": b"strings are values"}
