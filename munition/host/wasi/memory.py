# SPDX-License-Identifier: MIT
"""Reading and writing what WASI functions point to: numbers, vectors of buffers, lists of strings."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from munition.host.wasi.errno import Errno, WasiError

if TYPE_CHECKING:
    from munition.host.abi import Context

MAX_VECTORS: Final = 1024
MAX_TRANSFER: Final = 1 << 20
"""Bytes one call reads or writes at most; programs go on with the rest."""

_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")
_VECTOR: Final = struct.Struct("<II")


def put_u32(context: Context, address: int, value: int) -> None:
    """Write a 32-bit number."""
    context.memory.write(address, _U32.pack(value))


def put_u64(context: Context, address: int, value: int) -> None:
    """Write a 64-bit number."""
    context.memory.write(address, _U64.pack(value & (1 << 64) - 1))


def vectors(context: Context, address: int, count: int) -> list[tuple[int, int]]:
    """The buffers of a vector as (address, length), cut so that they are `MAX_TRANSFER` bytes together.

    Raises:
        WasiError: too many of them (INVAL).
        GuestFaultError: the vector is not inside the memory.
    """
    if count > MAX_VECTORS:
        raise WasiError(Errno.INVAL)
    context.charge(count * _VECTOR.size)
    room = MAX_TRANSFER
    found: list[tuple[int, int]] = []
    for at, length in _VECTOR.iter_unpack(context.memory.read(address, count * _VECTOR.size)):
        taken = min(length, room)
        room -= taken
        found.append((at, taken))
    return found


def gather(context: Context, address: int, count: int) -> bytes:
    """The bytes of all buffers of a vector, which are charged for."""
    parts = vectors(context, address, count)
    context.charge(sum(length for _, length in parts))
    return b"".join(context.memory.read(at, length) for at, length in parts if length)


def scatter(context: Context, parts: list[tuple[int, int]], data: bytes) -> None:
    """Spread bytes over buffers, which are large enough together."""
    done = 0
    for at, length in parts:
        piece = data[done : done + length]
        if not piece:
            return
        context.memory.write(at, piece)
        done += len(piece)


def put_strings(context: Context, pointers: int, address: int, strings: tuple[bytes, ...]) -> None:
    """Write strings behind each other, each with a NUL, and their addresses to `pointers`."""
    context.charge(sum(len(text) + 5 for text in strings))
    at = address
    addresses: list[bytes] = []
    for text in strings:
        addresses.append(_U32.pack(at & 0xFFFFFFFF))
        at += len(text) + 1
    context.memory.write(address, b"".join(text + b"\0" for text in strings))
    context.memory.write(pointers, b"".join(addresses))


def put_sizes(context: Context, count_at: int, size_at: int, strings: tuple[bytes, ...]) -> None:
    """Write how many strings there are and how many bytes `put_strings` writes."""
    put_u32(context, count_at, len(strings))
    put_u32(context, size_at, sum(len(text) + 1 for text in strings))
