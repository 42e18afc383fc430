# SPDX-License-Identifier: MIT
"""The capability `log`: raw text for the two standard streams, and structured records.

Everything is kept in order in a `LogBook` with caps on bytes and on entries. What a guest says stays data: a record's
keys live under `fields`, and one call makes exactly one record whatever is in its message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from munition.host.abi import BudgetSpentError, GuestFaultError
from munition.host.values import DecodeError, Value, decode_fields

if TYPE_CHECKING:
    from munition.host.abi import Context

STDOUT: Final = 1
STDERR: Final = 2
LEVELS: Final = {10: "debug", 20: "info", 30: "warning", 40: "error"}
MAX_MESSAGE: Final = 64 << 10
"""Bytes of one record's message that are kept."""

MAX_FIELDS: Final = 64 << 10
"""Bytes of one record's encoded fields."""

CUT: Final = " [cut]"
_ENTRY_COST: Final = 64
"""Bytes a record counts besides its content, so that empty ones are not free."""


@dataclass(frozen=True, slots=True)
class Text:
    """Raw output: what was written to one stream without anything else between.

    Attributes:
        stream: 1 for standard output, 2 for standard error.
        data: the bytes as they came.
    """

    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One structured record.

    Attributes:
        level: debug, info, warning or error.
        message: what the guest said; bytes that are not UTF-8 are replaced.
        fields: what it said in data.
        sequence: how many records came before it in this fire.
    """

    level: str
    message: str
    fields: dict[str, Value]
    sequence: int


Entry: TypeAlias = Text | Record
Sink: TypeAlias = Callable[[int, bytes], None]
"""Takes raw output as it comes: (stream, bytes)."""

RecordSink: TypeAlias = Callable[[Record, int], None]
"""Takes records as they come, and how many bytes of the budget each counts."""


class LogBook:
    """Collects what one fire logs.

    Args:
        max_bytes: how many bytes of text, messages and fields are taken in all.
        max_records: how many records are taken.
        sink: gets raw text as it comes; what it gets is not kept.
        record_sink: gets records and the bytes they count as they come; what it gets is not kept.
    """

    __slots__ = ("_entries", "_left", "_record_sink", "_records", "_records_left", "_sink")

    def __init__(
        self,
        max_bytes: int,
        max_records: int,
        sink: Sink | None = None,
        record_sink: RecordSink | None = None,
    ) -> None:
        self._entries: list[Record | tuple[int, bytearray]] = []
        self._left = max_bytes
        self._records_left = max_records
        self._records = 0
        self._sink = sink
        self._record_sink = record_sink

    def room(self) -> int:
        """How many more bytes are taken."""
        return self._left

    def text(self, stream: int, data: bytes) -> None:
        """Append raw text; the caller has asked for `room`."""
        self._left -= len(data)
        if self._sink is not None:
            self._sink(stream, data)
            return
        last = self._entries[-1] if self._entries else None
        if isinstance(last, tuple) and last[0] == stream:
            last[1].extend(data)
        else:
            self._entries.append((stream, bytearray(data)))

    def record(self, level: str, message: str, fields: dict[str, Value], size: int) -> None:
        """Append a record that counts `size` bytes.

        Raises:
            BudgetSpentError: there is no room for it.
        """
        if self._records_left <= 0 or size + _ENTRY_COST > self._left:
            raise spent()
        self._records_left -= 1
        self._left -= size + _ENTRY_COST
        made = Record(level, message, fields, self._records)
        self._records += 1
        if self._record_sink is not None:
            self._record_sink(made, size)
        else:
            self._entries.append(made)

    def entries(self) -> tuple[Entry, ...]:
        """Everything so far, in order."""
        return tuple(Text(e[0], bytes(e[1])) if isinstance(e, tuple) else e for e in self._entries)


def spent() -> BudgetSpentError:
    """The end of a fire that logs more than it may."""
    return BudgetSpentError("the program wrote more output than it may", "output")


def write(context: Context, stream: int, address: int, length: int) -> None:
    """Append the bytes at (address, length) to a stream.

    Raises:
        GuestFaultError: another stream, or a range outside the memory.
        BudgetSpentError: more than may be written; what fits is kept.
    """
    if stream not in (STDOUT, STDERR):
        raise GuestFaultError(f"munition:log.write to stream {stream}; there are 1 and 2", "bad_argument")
    room = context.log.room()
    data = context.memory.read(address, min(length, room))
    context.log.text(stream, data)
    if length > room:
        raise spent()


def record(context: Context, level: int, address: int, length: int, fields: int, fields_length: int) -> None:
    """Append a record; a message beyond `MAX_MESSAGE` bytes is cut and marked, and never copied whole.

    Raises:
        GuestFaultError: an unknown level, a range outside the memory, fields that are too long or not an object.
        BudgetSpentError: more than may be logged.
    """
    if level not in LEVELS:
        raise GuestFaultError(
            f"munition:log.record with level {level}; there are 10, 20, 30 and 40", "bad_argument"
        )
    if fields_length > MAX_FIELDS:
        raise GuestFaultError(
            f"munition:log.record with more than {MAX_FIELDS} bytes of fields", "bad_argument"
        )
    kept = min(length, MAX_MESSAGE)
    message = context.memory.read(address, kept).decode("utf-8", "replace")
    if kept < length:
        message += CUT
    encoded = context.memory.read(fields, fields_length) if fields_length else b""
    context.log.record(LEVELS[level], message, _fields(encoded), kept + fields_length)


def _fields(encoded: bytes) -> dict[str, Value]:
    if not encoded:
        return {}
    try:
        found = decode_fields(encoded)
    except DecodeError as error:
        raise GuestFaultError(
            f"munition:log.record with fields that cannot be read: {error}", "bad_argument"
        ) from None
    if not all(isinstance(key, str) for key in found):
        raise GuestFaultError("munition:log.record with a field name that is not UTF-8", "bad_argument")
    return cast("dict[str, Value]", found)
