# SPDX-License-Identifier: MIT
"""What reading may cost: bytes, handles, listings, fuel; and what is granted at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import munition
from munition.capability.parameter import Directory
from munition.engine.fire import fire
from munition.engine.limits import Limits
from munition.engine.outcome import Outcome
from munition.errors import UsageError
from munition.host.abi import BudgetSpentError
from munition.host.files import MAX_READ, Files
from munition.host.paths import Code, FileError
from munition.host.roots import open_roots
from munition.module import Module

Make = Callable[..., Files]


def compiled(text: str, caps: str = "filesystem_read") -> Module:
    return munition.compile(text.encode(), caps, name="s")


def run(text: str, root: Path, **options: object) -> Outcome:
    return fire(compiled(text), capabilities=[f"filesystem_read:{root}"], **options)  # type: ignore[arg-type]


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counting them must open as little as can be


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


# --- what may be granted ---


@pytest.mark.parametrize(
    "path", ["/", "//", "/proc", "/proc/self", "/sys", "/dev", "/dev/shm", "/etc/..", "HOME", "HOME/.."]
)
def test_fs_08_a_directory_that_is_nearly_everything_needs_an_override(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "me"))
    (tmp_path / "home" / "me").mkdir(parents=True)
    path = path.replace("HOME", str(tmp_path / "home" / "me"))
    if not Path(path).is_dir():
        pytest.skip("not here")
    for text in ("return 1", "return io.open('nothing')"):
        with pytest.raises(UsageError, match="--broad-roots"):
            run(text, Path(path))
        assert run(text, Path(path), broad_roots=True).ok
        with pytest.raises(UsageError, match="--broad-roots"):
            run(text, Path(path))


def test_fs_08_a_link_to_a_broad_directory_is_one(tmp_path: Path) -> None:
    (tmp_path / "innocent").symlink_to("/")
    with pytest.raises(UsageError, match="whole file system"):
        run("return 1", tmp_path / "innocent")


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_directory_cannot_be_granted(tree: Path, name: str) -> None:
    for text in ("return 1", "return io.open('x')"):
        with pytest.raises(UsageError, match="cannot be opened"):
            run(text, tree / name)


def test_fs_17_the_root_is_found_when_it_is_granted(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory of the fire counts, whatever it was in the one before and becomes during this one."""
    (tree.parent / "outside" / "root").mkdir()
    module = compiled("return io.open('file') ~= nil")
    grant = ["filesystem_read:root"]
    monkeypatch.chdir(tree.parent)
    assert fire(module, capabilities=grant).values == (True,)
    monkeypatch.chdir(tree.parent / "outside")
    assert fire(module, capabilities=grant).values == (False,)
    logging = compiled("print(1) return io.open('file') ~= nil", "log,filesystem_read")
    monkeypatch.chdir(tree.parent)

    def move(_stream: int, _data: bytes) -> None:
        os.chdir(tree.parent / "outside")

    assert fire(logging, capabilities=["log", *grant], output=move).values == (True,)


READS = "local f, why = io.open(...) return f and f:read('a') or why"


def test_what_is_read_was_declared_and_granted(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.parent)

    def end(declared: str, granted: str) -> tuple[str, object]:
        outcome = fire(compiled(READS, declared), args=["secret"], capabilities=granted)
        return outcome.kind, outcome.values[0] if outcome.ok else outcome.reason

    assert end("filesystem_read", "filesystem_read:outside")[0] == "ok"
    assert (
        end("filesystem_read:./outside", "filesystem_read:./outside/")[1]
        != "secret: No such file or directory"
    )
    assert end("filesystem_read:./root", "filesystem_read:./outside") == ("denied", "filesystem_read")
    assert end("filesystem_read:./root", "filesystem_read:r=./root") == ("denied", "filesystem_read")
    both = "filesystem_read:a=./root,filesystem_read:b=./outside"
    assert end("filesystem_read:a=./root", both) == ("ok", "secret: No such file or directory")
    for path, found in (("/a/file", "hello"), ("/b/secret", "/b/secret: No such file or directory")):
        outcome = fire(compiled(READS, "filesystem_read:a=./root"), args=[path], capabilities=both)
        assert outcome.values == (found,)


# --- what reading may use ---


def test_fs_10_a_huge_file_is_read_up_to_the_cap(tree: Path) -> None:
    sparse(tree / "huge", 1 << 40)
    limits = Limits(read=5 << 20)
    outcome = run(
        "local f, n = io.open('huge'), 0 for s in f:lines(65536) do n = n + #s end return n",
        tree,
        limits=limits,
    )
    assert (outcome.kind, outcome.reason) == ("limit", "read")
    sparse(tree / "large", 20 << 20)
    caught = run("return pcall(function() return io.open('large'):read('a') end)", tree, limits=limits)
    assert (caught.kind, caught.reason) == ("limit", "read")
    outcome = run("return pcall(function() return io.open('huge'):read('a') end)", tree)
    assert outcome.values == (False, "resulting string too large")
    outcome = run("return pcall(function() return io.open('huge'):read(1 << 30) end)", tree)
    assert outcome.values == (False, "not enough memory")


def test_fs_10_one_call_allocates_no_more_than_its_cap(tree: Path, files_of: Make) -> None:
    sparse(tree / "huge", 1 << 40)
    files = files_of(tree, max_read=3 << 20)
    number = files.open(b"huge")
    assert len(files.read(number, 0xFFFFFFFF)) == MAX_READ
    assert len(files.read(number, 0xFFFFFFFF)) == MAX_READ
    assert len(files.read(number, 0xFFFFFFFF)) == MAX_READ
    with pytest.raises(BudgetSpentError):
        files.read(number, 1)


