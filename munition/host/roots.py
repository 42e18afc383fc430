# SPDX-License-Identifier: MIT
"""The directories a grant of `filesystem_read` opens: found and opened once, when the grant is made.

What a directory is called is read relative to the working directory of that moment; a later change of it, or of the
links on the way, changes nothing. Directories that are nearly everything (`/`, the kernel's file systems, a home
directory or what it lies in) are refused unless the caller says that they are meant.
"""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from munition.capability.parameter import Directory
from munition.errors import UsageError

_KERNEL: Final = ("/proc", "/sys", "/dev")
_OPEN: Final = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Root:
    """One open directory.

    Attributes:
        name: the guest sees it as `/name`, or as `/` when this is empty.
        descriptor: of the directory.
    """

    name: bytes
    descriptor: int


def open_roots(directories: Iterable[Directory], *, broad: bool = False) -> tuple[Root, ...]:
    """Open directories; whoever gets them closes them.

    Args:
        directories: what was granted, paths as written.
        broad: whether directories that are nearly everything are meant.

    Raises:
        UsageError: one cannot be opened, is no directory, or is too broad.
    """
    opened: list[Root] = []
    try:
        for directory in directories:
            if not broad:
                _refuse_broad(directory.path)
            opened.append(Root(directory.root.encode(), _open(directory.path)))
    except BaseException:
        close_roots(opened)
        raise
    return tuple(opened)


def check_roots(parameters: Iterable[object], *, broad: bool = False) -> None:
    """Refuse directories that cannot be granted, whether or not a module will use them.

    Args:
        parameters: of capabilities; what is no `Directory` is passed over.
        broad: see `open_roots`.

    Raises:
        UsageError: see `open_roots`.
    """
    close_roots(open_roots((item for item in parameters if isinstance(item, Directory)), broad=broad))


def close_roots(roots: Iterable[Root]) -> None:
    """Close what `open_roots` opened."""
    for root in roots:
        os.close(root.descriptor)


def _open(path: str) -> int:
    try:
        return os.open(path, _OPEN)
    except (OSError, ValueError) as error:  # ValueError: characters that no path of this system has
        why = error.strerror if isinstance(error, OSError) else "it is no path"
        raise UsageError(f"the directory {path!r} of filesystem_read cannot be opened: {why}") from None


def _refuse_broad(path: str) -> None:
    try:
        found = os.path.realpath(path)
    except (OSError, ValueError):
        return  # opening it says what is wrong
    reason = _breadth(found)
    if reason is not None:
        raise UsageError(
            f"filesystem_read:{path} would open {reason}; grant a directory that holds only what the program needs "
            "(or pass --broad-roots, broad_roots=True in Python, if this is meant)"
        )


def _breadth(path: str) -> str | None:
    """What makes a resolved path too broad, in words."""
    if path == "/":
        return "the whole file system"
    kernel = next((top for top in _KERNEL if _lies_in(path, top)), None)
    if kernel is not None:
        return f"{kernel}, where the kernel shows processes and devices"
    if any(_lies_in(home, path) for home in _homes()):
        return "a home directory with everything in it"
    return None


def _lies_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")


def _homes() -> list[str]:
    """The home directory, as the environment and as the system says it."""
    found = [os.environ.get("HOME", "")]
    with contextlib.suppress(KeyError):
        found.append(pwd.getpwuid(os.getuid()).pw_dir)
    return [os.path.realpath(home) for home in found if home.startswith("/")]
