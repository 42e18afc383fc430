# SPDX-License-Identifier: MIT
"""Index spaces while a component is read, and the small things many definitions are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.wasm.component import InstanceType, Named, Sort
from munition.wasm.faults import invalid

if TYPE_CHECKING:
    from munition.wasm.component import Type
    from munition.wasm.cursor import Cursor
    from munition.wasm.limits import Limits

CORE_SORTS: Final = {
    0x00: Sort.CORE_FUNC,
    0x01: Sort.CORE_TABLE,
    0x02: Sort.CORE_MEMORY,
    0x03: Sort.CORE_GLOBAL,
    0x04: Sort.CORE_TAG,
    0x10: Sort.CORE_TYPE,
    0x11: Sort.CORE_MODULE,
    0x12: Sort.CORE_INSTANCE,
}
SORTS: Final = {
    0x01: Sort.FUNC,
    0x02: Sort.VALUE,
    0x03: Sort.TYPE,
    0x04: Sort.COMPONENT,
    0x05: Sort.INSTANCE,
}


class Scope:
    """What can be named inside a component, or inside the type of a component, instance or module."""

    __slots__ = ("depth", "exports", "found", "imports", "instances", "limits", "parent", "sizes", "types")

    def __init__(self, limits: Limits, parent: Scope | None = None) -> None:
        """Empty, inside `parent`."""
        self.limits = limits
        self.parent = parent
        self.depth: int = 1 if parent is None else parent.depth + 1
        self.sizes: dict[Sort, int] = dict.fromkeys(Sort, 0)
        self.types: list[Type | None] = []
        self.instances: dict[int, InstanceType] = {}
        self.found: dict[int, dict[str, Type | None]] = {}
        self.imports: set[str] = set()
        self.exports: set[str] = set()

    def add(self, sort: Sort, at: int, type_: Type | None = None) -> None:
        """Enlarge an index space by one entry.

        Raises:
            InvalidModuleError: E217 when it has grown beyond its limit.
        """
        limit = self.limits.component_instances if sort in _FEW else self.limits.component_items
        if self.sizes[sort] >= limit:
            raise invalid("E217", f"more than {limit} entries of sort {sort} in a component", at)
        if sort is Sort.TYPE:
            self.types.append(type_)
        elif sort is Sort.INSTANCE and isinstance(type_, InstanceType):
            self.instances[self.sizes[sort]] = type_
        self.sizes[sort] += 1

    def outer(self, steps: int, at: int) -> Scope:
        """The scope `steps` further out.

        Raises:
            InvalidModuleError: E222: there are not so many.
        """
        scope = self
        if steps >= self.depth:
            raise invalid("E222", f"an alias {steps} steps out of {self.depth} scopes", at)
        for _ in range(steps):
            assert scope.parent is not None
            scope = scope.parent
        return scope

    def exported_type(self, instance: int, name: str) -> Type | None:
        """The type called `name` that an instance exports, if its own type tells."""
        known = self.instances.get(instance)
        if known is None:
            return None
        if id(known) not in self.found:
            self.found[id(known)] = {n: e.type for n, e in known.exports}
        return self.found[id(known)].get(name)


_FEW: Final = frozenset({Sort.CORE_INSTANCE, Sort.INSTANCE})


def index(cursor: Cursor, scope: Scope, sort: Sort) -> int:
    """An index into the space of `sort` as it is now."""
    start = cursor.pos
    found = cursor.u32()
    if found >= scope.sizes[sort]:
        raise invalid("E222", f"{sort} index {found} out of bounds: there are {scope.sizes[sort]}", start)
    return found


def core_sort(cursor: Cursor) -> Sort:
    """A sort of the core language."""
    start = cursor.pos
    code = cursor.byte()
    found = CORE_SORTS.get(code)
    if found is None:
        raise invalid("E270", f"unknown core sort {code:#04x}", start)
    return found


def sort(cursor: Cursor) -> Sort:
    """Any sort."""
    start = cursor.pos
    code = cursor.byte()
    if code == 0:
        return core_sort(cursor)
    found = SORTS.get(code)
    if found is None:
        raise invalid("E270", f"unknown sort {code:#04x}", start)
    return found


def extern_name(cursor: Cursor, limits: Limits) -> tuple[str, str]:
    """The name of an import or export, and the interface it claims to implement (empty for none)."""
    start = cursor.pos
    form = cursor.byte()
    if form > 2:
        raise invalid("E270", f"unknown form of name {form:#04x}", start)
    name = cursor.name(limits.name_bytes)
    return name, _attributes(cursor, limits) if form == 2 else ""


def _attributes(cursor: Cursor, limits: Limits) -> str:
    implements = ""
    seen: set[int] = set()
    for _ in range(cursor.count("attributes", 3, smallest=2)):
        start = cursor.pos
        code = cursor.byte()
        if code > 2 or code in seen:
            raise invalid("E270", f"unknown or repeated attribute {code:#04x} of a name", start)
        seen.add(code)
        text = cursor.name(limits.name_bytes)
        implements = text if code == 0 else implements
    return implements


def unique(names: set[str], name: str, what: str, at: int) -> None:
    """Note a name, which must be new.

    Raises:
        InvalidModuleError: E225.
    """
    if name in names:
        raise invalid("E225", f"two {what} are called {name[:80]!a}", at)
    names.add(name)


def named(cursor: Cursor, scope: Scope, *, core: bool) -> Named:
    """A name and what it stands for: an inline export of a core instance if `core`, else an argument."""
    name = cursor.name(scope.limits.name_bytes)
    found = core_sort(cursor) if core else sort(cursor)
    return Named(name, found, index(cursor, scope, found))
