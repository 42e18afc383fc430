# SPDX-License-Identifier: MIT
"""Names of files as a guest gives them, and the numbers that say why something failed."""

from __future__ import annotations

import enum
import errno
import re
from typing import Final

MAX_PATH: Final = 4096
MAX_COMPONENTS: Final = 128


class Code(enum.IntEnum):
    """Why something failed: Linux's numbers on every system; functions return them negated."""

    NO_ENTRY = 2
    IO = 5
    BAD_HANDLE = 9
    NO_ACCESS = 13
    NOT_DIRECTORY = 20
    IS_DIRECTORY = 21
    INVALID = 22
    TOO_MANY_OPEN = 24
    TOO_LARGE = 27
    NAME_TOO_LONG = 36
    LOOP = 40


_CODES: Final = {
    errno.ENOENT: Code.NO_ENTRY,
    errno.EXDEV: Code.NO_ENTRY,
    errno.ELOOP: Code.NO_ENTRY,
    errno.EACCES: Code.NO_ACCESS,
    errno.EPERM: Code.NO_ACCESS,
    errno.ENXIO: Code.NO_ACCESS,
    errno.ENOTDIR: Code.NOT_DIRECTORY,
    errno.EISDIR: Code.IS_DIRECTORY,
    errno.EINVAL: Code.INVALID,
    errno.EMFILE: Code.TOO_MANY_OPEN,
    errno.ENFILE: Code.TOO_MANY_OPEN,
    errno.ENAMETOOLONG: Code.NAME_TOO_LONG,
}


class FileError(Exception):
    """Something failed in a way the guest is told.

    Attributes:
        code: why.
    """

    def __init__(self, code: Code) -> None:
        """Keep the code."""
        super().__init__(code.name)
        self.code = code


def failure(error: OSError) -> FileError:
    """What a guest is told of an error of the system."""
    return FileError(_CODES.get(error.errno or 0, Code.IO))


# --- names ---

_DEVICE: Final = re.compile(rb"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def is_odd(name: bytes) -> bool:
    """Whether a name means something else on some system: drives, streams, devices, what Windows cuts off."""
    if name in (b".", b".."):
        return False
    return b"\\" in name or b":" in name or name[-1:] in b". " or _DEVICE.fullmatch(name) is not None


def split_path(path: bytes) -> tuple[bytes, ...]:
    """The components of a guest's path; the last is empty when it ends in a slash.

    Raises:
        FileError: it is no path, or one that is refused on every system.
    """
    if len(path) > MAX_PATH:
        raise FileError(Code.NAME_TOO_LONG)
    if b"\0" in path:
        raise FileError(Code.INVALID)
    parts = [part for part in path.split(b"/") if part not in (b"", b".")]
    if not path or any(map(is_odd, parts)):
        raise FileError(Code.NO_ENTRY)
    if len(parts) > MAX_COMPONENTS:
        raise FileError(Code.NAME_TOO_LONG)
    return (*parts, b"") if parts and path.endswith((b"/", b"/.")) else tuple(parts)


def tidy_path(path: bytes) -> bytes:
    """A path for the system, relative to some directory: never empty, a slash at its end kept.

    Raises:
        FileError: see `split_path`.
    """
    return b"/".join(split_path(path)) or b"."