def test_what_ends_at_the_cap_was_read(tree: Path, files_of: Make) -> None:
    files = files_of(tree, max_read=5)
    number = files.open(b"file")
    assert (files.read(number, 100), files.read(number, 100)) == (b"hello", b"")


def test_fs_11_handles_are_few_and_the_error_can_be_handled(tree: Path) -> None:
    text = """local open = {}
      for i = 1, 10000 do
        local f, why, code = io.open('file')
        if not f then return #open, why, code end
        open[i] = f
      end"""
    assert run(text, tree).values == (64, "file: Too many open files", 24)
    assert run(text, tree, limits=Limits(handles=3)).values == (3, "file: Too many open files", 24)


def test_fs_11_files_that_nobody_holds_are_closed(tree: Path) -> None:
    assert run("for i = 1, 10000 do assert(io.open('file')) end return 1", tree).values == (1,)


@pytest.mark.parametrize(
    "text",
    [
        "local a = {} for i = 1, 20 do a[i] = io.open('file') end return 1",
        "local a = {} for i = 1, 20 do a[i] = io.open('file') end error('x')",
        "local a = {} for i = 1, 20 do a[i] = io.open('file') end os.exit(3)",
        "local a = {} for i = 1, 20 do a[i] = io.open('file') end while true do end",
        "for l in io.lines('file') do coroutine.yield() end",
    ],
)
def test_however_a_fire_ends_nothing_stays_open(tree: Path, text: str) -> None:
    run(text, tree, fuel=5_000_000)  # the engine keeps a descriptor for the code of a module
    before = descriptors()
    for _ in range(3):
        run(text, tree, fuel=5_000_000)
    with pytest.raises(UsageError):
        fire(compiled(text), args=[1 << 70], capabilities=[f"filesystem_read:{tree}"])
    assert descriptors() == before


def test_fs_12_numbers_of_handles_are_not_reused_and_not_guessed(tree: Path, files_of: Make) -> None:
    files = files_of(tree)
    first = files.open(b"file")
    files.drop(first)
    second = files.open(b"file")
    assert second != first
    for number in (first, 0, second + 1, 0xFFFFFFFF, 0x7FFFFFFF):
        for use in (files.get, files.file, files.drop):
            with pytest.raises(FileError) as caught:
                use(number)
            assert caught.value.code is Code.BAD_HANDLE


def test_fs_13_nothing_can_be_written(tree: Path) -> None:
    before = sorted((str(p), p.read_bytes() if p.is_file() else b"") for p in tree.rglob("*"))
    modes = ["w", "a", "r+", "w+", "a+", "wb", "r+b"]
    text = f"""local out = {{}}
      for _, mode in ipairs{{ {", ".join(f"'{m}'" for m in modes)} }} do
        for _, name in ipairs{{'file', 'new', 'a/new', '../new'}} do
          local f, why, code = io.open(name, mode)
          out[#out + 1] = f == nil and why == name .. ': Read-only file system' and code
        end
      end
      local f = io.open('file')
      out[#out + 1] = table.concat({{tostring(f:write('x')), select(2, f:write('x'))}}, ' ')
      return table.unpack(out)"""
    assert run(text, tree).values == (30,) * 28 + ("nil Bad file descriptor 9",)
    assert sorted((str(p), p.read_bytes() if p.is_file() else b"") for p in tree.rglob("*")) == before


def test_fs_14_18_no_path_of_the_host_is_in_any_text(tree: Path) -> None:
    names = ["../secret", "/etc/passwd", "a/../../x", "x\0y", "a", "file/x", "z" * 5000, str(tree / "file")]
    text = """local out = {}
      for _, name in ipairs(...) do
        local ok, why = pcall(io.lines, name)
        local f, message = io.open(name)
        out[#out + 1] = tostring(why):gsub(name, '', 1) .. tostring(message):gsub(name, '', 1)
        out[#out + 1] = tostring(f and select(2, f:read()))
      end
      return table.concat(out, '|')"""
    outcome = fire(compiled(text), args=[names], capabilities=[f"filesystem_read:{tree}"])
    assert outcome.ok, outcome.crash
    (said,) = outcome.values
    assert isinstance(said, str)
    assert str(tree.parent) not in said.replace(str(tree / "file"), "")


def test_reading_costs_fuel_by_the_byte(tree: Path) -> None:
    (tree / "big").write_bytes(bytes(1 << 20))
    read = run("return #io.open('big'):read(1 << 20)", tree)
    assert read.values == (1 << 20,)
    assert read.fuel_used > 1 << 20
    poor = run("return #io.open('big'):read(1 << 20)", tree, fuel=500_000)
    assert poor.kind == "fuel"


def test_fs_09_what_is_mounted_beneath_a_root_stays_out_on_request(way: str) -> None:
    """`/proc` is mounted on every system this runs on."""
    path = b"proc/self/status"
    for one_filesystem in (False, True):
        files = Files(open_roots([Directory("/")], broad=True), 1 << 20, 64, one_filesystem=one_filesystem)
        try:
            if one_filesystem:
                for inside in (path, b"proc", b"proc/self/../../proc"):
                    with pytest.raises(FileError) as caught:
                        files.open(inside)
                    assert caught.value.code is Code.NO_ENTRY
            else:
                files.drop(files.open(path))
            files.drop(files.open(b"usr/.."))
        finally:
            files.close()
