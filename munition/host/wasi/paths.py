# SPDX-License-Identifier: MIT
"""Paths beneath granted directories: opening, looking, listing. Nothing can be changed."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final

from munition.host.files import Kind
from munition.host.filesystem import ENTRY_FUEL
from munition.host.paths import MAX_PATH, FileError, is_odd, tidy_path
from munition.host.wasi.descriptors import (
    TYPE_DIRECTORY,
    TYPE_FILE,
    TYPE_LINK,
    TYPE_UNKNOWN,
    files_of,
    filestat,
)
from munition.host.wasi.errno import Errno, WasiError
from munition.host.wasi.memory import MAX_TRANSFER, put_u32
from munition.host.wasi.process import program_of
from munition.host.wasi.program import CLAIMED, FILE_RIGHTS, OpenDirectory, OpenFile, Right

if TYPE_CHECKING:
    from munition.host.abi import Context

_FOLLOW: Final = 1
_CREATE, _DIRECTORY, _EXCLUSIVE, _TRUNCATE = 1, 2, 4, 8
_DIRENT: Final = struct.Struct("<QQIBxxx")
_U64: Final = (1 << 64) - 1


def _path(context: Context, address: int, length: int) -> bytes:
    """A path of a guest, relative to a directory of its own.

    Raises:
        WasiError: an absolute one (NOTCAPABLE), one that is too long.
        FileError: see `tidy_path`.
    """
    context.charge(min(length, MAX_PATH))
    path = context.memory.read(address, min(length, MAX_PATH + 1))
    if path.startswith(b"/"):
        raise WasiError(Errno.NOTCAPABLE)
    return tidy_path(path)


def _directory(context: Context, number: int, right: Right) -> OpenDirectory:
    found = program_of(context).directory(number)
    if not found.rights & right:
        raise WasiError(Errno.NOTCAPABLE)
    return found


def path_open(
    context: Context,
    number: int,
    lookup: int,
    address: int,
    length: int,
    how: int,
    rights: int,
    inheriting: int,
    flags: int,
    opened: int,
) -> None:
    """Open a file or a directory for reading; whatever would change something fails with ROFS."""
    directory = _directory(context, number, Right.PATH_OPEN)
    path = _path(context, address, length)
    context.memory.read(opened, 4)  # before anything is opened: there must be a place for the answer
    files = files_of(context)
    try:
        handle, found = files.open_at(directory.descriptor, path, follow=bool(lookup & _FOLLOW))
    except FileError as error:
        if how & _CREATE and not how & _DIRECTORY and error.code == error.code.NO_ENTRY:
            raise WasiError(Errno.ROFS) from None
        raise
    try:
        _refuse_change(how, rights, found.kind)
    except WasiError:
        files.drop(handle)
        raise
    wanted = rights & directory.inheriting & _U64
    if found.kind is Kind.DIRECTORY:
        assert found.descriptor is not None
        below = inheriting & directory.inheriting & _U64
        made = OpenDirectory(found.descriptor, handle, None, wanted & CLAIMED, below)
        put_u32(context, opened, program_of(context).add(made))
    else:
        file = OpenFile(handle, wanted & int(FILE_RIGHTS), flags & 0x1F)
        put_u32(context, opened, program_of(context).add(file))


def _refuse_change(how: int, rights: int, kind: Kind) -> None:
    """What opening something that is there must not mean."""
    if how & _CREATE and how & _EXCLUSIVE:
        raise WasiError(Errno.EXIST)
    if how & _CREATE and how & _DIRECTORY:
        raise WasiError(Errno.INVAL)
    if kind is Kind.DIRECTORY:
        if how & _TRUNCATE or rights & Right.FD_WRITE:
            raise WasiError(Errno.ISDIR)
    elif how & _DIRECTORY:
        raise WasiError(Errno.NOTDIR)
    elif how & _TRUNCATE or rights & Right.FD_WRITE:
        raise WasiError(Errno.ROFS)


def path_filestat_get(
    context: Context, number: int, lookup: int, address: int, length: int, record: int
) -> None:
    """Write size and times of what is at a path."""
    directory = _directory(context, number, Right.PATH_FILESTAT_GET)
    path = _path(context, address, length)
    status = files_of(context).status_at(directory.descriptor, path, follow=bool(lookup & _FOLLOW))
    context.memory.write(record, filestat(status))


def path_readlink(
    context: Context, number: int, address: int, length: int, buffer: int, room: int, used: int
) -> None:
    """Write where a symbolic link leads, if that is inside; what leads out is not shown."""
    directory = _directory(context, number, Right.PATH_READLINK)
    path = _path(context, address, length)
    target = files_of(context).link_at(directory.descriptor, path)
    depth = path.count(b"/")
    for part in target.split(b"/"):
        depth += -1 if part == b".." else 0 if part in (b"", b".") else 1
        if depth < 0:
            raise WasiError(Errno.NOENT)
    if target.startswith(b"/"):
        raise WasiError(Errno.NOENT)
    context.charge(len(target))
    context.memory.write(buffer, target[:room])
    put_u32(context, used, min(len(target), room))


# --- listings ---

_TYPES: Final = {Kind.FILE: TYPE_FILE, Kind.DIRECTORY: TYPE_DIRECTORY, Kind.OTHER: TYPE_UNKNOWN}


def fd_readdir(context: Context, number: int, address: int, room: int, cookie: int, used: int) -> None:
    """Write entries of a directory from the place `cookie` on; the last may be cut off where the room ends."""
    directory = _directory(context, number, Right.FD_READDIR)
    if directory.entries is None or cookie == 0:
        directory.entries = _entries(context, directory)
    room = min(room, MAX_TRANSFER)
    context.charge(room)
    page = bytearray()
    entries = directory.entries
    at = cookie if 0 <= cookie <= len(entries) else len(entries)
    while at < len(entries) and len(page) < room:
        type_, name, serial = entries[at]
        at += 1
        page += _DIRENT.pack(at, serial, len(name), type_) + name
    context.memory.write(address, bytes(page[:room]))
    put_u32(context, used, min(len(page), room))


def _entries(context: Context, directory: OpenDirectory) -> list[tuple[int, bytes, int]]:
    """Type, name and serial number of each entry in the order of their names, `.` and `..` first."""
    serial = os.fstat(directory.descriptor).st_ino
    found: list[tuple[int, bytes, int]] = []
    for entry in files_of(context).scan(directory.descriptor, context.budget.entries):
        context.charge(ENTRY_FUEL)
        name = os.fsencode(entry.name)
        if not is_odd(name):
            found.append((_type(entry), name, entry.inode()))
    found.sort(key=lambda item: item[1])
    return [(TYPE_DIRECTORY, b".", serial), (TYPE_DIRECTORY, b"..", serial), *found]


def _type(entry: os.DirEntry[str]) -> int:
    if entry.is_symlink():
        return TYPE_LINK
    if entry.is_dir(follow_symlinks=False):
        return TYPE_DIRECTORY
    return TYPE_FILE if entry.is_file(follow_symlinks=False) else TYPE_UNKNOWN
