# SPDX-License-Identifier: MIT
"""The initial memory of a linked module: what is needed of the runtime's data, patched, then the program's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from munition.wasm import encode
from munition.wasm.faults import LinkError
from munition.wasm.module import Data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from munition.wasm.link_unit import LinkUnit
    from munition.wasm.reach import Reached
    from munition.wasm.runtime_object import RuntimeObject

# A data segment of its own costs about ten bytes, so shorter runs of zeros are kept.
_ZEROS: Final = re.compile(rb"\0{16,}")

Chunk = tuple[int, bytes]
"""An address and what lies there."""


def patched_ranges(runtime: RuntimeObject, unit: LinkUnit) -> list[Chunk]:
    """What the unit writes over the runtime's data, as (address, bytes).

    Raises:
        LinkError: the symbol is unknown or smaller than what is written, or an address is outside the runtime's data.
    """
    found: list[Chunk] = []
    for symbol, content in unit.data_words.items():
        place = runtime.data.get(symbol)
        if place is None:
            raise LinkError(f"the runtime has no data symbol {symbol!r}")
        if len(content) > place.size:
            raise LinkError(f"{len(content)} bytes for {symbol!r}, which has {place.size}")
        found.append((place.address, content))
    found += unit.data_patches
    for address, content in found:
        if not any(
            start <= address and address + len(content) <= start + len(c) for start, c in runtime.segments
        ):
            raise LinkError(f"a patch of {len(content)} bytes at {address} is outside the runtime's data")
    return found


def runtime_image(
    runtime: RuntimeObject, reached: Reached, patches: Iterable[Chunk], words: Mapping[int, int]
) -> list[Chunk]:
    """The runtime's data segments with zeros where nothing is reached.

    Args:
        runtime: whose data.
        reached: which of it is needed.
        patches: written over it.
        words: 32-bit numbers written over it first, by address.
    """
    numbers = [(address, value.to_bytes(4, "little")) for address, value in words.items()]
    found: list[Chunk] = []
    for start, content in runtime.segments:
        full = bytearray(content)
        for address, new in (*numbers, *patches):
            if start <= address < start + len(full):
                full[address - start : address - start + len(new)] = new
        image = bytearray(len(full))
        for first, last in reached.data:
            if start <= first < start + len(full):
                image[first - start : last - start] = full[first - start : last - start]
        found.append((start, bytes(image)))
    return found


def check_chunks(chunks: Iterable[Chunk], low: int, high: int) -> list[Chunk]:
    """The program's data by address.

    Raises:
        LinkError: two pieces overlap, or one lies outside `low` .. `high`.
    """
    found = sorted((c for c in chunks if c[1]), key=lambda c: c[0])
    at = low
    for address, content in found:
        if address < at:
            raise LinkError(f"program data at {address} overlaps what lies below {at}")
        at = address + len(content)
    if at > high:
        raise LinkError(f"program data ends at {at}, behind the heap base {high}")
    return found


def data_segments(chunks: Iterable[Chunk]) -> tuple[Data, ...]:
    """Data segments for chunks in ascending order, long runs of zeros left to the memory's initial zeros."""
    segments: list[Data] = []
    for address, content in _joined(chunks):
        at = 0
        for zeros in (*_ZEROS.finditer(content), None):
            end = len(content) if zeros is None else zeros.start()
            piece = content[at:end]
            bare = piece.lstrip(b"\0")
            if bare:
                where = address + at + len(piece) - len(bare)
                segments.append(Data(bare.rstrip(b"\0"), 0, encode.i32_const(where)))
            at = end if zeros is None else zeros.end()
    return tuple(segments)


def _joined(chunks: Iterable[Chunk]) -> Iterable[tuple[int, bytes]]:
    """Chunks less than 16 bytes apart become one."""
    start, parts, end = 0, list[bytes](), 0
    for address, content in chunks:
        if parts and address - end < 16:
            parts.append(bytes(address - end))
        elif parts:
            yield start, b"".join(parts)
            parts = []
        if not parts:
            start = address
        parts.append(content)
        end = address + len(content)
    if parts:
        yield start, b"".join(parts)
