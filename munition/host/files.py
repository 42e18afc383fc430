# SPDX-License-Identifier: MIT
"""What one fire has open of the file system: the granted directories, and files and directories beneath them."""

from __future__ import annotations

import enum
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from munition.host.abi import BudgetSpentError
from munition.host.beneath import LOOK, READ, open_beneath
from munition.host.paths import Code, FileError, failure, split_path
from munition.host.roots import Root, close_roots

MAX_READ: Final = 1 << 20
"""Bytes one call reads at most; the guest asks again for more."""


class Kind(enum.IntEnum):
    """What an entry of a directory is."""

    OTHER = 0
    FILE = 1
    DIRECTORY = 2


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a file, a directory or a link.

    Attributes:
        type: 3 directory, 4 regular file, 7 symbolic link, 0 anything else: the numbers of WASI.
        size: bytes; of a directory 0.
        serial: tells the files of one file system apart.
        changed: when it was last written, in nanoseconds since 1970.
    """

    type: int
    size: int
    serial: int
    changed: int

    @classmethod
    def of(cls, found: os.stat_result) -> Status:
        """What `stat` says, without what concerns the host alone."""
        type_ = _TYPES.get(stat.S_IFMT(found.st_mode), 0)
        size = 0 if type_ == _DIRECTORY_TYPE else found.st_size
        return cls(type_, size, found.st_ino, found.st_mtime_ns)


_DIRECTORY_TYPE: Final = 3
_TYPES: Final = {stat.S_IFDIR: _DIRECTORY_TYPE, stat.S_IFREG: 4, stat.S_IFLNK: 7}


@dataclass(slots=True)
class Open:
    """Something the guest has opened.

    Attributes:
        descriptor: of the file or directory; None for the directory `/` when all roots have names.
        kind: file or directory.
        names: names of the roots that lie in this directory.
        listing: its entries, once they were asked for.
        listed: how many of them were given out.
    """

    descriptor: int | None
    kind: Kind
    names: tuple[bytes, ...] = ()
    listing: list[tuple[Kind, bytes]] | None = None
    listed: int = 0


class Files:
    """The files of one fire.

    Args:
        roots: open directories, which `close` closes.
        max_read: bytes that may be read in all.
        max_open: how much may be open at once.
        one_filesystem: whether what is mounted beneath a root stays out.
    """

    __slots__ = ("_by_name", "_last", "_left", "_max_open", "_one_filesystem", "_open", "roots")

    def __init__(
        self, roots: tuple[Root, ...], max_read: int, max_open: int, *, one_filesystem: bool = False
    ) -> None:
        self.roots = roots
        self._one_filesystem = one_filesystem
        self._by_name = {root.name: root.descriptor for root in roots}
        self._left = max_read
        self._max_open = max_open
        self._open: dict[int, Open] = {}
        self._last = 0

    def close(self) -> None:
        """Close everything; nothing can be opened any more."""
        for number in tuple(self._open):
            self.drop(number)
        roots, self.roots = self.roots, ()
        self._by_name = {}
        close_roots(roots)

    def open(self, path: bytes) -> int:
        """Open a file or directory; the number it has in this fire. Numbers are not used again.

        Raises:
            FileError: there is no such thing, or it may not be opened.
        """
        self._check_room()
        parts = split_path(path)
        names = () if parts else tuple(sorted(name for name in self._by_name if name))
        place = self._place(parts)
        return self._add(
            Open(None, Kind.DIRECTORY, names) if place is None else replace(self._opened(*place), names=names)
        )

    def open_at(self, base: int, path: bytes, *, follow: bool) -> tuple[int, Open]:
        """As `open`, beneath a directory that is open: a root's descriptor, or one of an `Open`.

        Args:
            base: the directory.
            path: from `tidy_path`.
            follow: whether the last component may be a link.

        Raises:
            FileError: see `open`; also `LOOP` for a link that must not be followed.
        """
        self._check_room()
        opened = self._opened(base, path, follow=follow)
        return self._add(opened), opened

    def _check_room(self) -> None:
        if len(self._open) >= self._max_open:
            raise FileError(Code.TOO_MANY_OPEN)

    def _add(self, opened: Open) -> int:
        self._last += 1
        self._open[self._last] = opened
        return self._last

    def _opened(self, base: int, path: bytes, *, follow: bool = True) -> Open:
        self._look(base, path, follow=follow)
        descriptor = self._reach(base, path, READ, follow=follow)
        try:
            kind, _ = _examine(descriptor)  # again: it may be something else by now
        except FileError:
            os.close(descriptor)
            raise
        return Open(descriptor, kind)

    def _reach(self, base: int, path: bytes, flags: int, *, follow: bool = True) -> int:
        flags |= 0 if follow else os.O_NOFOLLOW
        try:
            return open_beneath(base, path, flags, one_filesystem=self._one_filesystem)
        except OSError as error:
            raise failure(error) from None

    def _look(self, base: int, path: bytes, *, follow: bool = True) -> tuple[Kind, int]:
        """Kind and size of what a path leads to, without opening it for reading where the system can do that."""
        descriptor = self._reach(base, path, LOOK, follow=follow)
        try:
            return _examine(descriptor)
        finally:
            os.close(descriptor)

    def status_at(self, base: int, path: bytes, *, follow: bool) -> Status:
        """What is at a path beneath a directory that is open; of a link, if it is not followed, itself.

        Raises:
            FileError: there is no such thing.
        """
        descriptor = self._reach(base, path, LOOK, follow=follow)
        try:
            return Status.of(os.fstat(descriptor))
        finally:
            os.close(descriptor)

    def link_at(self, base: int, path: bytes) -> bytes:
        """Where a link leads.

        Raises:
            FileError: there is no such thing, or (`INVALID`) it is no link.
        """
        descriptor = self._reach(base, path, LOOK, follow=False)
        try:
            return os.readlink(b"", dir_fd=descriptor)
        except OSError:
            raise FileError(Code.INVALID) from None
        finally:
            os.close(descriptor)

    def size(self, path: bytes) -> int:
        """Bytes of a file.

        Raises:
            FileError: it cannot be opened, or (`IS_DIRECTORY`) is a directory.
        """
        place = self._place(split_path(path))
        kind, size = (Kind.DIRECTORY, 0) if place is None else self._look(*place)
        if kind is Kind.DIRECTORY:
            raise FileError(Code.IS_DIRECTORY)
        return size

    def _place(self, parts: tuple[bytes, ...]) -> tuple[int, bytes] | None:
        """The root a path leads into and the rest of it; None for `/` itself when all roots have names."""
        if parts and parts[0] in self._by_name:
            return self._by_name[parts[0]], b"/".join(parts[1:]) or b"."
        unnamed = self._by_name.get(b"")
        if unnamed is not None:
            return unnamed, b"/".join(parts) or b"."
        if parts or not self._by_name:
            raise FileError(Code.NO_ENTRY)
        return None

    def get(self, number: int) -> Open:
        """What has that number.

        Raises:
            FileError: nothing has.
        """
        found = self._open.get(number)
        if found is None:
            raise FileError(Code.BAD_HANDLE)
        return found

    def file(self, number: int) -> int:
        """The descriptor of the file with that number.

        Raises:
            FileError: nothing has it, or a directory.
        """
        found = self.get(number)
        if found.kind is Kind.DIRECTORY or found.descriptor is None:
            raise FileError(Code.IS_DIRECTORY)
        return found.descriptor

    def drop(self, number: int) -> None:
        """Close what has that number.

        Raises:
            FileError: nothing has.
        """
        found = self.get(number)
        del self._open[number]
        if found.descriptor is not None:
            os.close(found.descriptor)

    def read(self, number: int, length: int, offset: int | None = None) -> bytes:
        """Up to `length` bytes, at most `MAX_READ`, from the position or from `offset`; none at the end.

        Raises:
            FileError: see `file`.
            BudgetSpentError: more than may be read in all.
        """
        descriptor = self.file(number)
        # One byte more than is left tells a file that ends there from one that goes on.
        wanted = min(length, MAX_READ, self._left + 1)
        try:
            data = os.read(descriptor, wanted) if offset is None else os.pread(descriptor, wanted, offset)
        except OSError as error:
            raise failure(error) from None
        if len(data) > self._left:
            raise BudgetSpentError("the program read more from files than it may", "read")
        self._left -= len(data)
        return data

    def seek(self, number: int, offset: int, whence: int) -> int:
        """Move in a file: the new position.

        Raises:
            FileError: see `file`; also `INVALID` for a place before the start.
        """
        descriptor = self.file(number)
        try:
            return os.lseek(descriptor, offset, whence)
        except OSError:
            raise FileError(Code.INVALID) from None

    def status(self, number: int) -> Status:
        """What a file is.

        Raises:
            FileError: see `file`.
        """
        return Status.of(os.fstat(self.file(number)))

    def scan(self, descriptor: int, most: int) -> Iterator[os.DirEntry[str]]:
        """The entries of a directory that is open, in no order.

        Raises:
            FileError: it cannot be read, or (`TOO_LARGE`) has more than `most`.
        """
        again = self._reach(
            descriptor, b".", READ
        )  # a root was opened only to look; and this has a position of its own
        try:
            with os.scandir(again) as entries:
                for count, entry in enumerate(entries):
                    if count == most:
                        raise FileError(Code.TOO_LARGE)
                    yield entry
        except OSError as error:
            raise failure(error) from None
        finally:
            os.close(again)


def _examine(descriptor: int) -> tuple[Kind, int]:
    """Kind and size of what is open.

    Raises:
        FileError: it is neither a regular file nor a directory.
    """
    found = os.fstat(descriptor)
    if stat.S_ISDIR(found.st_mode):
        return Kind.DIRECTORY, 0
    if not stat.S_ISREG(found.st_mode):
        raise FileError(Code.LOOP if stat.S_ISLNK(found.st_mode) else Code.NO_ACCESS)
    return Kind.FILE, found.st_size
