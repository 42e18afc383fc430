# SPDX-License-Identifier: MIT
"""The world of a component: what it asks of its host, function by function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from munition.analysis.model import Hint, ImportReport
from munition.analysis.naming import name_flags, shown
from munition.capability.imports import Imported
from munition.capability.taxonomy import NO_MAP, Classified, Signature, UserMap, classify, labels_of
from munition.capability.taxonomy_labels import catalogue_names
from munition.wasm.component import Import, InstanceType, Sort
from munition.wasm.faults import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from munition.wasm.component import Component, Extern, Type

ROOT: Final = "$root"
"""Stands for the interface of functions that are imported without one."""
MANY: Final = 20_000
_MANY_LETTERS: Final = 5_000_000
_KINDS: Final = {
    Sort.CORE_MODULE: "module",
    Sort.COMPONENT: "component",
    Sort.VALUE: "value",
    Sort.TYPE: "type",
    Sort.FUNC: "func",
    Sort.INSTANCE: "instance",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing a component imports.

    Attributes:
        interface: name of the instance it belongs to, `$root` for none.
        name: of the function; empty for an interface without functions.
        kind: `func`; `instance` for an interface without functions, `unknown` for one whose functions cannot be told;
            `component`, `module`, `value` or `type`.
        implements: the interface it claims to be where it has a name of its own; else empty.
    """

    interface: str
    name: str
    kind: str
    implements: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """All imports of a component.

    Attributes:
        asked: in order.
        values: import name -> what stands for it while the component is linked: the number of a function among `asked`, a
            mapping for an instance, None for what is not followed.
    """

    asked: tuple[Asked, ...]
    values: Mapping[str, object]


def world_of(component: Component) -> World:
    """The imports of a component, those of instances spread out.

    Raises:
        InvalidModuleError: E217 if there are more than anyone would read.
    """
    asked: list[Asked] = []
    values: dict[str, object] = {}
    for item in component.definitions:
        if isinstance(item, Import):
            values[item.name] = _import(item, asked)
    return World(tuple(asked), values)


def _import(item: Import, asked: list[Asked]) -> object:
    sort = item.extern.sort
    if sort is Sort.FUNC:
        asked.append(Asked(ROOT, item.name, "func", item.implements))
        return len(asked) - 1
    if sort is Sort.INSTANCE:
        return _instance(item.name, item.extern.type, item.implements, asked)
    asked.append(Asked(ROOT, item.name, _KINDS[sort], item.implements))
    return None


def _instance(interface: str, type_: Type | None, implements: str, asked: list[Asked]) -> object:
    """Everything in an instance; instances in it are spread out as well."""
    if not isinstance(type_, InstanceType):
        asked.append(Asked(interface, "*", "unknown", implements))
        return None
    before = len(asked)
    top: dict[str, tuple[Sort, object]] = {}
    todo: list[tuple[str, InstanceType, dict[str, tuple[Sort, object]]]] = [("", type_, top)]
    seen = letters = 0
    while todo:
        prefix, at, into = todo.pop()
        for name, extern in at.exports:
            seen += 1
            letters += len(prefix) + len(name)
            if seen + before > MANY or letters > _MANY_LETTERS:
                raise invalid("E217", f"a component that imports more than {MANY} things, or very long names")
            into[name] = (extern.sort, _member(interface, prefix + name, extern, implements, asked))
            if extern.sort is Sort.INSTANCE and isinstance(extern.type, InstanceType):
                inner: dict[str, tuple[Sort, object]] = {}
                into[name] = (Sort.INSTANCE, inner)
                todo.append((f"{prefix}{name}.", extern.type, inner))
    if len(asked) == before:
        asked.append(Asked(interface, "", "instance", implements))
    return top


def _member(interface: str, name: str, extern: Extern, implements: str, asked: list[Asked]) -> object:
    """What one export of an instance stands for; types and known instances ask for nothing by themselves."""
    if extern.sort is Sort.TYPE or (extern.sort is Sort.INSTANCE and isinstance(extern.type, InstanceType)):
        return None
    kind = "unknown" if extern.sort is Sort.INSTANCE else _KINDS.get(extern.sort, "unknown")
    asked.append(Asked(interface, name, kind, implements))
    return len(asked) - 1 if extern.sort is Sort.FUNC else None


def world_reports(world: World, own: UserMap = NO_MAP) -> tuple[ImportReport, ...]:
    """What a component asks for, by interface and function, as far as names tell."""
    signatures = [_signature(asked.interface, asked) for asked in world.asked]
    classified = classify(signatures, (), own)
    return tuple(
        _report(index, asked, meaning, labels, own)
        for index, (asked, meaning, labels) in enumerate(
            zip(world.asked, classified, labels_of(classified), strict=True)
        )
    )


def _signature(interface: str, asked: Asked) -> Signature:
    return Signature(Imported(interface, asked.name, asked.kind))


def _report(
    index: int, asked: Asked, found: Classified, labels: tuple[str, ...], own: UserMap
) -> ImportReport:
    hints: tuple[Hint, ...] = ()
    if asked.implements:
        claimed = classify([_signature(asked.implements, asked)], (), own)
        hints = (Hint("implements", shown(asked.implements), labels_of(claimed)[0]),)
    return ImportReport(
        index=index,
        module=asked.interface,
        name=asked.name,
        kind=asked.kind,
        family=found.family,
        labels=labels,
        names=tuple(sorted(catalogue_names(labels))),
        hints=hints,
        flags=name_flags(asked.interface, asked.name or asked.kind, found.family),
        note=found.meaning.note,
    )
