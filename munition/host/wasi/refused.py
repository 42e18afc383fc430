# SPDX-License-Identifier: MIT
"""What is never done: changing files, sockets, signals. Each call is checked as if it were, then fails.

These functions need nothing, so they are also what is linked, on request, when they are not granted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from munition.host.wasi.errno import Errno, WasiError
from munition.host.wasi.process import program_of
from munition.host.wasi.program import OpenDirectory, Stream

if TYPE_CHECKING:
    from munition.host.abi import Context


def change_file(context: Context, number: int, *_arguments: int) -> None:
    """Change what is open: files are read-only, directories have no bytes, streams no size.

    Raises:
        WasiError: always.
    """
    found = program_of(context).get(number)
    if isinstance(found, OpenDirectory):
        raise WasiError(Errno.ISDIR)
    raise WasiError(Errno.INVAL if isinstance(found, Stream) else Errno.ROFS)


def sync(context: Context, number: int) -> None:
    """Nothing: what was only read needs no writing back."""
    program_of(context).get(number)


def set_times(context: Context, number: int, *_arguments: int) -> None:
    """Change the times of what is open.

    Raises:
        WasiError: always.
    """
    program_of(context).get(number)
    raise WasiError(Errno.ROFS)


def change_path(context: Context, number: int, *_arguments: int) -> None:
    """Change something beneath a directory.

    Raises:
        WasiError: always.
    """
    program_of(context).directory(number)
    raise WasiError(Errno.ROFS)


def make_symlink(context: Context, _target: int, _length: int, number: int, *_arguments: int) -> None:
    """Make a symbolic link, which has its directory behind what it leads to.

    Raises:
        WasiError: always.
    """
    change_path(context, number)


def use_socket(context: Context, number: int, *_arguments: int) -> None:
    """Use a socket: nothing that is open is one.

    Raises:
        WasiError: always.
    """
    program_of(context).get(number)
    raise WasiError(Errno.NOTSOCK)


def raise_signal(_context: Context, _signal: int) -> None:
    """Raise a signal.

    Raises:
        WasiError: always.
    """
    raise WasiError(Errno.NOTCAPABLE)
