# SPDX-License-Identifier: MIT
"""What a WASI program has: its arguments, its environment, and its descriptors.

Descriptor 0 is always there and always at its end; 1 and 2 are the log's streams where `log` is granted; from 3 on come
the granted directories, the unnamed one first. What is opened gets the lowest free number.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from munition.host.wasi.errno import Errno, WasiError

if TYPE_CHECKING:
    from munition.host.files import Files

FIRST_DIRECTORY: Final = 3
_MAX_NUMBER: Final = 1 << 20


class Right(enum.IntFlag):
    """Rights of a descriptor, as the specification numbers them; those that reading needs, and `FD_WRITE`."""

    FD_READ = 1 << 1
    FD_SEEK = 1 << 2
    FD_TELL = 1 << 5
    FD_WRITE = 1 << 6
    FD_ADVISE = 1 << 7
    PATH_OPEN = 1 << 13
    FD_READDIR = 1 << 14
    PATH_READLINK = 1 << 15
    PATH_FILESTAT_GET = 1 << 18
    FD_FILESTAT_GET = 1 << 21
    POLL_FD_READWRITE = 1 << 27


FILE_RIGHTS: Final = (
    Right.FD_READ
    | Right.FD_SEEK
    | Right.FD_TELL
    | Right.FD_ADVISE
    | Right.FD_FILESTAT_GET
    | Right.POLL_FD_READWRITE
)
DIRECTORY_RIGHTS: Final = (
    Right.PATH_OPEN | Right.FD_READDIR | Right.PATH_READLINK | Right.PATH_FILESTAT_GET | Right.FD_FILESTAT_GET
)


CLAIMED: Final = (1 << 29) - 1
"""Rights that what is opened in a granted directory may ask for: all, so that C libraries pass on that they want to write
and are told that they cannot, instead of asking for less in silence."""

_CLAIMED_OF_DIRECTORIES: Final = 0x07FFFE00 | Right.FD_READDIR
"""Rights of a granted directory, likewise: everything that has a path, or is about the directory itself."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Standard input (0), which is empty, or one of the log's streams (1, 2)."""

    number: int


@dataclass(slots=True)
class OpenFile:
    """A regular file.

    Attributes:
        handle: its number in `Files`.
        rights: what may be done with it.
        flags: what the program set; nothing depends on it.
    """

    handle: int
    rights: int
    flags: int = 0


@dataclass(slots=True)
class OpenDirectory:
    """A directory: granted, or opened beneath one.

    Attributes:
        descriptor: the host's.
        handle: its number in `Files`; None for a granted one.
        name: how the program sees a granted one (`/` or `/NAME`); None for others.
        rights: what may be done with it.
        inheriting: what may be done with what is opened in it.
        entries: its listing, once it was asked for: type, name, serial number.
    """

    descriptor: int
    handle: int | None
    name: bytes | None
    rights: int = _CLAIMED_OF_DIRECTORIES
    inheriting: int = CLAIMED
    entries: list[tuple[int, bytes, int]] | None = None


Descriptor: TypeAlias = Stream | OpenFile | OpenDirectory


class Program:
    """See the module.

    Args:
        arguments: the first is the program's name.
        environment: `NAME=value` each.
        logs: whether 1 and 2 are there.
        files: what was granted of the file system, or None.
    """

    __slots__ = ("arguments", "environment", "files", "table")

    def __init__(
        self, arguments: tuple[bytes, ...], environment: tuple[bytes, ...], *, logs: bool, files: Files | None
    ) -> None:
        self.arguments = arguments
        self.environment = environment
        self.files = files
        streams = (0, 1, 2) if logs else (0,)
        self.table: dict[int, Descriptor] = {number: Stream(number) for number in streams}
        for number, (name, descriptor) in enumerate(_roots(files), FIRST_DIRECTORY):
            self.table[number] = OpenDirectory(descriptor, None, b"/" + name)

    def get(self, number: int) -> Descriptor:
        """What has that number.

        Raises:
            WasiError: nothing has (BADF).
        """
        found = self.table.get(number)
        if found is None:
            raise WasiError(Errno.BADF)
        return found

    def file(self, number: int, right: Right) -> OpenFile:
        """The file with that number, which may be used so.

        Raises:
            WasiError: nothing has it (BADF), a directory has it (ISDIR), or it may not (NOTCAPABLE).
        """
        found = self.get(number)
        if isinstance(found, OpenDirectory):
            raise WasiError(Errno.ISDIR)
        if not isinstance(found, OpenFile):
            raise WasiError(Errno.BADF)
        if not found.rights & right:
            raise WasiError(Errno.NOTCAPABLE)
        return found

    def directory(self, number: int) -> OpenDirectory:
        """The directory with that number.

        Raises:
            WasiError: nothing has it (BADF), or something else (NOTDIR).
        """
        found = self.get(number)
        if not isinstance(found, OpenDirectory):
            raise WasiError(Errno.NOTDIR)
        return found

    def add(self, opened: Descriptor) -> int:
        """The number of something new: the lowest that is free above the streams."""
        number = next(n for n in range(FIRST_DIRECTORY, _MAX_NUMBER) if n not in self.table)
        self.table[number] = opened
        return number

    def drop(self, number: int) -> None:
        """Close what has that number.

        Raises:
            WasiError: nothing has (BADF).
        """
        found = self.get(number)
        del self.table[number]
        if not isinstance(found, Stream) and found.handle is not None:
            assert self.files is not None
            self.files.drop(found.handle)

    def renumber(self, number: int, to: int) -> None:
        """Give what has `number` the number `to`, whose holder is closed.

        Raises:
            WasiError: one of them is free (BADF).
        """
        found = self.get(number)
        self.get(to)
        if number != to:
            self.drop(to)
            del self.table[number]
            self.table[to] = found


def _roots(files: Files | None) -> Iterator[tuple[bytes, int]]:
    if files is not None:
        yield from sorted((root.name, root.descriptor) for root in files.roots)
