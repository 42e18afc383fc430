# SPDX-License-Identifier: MIT
"""What of a module the host can reach without calling an export: tables, and references to functions.

The sound rule: a table that is imported or exported is the host's as much as the module's, and so is every function whose
reference can leave the module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.wasm.cursor import Cursor
from munition.wasm.module import Kind, Mode, TagType
from munition.wasm.types import ArrayType, ContType, FuncType, GlobalType, RefType, StructType, TableType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from munition.wasm.module import Element, Module
    from munition.wasm.types import SubType

# Heap types no value of which is or holds a reference to a function: externref, i31, and the empty ones.
_HARMLESS_HEAPS: Final = frozenset(code - 128 for code in (0x6C, 0x6F, 0x71, 0x72, 0x73, 0x74, 0x75))


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables of a module can hold when it starts.

    Attributes:
        count: tables, imported ones included.
        held: table -> functions put there by active segments and initial values.
        taken: every function whose reference is made outside a body: any segment, any constant expression.
        visible: tables the host can call into or change.
    """

    count: int
    held: dict[int, frozenset[int]]
    taken: frozenset[int]
    visible: frozenset[int]


def read_tables(module: Module) -> Tables:
    """Gather the contents of tables from segments and constant expressions."""
    imported = len(module.imported(Kind.TABLE))
    held: dict[int, set[int]] = {}
    taken: set[int] = set()
    for number, table in enumerate(module.tables, imported):
        if table.initial is not None:
            held.setdefault(number, set()).update(_references(table.initial))
    for element in module.elements:
        functions = _functions(element)
        taken.update(functions)
        if element.mode is Mode.ACTIVE:
            held.setdefault(element.table, set()).update(functions)
    for global_ in module.globals:
        taken.update(_references(global_.initial))
    for functions in held.values():
        taken.update(functions)
    visible = {*range(imported), *(e.index for e in module.exports if e.kind is Kind.TABLE)}
    return Tables(
        imported + len(module.tables),
        {k: frozenset(v) for k, v in held.items()},
        frozenset(taken),
        frozenset(visible),
    )


def _functions(element: Element) -> Iterable[int]:
    if element.expressions is None:
        return element.functions
    return {function for expression in element.expressions for function in _references(expression)}


def _references(expression: bytes) -> Iterator[int]:
    """Functions named by `ref.func` in a constant expression that the reader accepted.

    The bytes of an operand that happen to look like one add a function too many, which does no harm.
    """
    at = expression.find(0xD2)
    while at >= 0:
        cursor = Cursor(expression, at + 1, len(expression))
        index = 0
        for shift in range(0, 35, 7):
            if cursor.pos >= cursor.end:
                break
            byte = cursor.byte()
            index |= (byte & 127) << shift
            if byte < 128:
                yield index
                break
        at = expression.find(0xD2, at + 1)


def references_leave(module: Module) -> bool:
    """Whether a reference to a function can get to the host, or one of the host's into the module, other than by a table.

    Looks at the types of what is imported and exported: a parameter, result, global or tag that can hold such a reference.
    """
    types = module.types
    carriers = _carriers(types)
    function_types = module.function_types()
    imports = {kind: [i.type for i in module.imported(kind)] for kind in Kind}
    global_types = imports[Kind.GLOBAL] + [g.type for g in module.globals]
    tags = [t.type for t in imports[Kind.TAG] if isinstance(t, TagType)] + list(module.tags)
    passing = {t for t in imports[Kind.FUNCTION] if isinstance(t, int)} | set(tags)
    passing |= {function_types[e.index] for e in module.exports if e.kind is Kind.FUNCTION}
    shared = imports[Kind.GLOBAL] + [global_types[e.index] for e in module.exports if e.kind is Kind.GLOBAL]
    return not passing.isdisjoint(carriers) or any(
        isinstance(t, GlobalType) and _carries(t.value, types, carriers) for t in shared
    )


def _carriers(types: tuple[SubType, ...]) -> set[int]:
    """Type indices whose values hold, or whose functions pass, a reference to a function: a fixed point over the types."""
    users: dict[int, list[int]] = {}
    found: set[int] = set()
    for index, type_ in enumerate(types):
        for part in _parts(type_):
            if _carries(part, types, found):
                found.add(index)
            elif isinstance(part, RefType) and part.heap >= 0:
                users.setdefault(part.heap, []).append(index)
    todo = list(found)
    while todo:
        for user in users.get(todo.pop(), ()):
            if user not in found:
                found.add(user)
                todo.append(user)
    return found


def _parts(type_: SubType) -> tuple[object, ...]:
    match type_.composite:
        case FuncType(params=params, results=results):
            return params + results
        case StructType(fields=fields):
            return tuple(field.storage for field in fields)
        case ArrayType(field=field):
            return (field.storage,)
        case ContType():
            return (RefType(0x70 - 128),)


def _carries(part: object, types: tuple[SubType, ...], carriers: set[int]) -> bool:
    """Whether a value of this type can be or hold a reference to a function (`any` and `eq` may be structs that do)."""
    if not isinstance(part, RefType):
        return False
    if part.heap < 0:
        return part.heap not in _HARMLESS_HEAPS
    return part.heap in carriers or isinstance(types[part.heap].composite, (FuncType, ContType))


def reference_tables(module: Module) -> frozenset[int]:
    """Tables whose elements can be references to functions; a table of `externref` never holds a function to call."""
    types = [i.type for i in module.imported(Kind.TABLE)] + [t.type for t in module.tables]
    return frozenset(
        number
        for number, type_ in enumerate(types)
        if isinstance(type_, TableType) and type_.element.heap not in _HARMLESS_HEAPS
    )
