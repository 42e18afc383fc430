# SPDX-License-Identifier: MIT
"""What the parent and its compiling child say to each other: one request, one answer, over two pipes."""

from __future__ import annotations

import struct
from typing import Final

REQUEST: Final = struct.Struct("<BBII")
"""Number of the preset, number of the allocation, seconds of processor time, bytes of the module that follow."""

ANSWER: Final = struct.Struct("<BQ")
"""Status, bytes that follow."""

DONE: Final = 0
REFUSED: Final = 1

READY: Final = b"\x07munition"
"""What a child says first, so that nothing else that runs in its place is mistaken for it."""

MAX_ANSWER: Final = 2 << 30
