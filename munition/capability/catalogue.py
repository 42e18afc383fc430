# SPDX-License-Identifier: MIT
"""The host functions, each declared once: what it is called, what it takes, what it costs, which capability it is.

The linker, the compilers and the analyzer read this table; `munition.host` binds functions to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

I32: Final = "i32"
I64: Final = "i64"
F64: Final = "f64"


@dataclass(frozen=True, slots=True)
class HostFunction:
    """One function a module may import.

    Attributes:
        module: the import module; names the capability.
        name: the import name.
        params: the WebAssembly types of its parameters.
        results: the WebAssembly types of its results.
        capability: the capability name it needs.
        fuel: what one call costs, beyond what the engine charges for any call.
        fuel_per_byte: what each byte moved across the boundary costs.
        doc: what it does, for the documentation.
        lengths: which parameters are numbers of bytes that cross.
        stub: None for a function that works; else it stands for one that is not granted, and these are the names of
            which any would grant it.
        user: for a function of a caller the types of its parameters and of its result (`munition.host.user`).
    """

    module: str
    name: str
    params: tuple[str, ...]
    results: tuple[str, ...]
    capability: str
    fuel: int
    fuel_per_byte: int
    doc: str
    lengths: tuple[int, ...] = ()
    stub: tuple[str, ...] | None = None
    user: tuple[tuple[str, ...], str] | None = None


HOST_FUNCTIONS: Final = (
    HostFunction(
        "munition:log",
        "write",
        (I32, I32, I32),
        (),
        "log",
        200,
        1,
        "Append the bytes at (pointer, length) to stream 1 (standard output) or 2 (standard error), exactly as they are.",
        lengths=(2,),
    ),
    HostFunction(
        "munition:log",
        "record",
        (I32, I32, I32, I32, I32),
        (),
        "log",
        500,
        2,
        "Append a record: level 10 debug, 20 info, 30 warning, 40 error; the message; an encoded object of fields or length 0.",
        lengths=(2, 4),
    ),
    HostFunction(
        "munition:time",
        "wall",
        (),
        (I64,),
        "time",
        100,
        0,
        "Nanoseconds since 1970-01-01T00:00:00Z by the host's clock, in steps of one millisecond.",
    ),
    HostFunction(
        "munition:time",
        "monotonic",
        (),
        (I64,),
        "time",
        100,
        0,
        "Nanoseconds since the fire began, in steps of one millisecond; never goes back.",
    ),
    HostFunction(
        "munition:random",
        "fill",
        (I32, I32),
        (),
        "random",
        200,
        2,
        "Fill the memory at (pointer, length) with unpredictable bytes, at most 1 MiB at once.",
        lengths=(1,),
    ),
    HostFunction(
        "munition:filesystem_read",
        "open",
        (I32, I32),
        (I32,),
        "filesystem_read",
        5000,
        1,
        "Open the file or directory whose path is at (pointer, length); its handle, or a negative error number.",
        lengths=(1,),
    ),
    HostFunction(
        "munition:filesystem_read",
        "close",
        (I32,),
        (I32,),
        "filesystem_read",
        500,
        0,
        "Close a handle; 0 or a negative error number.",
    ),
    HostFunction(
        "munition:filesystem_read",
        "read",
        (I32, I32, I32),
        (I32,),
        "filesystem_read",
        500,
        1,
        "Read on from a handle into (pointer, length): how many bytes, 0 at the end of the file, or a negative error number.",
        lengths=(2,),
    ),
    HostFunction(
        "munition:filesystem_read",
        "seek",
        (I32, I64, I32),
        (I64,),
        "filesystem_read",
        500,
        0,
        "Move a handle by an offset from the start (0), the position (1) or the end (2): the new position, or a negative "
        "error number.",
    ),
    HostFunction(
        "munition:filesystem_read",
        "size",
        (I32, I32),
        (I64,),
        "filesystem_read",
        3000,
        1,
        "Bytes of the file whose path is at (pointer, length), or a negative error number; -21 if it is a directory.",
        lengths=(1,),
    ),
    HostFunction(
        "munition:filesystem_read",
        "list",
        (I32, I32, I32),
        (I32,),
        "filesystem_read",
        5000,
        1,
        "Write the next entries of a directory's handle to (pointer, length): how many bytes, 0 when there are no more, or a "
        "negative error number. The first call costs 100 for each entry besides.",
        lengths=(2,),
    ),
    HostFunction(
        "munition:http",
        "request",
        (I32, I32),
        (I32,),
        "http",
        50000,
        1,
        "Send the request encoded at (pointer, length) and wait for its answer: how many bytes take will give. Each byte that "
        "arrives, or that is decoded of it, costs 1 besides.",
        lengths=(1,),
    ),
    HostFunction(
        "munition:http",
        "take",
        (I32, I32),
        (I32,),
        "http",
        500,
        1,
        "Write the answer of the last request to (pointer, length): its size, or -22 when there is not enough room.",
        lengths=(1,),
    ),
)

BY_IMPORT: Final[dict[tuple[str, str], HostFunction]] = {(f.module, f.name): f for f in HOST_FUNCTIONS}
