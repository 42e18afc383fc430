# SPDX-License-Identifier: MIT
"""What the inference knows of tables: one summary for each place that makes them."""

from __future__ import annotations

from msgspec import Struct, field

from munition.ir.lattice import NIL, Mask


class Site(Struct):
    """All tables made at one place.

    Attributes:
        fields: what is stored under constant names.
        items: what is stored under keys that are no strings.
        loose: what is stored under keys that may be strings, other than by constant name.
        keys: the types of the keys that are no constant names.
        meta: metatables these tables may get.
        escaped: code that is not accounted for may read and write them.
        is_meta: they may be metatables.
        library: for a table of the library the path to it; then the fields it starts with are there from the beginning.
        stored: names of the fields that the program assigns.
        readers: what has to be looked at again when anything changes.
        named_readers: what has to be looked at again when a field of that name changes.
    """

    fields: dict[bytes, Mask] = field(default_factory=dict[bytes, Mask])
    items: Mask = 0
    loose: Mask = 0
    keys: Mask = 0
    meta: Mask = 0
    escaped: bool = False
    is_meta: bool = False
    library: tuple[str, ...] | None = None
    stored: set[bytes] = field(default_factory=set[bytes])
    readers: set[int] = field(default_factory=set[int])
    named_readers: dict[bytes, set[int]] = field(default_factory=dict[bytes, set[int]])

    def named(self, name: bytes) -> Mask:
        """What the field `name` of the tables themselves can be."""
        if self.is_steady(name):
            return self.fields[name]
        return self.fields.get(name, 0) | self.loose | NIL

    def is_steady(self, name: bytes) -> bool:
        """Whether the field is one of the library's that nothing ever assigns."""
        return (
            self.library is not None
            and not self.escaped
            and not self.loose
            and name in self.fields
            and name not in self.stored
        )

    def all_readers(self) -> set[int]:
        """The readers of anything."""
        return self.readers.union(*self.named_readers.values())

    def contents(self) -> Mask:
        """Everything stored in them."""
        out = self.items | self.loose
        for mask in self.fields.values():
            out |= mask
        return out
