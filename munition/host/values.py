# SPDX-License-Identifier: MIT
"""Values as they cross the boundary: Python on one side, the bytes of docs/guest-abi.md section 7 on the other.

A string is `str` when it is UTF-8 and `bytes` otherwise; a table is a `list` or a `dict`. What comes from a guest is
untrusted: every count is checked against the bytes that are there, and depth is bounded on both sides.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final, TypeAlias, cast

from munition.errors import UsageError, UsageTypeError

Value: TypeAlias = "bool | int | float | str | bytes | list[Value] | dict[Key, Value] | None"
Key: TypeAlias = "bool | int | float | str | bytes"

MAX_DEPTH: Final = 100
_MIN_INT: Final = -(1 << 63)
_MAX_INT: Final = (1 << 63) - 1
_MAX_LENGTH: Final = 0xFFFFFFFF

_NIL, _FALSE, _TRUE, _INTEGER, _FLOAT, _STRING, _ARRAY, _OBJECT, _MAP, _BYTES, _UNSIGNED = range(11)
_Int: Final = struct.Struct("<Bq")
_Float: Final = struct.Struct("<Bd")
_Head: Final = struct.Struct("<BI")
_U32: Final = struct.Struct("<I")
_I64: Final = struct.Struct("<q")
_U64: Final = struct.Struct("<Q")
_F64: Final = struct.Struct("<d")


class Unsigned(int):
    """An integer from 2^63 to 2^64 - 1 for a parameter that takes it."""


class Octets(bytes):
    """Bytes that are no text, for a parameter that takes them."""


class DecodeError(Exception):
    """Bytes of a guest that are not encoded values, or values Python cannot hold."""


def encode(values: Sequence[object]) -> bytes:
    """The count and the values.

    Raises:
        UsageTypeError: something that is no value of a guest, with the place it was found.
        UsageError: an integer beyond 64 bits, nesting over `MAX_DEPTH`, NaN as a key.
    """
    out = bytearray(_U32.pack(len(values)))
    position = 0
    try:
        for value in values:
            position += 1
            if isinstance(value, str) and value.isascii():
                # What is passed most by far, without the calls below.
                out += _Head.pack(_STRING, len(value))
                out += value.encode()
            else:
                _encode(value, out, 0)
    except _PlaceError as error:
        raise _refusal(error, position) from None
    return bytes(out)


class _PlaceError(Exception):
    """A value that cannot cross; grows the path to it while it travels up."""

    def __init__(self, message: str, kind: type[UsageError] | type[UsageTypeError]) -> None:
        super().__init__(message)
        self.kind = kind
        self.path: list[str] = []


def _refusal(error: _PlaceError, position: int) -> UsageError | UsageTypeError:
    path = "".join(reversed(error.path))
    return error.kind(f"argument {position}{' at value' + path[:200] if path else ''}: {error}")


def _encode(value: object, out: bytearray, depth: int) -> None:
    """Append one value. Text comes first in the order of tests because it comes most often."""
    match value:
        case str():
            raw = _bytes_of(value)
            out += _Head.pack(_STRING, len(raw))
            out += raw
        case bool():
            out.append(_TRUE if value else _FALSE)
        case int():
            if _MIN_INT <= value <= _MAX_INT:
                out += _Int.pack(_INTEGER, value)
            elif isinstance(value, Unsigned):
                out.append(_UNSIGNED)
                out += _U64.pack(value)
            else:
                raise _PlaceError("an integer beyond 64 bits cannot cross", UsageError)
        case float():
            out += _Float.pack(_FLOAT, value)
        case None:
            out.append(_NIL)
        case dict():
            _encode_dict(cast("dict[object, object]", value), out, _deeper(depth))
        case list() | tuple():
            _encode_list(cast("list[object]", value), out, _deeper(depth))
        case bytes() | bytearray():
            raw = _bytes_of(value)
            out += _Head.pack(_BYTES if isinstance(value, Octets) else _STRING, len(raw))
            out += raw
        case _:
            raise _PlaceError(f"a {type(value).__name__} cannot cross", UsageTypeError)


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise _PlaceError(f"nested deeper than {MAX_DEPTH} levels, or a cycle", UsageError)
    return depth + 1


def _bytes_of(value: str | bytes | bytearray) -> bytes:
    try:
        raw = value.encode() if isinstance(value, str) else bytes(value)
    except UnicodeEncodeError:
        raise _PlaceError("a string with half of a surrogate pair cannot cross", UsageError) from None
    if len(raw) > _MAX_LENGTH:
        raise _PlaceError("a string of 4 GiB or more cannot cross", UsageError)
    return raw


def _encode_list(items: list[object] | tuple[object, ...], out: bytearray, depth: int) -> None:
    out += _Head.pack(_ARRAY, len(items))
    for index, item in enumerate(items):
        try:
            _encode(item, out, depth)
        except _PlaceError as error:
            error.path.append(f"[{index}]")
            raise


def _encode_dict(table: dict[object, object], out: bytearray, depth: int) -> None:
    plain = all(isinstance(key, (str, bytes)) for key in table)
    out += _Head.pack(_OBJECT if plain else _MAP, len(table))
    for key, item in table.items():
        try:
            if plain:
                raw = _bytes_of(cast("str | bytes", key))
                out += _U32.pack(len(raw))
                out += raw
            else:
                _encode_key(key, out, depth)
            _encode(item, out, depth)
        except _PlaceError as error:
            error.path.append(f"[{key!r:.40}]")
            raise


def _encode_key(key: object, out: bytearray, depth: int) -> None:
    if not isinstance(key, (bool, int, float, str, bytes)):
        raise _PlaceError(f"a {type(key).__name__} cannot be a key", UsageTypeError)
    if isinstance(key, float) and math.isnan(key):
        raise _PlaceError("NaN cannot be a key", UsageError)
    _encode(key, out, depth)


class Decoder:
    """Reads encoded values from `data`, starting at `at`."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def u32(self) -> int:
        """The next 32-bit number."""
        if self.at + 4 > len(self.data):
            raise DecodeError("the bytes end early")
        found: int = _U32.unpack_from(self.data, self.at)[0]
        self.at += 4
        return found

    def count(self, least: int) -> int:
        """The next count of things that take at least `least` bytes each."""
        found = self.u32()
        if found * least > len(self.data) - self.at:
            raise DecodeError("a count is larger than the bytes that follow")
        return found

    def chunk(self) -> bytes:
        """A length and so many bytes."""
        length = self.u32()
        end = self.at + length
        if end > len(self.data):
            raise DecodeError("a string passes the end of the bytes")
        found = self.data[self.at : end]
        self.at = end
        return found

    def text(self) -> str | bytes:
        """A string: `str` if it is UTF-8."""
        return _text(self.chunk())

    def values(self) -> tuple[Value, ...]:
        """A count and so many values."""
        return tuple([self.value(0) for _ in range(self.count(1))])

    def value(self, depth: int) -> Value:
        """One value.

        Raises:
            DecodeError: see the class.
        """
        at = self.at
        if at >= len(self.data):
            raise DecodeError("the bytes end early")
        code = self.data[at]
        self.at = at + 1
        if code == _STRING:
            return self.text()
        if code <= _TRUE:
            return _CONSTANTS[code]
        if code <= _FLOAT:
            return self._number(code)
        if code == _BYTES:
            return self.chunk()
        if code == _UNSIGNED:
            return self._number(code)
        if code > _UNSIGNED:
            raise DecodeError(f"unknown value code {code}")
        if depth >= MAX_DEPTH:
            raise DecodeError(f"values are nested deeper than {MAX_DEPTH} levels")
        return self._table(code, depth + 1)

    def _number(self, code: int) -> int | float:
        if self.at + 8 > len(self.data):
            raise DecodeError("the bytes end early")
        reader = _NUMBERS[code]
        found: int | float = reader.unpack_from(self.data, self.at)[0]
        self.at += 8
        return found

    def _table(self, code: int, depth: int) -> list[Value] | dict[Key, Value]:
        if code == _ARRAY:
            return [self.value(depth) for _ in range(self.count(1))]
        table: dict[Key, Value] = {}
        size = self.count(5 if code == _OBJECT else 2)
        for _ in range(size):
            key = self.text() if code == _OBJECT else self._key(depth)
            table[key] = self.value(depth)
        if len(table) != size:
            raise DecodeError("a table has two keys that are equal in Python, such as 1 and true")
        return table

    def _key(self, depth: int) -> Key:
        key = self.value(depth)
        if key is None or isinstance(key, (list, dict)) or (isinstance(key, float) and math.isnan(key)):
            raise DecodeError("a table has a key that is no boolean, number or string")
        return key


