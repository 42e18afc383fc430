# SPDX-License-Identifier: MIT
"""Reading what a command is given, never more of it than its limit."""

from __future__ import annotations

import contextlib
import stat
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from munition.cli.alarm import within
from munition.cli.failure import CommandError
from munition.cli.options import size_text
from munition.errors import InvalidModuleError, UsageError

if TYPE_CHECKING:
    from munition.source import Source

STDIN: Final = "-"
MAGIC: Final = b"\0asm"
MAX_MODULE: Final = 256 << 20
MAX_JSON: Final = 64 << 20
PATIENCE: Final = 5.0
"""Seconds to wait for somebody at the other end of a pipe that has a name."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file that was read.

    Attributes:
        name: how it is called in messages: as it was given, `<stdin>` for standard input.
        data: its bytes.
    """

    name: str
    data: bytes

    @property
    def is_module(self) -> bool:
        """Whether the bytes begin as a WebAssembly binary does."""
        return self.data.startswith(MAGIC)


def read(path: str, limit: int, flag: str | None = None, *, reason: str = "source") -> Input:
    """Read a file, or standard input for `-`, of at most `limit` bytes.

    Raises:
        UsageError: it cannot be opened.
        CommandError: of kind `limit`, when it is larger; `flag` names the option that raises the limit.
    """
    name = "<stdin>" if path == STDIN else path
    with _opened(path, name) as file:
        return Input(name, _read_up_to(file, limit, name, flag, reason))


def read_either(path: str, max_source: int) -> Input:
    """Read a script or a module, whichever it is; each has its own limit.

    Raises:
        UsageError: it cannot be opened.
        CommandError: it is too large.
    """
    name = "<stdin>" if path == STDIN else path
    with _opened(path, name) as file:
        head = file.read(len(MAGIC))
        limits = (MAX_MODULE, None, "compile") if head == MAGIC else (max_source, "--max-source", "source")
        limit, flag, reason = limits
        return Input(name, head + _read_up_to(file, max(0, limit - len(head)), name, flag, reason))


@contextlib.contextmanager
def _opened(path: str, name: str) -> Generator[IO[bytes]]:
    """The file, with every failure to open or read it as a `UsageError`."""
    if path == STDIN and sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - closed (`<&-`)
        raise UsageError("standard input is closed")
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if path == STDIN else _open(path) as file:
            yield file
    except UsageError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UsageError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None


def _open(path: str) -> IO[bytes]:
    if stat.S_ISFIFO(Path(path).stat().st_mode):
        with within(PATIENCE, UsageError(f"cannot read {path}: nobody writes to this pipe")):
            return Path(path).open("rb")
    return Path(path).open("rb")


def _read_up_to(file: IO[bytes], limit: int, name: str, flag: str | None, reason: str) -> bytes:
    data = file.read(limit + 1)
    if len(data) > limit:
        help_text = f"raise the limit with {flag} SIZE" if flag else None
        raise CommandError("limit", reason, f"{name} is larger than {size_text(limit)}", help=help_text)
    return data


def read_module(path: str) -> Input:
    """Read a WebAssembly binary.

    Raises:
        UsageError: it cannot be opened.
        InvalidModuleError: it does not begin as one; the message says what it may be instead.
        CommandError: it is too large.
    """
    found = read(path, MAX_MODULE, reason="compile")
    require_module(found)
    return found


def require_module(found: Input) -> None:
    """Refuse what is no WebAssembly binary, saying what it looks like and what to do with it.

    Raises:
        InvalidModuleError: always when `found` is no core module.
    """
    from munition.wasm.header import check_header

    try:
        check_header(found.data)
    except InvalidModuleError as error:
        text = f"{found.name}: {error}"
        if b"\0" not in found.data[:512] and error.code == "E201":
            text += "; a script is compiled by `munition compile` and run by `munition run`"
        raise InvalidModuleError(text, code=error.code) from None


def source_of(found: Input) -> Source:
    """The text of a script, named as it was given but never by an absolute path.

    Raises:
        InvalidModuleError: the file is called `.wasm` but holds something else.
    """
    from munition.source import Source, shown_name

    if found.name.lower().endswith(".wasm"):
        require_module(found)
    name = found.name
    return Source(shown_name(Path(name).name if Path(name).is_absolute() else name), found.data)
