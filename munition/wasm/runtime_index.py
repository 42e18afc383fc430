# SPDX-License-Identifier: MIT
"""The symbols and relocations of a runtime as flat arrays, so that reading them takes no decoding.

`encode_index` is run when the runtime is built; its result lies beside the artefact and is handed to `read_runtime` with
it. Layout: magic, SHA-256 of the artefact, then per column a 32-bit length in bytes and little-endian 32-bit numbers; the
last column holds the symbols' names, each ended by a NUL.
"""

from __future__ import annotations

import sys
from array import array
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from munition.wasm.faults import invalid
from munition.wasm.relocations import RawRelocation, Symbol, SymbolKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAGIC: Final = b"munition runtime index 1\n"
_NUMBER_COLUMNS: Final = 14
_KINDS: Final = tuple(SymbolKind)

Tables = tuple[tuple[Symbol, ...], tuple[tuple[RawRelocation, ...], ...], tuple[RawRelocation, ...]]
"""Symbols, relocations of each function, relocations of the data."""


def encode_index(data: bytes, tables: Tables) -> bytes:
    """The index of the runtime `data`, whose symbols and relocations were read before.

    Raises:
        InvalidModuleError: E250: a symbol's name holds a NUL.
    """
    symbols, functions, words = tables
    if any("\0" in s.name for s in symbols):
        raise invalid("E250", "a symbol's name holds a NUL")
    code = [r for own in functions for r in own]
    columns: list[Iterable[int]] = [
        [s.kind for s in symbols],
        [s.flags for s in symbols],
        [s.index for s in symbols],
        [s.offset for s in symbols],
        [s.size for s in symbols],
        [len(own) for own in functions],
        *([r[i] for r in code] for i in range(4)),
        *([r[i] for r in words] for i in range(4)),
    ]
    parts = [_bytes(column) for column in columns]
    parts.append(b"".join(s.name.encode() + b"\0" for s in symbols))
    sized = [len(part).to_bytes(4, "little") + part for part in parts]
    return _MAGIC + sha256(data).digest() + b"".join(sized)


def decode_index(data: bytes, index: bytes) -> Tables:
    """What `encode_index` was given for the runtime `data`.

    Raises:
        InvalidModuleError: E250: the index is damaged or belongs to another runtime.
    """
    start = len(_MAGIC) + 32
    if index[:start] != _MAGIC + sha256(data).digest():
        raise invalid("E250", "the index beside the runtime belongs to another one: rebuild it")
    parts = _parts(index, start)
    columns = [_numbers(part) for part in parts[:_NUMBER_COLUMNS]]
    names = parts[_NUMBER_COLUMNS].decode().split("\0")[:-1]
    kinds = [_KINDS[k] for k in columns[0]]
    symbols = tuple(map(Symbol, kinds, columns[1], names, columns[2], columns[3], columns[4]))
    code = tuple(zip(*columns[6:10], strict=True))
    functions: list[tuple[RawRelocation, ...]] = []
    first = 0
    for size in columns[5]:
        functions.append(code[first : first + size])
        first += size
    return symbols, tuple(functions), tuple(zip(*columns[10:14], strict=True))


def _bytes(column: Iterable[int]) -> bytes:
    numbers = array("i", column)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(part: bytes) -> Sequence[int]:
    numbers = array("i")
    numbers.frombytes(part)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _parts(index: bytes, start: int) -> list[bytes]:
    parts: list[bytes] = []
    while start < len(index):
        end = start + 4 + int.from_bytes(index[start : start + 4], "little")
        parts.append(index[start + 4 : end])
        start = end
    if start != len(index) or len(parts) != _NUMBER_COLUMNS + 1:
        raise invalid("E250", "the index beside the runtime is damaged: rebuild it")
    return parts
