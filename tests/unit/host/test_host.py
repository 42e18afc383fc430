# SPDX-License-Identifier: MIT
from __future__ import annotations

import inspect

import pytest

from munition.capability.catalogue import BY_IMPORT
from munition.host import log, random, time
from munition.host.abi import BudgetSpentError, Context, GuestFaultError
from munition.host.bindings import BINDINGS


class Memory:
    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.copied = 0

    def read(self, address: int, length: int) -> bytes:
        if address + length > len(self.content):
            raise GuestFaultError("outside", "memory_out_of_bounds")
        self.copied += length
        return bytes(self.content[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        if address + len(data) > len(self.content):
            raise GuestFaultError("outside", "memory_out_of_bounds")
        self.content[address : address + len(data)] = data


class Clock:
    def __init__(self, wall: int = 0, monotonic: int = 0) -> None:
        self.now = (wall, monotonic)

    def wall(self) -> int:
        return self.now[0]

    def monotonic(self) -> int:
        return self.now[1]


def context(
    memory: Memory | None = None, clock: Clock | None = None, book: log.LogBook | None = None
) -> Context:
    return Context(
        memory or Memory(b"hello"),
        book or log.LogBook(1000, 10),
        clock or Clock(),
        5_000_000,
        random.SeededEntropy(b"s"),
    )


def test_bindings_and_catalogue_match_one_to_one() -> None:
    assert BINDINGS.keys() == BY_IMPORT.keys()
    for key, function in BINDINGS.items():
        assert len(inspect.signature(function).parameters) == 1 + len(BY_IMPORT[key].params)


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [(0, 0), (999_999, 0), (1_000_000, 1_000_000), (1_785_000_123_456_789, 1_785_000_123_000_000)],
)
def test_the_wall_clock_is_coarse(nanoseconds: int, shown: int) -> None:
    assert time.wall(context(clock=Clock(wall=nanoseconds))) == shown


@pytest.mark.parametrize(("now", "shown"), [(5_000_000, 0), (6_999_999, 1_000_000), (4_000_000, 0)])
def test_the_monotonic_clock_starts_with_the_fire(now: int, shown: int) -> None:
    assert time.monotonic(context(clock=Clock(monotonic=now))) == shown


def test_random_is_bounded_per_call() -> None:
    memory = Memory(bytes(2 << 20))
    random.fill(context(memory), 0, random.MAX_BYTES)
    with pytest.raises(GuestFaultError, match="at most 1048576"):
        random.fill(context(memory), 0, random.MAX_BYTES + 1)
    with pytest.raises(GuestFaultError):
        random.fill(context(memory), 0, 0xFFFFFFFF)


def test_seeded_entropy_depends_on_the_seed_and_the_call() -> None:
    one, two = random.SeededEntropy(b"a"), random.SeededEntropy(b"a")
    first = one(16)
    assert first == two(16)
    assert first != one(16)
    assert random.SeededEntropy(b"b")(16) != first
    assert len(random.system_entropy(33)) == 33


def test_text_beyond_the_cap_ends_the_fire_and_what_fits_is_kept() -> None:
    book = log.LogBook(8, 10)
    memory = Memory(b"0123456789" * 10)
    log.write(context(memory, book=book), 1, 0, 5)
    with pytest.raises(BudgetSpentError) as caught:
        log.write(context(memory, book=book), 1, 0, 100)
    assert caught.value.reason == "output"
    assert book.entries() == (log.Text(1, b"01234012"),)
    assert memory.copied == 8


def test_a_long_message_is_cut_and_never_copied_whole() -> None:
    memory = Memory(bytes(1 << 20))
    book = log.LogBook(1 << 20, 10)
    log.record(context(memory, book=book), 20, 0, 1 << 20, 0, 0)
    (entry,) = book.entries()
    assert isinstance(entry, log.Record)
    assert len(entry.message) == log.MAX_MESSAGE + len(log.CUT)
    assert memory.copied == log.MAX_MESSAGE


@pytest.mark.parametrize("level", [0, 1, 11, 50, 0xFFFFFFFF])
def test_levels_are_exact(level: int) -> None:
    with pytest.raises(GuestFaultError, match="level"):
        log.record(context(), level, 0, 1, 0, 0)


@pytest.mark.parametrize(
    "fields",
    [
        b"\3",
        b"\0",
        b"\6\1\0\0\0\0",
        b"\7\1\0\0\0\1\0\0\0\xff\0",
        b"\x08\1\0\0\0\3" + bytes(9),
        b"\7\0\0\0\0x",
    ],
)
def test_fields_must_be_an_object_with_names(fields: bytes) -> None:
    with pytest.raises(GuestFaultError, match="field"):
        log.record(context(Memory(fields)), 20, 0, 0, 0, len(fields))


def test_fields_are_bounded() -> None:
    with pytest.raises(GuestFaultError, match="65536 bytes of fields"):
        log.record(context(), 20, 0, 1, 0, log.MAX_FIELDS + 1)


def test_records_are_counted_and_empty_ones_are_not_free() -> None:
    book = log.LogBook(10_000, 3)
    for _ in range(3):
        log.record(context(book=book), 20, 0, 0, 0, 0)
    with pytest.raises(BudgetSpentError):
        log.record(context(book=book), 20, 0, 0, 0, 0)
    small = log.LogBook(100, 1000)
    log.record(context(book=small), 20, 0, 0, 0, 0)
    with pytest.raises(BudgetSpentError):
        log.record(context(book=small), 20, 0, 0, 0, 0)


def test_an_empty_array_stands_for_no_fields() -> None:
    book = log.LogBook(10_000, 3)
    log.record(context(Memory(b"\6\0\0\0\0"), book=book), 20, 0, 0, 0, 5)
    assert book.entries() == (log.Record("info", "", {}, 0),)