_CONSTANTS: Final = (None, False, True)
_NUMBERS: Final = {_INTEGER: _I64, _FLOAT: _F64, _UNSIGNED: _U64}


def decode(data: bytes) -> tuple[Value, ...]:
    """What `encode` or a guest wrote.

    Raises:
        DecodeError: anything else, or bytes left over.
    """
    decoder = Decoder(data)
    found = decoder.values()
    if decoder.at != len(data):
        raise DecodeError("bytes are left over")
    return found


def decode_finished(block: bytes) -> tuple[Value, ...] | None:
    """The values of a result block of status 0; None for any other block, good or bad."""
    try:
        status, count = _Head.unpack_from(block)
        if status:
            return None
        found: list[Value] = []
        at = _Head.size
        # Each turn takes a byte at least, so a count that is a lie ends in an IndexError before long.
        for _ in range(count):
            if block[at] == _STRING:
                start = at + _Head.size
                at = start + _Head.unpack_from(block, at)[1]
                found.append(_text(block[start:at]))
            else:
                decoder = Decoder(block, at)
                found.append(decoder.value(0))
                at = decoder.at
    except (struct.error, IndexError, DecodeError):
        return None
    return tuple(found) if at == len(block) else None


def _text(raw: bytes) -> str | bytes:
    """A string: `str` if it is UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def decode_fields(data: bytes) -> dict[Key, Value]:
    """One encoded object (no count before it), as a log record carries.

    Raises:
        DecodeError: anything else; an empty array stands for an empty object.
    """
    decoder = Decoder(data)
    found = decoder.value(0)
    if decoder.at != len(data):
        raise DecodeError("bytes are left over")
    if found == []:
        return {}
    if not isinstance(found, dict):
        raise DecodeError("an object is expected")
    return found
