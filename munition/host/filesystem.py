# SPDX-License-Identifier: MIT
"""The capability `filesystem_read`: regular files and directories beneath the granted ones, for reading.

A guest names files by paths of its own tree: the unnamed root is `/`, a named one `/NAME`, and what is not absolute is
relative to `/`. Every failure is a number of `Code`, and whatever lies outside of the roots fails exactly as if it did
not exist. No path of the host crosses.
"""

from __future__ import annotations

import os
import struct
from itertools import islice
from typing import TYPE_CHECKING, Final

from munition.host.files import MAX_READ, Files, Kind, Open
from munition.host.paths import MAX_PATH, Code, FileError, is_odd

if TYPE_CHECKING:
    from munition.host.abi import Context

ENTRY_FUEL: Final = 100
"""What each entry of a directory costs when its listing is made."""

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
    for entry in _files(context).scan(descriptor, context.budget.entries):
        context.charge(ENTRY_FUEL)
        name = os.fsencode(entry.name)
        if not is_odd(name):
            kinds[name] = _kind_of(entry)
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
        return _files(context).seek(handle, offset, whence)
    except FileError as error:
        return -error.code


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
