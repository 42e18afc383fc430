# SPDX-License-Identifier: MIT
"""Which file a module's name stands for: `a.b` is `a/b.lua` or `a/b/init.lua` in one of the given folders.

Nothing outside of these folders is read, however the name or the folder is made: names have no way up, a link must lead
to a file inside, and only regular files count.
"""

from __future__ import annotations

import difflib
import os
import stat
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

_SEPARATORS: Final = str.maketrans("/", ".")
_MAX_NAME: Final = 200
_MAX_LISTED: Final = 2000


class Found(Struct, frozen=True):
    """A file inside a root: its own path, and how messages call it (relative to the root)."""

    path: Path
    shown: str


class NotAName(Struct, frozen=True):
    """The text cannot name a module."""


class NotThere(Struct, frozen=True):
    """No root has such a file; `looked` are the places tried, relative to a root."""

    looked: tuple[str, ...]


class Outside(Struct, frozen=True):
    """The file is a link that leads out of its root."""

    shown: str


Place: TypeAlias = Found | NotAName | NotThere | Outside


def find_module(name: bytes, roots: tuple[Path, ...]) -> Place:
    """Look for a module in the roots, in order. Nothing is read."""
    parts = _parts(name)
    if parts is None:
        return NotAName()
    stem = "/".join(parts)
    candidates = (f"{stem}.lua", f"{stem}/init.lua")
    for root in roots:
        for shown in candidates:
            place = _look(root, shown)
            if place is not None:
                return place
    return NotThere(candidates)


def _parts(name: bytes) -> list[str] | None:
    """The folders and the file a name is made of. A dot or a slash divides them, so none is `.` or `..`."""
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return None
    parts = text.translate(_SEPARATORS).split(".")
    usable = all(part and part.isprintable() and not set(part) & {"\\", ":"} for part in parts)
    return parts if usable and len(text) <= _MAX_NAME else None


def _look(root: Path, shown: str) -> Found | Outside | None:
    try:
        base = root.resolve(strict=True)
        path = (base / shown).resolve(strict=True)
        if not path.is_file():
            return None
    except (OSError, RuntimeError):  # RuntimeError: links in a circle
        return None
    return Found(path, shown) if path.is_relative_to(base) else Outside(shown)


def read_module(found: Found, limit: int) -> bytes:
    """The text of a module, one byte more than `limit` at most, so that too much can be told.

    Raises:
        OSError: it cannot be read, or is no regular file any more.
    """
    # What find_module saw may have been replaced since: no links, and no waiting for a pipe's other end.
    flags = (
        os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    )
    with os.fdopen(os.open(found.path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{found.shown} is no regular file")
        return file.read(limit + 1)


def near_module(name: str, roots: tuple[Path, ...]) -> str | None:
    """The name of a module on the first level of a root that is almost `name`."""
    names: set[str] = set()
    for root in roots:
        try:
            with os.scandir(root) as entries:
                listed = sorted(entry.name for entry in islice(entries, _MAX_LISTED))
        except OSError:
            continue
        names.update(n.removesuffix(".lua") for n in listed if n.endswith(".lua") and n.isprintable())
    return next(iter(difflib.get_close_matches(name[:64], sorted(names), n=1, cutoff=0.7)), None)
