# SPDX-License-Identifier: MIT
"""Error numbers of WASI preview 1, and which of them stands for what our own host functions say."""

from __future__ import annotations

import enum
from typing import Final

from munition.host.paths import Code


class Errno(enum.IntEnum):
    """Those that are used, with the numbers of the specification."""

    SUCCESS = 0
    ACCES = 2
    BADF = 8
    EXIST = 20
    FAULT = 21
    FBIG = 22
    INVAL = 28
    IO = 29
    ISDIR = 31
    LOOP = 32
    MFILE = 33
    NAMETOOLONG = 37
    NOENT = 44
    NOSYS = 52
    NOTDIR = 54
    NOTSOCK = 57
    NOTSUP = 58
    RANGE = 68
    ROFS = 69
    SPIPE = 70
    NOTCAPABLE = 76


FROM_CODE: Final = {
    Code.NO_ENTRY: Errno.NOENT,
    Code.IO: Errno.IO,
    Code.BAD_HANDLE: Errno.BADF,
    Code.NO_ACCESS: Errno.ACCES,
    Code.NOT_DIRECTORY: Errno.NOTDIR,
    Code.IS_DIRECTORY: Errno.ISDIR,
    Code.INVALID: Errno.INVAL,
    Code.TOO_MANY_OPEN: Errno.MFILE,
    Code.TOO_LARGE: Errno.FBIG,
    Code.NAME_TOO_LONG: Errno.NAMETOOLONG,
    Code.LOOP: Errno.LOOP,
}


class WasiError(Exception):
    """A call fails with an error number.

    Attributes:
        errno: which.
    """

    def __init__(self, errno: Errno) -> None:
        """Keep the number."""
        super().__init__(errno.name)
        self.errno = errno
