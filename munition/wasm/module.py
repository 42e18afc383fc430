# SPDX-License-Identifier: MIT
"""A core module as records, one per thing a section can hold (core specification, sections 2.5 and 5.5)."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from munition.wasm.types import GlobalType, MemoryType, TableType

if TYPE_CHECKING:
    from munition.wasm.types import RecGroup, RefType, SubType

ConstExpr: TypeAlias = bytes
"""A constant expression as it is encoded, the final `end` (0B) included."""


class SectionId(enum.IntEnum):
    """Section identifiers of the binary format."""

    CUSTOM = 0
    TYPE = 1
    IMPORT = 2
    FUNCTION = 3
    TABLE = 4
    MEMORY = 5
    GLOBAL = 6
    EXPORT = 7
    START = 8
    ELEMENT = 9
    CODE = 10
    DATA = 11
    DATA_COUNT = 12
    TAG = 13


SECTION_ORDER: Final = (
    SectionId.TYPE,
    SectionId.IMPORT,
    SectionId.FUNCTION,
    SectionId.TABLE,
    SectionId.MEMORY,
    SectionId.TAG,
    SectionId.GLOBAL,
    SectionId.EXPORT,
    SectionId.START,
    SectionId.ELEMENT,
    SectionId.DATA_COUNT,
    SectionId.CODE,
    SectionId.DATA,
)
"""The order in which sections appear; custom sections may stand anywhere between."""


class Kind(enum.IntEnum):
    """What an import or export is, as it is encoded."""

    FUNCTION = 0
    TABLE = 1
    MEMORY = 2
    GLOBAL = 3
    TAG = 4


class Section(Struct, frozen=True):
    """Where a section lies: its payload is `data[start:end]`; `name` is that of a custom section, else None.

    For a custom section `start` is behind the name.
    """

    id: int
    start: int
    end: int
    name: str | None = None


class TagType(Struct, frozen=True):
    """An exception tag, imported or defined; `type` is a type index."""

    type: int


ImportType: TypeAlias = int | TableType | MemoryType | GlobalType | TagType
"""What an import is: a type index for a function, else the type."""


class Import(Struct, frozen=True):
    """One entry of the import section.

    Attributes:
        module: first part of the name.
        name: second part of the name.
        kind: which index space it enters.
        type: the type index of a function, else the type itself.
    """

    module: str
    name: str
    kind: Kind
    type: ImportType


class Table(Struct, frozen=True):
    """A table; without `initial` its elements start as null."""

    type: TableType
    initial: ConstExpr | None = None


class Global(Struct, frozen=True):
    """A global and its initial value."""

    type: GlobalType
    initial: ConstExpr


class Export(Struct, frozen=True):
    """One entry of the export section; `index` counts imports and definitions of its kind."""

    name: str
    kind: Kind
    index: int


class Mode(enum.IntEnum):
    """When a segment is copied: at instantiation, on request, or never (element segments that only declare)."""

    ACTIVE = 0
    PASSIVE = 1
    DECLARATIVE = 2


class Element(Struct, frozen=True):
    """An element segment: either function indices or constant expressions.

    Attributes:
        mode: active, passive or declarative.
        type: type of the elements.
        functions: function indices; empty when `expressions` is given.
        expressions: constant expressions, or None for a segment of function indices.
        table: table an active segment goes to.
        offset: where in that table, for an active segment.
    """

    mode: Mode
    type: RefType
    functions: tuple[int, ...] = ()
    expressions: tuple[ConstExpr, ...] | None = None
    table: int = 0
    offset: ConstExpr | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """A data segment.

    Attributes:
        content: the bytes.
        memory: memory an active segment goes to.
        offset: where in that memory; None for a passive segment.
        at: where in the file the bytes were read; not compared.
    """

    content: bytes
    memory: int = 0
    offset: ConstExpr | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Body:
    """A function body as it is encoded: local declarations, instructions, final `end`.

    Attributes:
        content: the bytes.
        at: where in the file they were read; not compared.
    """

    content: bytes
    at: int = field(default=0, compare=False)


class Custom(Struct, frozen=True):
    """A custom section; `after` is the non-custom section before it, None at the very start."""

    name: str
    content: bytes
    after: SectionId | None = SectionId.DATA


class Module(Struct, frozen=True):
    """A core module. Index spaces start with the imports of their kind, in import order.

    Attributes:
        types: the type index space; recursion groups are flattened.
        rec_groups: which of the types were written as explicit recursion groups.
        imports: in order.
        functions: type index of each defined function.
        tables: defined tables.
        memories: defined memories.
        tags: type index of each defined tag.
        globals: defined globals.
        exports: in order, names unique.
        start: index of the start function.
        elements: element segments.
        data_count: content of the data count section, if there is one.
        code: one body per defined function.
        data: data segments.
        customs: in order.
    """

    types: tuple[SubType, ...] = ()
    rec_groups: tuple[RecGroup, ...] = ()
    imports: tuple[Import, ...] = ()
    functions: tuple[int, ...] = ()
    tables: tuple[Table, ...] = ()
    memories: tuple[MemoryType, ...] = ()
    tags: tuple[int, ...] = ()
    globals: tuple[Global, ...] = ()
    exports: tuple[Export, ...] = ()
    start: int | None = None
    elements: tuple[Element, ...] = ()
    data_count: int | None = None
    code: tuple[Body, ...] = ()
    data: tuple[Data, ...] = ()
    customs: tuple[Custom, ...] = ()

    def imported(self, kind: Kind) -> tuple[Import, ...]:
        """The imports of one kind, in index order."""
        return tuple(i for i in self.imports if i.kind is kind)

    def function_types(self) -> tuple[int, ...]:
        """The type index of every function, imported ones first. Computed anew: keep it when asking often."""
        imported = tuple(i.type for i in self.imports if isinstance(i.type, int))
        return imported + self.functions

    def custom(self, name: str) -> Custom | None:
        """The first custom section called `name`."""
        return next((c for c in self.customs if c.name == name), None)
