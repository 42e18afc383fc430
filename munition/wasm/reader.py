# SPDX-License-Identifier: MIT
"""Bytes to records, believing nothing: the strict reader of core modules.

`read_sections` finds the sections without looking into them; `read_module` decodes all of them but the function bodies,
which `munition.wasm.instructions` decodes on demand. Neither recurses, and no allocation is sized by a count that was
not checked against the bytes that are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from munition.wasm import decode_sections as decode
from munition.wasm.cursor import Cursor
from munition.wasm.decode_types import type_section
from munition.wasm.faults import invalid
from munition.wasm.header import HEADER, check_header
from munition.wasm.limits import DEFAULT_LIMITS, Limits
from munition.wasm.module import SECTION_ORDER, Custom, Import, Kind, Module, Section, SectionId
from munition.wasm.spaces import Spaces

if TYPE_CHECKING:
    from collections.abc import Callable

    from munition.wasm.module import Data
    from munition.wasm.types import RecGroup, SubType

_T = TypeVar("_T")

_RANK: Final = {section.value: rank for rank, section in enumerate(SECTION_ORDER, 1)}


def read_sections(data: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[Section, ...]:
    """The sections of `data` in file order: header, order and sizes are checked, contents are not.

    Raises:
        InvalidModuleError: with a code of `munition.wasm.faults.FAULTS` and the byte offset.
    """
    check_header(data)
    if len(data) > limits.module_bytes:
        raise invalid("E217", f"a module of {len(data)} bytes, more than {limits.module_bytes}")
    cursor = Cursor(data, len(HEADER), len(data))
    found: list[Section] = []
    last = customs = 0
    while cursor.pos < cursor.end:
        section = _section(cursor, limits)
        found.append(section)
        if section.id == SectionId.CUSTOM:
            customs += 1
            if customs > limits.custom_sections:
                raise invalid("E217", f"more than {limits.custom_sections} custom sections", section.start)
        else:
            last = _check_order(section, last)
    return tuple(found)


def _section(cursor: Cursor, limits: Limits) -> Section:
    at = cursor.pos
    id_ = cursor.byte()
    if id_ and id_ not in _RANK:
        raise invalid("E213", f"unknown section {id_}", at)
    size = cursor.u32()
    start = cursor.pos
    end = start + size
    if end > cursor.end:
        raise invalid("E210", f"section {id_} of {size} bytes passes the end of the file", at)
    cursor.pos = end
    if id_:
        return Section(id_, start, end)
    inner = Cursor(cursor.data, start, end)
    name = inner.name(limits.name_bytes)
    return Section(id_, inner.pos, end, name)


def _check_order(section: Section, last: int) -> int:
    rank = _RANK[section.id]
    if rank <= last:
        what = "appears twice" if rank == last else "is out of order"
        raise invalid("E214", f"the {SectionId(section.id).name.lower()} section {what}", section.start)
    return rank


def read_customs(data: bytes, sections: tuple[Section, ...]) -> tuple[Custom, ...]:
    """The custom sections among `sections`, with their content."""
    found: list[Custom] = []
    after: SectionId | None = None
    for section in sections:
        if section.name is None:
            after = SectionId(section.id)
        else:
            found.append(Custom(section.name, data[section.start : section.end], after))
    return tuple(found)


def read_module(data: bytes, limits: Limits = DEFAULT_LIMITS, *, keep_data: bool = True) -> Module:
    """The module in `data`, function bodies unread.

    Structure, sizes, UTF-8, limits and all indices outside function bodies are checked; types of constant expressions
    and the bodies are not. Without `keep_data` the data segments are checked and left out, which saves much of the time for
    modules that have a hundred thousand.

    Raises:
        InvalidModuleError: with a code of `munition.wasm.faults.FAULTS` and the byte offset.
    """
    sections = read_sections(data, limits)
    return _Reader(data, sections, limits).module(read_customs(data, sections), keep_data=keep_data)


class _Reader:
    """Decodes the sections of one module in file order, so that each finds the index spaces it refers to filled."""

    __slots__ = ("by_id", "data", "limits", "spaces")

    def __init__(self, data: bytes, sections: tuple[Section, ...], limits: Limits) -> None:
        self.data = data
        self.by_id = {s.id: s for s in sections if s.id}
        self.limits = limits
        self.spaces = Spaces()

    def vector(
        self, id_: SectionId, read: Callable[[Cursor, Spaces, Limits], tuple[_T, ...]]
    ) -> tuple[_T, ...]:
        """The entries of one section; none if it is absent."""
        found = self.optional(id_, read)
        return () if found is None else found

    def optional(self, id_: SectionId, read: Callable[[Cursor, Spaces, Limits], _T]) -> _T | None:
        """The content of one section, which must end exactly where it says; None if it is absent."""
        section = self.by_id.get(id_)
        if section is None:
            return None
        cursor = Cursor(self.data, section.start, section.end)
        found = read(cursor, self.spaces, self.limits)
        if cursor.pos != section.end:
            left = section.end - cursor.pos
            raise invalid("E215", f"{left} bytes left over in the {id_.name.lower()} section", cursor.pos)
        return found

    def define(self, kind: Kind, found: tuple[_T, ...]) -> tuple[_T, ...]:
        """Enlarge the index space of `kind` by what was found."""
        self.spaces.sizes[kind] += len(found)
        return found

    def module(self, customs: tuple[Custom, ...], *, keep_data: bool) -> Module:
        """All sections, decoded."""
        types, groups = self.optional(SectionId.TYPE, _types) or ((), ())
        self.spaces.types = len(types)
        imports = self.vector(SectionId.IMPORT, decode.import_section)
        self.count_imports(imports)
        functions = self.define(Kind.FUNCTION, self.vector(SectionId.FUNCTION, decode.function_section))
        tables = self.define(Kind.TABLE, self.vector(SectionId.TABLE, decode.table_section))
        memories = self.define(Kind.MEMORY, self.vector(SectionId.MEMORY, decode.memory_section))
        tags = self.define(Kind.TAG, self.vector(SectionId.TAG, decode.tag_section))
        globals_ = self.vector(SectionId.GLOBAL, decode.global_section)
        exports = self.vector(SectionId.EXPORT, decode.export_section)
        start = self.optional(SectionId.START, decode.start_section)
        elements = self.vector(SectionId.ELEMENT, decode.element_section)
        data_count = self.optional(SectionId.DATA_COUNT, decode.data_count_section)
        code = self.vector(SectionId.CODE, decode.code_section)
        data, segments = self.data_segments(keep=keep_data)
        if len(code) != len(functions):
            raise invalid("E226", f"{len(functions)} functions are declared, {len(code)} have a body")
        if data_count is not None and data_count != segments:
            raise invalid("E227", f"{data_count} data segments are announced, {segments} follow")
        return Module(
            types=types,
            rec_groups=groups,
            imports=imports,
            functions=functions,
            tables=tables,
            memories=memories,
            tags=tags,
            globals=globals_,
            exports=exports,
            start=start,
            elements=elements,
            data_count=data_count,
            code=code,
            data=data,
            customs=customs,
        )

    def data_segments(self, *, keep: bool) -> tuple[tuple[Data, ...], int]:
        """The data segments, or none of them, and how many there are."""
        if keep:
            found = self.vector(SectionId.DATA, decode.data_section)
            return found, len(found)
        return (), self.optional(SectionId.DATA, decode.skip_data_section) or 0

    def count_imports(self, imports: tuple[Import, ...]) -> None:
        """Enter the imports into their index spaces."""
        sizes, limits = self.spaces.sizes, self.limits
        for imported in imports:
            sizes[imported.kind] += 1
        allowed = (limits.functions, limits.tables, limits.memories, limits.globals, limits.tags)
        for kind in Kind:
            if sizes[kind] > allowed[kind]:
                raise invalid(
                    "E217", f"{sizes[kind]} imports of kind {kind.name.lower()}, limit {allowed[kind]}"
                )


def _types(
    cursor: Cursor,
    spaces: Spaces,
    limits: Limits,
) -> tuple[tuple[SubType, ...], tuple[RecGroup, ...]]:
    del spaces
    return type_section(cursor, limits)
