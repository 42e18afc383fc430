# SPDX-License-Identifier: MIT
"""Types of components in the binary format. Types of components and instances nest: a stack of our own follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from munition.wasm.component import ComponentType, Extern, InstanceType, Other, Resource, Sort, Type
from munition.wasm.component_scope import Scope, core_sort, extern_name, index, sort, unique
from munition.wasm.decode_sections import extern_type
from munition.wasm.decode_types import group_of_types, val_type
from munition.wasm.faults import invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from munition.wasm.cursor import Cursor

_OTHER: Final = Other()
_PRIMITIVES: Final = frozenset({*range(0x73, 0x80), 0x64})
_COMPONENT, _INSTANCE, _RESOURCE, _MODULE, _SUB = 0x41, 0x42, 0x3F, 0x50, 0x00
_MAX_FLAGS: Final = 32


class _Open:
    """The type of a component or instance whose declarations are being read."""

    __slots__ = ("code", "exports", "left", "scope")

    def __init__(self, code: int, scope: Scope, left: int) -> None:
        self.code = code
        self.scope = scope
        self.left = left
        self.exports: list[tuple[str, Extern]] = []

    def closed(self) -> Type:
        found = tuple(self.exports)
        return ComponentType(found) if self.code == _COMPONENT else InstanceType(found)


def read_type(cursor: Cursor, scope: Scope) -> Type:
    """One type definition.

    Raises:
        InvalidModuleError: E220 for an unknown form, E217 for nesting beyond the limit, E222 for an index out of bounds.
    """
    stack: list[_Open] = []
    while True:
        here = stack[-1].scope if stack else scope
        if cursor.peek() in {_COMPONENT, _INSTANCE}:
            stack.append(_open(cursor, here))
            done: Type | None = None
        else:
            done = _flat_type(cursor, here)
        while done is not None or _until_nested(cursor, stack[-1]):
            if done is None:
                done = stack.pop().closed()
            if not stack:
                return done
            stack[-1].scope.add(Sort.TYPE, cursor.pos, done)
            done = None


def _open(cursor: Cursor, parent: Scope) -> _Open:
    start = cursor.pos
    code = cursor.byte()
    scope = Scope(parent.limits, parent)
    if scope.depth > parent.limits.component_depth:
        raise invalid("E217", f"types nested more than {parent.limits.component_depth} deep", start)
    return _Open(code, scope, cursor.count("declarations", parent.limits.component_items, smallest=2))


def _until_nested(cursor: Cursor, top: _Open) -> bool:
    """Read declarations up to the next type, which follows; True when there is none left."""
    while top.left:
        top.left -= 1
        start = cursor.pos
        code = cursor.byte()
        if code == 0:
            core_type(cursor, top.scope)
        elif code == 1:
            return False
        elif code == 2:
            declared_alias(cursor, top.scope)
        elif code == 3 and top.code == _COMPONENT:
            name, _ = extern_name(cursor, top.scope.limits)
            unique(top.scope.imports, name, "imports", start)
            _declare(cursor, top.scope)
        elif code == 4:
            name, _ = extern_name(cursor, top.scope.limits)
            unique(top.scope.exports, name, "exports", start)
            top.exports.append((name, _declare(cursor, top.scope)))
        else:
            raise invalid("E270", f"unknown declaration {code:#04x} in a type", start)
    return True


def _declare(cursor: Cursor, scope: Scope) -> Extern:
    start = cursor.pos
    found = extern(cursor, scope)
    scope.add(found.sort, start, found.type)
    return found


def extern(cursor: Cursor, scope: Scope) -> Extern:
    """What an import or export is."""
    start = cursor.pos
    found = sort(cursor)
    if found is Sort.CORE_MODULE:
        index(cursor, scope, Sort.CORE_TYPE)
        return Extern(found)
    if found is Sort.VALUE:
        return _bound(
            cursor, found, lambda: index(cursor, scope, Sort.VALUE), lambda: value_type(cursor, scope)
        )
    if found is Sort.TYPE:
        return _type_bound(cursor, scope)
    if found in {Sort.FUNC, Sort.COMPONENT, Sort.INSTANCE}:
        return Extern(found, scope.types[index(cursor, scope, Sort.TYPE)])
    raise invalid("E270", f"nothing of sort {found} can be imported or exported", start)


def _bound(cursor: Cursor, found: Sort, equal: Callable[[], object], typed: Callable[[], object]) -> Extern:
    start = cursor.pos
    code = cursor.byte()
    if code > 1:
        raise invalid("E270", f"unknown bound {code:#04x}", start)
    if code:
        typed()
    else:
        equal()
    return Extern(found, _OTHER)


def _type_bound(cursor: Cursor, scope: Scope) -> Extern:
    start = cursor.pos
    code = cursor.byte()
    if code > 1:
        raise invalid("E270", f"unknown bound {code:#04x}", start)
    return Extern(Sort.TYPE, Resource() if code else scope.types[index(cursor, scope, Sort.TYPE)])


def declared_alias(cursor: Cursor, scope: Scope) -> None:
    """An alias inside a type."""
    start = cursor.pos
    found = sort(cursor)
    form = cursor.byte()
    if form == 0 and found in {Sort.INSTANCE, Sort.TYPE}:
        instance = index(cursor, scope, Sort.INSTANCE)
        name = cursor.name(scope.limits.name_bytes)
        scope.add(found, start, scope.exported_type(instance, name))
    elif form == 2 and found in {Sort.CORE_TYPE, Sort.TYPE}:
        outer = scope.outer(cursor.u32(), start)
        at = index(cursor, outer, found)
        scope.add(found, start, outer.types[at] if found is Sort.TYPE else None)
    else:
        raise invalid("E270", f"no such alias of sort {found} in a type", start)


def core_type(cursor: Cursor, scope: Scope) -> None:
    """One core type definition: a recursion group, or the type of a module."""
    start = cursor.pos
    if cursor.peek() == _MODULE:
        cursor.byte()
        _module_type(cursor, scope)
        scope.add(Sort.CORE_TYPE, start)
        return
    if cursor.peek() == _SUB:
        cursor.byte()
        if cursor.peek() != _MODULE:
            raise invalid("E220", "malformed core type in a component", start)
    for _ in range(group_of_types(cursor, scope.sizes[Sort.CORE_TYPE], scope.limits)):
        scope.add(Sort.CORE_TYPE, start)


def _module_type(cursor: Cursor, parent: Scope) -> None:
    limits = parent.limits
    scope = Scope(limits, parent)
    for _ in range(cursor.count("declarations", limits.component_items, smallest=2)):
        start = cursor.pos
        code = cursor.byte()
        if code == 0:
            cursor.name(limits.name_bytes)
            cursor.name(limits.name_bytes)
            extern_type(cursor, scope.sizes[Sort.CORE_TYPE])
        elif code == 1:
            if cursor.peek() == _MODULE:
                raise invalid("E270", "the type of a module inside the type of a module", start)
            core_type(cursor, scope)
        elif code == 2:
            _core_alias(cursor, scope)
        elif code == 3:
            unique(scope.exports, cursor.name(limits.name_bytes), "exports", start)
            extern_type(cursor, scope.sizes[Sort.CORE_TYPE])
        else:
            raise invalid("E270", f"unknown declaration {code:#04x} in the type of a module", start)


def _core_alias(cursor: Cursor, scope: Scope) -> None:
    start = cursor.pos
    found, form = core_sort(cursor), cursor.byte()
    if found is not Sort.CORE_TYPE or form != 1:
        raise invalid("E270", "the type of a module can only alias types further out", start)
    index(cursor, scope.outer(cursor.u32(), start), found)
    scope.add(found, start)


def value_type(cursor: Cursor, scope: Scope) -> None:
    """The type of a value: a primitive one, or an index."""
    start = cursor.pos
    if cursor.peek() in _PRIMITIVES:
        cursor.byte()
        return
    found = cursor.signed(33)
    if found < 0:
        raise invalid("E220", "unknown type of a value", start)
    if found >= scope.sizes[Sort.TYPE]:
        raise invalid("E222", f"type index {found} out of bounds: there are {scope.sizes[Sort.TYPE]}", start)


def _optional(cursor: Cursor, scope: Scope) -> None:
    start = cursor.pos
    code = cursor.byte()
    if code > 1:
        raise invalid("E220", f"an optional type starts with 0 or 1, not {code:#04x}", start)
    if code:
        value_type(cursor, scope)


def result_list(cursor: Cursor, scope: Scope) -> None:
    """What a function returns: one value or nothing."""
    start = cursor.pos
    code = cursor.byte()
    if code == 0:
        value_type(cursor, scope)
    elif code != 1 or cursor.byte():
        raise invalid("E220", "malformed results of a function", start)


def _many(cursor: Cursor, scope: Scope, what: str, least: int, *, label: bool, type_: bool) -> None:
    start = cursor.pos
    count = cursor.count(what, scope.limits.component_items)
    if count < least:
        raise invalid("E220", f"at least one of {what} is needed", start)
    for _ in range(count):
        if label:
            cursor.name(scope.limits.name_bytes)
        if type_:
            value_type(cursor, scope)


def _cases(cursor: Cursor, scope: Scope) -> None:
    start = cursor.pos
    count = cursor.count("cases", scope.limits.component_items, smallest=3)
    if not count:
        raise invalid("E220", "a variant without cases", start)
    for _ in range(count):
        cursor.name(scope.limits.name_bytes)
        _optional(cursor, scope)
        if cursor.byte():
            raise invalid("E220", "a byte that must be zero is not", cursor.pos - 1)


def _handle(cursor: Cursor, scope: Scope) -> None:
    index(cursor, scope, Sort.TYPE)


def _result(cursor: Cursor, scope: Scope) -> None:
    _optional(cursor, scope)
    _optional(cursor, scope)


def _map(cursor: Cursor, scope: Scope) -> None:
    value_type(cursor, scope)
    value_type(cursor, scope)


def _fixed_list(cursor: Cursor, scope: Scope) -> None:
    value_type(cursor, scope)
    if not cursor.u32():
        raise invalid("E220", "a list of fixed length 0", cursor.pos - 1)


def _function(cursor: Cursor, scope: Scope) -> None:
    _many(cursor, scope, "parameters", 0, label=True, type_=True)
    result_list(cursor, scope)


def _flags(cursor: Cursor, scope: Scope) -> None:
    start = cursor.pos
    count = cursor.count("flags", _MAX_FLAGS)
    if not count:
        raise invalid("E220", "a type of no flags", start)
    for _ in range(count):
        cursor.name(scope.limits.name_bytes)


_FORMS: Final[dict[int, Callable[[Cursor, Scope], None]]] = {
    0x72: lambda c, s: _many(c, s, "fields", 1, label=True, type_=True),
    0x71: _cases,
    0x70: value_type,
    0x67: _fixed_list,
    0x6F: lambda c, s: _many(c, s, "members of a tuple", 1, label=False, type_=True),
    0x6E: _flags,
    0x6D: lambda c, s: _many(c, s, "names", 1, label=True, type_=False),
    0x6B: value_type,
    0x6A: _result,
    0x69: _handle,
    0x68: _handle,
    0x66: _optional,
    0x65: _optional,
    0x63: _map,
    0x40: _function,
    0x43: _function,
}


def _flat_type(cursor: Cursor, scope: Scope) -> Type:
    """A type that contains no definitions of types."""
    start = cursor.pos
    code = cursor.byte()
    if code in _PRIMITIVES:
        return _OTHER
    if code == _RESOURCE:
        return _resource(cursor, scope)
    form = _FORMS.get(code)
    if form is None:
        raise invalid("E220", f"unknown form of type {code:#04x} in a component", start)
    form(cursor, scope)
    return _OTHER


def _resource(cursor: Cursor, scope: Scope) -> Resource:
    val_type(cursor, 0)
    start = cursor.pos
    code = cursor.byte()
    if code > 1:
        raise invalid("E220", f"an optional destructor starts with 0 or 1, not {code:#04x}", start)
    return Resource(index(cursor, scope, Sort.CORE_FUNC) if code else None)
