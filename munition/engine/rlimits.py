# SPDX-License-Identifier: MIT
"""What the system itself keeps a worker to."""

from __future__ import annotations

import resource
from typing import Final

MEMORY: Final = 3 << 30
"""Bytes of address space a worker may have; compiling a large honest module takes a tenth of it."""


def lower(what: int, value: int) -> None:
    """Set a soft limit, unless a lower hard one is in force."""
    hard = resource.getrlimit(what)[1]
    bounded = hard != resource.RLIM_INFINITY and (value == resource.RLIM_INFINITY or value > hard)
    resource.setrlimit(what, (hard if bounded else value, hard))
