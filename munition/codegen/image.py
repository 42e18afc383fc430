# SPDX-License-Identifier: MIT
"""The static data of a program: strings, tables, closures and records that exist before the first instruction runs.

Everything is laid out in the formats of docs/guest-abi.md from `RuntimeObject.heap_base` upwards, so an instance
starts with its globals in place and no set-up code.
"""

from __future__ import annotations

import struct
from typing import Protocol

from msgspec import Struct

from munition.ir.nodes import Site
from munition.runtime import layout

_CELL = struct.Struct("<qII")


class StaticValue(Struct, frozen=True):
    """A value as it lies in a cell."""

    tag: int
    payload: int


NIL = StaticValue(layout.NIL, 0)


def number(value: int | float) -> StaticValue:
    """The cell content of an int (64 bit) or float."""
    if isinstance(value, float):
        return StaticValue(layout.FLOAT, struct.unpack("<q", struct.pack("<d", value))[0])
    return StaticValue(layout.INTEGER, value)


class Image:
    """A growing region of static data. Addresses handed out never change."""

    def __init__(self, base: int, runtime_strings: dict[bytes, int]) -> None:
        """Start at address `base`; equal constants reuse `runtime_strings` (text -> address in the runtime)."""
        self._base = base
        self._data = bytearray()
        self._runtime_strings = runtime_strings
        self._strings: dict[bytes, int] = {}
        self._sites: dict[tuple[Site, int], int] = {}
        self._rows: dict[bytes, int] = {}
        self._tables: list[int] = []

    @property
    def end(self) -> int:
        """The first address after the image."""
        return self._base + len(self._data)

    @property
    def base(self) -> int:
        """The first address of the image."""
        return self._base

    @property
    def data(self) -> bytes:
        """Everything laid out so far."""
        return bytes(self._data)

    def reserve(self, size: int, align: int = 8) -> int:
        """Zeroed room for `size` bytes; returns its address."""
        at = -(-self.end // align) * align
        self._data.extend(bytes(at - self.end + size))
        return at

    def write(self, address: int, data: bytes) -> None:
        """Overwrite laid-out bytes."""
        at = address - self._base
        self._data[at : at + len(data)] = data

    def string(self, text: bytes) -> int:
        """Address of the string object for `text`; one per text."""
        known = self._runtime_strings.get(text) or self._strings.get(text)
        if known is not None:
            return known
        at = self.reserve(layout.STRING_BYTES + len(text) + 1)
        short = len(text) <= layout.SHORT_STRING
        flags = layout.STRING_INTERNED if short else 0
        header = struct.pack(
            "<BBBBIII", layout.STRING, 0, flags, 0, len(text), layout.string_hash(text) if short else 0, 0
        )
        self.write(at, header + text)
        self._strings[text] = at
        return at

    def row(self, data: bytes) -> int:
        """Address of these bytes, which nothing changes: equal ones are laid out once."""
        at = self._rows.get(data)
        if at is None:
            at = self._rows[data] = self.reserve(len(data))
            self.write(at, data)
        return at

    def closure(self, slot: int, info: int, upvalues: tuple[int, ...] = ()) -> int:
        """A closure whose upvalues are these integers."""
        at = self.reserve(layout.CLOSURE_UPVALUES + len(upvalues) * layout.CELL_SIZE)
        cells = b"".join(_CELL.pack(upvalue, layout.INTEGER, 0) for upvalue in upvalues)
        head = struct.pack("<BBBBIII", layout.FUNCTION, 0, 0, 0, slot, info, len(upvalues))
        self.write(at, head + cells)
        return at

    def table(self, fields: list[tuple[bytes, StaticValue]], spare: int = 0) -> int:
        """A table with these string keys in this order and room for `spare` more.

        The index is built as the runtime does: linear probing from the hash, entry number + 1.
        """
        at = self.reserve(layout.TABLE_SIZE)
        capacity = max(len(fields) + spare, 4)
        entries = self.reserve(capacity * layout.ENTRY_SIZE)
        for i, (name, value) in enumerate(fields):
            key = self.string(name)
            cells = _CELL.pack(key, layout.STRING, key) + _CELL.pack(value.payload, value.tag, 0)
            self.write(entries + i * layout.ENTRY_SIZE, cells)
        index, mask = self._index([name for name, _ in fields], capacity)
        self.write(
            at,
            struct.pack(
                "<BBBBIIIIIIIIIIIQ",
                layout.TABLE,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                len(fields),
                entries,
                capacity,
                index,
                mask,
                0,
                0,
                _name_bits([name for name, _ in fields]),
            ),
        )
        self._tables.append(at)
        return at

    def _index(self, names: list[bytes], capacity: int) -> tuple[int, int]:
        if capacity <= layout.LINEAR_ENTRIES:
            return 0, 0
        size = 1 << (2 * capacity - 1).bit_length()
        slots = [0] * size
        for number_, name in enumerate(names):
            at = layout.string_hash(name) & (size - 1)
            while slots[at]:
                at = (at + 1) & (size - 1)
            slots[at] = number_ + 1
        address = self.reserve(4 * size)
        self.write(address, struct.pack(f"<{size}I", *slots))
        return address, size - 1

    def cells(self, count: int) -> int:
        """Cells for program variables: the array part of a static table, so that the collector sees them."""
        at = self.reserve(layout.TABLE_SIZE)
        array = self.reserve(count * layout.CELL_SIZE)
        self.write(at, struct.pack("<BBBBIII", layout.TABLE, 0, 0, 0, count, array, count))
        self._tables.append(at)
        return array

    def function_info(
        self, name: bytes | None, source: bytes, line: int, last_line: int, parameters: int, flags: int
    ) -> int:
        """A FunctionInfo record."""
        name_at = self.string(name) if name is not None else 0
        source_at = self.string(source)
        at = self.reserve(layout.INFO_SIZE)
        self.write(at, struct.pack("<6I", name_at, source_at, line, last_line, parameters, flags))
        return at

    def site(self, site: Site, function: int) -> int:
        """A Site record; equal ones are shared. Two operands are named per record, so there may be more behind it."""
        known = self._sites.get((site, function))
        if known is not None:
            return known
        operands = [site.name1, site.name2, *site.more]
        operands += [None] * (len(operands) % 2)
        named = [
            (layout.SITE_KINDS.index(o[0]), self.string(o[1])) if o is not None else (0, 0) for o in operands
        ]
        at = self.reserve(layout.SITE_SIZE * len(named) // 2, 4)
        for i in range(0, len(named), 2):
            kinds, names = zip(*named[i : i + 2], strict=True)
            record = struct.pack("<4IBBH", site.line, function, *names, *kinds, 0)
            self.write(at + i // 2 * layout.SITE_SIZE, record)
        self._sites[site, function] = at
        return at

    def static_tables(self) -> tuple[int, int]:
        """Address and length of the list of all static tables (the collector's roots)."""
        at = self.reserve(4 * len(self._tables), 4)
        self.write(at, struct.pack(f"<{len(self._tables)}I", *self._tables))
        return at, len(self._tables)

    def set_field(self, table: int, entry: int, value: StaticValue) -> None:
        """Give entry number `entry` of a table laid out here another value."""
        at = table + layout.TABLE_ENTRIES - self._base
        entries = struct.unpack_from("<I", self._data, at)[0]
        self.write(
            entries + entry * layout.ENTRY_SIZE + layout.ENTRY_VALUE, _CELL.pack(value.payload, value.tag, 0)
        )

    def intern_table(self, names: ChainedNames) -> tuple[int, int, int]:
        """Chain all short strings, the runtime's too, into buckets; returns (address, mask, count)."""
        short = [(text, at) for text, at in self._strings.items() if len(text) <= layout.SHORT_STRING]
        size = 1 << max(7, (len(short) + len(self._runtime_strings)).bit_length() + 1)
        heads = [0] * size
        for text, at in self._runtime_strings.items():
            bucket = layout.string_hash(text) & (size - 1)
            names.set_next(at, heads[bucket])
            heads[bucket] = at
        for text, at in short:
            bucket = layout.string_hash(text) & (size - 1)
            self.write(at + layout.STRING_NEXT, struct.pack("<I", heads[bucket]))
            heads[bucket] = at
        address = self.reserve(4 * size)
        self.write(address, struct.pack(f"<{size}I", *heads))
        return address, size - 1, len(short) + len(self._runtime_strings)


class ChainedNames(Protocol):
    """Strings outside the image whose chain field can be written."""

    def set_next(self, address: int, following: int) -> None:
        """Make `following` the next string in the bucket of the one at `address`."""
        ...


def _name_bits(names: list[bytes]) -> int:
    """The `names` field of a table with these keys."""
    out = 0
    for name in names:
        out |= layout.name_bits(name)
    return out
