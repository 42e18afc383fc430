# SPDX-License-Identifier: MIT
"""The host functions of filesystem_read as a guest calls them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from munition.capability.parameter import Directory
from munition.host import filesystem, log, random
from munition.host.abi import Context, FuelSpentError, GuestFaultError
from munition.host.budget import Budget
from munition.host.files import Files
from munition.host.paths import Code
from munition.host.roots import open_roots
from munition.host.time import HostClock


class Memory:
    def __init__(self) -> None:
        self.content = bytearray(1 << 16)

    def read(self, address: int, length: int) -> bytes:
        if address + length > len(self.content):
            raise GuestFaultError("outside", "memory_out_of_bounds")
        return bytes(self.content[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        if address + len(data) > len(self.content):
            raise GuestFaultError("outside", "memory_out_of_bounds")
        self.content[address : address + len(data)] = data


class Guest:
    """Calls host functions with text and bytes."""

    def __init__(self, *directories: Directory, fuel: int = 1 << 40) -> None:
        self.memory = Memory()
        self.fuel = fuel
        self.files = Files(open_roots(directories), 1 << 20, 64)
        book = log.LogBook(0, 0)
        self.context = Context(
            self.memory, book, HostClock(), 0, random.system_entropy, self.files, charge=self.charge
        )

    def charge(self, fuel: int) -> None:
        self.fuel -= fuel
        if self.fuel < 0:
            raise FuelSpentError

    def open(self, path: bytes) -> int:
        self.memory.write(0, path)
        return filesystem.open_(self.context, 0, len(path))

    def size(self, path: bytes) -> int:
        self.memory.write(0, path)
        return filesystem.size(self.context, 0, len(path))

    def read(self, handle: int, length: int) -> bytes | int:
        count = filesystem.read(self.context, handle, 100, length)
        return count if count < 0 else self.memory.read(100, count)

    def list(self, handle: int, length: int = 60000) -> list[tuple[int, bytes]] | int:
        count = filesystem.list_(self.context, handle, 100, length)
        if count < 0:
            return count
        page, found = self.memory.read(100, count), list[tuple[int, bytes]]()
        while page:
            kind, size = struct.unpack_from("<BH", page)
            found.append((kind, page[3 : 3 + size]))
            page = page[3 + size :]
        return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "dir").mkdir()
    (tmp_path / "b.txt").write_bytes(b"0123456789")
    (tmp_path / "a.txt").write_bytes(b"")
    (tmp_path / "dir" / "x").write_bytes(b"x")
    return tmp_path


@pytest.fixture
def guest(root: Path) -> Iterator[Guest]:
    made = Guest(Directory(str(root)))
    yield made
    made.files.close()


def test_reading_goes_on_where_it_stopped(guest: Guest) -> None:
    handle = guest.open(b"b.txt")
    assert [guest.read(handle, 4) for _ in range(4)] == [b"0123", b"4567", b"89", b""]
    assert guest.read(handle, 0) == b""


def test_two_handles_of_one_file_have_two_positions(guest: Guest) -> None:
    one, two = guest.open(b"b.txt"), guest.open(b"b.txt")
    assert (guest.read(one, 3), guest.read(two, 2), guest.read(one, 1)) == (b"012", b"01", b"3")


@pytest.mark.parametrize(
    ("offset", "whence", "position"),
    [(3, 0, 3), (-1, 1, 3), (2, 1, 6), (-10, 2, 0), (5, 2, 15), (-1, 0, -22), (-11, 2, -22), (0, 3, -22), (0, 4, -22), (0, 0xFFFFFFFF, -22)],
)  # fmt: skip
def test_seek(guest: Guest, offset: int, whence: int, position: int) -> None:
    handle = guest.open(b"b.txt")
    guest.read(handle, 4)
    assert filesystem.seek(guest.context, handle, offset, whence) == position


def test_sizes(guest: Guest) -> None:
    assert (guest.size(b"b.txt"), guest.size(b"a.txt"), guest.size(b"dir")) == (10, 0, -21)
    assert (guest.size(b"nothing"), guest.size(b"../b.txt"), guest.size(b"/")) == (-2, -2, -21)


def test_what_is_not_open_is_a_bad_handle(guest: Guest) -> None:
    handle = guest.open(b"b.txt")
    assert filesystem.close(guest.context, handle) == 0
    for number in (handle, 0, 0xFFFFFFFF):
        assert filesystem.close(guest.context, number) == -9
        assert guest.read(number, 1) == -9
        assert guest.list(number) == -9
        assert filesystem.seek(guest.context, number, 0, 0) == -9


def test_a_file_is_not_listed_and_a_directory_not_read(guest: Guest) -> None:
    file, directory = guest.open(b"b.txt"), guest.open(b"dir")
    assert (guest.list(file), guest.read(directory, 1)) == (-20, -21)
    assert filesystem.seek(guest.context, directory, 0, 0) == -21


def test_listings_are_sorted_and_come_in_pages(guest: Guest, root: Path) -> None:
    (root / "link").symlink_to("b.txt")
    (root / "no:name").write_bytes(b"")
    expected = [(1, b"a.txt"), (1, b"b.txt"), (2, b"dir"), (0, b"link")]
    handle = guest.open(b"/")
    assert guest.list(handle) == expected
    assert guest.list(handle) == []
    handle = guest.open(b".")
    assert guest.list(handle, 7) == -22
    pages = [guest.list(handle, 17) for _ in range(4)]
    assert pages == [expected[:2], expected[2:], [], []]


def test_named_roots_are_entries_of_the_top(root: Path) -> None:
    both = Guest(Directory(str(root / "dir"), "data"), Directory(str(root)))
    named = Guest(Directory(str(root / "dir"), "data"), Directory(str(root), "All"))
    assert both.list(both.open(b"/")) == [(1, b"a.txt"), (1, b"b.txt"), (2, b"data"), (2, b"dir")]
    assert named.list(named.open(b"/")) == [(2, b"All"), (2, b"data")]
    assert named.list(named.open(b"/data")) == [(1, b"x")]
    both.files.close()
    named.files.close()


def test_fs_16_a_directory_with_too_many_entries_is_refused_and_costs_fuel(guest: Guest, root: Path) -> None:
    """The attack FS-16, with a smaller number."""
    guest.context = replace(guest.context, budget=Budget(entries=50))
    for number in range(50):
        (root / "dir" / f"n{number}").write_bytes(b"")
    before = guest.fuel
    assert guest.list(guest.open(b"dir")) == -Code.TOO_LARGE
    assert before - guest.fuel == 50 * filesystem.ENTRY_FUEL
    guest.fuel = 1000
    with pytest.raises(FuelSpentError):
        guest.list(guest.open(b"dir"))


def test_a_range_outside_the_memory_ends_the_fire(guest: Guest) -> None:
    handle = guest.open(b"b.txt")
    with pytest.raises(GuestFaultError):
        filesystem.open_(guest.context, 1 << 16, 5)
    with pytest.raises(GuestFaultError):
        filesystem.read(guest.context, handle, (1 << 16) - 3, 10)


def test_a_path_that_is_too_long_is_not_copied(guest: Guest) -> None:
    assert filesystem.open_(guest.context, 0, 40000) == -Code.NAME_TOO_LONG
    assert filesystem.size(guest.context, 0, 40000) == -Code.NAME_TOO_LONG


def test_nothing_opens_after_the_end(guest: Guest) -> None:
    handle = guest.open(b"b.txt")
    guest.files.close()
    assert (guest.read(handle, 1), guest.open(b"b.txt"), guest.open(b"/")) == (-9, -2, -2)
