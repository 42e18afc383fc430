# SPDX-License-Identifier: MIT
"""What a parent and a worker say to each other over two pipes: frames of a kind, a length, and so many bytes.

The parent believes nothing of what comes up: lengths are bounded, numbers are checked, values are decoded as a guest's.
"""

from __future__ import annotations

import enum
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD: Final = struct.Struct("<BQ")
"""Kind of the frame, bytes that follow."""


class Down(enum.IntEnum):
    """What the parent says."""

    COMPILE = 1
    LOAD = 2
    FIRE = 3
    RETURN = 4


class Up(enum.IntEnum):
    """What a worker says."""

    READY = 1
    COMPILED = 2
    REFUSED = 3
    VALUES = 4
    ENDED = 5
    USAGE = 6
    TEXT = 7
    RECORD = 8
    CALL = 9
    NOTE = 11


READY: Final = b"munition 1"
"""Content of the first frame, so that nothing else that runs in a worker's place is mistaken for one."""

COMPILE: Final = struct.Struct("<BBI")
"""Number of the preset, of the allocation, seconds of processor time; the module follows."""

LOAD: Final = struct.Struct("<III")
"""Number the target is called by, how many to forget, bytes of the pickle; their numbers, it and machine code follow."""

FIRE: Final = struct.Struct("<Idi")
"""Number of the target, seconds it has left, bytes of the seed (-1 for none); seed and arguments follow."""

VALUES: Final = struct.Struct("<QQ")
"""Fuel used, bytes of memory at the end; cells or a result block follow."""

ENDED: Final = struct.Struct("<QQBBI")
"""Fuel used, bytes of memory at the end, whether the fuel is exact, whether memory follows, bytes of the crash; it and
the memory follow."""

MAX_SMALL: Final = 64 << 20
"""Bytes of a frame that holds neither machine code nor values nor memory."""

MAX_CODE: Final = 2 << 30


def pack_numbers(numbers: Sequence[int]) -> bytes:
    """Numbers of targets, four bytes each."""
    return struct.pack(f"<{len(numbers)}I", *numbers)


def unpack_numbers(data: bytes) -> list[int]:
    """What `pack_numbers` packed."""
    return [number for (number,) in struct.iter_unpack("<I", data)]
