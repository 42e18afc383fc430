# SPDX-License-Identifier: MIT
"""Which Python function stands behind which entry of the catalogue. A test proves that the two match one to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from munition.host import filesystem, http, log, random, time

if TYPE_CHECKING:
    from munition.capability.catalogue import HostFunction

BINDINGS: Final[dict[tuple[str, str], Callable[..., int | float | None]]] = {
    ("munition:log", "write"): log.write,
    ("munition:log", "record"): log.record,
    ("munition:time", "wall"): time.wall,
    ("munition:time", "monotonic"): time.monotonic,
    ("munition:random", "fill"): random.fill,
    ("munition:filesystem_read", "open"): filesystem.open_,
    ("munition:filesystem_read", "close"): filesystem.close,
    ("munition:filesystem_read", "read"): filesystem.read,
    ("munition:filesystem_read", "seek"): filesystem.seek,
    ("munition:filesystem_read", "size"): filesystem.size,
    ("munition:filesystem_read", "list"): filesystem.list_,
    ("munition:http", "request"): http.request,
    ("munition:http", "take"): http.take,
}


def binding_of(function: HostFunction) -> Callable[..., int | float | None]:
    """What runs when the guest calls `function`."""
    return BINDINGS[function.module, function.name]
