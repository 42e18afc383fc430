# SPDX-License-Identifier: MIT
"""A component as records, one per definition (component model, binary format; pre-standard version 0d).

A component is a list of definitions; each adds one entry to one index space, and refers to earlier entries by index. Types are
kept as far as they tell what an import or export consists of: shapes of values are checked while reading and then forgotten.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from munition.wasm.module import Custom


class Sort(enum.StrEnum):
    """The index spaces of a component."""

    CORE_FUNC = "core func"
    CORE_TABLE = "core table"
    CORE_MEMORY = "core memory"
    CORE_GLOBAL = "core global"
    CORE_TAG = "core tag"
    CORE_TYPE = "core type"
    CORE_MODULE = "core module"
    CORE_INSTANCE = "core instance"
    FUNC = "func"
    VALUE = "value"
    TYPE = "type"
    COMPONENT = "component"
    INSTANCE = "instance"


class Other(Struct, frozen=True):
    """A type of which nothing is kept: of values, functions, core functions, modules."""


class Resource(Struct, frozen=True):
    """A resource type; `destructor` is a core function where it is defined with one."""

    destructor: int | None = None


class InstanceType(Struct, frozen=True):
    """The type of an instance: what it exports, in order."""

    exports: tuple[tuple[str, Extern], ...] = ()


class ComponentType(Struct, frozen=True):
    """The type of a component: what its instances export. What it imports is checked and not kept."""

    exports: tuple[tuple[str, Extern], ...] = ()


Type: TypeAlias = Other | Resource | InstanceType | ComponentType
"""`None` beside it means: not known from the bytes without following instances."""


class Extern(Struct, frozen=True):
    """What an import or export is.

    Attributes:
        sort: which index space it enters.
        type: its type where that is kept; None if it is not known.
    """

    sort: Sort
    type: Type | None = None


class Named(Struct, frozen=True):
    """A name for an entry of an index space: an argument or an inline export."""

    name: str
    sort: Sort
    index: int


class CoreModule(Struct, frozen=True):
    """An embedded core module: `data[start:end]` of the file."""

    start: int
    end: int


class Nested(Struct, frozen=True):
    """An embedded component."""

    component: Component


class CoreInstantiate(Struct, frozen=True):
    """An instance of a core module; arguments name core instances."""

    module: int
    arguments: tuple[Named, ...]


class CoreExports(Struct, frozen=True):
    """A core instance put together from definitions that are there."""

    exports: tuple[Named, ...]


class Instantiate(Struct, frozen=True):
    """An instance of a component."""

    component: int
    arguments: tuple[Named, ...]


class Exports(Struct, frozen=True):
    """An instance put together from definitions that are there."""

    exports: tuple[Named, ...]


class CoreTypeDefinition(Struct, frozen=True):
    """A type of a core function, struct, array or module."""


class TypeDefinition(Struct, frozen=True):
    """A type of a value, function, resource, instance or component."""

    type: Type


class ExportAlias(Struct, frozen=True):
    """An entry for what an instance (a core one if `core`) exports."""

    sort: Sort
    instance: int
    name: str
    core: bool


class OuterAlias(Struct, frozen=True):
    """An entry for what the component `outwards` steps further out (0: this one) has at `index`."""

    sort: Sort
    outwards: int
    index: int


class Lift(Struct, frozen=True):
    """`canon lift`: a function made of a core function; `helpers` are core functions its options name."""

    function: int
    helpers: tuple[int, ...]


class Lower(Struct, frozen=True):
    """`canon lower`: a core function made of a function; `helpers` are core functions its options name."""

    function: int
    helpers: tuple[int, ...]


class Builtin(Struct, frozen=True):
    """Another canonical function.

    Attributes:
        name: such as `resource.drop` or `thread.spawn-indirect`.
        helpers: core functions its options name.
        table: the core table it calls functions from, if it does.
        type: the type index it is about, if it has one.
    """

    name: str
    helpers: tuple[int, ...] = ()
    table: int | None = None
    type: int | None = None


class Start(Struct, frozen=True):
    """A function called when the component is instantiated, and how many values come of it."""

    function: int
    results: int


class Import(Struct, frozen=True):
    """An import; `implements` is the interface that the attribute of that name claims it to be."""

    name: str
    extern: Extern
    implements: str = ""


class Export(Struct, frozen=True):
    """An export, which is also a new entry of its index space."""

    name: str
    sort: Sort
    index: int


class ValueDefinition(Struct, frozen=True):
    """A constant value."""


Definition: TypeAlias = (
    CoreModule
    | Nested
    | CoreInstantiate
    | CoreExports
    | Instantiate
    | Exports
    | CoreTypeDefinition
    | TypeDefinition
    | ExportAlias
    | OuterAlias
    | Lift
    | Lower
    | Builtin
    | Start
    | Import
    | Export
    | ValueDefinition
)


class Component(Struct, frozen=True):
    """A component: definitions in order, custom sections, and where it lies in the file."""

    definitions: tuple[Definition, ...]
    customs: tuple[Custom, ...]
    start: int
    end: int
