# SPDX-License-Identifier: MIT
"""The functions of WASI as a module calls them, over files, a log and clocks of the test."""

from __future__ import annotations

import contextlib
import errno
import inspect
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from munition.capability.imports import WASI_RULES
from munition.capability.parameter import Directory
from munition.capability.wasi import WASI_FUNCTIONS
from munition.host.abi import BudgetSpentError, Context, FuelSpentError, GuestFaultError, ProgramExitError
from munition.host.budget import Budget
from munition.host.files import Files
from munition.host.log import LogBook, Text
from munition.host.random import system_entropy
from munition.host.roots import open_roots
from munition.host.time import HostClock
from munition.host.wasi.bindings import WASI_BINDINGS, WASI_STUBS
from munition.host.wasi.errno import Errno
from munition.host.wasi.program import Program

SIZE = 1 << 17
OUT = 1 << 16
FD_WRITE = 1 << 6


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


class Memory:
    def __init__(self) -> None:
        self.content = bytearray(SIZE)

    def read(self, address: int, length: int) -> bytes:
        if address < 0 or address + length > SIZE:
            raise GuestFaultError("outside", "memory_out_of_bounds")
        return bytes(self.content[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        if address < 0 or address + len(data) > SIZE:
            raise GuestFaultError("outside", "memory_out_of_bounds")
        self.content[address : address + len(data)] = data


class Guest:
    """Calls functions by name; what comes back lies at `OUT`."""

    def __init__(self, *roots: Directory, logs: bool = True, budget: Budget | None = None) -> None:
        self.memory = Memory()
        self.fuel = 1 << 40
        self.budget = budget or Budget()
        opened = open_roots(roots)
        self.files = Files(opened, self.budget.read, self.budget.handles) if roots else None
        self.program = Program((b"program", b"one", b""), (b"A=b", b"C="), logs=logs, files=self.files)
        self.log = LogBook(1000, 10)
        clock = HostClock()
        self.context = Context(
            self.memory,
            self.log,
            clock,
            clock.monotonic(),
            system_entropy,
            self.files,
            program=self.program,
            charge=self.charge,
            budget=self.budget,
            deadline=time.monotonic() + 20,
        )

    def charge(self, fuel: int) -> None:
        self.fuel -= fuel
        if self.fuel < 0:
            raise FuelSpentError

    def call(self, name: str, *arguments: int) -> Errno:
        assert len(arguments) == len(WASI_FUNCTIONS[name].params), name
        return Errno(WASI_BINDINGS[name](self.context, *arguments))

    def ok(self, name: str, *arguments: int) -> None:
        assert self.call(name, *arguments) is Errno.SUCCESS

    def u32(self, at: int = OUT) -> int:
        found: int = struct.unpack("<I", self.memory.read(at, 4))[0]
        return found

    def u64(self, at: int = OUT) -> int:
        found: int = struct.unpack("<Q", self.memory.read(at, 8))[0]
        return found

    def open(
        self,
        path: str | bytes,
        fd: int = 3,
        how: int = 0,
        rights: int = 0x1FFFFFFF & ~FD_WRITE,
        lookup: int = 1,
    ) -> Errno:
        raw = path if isinstance(path, bytes) else path.encode()
        self.memory.write(0, raw)
        return self.call("path_open", fd, lookup, 0, len(raw), how, rights, 0x1FFFFFFF, 0, OUT)

    def vectors(self, *pairs: tuple[int, int]) -> None:
        self.memory.write(8192, b"".join(struct.pack("<II", *pair) for pair in pairs))

    def read(self, fd: int, length: int) -> bytes:
        self.vectors((10000, length))
        self.ok("fd_read", fd, 8192, 1, OUT)
        return self.memory.read(10000, self.u32())

    def text(self, stream: int) -> bytes:
        return b"".join(e.data for e in self.log.entries() if isinstance(e, Text) and e.stream == stream)

    def names(self, fd: int, room: int = 4096) -> list[bytes]:
        found: list[bytes] = []
        cookie = 0
        while True:
            self.ok("fd_readdir", fd, 20000, room, cookie, OUT)
            used = self.u32()
            page = self.memory.read(20000, used)
            at = 0
            while at + 24 <= len(page):
                following, _, length, _ = struct.unpack_from("<QQIB", page, at)
                if at + 24 + length > len(page):
                    break
                found.append(page[at + 24 : at + 24 + length])
                cookie = following
                at += 24 + length
            if used < room:
                return found
            assert at, "no room for a single entry"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "root" / "dir" / "deep").mkdir(parents=True)
    (tmp_path / "root" / "b.txt").write_bytes(b"hello world")
    (tmp_path / "root" / "out").symlink_to("../secret")
    (tmp_path / "root" / "in").symlink_to("dir/../b.txt")
    (tmp_path / "root" / "loop").symlink_to("loop")
    (tmp_path / "root" / "absolute").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "root" / "pipe")
    return tmp_path / "root"


