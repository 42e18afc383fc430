# SPDX-License-Identifier: MIT
"""A module as text (WebAssembly text format, flat instructions): for reading what was emitted, and what was given."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final, assert_never

from munition.errors import InvalidModuleError
from munition.wasm import text
from munition.wasm.cursor import Cursor
from munition.wasm.instructions import read_locals
from munition.wasm.lines import LineTable, line_table
from munition.wasm.module import (
    Data,
    Element,
    Global,
    Import,
    ImportType,
    Kind,
    Mode,
    Module,
    Table,
    TagType,
)
from munition.wasm.names import NO_NAMES, Names, read_names
from munition.wasm.reader import read_module
from munition.wasm.text_code import Spaces, body_lines, constant
from munition.wasm.types import FuncType, GlobalType, MemoryType, TableType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KINDS: Final = {
    Kind.FUNCTION: "func",
    Kind.TABLE: "table",
    Kind.MEMORY: "memory",
    Kind.GLOBAL: "global",
    Kind.TAG: "tag",
}

# Longer lists of parameters or locals, which a few bytes can declare, are not spelled out for each function.
_MANY: Final = 200


def print_module(data: bytes) -> str:
    """The module in `data` as text, named by its name section.

    Function bodies that cannot be decoded are shown as a comment that says why.

    Raises:
        InvalidModuleError: the sections cannot be read.
    """
    return module_text(read_module(data))


def module_text(module: Module) -> str:
    """A module as text."""
    return "\n".join(_Printer(module).lines()) + "\n"


class _Printer:
    """Holds the identifiers of one module while its lines are made."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.names = _names(module)
        self.spaces = _spaces(self.names)
        self.line_table = _line_table(module)
        self.next = {kind: count() for kind in Kind}

    def lines(self) -> Iterator[str]:
        """Every line of the text."""
        module = self.module
        yield "(module" if self.names.module is None else f"(module {text.identifier(self.names.module)}"
        yield from self.types()
        for entry in module.imports:
            yield f"  {self.import_text(entry)}"
        yield from (f"  {self.table(t)}" for t in module.tables)
        yield from (f"  ({self.head(Kind.MEMORY)} {text.memory_type(m)})" for m in module.memories)
        yield from (f"  ({self.head(Kind.TAG)} (type {self.type(t)}))" for t in module.tags)
        yield from (f"  {self.global_text(g)}" for g in module.globals)
        for export in module.exports:
            index = self.space(export.kind).get(export.index, str(export.index))
            yield f"  (export {text.quoted(export.name)} ({_KINDS[export.kind]} {index}))"
        if module.start is not None:
            yield f"  (start {self.function(module.start)})"
        yield from (f"  {self.element(i, e)}" for i, e in enumerate(module.elements))
        yield from self.functions()
        yield from (f"  {self.data(i, d)}" for i, d in enumerate(module.data))
        for custom in module.customs:
            yield f"  ;; custom section {text.quoted(custom.name)}, {len(custom.content)} bytes"
        yield ")"

    def space(self, kind: Kind) -> Mapping[int, str]:
        """Identifiers of one index space."""
        spaces = self.spaces
        return (spaces.functions, spaces.tables, spaces.memories, spaces.globals, spaces.tags)[kind]

    def type(self, index: int) -> str:
        """A type index."""
        return self.spaces.types.get(index, str(index))

    def function(self, index: int) -> str:
        """A function index."""
        return self.spaces.functions.get(index, str(index))

    def head(self, kind: Kind) -> str:
        """The word, identifier and index of the next thing of a kind, e.g. `func $main (;3;)`."""
        index = next(self.next[kind])
        name = self.space(kind).get(index)
        return f"{_KINDS[kind]} (;{index};)" if name is None else f"{_KINDS[kind]} {name} (;{index};)"

    def types(self) -> Iterator[str]:
        """The type section, recursion groups included."""
        groups = {g.first: g.first + g.count for g in self.module.rec_groups if g.count}
        end = 0
        for index, type_ in enumerate(self.module.types):
            if index in groups:
                end = groups[index]
                yield "  (rec"
            name = self.spaces.types.get(index)
            label = f"(;{index};)" if name is None else f"{name} (;{index};)"
            yield f"{'    ' if index < end else '  '}(type {label} {text.sub_type(type_, self.spaces.types)})"
            if index + 1 == end:
                yield "  )"

    def import_text(self, entry: Import) -> str:
        """One import."""
        what = f"({self.head(entry.kind)} {self.import_type(entry.type)})"
        return f"(import {text.quoted(entry.module)} {text.quoted(entry.name)} {what})"

    def import_type(self, type_: ImportType) -> str:
        """What is imported."""
        match type_:
            case int():
                return f"(type {self.type(type_)})"
            case TableType():
                return text.table_type(type_, self.spaces.types)
            case MemoryType():
                return text.memory_type(type_)
            case GlobalType():
                return text.global_type(type_, self.spaces.types)
            case TagType(index):
                return f"(type {self.type(index)})"
            case _:
                assert_never(type_)

    def table(self, table: Table) -> str:
        """One table."""
        initial = "" if table.initial is None else f" {constant(table.initial, self.spaces)}"
        return f"({self.head(Kind.TABLE)} {text.table_type(table.type, self.spaces.types)}{initial})"

    def global_text(self, entry: Global) -> str:
        """One global."""
        type_ = text.global_type(entry.type, self.spaces.types)
        return f"({self.head(Kind.GLOBAL)} {type_} {constant(entry.initial, self.spaces)})"

    def element(self, index: int, segment: Element) -> str:
        """One element segment."""
        words = [f"elem {self.spaces.elements.get(index, '')}".rstrip(), f"(;{index};)"]
        if segment.offset is not None:
            if segment.table:
                words.append(f"(table {self.spaces.tables.get(segment.table, str(segment.table))})")
            words.append(f"(offset {constant(segment.offset, self.spaces)})")
        elif segment.mode is Mode.DECLARATIVE:
            words.append("declare")
        if segment.expressions is None:
            words += ["func", *map(self.function, segment.functions)]
        else:
            words.append(text.val_type(segment.type, self.spaces.types))
            words += [f"(item {constant(e, self.spaces)})" for e in segment.expressions]
        return f"({' '.join(words)})"

    def data(self, index: int, segment: Data) -> str:
        """One data segment."""
        words = [f"data {self.spaces.data.get(index, '')}".rstrip(), f"(;{index};)"]
        if segment.memory:
            words.append(f"(memory {self.spaces.memories.get(segment.memory, str(segment.memory))})")
        if segment.offset is not None:
            words.append(f"(offset {constant(segment.offset, self.spaces)})")
        return f"({' '.join(words)} {text.string(segment.content)})"

    def functions(self) -> Iterator[str]:
        """The defined functions with their bodies."""
        module = self.module
        for type_index, body in zip(module.functions, module.code, strict=True):
            signature = self.signature(type_index)
            yield f"  ({self.head(Kind.FUNCTION)} (type {self.type(type_index)}){signature}"
            yield from self.locals(body.content)
            yield from (f"  {line}" for line in body_lines(body, self.spaces, self.line_table))
            yield "  )"

    def signature(self, type_index: int) -> str:
        """The signature beside the type index that says the same, unless it is long: the text stays linear in size."""
        type_ = self.module.types[type_index].composite
        if not isinstance(type_, FuncType) or len(type_.params) + len(type_.results) > _MANY:
            return ""
        return text.signature(type_, self.spaces.types)

    def locals(self, content: bytes) -> Iterator[str]:
        """The local declarations of a body, as they are grouped."""
        try:
            groups = read_locals(Cursor(content, 0, len(content)))
        except InvalidModuleError:
            return  # the instructions, which follow, say what is wrong
        for group in groups:
            name = text.val_type(group.type, self.spaces.types)
            if group.count > _MANY:
                yield f"    ;; {group.count} locals of type {name}"
            elif group.count:
                yield f"    (local{f' {name}' * group.count})"


def _names(module: Module) -> Names:
    section = module.custom("name")
    try:
        return NO_NAMES if section is None else read_names(section.content)
    except InvalidModuleError:
        return NO_NAMES  # names are a convenience: what cannot be read is not shown


def _line_table(module: Module) -> LineTable | None:
    try:
        return line_table(module)
    except InvalidModuleError:
        return None  # as for names


def _spaces(names: Names) -> Spaces:
    others = {space: text.identifiers(found) for space, found in names.others.items()}
    empty: dict[int, str] = {}
    return Spaces(
        types=others.get("types", empty),
        functions=text.identifiers(names.functions),
        tables=others.get("tables", empty),
        memories=others.get("memories", empty),
        globals=others.get("globals", empty),
        tags=others.get("tags", empty),
        elements=others.get("elements", empty),
        data=others.get("data", empty),
    )
