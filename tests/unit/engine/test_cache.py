# SPDX-License-Identifier: MIT
"""The code cache: authenticated, bounded, private, shared by processes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from munition.engine.cache import KEY, MAGIC, TAG, CodeCache, default_folder, open_cache

Wat = Callable[[str], bytes]


@pytest.fixture
def cache(tmp_path: Path) -> CodeCache:
    return CodeCache(tmp_path / "cache")


def entry(cache: CodeCache) -> Path:
    (found,) = cache.folder.glob("*.code")
    return found


@pytest.mark.parametrize("content", [b"", b"x", bytes(100_000), bytes(range(256)) * 300])
def test_what_was_put_comes_back_and_nothing_else_does(cache: CodeCache, content: bytes) -> None:
    cache.put("a", content)
    assert cache.get("a") == content
    assert cache.get("b") is None
    assert CodeCache(cache.folder).get("a") == content


def test_every_flipped_bit_is_noticed_logged_and_removed(
    cache: CodeCache, caplog: pytest.LogCaptureFixture
) -> None:
    content = b"machine code" * 4
    for at in range(len(MAGIC) + TAG + len(content)):
        cache.put("a", content)
        path = entry(cache)
        data = bytearray(path.read_bytes())
        data[at] ^= 1 << at % 8
        path.write_bytes(data)
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert cache.get("a") is None
        assert [record.name for record in caplog.records] == ["munition.cache"]
        assert not path.exists()


@pytest.mark.parametrize("size", [0, 1, len(MAGIC), len(MAGIC) + TAG - 1, len(MAGIC) + TAG])
def test_a_cut_entry_is_none(cache: CodeCache, size: int) -> None:
    cache.put("a", b"content")
    path = entry(cache)
    path.write_bytes(path.read_bytes()[:size])
    assert cache.get("a") is None


def test_an_entry_is_good_for_its_own_name_only(cache: CodeCache) -> None:
    cache.put("a", b"code of a")
    first = entry(cache)
    data = first.read_bytes()
    first.unlink()
    cache.put("b", b"code of b")
    entry(cache).write_bytes(data)
    assert cache.get("b") is None


def test_an_entry_of_another_installation_is_none(cache: CodeCache, tmp_path: Path) -> None:
    other = CodeCache(tmp_path / "other")
    other.put("a", b"code")
    (cache.folder / entry(other).name).write_bytes(entry(other).read_bytes())
    assert cache.get("a") is None


def test_the_key_and_the_entries_are_the_users_alone(cache: CodeCache) -> None:
    cache.put("a", b"x")
    assert (cache.folder / "key").stat().st_size == KEY
    for path in (cache.folder, *cache.folder.iterdir()):
        assert not path.stat().st_mode & 0o077


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_a_folder_others_can_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(PermissionError):
        CodeCache(tmp_path)


@pytest.mark.parametrize("spoil", ["short", "long", "readable", "link"])
def test_a_key_that_is_none_is_made_anew_and_old_entries_are_worthless(
    cache: CodeCache, tmp_path: Path, spoil: str
) -> None:
    cache.put("a", b"x")
    key = cache.folder / "key"
    content = key.read_bytes()
    match spoil:
        case "short":
            key.write_bytes(content[:-1])
        case "long":
            key.write_bytes(content + b"!")
        case "readable":
            key.chmod(0o644)
        case _:
            (tmp_path / "elsewhere").write_bytes(content)
            key.unlink()
            key.symlink_to(tmp_path / "elsewhere")
    if spoil == "link":
        with pytest.raises(OSError, match="symbolic"):
            CodeCache(cache.folder)
        return
    assert CodeCache(cache.folder).get("a") is None
    assert len(key.read_bytes()) == KEY
    assert not key.stat().st_mode & 0o077


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = CodeCache(tmp_path / "cache", most=3 * 1100)
    for number, name in enumerate("abc"):
        cache.put(name, bytes(1000))
        for path in cache.folder.glob("*.code"):
            os.utime(path, (number, number)) if path.stat().st_mtime > 1000 else None
    assert cache.get("a") is not None  # used just now
    cache.put("d", bytes(1000))
    assert cache.get("b") is None
    assert [cache.get(name) is not None for name in "acd"] == [True, True, True]
    assert sum(path.stat().st_size for path in cache.folder.glob("*.code")) <= 3 * 1100


def test_what_is_larger_than_everything_is_not_kept(tmp_path: Path) -> None:
    cache = CodeCache(tmp_path / "cache", most=100)
    cache.put("a", bytes(1000))
    assert list(cache.folder.glob("*.code")) == []


def test_a_disk_that_fails_only_makes_it_forget(cache: CodeCache, caplog: pytest.LogCaptureFixture) -> None:
    for path in cache.folder.iterdir():
        path.unlink()
    cache.folder.rmdir()
    with caplog.at_level(logging.WARNING):
        cache.put("a", b"x")
    assert cache.get("a") is None
    assert "cannot be cached" in caplog.text


MANY = """
import sys
from pathlib import Path
from munition.engine.cache import CodeCache
cache = CodeCache(Path(sys.argv[1]), most=20_000)
for turn in range(60):
    for name in "abcdef":
        content = name.encode() * 4000
        found = cache.get(name)
        assert found is None or found == content, name
        cache.put(name, content)
print("whole")
"""


def test_many_processes_share_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    running = [
        subprocess.Popen([sys.executable, "-c", MANY, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate(timeout=120)[0] for process in running] == ["whole\n"] * 4
    assert not list(folder.glob("*.part"))


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("MUNITION_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    assert default_folder() is None
    assert open_cache() is None
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".cache" / "munition"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder() == tmp_path / ".cache" / "munition"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert default_folder() == tmp_path / "x" / "munition"
    monkeypatch.setenv("MUNITION_CACHE", "")
    assert default_folder() is None
    monkeypatch.setenv("MUNITION_CACHE", str(tmp_path / "chosen"))
    found = open_cache()
    assert found is not None
    assert found.folder == tmp_path / "chosen"


FIRES = """
import logging, sys
logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(name)s")
from munition.engine.fire import fire
from munition.engine.machine import machine
outcome = fire(bytes.fromhex(sys.argv[1]), "f", [4])
compiled = machine().workers.counts().started
print(outcome.values, outcome.fuel_used)
"""


def fires(module: bytes, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", FIRES, module.hex()],
        env={**os.environ, "MUNITION_CACHE": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


def test_eb_12_a_flipped_bit_on_disk_means_compiling_again_and_a_logged_event(
    wat: Wat, tmp_path: Path
) -> None:
    module = wat(
        '(module (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))'
    )
    folder = tmp_path / "cache"
    assert fires(module, folder) == ["(12,) 4"]
    assert fires(module, folder) == ["(12,) 4"]
    (path,) = folder.glob("*.code")
    whole = path.read_bytes()
    data = bytearray(whole)
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert fires(module, folder) == ["munition.cache", "(12,) 4"]
    assert path.read_bytes()[len(MAGIC) + TAG :][:4] == b"\x7fELF"
    assert fires(module, folder) == ["(12,) 4"]


def test_what_is_cached_depends_on_everything_the_code_depends_on(wat: Wat, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    fires(wat('(module (func (export "f") (param i32)))'), folder)
    fires(wat('(module (func (export "f") (param i32)) (func))'), folder)
    assert len(list(folder.glob("*.code"))) == 2
