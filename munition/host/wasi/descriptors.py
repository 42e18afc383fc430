# SPDX-License-Identifier: MIT
"""Descriptors: what they are, reading, writing to the log, moving, closing."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final, assert_never

from munition.host import log
from munition.host.files import Status
from munition.host.wasi.errno import Errno, WasiError
from munition.host.wasi.memory import gather, put_u32, put_u64, scatter, vectors
from munition.host.wasi.process import program_of
from munition.host.wasi.program import OpenDirectory, OpenFile, Right, Stream

if TYPE_CHECKING:
    from munition.host.abi import Context
    from munition.host.files import Files

TYPE_UNKNOWN, TYPE_CHARACTER, TYPE_DIRECTORY, TYPE_FILE, TYPE_LINK = 0, 2, 3, 4, 7
_FDSTAT: Final = struct.Struct("<BxHxxxxQQ")
_FILESTAT: Final = struct.Struct("<QQBxxxxxxxQQQQQ")
_MAX_ADVICE: Final = 5
_FLAGS: Final = 0x1F
_U64: Final = (1 << 64) - 1


def files_of(context: Context) -> Files:
    """The files behind an open descriptor."""
    files = program_of(context).files
    assert files is not None, "nothing but the streams is open without files"
    return files


def fd_close(context: Context, number: int) -> None:
    """Close a descriptor, granted directories and streams included."""
    program_of(context).drop(number)


def fd_renumber(context: Context, number: int, to: int) -> None:
    """Let one descriptor take the place of another, which is closed."""
    program_of(context).renumber(number, to)


def fd_fdstat_get(context: Context, number: int, address: int) -> None:
    """Write type, flags and rights of a descriptor."""
    found = program_of(context).get(number)
    match found:
        case Stream(number=stream):
            rights = Right.FD_WRITE if stream else Right.FD_READ
            record = _FDSTAT.pack(TYPE_CHARACTER, 0, rights | Right.POLL_FD_READWRITE, 0)
        case OpenFile(rights=rights, flags=flags):
            record = _FDSTAT.pack(TYPE_FILE, flags, rights, 0)
        case OpenDirectory(rights=rights, inheriting=inheriting):
            record = _FDSTAT.pack(TYPE_DIRECTORY, 0, rights, inheriting)
        case _:
            assert_never(found)
    context.memory.write(address, record)


def fd_fdstat_set_flags(context: Context, number: int, flags: int) -> None:
    """Keep the flags of a file; nothing depends on them."""
    found = program_of(context).get(number)
    if flags & ~_FLAGS:
        raise WasiError(Errno.INVAL)
    if isinstance(found, OpenFile):
        found.flags = flags


def fd_fdstat_set_rights(context: Context, number: int, base: int, inheriting: int) -> None:
    """Give up rights; what was given up, or never there, cannot be had."""
    found = program_of(context).get(number)
    base, inheriting = base & _U64, inheriting & _U64
    if isinstance(found, Stream):
        raise WasiError(Errno.NOTCAPABLE)
    over = base & ~found.rights
    if isinstance(found, OpenDirectory):
        over |= inheriting & ~found.inheriting
    if over or (inheriting and isinstance(found, OpenFile)):
        raise WasiError(Errno.NOTCAPABLE)
    found.rights = base
    if isinstance(found, OpenDirectory):
        found.inheriting = inheriting


def fd_prestat_get(context: Context, number: int, address: int) -> None:
    """Write that a descriptor is a granted directory, and the length of its name."""
    context.memory.write(address, struct.pack("<BxxxI", 0, len(_granted(context, number))))


def fd_prestat_dir_name(context: Context, number: int, address: int, length: int) -> None:
    """Write the name of a granted directory."""
    name = _granted(context, number)
    if length < len(name):
        raise WasiError(Errno.NAMETOOLONG)
    context.memory.write(address, name)


def _granted(context: Context, number: int) -> bytes:
    found = program_of(context).get(number)
    if not isinstance(found, OpenDirectory) or found.name is None:
        raise WasiError(Errno.BADF)
    return found.name


def fd_advise(context: Context, number: int, offset: int, length: int, advice: int) -> None:
    """Nothing; but it must make sense."""
    program_of(context).file(number, Right.FD_ADVISE)
    if advice > _MAX_ADVICE or offset < 0 or length < 0:
        raise WasiError(Errno.INVAL)


def filestat(status: Status) -> bytes:
    """A file's record: its serial number tells files apart, and its one time is when it was last changed."""
    changed = max(status.changed, 0)
    return _FILESTAT.pack(1, status.serial, status.type, 1, status.size, changed, changed, changed)