@pytest.fixture
def guest(root: Path) -> Iterator[Guest]:
    made = Guest(Directory(str(root)))
    yield made
    assert made.files is not None
    made.files.close()


def test_tables_match() -> None:
    assert WASI_BINDINGS.keys() == WASI_FUNCTIONS.keys() == WASI_STUBS.keys() == WASI_RULES.keys()


@pytest.mark.parametrize("name", sorted(WASI_FUNCTIONS))
def test_no_argument_makes_a_call_raise(guest: Guest, name: str) -> None:
    """Whatever is passed, a call ends with a number, or in one of the ways a fire can end."""
    params = WASI_FUNCTIONS[name].params
    odd32, odd64 = (0, 3, OUT, SIZE - 1, 0x7FFFFFFF, 0xFFFFFFFF), (0, 1, -1, (1 << 63) - 1, -(1 << 63))
    for shift in range(30):
        arguments = [
            odd32[(shift * 7 + i * 5 + shift // 6) % 6] if type_ == "i32" else odd64[(shift + i) % 5]
            for i, type_ in enumerate(params)
        ]
        guest.context = replace(guest.context, deadline=time.monotonic())
        guest.fuel = 1 << 40
        with contextlib.suppress(ProgramExitError, BudgetSpentError, FuelSpentError):
            assert WASI_BINDINGS[name](guest.context, *arguments) in Errno.__members__.values()


def test_arguments_and_environment(guest: Guest) -> None:
    for name, strings in (("args", (b"program", b"one", b"")), ("environ", (b"A=b", b"C="))):
        guest.ok(f"{name}_sizes_get", OUT, OUT + 4)
        assert (guest.u32(), guest.u32(OUT + 4)) == (len(strings), sum(len(s) + 1 for s in strings))
        guest.ok(f"{name}_get", 0, 1000)
        at = [guest.u32(4 * i) for i in range(len(strings))]
        assert [guest.memory.read(a, len(s) + 1) for a, s in zip(at, strings, strict=True)] == [
            s + b"\0" for s in strings
        ]
        assert guest.call(f"{name}_get", SIZE - 2, 1000) is Errno.FAULT


def test_exit(guest: Guest) -> None:
    with pytest.raises(ProgramExitError) as caught:
        WASI_BINDINGS["proc_exit"](guest.context, 3)
    assert caught.value.code == 3


def test_clocks_are_coarse_and_go_on(guest: Guest) -> None:
    guest.ok("clock_res_get", 1, OUT)
    assert guest.u64() == 1_000_000
    for clock in range(4):
        guest.ok("clock_time_get", clock, 0, OUT)
        assert guest.u64() % 1_000_000 == 0
        assert guest.u64() >= 1_000_000_000
    assert guest.call("clock_time_get", 4, 0, OUT) is Errno.INVAL
    assert guest.call("clock_time_get", 0, 0, SIZE) is Errno.FAULT


def subscription(userdata: int, tag: int, what: int, timeout: int = 0, flags: int = 0) -> bytes:
    return struct.pack("<QB7xI4xQQH6x", userdata, tag, what, timeout, 0, flags)


def poll(guest: Guest, *items: bytes) -> list[tuple[int, int, int]]:
    guest.memory.write(0, b"".join(items))
    guest.ok("poll_oneoff", 0, 4096, len(items), OUT)
    events = guest.memory.read(4096, 32 * guest.u32())
    return [struct.unpack_from("<QHB", events, at)[:3] for at in range(0, len(events), 32)]


def test_poll(guest: Guest) -> None:
    assert poll(guest, subscription(7, 0, 1, 5_000_000), subscription(8, 0, 1, 10**15)) == [(7, 0, 0)]
    assert poll(guest, subscription(1, 0, 0, 0, 1)) == [(1, 0, 0)]
    assert poll(guest, subscription(1, 0, 9)) == [(1, Errno.INVAL, 0)]
    both = poll(guest, subscription(1, 2, 1), subscription(2, 1, 99), subscription(3, 0, 1, 10**15))
    assert both == [(1, 0, 2), (2, Errno.BADF, 1)]
    assert poll(guest, subscription(1, 9, 1)) == [(1, Errno.INVAL, 9)]
    assert guest.call("poll_oneoff", 0, 4096, 0, OUT) is Errno.INVAL
    assert guest.call("poll_oneoff", 0, 4096, 1 << 20, OUT) is Errno.INVAL


def test_a_wait_ends_with_the_fire(guest: Guest) -> None:
    guest.context = replace(guest.context, deadline=time.monotonic() + 0.05)
    poll(guest, subscription(1, 0, 1, (1 << 64) - 1))
    guest.context = replace(guest.context, deadline=time.monotonic() + 100, cancelled=lambda: True)
    poll(guest, subscription(1, 0, 1, (1 << 64) - 1))


def test_random_is_charged_and_bounded(root: Path) -> None:
    guest = Guest(budget=Budget(random=5000))
    before = guest.fuel
    guest.ok("random_get", 0, 4000)
    assert before - guest.fuel == 8000
    assert len(set(guest.memory.read(0, 4000))) > 100
    assert guest.call("random_get", SIZE - 10, 20) is Errno.FAULT
    with pytest.raises(BudgetSpentError):
        guest.call("random_get", 0, 4000)


def test_output_goes_to_the_log(guest: Guest) -> None:
    guest.memory.write(0, b"abcdef")
    guest.vectors((0, 2), (3, 0), (4, 2))
    guest.ok("fd_write", 1, 8192, 3, OUT)
    guest.ok("fd_write", 2, 8192, 1, OUT)
    assert (guest.text(1), guest.text(2)) == (b"abef", b"ab")
    assert guest.call("fd_write", 0, 8192, 1, OUT) is Errno.BADF
    assert guest.call("fd_write", 9, 8192, 1, OUT) is Errno.BADF
    assert guest.call("fd_write", 1, SIZE - 4, 1, OUT) is Errno.FAULT
    guest.vectors((SIZE - 4, 8))
    assert guest.call("fd_write", 1, 8192, 1, OUT) is Errno.FAULT
    assert guest.call("fd_write", 1, 8192, 1 << 30, OUT) is Errno.INVAL
    guest.vectors((0, 2000))
    with pytest.raises(BudgetSpentError):
        guest.call("fd_write", 1, 8192, 1, OUT)
    assert len(guest.text(1)) + len(guest.text(2)) == 1000


def test_without_log_the_streams_are_not_there(root: Path) -> None:
    guest = Guest(logs=False)
    guest.vectors((0, 2))
    assert guest.call("fd_write", 1, 8192, 1, OUT) is Errno.BADF
    assert guest.call("fd_fdstat_get", 2, OUT) is Errno.BADF
    assert guest.call("fd_prestat_get", 3, OUT) is Errno.BADF
    assert guest.read(0, 10) == b""


def test_granted_directories_are_descriptors_from_three_on(root: Path, tmp_path: Path) -> None:
    guest = Guest(Directory(str(root), "zeta"), Directory(str(root)), Directory(str(tmp_path), "alpha"))
    names: list[bytes] = []
    for fd in (3, 4, 5):
        guest.ok("fd_prestat_get", fd, OUT)
        assert guest.u32() == 0
        length = guest.u32(OUT + 4)
        guest.ok("fd_prestat_dir_name", fd, 0, length)
        assert guest.call("fd_prestat_dir_name", fd, 0, length - 1) is Errno.NAMETOOLONG
        names.append(guest.memory.read(0, length))
    assert names == [b"/", b"/alpha", b"/zeta"]
    for fd in (0, 1, 6, 0xFFFFFFFF):
        assert guest.call("fd_prestat_get", fd, OUT) is Errno.BADF
    assert guest.files is not None
    guest.files.close()


def test_reading(guest: Guest) -> None:
    assert guest.open("b.txt") is Errno.SUCCESS
    fd = guest.u32()
    assert fd == 4
    assert guest.read(fd, 5) == b"hello"
    guest.ok("fd_tell", fd, OUT)
    assert guest.u64() == 5
    guest.ok("fd_seek", fd, -5, 2, OUT)
    assert guest.read(fd, 100) == b"world"
    assert guest.read(fd, 100) == b""
    guest.vectors((0, 2), (100, 3))
    guest.ok("fd_pread", fd, 8192, 2, 6, OUT)
    assert (guest.u32(), guest.memory.read(0, 2), guest.memory.read(100, 3)) == (5, b"wo", b"rld")
    guest.ok("fd_filestat_get", fd, OUT)
    assert (guest.memory.read(OUT + 16, 1), guest.u64(OUT + 32)) == (b"\4", 11)
    assert guest.call("fd_seek", fd, -1, 0, OUT) is Errno.INVAL
    assert guest.call("fd_seek", fd, 0, 3, OUT) is Errno.INVAL
    assert guest.call("fd_pread", fd, 8192, 2, -1, OUT) is Errno.INVAL
    assert guest.call("fd_seek", 1, 0, 0, OUT) is Errno.SPIPE
    guest.ok("fd_close", fd)
    assert guest.call("fd_close", fd) is Errno.BADF
    assert guest.call("fd_read", fd, 8192, 1, OUT) is Errno.BADF


ESCAPES = {
    "../secret": Errno.NOENT, "dir/../../secret": Errno.NOENT, "..": Errno.NOENT, "out": Errno.NOENT, "absolute": Errno.NOENT,
    "/etc/passwd": Errno.NOTCAPABLE, "/": Errno.NOTCAPABLE, "nothing": Errno.NOENT, "": Errno.NOENT, "loop": Errno.NOENT,
    "b.txt/": Errno.NOTDIR, "b.txt/x": Errno.NOTDIR, "pipe": Errno.ACCES, "a\0b": Errno.INVAL, "C:x": Errno.NOENT,
    "x" * 5000: Errno.NAMETOOLONG, "a/" * 1000: Errno.NAMETOOLONG, "../root/b.txt": Errno.NOENT,
}  # fmt: skip


@pytest.mark.parametrize("path", ESCAPES, ids=lambda p: repr(p[:20]))
def test_paths_that_lead_nowhere_or_out(guest: Guest, path: str) -> None:
    assert guest.open(path) is ESCAPES[path]
    if path:
        raw = path.encode()
        guest.memory.write(0, raw)
        wanted = Errno.SUCCESS if path == "pipe" else ESCAPES[path]
        assert guest.call("path_filestat_get", 3, 1, 0, len(raw), OUT) is wanted


def test_a_directory_that_was_opened_bounds_what_is_opened_in_it(guest: Guest) -> None:
    assert guest.open("dir", how=2) is Errno.SUCCESS
    directory = guest.u32()
    assert guest.open("deep", fd=directory) is Errno.SUCCESS
    assert guest.open("../b.txt", fd=directory) is Errno.NOENT
    assert guest.open("..", fd=directory) is Errno.NOENT
    assert guest.open("b.txt", fd=1) is Errno.NOTDIR
    assert guest.open("b.txt", fd=77) is Errno.BADF
    assert guest.names(directory) == [b".", b"..", b"deep"]


def test_links_are_followed_only_on_request(guest: Guest) -> None:
    assert guest.open("in") is Errno.SUCCESS
    assert guest.read(guest.u32(), 5) == b"hello"
    assert guest.open("in", lookup=0) is Errno.LOOP
    guest.memory.write(0, b"inout")
    guest.ok("path_filestat_get", 3, 0, 0, 2, OUT)
    assert guest.memory.read(OUT + 16, 1) == b"\7"
    guest.ok("path_readlink", 3, 0, 2, 1000, 100, OUT)
    assert guest.memory.read(1000, guest.u32()) == b"dir/../b.txt"
    guest.ok("path_readlink", 3, 0, 2, 1000, 3, OUT)
    assert guest.u32() == 3


@pytest.mark.parametrize("name", ["out", "absolute"])
def test_where_a_link_leads_outside_is_not_told(guest: Guest, name: str) -> None:
    guest.memory.write(0, name.encode())
    assert guest.call("path_readlink", 3, 0, len(name), 1000, 100, OUT) is Errno.NOENT
    guest.memory.write(0, b"b.txt")
    assert guest.call("path_readlink", 3, 0, 5, 1000, 100, OUT) is Errno.INVAL


def test_nothing_can_be_changed(guest: Guest, root: Path) -> None:
    before = sorted((path, path.lstat().st_mtime_ns) for path in root.rglob("*"))
    assert guest.open("new", how=1) is Errno.ROFS
    assert guest.open("b.txt", how=8) is Errno.ROFS
    assert guest.open("b.txt", how=5) is Errno.EXIST
    assert guest.open("b.txt", rights=0x1FFFFFFF) is Errno.ROFS
    assert guest.open("b.txt", how=2) is Errno.NOTDIR
    assert guest.open("dir", rights=0x1FFFFFFF) is Errno.ISDIR
    assert guest.open("b.txt", how=1) is Errno.SUCCESS  # it is there, and only read
    fd = guest.u32()
    guest.vectors((0, 5))
    assert guest.call("fd_write", fd, 8192, 1, OUT) is Errno.ROFS
    assert guest.call("fd_pwrite", fd, 8192, 1, 0, OUT) is Errno.ROFS
    assert guest.call("fd_allocate", fd, 0, 10) is Errno.ROFS
    assert guest.call("fd_filestat_set_size", fd, 0) is Errno.ROFS
    assert guest.call("fd_filestat_set_times", fd, 0, 0, 15) is Errno.ROFS
    guest.memory.write(0, b"b.txt")
    assert guest.call("path_unlink_file", 3, 0, 5) is Errno.ROFS
    assert guest.call("path_create_directory", 3, 0, 5) is Errno.ROFS
    assert guest.call("path_remove_directory", 3, 0, 5) is Errno.ROFS
    assert guest.call("path_rename", 3, 0, 5, 3, 0, 5) is Errno.ROFS
    assert guest.call("path_link", 3, 0, 0, 5, 3, 0, 5) is Errno.ROFS
    assert guest.call("path_symlink", 0, 5, 3, 0, 5) is Errno.ROFS
    assert guest.call("path_symlink", 0, 5, 99, 0, 5) is Errno.BADF
    assert guest.call("path_filestat_set_times", 3, 0, 0, 5, 0, 0, 15) is Errno.ROFS
    assert sorted((path, path.lstat().st_mtime_ns) for path in root.rglob("*")) == before
    assert (root / "b.txt").read_bytes() == b"hello world"


def test_listing_in_small_rooms(guest: Guest, root: Path) -> None:
    wanted = [b".", b"..", b"absolute", b"b.txt", b"dir", b"in", b"loop", b"out", b"pipe"]
    assert guest.names(3) == wanted
    assert guest.names(3, 40) == wanted
    (root / "more").write_bytes(b"")
    assert b"more" in guest.names(3)
    assert guest.call("fd_readdir", 3, SIZE - 4, 100, 0, OUT) is Errno.FAULT
    guest.ok("fd_readdir", 3, 20000, 100, -1, OUT)
    assert guest.u32() == 0
    guest.open("b.txt")
    assert guest.call("fd_readdir", guest.u32(), 0, 100, 0, OUT) is Errno.NOTDIR


def test_a_large_directory_is_refused(root: Path) -> None:
    guest = Guest(Directory(str(root)), budget=Budget(entries=3))
    assert guest.call("fd_readdir", 3, 20000, 100, 0, OUT) is Errno.FBIG


def test_handles_are_bounded_and_used_again(root: Path) -> None:
    guest = Guest(Directory(str(root)), budget=Budget(handles=5))
    for number in range(5):
        assert guest.open("b.txt") is Errno.SUCCESS
        assert guest.u32() == 4 + number
    assert guest.open("b.txt") is Errno.MFILE
    guest.ok("fd_close", 6)
    assert guest.open("b.txt") is Errno.SUCCESS
    assert guest.u32() == 6
    guest.ok("fd_renumber", 6, 4)
    assert guest.call("fd_close", 6) is Errno.BADF
    assert guest.read(4, 5) == b"hello"
    assert guest.call("fd_renumber", 4, 1000) is Errno.BADF
    before = descriptors()
    for fd in (4, 5, 7, 8):
        guest.ok("fd_close", fd)
    assert before - descriptors() == 4


def test_a_failed_open_leaves_nothing_open(guest: Guest) -> None:
    before = descriptors()
    guest.memory.write(0, b"b.txt")
    assert guest.call("path_open", 3, 1, 0, 5, 0, 2, 0, 0, SIZE) is Errno.FAULT
    assert guest.open("b.txt", how=8) is Errno.ROFS
    assert guest.open("pipe") is Errno.ACCES
    assert descriptors() == before


def test_rights_can_be_given_up(guest: Guest) -> None:
    guest.open("b.txt")
    fd = guest.u32()
    guest.ok("fd_fdstat_set_rights", fd, 1 << 2, 0)
    guest.vectors((0, 5))
    assert guest.call("fd_read", fd, 8192, 1, OUT) is Errno.NOTCAPABLE
    assert guest.call("fd_fdstat_set_rights", fd, 1 << 1, 0) is Errno.NOTCAPABLE
    guest.ok("fd_fdstat_set_rights", 3, 0, 0)
    assert guest.open("b.txt") is Errno.NOTCAPABLE
    assert guest.call("fd_readdir", 3, 0, 100, 0, OUT) is Errno.NOTCAPABLE


def test_sockets_and_signals(guest: Guest) -> None:
    assert guest.call("sock_shutdown", 1, 2) is Errno.NOTSOCK
    assert guest.call("sock_shutdown", 50, 2) is Errno.BADF
    assert guest.call("sock_accept", 3, 0, OUT) is Errno.NOTSOCK
    assert guest.call("proc_raise", 9) is Errno.NOTCAPABLE


def test_bytes_cost_fuel(guest: Guest) -> None:
    guest.open("b.txt")
    fd = guest.u32()
    before = guest.fuel
    guest.vectors((10000, 50_000))
    guest.ok("fd_read", fd, 8192, 1, OUT)
    assert before - guest.fuel >= 50_000
    guest.fuel = 1000
    with pytest.raises(FuelSpentError):
        guest.call("fd_write", 1, 8192, 1, OUT)


def test_functions_take_what_the_table_says() -> None:
    for name, run in WASI_BINDINGS.items():
        assert len(inspect.signature(run).parameters) == 2, name
    assert errno.EBADF == Errno.BADF + 1  # the numbers of the specification are its own
