# SPDX-License-Identifier: MIT
"""A component as records, one per definition (component model, binary format; pre-standard version 0d).

A component is a list of definitions; each adds one entry to one index space, and refers to earlier entries by index. Types are
kept as far as they tell what an import or export consists of: shapes of values are checked while reading and then forgotten.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

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


@dataclass(frozen=True, slots=True)
class Other:
    """A type of which nothing is kept: of values, functions, core functions, modules."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource type; `destructor` is a core function where it is defined with one."""

    destructor: int | None = None


@dataclass(frozen=True, slots=True)
class InstanceType:
    """The type of an instance: what it exports, in order."""

    exports: tuple[tuple[str, Extern], ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentType:
    """The type of a component: what its instances export. What it imports is checked and not kept."""

    exports: tuple[tuple[str, Extern], ...] = ()


Type: TypeAlias = Other | Resource | InstanceType | ComponentType
"""`None` beside it means: not known from the bytes without following instances."""


@dataclass(frozen=True, slots=True)
class Extern:
    """What an import or export is.

    Attributes:
        sort: which index space it enters.
        type: its type where that is kept; None if it is not known.
    """

    sort: Sort
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A name for an entry of an index space: an argument or an inline export."""

    name: str
    sort: Sort
    index: int


@dataclass(frozen=True, slots=True)
class CoreModule:
    """An embedded core module: `data[start:end]` of the file."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Nested:
    """An embedded component."""

    component: Component


@dataclass(frozen=True, slots=True)
class CoreInstantiate:
    """An instance of a core module; arguments name core instances."""

    module: int
    arguments: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class CoreExports:
    """A core instance put together from definitions that are there."""

    exports: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Instantiate:
    """An instance of a component."""

    component: int
    arguments: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Exports:
    """An instance put together from definitions that are there."""

    exports: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class CoreTypeDefinition:
    """A type of a core function, struct, array or module."""


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A type of a value, function, resource, instance or component."""

    type: Type


@dataclass(frozen=True, slots=True)
class ExportAlias:
    """An entry for what an instance (a core one if `core`) exports."""

    sort: Sort
    instance: int
    name: str
    core: bool


@dataclass(frozen=True, slots=True)
class OuterAlias:
    """An entry for what the component `outwards` steps further out (0: this one) has at `index`."""

    sort: Sort
    outwards: int
    index: int


@dataclass(frozen=True, slots=True)
class Lift:
    """`canon lift`: a function made of a core function; `helpers` are core functions its options name."""

    function: int
    helpers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lower:
    """`canon lower`: a core function made of a function; `helpers` are core functions its options name."""

    function: int
    helpers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Builtin:
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


@dataclass(frozen=True, slots=True)
class Start:
    """A function called when the component is instantiated, and how many values come of it."""

    function: int
    results: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import; `implements` is the interface that the attribute of that name claims it to be."""

    name: str
    extern: Extern
    implements: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """An export, which is also a new entry of its index space."""

    name: str
    sort: Sort
    index: int


@dataclass(frozen=True, slots=True)
class ValueDefinition:
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


@dataclass(frozen=True, slots=True)
class Component:
    """A component: definitions in order, custom sections, and where it lies in the file."""

    definitions: tuple[Definition, ...]
    customs: tuple[Custom, ...]
    start: int
    end: int
