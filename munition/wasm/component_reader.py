# SPDX-License-Identifier: MIT
"""Bytes to a component, believing nothing: the strict reader of the component model's binary format.

Structure, sizes, UTF-8, limits, and every index are checked; types are not compared, so this is no validator. Components nest:
a stack of our own follows them, and each byte is looked at once. Embedded core modules are located, not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.wasm.component import (
    Component,
    CoreExports,
    CoreInstantiate,
    CoreModule,
    CoreTypeDefinition,
    Definition,
    Export,
    ExportAlias,
    Exports,
    Import,
    Instantiate,
    Named,
    Nested,
    OuterAlias,
    Sort,
    Start,
    TypeDefinition,
    ValueDefinition,
)
from munition.wasm.component_canon import read_canon
from munition.wasm.component_scope import Scope, extern_name, index, named, sort, unique
from munition.wasm.component_types import core_type, extern, read_type, value_type
from munition.wasm.cursor import Cursor
from munition.wasm.faults import invalid
from munition.wasm.header import HEADER
from munition.wasm.limits import DEFAULT_LIMITS, Limits
from munition.wasm.module import Custom

if TYPE_CHECKING:
    from collections.abc import Callable

COMPONENT_HEADER: Final = b"\0asm\x0d\0\1\0"
_CUSTOM, _MODULE, _NESTED, _START = 0, 1, 4, 9
_OUTER_SORTS: Final = frozenset({Sort.CORE_MODULE, Sort.CORE_TYPE, Sort.TYPE, Sort.COMPONENT})
_INSTANCE_ARGUMENT: Final = 0x12


class _Open:
    """A component that is being read."""

    __slots__ = ("cursor", "customs", "definitions", "scope", "start")

    def __init__(self, cursor: Cursor, scope: Scope, start: int) -> None:
        self.cursor = cursor
        self.scope = scope
        self.start = start
        self.definitions: list[Definition] = []
        self.customs: list[Custom] = []

    def closed(self) -> Component:
        return Component(tuple(self.definitions), tuple(self.customs), self.start, self.cursor.end)


def is_component(data: bytes) -> bool:
    """Whether the first eight bytes are those of a component of the version this reader knows."""
    return data.startswith(COMPONENT_HEADER)


def read_component(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Component:
    """The component in `data`, with all components in it.

    Raises:
        InvalidModuleError: with a code of `munition.wasm.faults.FAULTS` and the byte offset.
    """
    if len(data) > limits.module_bytes:
        raise invalid("E217", f"a component of {len(data)} bytes, more than {limits.module_bytes}")
    stack = [_open(Cursor(data, 0, len(data)), Scope(limits))]
    parts = customs = 0
    while True:
        top = stack[-1]
        cursor = top.cursor
        if cursor.pos == cursor.end:
            found = stack.pop().closed()
            if not stack:
                return found
            stack[-1].scope.add(Sort.COMPONENT, cursor.pos)
            stack[-1].definitions.append(Nested(found))
            continue
        at = cursor.pos
        code = cursor.byte()
        inner = cursor.inner(cursor.u32())
        if code in {_MODULE, _NESTED}:
            parts += 1
            if parts > limits.component_parts:
                raise invalid(
                    "E217", f"more than {limits.component_parts} modules and components in a component", at
                )
        if code == _NESTED:
            stack.append(_open(inner, Scope(limits, top.scope)))
        elif code == _CUSTOM:
            customs += 1
            if customs > limits.custom_sections:
                raise invalid("E217", f"more than {limits.custom_sections} custom sections", at)
            top.customs.append(Custom(inner.name(limits.name_bytes), inner.data[inner.pos : inner.end], None))
        else:
            _section(code, inner, top, at)


def _open(cursor: Cursor, scope: Scope) -> _Open:
    start = cursor.pos
    if scope.depth > scope.limits.component_depth:
        raise invalid("E217", f"components nested more than {scope.limits.component_depth} deep", start)
    header = cursor.take(len(COMPONENT_HEADER))
    if header != COMPONENT_HEADER:
        raise invalid("E204", "what should be a component has another header", start)
    return _Open(cursor, scope, start)


def _section(code: int, cursor: Cursor, top: _Open, at: int) -> None:
    """Read one section of definitions."""
    if code == _MODULE:
        if cursor.data[cursor.pos : cursor.end][: len(HEADER)] != HEADER:
            raise invalid("E204", "what should be a core module has another header", cursor.pos)
        top.scope.add(Sort.CORE_MODULE, at)
        top.definitions.append(CoreModule(cursor.pos, cursor.end))
        return
    if code == _START:
        top.definitions.append(_start(cursor, top.scope))
    else:
        read = _SECTIONS.get(code)
        if read is None:
            raise invalid("E213", f"unknown section {code} of a component", at)
        for _ in range(cursor.count("definitions", top.scope.limits.component_items)):
            top.definitions.append(read(cursor, top.scope))
    if cursor.pos != cursor.end:
        raise invalid("E215", f"{cursor.end - cursor.pos} bytes left over in section {code}", cursor.pos)


def _core_instance(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    form = cursor.byte()
    if form == 0:
        module = index(cursor, scope, Sort.CORE_MODULE)
        names: set[str] = set()
        count = cursor.count("arguments", scope.limits.component_items, smallest=3)
        found: Definition = CoreInstantiate(
            module, tuple([_core_argument(cursor, scope, names) for _ in range(count)])
        )
    elif form == 1:
        found = CoreExports(_inline(cursor, scope, core=True))
    else:
        raise invalid("E270", f"unknown form of core instance {form:#04x}", start)
    scope.add(Sort.CORE_INSTANCE, start)
    return found


def _core_argument(cursor: Cursor, scope: Scope, names: set[str]) -> Named:
    start = cursor.pos
    name = cursor.name(scope.limits.name_bytes)
    unique(names, name, "arguments", start)
    if cursor.byte() != _INSTANCE_ARGUMENT:
        raise invalid("E270", "an argument of a core instance must be an instance", cursor.pos - 1)
    return Named(name, Sort.CORE_INSTANCE, index(cursor, scope, Sort.CORE_INSTANCE))


def _inline(cursor: Cursor, scope: Scope, *, core: bool) -> tuple[Named, ...]:
    """Inline exports."""
    names: set[str] = set()
    found: list[Named] = []
    for _ in range(cursor.count("exports", scope.limits.component_items, smallest=3)):
        start = cursor.pos
        if core:
            item = named(cursor, scope, core=True)
        else:
            name, _ = extern_name(cursor, scope.limits)
            kind = sort(cursor)
            item = Named(name, kind, index(cursor, scope, kind))
        unique(names, item.name, "exports", start)
        found.append(item)
    return tuple(found)


def _instance(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    form = cursor.byte()
    if form == 0:
        component = index(cursor, scope, Sort.COMPONENT)
        names: set[str] = set()
        arguments: list[Named] = []
        for _ in range(cursor.count("arguments", scope.limits.component_items, smallest=3)):
            at = cursor.pos
            arguments.append(named(cursor, scope, core=False))
            unique(names, arguments[-1].name, "arguments", at)
        found: Definition = Instantiate(component, tuple(arguments))
    elif form == 1:
        found = Exports(_inline(cursor, scope, core=False))
    else:
        raise invalid("E270", f"unknown form of instance {form:#04x}", start)
    scope.add(Sort.INSTANCE, start)
    return found


def _core_type(cursor: Cursor, scope: Scope) -> Definition:
    core_type(cursor, scope)
    return CoreTypeDefinition()


def _type(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    found = read_type(cursor, scope)
    scope.add(Sort.TYPE, start, found)
    return TypeDefinition(found)


def _alias(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    found, form = sort(cursor), cursor.byte()
    if form == 0:
        instance = index(cursor, scope, Sort.INSTANCE)
        name = cursor.name(scope.limits.name_bytes)
        scope.add(found, start, scope.exported_type(instance, name))
        return ExportAlias(found, instance, name, core=False)
    if form == 1:
        instance = index(cursor, scope, Sort.CORE_INSTANCE)
        name = cursor.name(scope.limits.name_bytes)
        if not found.startswith("core "):
            raise invalid("E270", f"a core instance exports nothing of sort {found}", start)
        scope.add(found, start)
        return ExportAlias(found, instance, name, core=True)
    if form != 2 or found not in _OUTER_SORTS:
        raise invalid("E270", f"no such alias of sort {found}", start)
    steps = cursor.u32()
    outer = scope.outer(steps, start)
    at = index(cursor, outer, found)
    scope.add(found, start, outer.types[at] if found is Sort.TYPE else None)
    return OuterAlias(found, steps, at)


def _canon(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    enters, found = read_canon(cursor, scope)
    scope.add(enters, start)
    return found


def _start(cursor: Cursor, scope: Scope) -> Start:
    start = cursor.pos
    function = index(cursor, scope, Sort.FUNC)
    for _ in range(cursor.count("arguments", scope.limits.component_items)):
        index(cursor, scope, Sort.VALUE)
    results = cursor.u32()
    if results > scope.limits.results:
        raise invalid("E217", f"a start function of {results} results", start)
    for _ in range(results):
        scope.add(Sort.VALUE, start)
    return Start(function, results)


def _import(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    name, implements = extern_name(cursor, scope.limits)
    unique(scope.imports, name, "imports", start)
    found = extern(cursor, scope)
    scope.add(found.sort, start, found.type)
    return Import(name, found, implements)


def _export(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    name, _ = extern_name(cursor, scope.limits)
    unique(scope.exports, name, "exports", start)
    kind = sort(cursor)
    at = index(cursor, scope, kind)
    typed = cursor.byte()
    if typed > 1:
        raise invalid("E270", "an optional type starts with 0 or 1", cursor.pos - 1)
    known = (
        scope.types[at] if kind is Sort.TYPE else scope.instances.get(at) if kind is Sort.INSTANCE else None
    )
    if typed:
        ascribed = extern(cursor, scope)
        if ascribed.sort is not kind:
            raise invalid("E270", f"{kind} exported as {ascribed.sort}", start)
        known = ascribed.type
    scope.add(kind, start, known)
    return Export(name, kind, at)


def _value(cursor: Cursor, scope: Scope) -> Definition:
    start = cursor.pos
    value_type(cursor, scope)
    cursor.inner(cursor.u32())
    scope.add(Sort.VALUE, start)
    return ValueDefinition()


_SECTIONS: Final[dict[int, Callable[[Cursor, Scope], Definition]]] = {
    2: _core_instance,
    3: _core_type,
    5: _instance,
    6: _alias,
    7: _type,
    8: _canon,
    10: _import,
    11: _export,
    12: _value,
}
