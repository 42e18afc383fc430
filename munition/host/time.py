# SPDX-License-Identifier: MIT
"""The capability `time`: two clocks in steps of one millisecond.

The step is the whole defence against timing other work through this capability, so it is the same for both clocks and
cannot be configured away. The monotonic clock starts at zero with the fire and says nothing of the host's uptime.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from munition.host.abi import Context

RESOLUTION_NS: Final = 1_000_000


class HostClock:
    """The clock of this machine."""

    __slots__ = ()

    def wall(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        return time.time_ns()

    def monotonic(self) -> int:
        """Nanoseconds from some point that stays the same."""
        return time.monotonic_ns()


def _coarse(nanoseconds: int) -> int:
    return nanoseconds - nanoseconds % RESOLUTION_NS


def wall(context: Context) -> int:
    """Nanoseconds since 1970, rounded down to a millisecond."""
    return _coarse(context.clock.wall())


def monotonic(context: Context) -> int:
    """Nanoseconds since the fire began, rounded down to a millisecond."""
    return _coarse(max(0, context.clock.monotonic() - context.started))