def fd_filestat_get(context: Context, number: int, address: int) -> None:
    """Write size and times of what is open."""
    found = program_of(context).get(number)
    match found:
        case Stream():
            record = _FILESTAT.pack(0, 0, TYPE_CHARACTER, 1, 0, 0, 0, 0)
        case OpenFile(handle=handle):
            record = filestat(files_of(context).status(handle))
        case OpenDirectory(descriptor=descriptor):
            record = filestat(Status.of(os.fstat(descriptor)))
        case _:
            assert_never(found)
    context.memory.write(address, record)


def _readable(context: Context, number: int) -> OpenFile | None:
    """The file behind a descriptor; None for standard input."""
    program = program_of(context)
    found = program.get(number)
    if isinstance(found, Stream) and found.number == 0:
        return None
    return program.file(number, Right.FD_READ)


def fd_read(context: Context, number: int, address: int, count: int, size: int) -> None:
    """Read on in a file."""
    file = _readable(context, number)
    parts = vectors(context, address, count)
    data = b""
    if file is not None:
        length = sum(part for _, part in parts)
        context.charge(length)
        data = files_of(context).read(file.handle, length) if length else b""
    scatter(context, parts, data)
    put_u32(context, size, len(data))


def fd_pread(context: Context, number: int, address: int, count: int, offset: int, size: int) -> None:
    """Read from a place in a file."""
    file = _readable(context, number)
    if file is None:
        raise WasiError(Errno.SPIPE)
    parts = vectors(context, address, count)
    length = sum(part for _, part in parts)
    context.charge(length)
    if offset < 0:
        raise WasiError(Errno.INVAL)
    data = files_of(context).read(file.handle, length, offset) if length else b""
    scatter(context, parts, data)
    put_u32(context, size, len(data))


def fd_write(context: Context, number: int, address: int, count: int, size: int) -> None:
    """Write to a stream of the log; files are read-only.

    Raises:
        BudgetSpentError: more than may be written; what fits is kept.
    """
    found = program_of(context).get(number)
    if isinstance(found, OpenFile):
        raise WasiError(Errno.ROFS)
    if not isinstance(found, Stream) or found.number == 0:
        raise WasiError(Errno.BADF)
    data = gather(context, address, count)
    room = context.log.room()
    context.log.text(found.number, data[:room])
    if len(data) > room:
        raise log.spent()
    put_u32(context, size, len(data))


def fd_pwrite(context: Context, number: int, _address: int, _count: int, _offset: int, _size: int) -> None:
    """Refused: streams have no places, and files are read-only."""
    found = program_of(context).get(number)
    if isinstance(found, OpenDirectory):
        raise WasiError(Errno.ISDIR)
    raise WasiError(Errno.ROFS if isinstance(found, OpenFile) else Errno.SPIPE)


def fd_seek(context: Context, number: int, offset: int, whence: int, address: int) -> None:
    """Move in a file, and write where that is."""
    put_u64(context, address, _moved(context, number, offset, whence, Right.FD_SEEK))


def fd_tell(context: Context, number: int, address: int) -> None:
    """Write the position in a file."""
    put_u64(context, address, _moved(context, number, 0, os.SEEK_CUR, Right.FD_TELL))


def _moved(context: Context, number: int, offset: int, whence: int, right: Right) -> int:
    program = program_of(context)
    if isinstance(program.get(number), Stream):
        raise WasiError(Errno.SPIPE)
    file = program.file(number, right)
    if whence not in (os.SEEK_SET, os.SEEK_CUR, os.SEEK_END):
        raise WasiError(Errno.INVAL)
    return files_of(context).seek(file.handle, offset, whence)
