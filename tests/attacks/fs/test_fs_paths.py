# SPDX-License-Identifier: MIT
"""Paths that try to leave the granted directory, and things in it that are no files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from munition.capability.parameter import Directory
from munition.host.files import Files
from munition.host.paths import Code, FileError

Make = Callable[..., Files]


def code_of(files: Files, path: bytes | str) -> Code:
    with pytest.raises(FileError) as caught:
        files.open(path if isinstance(path, bytes) else path.encode())
    return caught.value.code


def content(files: Files, path: bytes) -> bytes:
    number = files.open(path)
    data = files.read(number, 100)
    files.drop(number)
    return data


@pytest.mark.parametrize(
    "path",
    ["../secret", "../../etc/passwd", "a/../../secret", "/../secret", "a/b/../../../secret", "..", "/..", "./../secret", "//../secret"],
)  # fmt: skip
def test_fs_01_dots_do_not_lead_out(tree: Path, way: str, files_of: Make, path: str) -> None:
    assert code_of(files_of(tree), path) is Code.NO_ENTRY


@pytest.mark.parametrize("path", ["/etc/passwd", "//etc/passwd", "/proc/self/environ", "/dev/zero"])
def test_fs_02_absolute_paths_begin_at_the_root(tree: Path, way: str, files_of: Make, path: str) -> None:
    assert code_of(files_of(tree), path) is Code.NO_ENTRY
    (tree / "etc").mkdir()
    (tree / "etc" / "passwd").write_bytes(b"ours")
    assert content(files_of(tree), b"/etc/passwd") == b"ours"


LINKS = ["../secret", "../outside", "a/../../secret", "/etc", "/etc/passwd", "/proc/self/root/etc/passwd", "/proc/self/cwd", "/proc/self/exe", ".."]  # fmt: skip


@pytest.mark.parametrize("target", LINKS)
@pytest.mark.parametrize("rest", ["", "/secret", "/passwd"])
def test_fs_03_04_links_do_not_lead_out(tree: Path, way: str, files_of: Make, target: str, rest: str) -> None:
    (tree / "link").symlink_to(target)
    (tree / "a" / "link").symlink_to("../link")
    files = files_of(tree)
    assert code_of(files, "link" + rest) is Code.NO_ENTRY
    assert code_of(files, "a/link" + rest) is Code.NO_ENTRY


def test_links_inside_work(tree: Path, way: str, files_of: Make) -> None:
    (tree / "l1").symlink_to("a/b/../inner")
    (tree / "a" / "b" / "l2").symlink_to("../../l1")
    (tree / "dir").symlink_to("a/")
    files = files_of(tree)
    for path in (b"l1", b"a/b/l2", b"dir/inner", b"dir/b/../inner", b"dir/../l1", b"./dir//b/./l2"):
        assert content(files, path) == b"inner", path


def test_fs_06_loops_and_long_chains_of_links_end(tree: Path, way: str, files_of: Make) -> None:
    (tree / "loop").symlink_to("loop")
    (tree / "one").symlink_to("two")
    (tree / "two").symlink_to("one/x")
    (tree / "grow").symlink_to("grow/grow/grow")
    (tree / "l0").symlink_to("file")
    for i in range(100):
        (tree / f"l{i + 1}").symlink_to(f"l{i}")
    files = files_of(tree)
    for path in ("loop", "loop/x", "one", "grow", "l100"):
        assert code_of(files, path) is Code.NO_ENTRY
    assert content(files, b"l20") == b"hello"


def test_fs_07_only_files_and_directories_open(
    tree: Path, way: str, files_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tree / "fifo")
    (tree / "to_fifo").symlink_to("fifo")
    monkeypatch.chdir(tree)
    server = socket.socket(socket.AF_UNIX)
    server.bind("socket")
    try:
        files = files_of(tree)
        for path in ("fifo", "to_fifo", "socket"):
            assert code_of(files, path) is Code.NO_ACCESS
            with pytest.raises(FileError):
                files.size(path.encode())
    finally:
        server.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="making a device needs root")
def test_fs_07_devices_do_not_open(tree: Path, way: str, files_of: Make) -> None:
    try:
        os.mknod(tree / "zero", 0o20666, os.makedev(1, 5))
        os.mknod(tree / "block", 0o60666, os.makedev(7, 0))
    except PermissionError:
        pytest.skip("this sandbox makes no devices")
    files = files_of(tree)
    assert code_of(files, "zero") is Code.NO_ACCESS
    assert code_of(files, "block") is Code.NO_ACCESS


ODD = {
    b"": Code.NO_ENTRY,
    b"file\0": Code.INVALID,
    b"\0": Code.INVALID,
    b"fi\0le": Code.INVALID,
    b"file/": Code.NOT_DIRECTORY,
    b"file/.": Code.NOT_DIRECTORY,
    b"file/x": Code.NOT_DIRECTORY,
    b"x" * 300: Code.NAME_TOO_LONG,
    b"x/" * 2500: Code.NAME_TOO_LONG,
    b"x" * 5000: Code.NAME_TOO_LONG,
    b"a/" * 10_000: Code.NAME_TOO_LONG,
    b"a/../" * 100 + b"file": Code.NAME_TOO_LONG,
    b"\xff\xfe": Code.NO_ENTRY,
    "\ud800".encode("utf-8", "surrogatepass"): Code.NO_ENTRY,
    b"nothing/": Code.NO_ENTRY,
}


@pytest.mark.parametrize("path", ODD, ids=lambda path: path[:12].hex())
def test_fs_14_odd_paths_are_errors_without_text(tree: Path, way: str, files_of: Make, path: bytes) -> None:
    assert code_of(files_of(tree), path) is ODD[path]


@pytest.mark.parametrize("path", [b".", b"/", b"./", b"a/..", b"a/", b"/.", b"///"])
def test_fs_14_directories_open_and_cannot_be_read(tree: Path, way: str, files_of: Make, path: bytes) -> None:
    files = files_of(tree)
    number = files.open(path)
    with pytest.raises(FileError) as caught:
        files.read(number, 1)
    assert caught.value.code is Code.IS_DIRECTORY


WINDOWS = ["C:\\x", "C:x", "\\\\host\\x", "a:stream", "file::$DATA", "CON", "con", "nul.txt", "COM1", "lpt9.log", "name.", "name ", "..\\x", "a\\inner", "a/CON/x", "..."]  # fmt: skip


@pytest.mark.parametrize("path", WINDOWS)
def test_fs_15_forms_of_windows_are_refused_even_where_they_are_plain_names(
    tree: Path, way: str, files_of: Make, path: str
) -> None:
    if "/" not in path:
        (tree / path).write_bytes(b"there")
    assert code_of(files_of(tree), path) is Code.NO_ENTRY


def test_fs_18_outside_and_missing_are_one_error(tree: Path, way: str, files_of: Make) -> None:
    (tree / "out").symlink_to("../secret")
    (tree / "gone").symlink_to("../nothing")
    files = files_of(tree)
    paths = [
        "../secret",
        "../nothing",
        "nothing",
        "out",
        "gone",
        "/etc/passwd",
        "/etc/nothing",
        "a/nothing",
        "out/x",
        str(tree / "file"),
    ]
    assert {code_of(files, path) for path in paths} == {Code.NO_ENTRY}


def test_hard_links_pass(tree: Path, way: str, files_of: Make) -> None:
    os.link(tree.parent / "secret", tree / "hard")
    assert content(files_of(tree), b"hard") == (tree.parent / "secret").read_bytes()


def test_roots_do_not_reach_into_each_other(tree: Path, way: str, files_of: Make) -> None:
    other = tree.parent / "outside"
    files = files_of(Directory(str(tree), "one"), Directory(str(other), "two"))
    assert content(files, b"/one/file") == b"hello"
    assert content(files, b"two/secret") == (other / "secret").read_bytes()
    for path in (
        "/file",
        "file",
        "/three/file",
        "/one/../two/secret",
        "/one/../file",
        "/one/two/secret",
        "/ONE/file",
    ):
        assert code_of(files, path) is Code.NO_ENTRY, path


def test_a_fire_without_roots_finds_nothing(files_of: Make) -> None:
    files = files_of()
    for path in ("/", ".", "x", "/etc/passwd"):
        assert code_of(files, path) is Code.NO_ENTRY


TRIES = 4000
SWAPPER = """import os, sys, threading
os.chdir(sys.argv[1])
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set())).start()
rounds = 0
while not done.is_set() or not rounds:
    for old, new in (("swap", "kept"), ("link", "swap"), ("swap", "link"), ("kept", "swap")):
        os.rename(old, new)
    rounds += 1
    if rounds == 1:
        print("going", flush=True)
print(rounds)
"""


def test_fs_05_a_link_that_is_swapped_meanwhile_never_leads_out(tree: Path, way: str, files_of: Make) -> None:
    """A process swaps a directory and a link out of the root as fast as it can while files are opened through it."""
    (tree / "swap").mkdir()
    (tree / "swap" / "secret").write_bytes(b"decoy")
    (tree / "link").symlink_to("../outside")
    files = files_of(tree, max_read=1 << 30)
    assert content(files, b"swap/secret") == b"decoy"
    seen: set[bytes | Code] = set()
    command = [sys.executable, "-c", SWAPPER, str(tree)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"going\n"
        for _ in range(TRIES):
            try:
                seen.add(content(files, b"swap/secret"))
            except FileError as error:
                seen.add(error.code)
        rounds, _ = child.communicate(b"")
    assert int(rounds) > 1
    assert seen <= {b"decoy", Code.NO_ENTRY, Code.NOT_DIRECTORY}
    assert content(files, b"swap/secret") == b"decoy"
