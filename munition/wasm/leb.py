# SPDX-License-Identifier: MIT
"""LEB128 numbers as WebAssembly writes them (core specification, section 5.2.2)."""

from __future__ import annotations

from typing import Final

from munition.wasm.faults import invalid

_SHORT: Final = tuple(bytes((n,)) for n in range(128))


def unsigned(value: int) -> bytes:
    """`value` in the fewest bytes."""
    if value < 128:
        return _SHORT[value]
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """`value` in the fewest bytes, two's complement."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value & 127)
    return bytes(out)


def padded(value: int, width: int) -> bytes:
    """`value` (0 or more, below 2 to the `7 * width`) in exactly `width` bytes."""
    if not 0 <= value < 1 << 7 * width:
        raise OverflowError(f"{value} does not fit {width} LEB128 bytes")
    out = bytearray((value >> 7 * i) & 127 | 128 for i in range(width))
    out[-1] &= 127
    return bytes(out)


def vector(items: list[bytes]) -> bytes:
    """A WebAssembly vector: the count, then the encoded items."""
    return unsigned(len(items)) + b"".join(items)


def name(text: str) -> bytes:
    """A WebAssembly name: the length in bytes, then UTF-8."""
    raw = text.encode()
    return unsigned(len(raw)) + raw


def read_unsigned(data: bytes, pos: int, end: int, bits: int) -> tuple[int, int]:
    """The number of at most `bits` bits (32 or more) at `pos`, and the position after it.

    Raises:
        InvalidModuleError: it passes `end`, takes more bytes than `bits` allow, or sets bits beyond them (E210, E211).
    """
    if pos + 3 <= end:  # nearly all numbers take at most three bytes, where there is nothing to refuse
        first = data[pos]
        if first < 128:
            return first, pos + 1
        second = data[pos + 1]
        if second < 128:
            return first & 127 | second << 7, pos + 2
        third = data[pos + 2]
        if third < 128:
            return first & 127 | (second & 127) << 7 | third << 14, pos + 3
    value = shift = 0
    at = pos
    while True:
        if at >= end:
            raise invalid("E210", "unexpected end in a LEB128 number", at)
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
        if shift >= bits:
            raise invalid("E211", f"LEB128 number too long for {bits} bits", pos)
    if value >> bits:
        raise invalid("E211", f"LEB128 number too large for {bits} bits", pos)
    return value, at


def read_signed(data: bytes, pos: int, end: int, bits: int) -> tuple[int, int]:
    """The signed number of at most `bits` bits at `pos`, and the position after it.

    Raises:
        InvalidModuleError: as `read_unsigned`; unused bits must repeat the sign.
    """
    value = shift = 0
    at = pos
    while True:
        if at >= end:
            raise invalid("E210", "unexpected end in a LEB128 number", at)
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
        if shift >= bits:
            raise invalid("E211", f"LEB128 number too long for {bits} bits", pos)
    if byte & 64:
        value -= 1 << shift
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise invalid("E211", f"LEB128 number out of range for {bits} signed bits", pos)
    return value, at
