# SPDX-License-Identifier: MIT
"""Writing results: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from munition.cli.alarm import within
from munition.cli.inputs import PATIENCE, STDIN
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
        mode = _mode(target)
        if mode is None or stat.S_ISREG(mode):
            _replace(target.resolve(), data)
        else:
            nobody = UsageError(f"cannot write {path}: nobody reads from this pipe")
            with within(PATIENCE, nobody) if stat.S_ISFIFO(mode) else contextlib.nullcontext():
                file = target.open("wb")
            with file:
                file.write(data)
    except UsageError:
        raise
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None


def _mode(target: Path) -> int | None:
    """What `target` is, or the file it links to; None if there is nothing yet."""
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(target: Path, data: bytes) -> None:
    # Not by `tempfile`: importing that takes longer than to compile a small script.
    beside = target.with_name(f".{target.name[:40]}.{os.urandom(8).hex()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
