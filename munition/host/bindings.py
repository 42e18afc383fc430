# SPDX-License-Identifier: MIT
"""Which Python function stands behind which entry of the catalogue. A test proves that the two match one to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from munition.capability.imports import shown
from munition.capability.wasi import MODULE as WASI
from munition.host import filesystem, http, log, random, time, user
from munition.host.abi import DeniedError
from munition.host.wasi.bindings import WASI_BINDINGS, WASI_STUBS

if TYPE_CHECKING:
    from munition.capability.catalogue import HostFunction
    from munition.host.abi import Context

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
    if function.stub is not None:
        return _stub(function, function.stub)
    if function.user is not None:
        return user.bind(function)
    return (
        WASI_BINDINGS[function.name] if function.module == WASI else BINDINGS[function.module, function.name]
    )


def _stub(function: HostFunction, capabilities: tuple[str, ...]) -> Callable[..., int]:
    """What is linked for a function that is not granted: WASI's say so by a number, others end the fire."""
    if function.module == WASI and function.name in WASI_STUBS:
        return WASI_STUBS[function.name]
    needed = " or ".join(capabilities)
    message = f"the program called {shown(function.module)}.{shown(function.name)}, which " + (
        f"needs {needed}" if needed else "munition does not provide"
    )

    def refuse(_context: Context, *_arguments: int | float) -> int:
        raise DeniedError(message, capabilities)

    return refuse
