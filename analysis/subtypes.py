# SPDX-License-Identifier: MIT
"""Which function types can stand for which: equal types get one number, and subtypes are listed below their supertypes.

Two types are equal when their recursion groups are equal member by member (core specification, section 3.3, "rolled-up"
equivalence); a group is compared once the types it refers to have their numbers, so nothing recurses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from munition.wasm.types import ArrayType, ContType, FuncType, RefType, StructType

if TYPE_CHECKING:
    from munition.wasm.types import CompositeType, FieldType, RecGroup, SubType

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class TypeNumbers:
    """The types of a module up to equality.

    Attributes:
        of: number of each type index; equal types share one.
        below: number -> numbers declared directly below it; empty where nothing is.
        function: type index -> number of the function type a continuation type runs, or of the type itself.
    """

    of: tuple[int, ...]
    below: dict[int, tuple[int, ...]]
    function: tuple[int, ...]


def number_types(types: tuple[SubType, ...], groups: tuple[RecGroup, ...]) -> TypeNumbers:
    """Give equal types of a module equal numbers."""
    numbers: list[int] = []
    known: dict[Key, int] = {}
    next_number = 0
    for first, count in _groups(len(types), groups):
        key = tuple([_key(types[i], first, numbers) for i in range(first, first + count)])
        base = known.get(key)
        if base is None:
            base = known[key] = next_number
            next_number += count
        numbers.extend(range(base, base + count))
    below: dict[int, set[int]] = {}
    for index, type_ in enumerate(types):
        for parent in type_.supertypes:
            if parent < len(numbers) and numbers[parent] != numbers[index]:
                below.setdefault(numbers[parent], set()).add(numbers[index])
    function = tuple(
        [
            numbers[t.composite.function] if isinstance(t.composite, ContType) else numbers[i]
            for i, t in enumerate(types)
        ]
    )
    return TypeNumbers(tuple(numbers), {k: tuple(sorted(v)) for k, v in below.items()}, function)


def _groups(count: int, groups: tuple[RecGroup, ...]) -> list[tuple[int, int]]:
    """All types in groups: the written ones, and one for each type that stands alone."""
    found: list[tuple[int, int]] = []
    at = 0
    for group in groups:
        found.extend((index, 1) for index in range(at, group.first))
        if group.count:
            found.append((group.first, group.count))
        at = group.first + group.count
    found.extend((index, 1) for index in range(at, count))
    return found


def _key(type_: SubType, first: int, numbers: list[int]) -> Key:
    """A type as a value to compare: references inside its group are relative, others are numbers."""
    supers = tuple(_index(i, first, numbers) for i in type_.supertypes)
    return (type_.final, supers, *_composite(type_.composite, first, numbers))


def _index(index: int, first: int, numbers: list[int]) -> Key:
    return ("own", index - first) if index >= first else ("type", numbers[index])


def _composite(composite: CompositeType, first: int, numbers: list[int]) -> Key:
    match composite:
        case FuncType(params=params, results=results):
            return (
                "func",
                tuple([_storage(t, first, numbers) for t in params]),
                tuple([_storage(t, first, numbers) for t in results]),
            )
        case StructType(fields=fields):
            return ("struct", tuple([_field(f, first, numbers) for f in fields]))
        case ArrayType(field=field):
            return ("array", _field(field, first, numbers))
        case ContType(function=function):
            return ("cont", _index(function, first, numbers))


def _field(field: FieldType, first: int, numbers: list[int]) -> Key:
    return (field.mutable, _storage(field.storage, first, numbers))


def _storage(type_: object, first: int, numbers: list[int]) -> object:
    if isinstance(type_, RefType) and type_.heap >= 0:
        return (type_.nullable, _index(type_.heap, first, numbers))
    return type_
