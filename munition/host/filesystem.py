# SPDX-License-Identifier: MIT
"""The capability `filesystem_read`: regular files and directories beneath the granted ones, for reading.

A guest names files by paths of its own tree: the unnamed root is `/`, a named one `/NAME`, and what is not absolute is
relative to `/`. Every failure is a number of `Code`, and whatever lies outside of the roots fails exactly as if it did
not exist. No path of the host crosses.
"""

from __future__ import annotations

import enum
import errno
import os
import re
import stat
import struct
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from munition.host.abi import BudgetSpentError
from munition.host.beneath import LOOK, READ, open_beneath
from munition.host.roots import Root, close_roots

if TYPE_CHECKING:
    from munition.host.abi import Context

MAX_PATH: Final = 4096
MAX_COMPONENTS: Final = 128
MAX_READ: Final = 1 << 20
"""Bytes one call reads at most; the guest asks again for more."""

ENTRY_FUEL: Final = 100
"""What each entry of a directory costs when its listing is made."""


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


def _failure(error: OSError) -> FileError:
    return FileError(_CODES.get(error.errno or 0, Code.IO))


# --- names ---

_DEVICE: Final = re.compile(rb"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def _is_odd(name: bytes) -> bool:
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
    if not path or any(map(_is_odd, parts)):
        raise FileError(Code.NO_ENTRY)
    if len(parts) > MAX_COMPONENTS:
        raise FileError(Code.NAME_TOO_LONG)
    return (*parts, b"") if parts and path.endswith((b"/", b"/.")) else tuple(parts)


# --- what is open ---


class Kind(enum.IntEnum):
    """What an entry of a directory is."""

    OTHER = 0
    FILE = 1
    DIRECTORY = 2


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
    """

    __slots__ = ("_by_name", "_last", "_left", "_max_open", "_open", "_roots")

    def __init__(self, roots: tuple[Root, ...], max_read: int, max_open: int) -> None:
        self._roots = roots
        self._by_name = {root.name: root.descriptor for root in roots}
        self._left = max_read
        self._max_open = max_open
        self._open: dict[int, Open] = {}
        self._last = 0

    def close(self) -> None:
        """Close everything; nothing can be opened any more."""
        for number in tuple(self._open):
            self.drop(number)
        roots, self._roots = self._roots, ()
        self._by_name = {}
        close_roots(roots)

    def open(self, path: bytes) -> int:
        """Open a file or directory; the number it has in this fire. Numbers are not used again.

        Raises:
            FileError: there is no such thing, or it may not be opened.
        """
        if len(self._open) >= self._max_open:
            raise FileError(Code.TOO_MANY_OPEN)
        opened = self._opened(split_path(path))
        self._last += 1
        self._open[self._last] = opened
        return self._last

    def _opened(self, parts: tuple[bytes, ...]) -> Open:
        names = () if parts else tuple(sorted(name for name in self._by_name if name))
        place = self._place(parts)
        if place is None:
            return Open(None, Kind.DIRECTORY, names)
        _look(*place)
        descriptor = _open(*place, READ)
        try:
            kind, _ = _examine(descriptor)  # again: it may be something else by now
        except FileError:
            os.close(descriptor)
            raise
        return Open(descriptor, kind, names)

    def size(self, path: bytes) -> int:
        """Bytes of a file.

        Raises:
            FileError: it cannot be opened, or (`IS_DIRECTORY`) is a directory.
        """
        place = self._place(split_path(path))
        kind, size = (Kind.DIRECTORY, 0) if place is None else _look(*place)
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

    def read(self, number: int, length: int) -> bytes:
        """Up to `length` bytes, at most `MAX_READ`; none at the end.

        Raises:
            FileError: see `file`.
            BudgetSpentError: more than may be read in all.
        """
        descriptor = self.file(number)
        # One byte more than is left tells a file that ends there from one that goes on.
        try:
            data = os.read(descriptor, min(length, MAX_READ, self._left + 1))
        except OSError as error:
            raise _failure(error) from None
        if len(data) > self._left:
            raise BudgetSpentError("the program read more from files than it may", "read")
        self._left -= len(data)
        return data


def _open(root: int, path: bytes, flags: int) -> int:
    try:
        return open_beneath(root, path, flags)
    except OSError as error:
        raise _failure(error) from None


def _examine(descriptor: int) -> tuple[Kind, int]:
    """Kind and size of what is open.

    Raises:
        FileError: it is neither a regular file nor a directory.
    """
    found = os.fstat(descriptor)
    if stat.S_ISDIR(found.st_mode):
        return Kind.DIRECTORY, 0
    if not stat.S_ISREG(found.st_mode):
        raise FileError(Code.NO_ACCESS)
    return Kind.FILE, found.st_size


def _look(root: int, path: bytes) -> tuple[Kind, int]:
    """Kind and size of what a path leads to, without opening it for reading where the system can do that."""
    descriptor = _open(root, path, LOOK)
    try:
        return _examine(descriptor)
    finally:
        os.close(descriptor)


# --- listings ---

_ENTRY: Final = struct.Struct("<BH")


def _entries(found: Open, context: Context) -> list[tuple[Kind, bytes]]:
    """The entries of a directory in the order of their names; what a guest could not name is left out."""
    if found.listing is None:
        kinds = dict.fromkeys(found.names, Kind.DIRECTORY)
        if found.descriptor is not None:
            kinds = _scan(found.descriptor, context) | kinds
        found.listing = sorted(((kind, name) for name, kind in kinds.items()), key=lambda item: item[1])
    return found.listing


def _scan(descriptor: int, context: Context) -> dict[bytes, Kind]:
    kinds: dict[bytes, Kind] = {}
    try:
        with os.scandir(descriptor) as entries:
            for count, entry in enumerate(entries):
                if count == context.budget.entries:
                    raise FileError(Code.TOO_LARGE)
                context.charge(ENTRY_FUEL)
                name = os.fsencode(entry.name)
                if not _is_odd(name):
                    kinds[name] = _kind_of(entry)
    except OSError as error:
        raise _failure(error) from None
    return kinds


def _kind_of(entry: os.DirEntry[str]) -> Kind:
    if entry.is_dir(follow_symlinks=False):
        return Kind.DIRECTORY
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.OTHER


def _page(entries: list[tuple[Kind, bytes]], first: int, room: int) -> tuple[bytes, int]:
    """As many of the entries from `first` on as fit, encoded, and how many these are."""
    page = bytearray()
    count = 0
    for kind, name in islice(entries, first, None):
        if len(page) + _ENTRY.size + len(name) > room:
            break
        page += _ENTRY.pack(kind, len(name)) + name
        count += 1
    return bytes(page), count


# --- the host functions ---


def _files(context: Context) -> Files:
    assert context.files is not None, "the engine links these functions only for fires that have files"
    return context.files


def _path(context: Context, address: int, length: int) -> bytes:
    """A path out of the guest's memory; of one that is too long no more than shows that it is."""
    return context.memory.read(address, min(length, MAX_PATH + 1))


def open_(context: Context, address: int, length: int) -> int:
    """Open the file or directory whose path lies at (address, length); its handle, or a negated `Code`.

    Raises:
        GuestFaultError: a range outside the memory.
    """
    try:
        return _files(context).open(_path(context, address, length))
    except FileError as error:
        return -error.code


def close(context: Context, handle: int) -> int:
    """Close a handle: 0, or a negated `Code`."""
    try:
        _files(context).drop(handle)
    except FileError as error:
        return -error.code
    return 0


def read(context: Context, handle: int, address: int, length: int) -> int:
    """Read on in a file: how many bytes now lie at `address` (0 at the end, else perhaps fewer than asked for).

    Raises:
        GuestFaultError: a range outside the memory.
        BudgetSpentError: more than may be read in all.
    """
    try:
        data = _files(context).read(handle, length)
    except FileError as error:
        return -error.code
    context.memory.write(address, data)
    return len(data)


def seek(context: Context, handle: int, offset: int, whence: int) -> int:
    """Go to `offset` from the start (0), from here (1) or from the end (2): the new position, or a negated `Code`."""
    if whence not in (os.SEEK_SET, os.SEEK_CUR, os.SEEK_END):
        return -Code.INVALID
    try:
        return os.lseek(_files(context).file(handle), offset, whence)
    except FileError as error:
        return -error.code
    except OSError:
        return -Code.INVALID


def size(context: Context, address: int, length: int) -> int:
    """The size of the file at a path, in bytes, or a negated `Code`: `IS_DIRECTORY` for a directory.

    Raises:
        GuestFaultError: a range outside the memory.
    """
    try:
        return _files(context).size(_path(context, address, length))
    except FileError as error:
        return -error.code


def list_(context: Context, handle: int, address: int, length: int) -> int:
    """Go on listing a directory: how many bytes of entries now lie at `address`, 0 when there are no more.

    An entry is a `Kind` (u8), the length of its name (u16) and the name. The listing is made at the first call.

    Raises:
        GuestFaultError: a range outside the memory.
        FuelSpentError: not enough fuel for its entries.
    """
    try:
        found = _files(context).get(handle)
        if found.kind is not Kind.DIRECTORY:
            return -Code.NOT_DIRECTORY
        entries = _entries(found, context)
    except FileError as error:
        return -error.code
    page, count = _page(entries, found.listed, min(length, MAX_READ))
    if not count and found.listed < len(entries):
        return -Code.INVALID
    context.memory.write(address, page)
    found.listed += count
    return len(page)
