# SPDX-License-Identifier: MIT
"""The files of a program: the script, and what it imports from the folders it was given.

The compiler never reads a file; it is handed texts. Which ones is decided here: only relative imports that stay inside a
given folder, only regular files, no link that leads outside.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from munition.attenuators.assemblyscript import faults
from munition.source import Source, Span

if TYPE_CHECKING:
    from munition.diagnostics import Diagnostic

_IMPORT: Final = re.compile(rb"""(?:\bfrom|\bimport)\s*(["'])((?:[^"'\\\n]){1,400})\1""")
_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9_.-]")
_MAX_FILES: Final = 1000


@dataclass(frozen=True, slots=True)
class Program:
    """The texts of a program.

    Attributes:
        entry: how the compiler calls the script.
        files: every text by the name the compiler calls it.
        diagnostics: what is wrong with the imports.
    """

    entry: str
    files: dict[str, Source]
    diagnostics: tuple[Diagnostic, ...]


def gather(source: Source, roots: tuple[Path, ...], limit: int) -> Program:
    """Find what `source` imports, and what that imports.

    Args:
        source: the script.
        roots: the folders in which files are looked for, in order; the script counts as lying in each.
        limit: bytes of all texts together.
    """
    entry = entry_name(source.name)
    files = {entry: source}
    found: list[Diagnostic] = []
    waiting = [entry]
    left = limit - len(source.text)
    while waiting and left >= 0:
        name = waiting.pop()
        for match in _IMPORT.finditer(files[name].text):
            path, span = match[2].decode("utf-8", "replace"), Span(*match.span(2))
            if not path.startswith(("./", "../")) and path not in {".", ".."}:
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            if target.startswith(("../", "/")) or target == "..":
                found.append(faults.leads_outside(path, span, files[name], name == entry))
                continue
            loaded = None if _known(target, files) else _load(target, roots, left)
            if loaded is not None and len(files) < _MAX_FILES:
                files[loaded.name] = loaded
                waiting.append(loaded.name)
                left -= len(loaded.text)
    if left < 0:
        found.append(faults.too_large(limit))
    return Program(entry, files, tuple(found))


def entry_name(name: str) -> str:
    """How the compiler calls the script: a name that means nothing to it and nothing to a terminal."""
    stem = _NOT_PLAIN.sub("_", name.rpartition("/")[2].removesuffix(".ts")).strip(".")[:80]
    return f"{stem.lstrip('-') or 'script'}.ts"


def _known(target: str, files: dict[str, Source]) -> bool:
    return any(candidate in files for candidate in _candidates(target))


def _candidates(target: str) -> tuple[str, str]:
    return f"{target.removesuffix('.ts')}.ts", f"{target}/index.ts"


def _load(target: str, roots: tuple[Path, ...], limit: int) -> Source | None:
    for root in roots:
        for candidate in _candidates(target):
            text = _read(root, candidate, limit)
            if text is not None:
                return Source(candidate, text)
    return None


def _read(root: Path, name: str, limit: int) -> bytes | None:
    """The text of a file below `root`, one byte more than `limit` at most; None if there is none."""
    try:
        base = root.resolve(strict=True)
        path = (base / name).resolve(strict=True)
        if not path.is_relative_to(base):
            return None
        # What was resolved may have been replaced since: no links, and no waiting for a pipe's other end.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            return file.read(max(0, limit) + 1)
    except (OSError, RuntimeError, ValueError):
        return None
