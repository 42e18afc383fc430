# SPDX-License-Identifier: MIT
"""Opening a path that must stay beneath a directory, whatever happens to the file system meanwhile.

Linux since 5.6 does it in the kernel (`openat2` with `RESOLVE_BENEATH`). Elsewhere, or where a sandbox refuses that call,
the path is walked one component at a time by directory descriptors, never following a link but reading it and walking
its target; `..` goes back to a descriptor the walk came from, so no rename can move the walk out. Both refuse absolute
links and links to above the directory, and follow the others. Comparing resolved names with a prefix would not do: a
link swapped between the comparison and the opening escapes.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import stat
import struct
import sys
from collections import deque
from typing import Any, Final

READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
"""Opens for reading; a named pipe or a device opens at once or not at all."""

LOOK: Final = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY) | os.O_CLOEXEC
"""Opens only to look at what is there, where the system can do that: opening a device may already do something."""

_OPENAT2: Final = 437
_BENEATH_NO_MAGIC: Final = 0x08 | 0x02
_NO_XDEV: Final = 0x01
_TRIES: Final = 8
_MAX_LINKS: Final = 40
_MAX_DEPTH: Final = 128
_STEP: Final = LOOK | os.O_DIRECTORY | os.O_NOFOLLOW
_LINK_ERRORS: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EMLINK})
"""What systems say when `O_NOFOLLOW` meets a link."""


def open_beneath(root: int, path: bytes, flags: int, *, one_filesystem: bool = False) -> int:
    """Open `path` relative to the directory `root`.

    Args:
        root: descriptor of a directory.
        path: not empty, without NUL, not absolute.
        flags: `READ` or `LOOK`, and perhaps `O_NOFOLLOW`, which is about the last component alone.
        one_filesystem: whether what is mounted beneath the directory stays out.

    Returns:
        A descriptor of the caller's.

    Raises:
        OSError: nothing there, or it leads out of the root (`EXDEV`), or over too many links (`ELOOP`).
    """
    descriptor = _open_in_kernel(root, path, flags, one_filesystem=one_filesystem) if _has_openat2() else None
    if descriptor is None:
        return walk_beneath(root, path, flags, one_filesystem=one_filesystem)
    return descriptor


def _open_in_kernel(root: int, path: bytes, flags: int, *, one_filesystem: bool) -> int | None:
    """As `open_beneath`; None when renames anywhere in the system keep the kernel from being sure."""
    resolve = _BENEATH_NO_MAGIC | (_NO_XDEV if one_filesystem else 0)
    how = struct.pack("QQQ", flags, 0, resolve)
    for _ in range(_TRIES):
        descriptor: int = _syscall()(_OPENAT2, root, path, how, len(how))
        if descriptor >= 0:
            return descriptor
        code = ctypes.get_errno()
        if code != errno.EAGAIN:
            raise OSError(code, os.strerror(code))
    return None


@functools.cache
def _syscall() -> Any:
    function = ctypes.CDLL(None, use_errno=True).syscall
    function.restype = ctypes.c_long
    function.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)
    return function


@functools.cache
def _has_openat2() -> bool:
    """Whether the kernel has the call and lets us use it (old ones lack it, some sandboxes refuse what they do not know)."""
    if not sys.platform.startswith("linux"):
        return False
    root = os.open("/", LOOK | os.O_DIRECTORY)
    try:
        descriptor = _open_in_kernel(root, b".", LOOK, one_filesystem=True)
    except OSError:
        return False
    finally:
        os.close(root)
    if descriptor is not None:
        os.close(descriptor)
    return True


def walk_beneath(root: int, path: bytes, flags: int, *, one_filesystem: bool = False) -> int:
    """As `open_beneath`, by steps of our own.

    Raises:
        OSError: see `open_beneath`.
    """
    pending = deque(_parts(path))
    chain: list[int] = []
    links = 0
    try:
        while True:
            name = pending.popleft() if pending else b"."
            if name == b"..":
                if not chain:
                    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
                os.close(chain.pop())
            elif name != b"." or not pending:
                here = chain[-1] if chain else root
                target = _step(here, name, chain, None if pending else flags)
                if one_filesystem and not isinstance(target, bytes):
                    _refuse_mount(root, chain[-1] if target is None else target, owned=target)
                if isinstance(target, int):
                    return target
                if target is not None:
                    links += 1
                    _refuse_link(target, links)
                    pending.extendleft(reversed(_parts(target)))
    finally:
        for descriptor in chain:
            os.close(descriptor)


def _parts(path: bytes) -> list[bytes]:
    """The components; a slash at the end asks for a directory, which a last `.` does too."""
    parts = [part for part in path.split(b"/") if part]
    return [*parts, b"."] if path.endswith(b"/") else parts


def _refuse_mount(root: int, descriptor: int, *, owned: int | None) -> None:
    """Refuse what lies on another file system; `owned` is then closed, which nobody else does."""
    if os.fstat(descriptor).st_dev != os.fstat(root).st_dev:
        if owned is not None:
            os.close(owned)
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def _refuse_link(target: bytes, links: int) -> None:
    if target.startswith(b"/"):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    if links > _MAX_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _step(here: int, name: bytes, chain: list[int], flags: int | None) -> int | bytes | None:
    """Go from directory `here` to `name`.

    Returns:
        The descriptor when this was the last step (`flags` says how to open it); the target when `name` is a link; None
        when a directory was entered, which `chain` has now.
    """
    try:
        descriptor = os.open(name, _STEP if flags is None else flags | os.O_NOFOLLOW, dir_fd=here)
    except OSError as error:
        if error.errno not in _LINK_ERRORS or (flags or 0) & os.O_NOFOLLOW:
            raise
        return _link_target(here, name, error)
    if flags is not None:
        if flags & os.O_NOFOLLOW or not stat.S_ISLNK(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        return os.readlink(name, dir_fd=here)
    chain.append(descriptor)
    if len(chain) > _MAX_DEPTH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    return None


def _link_target(here: int, name: bytes, error: OSError) -> bytes:
    try:
        return os.readlink(name, dir_fd=here)
    except OSError:
        raise error from None
