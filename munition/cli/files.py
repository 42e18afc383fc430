# SPDX-License-Identifier: MIT
"""Writing results: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from munition.cli.inputs import STDIN
from munition.cli.terminal import put_bytes
from munition.errors import UsageError


def write_result(path: str, data: bytes) -> None:
    """Write `data` to a file, or to standard output for `-`.

    A regular file appears under its name only when it is complete; anything else (a pipe, a device) is written to.

    Raises:
        UsageError: it cannot be written.
        OutputError: standard output cannot be written.
    """
    if path == STDIN:
        put_bytes(data)
        return
    target = Path(path)
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(target.resolve(), data)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None


def _replace(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
