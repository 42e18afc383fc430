# SPDX-License-Identifier: MIT
"""Records to bytes. Deterministic: equal modules give equal bytes.

Numbers are written in their shortest form and empty sections are left out, so a foreign module may come out shorter than
it was, with the same meaning; what this writer wrote comes out as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from munition.wasm import encode
from munition.wasm.header import HEADER
from munition.wasm.leb import name, unsigned, vector
from munition.wasm.module import (
    SECTION_ORDER,
    Custom,
    Data,
    Element,
    Export,
    Import,
    ImportType,
    Mode,
    Module,
    SectionId,
    Table,
    TagType,
)
from munition.wasm.types import FUNCREF, GlobalType, MemoryType, TableType

if TYPE_CHECKING:
    from collections.abc import Callable


def write_module(module: Module) -> bytes:
    """The bytes of `module`. Nothing is checked: a module that could not have been read gives bytes that cannot be."""
    out = [HEADER]
    customs: dict[SectionId | None, list[bytes]] = {}
    for custom in module.customs:
        customs.setdefault(custom.after, []).append(custom_section(custom))
    out += customs.get(None, ())
    for id_ in SECTION_ORDER:
        payload = _PAYLOADS[id_](module)
        if payload:
            out.append(bytes((id_,)) + unsigned(len(payload)))
            out.append(payload)
        out += customs.get(id_, ())
    return b"".join(out)


def custom_section(custom: Custom) -> bytes:
    """A whole custom section."""
    payload = name(custom.name) + custom.content
    return b"\0" + unsigned(len(payload)) + payload


def _vector_or_nothing(items: list[bytes]) -> bytes:
    return vector(items) if items else b""


def _types(module: Module) -> bytes:
    groups = {g.first: g for g in module.rec_groups if g.count}
    empty = [b"\x4e\x00" for g in module.rec_groups if not g.count]
    items: list[bytes] = []
    at = 0
    while at < len(module.types):
        group = groups.get(at)
        if group is None:
            items.append(encode.sub_type(module.types[at]))
            at += 1
        else:
            members = [encode.sub_type(t) for t in module.types[at : at + group.count]]
            items.append(b"\x4e" + vector(members))
            at += group.count
    return _vector_or_nothing(items + empty)


def _import_type(type_: ImportType) -> bytes:
    match type_:
        case int():
            return unsigned(type_)
        case TableType():
            return encode.table_type(type_)
        case MemoryType():
            return encode.memory_type(type_)
        case GlobalType():
            return encode.global_type(type_)
        case TagType():
            return b"\0" + unsigned(type_.type)
        case _:
            assert_never(type_)


def _import(entry: Import) -> bytes:
    return name(entry.module) + name(entry.name) + bytes((entry.kind,)) + _import_type(entry.type)


def _table(table: Table) -> bytes:
    type_ = encode.table_type(table.type)
    return type_ if table.initial is None else b"\x40\x00" + type_ + table.initial


def _export(entry: Export) -> bytes:
    return name(entry.name) + bytes((entry.kind,)) + unsigned(entry.index)


def _element(segment: Element) -> bytes:
    active = segment.mode is Mode.ACTIVE
    expressions = segment.expressions
    implied = segment.table == 0 and (expressions is None or segment.type == FUNCREF)
    flags = (0 if implied else 2) if active else (1 if segment.mode is Mode.PASSIVE else 3)
    out = [bytes((flags | (4 if expressions is not None else 0),))]
    if active and flags:
        out.append(unsigned(segment.table))
    if segment.offset is not None:
        out.append(segment.offset)
    if expressions is None:
        out += [b"\0"] if flags else []
        out.append(vector([unsigned(f) for f in segment.functions]))
    else:
        out += [encode.val_type(segment.type)] if flags else []
        out.append(vector(list(expressions)))
    return b"".join(out)


def _data(segment: Data) -> bytes:
    content = unsigned(len(segment.content)) + segment.content
    if segment.offset is None:
        return b"\x01" + content
    memory = b"\0" if segment.memory == 0 else b"\x02" + unsigned(segment.memory)
    return memory + segment.offset + content


_PAYLOADS: Final[dict[SectionId, Callable[[Module], bytes]]] = {
    SectionId.TYPE: _types,
    SectionId.IMPORT: lambda m: _vector_or_nothing([_import(i) for i in m.imports]),
    SectionId.FUNCTION: lambda m: _vector_or_nothing([unsigned(t) for t in m.functions]),
    SectionId.TABLE: lambda m: _vector_or_nothing([_table(t) for t in m.tables]),
    SectionId.MEMORY: lambda m: _vector_or_nothing([encode.memory_type(t) for t in m.memories]),
    SectionId.TAG: lambda m: _vector_or_nothing([b"\0" + unsigned(t) for t in m.tags]),
    SectionId.GLOBAL: lambda m: _vector_or_nothing(
        [encode.global_type(g.type) + g.initial for g in m.globals]
    ),
    SectionId.EXPORT: lambda m: _vector_or_nothing([_export(e) for e in m.exports]),
    SectionId.START: lambda m: b"" if m.start is None else unsigned(m.start),
    SectionId.ELEMENT: lambda m: _vector_or_nothing([_element(e) for e in m.elements]),
    SectionId.DATA_COUNT: lambda m: b"" if m.data_count is None else unsigned(m.data_count),
    SectionId.CODE: lambda m: _vector_or_nothing([unsigned(len(b.content)) + b.content for b in m.code]),
    SectionId.DATA: lambda m: _vector_or_nothing([_data(d) for d in m.data]),
}
