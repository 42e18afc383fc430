# SPDX-License-Identifier: MIT
"""Machine code on disk, authenticated: what another process of this installation compiled need not be compiled again.

The engine runs whatever it is given as machine code, so nothing leaves `get` that this installation did not write: each
entry begins with an HMAC-SHA256 over its name and its content, under a key only the user can read. An entry that fails
is removed and logged. Entries are written beside and renamed, so a reader sees a whole one or none.
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

MAGIC: Final = b"munition-code-1\n"
TAG: Final = 32
KEY: Final = 32
MAX_ENTRY: Final = 1 << 30
MAX_TOTAL: Final = 512 << 20
"""Bytes of all entries together, unless chosen otherwise."""

_SUFFIX: Final = ".code"
_LOG: Final = logging.getLogger("munition.cache")


class CodeCache:
    """A folder of entries. Safe from many threads and processes; a failure of the disk only makes it forget.

    Args:
        folder: made if need be, for the user alone.
        most: bytes of all entries together; the least recently used go first.

    Raises:
        OSError: the folder cannot be used, belongs to another user, or others can write to it.
    """

    def __init__(self, folder: Path, most: int = MAX_TOTAL) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(folder.stat(), str(folder))
        self._folder = folder
        self._most = most
        self._key = _key(folder)

    @property
    def folder(self) -> Path:
        """Where the entries lie."""
        return self._folder

    def get(self, name: str) -> bytes | None:
        """What was kept under `name`, if it is there and whole."""
        path = self._path(name)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_ENTRY + 1)
        except OSError:
            return None
        body = len(MAGIC) + TAG
        tag, content = data[len(MAGIC) : body], memoryview(data)[body:]
        if not hmac.compare_digest(tag, self._tag(name, content)) or data[: len(MAGIC)] != MAGIC:
            _LOG.warning("a cached module was changed by someone else and is compiled again: %s", path)
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return bytes(content)

    def put(self, name: str, content: bytes) -> None:
        """Keep `content` under `name`; what does not fit is not kept."""
        size = len(MAGIC) + TAG + len(content)
        if size > min(self._most, MAX_ENTRY):
            return
        beside = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            with _create(beside) as file:
                file.write(MAGIC)
                file.write(self._tag(name, content))
                file.write(content)
            beside.replace(self._path(name))
        except OSError as error:
            _LOG.warning("a compiled module cannot be cached: %s", error)
            with contextlib.suppress(OSError):
                beside.unlink()
            return
        self._evict()

    def _path(self, name: str) -> Path:
        return self._folder / f"{sha256(name.encode()).hexdigest()}{_SUFFIX}"

    def _tag(self, name: str, content: bytes | memoryview) -> bytes:
        if len(content) > _ONE_SHOT:
            made = hmac.new(self._key, sha256(name.encode()).digest(), sha256)
            made.update(content)
            return made.digest()
        return hmac.digest(self._key, sha256(name.encode()).digest() + bytes(content), "sha256")

    def _evict(self) -> None:
        """Remove the entries used longest ago until the rest fits, and what writers that died left."""
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.iterdir():
            with contextlib.suppress(OSError):
                seen = path.stat()
                if path.suffix == _SUFFIX:
                    found.append((seen.st_mtime, seen.st_size, path))
                elif path.suffix == ".part" and seen.st_mtime < _newest(found) - _STALE:
                    path.unlink()
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._most:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size


_ONE_SHOT: Final = 1 << 16
_STALE: Final = 3600.0


def _newest(found: list[tuple[float, int, Path]]) -> float:
    return max((when for when, _, _ in found), default=0.0)


def _check_private(seen: os.stat_result, path: str) -> None:
    if seen.st_uid != os.getuid():
        raise PermissionError(1, "it belongs to another user", path)
    if seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(1, "others can write to it", path)


def _create(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def _key(folder: Path) -> bytes:
    """The key of this installation, made by whoever comes first."""
    path = folder / "key"
    for _ in range(3):
        with contextlib.suppress(FileNotFoundError):
            found = _read_key(path)
            if found is not None:
                return found
        beside = folder / f".{secrets.token_hex(8)}.part"
        with _create(beside) as file:
            file.write(secrets.token_bytes(KEY))
        try:
            with contextlib.suppress(FileExistsError):
                os.link(beside, path)  # whole from the first moment, and only one wins
        finally:
            beside.unlink()
    raise OSError(5, "the key of the cache cannot be made", str(path))


def _read_key(path: Path) -> bytes | None:
    """The key; None when the file is none, which is removed: its entries are worthless then."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        seen = os.fstat(descriptor)
        key = file.read(KEY + 1)
    if (
        len(key) == KEY
        and stat.S_ISREG(seen.st_mode)
        and not seen.st_mode & 0o077
        and seen.st_uid == os.getuid()
    ):
        return key
    _LOG.warning("the key of the code cache is made anew: %s", path)
    with contextlib.suppress(OSError):
        path.unlink()
    return None


def default_folder() -> Path | None:
    """Where this user's cache lies; None when there is to be none, or no place for it."""
    chosen = os.environ.get("MUNITION_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    home = Path(os.environ.get("HOME", ""))
    if base.is_absolute():
        return base / "munition"
    return home / ".cache" / "munition" if home.is_absolute() else None


def open_cache() -> CodeCache | None:
    """The cache of this user, if it can be used; why not is logged."""
    folder = default_folder()
    if folder is None:
        return None
    try:
        return CodeCache(folder)
    except OSError as error:
        _LOG.info("no code cache: %s", error)
        return None
