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
)

BY_IMPORT: Final[dict[tuple[str, str], HostFunction]] = {(f.module, f.name): f for f in HOST_FUNCTIONS}
